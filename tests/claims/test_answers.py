"""Claims answered from a small review whose truth is known."""

import math

import numpy as np
import pandas as pd
import pytest
from metacircuit.claims.answer import answer, answers
from metacircuit.claims.table import CLAIMS, DIFFERENCES, claims_table, differences_table
from metacircuit.config import UserError

BOTH = {("bpd", "pain"): 0.8, ("bpd", "reward"): 0.8, ("mdd", "pain"): 0.1, ("mdd", "reward"): 0.1}
CROSSED = BOTH | {("mdd", "reward"): 0.8}


def one(results, cited, **changes):
    return answer(cited(**changes), results)


def test_a_stratum_is_read_from_the_table_of_estimates(results_of, effects, cited):
    results = results_of(effects(BOTH))
    found = one(results, cited)
    row = results["neural"].estimates.query("grouping == 'disorder' and stratum == 'bpd'").iloc[0]
    assert (found.evidence.estimate, found.evidence.ci_lb) == (row["estimate"], row["ci_lb"])
    assert found.judged.verdict.value == "supported"
    against = one(results, cited, contrast={"test": "stratum", "stratum": "mdd"})
    assert against.judged.verdict.value == "contradicted"


def test_a_part_of_a_stratum_is_fitted_by_the_same_model(results_of, effects, cited):
    rows = effects(BOTH)
    part = {"test": "stratum", "stratum": "bpd", "where": {"modality": ["fmri"]}}
    found = one(results_of(rows), cited, contrast=part)
    alone = results_of(rows[rows["modality"] == "fmri"])
    row = alone["neural"].estimates.query("grouping == 'disorder' and stratum == 'bpd'").iloc[0]
    assert found.evidence.k == 12
    assert found.evidence.estimate == pytest.approx(row["estimate"], rel=1e-6)
    left = {"test": "stratum", "stratum": "bpd", "unless": {"modality": ["eeg"]}}
    assert one(results_of(rows), cited, contrast=left).evidence == found.evidence


def test_strata_that_differ_and_strata_that_do_not(results_of, effects, cited):
    results = results_of(effects(BOTH))
    between = one(results, cited, contrast={"test": "between"}, direction="two_sided")
    assert between.judged.verdict.value == "supported"
    assert between.evidence.pval == results["neural"].contrasts["pval"][0]
    (difference,) = between.evidence.differences
    assert difference.estimate == pytest.approx(0.7, abs=0.01)
    same = results_of(effects(dict.fromkeys(BOTH, 0.5)))
    alike = one(same, cited, contrast={"test": "between"}, direction="two_sided")
    assert alike.judged.verdict.value == "contradicted"


def test_within_a_word_of_the_other_factor(results_of, effects, cited):
    results = results_of(effects(CROSSED))
    within = {"test": "between", "within": "reward"}
    found = one(results, cited, grouping="disorder:circuit", contrast=within, direction="two_sided")
    assert found.judged.verdict.value == "contradicted"
    within = {"test": "between", "within": "pain"}
    found = one(results, cited, grouping="disorder:circuit", contrast=within, direction="two_sided")
    assert found.judged.verdict.value == "supported"


def test_pairs_are_first_less_second(results_of, effects, cited):
    results = results_of(effects(BOTH))
    first = one(results, cited, contrast={"test": "pairs", "pairs": [["bpd", "mdd"]]})
    second = one(results, cited, contrast={"test": "pairs", "pairs": [["mdd", "bpd"]]})
    assert first.judged.verdict.value == "supported"
    assert second.judged.verdict.value == "contradicted"
    assert second.evidence.estimate == -first.evidence.estimate
    assert second.evidence.ci_lb == -first.evidence.ci_ub


def test_one_pair_is_enough_against_a_claim_about_several(results_of, effects, cited):
    results = results_of(effects(BOTH))
    found = one(results, cited, contrast={"test": "pairs", "pairs": [["mdd", "bpd"], ["mdd", "anx"]]})
    assert found.judged.verdict.value == "contradicted"
    found = one(results, cited, contrast={"test": "pairs", "pairs": [["bpd", "mdd"], ["bpd", "anx"]]})
    assert found.judged.verdict.value == "not testable"
    assert found.evidence.missing == ("at least 3 studies of anx; found: no effect",)


@pytest.mark.parametrize(("means", "verdict"), [(BOTH, "contradicted"), (CROSSED, "supported")])
def test_the_interaction_is_what_no_sum_of_main_effects_gives(results_of, effects, cited, means, verdict):
    contrast, grouping = {"test": "interaction"}, "disorder:circuit"
    found = one(results_of(effects(means)), cited, grouping=grouping, contrast=contrast, direction="two_sided")
    assert found.judged.verdict.value == verdict
    (tetrad,) = found.evidence.differences
    assert tetrad.label == "Borderline − Depression, in Pain − in Reward"
    assert tetrad.estimate == pytest.approx(0.0 if means is BOTH else 0.7, abs=0.01)


def test_an_interaction_without_four_cells_cannot_be_tested(results_of, effects, cited):
    rows = effects({cell: mean for cell, mean in BOTH.items() if cell != ("mdd", "reward")})
    contrast, grouping = {"test": "interaction"}, "disorder:circuit"
    found = one(results_of(rows), cited, grouping=grouping, contrast=contrast, direction="two_sided")
    assert found.judged.verdict.value == "not testable"
    assert "whose four cells have 3 studies each" in found.evidence.missing[0]


def test_a_moderator_is_a_slope_per_so_many_units(results_of, effects, cited):
    rows = effects(BOTH)
    rows["yi"] = 0.1 * rows["dose"] + np.random.default_rng(1).normal(0, 0.02, len(rows))
    slope = {"test": "moderator", "moderator": "dose"}
    each = one(results_of(rows), cited, grouping="overall", contrast=slope).evidence
    ten = one(results_of(rows), cited, grouping="overall", contrast=slope | {"per": 10}).evidence
    assert each.estimate == pytest.approx(0.1, abs=0.01)
    assert ten.ci_lb == pytest.approx(10 * each.ci_lb)
    rows["dose"] = 1.0
    same = one(results_of(rows), cited, grouping="overall", contrast=slope)
    assert same.judged.verdict.value == "not testable"
    words = {"test": "moderator", "moderator": "modality"}
    with pytest.raises(UserError, match="not a column of numbers"):
        one(results_of(rows), cited, grouping="overall", contrast=words)


def test_counts_and_spreads_are_not_a_matter_of_certainty(results_of, effects, cited):
    rated = pd.DataFrame(
        [["neural", "disorder", "bpd", "very low"]], columns=["analysis", "grouping", "stratum", "certainty"]
    )
    results = results_of(effects(BOTH), rated)
    count = {"test": "count", "stratum": "bpd"}
    ten = {"value": 20, "scale": "studies", "reason": "Enough."}
    found = one(results, cited, contrast=count, direction="negative", sesoi=ten)
    assert (found.evidence.estimate, found.judged.verdict.value) == (12.0, "supported")
    found = one(results, cited, contrast={"test": "heterogeneity", "stratum": "bpd"})
    assert found.judged.verdict.value == "contradicted"
    effect = one(results, cited)
    assert (effect.judged.verdict.value, effect.judged.by_numbers.value) == ("inconclusive", "supported")
    part = {"test": "stratum", "stratum": "bpd", "where": {"modality": ["fmri"]}}
    assert one(results, cited, contrast=part).evidence.certainty == ""


def test_what_is_missing_is_said_with_what_is_there(results_of, effects, cited):
    rows = effects(BOTH)
    few = rows[~((rows["disorder"] == "bpd") & ~rows["study_id"].isin(["bpd-pain-0", "bpd-pain-1"]))].copy()
    few.loc[few["study_id"] == "bpd-pain-1", ["status", "yi"]] = ["bound", np.nan]
    found = one(results_of(few), cited, needs=["more studies"])
    assert found.judged.verdict.value == "not testable"
    there = "2 effects of 1 study, and 2 results of which only a bound is printed"
    assert found.evidence.missing == (f"at least 3 studies; found: {there}", "more studies")
    assert math.isnan(found.evidence.estimate)
    absent = one(results_of(few), cited, analysis="other", needs=["an analysis `other`"])
    assert absent.evidence.missing == ("an analysis `other`",)


def test_an_unknown_column_is_a_message_with_the_nearest(results_of, effects, cited):
    part = {"test": "stratum", "stratum": "bpd", "where": {"modalty": ["fmri"]}}
    with pytest.raises(UserError, match="Did you mean 'modality'"):
        one(results_of(effects(BOTH)), cited, contrast=part)


def test_every_model_compares_strata(results_of, effects, cited):
    rows = effects(BOTH)
    rows = rows[rows["modality"] == "fmri"]
    results = results_of(rows)
    found = one(results, cited, contrast={"test": "between"}, direction="two_sided")
    assert found.evidence.method == "random effects, common tau2"
    assert found.judged.verdict.value == "supported"
    contrast, grouping = {"test": "interaction"}, "disorder:circuit"
    crossed = one(results, cited, grouping=grouping, contrast=contrast, direction="two_sided")
    assert crossed.judged.verdict.value == "contradicted"
    with_bounds = results_of(rows, bounds="censored")
    assert (
        "without the bounds"
        in one(with_bounds, cited, contrast={"test": "between"}, direction="two_sided").evidence.notes[-1]
    )


def test_the_tables_have_their_columns(results_of, effects, cited):
    found = answers(
        [cited(), cited(id="doc.other", analysis="x", needs=["an analysis `x`"])], results_of(effects(BOTH))
    )
    assert tuple(claims_table(found).columns) == CLAIMS
    assert tuple(differences_table(found).columns) == DIFFERENCES
    assert list(claims_table(found)["verdict"]) == ["supported", "not testable"]
