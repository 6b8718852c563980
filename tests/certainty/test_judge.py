"""From tables to a level: weights, targets, overrides, the summary of findings and the checklist."""

import numpy as np
import pandas as pd
import pytest
from metacircuit.certainty.evidence import asymmetry, share_outside, weights_of
from metacircuit.certainty.judge import Tables, judge
from metacircuit.certainty.overrides import check_overrides, parse_yaml
from metacircuit.certainty.prisma import as_markdown, checklist
from metacircuit.certainty.target import check_target
from metacircuit.config import CertaintyOf, UserError
from metacircuit.config.certainty import Certainty
from metacircuit.tables.findings import findings, findings_page

STUDIES = [f"s{i}" for i in range(12)]
EXACT = 1e-12


def spec(**more):
    given = {"analysis": "main", "title": "<b>Main</b>", "measure": "SMD", "groupings": ("disorder",), "sesoi": 0.2}
    return CertaintyOf(**(given | {"certainty": Certainty(), "power": 80.0, "level": 95.0} | more))


def tables():
    effects = pd.DataFrame(
        {
            "study_id": [*STUDIES, "s0"],
            "status": "analysed",
            "disorder": "ptsd",
            "population": ["adult"] * 9 + ["adolescent"] * 3 + [""],
        }
    )
    estimate = {
        "analysis": "main", "grouping": "overall", "stratum": "overall", "label": "All studies", "k": 13, "studies": 12,
        "participants": 1200.0, "estimate": 0.5, "ci_lb": 0.4, "ci_ub": 0.6, "pi_lb": 0.3, "pi_ub": 0.7, "tau2": 0.01,
        "natural": 0.5, "natural_lb": 0.4, "natural_ub": 0.6, "natural_pi_lb": 0.3, "natural_pi_ub": 0.7,
        "scale": "standardised mean difference", "status": "ok", "reason": "", "level": 95.0,
    }  # fmt: skip
    few = estimate | {
        "grouping": "disorder",
        "stratum": "adhd",
        "label": "ADHD",
        "status": "too_few",
        "reason": "1 study",
    }
    combined = pd.DataFrame(
        {"grouping": "overall", "stratum": "overall", "study_id": STUDIES, "weight": 100 / 12, "vi": 0.01}
    )
    return Tables(effects, combined, pd.DataFrame([estimate, few]), None)


def rob(level):
    return pd.DataFrame({"study_id": STUDIES, "domain": "overall", "level": level})


def judged(overrides=(), level="low", **more):
    return judge(spec(**more), tables(), rob(level), overrides)


def test_sound_randomised_evidence_stays_high_and_each_step_is_counted():
    randomised = Certainty(design="randomised")
    assert judged(certainty=randomised)[0]["final"] == "high"
    assert judged(certainty=randomised, level="some")[0]["final"] == "moderate"
    assert judged(certainty=randomised, level="high")[0]["final"] == "low"
    assert judged()[0]["final"] == "low"
    assert judged(certainty=Certainty(design="observational", start="high"))[0]["final"] == "high"
    aimed = Certainty(design="randomised", target={"population": ("adult",)})
    row = judged(certainty=aimed)[0]
    # Three of twelve studies are of adolescents, and half of one is of an unknown age.
    assert "29% of the weight outside the target" in row["indirectness_reason"]
    assert row["final"] == "moderate"


def test_a_stratum_that_is_not_pooled_has_its_reason_and_no_level():
    row = judged()[1]
    assert (row["status"], row["reason"]) == ("too_few", "1 study")
    assert "final" not in row


def override(**more):
    entry = {"analysis": "main", "domain": "risk_of_bias", "rating": "very serious", "name": "A. Rater", "reason": "x"}
    return check_overrides([entry | more], [("main", "overall", "overall")], source="certainty.yaml")


def test_an_override_changes_the_final_level_and_keeps_the_computed_one():
    randomised = Certainty(design="randomised")
    row = judged(override(), certainty=randomised)[0]
    assert (row["computed"], row["final"]) == ("high", "low")
    assert row["override"] == "risk_of_bias: not serious → very serious"
    assert (row["override_by"], row["override_reason"]) == ("A. Rater", "x")
    row = judged(override(domain="certainty", rating="moderate"), certainty=randomised)[0]
    assert (row["computed"], row["final"]) == ("high", "moderate")


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"analysis": "mian"}, "Did you mean 'main'"),
        ({"stratum": "ptsd"}, "no stratum 'ptsd'"),
        ({"domain": "bias"}, "no domain 'bias'"),
        ({"rating": "serius"}, "Did you mean 'serious'"),
        ({"domain": "certainty"}, "no rating 'very serious'"),
        ({"name": ""}, "name is missing. Say who decided."),
        ({"reason": None}, "reason is missing. Say why."),
        ({"by": "me"}, "no key 'by'"),
    ],
)
def test_a_wrong_override_is_named(change, part):
    with pytest.raises(UserError, match=r"certainty.yaml: entry 1") as caught:
        override(**change)
    assert part in str(caught.value)


def test_two_overrides_of_one_domain_and_other_files_are_refused():
    entry = {"analysis": "main", "domain": "imprecision", "rating": "serious", "name": "A", "reason": "x"}
    with pytest.raises(UserError, match="decided twice"):
        check_overrides([entry, entry], [("main", "overall", "overall")], source="c")
    for text in ("a: 1", "- 1", "[", "just text"):
        with pytest.raises(UserError, match="Write a list of entries"):
            parse_yaml(text, source="c")
    assert parse_yaml("", source="c") == []


def test_weights_are_the_model_s_or_follow_from_the_variances():
    table = pd.DataFrame({"study_id": ["a", "b"], "weight": [25.0, 75.0], "vi": [1.0, 1.0]})
    assert weights_of(table, 0.0).tolist() == [0.25, 0.75]
    without = table.assign(weight=np.nan, vi=[1.0, 3.0])
    assert weights_of(without, 1.0).tolist() == pytest.approx([2 / 3, 1 / 3], abs=EXACT)


def test_a_blank_word_is_outside_the_target():
    effects = pd.DataFrame({"study_id": ["a", "a", "b"], "population": ["adult", "", "adult"]})
    assert share_outside(effects, pd.Series({"a": 0.6, "b": 0.4}), {"population": ("adult",)}) == pytest.approx(0.3)
    assert share_outside(effects, pd.Series({"a": 0.6, "b": 0.4}), {}) is None


def test_a_target_that_does_not_exist_is_named():
    words = {"population": pd.DataFrame({"id": ["adult", "adolescent"]})}
    wrong = spec(certainty=Certainty(target={"population": ("adlut",), "popul": ("x",)}))
    with pytest.raises(UserError) as caught:
        check_target([wrong], {"main": tables().effects}, words)
    assert len(caught.value.messages) == 2
    assert "Did you mean 'adult'" in str(caught.value)


def test_corrections_count_where_they_move_towards_no_effect():
    rows = pd.DataFrame(
        {
            "method": ["che", "egger", "trimfill", "selmodel", "worst_case", "pet"],
            "family": ["reference", "test", "correction", "correction", "correction", "correction"],
            "estimate": [-0.5, np.nan, -0.1, -0.9, 0.0, 0.3],
            "pval": [0.1, 0.04, 0.1, 0.1, 0.1, 0.1],
            "status": ["ok", "ok", "ok", "ok", "ok", "too_few"],
        }
    )
    tests, shifts, few = asymmetry(rows, 12)
    assert tests.tolist() == [0.04]
    assert shifts.tolist() == pytest.approx([0.4, -0.4], abs=EXACT)
    assert not few
    assert asymmetry(rows, 9)[2]


def test_the_summary_of_findings_says_why_and_escapes_what_it_is_given():
    rows = pd.DataFrame(judged(override()))
    table = findings(rows.fillna({"status": ""}), {"main": tables().estimates}, {"main": "<b>Main</b>"})
    assert table["certainty"].tolist() == ["very low"]
    assert table["why"].iloc[0].startswith("starts at low (design: not stated")
    assert table["override"].iloc[0].endswith("by A. Rater: x")
    page = findings_page("T", table)
    assert "&lt;b&gt;Main&lt;/b&gt;" in page
    assert "⊕◯◯◯" in page


def items():
    columns = ["item", "section", "topic", "asks", "where", "needs"]
    lines = [
        ("1", "Title", "Title", "a", "manuscript", "author"),
        ("9", "Methods", "Data", "b", "data/REVIEW/README.md; provenance.jsonl", "partly"),
        ("10a", "Methods", "Outcomes", "c", "data/REVIEW/README.md", "always"),
        ("12", "Methods", "Measures", "d", "estimates/ANALYSIS.csv", "always"),
        ("16a", "Results", "Flow", "e", "data/REVIEW/screening.csv", "screening"),
    ]
    return pd.DataFrame(lines, columns=columns)


def test_the_checklist_says_where_and_what_is_left_to_do():
    found = checklist(items(), review="r", analyses=["m"], present=set(), absent={"data/r/README.md"}).set_index("item")
    assert found["status"].to_dict() == {
        "1": "author", "9": "partly", "10a": "missing", "12": "answered", "16a": "missing",
    }  # fmt: skip
    assert found.loc["9", "where"] == "provenance.jsonl"
    assert found.loc["12", "where"] == "estimates/m.csv"
    assert "data/r/screening.csv" in found.loc["16a", "note"]
    answers = pd.DataFrame({"item": ["1", "16A"], "where": ["p. 1", "figure 1"]})
    done = checklist(items(), review="r", analyses=["m"], present=set(), answers=answers).set_index("item")
    assert done.loc["1", ["status", "where"]].tolist() == ["answered", "p. 1"]
    assert done.loc["16a", "where"] == "figure 1"
    assert as_markdown(done.reset_index(), "T").count("\n| ") == 2 + len(done)


def test_answers_to_items_that_do_not_exist_are_named():
    answers = pd.DataFrame({"item": ["10", "1", "1"], "where": "x"}, index=[2, 3, 4])
    with pytest.raises(UserError) as caught:
        checklist(items(), review="r", analyses=["m"], present=set(), answers=answers)
    assert len(caught.value.messages) == 2
    assert "row 2" in str(caught.value)
