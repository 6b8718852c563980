"""Bounds in the likelihood, against the model without them, the tobit model, and simulation."""

import json
from pathlib import Path

import numpy as np
import pytest
from metacircuit.models.censored import rma_censored
from metacircuit.stats.censored import Evidence, log_likelihood
from scipy.integrate import quad
from scipy.stats import norm

REFERENCE = json.loads((Path(__file__).parents[1] / "reference/rma_uni.json").read_text(encoding="utf-8"))["cases"]
DATASETS = REFERENCE[0]["datasets"]
# metafor's ML iterations stop when tau2 changes by less than 1e-5, which is 0.1 % of the smallest tau2 here.
ML_ITERATIVE = 1e-3
OPEN = np.inf


@pytest.mark.parametrize("name", sorted(DATASETS))
def test_without_bounds_it_is_metafors_ml_model(name):
    data = DATASETS[name]
    k = len(data["yi"])
    fit = rma_censored(data["yi"], data["vi"], [-OPEN] * k, [OPEN] * k)
    want = next(
        c for c in REFERENCE[1:] if (c["dataset"], c["method"], c["test"], bool(c["mods"])) == (name, "ML", "z", False)
    )["expect"]
    np.testing.assert_allclose(fit.tau2, want["tau2"], rtol=ML_ITERATIVE, atol=1e-6)
    np.testing.assert_allclose(fit.beta, want["beta"], rtol=ML_ITERATIVE, atol=1e-6)
    assert fit.ll >= np.ravel(want["ll"])[0] - 1e-8


def test_the_likelihood_is_the_integral_it_says():
    """One study with two estimates and a bound, integrated by adaptive quadrature."""
    y, v, limit, beta, tau2 = np.array([0.2, 0.6]), np.array([0.05, 0.09]), 0.4, 0.3, 0.08

    def integrand(u: float) -> float:
        exact = norm.pdf(y, beta + u, np.sqrt(v)).prod()
        return exact * norm.sf(limit, beta + u, np.sqrt(0.07)) * norm.pdf(u, 0, np.sqrt(tau2))

    want = np.log(quad(integrand, -4, 4, epsabs=1e-14, epsrel=1e-13)[0])
    evidence = Evidence(
        np.append(y, np.nan),
        np.append(v, 0.07),
        np.array([-OPEN, -OPEN, limit]),
        np.full(3, OPEN),
        np.ones((3, 1)),
        np.zeros(3, int),
    )
    np.testing.assert_allclose(log_likelihood(np.array([beta]), tau2, evidence), want, rtol=1e-10)


def test_turning_every_sign_turns_the_estimate():
    rng = np.random.default_rng(1)
    y, v = rng.normal(0.4, 0.4, 12), rng.uniform(0.02, 0.1, 12)
    y[:4] = np.nan
    low, high = np.full(12, -OPEN), np.full(12, OPEN)
    low[:4] = 0.5
    up, down = rma_censored(y, v, low, high), rma_censored(-y, v, -high, -low)
    np.testing.assert_allclose(up.beta, -down.beta, rtol=1e-5)
    np.testing.assert_allclose(up.se, down.se, rtol=1e-4)


def test_bounds_bring_back_what_selection_took_away():
    """Half of the significant results are printed as p < .05 only: with the bounds, the mean is the true one again."""
    rng = np.random.default_rng(20)
    k, mu, tau2 = 4000, 0.3, 0.05
    v = rng.uniform(0.03, 0.12, k)
    y = rng.normal(mu, np.sqrt(tau2 + v))
    critical = 1.959963984540054 * np.sqrt(v)
    hidden = (y > critical) & (rng.random(k) < 0.5)
    shown, low = np.where(hidden, np.nan, y), np.where(hidden, critical, -OPEN)
    with_bounds = rma_censored(shown, v, low, np.full(k, OPEN))
    without = rma_censored(y[~hidden], v[~hidden], np.full((~hidden).sum(), -OPEN), np.full((~hidden).sum(), OPEN))
    assert abs(with_bounds.beta[0] - mu) < 3 * with_bounds.se[0]
    assert without.beta[0] < mu - 5 * without.se[0]
    assert with_bounds.k_bounds == hidden.sum()


@pytest.mark.parametrize(
    ("yi", "vi", "lower", "upper", "message"),
    [
        ([0.1, np.nan], [0.1, 0.1], [-OPEN, -OPEN], [OPEN, OPEN], "neither an estimate nor a limit in rows 1"),
        ([0.1, np.nan], [0.1, 0.0], [-OPEN, 0.2], [OPEN, OPEN], "vi is not a positive number in rows 1"),
        ([0.1, np.nan], [0.1, 0.1], [-OPEN, 0.2], [OPEN, 0.1], "not below the upper one in rows 1"),
        ([np.nan], [0.1], [0.2], [OPEN], "at least one yi is needed"),
    ],
)
def test_wrong_input_names_the_rows(yi, vi, lower, upper, message):
    with pytest.raises(ValueError, match=message):
        rma_censored(yi, vi, lower, upper)
