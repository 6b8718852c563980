"""Regression on one moderator against metafor 3.8-1 and clubSandwich 0.5.8."""

import numpy as np
import pandas as pd
import pytest
from metacircuit.config import Model
from metacircuit.models.moderator import GRID, regress

CLOSED = 1e-6
"""Both sides stop their iterations at about this distance from the optimum."""

BOUNDARY = 2e-4
"""The variance between studies is 0 here; metafor's optimiser stops at 5.5e-9, ours at the boundary, and the degrees of
freedom feel the difference most."""


@pytest.fixture
def rows():
    study = list("aabcccdeefgh")
    table = pd.DataFrame({"study_id": study, "effect_id": range(12), "study_label": study})
    table["yi"] = [0.1, 0.35, 0.52, 0.2, 0.44, 0.61, 0.3, 0.75, 0.5, 0.9, 0.15, 0.6]
    table["vi"] = [0.04, 0.05, 0.03, 0.06, 0.05, 0.05, 0.02, 0.04, 0.03, 0.05, 0.03, 0.02]
    table["year"] = [2001, 2001, 2005, 2003, 2003, 2003, 2010, 2012, 2012, 2019, 2007, 2015]
    return table


def test_one_effect_a_study_is_metafors_mixed_effects_model(rows):
    # rma(yi, vi, mods = ~ x, test = "knha"), first row of each study; predict(g, newmods = c(2001, 2019))
    found = regress(rows.drop_duplicates("study_id"), "year", Model())
    slope = found.slope.iloc[0]
    assert slope[["estimate", "se", "stat", "df", "pval"]].tolist() == pytest.approx(
        [0.03774263199, 0.01205938521, 3.129731022, 6, 0.02033156787], rel=CLOSED
    )
    assert slope[["ci_lb", "ci_ub"]].tolist() == pytest.approx([0.008234379409, 0.06725088456], rel=CLOSED)
    ends = found.predictions.iloc[[0, -1]]
    assert ends["x"].tolist() == [2001.0, 2019.0]
    assert ends["pred"].tolist() == pytest.approx([0.1160815483, 0.7954489240], rel=CLOSED)
    assert ends["ci_lb"].tolist() == pytest.approx([-0.1771791209, 0.4731705391], rel=CLOSED)
    assert ends["pi_ub"].tolist() == pytest.approx([0.4415471081, 1.1472860567], rel=CLOSED)


def test_several_effects_a_study_are_che_with_cr2(rows):
    # V <- vcalc(vi, cluster = study, obs = obs, rho = .6); rma.mv(yi, V, mods = ~ I(x - mean(x)),
    # random = ~ 1 | study/obs); coef_test(f, vcov = "CR2", cluster = study); linear_contrast(f, W, L) at 2019
    found = regress(rows, "year", Model(rho=0.6))
    slope = found.slope.iloc[0]
    assert slope["model"] == "CHE"
    assert slope[["estimate", "se", "df"]].tolist() == pytest.approx(
        [0.02805364441, 0.008346476124, 3.625854301], rel=BOUNDARY
    )
    last = found.predictions.iloc[-1]
    assert last["pred"] == pytest.approx(0.732434611127421, rel=BOUNDARY)
    assert len(found.predictions) == GRID


def test_weights_add_up_and_follow_the_variances(rows):
    points = regress(rows, "year", Model()).points
    assert points["weight"].sum() == pytest.approx(100)
    assert (np.argsort(points["weight"]) == np.argsort(-rows["vi"].to_numpy(), kind="stable")).any()


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"year": 2000}, "too_few", "the same in all studies"),
        ({"year": [2001, *[None] * 11]}, "too_few", "1 study with a number in year"),
        ({"year": "unknown"}, "too_few", "0 studies with a number in year"),
    ],
)
def test_a_slope_that_cannot_be_estimated_is_a_row_with_a_reason(rows, change, status, words):
    found = regress(rows.assign(**change), "year", Model())
    assert found.predictions.empty
    assert found.slope["status"].tolist() == [status]
    assert words in found.slope["reason"].iloc[0]
