"""`rma` against metafor: every pinned case, further numbers from R, and every way in which input can be wrong."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metacircuit.models.rma import rma

REFERENCE = json.loads((Path(__file__).parents[1] / "reference/rma_uni.json").read_text("utf-8"))["cases"]
DATASETS, CASES = REFERENCE[0]["datasets"], REFERENCE[1:]

ITERATIVE = 1e-6  # relative, as agreed for values that come out of an iteration
LIMITS = 1e-6
NEAR_ZERO = 1e-9
FIELDS = ("beta", "se", "zval", "pval", "ci_lb", "ci_ub", "tau2", "I2", "H2", "QE", "QEp", "ll", "QM", "QMp", "R2")

# escalc("RR", …, data=dat.bcg) and its moderators (metadat).
BCG = pd.DataFrame(DATASETS["bcg"]).rename(columns={"x": "ablat"})
BCG["alloc"] = ["random"] * 4 + ["alternate"] * 2 + ["random"] * 3 + ["systematic"] * 4


def _fit(case, **more):
    data = DATASETS[case["dataset"]]
    mods = data["x"] if case["mods"] else None
    return rma(data["yi"], data["vi"], mods=mods, method=case["method"], test=case["test"], **more)


def test_the_reference_is_whole():
    assert len(CASES) == 220
    assert {case["method"] for case in CASES} == {"EE", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM", "PMM"}
    assert sum("pi_lb" in case["expect"] for case in CASES) == 100
    assert sum("tau2_ci" in case["expect"] for case in CASES) == 30


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_every_number_of_metafor(case):
    fit, expected = _fit(case), case["expect"]
    for name in FIELDS:
        if name in expected:
            np.testing.assert_allclose(getattr(fit, name), expected[name], rtol=ITERATIVE, atol=NEAR_ZERO, err_msg=name)
    if "pi_lb" in expected:
        prediction = fit.predict()
        np.testing.assert_allclose(prediction.pi_lb, expected["pi_lb"], rtol=ITERATIVE)
        np.testing.assert_allclose(prediction.pi_ub, expected["pi_ub"], rtol=ITERATIVE)
    if "tau2_ci" in expected:
        interval = fit.confint()
        # metafor looks no further than 10 tau2 (and prints ">" there); the limit itself lies beyond.
        cut = expected["tau2_ci"][1] == pytest.approx(10 * fit.tau2, rel=1e-9)
        shown = slice(0, 1 if cut else 2)
        np.testing.assert_allclose(interval.tau2_ci[shown], expected["tau2_ci"][shown], rtol=LIMITS, atol=NEAR_ZERO)
        np.testing.assert_allclose(interval.I2_ci[shown], expected["I2_ci"][shown], rtol=LIMITS, atol=NEAR_ZERO)
        assert interval.tau2_ci[1] >= expected["tau2_ci"][1] * (1 - LIMITS)


@pytest.mark.parametrize("case", [c for c in CASES if c["method"] == "REML"], ids=lambda case: case["id"])
def test_the_exact_solution_is_no_less_likely_than_metafors(case):
    assert _fit(case, precision="exact").ll >= case["expect"]["ll"] - 1e-12


def test_a_factor_and_a_number_by_formula():
    # rma(yi, vi, mods=~ablat+alloc, data=dat, test="knha"), metafor 3.8
    fit = rma("yi", "vi", mods="~ ablat + alloc", data=BCG, test="knha")
    assert fit.names == ("intrcpt", "ablat", "allocrandom", "allocsystematic")
    np.testing.assert_allclose(fit.beta, [0.2932, -0.0273, -0.2675, 0.0585], atol=5e-5)
    np.testing.assert_allclose(fit.se, [0.4188, 0.0095, 0.3624, 0.3925], atol=5e-5)
    assert (round(fit.QM, 4), round(fit.QMp, 4), fit.QMdf) == (3.4471, 0.0650, (3, 9.0))
    assert (round(fit.R2, 2), round(fit.QE, 4)) == (53.84, 26.2034)


def test_own_weights():
    # rma(yi, vi, data=dat, weights=1:13) and with mods=~ablat, test="knha"; metafor 3.8
    fit = rma("yi", "vi", data=BCG, weights=np.arange(1, 14))
    found = [*fit.beta, *fit.se, fit.tau2, *fit.pval, fit.ll]
    np.testing.assert_allclose(
        found, [-0.521658092103, 0.213238541843, 0.313243325981, 0.0144307105765, -12.777848958], rtol=1e-10
    )
    fit = rma("yi", "vi", mods="~ ablat", data=BCG, weights=np.arange(1, 14), test="knha")
    found = [*fit.beta, *fit.se, fit.R2, fit.ll]
    expected = [0.125985567144, -0.0215093332086, 0.313059126717, 0.00952919000462, 75.6244783615, -9.19790413736]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_a_known_tau2():
    # rma(yi, vi, data=dat, tau2=.2), metafor 3.8
    fit = rma("yi", "vi", data=BCG, tau2=0.2)
    found = [*fit.beta, *fit.se, fit.I2, fit.QE, fit.AIC]
    expected = [-0.699816573114, 0.150742279212, 88.330954677, 152.233008082, 27.1397266136]
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    with pytest.raises(ValueError, match="not estimated"):
        fit.confint()


def test_standard_errors_are_another_way_to_give_variances():
    by_se = rma(BCG.yi, sei=np.sqrt(BCG.vi))
    np.testing.assert_allclose(by_se.beta, rma(BCG.yi, BCG.vi).beta, rtol=1e-13)


def test_numbers_and_formula_make_the_same_model():
    formula = rma("yi", "vi", mods="~ ablat", data=BCG)
    for mods in (BCG["ablat"], BCG[["ablat"]], BCG["ablat"].to_numpy(), BCG["ablat"].to_numpy()[:, None]):
        np.testing.assert_array_equal(rma("yi", "vi", mods=mods, data=BCG).beta, formula.beta)
    assert rma("yi", "vi", mods=BCG["ablat"], data=BCG).names == ("intrcpt", "ablat")


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from(["REML", "DL", "PM", "EE"]), st.sampled_from(["z", "knha"]))
def test_order_sign_and_units(seed, method, test):
    rng = np.random.default_rng(seed)
    y, v, x = rng.normal(size=8), rng.uniform(0.02, 1, 8), rng.normal(size=8)
    options = {"method": method, "test": test, "precision": "exact"}
    fit = rma(y, v, mods=x, **options)
    order = rng.permutation(8)
    np.testing.assert_allclose(rma(y[order], v[order], mods=x[order], **options).beta, fit.beta, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(rma(-y, v, mods=x, **options).beta, -fit.beta, rtol=1e-6, atol=1e-8)
    larger = rma(10 * y, 100 * v, mods=x, **options)
    np.testing.assert_allclose(larger.beta, 10 * fit.beta, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(larger.pval, fit.pval, rtol=1e-5, atol=1e-9)
    assert pytest.approx(fit.I2, rel=1e-5, abs=1e-6) == larger.I2


def test_small_variances_are_not_stopped_too_early():
    # In these units a step of 1e-5 is larger than tau2 itself.
    y, v = np.array([1e-3, 5e-3, -2e-3, 9e-3]), np.array([1e-6, 6e-5, 1e-7, 4e-5])
    fit = rma(y, v)
    assert fit.precision == "exact"
    assert "exact REML solution" in fit.notes[0]
    assert fit.tau2 == pytest.approx(1e-6 * rma(1e3 * y, 1e6 * v, precision="exact").tau2, rel=1e-9)


@pytest.mark.parametrize("test", ["z", "knha", "adhoc", "t"])
def test_one_effect(test):
    fit = rma([0.3], [0.09], test=test)
    np.testing.assert_allclose([*fit.beta, *fit.se, fit.tau2], [0.3, 0.3, 0])
    np.testing.assert_allclose(fit.pval, 0.317310507862914, rtol=1e-12)  # 2 (1 - Phi(1))
    assert "heterogeneity cannot be estimated" in fit.notes[0]
    assert (len(fit.notes) == 2) == (test != "z")
    assert np.isnan(fit.predict().pi_lb).all()
    assert "undefined" in fit.predict().notes[0]


@pytest.mark.parametrize("method", ["EE", "DL", "DL2", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM", "PMM"])
@pytest.mark.parametrize("k", [2, 3])
def test_two_and_three_effects(method, k):
    fit = rma([0.1, 0.9, 0.4][:k], [0.05, 0.02, 0.1][:k], method=method, test="adhoc")
    assert np.isfinite([*fit.beta, *fit.se, *fit.pval, fit.tau2, fit.I2, fit.ll]).all()
    assert fit.status == "ok"


def test_no_residual_at_all():
    fit = rma([0.3, 0.3, 0.3], [0.1, 0.2, 0.3], test="knha")
    assert fit.se[0] == 0
    assert np.isnan([fit.stat[0], fit.pval[0], fit.ci_lb[0], fit.QMp]).all()
    assert any("undefined" in note for note in fit.notes)


def test_as_many_coefficients_as_effects():
    fit = rma([1.0, 2.0], [0.1, 0.1], mods=[0, 1], test="t")
    np.testing.assert_allclose(fit.beta, [1, 1])
    assert np.isnan(fit.pval).all()
    assert any("no degrees of freedom" in note for note in fit.notes)


def test_repeated_moderators_are_left_out_with_the_reason():
    table = {"a": list("xxyyzz"), "b": list("ppqqrr"), "one": [7] * 6}
    fit = rma([0.1, 0.3, 0.2, 0.6, 0.9, 0.4], [0.1] * 6, mods="~ a + b + one", data=table)
    assert fit.names == ("intrcpt", "ay", "az")
    assert fit.dropped == {
        "bq": "it is a combination of ay",
        "br": "it is a combination of az",
        "one": "it is constant (7 in all rows)",
    }
    known = fit.predict({"a": ["y"], "b": ["q"], "one": [7]})
    np.testing.assert_allclose(known.pred, fit.beta[:2].sum())
    with pytest.raises(ValueError, match="do not determine"):
        fit.predict({"a": ["y"], "b": ["r"], "one": [7]})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2, 3], [0.1, 0.0, 0.2]), "vi must be above zero; it is not in row 2"),
        (([1, np.nan, 3, None], [0.1] * 4), "yi is missing or infinite in rows 2, 4"),
        (([1, 2], [0.1, np.inf]), "vi is missing or infinite in row 2"),
        (([1, 2], [0.1]), "yi has 2 values and vi has 1"),
        (([], []), "yi is empty"),
        ((["a", 2], [0.1, 0.1]), "yi must hold numbers"),
        (([1, 2],), "one of the two"),
    ],
)
def test_wrong_data(arguments, message):
    with pytest.raises(ValueError, match=message):
        rma(*arguments)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "RELM"}, "'REML'"),
        ({"test": "hk"}, "knha"),
        ({"level": 0}, "between 0 and 100"),
        ({"precision": "high"}, "exact"),
        ({"mods": "~ x"}, "needs data"),
        ({"mods": ["a", "b", "c"]}, "formula for factors"),
        ({"mods": [1, 2]}, "2 rows and yi has 3"),
        ({"mods": [1, None, 3]}, "missing or infinite in row 2"),
        ({"intercept": False}, "needs its intercept"),
        ({"weights": [1, 2]}, "3 numbers"),
        ({"tau2": -1}, "not below zero"),
        ({"slab": ["a"]}, "1 labels and yi has 3"),
        ({"btt": [4]}, "indices 0 to 0"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(ValueError, match=message):
        rma([0.1, 0.2, 0.3], [0.1, 0.1, 0.1], **options)


def test_a_column_that_does_not_exist_is_named_with_the_nearest():
    with pytest.raises(ValueError, match="'yi'"):
        rma("yii", "vi", data=BCG)


def test_the_text_says_what_a_statistician_wants_to_know():
    text = str(rma("yi", "vi", mods="~ ablat", data=BCG, test="knha"))
    for words in (
        "Mixed-effects model (k = 13; tau2: REML)",
        "I2    68.39 %",
        "R2  75.62 %",
        "Q(11) = 30.7331",
        "t(11)",
    ):
        assert words in text
    assert "F(1, 11) = 12.5905" in text


def test_the_table_has_one_row_a_coefficient():
    table = rma("yi", "vi", mods="~ ablat", data=BCG).to_frame()
    assert table["term"].tolist() == ["intrcpt", "ablat"]
    assert {"beta", "se", "pval", "ci_lb", "ci_ub", "tau2", "I2", "R2", "QE", "QM", "k", "method", "status"} <= {*table}
