"""Projections against the matrix formulas written out, and the words for repeated columns."""

import numpy as np
import pytest
from metacircuit.stats.linear import project, sample
from metacircuit.stats.rank import dependent_columns

RNG = np.random.default_rng(20190501)
CLOSE = 1e-10  # direct formulas, well conditioned


def _dense(w, X):
    W = np.diag(w)
    return W - W @ X @ np.linalg.inv(X.T @ W @ X) @ X.T @ W


@pytest.mark.parametrize("p", [1, 2, 4])
def test_traces_and_forms_are_those_of_the_matrix(p):
    k = 9
    X = np.column_stack([np.ones(k), RNG.normal(size=(k, p - 1))])
    y, w, m, n = RNG.normal(size=k), RNG.uniform(0.1, 9, k), RNG.uniform(1, 2, k), RNG.uniform(1, 2, k)
    P, fit = _dense(w, X), project(y[None], w[None], X)
    expected = {
        "tr_p": np.trace(P),
        "tr_pp": np.trace(P @ P),
        "rss": y @ P @ y,
        "ypp_y": y @ P @ P @ y,
        "yppp_y": y @ P @ P @ P @ y,
        "log_det": np.linalg.slogdet(X.T @ np.diag(w) @ X)[1],
    }
    for name, value in expected.items():
        np.testing.assert_allclose(getattr(fit, name)[0], value, rtol=CLOSE)
    np.testing.assert_allclose(fit.tr_pm(m[None])[0], np.trace(P @ np.diag(m)), rtol=CLOSE)
    np.testing.assert_allclose(fit.tr_pmpm(m[None], n[None])[0], np.trace(P @ np.diag(m) @ P @ np.diag(n)), rtol=CLOSE)
    np.testing.assert_allclose(fit.beta[0], np.linalg.solve(X.T @ np.diag(w) @ X, X.T @ (w * y)), rtol=CLOSE)
    np.testing.assert_allclose(fit.vb()[0], np.linalg.inv(X.T @ np.diag(w) @ X), rtol=CLOSE)
    np.testing.assert_allclose(fit.hat[0], np.diag(X @ fit.vb()[0] @ X.T * w), rtol=CLOSE)


def test_the_trace_survives_weights_that_differ_by_eighteen_powers_of_ten():
    # tr(P) = 2 sum_{i<j} w_i w_j / sum w; the textbook form sum w - sum w^2 / sum w loses every digit here.
    w = np.array([1e12, 1.0, 1e-6])
    expected = 2 * (1e12 * 1.0 + 1e12 * 1e-6 + 1e-6) / w.sum()
    assert project(np.zeros((1, 3)), w[None], np.ones((3, 1))).tr_p[0] == pytest.approx(expected, rel=1e-14)


def test_absent_effects_do_not_count():
    y, v = RNG.normal(size=6), RNG.uniform(0.1, 1, 6)
    X = np.column_stack([np.ones(6), RNG.normal(size=6)])
    keep = np.array([True, True, False, True, True, True])
    masked, cut = sample(y, v, X, keep[None]), sample(y[keep], v[keep], X[keep])
    for name in ("rss", "tr_p", "tr_pp", "log_det", "beta"):
        np.testing.assert_allclose(getattr(masked.project(0.2), name), getattr(cut.project(0.2), name), rtol=CLOSE)
    assert masked.k[0] == 5
    np.testing.assert_allclose(masked.log_variances(np.array([0.2])), cut.log_variances(np.array([0.2])), rtol=CLOSE)


def test_rank_is_judged_where_there_is_weight():
    X = np.column_stack([np.ones(4), [0.0, 0.0, 0.0, 1.0]])
    data = sample(np.zeros(4), np.ones(4), X, ~np.eye(4, dtype=bool))
    assert data.full_rank().tolist() == [True, True, True, False]


def test_repeated_columns_are_explained():
    x = np.arange(5.0)
    X = np.column_stack([np.ones(5), x, 3 * np.ones(5), 2 * x - 1, np.zeros(5), x**2])
    reasons = dependent_columns(X, ("intrcpt", "x", "c", "twice", "nil", "square"))
    assert set(reasons) == {"c", "twice", "nil"}
    assert "constant" in reasons["c"]
    assert reasons["twice"] == "it is a combination of intrcpt, x"
    assert "zero" in reasons["nil"]


def test_a_year_is_not_collinear_with_the_intercept():
    assert dependent_columns(np.column_stack([np.ones(3), [2010.0, 2011.0, 2013.0]]), ("intrcpt", "year")) == {}
