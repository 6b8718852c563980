import pytest
from metacircuit.config import Analysis, PlotSlice, UserError, figures_of, validate_settings
from metacircuit.config.figures import Figures

REVIEW = {
    "review": "x",
    "title": "T",
    "summary": "S",
    "data": "data/x",
    "analyses": {"a": {"title": "A", "measure": "OR", "groupings": ["disorder", "disorder:circuit"]}},
}
DIAGNOSTIC = 8


def names(**wanted):
    analysis = Analysis(title="A", measure="OR", groupings=("disorder", "disorder:circuit"))
    return figures_of(analysis, Figures(**wanted))[:-DIAGNOSTIC]


def test_by_default_groupings_are_forests_and_orchards_and_crossed_ones_maps_and_matrices():
    assert names() == (
        *("forest_disorder", "forest_disorder-circuit", "map_disorder-circuit"),
        *("orchard_disorder", "matrix_disorder-circuit", "caterpillar"),
    )


def test_what_is_asked_for_is_drawn_and_nothing_else():
    assert names(draw=["bubble", "labbe", "funnel_panels"], moderators=["year", "mean_age"]) == (
        *("bubble_year", "bubble_mean_age"),
        *("labbe", "funnel_disorder"),
    )


def test_an_analysis_without_groupings_has_one_of_each():
    found = figures_of(Analysis(title="A", measure="SMD"))[:-DIAGNOSTIC]
    assert found == ("forest_overall", "orchard_overall", "caterpillar")


def test_a_labbe_plot_is_for_counts():
    assert "labbe" not in figures_of(Analysis(title="A", measure="SMD"), Figures(draw=("labbe",)))
    analyses = {"a": REVIEW["analyses"]["a"] | {"measure": "SMD", "figures": {"draw": ["labbe"]}}}
    with pytest.raises(UserError, match="leave it out of a"):
        validate_settings(REVIEW | {"analyses": analyses}, source="config/x.yaml")


def test_an_unknown_kind_is_named_with_the_nearest_one():
    with pytest.raises(UserError, match="orchard"):
        validate_settings(REVIEW | {"figures": {"draw": ["orcard"]}}, source="config/x.yaml")


def test_tables_for_figures_are_made_only_where_a_figure_needs_them():
    def tables(**wanted):
        return PlotSlice.of(validate_settings(REVIEW | {"figures": wanted}, source="config/x.yaml"), "a").tables

    assert tables() == ()
    assert tables(draw=["funnel_panels"]) == ("funnels",)
    assert tables(draw=["bubble", "funnel_panels"]) == ("points", "predictions", "slopes", "funnels")
