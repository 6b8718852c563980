import numpy as np
import pytest
from metacircuit import rma_mv
from metacircuit.models.mv_profile_table import profile_table

YI = [0.1, 0.52, 0.2, 0.3, 0.75, 0.9, 0.15, 0.6]
VI = [0.04, 0.03, 0.06, 0.02, 0.04, 0.05, 0.03, 0.02]

LIKELIHOOD = 1e-6
"""Both sides print ten digits of a log-likelihood that needs no iteration here: the one component is held."""

ITERATIVE = 1e-5
"""The interval is the root of the same profile, found to 1e-9; the table interpolates nothing."""

CHI2_95 = 3.841458820694124


@pytest.fixture(scope="module")
def fit():
    return rma_mv(YI, VI, random="~ 1 | study", data={"study": list("abcdefgh")})


def test_the_log_likelihood_is_metafors(fit):
    # logLik(rma.mv(yi, vi, random = ~ 1 | study, sigma2 = s)), metafor 3.8-1
    table = profile_table(fit, points=201)
    for held, expected in ((0.0, -2.494015368), (0.02, -1.382329397), (0.05, -1.205385459), (0.1, -1.620051521)):
        at, ll = table["value"].to_numpy(), table["ll"].to_numpy()
        near = np.abs(at - held).argmin()
        if at[near] == held:
            assert ll[near] == pytest.approx(expected, abs=LIKELIHOOD)
        else:  # The profile is smooth: a cubic through its neighbours.
            around = slice(max(near - 2, 0), near + 3)
            cubic = np.polyfit(at[around] - held, ll[around], 3)
            assert cubic[-1] == pytest.approx(expected, abs=ITERATIVE)


def test_the_estimate_is_on_the_curve_and_is_its_top(fit):
    table = profile_table(fit, points=21)
    estimate = table["estimate"].iloc[0]
    top = table.loc[table["value"] == estimate, "ll"]
    assert top.tolist() == pytest.approx([fit.ll], abs=1e-10)
    assert table["ll"].max() == top.iloc[0]


def test_the_profile_has_fallen_by_half_a_quantile_at_its_limits(fit):
    table = profile_table(fit, points=401)
    upper = table["ci_ub"].iloc[0]
    fallen = 2 * (fit.ll - np.interp(upper, table["value"], table["ll"]))
    assert fallen == pytest.approx(CHI2_95, rel=1e-3)  # linear between 401 points


def test_every_component_has_its_profile():
    study = ["a", "a", "b", "b", "c", "c", "d", "d"]
    fit = rma_mv(YI, VI, study=study, rho=0.6)
    assert list(dict.fromkeys(profile_table(fit, points=7)["component"])) == list(fit.components)


def test_a_model_without_components_has_an_empty_table():
    assert profile_table(rma_mv(YI, VI)).empty


def test_two_points_are_no_profile(fit):
    with pytest.raises(ValueError, match="three points"):
        profile_table(fit, points=2)
