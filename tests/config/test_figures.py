import pytest
from metacircuit.config import FigureSlice, UserError, validate_settings
from metacircuit.config.figures import Figures, Forest
from pydantic import ValidationError


def settings_of(own=None, review=None):
    analysis = {"title": "A", "measure": "SMD"} | ({"figures": own} if own else {})
    raw = {"review": "mine", "title": "T", "summary": "S", "data": "data/mine", "analyses": {"main": analysis}}
    return validate_settings(raw | ({"figures": review} if review else {}), source="x")


def test_an_analysis_overrides_single_keys_of_the_review():
    review = {"preset": "nature", "width": 120, "forest": {"left": ["year"], "sort": "-year"}}
    settings = settings_of({"theme": "dark", "forest": {"sort": ["yi"]}}, review)
    look = FigureSlice.of(settings, "main").look
    assert (look.preset, look.width, look.theme, look.forest.sort) == ("nature", 120.0, "dark", ("yi",))
    assert [column.column for column in look.forest.left] == ["year"]
    assert look.forest.right is None


def test_a_slice_survives_its_journey_as_json():
    spec = FigureSlice.of(settings_of({"forest": {"left": [{"text": "{a}/{b}", "heading": "x"}]}}), "main")
    assert FigureSlice.model_validate_json(spec.model_dump_json()) == spec


def test_only_columns_that_the_results_lack_are_asked_of_the_sheets():
    forest = Forest(left=["n1", "weight", {"text": "{e1}/{n1}", "heading": "E"}], sort="-year", group="country")
    assert forest.coded == ("n1", "e1", "year", "country")
    assert Forest(left="effects", sort=["-weight", "study_label"]).coded == ()


@pytest.mark.parametrize(
    ("wrong", "parts"),
    [
        ({"preset": "natur"}, ["preset", "'nature'"]),
        ({"width": "wide"}, ["single, middle or double"]),
        ({"width": 20}, ["60"]),
        ({"dpi": 5000}, ["1200"]),
        ({"forest": {"left": [{"text": "n/N", "heading": "x"}]}}, ["names columns in braces"]),
        ({"forest": {"left": [{"text": "{a.__class__}", "heading": "x"}]}}, ["names columns in braces"]),
        ({"forest": {"left": [{"text": "{a}"}]}}, ["needs a `heading`"]),
        ({"forest": {"left": [{"column": "a", "text": "{a}", "heading": "x"}]}}, ["either `column` or `text`"]),
        ({"forest": {"sort": "--year"}}, ["sort"]),
        ({"forest": {"most_rows": 10**6}}, ["5000"]),
        ({"fonts": "big"}, ["fonts"]),
    ],
)
def test_what_is_not_allowed_is_named(wrong, parts):
    with pytest.raises(UserError) as caught:
        settings_of(wrong)
    message = " ".join(caught.value.messages)
    assert "figures" in message
    for part in parts:
        assert part in message


def test_the_defaults_are_the_look_of_the_figures_without_a_config():
    assert Figures() == Figures.model_validate({})
    with pytest.raises(ValidationError):
        Figures(theme="sepia")
