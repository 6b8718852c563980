"""What a config asks of the sheets and they do not have is named, with the nearest that they do have."""

import pandas as pd
import pytest
from metacircuit.cli.checking import check_review
from metacircuit.config import CheckSlice, HarmoniseSlice, UserError, validate_settings
from metacircuit.effects.select import selected

SHEET = """effect_id,study_id,domain,disorder,construct,n1,n2,d,direction,peak
a.1,a,neural,depression,trauma:neglect,20,20,0.5,1,no
b.1,b,neural,bpd,trauma:abuse,25,25,0.4,-1,no
"""
WORDS = {
    "domain": pd.DataFrame({"id": ["neural", "treatment"], "label": ["Neural", "Treatment"]}),
    "construct": pd.DataFrame(
        {"id": ["trauma", "sleep"], "label": ["Trauma", "Sleep"], "family": ["adversity", "body"]}
    ),
}
DERIVED = {"family": {"source": "construct", "part": "before", "lookup": "construct", "take": "family"}}


@pytest.fixture
def check(tmp_path):
    (tmp_path / "studies.csv").write_text("study_id,first_author,year\na,Li,2020\nb,Wu,2021\n")
    (tmp_path / "effects.csv").write_text(SHEET)

    def run(**analyses):
        spec = CheckSlice.of(settings_of(analyses))
        return check_review(tmp_path, CheckSlice.model_validate_json(spec.model_dump_json()), WORDS)

    return run


def settings_of(analyses: dict):
    raw = {"review": "mine", "title": "T", "summary": "S", "data": "data/mine", "derived": DERIVED}
    raw["vocabulary"] = {name: f"config/{name}.csv" for name in WORDS}
    raw["analyses"] = {name: {"title": "A", "measure": "SMD"} | own for name, own in analyses.items()}
    return validate_settings(raw, source="x")


def test_what_the_sheets_have_or_may_have_is_accepted(check):
    checked = check(
        main={
            "take": [
                {"where": {"domain": ["neural", "treatment"], "disorder": "bpd"}},
                {"where": {"direction": "1"}, "unless": {"family": "body", "peak": True, "include": "no"}},
            ],
            "groupings": ["disorder", "family:disorder", "route"],
        }
    )
    assert list(checked.effects["family"]) == ["adversity", "adversity"]


@pytest.mark.parametrize(
    ("own", "parts"),
    [
        (
            {"take": {"where": {"domain": "neurl"}}},
            ["analyses.main: ", "'domain' has no word 'neurl'", "mean 'neural'?", "Allowed: neural, treatment."],
        ),
        ({"take": {"unless": {"family": "bdy"}}}, ["'family' has no word 'bdy'", "mean 'body'?"]),
        ({"take": {"unless": {"disorder": "bpt"}}}, ["'disorder' has no word 'bpt'", "Allowed: bpd, depression."]),
        ({"take": {"where": {"circuit": "reward"}}}, ["'circuit' has no word 'reward'", "the column is empty"]),
        ({"take": {"where": {"domain": "treatment"}}}, ["analyses.main takes no row: none of the 2 rows"]),
        ({"groupings": ["disordr"]}, ["analyses.main.groupings: ", "no column 'disordr'", "mean 'disorder'?"]),
        ({"groupings": ["family:circus"]}, ["no column 'circus'"]),
        (
            {"figures": {"forest": {"left": ["participants", "yeer"], "sort": "-weight"}}},
            ["analyses.main: figures.forest: neither effects nor studies has a column 'yeer'", "mean 'year'?"],
        ),
    ],
)
def test_what_they_do_not_have_is_named(check, own, parts):
    with pytest.raises(UserError) as caught:
        check(main=own)
    (message,) = caught.value.messages
    for part in parts:
        assert part in message


def test_all_mistakes_are_reported_at_once(check):
    with pytest.raises(UserError) as caught:
        check(one={"take": {"where": {"domain": ["nural", "x"]}}, "groupings": ["nope"]}, two={"groupings": ["nope"]})
    assert [m.split(":")[0] for m in caught.value.messages] == ["analyses.one"] * 2 + [
        "analyses.one.groupings",
        "analyses.two.groupings",
    ]


def test_one_selection_with_rows_is_enough(check):
    check(main={"take": [{"where": {"domain": "treatment"}}, {"where": {"domain": "neural"}}]})


def test_a_sheet_with_errors_is_told_of_first(check, tmp_path):
    (tmp_path / "effects.csv").write_text(SHEET.replace("neural", "nural"))
    assert check(main={"take": {"where": {"domain": "neural"}}}).problems["severity"].eq("error").any()


def test_without_vocabularies_a_selection_is_taken_as_it_is():
    wanted = HarmoniseSlice.of(settings_of({"main": {"take": {"where": {"domain": "later"}}}}), "main")
    assert not selected(pd.DataFrame({"domain": ["neural"]}), wanted).any()


def test_a_grouping_that_stands_with_the_studies_is_told_where_it_belongs(check):
    with pytest.raises(UserError, match=r"'first_author'\. It is a column of studies; groupings need it in effects"):
        check(main={"groupings": ["first_author"]})
