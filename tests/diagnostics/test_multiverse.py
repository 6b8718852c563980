"""The multiverse: each specification is a model that could have been fitted alone, and the shares add up."""

from itertools import permutations

import metacircuit as mc
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metacircuit.config import Model, UserError
from metacircuit.config.sensitivity import AlternativeConversion, Sensitivity
from metacircuit.config.slices import HarmoniseSlice
from metacircuit.diagnostics.multiverse import multiverse
from metacircuit.diagnostics.multiverse.choices import Choice
from metacircuit.diagnostics.multiverse.conversions import reconverted
from metacircuit.diagnostics.multiverse.rules import named_rows
from metacircuit.diagnostics.multiverse.shares import variance_shares
from metacircuit.models.pooling.bounds import at_bound
from metacircuit.models.pooling.glmm import pool_glmm
from pydantic import ValidationError

NUMBERS = ["estimate", "se", "ci_lb", "ci_ub", "pval", "tau2"]
# The batch and the single model share their algebra, but sum in another order.
ALGEBRA = 1e-9
# R's optimisers of CHE end within this of the top; its closed forms agree far beyond.
OPTIMISER = 2e-5
CLOSED = 1e-9
PRINTED = 1e-12

EFFECTS = pd.DataFrame(
    {
        "effect_id": [f"e{i:02}" for i in range(11)],
        "study_id": list("aaabccdefgg"),
        "yi": [0.12, 0.45, 0.30, 0.81, -0.10, 0.22, 0.55, 0.38, 1.05, 0.02, 0.27],
        "vi": [0.04, 0.05, 0.045, 0.09, 0.03, 0.035, 0.06, 0.08, 0.12, 0.025, 0.03],
        "participants": [100, 82, 100, 46, 140, 120, 70, 52, 36, 170, 140],
        "adjusted": ["no", "no", "yes", "no", "no", "no", "yes", "no", "no", "no", "yes"],
        "flags": ["peak", "", "adjusted_estimate", "", "peak; zero_cell", "", "adjusted_estimate", "", "", "", ""],
    }
)
SENSITIVITY = Sensitivity(
    leave_out={"adjusted": {"adjusted": True}, "peaks": {"flags": "peak"}, "biased": {"risk_of_bias": "high"}},
    rho=(0.3, 0.6),
    method=("REML", "DL", "SJ", "PM", "HS"),
)
MODEL = Model(method="REML", test="knha", rho=0.6)


@pytest.fixture(scope="module")
def found():
    return multiverse(EFFECTS, "SMD", SENSITIVITY, MODEL)


def the(table, **values):
    """The one specification with these values; rules that are not named keep their rows."""
    wanted = {"adjusted": "kept", "peaks": "kept", **values}
    hit = table[np.logical_and.reduce([table[name] == value for name, value in wanted.items()])]
    return hit.iloc[0]


# --- a specification is the model that could have been fitted alone ---

# metafor 3.8.1: rma(yi, vi, method=, test="knha") on aggregate(escalc(...), cluster=study, rho=) or on the effects.
FROM_METAFOR = {
    ("study_means", 0.6, "REML", "kept"): (
        *(0.36728881235, 0.130775686857, 0.0472922343371),
        *(0.687285390362, 0.0308153392253, 0.058138821654),
    ),
    ("study_means", 0.3, "DL", "left_out"): (
        *(0.328018683926, 0.156921710682, -0.0753614151703),
        *(0.731398783021, 0.0908613902758, 0.0678337013189),
    ),
    ("study_means", 0.3, "SJ", "left_out"): (
        *(0.354084309672, 0.161522738002, -0.0611231066782),
        *(0.769291726021, 0.0798785462138, 0.116562722736),
    ),
    ("independent", 0.6, "PM", "kept"): (
        *(0.300257629939, 0.0918151595798, 0.0956807056783),
        *(0.5048345542, 0.00842687631419, 0.0444216777568),
    ),
    ("largest", 0.3, "HS", "kept"): (
        *(0.316930756574, 0.153036426283, -0.057535888555),
        *(0.691397401703, 0.0837772650318, 0.0680984380416),
    ),
}
# metafor 3.8.1 and clubSandwich: rma.mv(yi, vcalc(vi, study, obs, rho=), random = ~ 1 | study/effect), CR2.
FROM_CLUBSANDWICH = {
    (0.6, "kept"): (0.356134912562, 0.116930924236, 0.0590641656763, 0.653205659448, 0.0271311335057, 0.0552998543114),
    (0.3, "left_out"): (0.328658845251, 0.141833482948, -0.0492082416677, 0.70652593217, 0.0744271219737, 0.0819398),
}


@pytest.mark.parametrize(("key", "expected"), FROM_METAFOR.items(), ids=str)
def test_univariate_specifications_agree_with_metafor(found, key, expected):
    aggregation, rho, method, adjusted = key
    row = the(found.table, aggregation=aggregation, rho=rho, method=method, adjusted=adjusted)
    assert row["status"] == "ok"
    assert row[NUMBERS].to_numpy(float) == pytest.approx(expected, rel=CLOSED)


@pytest.mark.parametrize(("key", "expected"), FROM_CLUBSANDWICH.items(), ids=str)
def test_che_specifications_agree_with_clubsandwich(found, key, expected):
    row = the(found.table, aggregation="che", rho=key[0], adjusted=key[1])
    assert row[NUMBERS].to_numpy(float) == pytest.approx(expected, rel=OPTIMISER)


@pytest.mark.parametrize("method", ["DL", "REML", "PM"])
@pytest.mark.parametrize("rho", [0.3, 0.6])
def test_study_means_are_rma_of_aggregate(found, method, rho):
    kept = EFFECTS[EFFECTS["adjusted"] == "no"]
    means = mc.aggregate(kept["yi"], kept["vi"], cluster=kept["study_id"], rho=rho)
    fit = mc.rma(means.yi, means.vi, method=method, test="knha", precision="exact")
    row = the(found.table, aggregation="study_means", rho=rho, method=method, adjusted="left_out")
    assert (row["k"], row["studies"]) == (8, 6)
    alone = (fit.beta[0], fit.se[0], fit.ci_lb[0], fit.ci_ub[0], fit.pval[0], fit.tau2)
    assert row[NUMBERS].to_numpy(float) == pytest.approx(alone, rel=ALGEBRA)


def test_che_is_rma_mv_with_cr2(found):
    kept = EFFECTS[~EFFECTS["flags"].str.contains("peak")]
    robust = mc.rma_mv(kept["yi"].to_numpy(), kept["vi"].to_numpy(), study=kept["study_id"].to_numpy(), rho=0.3)
    row = the(found.table, aggregation="che", rho=0.3, peaks="left_out")
    assert row["estimate"] == pytest.approx(robust.beta[0], rel=ALGEBRA)
    assert row["se"] == pytest.approx(robust.robust("CR2").se[0], rel=ALGEBRA)


def test_the_largest_effect_of_a_study_is_that_of_most_people_then_the_most_precise():
    rows = EFFECTS.iloc[[0, 2, 3, 4, 6, 7, 8, 9]]  # a has two effects of 100 people, the first more precise
    some = Sensitivity(leave_out={}, aggregation=("largest",), method=(), rho=())
    row = the_aggregation(multiverse(rows, "SMD", some, MODEL).table, "largest")
    alone = mc.rma(
        rows["yi"].to_numpy()[[0, *range(2, 8)]], rows["vi"].to_numpy()[[0, *range(2, 8)]], precision="exact"
    )
    assert row["estimate"] == pytest.approx(alone.beta[0], rel=ALGEBRA)
    assert row["k"] == row["studies"] == 7


def the_aggregation(table, word):
    return table[table["aggregation"] == word].iloc[0]


# --- combinations ---


def test_every_combination_is_there_once(found):
    # adjusted 2, peaks 2, aggregation 4, rho 2, method 5; the rule without a column is not crossed, nor are bounds.
    assert len(found.table) == 2 * 2 * 4 * 2 * 5
    choices = ["conversion", "adjusted", "peaks", "biased", "bounds", "aggregation", "rho", "method"]
    assert not found.table.duplicated(choices).any()
    assert found.table["specification"].tolist() == list(range(1, 161))
    assert found.table["main"].sum() == 1
    assert found.table.loc[found.table["main"], ["aggregation", "rho", "method"]].to_numpy().tolist() == [
        ["che", 0.6, "REML"]
    ]


def test_equal_models_are_fitted_once(found):
    # Per row set: CHE 2 (rho), study means 10, largest 5, independent 5.
    assert found.table["fit"].nunique() == 4 * 22
    assert len(found.table[["fit", *NUMBERS]].drop_duplicates()) == 4 * 22


def test_choices_that_cannot_matter_say_why(found):
    note = found.shares.set_index("choice")["note"]
    assert "no column risk_of_bias" in note["biased"]
    assert "printed with an estimate" in note["bounds"]
    assert note["adjusted"] == ""


def test_one_effect_a_study_needs_no_aggregation_and_no_rho():
    table = multiverse(EFFECTS.drop_duplicates("study_id"), "SMD", SENSITIVITY, MODEL).table
    assert table["aggregation"].unique().tolist() == ["independent"]
    assert len(table) == 2 * 2 * 5  # adjusted, peaks, method


def test_too_many_combinations_are_refused_with_their_sizes():
    with pytest.raises(ValidationError, match=r"20,480 combinations.*max_specifications"):
        Sensitivity(method=("DL", "REML", "PM", "SJ", "HS", "HE", "EB", "ML", "HSk", "PMM"))
    small = Sensitivity(leave_out={}, rho=(), method=(), bounds=(), aggregation=(), max_specifications=1)
    assert len(multiverse(EFFECTS, "SMD", small, MODEL).table) == 1
    with pytest.raises(UserError, match="method 2"):
        multiverse(EFFECTS.drop_duplicates("study_id"), "SMD", small.model_copy(update={"method": ("DL",)}), MODEL)


# --- bounds, conversions, proportions ---

BOUNDED = pd.concat(
    [
        EFFECTS.assign(status="analysed", lower=np.nan, upper=np.nan),
        pd.DataFrame(
            {
                "effect_id": ["z1", "z2"],
                "study_id": ["h", "b"],
                "yi": np.nan,
                "vi": [0.05, 0.08],
                "participants": [80, 50],
                "adjusted": "no",
                "flags": "p_bound",
                "status": "bound",
                "lower": [0.44, -0.55],
                "upper": [np.nan, 0.55],
            }
        ),
    ],
    ignore_index=True,
)


def test_bounds_are_left_out_placed_at_their_limit_or_censored():
    one = Sensitivity(leave_out={}, rho=(), method=(), bounds=("at_bound", "censored"), aggregation=("independent",))
    table = multiverse(BOUNDED, "SMD", one, MODEL).table
    by = table[table["aggregation"] == "independent"].set_index("bounds")
    assert by["k"].to_dict() == {"leave_out": 11, "at_bound": 13, "censored": 13}
    placed = np.append(EFFECTS["yi"], [0.44, 0.0]), np.append(EFFECTS["vi"], [0.05, 0.08])
    assert by.loc["at_bound", "estimate"] == pytest.approx(mc.rma(*placed, precision="exact").beta[0], rel=ALGEBRA)
    censored = mc.rma_censored(
        BOUNDED["yi"], BOUNDED["vi"], BOUNDED["lower"], BOUNDED["upper"], study=BOUNDED["study_id"]
    )
    assert by.loc["censored", "estimate"] == pytest.approx(censored.beta[0], rel=1e-6)
    assert np.array_equal(at_bound(BOUNDED)["yi"].to_numpy()[-2:], [0.44, 0.0])


def test_another_conversion_is_a_choice_like_any_other():
    other = EFFECTS.assign(yi=EFFECTS["yi"] + 1)
    few = Sensitivity(leave_out={}, rho=(), method=("DL",), aggregation=("independent",))
    found = multiverse(EFFECTS, "SMD", few, MODEL, conversions={"shifted": other})
    wide = found.table.pivot_table(index=["aggregation", "method"], columns="conversion", values="estimate")
    assert (wide["shifted"] - wide["as_configured"]).to_numpy() == pytest.approx(1.0, abs=1e-6)
    assert found.summary.choice == "conversion"


def test_reconverted_keeps_decisions_and_changes_variances():
    sheet = pd.DataFrame(
        {
            **{"effect_id": list("pqr"), "study_id": list("pqr"), "direction": 1, "scale_direction": 1},
            **{"t": [2.5, 1.0, 3.0], "n1": 12.0, "n2": 12.0, "status": ["analysed", "analysed", "excluded"]},
            **{"reason": ["", "", "twice"], "row_problem": "", "contrast": "nssi_vs_healthy"},
        }
    )
    wanted = HarmoniseSlice.model_validate(
        {"analysis": "a", "measure": "SMD", "take": [{}], "routes": None, "conversion": {}}
    )
    tables = reconverted(
        sheet, {"same": AlternativeConversion(), "j2v": AlternativeConversion(definition="borenstein")}, wanted
    )
    assert tables["j2v"]["status"].tolist() == ["analysed", "analysed", "excluded"]
    assert tables["j2v"]["reason"].iloc[2] == "twice"
    # Borenstein et al. (2009), eqs. 4.20 and 4.24: J squared times the variance of d, with t = 2.5 and 12 in a group.
    d = 2.5 * np.sqrt(1 / 6)
    j = 1 - 3 / (4 * 22 - 1)
    assert tables["j2v"]["vi"].iloc[0] == pytest.approx(j**2 * (1 / 6 + d**2 / 48), rel=1e-3)
    assert tables["same"]["vi"].iloc[0] != tables["j2v"]["vi"].iloc[0]
    with pytest.raises(UserError, match=r"sensitivity.conversion.x: .*smd.nothing"):
        reconverted(sheet, {"x": AlternativeConversion(routes=("smd.nothing",))}, wanted)


def test_proportions_have_the_glmm_as_their_main_model():
    rows = pd.DataFrame(
        {"study_id": list("abcdef"), "events1": [3, 9, 12, 5, 20, 8], "participants": [40, 60, 90, 22, 81, 33]}
    )
    share = rows["events1"] / rows["participants"]
    rows = rows.assign(
        yi=np.log(share / (1 - share)), vi=1 / rows["events1"] + 1 / (rows["participants"] - rows["events1"])
    )
    table = multiverse(rows, "PLO", SENSITIVITY, MODEL).table
    alone = pool_glmm(rows.assign(status="analysed"), MODEL)
    assert table.loc[table["main"], "aggregation"].tolist() == ["glmm"]
    assert table.loc[table["main"], "estimate"].iloc[0] == pytest.approx(alone.estimate, rel=ALGEBRA)
    assert set(table["aggregation"]) == {"glmm", "independent"}


# --- variance shares ---

TWO = [Choice("a", ("x", "y"), "x"), Choice("b", ("x", "y", "z"), "x")]


def crossed(*sizes):
    return np.indices(sizes).reshape(len(sizes), -1).T


def test_shares_sum_to_one_and_a_choice_without_effect_has_none(found):
    assert found.shares["share"].sum() == pytest.approx(1.0, abs=PRINTED)
    share = found.shares.set_index("choice")["share"]
    assert share[["conversion", "biased", "bounds"]].tolist() == [0.0, 0.0, 0.0]
    x = crossed(2, 3)
    table = variance_shares(TWO, x, np.array([0.1, 0.3])[x[:, 0]])
    assert table["share"].tolist() == [1.0, 0.0, 0.0]
    assert table["total"].tolist()[:2] == [1.0, 0.0]
    assert table["moves"].tolist()[:2] == pytest.approx([0.2, 0.0])


def test_additive_estimates_have_the_shares_of_the_textbook():
    x = crossed(2, 3)
    y = np.array([0.0, 2.0])[x[:, 0]] + np.array([0.0, 3.0, 6.0])[x[:, 1]]
    table = variance_shares(TWO, x, y)  # variances by hand: 1 and 6
    assert table["share"].tolist() == pytest.approx([1 / 7, 6 / 7, 0.0], abs=PRINTED)
    assert table["total"].tolist()[:2] == pytest.approx([1 / 7, 6 / 7], abs=PRINTED)


def test_a_pure_interaction_is_no_main_effect():
    x = crossed(2, 2)
    choices = [TWO[0], Choice("b", ("x", "y"), "x")]
    table = variance_shares(choices, x, (x[:, 0] ^ x[:, 1]).astype(float))
    assert table["share"].tolist() == [0.0, 0.0, 1.0]
    assert table["total"].tolist()[:2] == [1.0, 1.0]


def test_incomplete_combinations_average_over_the_orders():
    x = crossed(2, 3)
    y = np.array([0.1, 0.5, 0.2, np.nan, 0.9, 0.3])
    known = np.isfinite(y)

    def explained(chosen):
        D = np.column_stack(
            [np.ones(known.sum()), *((x[known, i] == v).astype(float) for i in chosen for v in range(1, 3))]
        )
        fit = D @ np.linalg.lstsq(D, y[known], rcond=None)[0]
        return ((fit - y[known].mean()) ** 2).sum() / ((y[known] - y[known].mean()) ** 2).sum()

    orders = list(permutations(range(2)))
    expected = [
        np.mean([explained(o[: o.index(i) + 1]) - explained(o[: o.index(i)]) for o in orders]) for i in range(2)
    ]
    table = variance_shares(TWO, x, y)
    assert table["share"].tolist()[:2] == pytest.approx(expected, abs=1e-10)
    assert table["share"].sum() == pytest.approx(1.0, abs=PRINTED)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.one_of(st.none(), st.floats(-3, 3, width=32)), min_size=12, max_size=12))
def test_shares_are_shares_whatever_is_missing(values):
    choices = [TWO[0], Choice("b", ("x", "y"), "x"), Choice("c", ("x", "y", "z"), "x")]
    y = np.array([np.nan if v is None else v for v in values], dtype=float)
    table = variance_shares(choices, crossed(2, 2, 3), y)
    share = table["share"].to_numpy()
    if np.isfinite(y).sum() < 2:
        assert np.isnan(share).all()
    elif np.ptp(y[np.isfinite(y)]) == 0:
        assert (share == 0).all()
    elif np.ptp(y[np.isfinite(y)]) > 1e-6:
        assert ((share >= 0) & (share <= 1 + 1e-9)).all()
        assert share.sum() == pytest.approx(1.0, abs=1e-9)
        assert (table["total"].dropna().to_numpy() <= 1 + 1e-9).all()


# --- statuses, rules, messages ---


def test_few_studies_give_a_status_and_a_reason():
    table = multiverse(EFFECTS[EFFECTS["study_id"].isin(["a", "b"])], "SMD", SENSITIVITY, MODEL)
    assert set(table.table["status"]) == {"too_few"}
    assert table.table["reason"].iloc[0] == "2 studies; at least 3 are pooled"
    assert table.shares["share"].isna().all()
    assert "none with an estimate" in str(table)


def test_nothing_at_all_is_still_a_table():
    found = multiverse(EFFECTS.iloc[:0], "SMD", SENSITIVITY, MODEL)
    assert set(found.table["status"]) == {"too_few"}


def test_a_rule_that_leaves_too_little_takes_only_its_specifications():
    rows = EFFECTS.assign(flags=np.where(EFFECTS["study_id"].isin(list("abcde")), "peak", ""))
    found = multiverse(rows, "SMD", SENSITIVITY, MODEL)
    assert set(found.table.loc[found.table["peaks"] == "left_out", "status"]) == {"too_few"}
    assert set(found.table.loc[found.table["peaks"] == "kept", "status"]) == {"ok"}
    row = found.shares.set_index("choice").loc["peaks"]
    assert row["note"] == "no estimate with left_out"
    assert row["share"] == 0
    assert found.shares["share"].sum() == pytest.approx(1.0, abs=1e-9)


def test_equal_estimates_have_no_test_and_nothing_moves_them():
    found = multiverse(EFFECTS.assign(yi=0.3), "SMD", SENSITIVITY, MODEL)
    assert set(found.table["status"]) == {"no_test"}
    assert found.table["estimate"].to_numpy() == pytest.approx(0.3)
    assert found.table["pval"].isna().all()
    assert (found.shares["share"] == 0).all()
    assert "No choice moves the estimate" in found.summary.text


def test_models_beyond_the_number_allowed_are_not_run_and_the_nearest_come_first():
    capped = SENSITIVITY.model_copy(update={"max_models": 3})
    table = multiverse(EFFECTS, "SMD", capped, MODEL).table
    che = table[table["aggregation"] == "che"]
    assert che.loc[che["status"] == "ok", "fit"].nunique() == 3
    assert table.loc[table["main"], "status"].tolist() == ["ok"]
    assert che.loc[che["status"] == "not_run", "reason"].str.contains("max_models").all()


def test_rules_read_flags_truth_values_and_alternatives():
    assert named_rows(EFFECTS, [{"flags": ("zero_cell",)}]).nonzero()[0].tolist() == [4]
    either = Sensitivity(leave_out={"x": [{"adjusted": True}, {"flags": "peak", "study_id": "a"}]}).leave_out["x"]
    assert named_rows(EFFECTS, either).nonzero()[0].tolist() == [0, 2, 6, 10]
    scores = pd.DataFrame({"risk_of_bias": [1.0, 3.0, np.nan]})
    assert named_rows(scores, [{"risk_of_bias": ("3",)}]).tolist() == [False, True, False]


def test_mistakes_are_named_with_the_nearest_word():
    with pytest.raises(UserError, match="nearest is converted_or"):
        multiverse(EFFECTS, "SMD", Sensitivity(leave_out={"x": {"flags": "converted_ors"}}), MODEL)
    with pytest.raises(ValidationError, match="rho is a column"):
        Sensitivity(leave_out={"rho": {"peak": "yes"}})
    with pytest.raises(ValueError, match="no column vi"):
        multiverse(EFFECTS.drop(columns="vi"), "SMD")
    with pytest.raises(ValueError, match="no positive, finite vi: e03"):
        multiverse(EFFECTS.assign(vi=EFFECTS["vi"].where(EFFECTS.index != 3, 0.0)), "SMD")
    note = multiverse(EFFECTS, "SMD", Sensitivity(leave_out={"x": {"adjustd": "yes"}}), MODEL).shares["note"]
    assert note.str.contains("nearest is adjusted").any()


# --- the summary, and the same bytes ---


def test_the_summary_counts_what_the_table_says(found):
    y, s = found.table["estimate"], found.summary
    assert (s.specifications, s.estimated, s.models) == (160, 160, 88)
    assert s.estimate == found.table.loc[found.table["main"], "estimate"].iloc[0]
    assert (s.lowest, s.median, s.highest) == pytest.approx((y.min(), y.median(), y.max()))
    assert s.significant == pytest.approx((found.table["pval"] < 0.05).mean())
    assert s.choice == found.shares.set_index("choice")["share"].drop("interactions").idxmax()
    assert f"“{s.choice}”" in s.text
    assert len(s.to_frame()) == 1


def test_the_order_of_the_rows_does_not_matter_and_progress_is_told(found):
    told = []
    again = multiverse(
        EFFECTS.iloc[::-1], "SMD", SENSITIVITY, MODEL, progress=lambda done, total: told.append((done, total))
    )
    assert again.table.to_csv() == found.table.to_csv()
    assert again.shares.to_csv() == found.shares.to_csv()
    assert told == [(i, 8) for i in range(1, 9)]
