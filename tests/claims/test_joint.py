"""Differences, interactions and slopes beside R: metafor 3.8-1 (rma.mv) and clubSandwich 0.5.8 (CR2)."""

import numpy as np
import pandas as pd
import pytest
from metacircuit.claims.joint import combinations, differences, slope
from metacircuit.claims.several import interaction_contrasts
from metacircuit.config.analysis import Model
from metacircuit.models.pooling.che import fit_che
from metacircuit.models.strata import Stratum

# R's optimiser of the variances stops this near to the optimum; errors and degrees of freedom inherit it.
R_STOPS_SHORT = 2e-6
ROWS = pd.DataFrame(
    {
        "study_id": list("aabbbcddeffghhijjkll"),
        "yi": [.31, .52, -.10, .22, .05, .71, .44, .12, .63, -.21, .18, .95, .37, .29, .81, .08, .33, .57, -.05, .41],
        "vi": [.04, .05, .03, .04, .05, .08, .02, .03, .06, .05, .04, .09, .03, .03, .07, .04, .05, .06, .02, .03],
        "g": list("xyxxyxyyxxzyzzyxzzxy"),
        "h": list("ppqqpqpqpqqppqqpqppq"),
        "x": np.linspace(-1, 1, 20),
    }
)  # fmt: skip


def strata(rows, factor):
    return [Stratum(factor, n, n, rows[rows[factor] == n]) for n in sorted(set(rows[factor]))]


@pytest.fixture(scope="module")
def found():
    return {(d.first, d.second): d for d in differences(strata(ROWS, "g"), "che", Model())}


def test_differences_are_those_of_clubsandwich(found):
    """V <- vcalc(vi, study, es, rho = .6); f <- rma.mv(yi, V, mods = ~ g, random = ~ 1 | study/es);
    conf_int(f, vcov = "CR2", cluster = study), with g releveled to "y" for the third row."""
    wanted = {
        ("x", "y"): (-0.2626762953, 0.1105860463, 4.476476062, -0.5572433391, 0.0318907485),
        ("x", "z"): (-0.2053210160, 0.0737861273, 3.756966151, None, None),
        ("y", "z"): (0.0573552793, 0.1059471330, 6.137117544, -0.2004904478, 0.3152010064),
    }
    assert list(found) == list(wanted)
    for pair, (estimate, se, df, lower, upper) in wanted.items():
        d = found[pair]
        assert (d.estimate, d.se, d.df) == pytest.approx((estimate, se, df), rel=R_STOPS_SHORT)
        if lower is not None:
            assert (d.ci_lb, d.ci_ub) == pytest.approx((lower, upper), rel=R_STOPS_SHORT)


def test_below_four_degrees_of_freedom_the_wild_bootstrap_speaks(found):
    d = found["x", "z"]
    assert d.note.startswith("wild cluster bootstrap")
    assert d.pval > 0.053  # t with 3.76 df
    assert found["x", "y"].note == ""


def test_the_joint_test_is_htz():
    """Wald_test(f, constrain_zero(2:3), vcov = "CR2")."""
    C = np.array([[1, -1, 0], [1, 0, -1], [0, 1, -1]], float)
    each, wald = combinations(strata(ROWS, "g"), C, "che", Model())
    assert (wald.stat, wald.df1, wald.df2) == pytest.approx((3.9476313123, 2, 4.444371315), rel=R_STOPS_SHORT)
    assert wald.pval == pytest.approx(0.1033900084, rel=R_STOPS_SHORT)
    assert each.estimate[2] == pytest.approx(each.estimate[1] - each.estimate[0])


def test_the_interaction_is_the_product_term():
    """rma.mv(yi, V, mods = ~ g * h) without g = "z"; coef_test(..., "CR2")[4, ]."""
    rows = ROWS[ROWS["g"] != "z"]
    cells = strata(rows.assign(cell=rows["g"] + ":" + rows["h"]), "cell")
    C = 2 * interaction_contrasts([tuple(s.name.split(":")) for s in cells])
    each, wald = combinations(cells, C, "che", Model())
    found = (each.estimate[0], each.se[0], each.df[0], each.ci_lb[0], each.ci_ub[0])
    wanted = (-0.0567204347, 0.3354126954, 5.728681424, -0.8869608293, 0.77351996)
    assert found == pytest.approx(wanted, rel=1e-5)  # a small difference of large numbers
    assert wald.pval == pytest.approx(0.8715250981, rel=R_STOPS_SHORT)


def test_a_slope():
    """rma.mv(yi, V, mods = ~ x); conf_int(..., "CR2")."""
    each, how = slope(ROWS, "x", "che", Model())
    found = [a[0] for a in (each.estimate, each.se, each.df, each.ci_lb, each.ci_ub)]
    wanted = (0.03446805815, 0.12105006847, 4.406549741, -0.2897381926, 0.3586743089)
    assert found == pytest.approx(wanted, rel=R_STOPS_SHORT)
    assert "Satterthwaite" in how


@pytest.mark.parametrize("kind", ["univariate", "glmm"])
def test_independent_models_agree_however_the_strata_are_ordered(kind):
    rows = ROWS.drop_duplicates("study_id").assign(participants=50.0, events1=np.arange(12) + 5.0, g=list("xyz") * 4)
    forward = differences(strata(rows, "g"), kind, Model())
    backward = differences(strata(rows, "g")[::-1], kind, Model())
    by_pair = {(d.second, d.first): d.turned() for d in backward}
    for d in forward:
        other = by_pair[d.first, d.second] if (d.first, d.second) in by_pair else by_pair[d.second, d.first].turned()
        assert (d.estimate, d.ci_lb, d.pval) == pytest.approx((other.estimate, other.ci_lb, other.pval), rel=1e-5)
    C = np.array([[1, -1, 0]], float)
    each, wald = combinations(strata(rows, "g"), C, kind, Model())
    assert each.estimate[0] == pytest.approx(forward[0].estimate, rel=1e-5)
    assert wald.pval == pytest.approx(forward[0].pval, rel=1e-4)
    assert slope(rows, "x", kind, Model())[0].estimate.shape == (1,)


def test_cells_that_are_missing_leave_combinations_out():
    three = [(a, b) for a in "abc" for b in "xy"]
    assert len(interaction_contrasts(three)) == 2
    assert len(interaction_contrasts(three[:-1])) == 1
    assert len(interaction_contrasts([])) == 0


def test_the_fit_is_the_one_of_the_estimates():
    assert fit_che(ROWS, Model()).sigma2 == pytest.approx((0.00167211860, 0.03470866177), rel=1e-4)
