"""Estimators of tau2: their defining equations, robustness to scale and extremes, and many data sets at once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metacircuit.stats.batch import fit_many
from metacircuit.stats.distributions import chi2_quantile
from metacircuit.stats.likelihood import profile
from metacircuit.stats.linear import sample
from metacircuit.stats.tau2 import CLOSED, ITERATIVE, METHODS, estimate_tau2
from metacircuit.stats.tau2_intervals import jackson, profile_likelihood, q_profile

ESTIMATED = (*CLOSED, *ITERATIVE)
CONVERGED = 1e-9  # relative, for values that solve an equation
UNIT = 1e-12  # rounding after a change of units

effects = st.integers(3, 12).flatmap(
    lambda k: st.tuples(
        st.lists(st.floats(-3, 3), min_size=k, max_size=k), st.lists(st.floats(0.01, 2), min_size=k, max_size=k)
    )
)


def _tau2(y, v, method, X=None, precision="exact"):
    return float(estimate_tau2(sample(y, v, X), method, precision).value[0])


@pytest.mark.parametrize("method", ESTIMATED)
@settings(deadline=None, max_examples=25)
@given(effects)
def test_units_sign_origin_and_order_do_not_matter(method, data):
    y, v = map(np.array, data)
    tau2 = _tau2(y, v, method)
    unit = 1e-8 * (np.var(y) + v.mean())
    assert _tau2(-y, v, method) == pytest.approx(tau2, rel=1e-7, abs=unit)
    assert _tau2(y + 1, v, method) == pytest.approx(tau2, rel=1e-7, abs=unit)
    assert _tau2(y[::-1], v[::-1], method) == pytest.approx(tau2, rel=1e-7, abs=unit)
    assert _tau2(1e3 * y, 1e6 * v, method) == pytest.approx(1e6 * tau2, rel=1e-7, abs=1e6 * unit)


@pytest.mark.parametrize("method", ["PM", "EB", "PMM"])
def test_q_meets_its_target(method):
    rng = np.random.default_rng(3)
    y, v = rng.normal(size=(50, 8)), rng.uniform(0.01, 0.5, (50, 8))
    data = sample(y, v)
    tau2 = estimate_tau2(data, method).value
    target = chi2_quantile(0.5, 7) if method == "PMM" else 7.0
    inside = tau2 > 0
    np.testing.assert_allclose(data.project(tau2).rss[inside], target, rtol=CONVERGED)
    assert (data.project(0.0).rss[~inside] <= target).all()


@pytest.mark.parametrize("restricted", [True, False])
def test_no_other_tau2_is_more_likely(restricted):
    rng = np.random.default_rng(4)
    y, v = rng.standard_t(2, size=(40, 6)), 10.0 ** rng.uniform(-6, 2, (40, 6))
    data = sample(y, v)
    found = estimate_tau2(data, "REML" if restricted else "ML")
    assert found.converged.all()
    top = profile(data, found.value, restricted=restricted)
    for t in np.geomspace(1e-9, 1e3, 400):
        assert (profile(data, np.full(40, t), restricted=restricted) <= top + 1e-9).all()
    assert (profile(data, np.zeros(40), restricted=restricted) <= top + 1e-9).all()


def test_the_higher_of_two_tops_is_found():
    # Three precise effects that agree and one far off: REML has a top at zero and one above it.
    y, v = np.array([0.0, 0.01, -0.01, 10.0]), np.array([1e-4, 1e-4, 1e-4, 40.0])
    data = sample(y, v)
    tau2 = np.concatenate([[0.0], np.geomspace(1e-7, 1e3, 5000)])
    height = [profile(data, np.array([t]), restricted=True)[0] for t in tau2]
    best = tau2[int(np.argmax(height))]
    assert _tau2(y, v, "REML") == pytest.approx(best, rel=0.01, abs=1e-6)


@pytest.mark.parametrize("method", ESTIMATED)
@pytest.mark.parametrize("v", [np.full(6, 1e-12), np.full(6, 1e6), np.geomspace(1e-12, 1e6, 6)])
def test_extreme_variances_give_finite_values(method, v):
    found = estimate_tau2(sample(np.array([0.1, 0.5, -0.3, 0.2, 0.9, 0.4]), v), method)
    assert np.isfinite(found.value).all()
    assert (found.value >= 0).all()
    assert found.converged.all()
    assert np.isfinite(found.se).all()


@pytest.mark.parametrize("method", METHODS)
def test_equal_estimates_have_no_heterogeneity(method):
    assert _tau2(np.full(5, 0.3), np.array([0.1, 0.2, 0.3, 0.4, 0.5]), method) == pytest.approx(0, abs=UNIT)


@pytest.mark.parametrize("method", ["ML", "REML", "EB", "PM", "PMM"])
def test_metafors_stop_is_near_the_solution(method):
    rng = np.random.default_rng(5)
    v = rng.uniform(0.02, 0.3, (200, 20))
    data = sample(rng.normal(size=(200, 20)) * np.sqrt(v + 0.1), v)
    exact, stopped = estimate_tau2(data, method), estimate_tau2(data, method, "metafor")
    # metafor's thresholds are 1e-5 (Fisher scoring) and 1.2e-4 (uniroot), both absolute.
    np.testing.assert_allclose(stopped.value, exact.value, atol=1.3e-4)


def test_many_data_sets_at_once_equal_one_at_a_time():
    rng = np.random.default_rng(6)
    y, v = rng.normal(size=(30, 7)), rng.uniform(0.05, 0.5, (30, 7))
    X = np.column_stack([np.ones(7), np.arange(7.0)])
    keep = rng.random((30, 7)) < 0.8
    for method in ("REML", "DL", "PM"):
        many = fit_many(y, v, X, mask=keep, method=method, test="knha")
        for b in range(30):
            one = fit_many(y[b, keep[b]], v[b, keep[b]], X[keep[b]], method=method, test="knha")
            np.testing.assert_allclose(many.beta[b], one.beta[0], rtol=1e-8)
            np.testing.assert_allclose(many.se[b], one.se[0], rtol=1e-8)


def test_data_sets_that_cannot_determine_beta_are_nan():
    X = np.column_stack([np.ones(4), [0.0, 0.0, 0.0, 1.0]])
    many = fit_many(np.arange(4.0), np.ones(4), X, mask=~np.eye(4, dtype=bool))
    assert np.isnan(many.beta[3]).all()
    assert np.isfinite(many.beta[:3]).all()


@pytest.mark.parametrize("v", [0.04, 1e-6, 1e4])
def test_the_intervals_agree_where_all_variances_are_equal(v):
    # Then Q, with whatever fixed weights, is (1 + tau2 / v) chi2(k - 1): one interval, in closed form.
    y = np.sqrt(v) * np.array([0.5, -2.0, 3.0, 1.5, -1.0, 4.0])
    data = sample(y, np.full(6, v))
    q = ((y - y.mean()) ** 2).sum() / v
    expected = [max(0.0, v * (q / chi2_quantile(c, 5) - 1)) for c in (0.975, 0.025)]
    for found in (q_profile(data, 95), jackson(data, 95), jackson(data, 95, 1 / data.V[0])):
        np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_profile_likelihood_limits_are_where_the_profile_has_fallen():
    rng = np.random.default_rng(8)
    data = sample(rng.normal(size=9), rng.uniform(0.05, 0.3, 9))
    tau2 = _tau2(data.Y[0], data.V[0], "REML")
    lower, upper = profile_likelihood(data, tau2, 90, restricted=True)
    height = [float(profile(data, np.array([t]), restricted=True)[0]) for t in (lower, tau2, upper)]
    assert lower < tau2 < upper
    drop = float(chi2_quantile(0.9, 1)) / 2
    assert height[1] - height[2] == pytest.approx(drop, rel=1e-8)
    assert lower == 0 or height[1] - height[0] == pytest.approx(drop, rel=1e-8)


def test_unknown_words_name_the_nearest():
    with pytest.raises(ValueError, match="'REML'"):
        estimate_tau2(sample([0.1, 0.2], [0.1, 0.1]), "REMLL")
