import numpy as np
import pytest
from metacircuit import bayes
from metacircuit.models.bayes_densities import posterior_densities

TAILS = 3e-3
"""The grid leaves out 0.1 % at each end, and the trapezoidal rule on 241 points is coarser than the density."""


@pytest.fixture(scope="module")
def fit():
    return bayes([0.3, 0.5, 0.1, 0.8], [0.04, 0.05, 0.03, 0.06], tau_prior=("halfnormal", 0.5), mu_prior=(0.0, 1.0))


def test_densities_are_the_posteriors_and_integrate_to_one(fit):
    table = posterior_densities(fit)
    for name, rows in table.groupby("parameter"):
        assert rows["density"].to_numpy() == pytest.approx(
            fit.dposterior(**{name: rows["value"].to_numpy()}), rel=1e-12
        )
        assert np.trapezoid(rows["density"], rows["value"]) == pytest.approx(1.0, abs=TAILS)


def test_limits_and_medians_are_those_of_the_summary(fit):
    table, summary = posterior_densities(fit).drop_duplicates("parameter").set_index("parameter"), fit.summary()
    assert table.loc["mu", "median"] == summary.loc["median", "mu"]
    assert table.loc["tau", "ci_ub"] == summary.loc["95% upper", "tau"]


def test_priors_are_proper_densities_or_nothing(fit):
    table = posterior_densities(fit)
    mu, tau = (table[table["parameter"] == name] for name in ("mu", "tau"))
    assert mu["prior"].to_numpy() == pytest.approx(np.exp(-(mu["value"] ** 2) / 2) / np.sqrt(2 * np.pi), rel=1e-12)
    assert tau["prior"].iloc[0] == pytest.approx(2 / (0.5 * np.sqrt(2 * np.pi)), rel=1e-12)
    assert table.loc[table["parameter"] == "theta_new", "prior"].isna().all()
    flat = posterior_densities(bayes([0.3, 0.5, 0.1], [0.04, 0.05, 0.03], tau_prior=("halfnormal", 0.5)))
    assert flat.loc[flat["parameter"] == "mu", "prior"].isna().all()


def test_one_point_is_no_curve(fit):
    with pytest.raises(ValueError, match="two points"):
        posterior_densities(fit, points=1)
