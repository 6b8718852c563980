"""The config: every mistake is named at once, with where it is and what is allowed."""

import datetime
from pathlib import Path

import pytest
import yaml
from metacircuit.config import DIAGNOSTIC_FIGURES, FitSlice, UserError, figures_of, parse_settings

ROOT = Path(__file__).parents[2]
MINIMAL = {
    "review": "mine",
    "title": "T",
    "summary": "S",
    "data": "data/mine",
    "analyses": {"main": {"title": "A", "measure": "SMD"}},
}


def grouped(*groupings: str) -> dict:
    return {"analyses": {"main": {"title": "A", "measure": "SMD", "groupings": list(groupings)}}}


def messages_of(raw: dict | str) -> tuple[str, ...]:
    text = raw if isinstance(raw, str) else yaml.safe_dump(raw)
    with pytest.raises(UserError) as caught:
        parse_settings(text, source="config/mine.yaml")
    return caught.value.messages


def test_the_default_review_is_valid():
    settings = parse_settings((ROOT / "config/nssi.yaml").read_text(encoding="utf-8"), source="config/nssi.yaml")
    assert list(settings.analyses) == [
        *("neural", "psychosocial", "severity", "prevalence", "treatment", "treatment_variance"),
    ]


def test_the_reference_explains_every_key():
    reference = (ROOT / "config/README.md").read_text(encoding="utf-8")
    from metacircuit.config.analysis import Analysis, Axis, Conversion, Derived, Model, Selection
    from metacircuit.config.certainty import Certainty
    from metacircuit.config.figures import Figures, Forest, ForestColumn
    from metacircuit.config.heterogeneity import Heterogeneity
    from metacircuit.config.settings import Settings

    own = (Figures, Forest, ForestColumn, Heterogeneity, Certainty)
    for section in (Settings, Analysis, Selection, Axis, Conversion, Derived, Model, *own):
        for key in section.model_fields:
            assert f"`{key}`" in reference, f"config/README.md does not explain {section.__name__}.{key}"


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ({"tite": "x"}, ["tite: there is no such key", "Did you mean `title`?"]),
        ({"data": None}, ["data", "does not fit"]),
        ({"data": "/etc"}, ["data", "relative to the project folder"]),
        ({"data": "data/../../etc"}, ["data", "stays inside it"]),
        ({"review": "My Review"}, ["review", "'My Review' has characters that are not allowed", "small letters"]),
        ({"model": {"rho": 2}}, ["model.rho", "less than 1"]),
        ({"model": {"method": "RELM"}}, ["model.method", "'REML'"]),
        ({"analyses": {}}, ["analyses", "at least 1"]),
        (grouped("overall"), ["analyses.main", "leave out 'overall'"]),
        (grouped("disorder", "circuit", "disorder"), ["analyses.main", "disorder stands more than once"]),
        (grouped("d:d"), ["analyses.main", "d:d crosses a column with itself"]),
        ({"derived": {"family": {"source": "construct", "lookup": "constructs"}}}, ["derived.family", "come together"]),
        ({"derived": {"f": {"source": "c", "lookup": "nowhere", "take": "x"}}}, ["look up nowhere"]),
    ],
)
def test_a_mistake_is_named_with_its_place(change, parts):
    text = "\n".join(messages_of(MINIMAL | change))
    assert text.startswith("config/mine.yaml: ")
    for part in parts:
        assert part in text


def test_all_mistakes_are_reported_at_once():
    assert len(messages_of({"review": "mine", "titel": "T", "model": {"rho": -1, "tets": "z"}})) >= 6


def test_a_key_that_stands_twice_is_an_error_with_its_line():
    assert "line 2, column 1: the key 'review' stands twice" in messages_of("review: a\nreview: b\n")[0]


def analysis(**settings: object) -> dict:
    return MINIMAL | {"analyses": {"main": {"title": "A", "measure": "SMD"} | settings}}


@pytest.mark.parametrize(
    ("raw", "allowed"),
    [
        (analysis(groupings=["disorder - circuit"]), "a column name, or two joined by a colon such as disorder:"),
        (MINIMAL | {"analyses": {"My Analysis": {"title": "A", "measure": "SMD"}}}, "small letters, digits, - and _"),
        (MINIMAL | {"vocabulary": {"my column": "a.csv"}}, "letters, digits and _, the first a letter"),
        (analysis(take={"where": {"my column": "x"}}), "letters, digits and _, the first a letter"),
    ],
)
def test_a_name_that_does_not_fit_says_which_names_do(raw, allowed):
    message, *_ = messages_of(raw)
    assert f"Allowed: {allowed}" in message


def test_one_printed_statistic_needs_no_list():
    raw = analysis(take={"printed_any": "hr", "printed_none": []})
    (selection,) = parse_settings(yaml.safe_dump(raw), source="x").analyses["main"].take
    assert (selection.printed_any, selection.printed_none) == (("hr",), ())


@pytest.mark.parametrize("text", ["? [a, b]\n: c\n", "? {a: b}\n: c\n", "x: &x [a]\n*x : c\n"])
def test_a_key_that_is_no_word_is_an_error_with_its_line(text):
    (message,) = messages_of(text)
    assert "a key is one word" in message
    assert "line " in message


def test_merge_keys_take_over_settings_and_can_be_replaced():
    text = """
review: mine
title: T
summary: S
data: data/mine
analyses:
  first: &first {title: A, measure: SMD, model: &model {method: DL, rho: 0.5}}
  second: &second {<<: *first, title: B, model: {<<: *model, rho: 0.8}}
  third: {<<: *second, title: C}
"""
    analyses = parse_settings(text, source="x").analyses
    assert [a.title for a in analyses.values()] == ["A", "B", "C"]
    assert (analyses["third"].model.method, analyses["third"].model.rho) == ("DL", 0.8)
    assert "the key '<<' stands twice" in messages_of("a: &a {b: c}\nd: {<<: *a, <<: *a}\n")[0]


@pytest.mark.parametrize("text", ["", "just words", "- a\n- b", "a: [", "a: !!python/object/apply:os.system ['true']"])
def test_a_text_that_is_no_config_is_a_message(text):
    assert messages_of(text)[0].startswith("config/mine.yaml: ")


def test_an_analysis_overrides_single_settings_of_the_model():
    raw = MINIMAL | {
        "model": {"method": "DL", "rho": 0.5},
        "analyses": {"main": {"title": "A", "measure": "SMD", "model": {"rho": 0.8}}},
    }
    model = FitSlice.of(parse_settings(yaml.safe_dump(raw), source="x"), "main").model
    assert (model.method, model.rho) == ("DL", 0.8)


def test_figures_follow_from_the_groupings():
    raw = MINIMAL | {"analyses": {"main": {"title": "A", "measure": "SMD", "groupings": ["a", "a:b"]}}}
    settings = parse_settings(yaml.safe_dump(raw), source="x")
    assert figures_of(settings.analyses["main"]) == (
        *("forest_a", "forest_a-b", "map_a-b", "orchard_a", "matrix_a-b", "caterpillar"),
        *DIAGNOSTIC_FIGURES,
    )
    assert figures_of(parse_settings(yaml.safe_dump(MINIMAL), source="x").analyses["main"]) == (
        *("forest_overall", "orchard_overall", "caterpillar"),
        *DIAGNOSTIC_FIGURES,
    )


@pytest.mark.parametrize(("word", "kind"), [(296, "number"), (1.5, "number"), (datetime.date(2020, 1, 2), "date")])
def test_a_word_that_yaml_reads_as_something_else_is_one_clear_message(word, kind):
    analysis = {"title": "A", "measure": "SMD", "take": {"where": {"disorder": word}}}
    (message,) = messages_of(MINIMAL | {"analyses": {"main": analysis}})
    assert f"analyses.main.take.where.disorder: {word} is read as a {kind}" in message
    assert f'with quotes, such as "{word}"' in message
