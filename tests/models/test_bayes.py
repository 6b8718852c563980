"""Bayesian random effects against bayesmeta, against direct integration, and at the edges."""

import json
from itertools import pairwise
from pathlib import Path

import metacircuit as mc
import numpy as np
import pytest
from metacircuit.models.bayes import bayes
from scipy.integrate import quad
from scipy.special import ndtr

CASES = json.loads((Path(__file__).parents[1] / "reference" / "bayes.json").read_text())["cases"]
PARAMETERS = ("tau", "mu", "theta_new")

# bayesmeta integrates tau to 1e-5 or so, but puts mu and theta_new on a coarse grid of tau (a Kullback–Leibler
# divergence of 0.01): that is its error, as the direct integration below shows.
BAYESMETA = {"tau": 3e-5, "mu": 1.1e-3, "theta_new": 3e-3}
BAYESMETA_SHRINKAGE = 1e-3
# Both sides of a direct integration are good to about 1e-12.
DIRECT = 1e-9
# Where a density is highest is known to the square root of its rounding.
MODE = 1e-7


def fit(case, **options):
    data, tau, mu = case["data"], case["tau_prior"], case["mu_prior"]
    mu_prior = None if mu == "uniform" else (mu["mean"], mu["sd"])
    return bayes(
        data["yi"], np.array(data["se"]) ** 2, tau_prior=(tau["family"], tau["scale"]), mu_prior=mu_prior, **options
    )


def test_all_reference_cases_are_compared():
    assert len(CASES) == 8
    assert all(len(case["expect"][name]) == 6 for case in CASES for name in PARAMETERS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_reference(case):
    result, expected = fit(case), case["expect"]
    summary = result.summary()
    for parameter in PARAMETERS:
        for row, value in expected[parameter].items():
            assert summary.loc[row, parameter] == pytest.approx(value, abs=BAYESMETA[parameter]), (row, parameter)
    shrinkage = result.shrinkage()
    np.testing.assert_allclose(shrinkage["mean"], expected["shrinkage_mean"], atol=BAYESMETA_SHRINKAGE)
    np.testing.assert_allclose(shrinkage["sd"], expected["shrinkage_sd"], atol=BAYESMETA_SHRINKAGE)
    assert result.pposterior(mu=0) == pytest.approx(expected["p_mu_below_0"], abs=1e-4)


class Direct:
    """The posterior written down again, on the scale of tau, for an adaptive integrator."""

    def __init__(self, case):
        self.y, self.v = np.array(case["data"]["yi"]), np.array(case["data"]["se"]) ** 2
        self.prior, self.mu = case["tau_prior"], case["mu_prior"]
        self.total = self.over(lambda *_: 1.0)

    def parts(self, tau):
        s = self.prior["scale"]
        density = np.exp(-(tau**2) / (2 * s**2)) if self.prior["family"] == "halfnormal" else 1 / (1 + (tau / s) ** 2)
        w = 1 / (self.v + tau**2)
        m0, p0 = (0.0, 0.0) if self.mu == "uniform" else (self.mu["mean"], self.mu["sd"] ** -2)
        precision = w.sum() + p0
        mean = ((w * self.y).sum() + m0 * p0) / precision
        fit = (w * (self.y - mean) ** 2).sum() + p0 * (m0 - mean) ** 2
        return density * np.sqrt(w).prod() / np.sqrt(precision) * np.exp(-fit / 2), mean, precision**-0.5

    def over(self, function, upper=np.inf):
        """Integral of function(tau, mean, sd) under the posterior up to `upper`, in pieces that resolve the peak."""
        ends = [e for e in (0.0, 0.2, 0.5, 1.0, 2.0, 5.0, 20.0, 1000.0, np.inf) if e < upper] + [upper]

        def integrand(tau):
            weight, mean, sd = self.parts(tau)
            return weight * function(tau, mean, sd)

        return sum(quad(integrand, a, b, epsabs=0, epsrel=1e-12, limit=400)[0] for a, b in pairwise(ends))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_direct_integration(case):
    direct, result = Direct(case), fit(case)
    summary = result.summary()
    for row, p in (("95% lower", 0.025), ("median", 0.5), ("95% upper", 0.975)):
        tau, mu, new = summary.loc[row]
        below = direct.over(lambda *_: 1.0, tau) / direct.total
        assert below == pytest.approx(p, abs=DIRECT)
        assert direct.over(lambda _, m, s, x=mu: ndtr((x - m) / s)) / direct.total == pytest.approx(p, abs=DIRECT)
        new_below = direct.over(lambda t, m, s, x=new: ndtr((x - m) / np.hypot(s, t)))
        assert new_below / direct.total == pytest.approx(p, abs=DIRECT)
    mean = direct.over(lambda _, m, __: m) / direct.total
    assert summary.loc["mean", "mu"] == pytest.approx(mean, rel=DIRECT)
    second = direct.over(lambda _, m, s: s**2 + (m - mean) ** 2) / direct.total
    assert summary.loc["sd", "mu"] == pytest.approx(np.sqrt(second), rel=DIRECT)
    tau_mean = direct.over(lambda t, *_: t) / direct.total
    assert summary.loc["mean", "tau"] == pytest.approx(tau_mean, rel=DIRECT)


def test_modes_are_highest():
    result = fit(CASES[0])
    summary = result.summary()
    for name in PARAMETERS:
        mode = summary.loc["mode", name]
        top, *others = result.dposterior(**{name: np.array([mode, mode - 1e-3, mode + 1e-3])})
        assert top > max(others)


def test_probabilities_and_quantiles_are_inverse():
    result = fit(CASES[2])
    p = np.array([0.001, 0.1, 0.5, 0.9, 0.999])
    for name in PARAMETERS:
        np.testing.assert_allclose(result.pposterior(**{name: result.qposterior(**{name: p})}), p, rtol=1e-9)


def test_probability_above_a_smallest_effect_that_matters():
    result = fit(CASES[4])
    above = result.probability_above(-0.5)
    assert above["mu"] == pytest.approx(1 - result.pposterior(mu=-0.5))
    assert above["theta_new"] == pytest.approx(1 - result.pposterior(theta_new=-0.5))


def test_shortest_interval_is_shorter_and_has_its_probability():
    central, shortest = (fit(CASES[0], interval=kind) for kind in ("central", "shortest"))
    for name in PARAMETERS:
        low, high = shortest.summary().loc[["95% lower", "95% upper"], name]
        assert shortest.pposterior(**{name: high}) - shortest.pposterior(**{name: low}) == pytest.approx(0.95, abs=1e-9)
        assert high - low <= np.diff(central.summary().loc[["95% lower", "95% upper"], name])[0]


def test_bayes_factors_against_direct_integration():
    case = CASES[1]
    result, direct = fit(case), Direct(case)
    factors = result.bayes_factors()["BF01"]
    s, sd0 = case["tau_prior"]["scale"], case["mu_prior"]["sd"]
    prior = np.sqrt(2 / np.pi) / s
    assert factors["tau=0"] == pytest.approx(direct.parts(0.0)[0] / (direct.total * prior), rel=1e-9)

    def at_zero(tau):
        w = 1 / (direct.v + tau**2)
        return np.exp(-(tau**2) / (2 * s**2)) * np.sqrt(w).prod() * np.exp(-(w * direct.y**2).sum() / 2)

    expected = quad(at_zero, 0, np.inf, epsrel=1e-12)[0] / (direct.total / sd0)
    assert factors["mu=0"] == pytest.approx(expected, rel=1e-8)


def test_an_undefined_bayes_factor_says_why():
    factors = fit(CASES[0]).bayes_factors()
    assert "mu prior is improper" in factors.loc["mu=0", "reason"]
    assert factors.loc["tau=0", "reason"] == ""


@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1e3, 1e8])
def test_units_do_not_matter(scale):
    case = CASES[0]["data"]
    y, v = np.array(case["yi"]), np.array(case["se"]) ** 2
    plain = bayes(y, v, tau_prior=("halfcauchy", 0.5)).summary()
    scaled = bayes(y * scale, v * scale**2, tau_prior=("halfcauchy", 0.5 * scale)).summary()
    np.testing.assert_allclose(scaled / scale, plain, rtol=MODE)


def test_shift_and_sign():
    case = CASES[0]["data"]
    y, v = np.array(case["yi"]), np.array(case["se"]) ** 2
    plain = bayes(y, v).summary()
    np.testing.assert_allclose(
        bayes(y + 1e6, v).summary().loc["median", "mu"] - 1e6, plain.loc["median", "mu"], rtol=1e-8
    )
    np.testing.assert_allclose(bayes(-y, v).summary()["tau"], plain["tau"], rtol=1e-9)
    np.testing.assert_allclose(bayes(-y, v).summary().loc["95% lower", "mu"], -plain.loc["95% upper", "mu"], rtol=1e-9)


@pytest.mark.parametrize(
    ("y", "v"),
    [
        ([0.3], [0.04]),
        ([0.3, 0.3], [0.04, 0.04]),
        ([0.2] * 5, [0.04] * 5),
        ([0.1, 0.5, 0.9], [1e-12, 1e-12, 1e-12]),
        ([0.1, 0.5, 0.9], [1e6, 1e6, 1e6]),
        ([0.1, 0.5, 0.9], [1e-12, 1.0, 1e6]),
        ([-1e6, 0.0, 1e6], [1.0, 1.0, 1.0]),
    ],
)
@pytest.mark.parametrize("prior", [("halfnormal", 0.5), ("exponential", 0.5), "rhodes2015", ("uniform", 10)])
def test_extremes_stay_finite(y, v, prior):
    result = bayes(y, v, tau_prior=prior)
    summary = result.summary()
    for name in PARAMETERS:
        low, middle, high = summary.loc[["95% lower", "median", "95% upper"], name]
        assert low < middle < high
        # With effects a million standard errors apart the log-likelihood is -1e10, and known to 1e-6.
        assert result.pposterior(**{name: middle}) == pytest.approx(0.5, abs=1e-5 if max(y) > 1e5 else 1e-8)


def test_one_study_leaves_the_prior_of_tau():
    result = bayes([0.3], [0.04], tau_prior=("halfnormal", 0.5))
    # The quantiles of a half-normal with scale 0.5 (Abramowitz & Stegun, table 26.5: 0.6744898, 2.2414027).
    assert result.qposterior(tau=0.5) == pytest.approx(0.5 * 0.6744897501960817, rel=1e-10)
    assert result.qposterior(tau=0.975) == pytest.approx(0.5 * 2.241402727604947, rel=1e-10)
    assert result.summary().loc["mode", "tau"] == 0.0


def test_moments_that_do_not_exist_are_said_so():
    result = bayes([0.3], [0.04], tau_prior=("halfcauchy", 0.5))
    summary = result.summary()
    assert np.isinf(summary.loc["mean", "tau"])
    assert np.isinf(summary.loc["sd", "mu"])
    assert "mean and standard deviation" in result.notes[0]
    assert result.notes[0] in str(result)
    assert summary.loc["median", "mu"] == pytest.approx(0.3)


def test_uniform_prior_ends_the_posterior():
    result = bayes([-5, 0, 5], [0.1, 0.1, 0.1], tau_prior=("uniform", 2))
    assert result.pposterior(tau=2.0) == 1.0
    assert result.summary().loc["mode", "tau"] == pytest.approx(2.0)
    assert result.dposterior(tau=2.1) == 0.0


def test_a_density_of_ones_own():
    def half_normal(tau):
        return np.sqrt(2 / np.pi) / 0.5 * np.exp(-(tau**2) / (2 * 0.5**2))

    case = CASES[0]["data"]
    y, v = case["yi"], np.array(case["se"]) ** 2
    own, named = bayes(y, v, tau_prior=half_normal), bayes(y, v, tau_prior=("halfnormal", 0.5))
    np.testing.assert_allclose(own.summary(), named.summary(), rtol=1e-9)


# Median of tau2 in Turner et al. (2012): 0.017, 0.12 and 0.08; exp(-3.44) for the general log-t(-3.44, 2.59) of Rhodes
# et al. (2015).
@pytest.mark.parametrize(
    ("prior", "median", "places"),
    [
        (("turner2012", "all-cause mortality", "pharmacological vs placebo/control"), 0.017, 3),
        (("turner2012", "subjective", "pharmacological vs placebo/control"), 0.12, 2),
        ("turner2012", 0.08, 2),
        ("turner2015", 0.08, 2),
        ("rhodes2015", 0.032, 3),
    ],
)
def test_published_medians_of_tau2(prior, median, places):
    # One study says nothing about tau: its posterior is the prior.
    result = bayes([0.0], [1.0], tau_prior=prior)
    assert round(result.qposterior(tau=0.5) ** 2, places) == median


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tau_prior": ("halfnormel", 1)}, "Did you mean 'halfnormal'"),
        ({"tau_prior": ("halfnormal",)}, "has 1 parameter"),
        ({"tau_prior": ("halfnormal", -1)}, "above zero"),
        ({"tau_prior": ("halft", 1)}, "scale, df"),
        ({"tau_prior": ("rhodes2015", "mental helth", "x")}, "Did you mean 'mental health'"),
        ({"tau_prior": ("rhodes2015", "mental health")}, "needs .outcome, comparison"),
        ({"tau_prior": ("uniform", np.inf)}, "at least 3 studies"),
        ({"mu_prior": (0, 0)}, "sd above zero"),
        ({"mu_prior": 3}, "must be .mean, sd"),
        ({"level": 0.95e3}, "percentage"),
        ({"interval": "hpd"}, "can be central, shortest"),
        ({"slab": ["a"]}, "1 labels for 2 studies"),
    ],
)
def test_messages(options, message):
    with pytest.raises(ValueError, match=message):
        bayes([0.1, 0.2], [0.1, 0.1], **options)


@pytest.mark.parametrize(("y", "v"), [([0.1, np.nan], [1, 1]), ([0.1, 0.2], [1, 0]), ([0.1], [1, 1]), ([], [])])
def test_invalid_data(y, v):
    with pytest.raises(ValueError, match=r"yi|vi"):
        bayes(y, v)


def test_exactly_one_parameter_is_named():
    result = fit(CASES[0])
    for wrong in ({}, {"mu": 0, "tau": 0}, {"theta": 0}):
        with pytest.raises(ValueError, match="exactly one of"):
            result.pposterior(**wrong)
    with pytest.raises(ValueError, match="between 0 and 1"):
        result.qposterior(mu=1.5)


def test_frame_print_and_public_name():
    result = mc.bayes([0.1, 0.2, 0.4], [0.02, 0.03, 0.02], tau_prior="rhodes2015", level=90)
    frame = result.to_frame()
    assert list(frame["parameter"]) == list(PARAMETERS)
    assert set(frame["level"]) == {90.0}
    text = str(result)
    assert "Rhodes, Turner and Higgins (2015)" in text
    assert "90% upper" in text
