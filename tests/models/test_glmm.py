"""Generalised linear mixed models against metafor (lme4), and at the edges."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from metacircuit.models.counts import rma_glmm

CASE = next(
    case
    for case in json.loads((Path(__file__).parents[1] / "reference" / "counts.json").read_text())["cases"]
    if case["id"] == "glmm/PLO"
)
# lme4 stops its search some 1e-5 away from the maximum in relative terms: its likelihood is lower than ours, see below.
LME4 = 1e-4
# metafor's own search for the exact conditional model is closer.
METAFOR = 5e-5
# Its standard errors come from finite differences at that point.
LME4_SE = 1e-4
# Laplace fits are differentiated at a lower precision of the inner search: lme4's Hessian is only good to a percent.
LME4_LAPLACE_SE = 5e-3
# Statistics of models without random effects: both programs reach the maximum.
EXACT = 1e-6

BCG = {
    "ai": [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
    "bi": [119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886],
    "ci": [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
    "di": [128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825],
}
ABLAT = [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]
HART = {
    "x1i": [9, 8, 3, 6, 7, 20],
    "t1i": [413, 263, 487, 237, 489, 507],
    "x2i": [19, 19, 13, 9, 23, 50],
    "t2i": [398, 245, 435, 241, 483, 405],
}

# rma.glmm(measure = "OR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg, model = …), metafor 3.8,
# lme4 1.1-31.
OR = {
    "UM.FS": {
        "beta": -0.745013466103339,
        "se": 0.175565799339644,
        "tau2": 0.294893647589718,
        "I2": 91.0235056575570,
        "QE_Wld": 163.164915185070,
        "QE_LRT": 176.954448188362,
        "ll": -70.9676873363521,
        "parms": 15,
    },
    "UM.RS": {
        "beta": -0.761584037779691,
        "tau2": 0.319835500625488,
        "sigma2": 1.86161816488596,
        "I2": 91.6651778150030,
        "QE_LRT": 174.131678536831,
        "ll": -126.296288348042,
        "parms": 4,
    },
    "CM.AL": {
        "beta": -0.722116995623337,
        "se": 0.174401922301382,
        "tau2": 0.288710350731379,
        "QE_Wld": 147.906081602820,
        "QE_LRT": 161.820963365584,
        "ll": -31.5063065995564,
        "parms": 2,
    },
}
# The same with mods = ~ ablat.
OR_ABLAT = {
    "UM.FS": {
        "beta": [0.398859044978659, -0.0333291441598172],
        "se": [0.0822144375708236, 0.00278536167828911],
        "tau2": 0.0,
        "QE_LRT": 25.0138523489091,
        "QM": 143.180914280032,
        "ll": -81.6778705231892,
    },
    "CM.AL": {
        "beta": [0.292970431976288, -0.0299316133545058],
        "se": [0.186836461184063, 0.00536125463348995],
        "tau2": 0.0318679833681326,
        "QE_LRT": 30.0133866894769,
        "QM": 31.1693240346505,
        "ll": -36.700292943931,
    },
}
# rma.glmm(measure = "IRR" or "IRLN", data = dat.hart1999, …), the same versions.
RATES = {
    ("IRR", "UM.FS"): {
        "beta": -1.03269539748584,
        "se": 0.162586602265132,
        "tau2": 0.0,
        "QE_Wld": 2.96245560317322,
        "QE_LRT": 2.96604718913612,
        "ll": -27.5209196931603,
        "parms": 8,
    },
    ("IRR", "CM.EL"): {
        "beta": -1.03269539738770,
        "se": 0.162586604560545,
        "tau2": 0.0,
        "QE_Wld": 2.96245789034478,
        "QE_LRT": 2.96604718913611,
        "ll": -12.1073091571558,
        "parms": 2,
    },
    ("IRR", "UM.RS"): {"beta": -1.02968880411968, "tau2": 0.0, "sigma2": 0.200033716963930, "ll": -36.0643303889852},
    ("IRLN", "UM.FS"): {
        "beta": -2.90600659363089,
        "se": 0.204699342225151,
        "tau2": 0.194121252165164,
        "I2": 79.9827321694468,
        "QE_Wld": 35.4158581584329,
        "QE_LRT": 34.7680339442442,
        "ll": -14.8761978552325,
    },
}


def agree(result, expected):
    for name, value in expected.items():
        tolerance = {"se": LME4_SE, "QE_LRT": LME4, "QE_Wld": EXACT, "QM": LME4_SE}.get(name, LME4)
        # Zero is where lme4 also stops at the boundary, or, in UM.RS, at 1e-9.
        assert np.squeeze(getattr(result, name)) == pytest.approx(value, rel=tolerance, abs=1e-8), name


def test_reference_case():
    result = rma_glmm("PLO", **CASE["data"])
    expected = CASE["expect"]
    assert len(expected) == 4
    agree(result, expected)


def test_likelihood_is_at_least_that_at_the_reference():
    """The reference stops short of the maximum: its parameters have a lower likelihood than ours."""
    from metacircuit.stats.glmm.models import binomial, one_group
    from metacircuit.stats.glmm.quadrature import marginal

    x, n = (np.array(CASE["data"][name], float) for name in ("xi", "ni"))
    design = one_group(binomial(x, n), np.zeros_like(x), np.ones((13, 1)), x, x).design
    beta, tau = np.array([CASE["expect"]["beta"]]), np.sqrt([CASE["expect"]["tau2"]])
    there = marginal(design, beta, np.empty(0), tau, 7).ll.sum()
    ours = rma_glmm("PLO", **CASE["data"])
    assert ours.ll_marginal > there
    assert ours.ll_marginal == pytest.approx(there, abs=1e-6)


@pytest.mark.parametrize("model", OR)
def test_odds_ratio(model):
    result = rma_glmm("OR", **BCG, model=model)
    assert result.status == "ok"
    agree(result, OR[model])


@pytest.mark.parametrize("model", OR_ABLAT)
def test_odds_ratio_with_a_moderator(model):
    agree(rma_glmm("OR", **BCG, model=model, mods=ABLAT), OR_ABLAT[model])


def test_laplace_standard_error():
    result = rma_glmm("OR", **BCG, model="UM.RS")
    assert result.nodes == 1
    assert result.se[0] == pytest.approx(0.181464530782938, rel=LME4_LAPLACE_SE)


# rma.glmm(measure = "OR", …, model = "CM.EL"), metafor 3.8 with BiasedUrn 2.0.9: dat.bcg and dat.nielweise2007.
NIELWEISE = {
    "ai": [0, 1, 2, 0, 5, 1, 1, 1, 1, 1, 0, 0, 3, 6, 0, 0, 1, 4],
    "n1i": [116, 44, 208, 130, 151, 98, 174, 74, 97, 113, 66, 70, 188, 187, 118, 252, 345, 64],
    "ci": [3, 3, 9, 7, 6, 4, 3, 2, 19, 2, 7, 1, 5, 11, 0, 1, 3, 1],
    "n2i": [117, 35, 195, 136, 157, 139, 177, 39, 103, 122, 64, 58, 175, 180, 105, 262, 362, 69],
}
CONDITIONAL = [
    (
        BCG,
        {
            "beta": -0.753810509099587,
            "se": 0.180075847609789,
            "tau2": 0.311634882290310,
            "se_tau2": 0.161224738859043,
            "I2": 91.4645691129703,
            "QE_LRT": 176.873839308222,
            "ll": -48.3747912395148,
            "AIC": 100.749582479030,
            "BIC": 101.879481193953,
        },
    ),
    (
        NIELWEISE,
        {
            "beta": -1.35315828266390,
            "se": 0.351068193151540,
            "tau2": 0.693459265307053,
            "I2": 41.1330785275403,
            "QE_LRT": 28.6092677144129,
            "ll": -24.9444576107547,
        },
    ),
]


@pytest.mark.parametrize(("data", "expected"), CONDITIONAL, ids=["bcg", "nielweise2007"])
def test_exact_conditional_model(data, expected):
    result = rma_glmm("OR", **data, model="CM.EL")
    for name, value in expected.items():
        # se_tau2 comes from finite differences in metafor.
        tolerance = 2e-4 if name.startswith("se") else METAFOR
        assert np.squeeze(getattr(result, name)) == pytest.approx(value, rel=tolerance), name
    assert result.ll > expected["ll"] - 1e-8


# The same data with 7 zero cells and one study without any event; here lme4 stops 4e-4 short in UM.FS.
SPARSE = {
    "UM.FS": {"beta": -1.23692028000756, "se": 0.280409043031766, "tau2": 0.319793684267290, "ll": -49.5186278336588},
    "CM.AL": {"beta": -1.30265302659369, "se": 0.338640930209488, "tau2": 0.600684707921329, "ll": -17.9758337906279},
    "UM.RS": {"beta": -1.28122354942513, "se": 0.329646494258909, "tau2": 0.725845581205256, "ll": -74.8577152710115},
}


@pytest.mark.parametrize("model", SPARSE)
def test_sparse_tables(model):
    result = rma_glmm("OR", **NIELWEISE, model=model)
    for name, value in SPARSE[model].items():
        assert np.squeeze(getattr(result, name)) == pytest.approx(value, rel=1e-3), name


@pytest.mark.parametrize(("measure", "model"), RATES)
def test_rates(measure, model):
    data = HART if measure == "IRR" else {"xi": HART["x2i"], "ti": HART["t2i"]}
    agree(rma_glmm(measure, **data, model=model), RATES[measure, model])


def test_formula_and_matrix_are_the_same_model():
    frame = pd.DataFrame({**CASE["data"], "year": range(13)})
    by_formula = rma_glmm("PLO", xi="xi", ni="ni", data=frame, mods="~ year")
    by_matrix = rma_glmm("PLO", **CASE["data"], mods=np.arange(13))
    assert by_formula.names == ("intrcpt", "year")
    np.testing.assert_allclose(by_formula.beta, by_matrix.beta, rtol=1e-12)


def test_more_nodes_change_little():
    few, many = (rma_glmm("PLO", **CASE["data"], nAGQ=n) for n in (7, 25))
    # Quadrature with 7 points for a random effect of this size.
    assert few.beta[0] == pytest.approx(many.beta[0], rel=1e-5)
    assert few.tau2 == pytest.approx(many.tau2, rel=1e-5)


def test_events_and_non_events_can_be_exchanged():
    x, n = (np.array(CASE["data"][name]) for name in ("xi", "ni"))
    one, other = rma_glmm("PLO", xi=x, ni=n), rma_glmm("PLO", xi=n - x, ni=n)
    assert one.beta[0] == pytest.approx(-other.beta[0], rel=1e-6)
    assert one.tau2 == pytest.approx(other.tau2, rel=1e-6)


def test_equal_effects_is_the_pooled_proportion():
    x, n = (np.array(CASE["data"][name]) for name in ("xi", "ni"))
    result = rma_glmm("PLO", xi=x, ni=n, method="EE")
    p = x.sum() / n.sum()
    assert result.beta[0] == pytest.approx(np.log(p / (1 - p)), rel=1e-10)
    assert result.se[0] == pytest.approx(1 / np.sqrt(n.sum() * p * (1 - p)), rel=1e-8)
    assert result.tau2 == 0.0


@pytest.mark.parametrize(
    ("x", "n"),
    [
        ([3], [10]),
        ([3, 30], [10, 100]),
        ([3, 4, 0], [10, 11, 9]),
        ([0, 1, 0, 0], [50_000, 50_000, 40_000, 30_000]),
        ([25_000, 10_000, 49_999], [50_000, 50_000, 50_000]),
        ([0, 10, 3, 0, 8], [10, 10, 10, 10, 10]),
        ([1] * 200, [3] * 200),
    ],
)
def test_few_rare_and_large(x, n):
    result = rma_glmm("PLO", xi=x, ni=n)
    assert result.status == "ok"
    assert np.isfinite([*result.beta, *result.se, result.tau2, result.ll_marginal]).all()
    assert result.ll_marginal >= rma_glmm("PLO", xi=x, ni=n, method="EE").ll_marginal - 1e-9


@pytest.mark.parametrize("x", [[0, 0, 0], [10, 10, 10]])
def test_no_event_or_only_events_has_a_status(x):
    result = rma_glmm("PLO", xi=x, ni=[10, 10, 10])
    assert result.status == "separated"
    assert result.beta[0] == (-np.inf if x[0] == 0 else np.inf)
    assert np.isnan([*result.se, result.tau2]).all()
    assert "infinite" in result.reason
    assert result.reason in str(result)
    assert set(result.to_frame()["status"]) == {"separated"}


def test_all_or_nothing_has_a_status():
    result = rma_glmm("PLO", xi=[0, 0, 10, 10], ni=[10, 10, 10, 10])
    assert result.status == "unbounded"
    assert np.isinf(result.tau2)
    assert "without end" in str(result)


def test_one_table_is_its_own_odds_ratio():
    result = rma_glmm("OR", ai=[3], bi=[10], ci=[5], di=[8])
    assert result.beta[0] == pytest.approx(np.log(3 * 8 / (10 * 5)), rel=1e-8)
    assert result.se[0] == pytest.approx(np.sqrt(1 / 3 + 1 / 10 + 1 / 5 + 1 / 8), rel=1e-6)
    assert (result.tau2, result.I2, result.H2, result.QE_df) == (0.0, 0.0, 1.0, 0)


def test_cost_is_linear_in_the_number_of_studies():
    rng = np.random.default_rng(11)
    n = rng.integers(10, 500, 8_000)
    x = rng.binomial(n, 1 / (1 + np.exp(1 - rng.normal(0, 0.5, len(n)))))
    # A k x k matrix would have 512 MB.
    result = rma_glmm("PLO", xi=x, ni=n)
    # Five standard errors.
    assert result.beta[0] == pytest.approx(-1, abs=5 * result.se[0])
    assert result.tau2 == pytest.approx(0.25, abs=5 * result.se_tau2)


@pytest.mark.parametrize("model", ["UM.FS", "UM.RS", "CM.EL", "CM.AL"])
def test_zero_cells_need_no_correction(model):
    data = {"ai": [0, 2, 3, 0, 1], "bi": [20, 18, 30, 15, 40], "ci": [3, 4, 1, 0, 6], "di": [17, 20, 30, 15, 35]}
    result = rma_glmm("OR", **data, model=model)
    assert result.status == "ok"
    assert np.isfinite([*result.beta, *result.se]).all()
    # The fourth study has no event at all.
    assert (result.k, result.k_all) == (4, 5)
    assert "study 4" in result.notes[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"measure": "PL0", "xi": [1], "ni": [2]}, "Did you mean 'PLO'"),
        ({"measure": "PLO", "xi": [3], "ni": [2]}, "xi is larger than ni in study 1"),
        ({"measure": "PLO", "xi": [1]}, "missing: ni"),
        ({"measure": "OR", **BCG, "model": "CM.LE"}, "Did you mean 'CM.EL'"),
        ({"measure": "IRR", **HART, "model": "CM.AL"}, "can be UM.FS, UM.RS, CM.EL"),
        ({"measure": "PLO", "xi": [1, 2], "ni": [4, 4], "nAGQ": 0}, "whole number from 1"),
        ({"measure": "OR", "ai": [0], "bi": [5], "ci": [0], "di": [5]}, "no study has an event"),
        ({"measure": "OR", "ai": [0.5], "bi": [5], "ci": [2], "di": [5], "model": "CM.EL"}, "whole numbers"),
    ],
)
def test_messages(arguments, message):
    with pytest.raises(ValueError, match=message):
        rma_glmm(**arguments)


def test_collinear_moderator_is_dropped_with_its_name():
    frame = pd.DataFrame({**CASE["data"], "year": range(13), "twice": range(0, 26, 2)})
    result = rma_glmm("PLO", xi="xi", ni="ni", data=frame, mods="~ year + twice")
    assert result.names == ("intrcpt", "year")
    assert "'twice' dropped" in result.notes[0]


def test_moderators_follow_the_studies_that_are_left():
    x, n = (np.array(CASE["data"][name], float) for name in ("xi", "ni"))
    x[4] = np.nan
    year = np.arange(13.0)
    whole = rma_glmm("PLO", xi=x, ni=n, mods=year)
    part = rma_glmm("PLO", xi=np.delete(x, 4), ni=np.delete(n, 4), mods=np.delete(year, 4))
    np.testing.assert_array_equal(whole.beta, part.beta)


def test_predict():
    result = rma_glmm("PLO", **CASE["data"])
    shown = result.predict(transf="ilogit").iloc[0]
    assert shown["pi_lb"] < shown["ci_lb"] < shown["pred"] < shown["ci_ub"] < shown["pi_ub"]
    with pytest.raises(ValueError, match="transf"):
        result.predict(transf="log")
