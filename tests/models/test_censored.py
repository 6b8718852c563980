"""Bounds in the likelihood, against the model without them, the tobit model, and simulation."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from metacircuit.models.censored import rma_censored
from metacircuit.stats.censored import Evidence, log_likelihood
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
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


def bounds_only(low, high, v, study):
    k = len(v)
    return Evidence(np.full(k, np.nan), np.array(v), np.array(low), np.array(high), np.ones((k, 1)), np.array(study))


RATIOS = [10.0**e for e in range(-6, 7, 2)]


@pytest.mark.parametrize("ratio", RATIOS)
def test_one_bound_per_study_is_a_normal_probability(ratio):
    low, v = np.array([-1.2, 0.3, 2.0]), ratio * np.array([1.0, 1.3, 0.8])
    got = log_likelihood(np.array([0.1]), 1.0, bounds_only(low, np.full(3, OPEN), v, [0, 1, 2]))
    np.testing.assert_allclose(got, norm.logsf(low, 0.1, np.sqrt(v + 1)).sum(), rtol=1e-12)


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize(
    ("low", "high"),
    [
        ([0.3, 0.7], [OPEN, OPEN]),
        ([0.3, -OPEN], [OPEN, 0.9]),
        ([-1.0, 3.0, 0.1], [0.5, OPEN, 0.2]),
        ([6.0, 5.0], [OPEN, OPEN]),
    ],
)
def test_several_bounds_agree_with_adaptive_quadrature(ratio, low, high):
    """In logs from the peak, with break points around the limits; the oracle knows nothing of the panels."""
    k = len(low)
    low, high, v = np.array(low), np.array(high), ratio * np.linspace(1.0, 1.5, k)
    sd, beta = np.sqrt(v), 0.1

    def log_integrand(u: float) -> float:
        a, b = (low - beta - u) / sd, (high - beta - u) / sd
        flip = a > 0
        a, b = np.where(flip, -b, a), np.where(flip, -a, b)
        upper, lower = norm.logcdf(b), norm.logcdf(a)
        return float((upper + np.log1p(-np.exp(lower - upper))).sum() + norm.logpdf(u))

    def loss(u: float) -> float:
        return -log_integrand(u)

    with np.errstate(divide="ignore"):
        peak = minimize_scalar(loss, bounds=(-12, 12), method="bounded", options={"xatol": 1e-12}).x
        top = log_integrand(peak)
        width = min(1.0, sd.min())
        near = [e - beta + c * s for lim in (low, high) for e, s in zip(lim, sd, strict=True) for c in range(-8, 9, 2)]
        spots = [*near, *(peak + width * np.arange(-20, 21)), *np.arange(-12, 13)]
        spots = np.unique([s for s in spots if -12 <= s <= 12])
        parts = [
            quad(lambda u: np.exp(log_integrand(u) - top), x, y, epsabs=0, epsrel=1e-11)[0]
            for x, y in pairwise(spots)
            if max(log_integrand(x), log_integrand(y)) > top - 60 or x <= peak <= y
        ]
    got = log_likelihood(np.array([beta]), 1.0, bounds_only(low, high, v, [0] * k))
    np.testing.assert_allclose(got, top + np.log(sum(parts)), rtol=1e-9, atol=1e-9)


def test_no_heterogeneity_is_the_limit_of_little():
    e = bounds_only([0.3, 0.7], [OPEN, OPEN], [0.1, 0.2], [0, 0])
    zero = log_likelihood(np.array([0.1]), 0.0, e)
    np.testing.assert_allclose(zero, norm.logsf([0.3, 0.7], 0.1, np.sqrt([0.1, 0.2])).sum(), rtol=1e-13)
    for tau2 in (1e-22, 1e-18, 1e-14):
        np.testing.assert_allclose(log_likelihood(np.array([0.1]), tau2, e), zero, rtol=1e-12)


@pytest.mark.parametrize("c", [1e-5, 1e5])
@pytest.mark.parametrize("tau", [0.0, 0.3])
def test_the_unit_of_the_effects_does_not_matter(c, tau):
    rng = np.random.default_rng(4)
    k, study = 40, np.arange(40) // 2
    v, x = rng.uniform(0.02, 0.1, k), rng.normal(2000, 10, k)
    y = 0.4 + 0.01 * (x - 2000) + rng.normal(0, tau, 20)[study] + rng.normal(0, np.sqrt(v))
    low, high = np.full(k, -OPEN), np.full(k, OPEN)
    hidden = y > 0.5
    low[hidden], y[hidden] = 0.5, np.nan
    for mods in (None, x):
        one = rma_censored(y, v, low, high, study=study, mods=mods)
        other = rma_censored(c * y, c**2 * v, c * low, c * high, study=study, mods=mods)
        assert one.converged
        assert (other.status, other.converged) == ("ok", True)
        np.testing.assert_allclose(other.beta, c * one.beta, rtol=1e-5)
        np.testing.assert_allclose(other.se, c * one.se, rtol=1e-5)
        np.testing.assert_allclose(other.tau2, c**2 * one.tau2, rtol=1e-5)
        np.testing.assert_allclose(other.ll, one.ll - one.k * np.log(c), rtol=1e-8)


def test_a_coefficient_without_a_maximum_has_not_converged():
    """The group of the moderator has a bound and no estimate: its likelihood rises for ever."""
    y, v = [0.1, 0.3, 0.2, 0.4, np.nan], np.full(5, 0.04)
    fit = rma_censored(y, v, [-OPEN] * 4 + [0.5], [OPEN] * 5, mods=[0, 0, 0, 0, 1])
    assert not fit.converged
    assert fit.status != "ok"


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
