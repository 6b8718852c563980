import time

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Circle
from matplotlib.text import Text
from metacircuit.config import UserError
from metacircuit.figures.alt import forest_alt
from metacircuit.figures.forest import forest, forest_pages
from metacircuit.figures.forest_coded import with_coded
from metacircuit.figures.forest_columns import Column
from metacircuit.figures.forest_plan import plan_forest
from metacircuit.figures.forest_table import Kind
from metacircuit.figures.style import DEFAULT, Style, TooNarrowError
from metacircuit.figures.typeface import width

INK = 1.5
"""Points: the box of a text is that of its ink, which is narrower than its advance by the space beside its letters."""


def texts(figure):
    return [artist.get_text() for artist in figure.findobj(Text)]


def where(figure, string):
    """Left edges of a text on the page in points."""
    return [artist.get_position()[0] for artist in figure.findobj(Text) if artist.get_text() == string]


@pytest.fixture
def coded(make_tables):
    tables = make_tables((("dep", 5), ("bpd", 4)))
    rows = tables.rows.assign(
        year=[2012.0, 2001.0, np.nan, 2020.0, 2005.0, 2011.0, 2003.0, 2019.0, 2002.0],
        country=["UK", "China", "China", "", "UK", "Chile", "UK", "Chile", "UK"],
        events1=range(9),
        total1=range(30, 39),
        rob=["low", "high", "some concerns", "critical", "no information", "Low", "low", "moderate", "serious"],
    )
    return rows, tables.estimates, tables.contrast


def test_columns_stand_on_the_side_and_in_the_order_that_was_asked_for(coded):
    ratio = Column("n", "NSSI, n/N", template="{events1}/{total1}")
    figure = forest(*coded, left=["estimate", ratio, "country"], right=["weight", "year"])
    heads = ["Study", "SMD [95% CI]", "NSSI, n/N", "Country", "Weight, %", "Year"]
    edges = [where(figure, head)[0] for head in heads]
    assert edges == sorted(edges)
    assert {"0/30", "8/38", "China", "2012"} <= set(texts(figure))
    assert "Participants" not in texts(figure)
    plot = figure.axes[0].get_position()
    assert where(figure, "Country")[0] < plot.x0 * DEFAULT.width < plot.x1 * DEFAULT.width < where(figure, "Year")[0]


def test_a_forest_plot_without_the_estimate_in_figures(coded):
    figure = forest(*coded, left=["year"], right=[])
    assert not [text for text in texts(figure) if "CI" in text or text.startswith("[")]


def test_numbers_stand_at_their_decimal_points(coded, boxes):
    rows, estimates, contrast = coded
    rows = rows.assign(dose=[0.5, 12.25, 3, 100, 7.125, 1, 2, 3, 4.5])
    found = dict(boxes(forest(rows, estimates, contrast, left=["dose"], right=["estimate"])))
    # The integer part of one and the decimals of another meet at the point: 100|  and 12|.25 and 7|.125
    point = found["100"][2]
    assert found["12.25"][2] - point == pytest.approx(width(".25", DEFAULT.body), abs=INK)
    assert found["7.125"][2] - point == pytest.approx(width(".125", DEFAULT.body), abs=INK)


def test_judgements_are_dots_with_signs_and_a_key(coded):
    figure = forest(*coded, right=["estimate", Column("rob", "D1")])
    assert len([patch for patch in figure.findobj(Circle) if patch.get_radius() > 3]) == 9
    assert "Dots: + low; − moderate, some concerns; × high, serious; ! critical; ? no information." in texts(figure)
    assert "some concerns" not in texts(figure)


@pytest.mark.parametrize(
    ("keys", "first"), [("-year", 2020.0), ("year", 2001.0), (["country", "-year"], 2001.0), (["-yi"], None)]
)
def test_studies_are_sorted_within_their_stratum(coded, keys, first):
    rows, estimates, contrast = coded
    plan = plan_forest(rows, estimates, contrast, sort=keys)
    labels = [placed.line.label for placed in plan.lines if placed.line.kind is Kind.STUDY]
    by_label = rows.set_index("study_label")
    expected = by_label.loc[rows["study_label"][:5], "yi"].idxmax() if first is None else None
    assert labels[0] == expected if first is None else by_label.loc[labels[0], "year"] == first
    assert sorted(labels[:5]) == sorted(rows["study_label"][:5])
    if keys == "-year":
        assert np.isnan(by_label.loc[labels[4], "year"])  # what is missing stands last in either direction


def test_words_of_a_column_become_headings_within_each_stratum(coded):
    plan = plan_forest(*coded, group="country")
    heads = [placed.line.label for placed in plan.lines if placed.line.kind is Kind.SUBHEAD]
    assert heads == ["China", "UK", "Not coded", "Chile", "UK"]
    assert sum(placed.line.kind is Kind.STUDY for placed in plan.lines) == 9
    low = Style(page_height_mm=60)
    for page in plan_forest(*coded, group="country", style=low).pages():
        assert page[-1].line.kind not in (Kind.GROUP, Kind.SUBHEAD)


def test_narrow_pages_break_headings_and_texts_before_they_refuse(coded, boxes):
    rows, estimates, contrast = coded
    rows = rows.assign(country="United States of America")
    figure = forest(rows, estimates, contrast, left=["participants", "country"], style=Style(width_mm=126))
    found = boxes(figure)
    assert "United States of America" not in dict(found)
    assert max(box[2] for _, box in found) <= figure.get_figwidth() * 72
    asked = {"left": ["participants", "country"], "right": ["estimate"]}
    with pytest.raises(TooNarrowError, match="80 mm is too narrow for a forest plot with the columns part") as caught:
        forest(rows, estimates, contrast, **asked, style=Style(width_mm=80))
    enough = float(str(caught.value).rsplit(maxsplit=2)[1])
    assert forest(rows, estimates, contrast, **asked, style=Style(width_mm=enough)).axes


def test_the_usual_columns_give_way_where_there_is_no_room_for_them(coded):
    written = texts(forest(*coded, style=Style(width_mm=88)))
    assert "SMD [95% CI]" in written
    assert "Effects" not in written


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"left": ["yaer"]}, "unknown column 'yaer' for a forest plot; did you mean 'year'"),
        ({"sort": "yaer"}, "unknown column 'yaer'"),
        ({"group": "cuntry"}, "did you mean 'country'"),
        ({"left": ["year"], "right": ["year"]}, "the column 'year' stands twice"),
        ({"left": [Column("n", "n", template="{event1}/{total1}")]}, "did you mean 'events1'"),
        ({"columns": ["year"]}, "unknown column 'year' for a forest plot; allowed: effects, participants, weight"),
    ],
)
def test_columns_that_are_not_there_are_named(coded, options, message):
    with pytest.raises(ValueError, match=message):
        forest(*coded, **options)


def test_strata_alone(coded):
    figure = forest(*coded, strata_only=True)
    written = texts(figure)
    assert {"Label of dep, 5 studies", "Label of bpd, 4 studies", "Overall, 9 studies"} <= set(written)
    assert not [text for text in written if text.startswith("Author")]


def test_a_million_results_are_never_drawn_one_by_one(make_tables):
    tables = make_tables((("dep", 6), ("bpd", 5)))
    rows = pd.concat([tables.rows] * 20_000, ignore_index=True)
    started = time.process_time()
    figure = forest(rows, tables.estimates, tables.contrast)
    pages = forest_pages(rows, tables.estimates, tables.contrast)
    alt = forest_alt(rows, tables.estimates, tables.contrast)
    assert time.process_time() - started < 5
    assert len(pages) == 1
    said = "220,000 results are too many to draw one by one (at most 1,000): the strata alone are shown."
    assert said in texts(figure)
    assert "220,000 results in 2 groups" in alt
    assert "Label of dep, 6 studies" in texts(figure)


def test_too_many_strata_leave_the_overall_estimate(make_tables):
    tables = make_tables(tuple((f"s{n}", 3) for n in range(12)))
    written = " ".join(texts(forest(tables.rows, tables.estimates, most_rows=10)))
    assert "36 results are too many to draw one by one (at most 10), and so are 12 strata" in written
    assert "Label of s1" not in written


def test_coded_columns_come_from_the_effects_of_the_study_in_the_stratum_and_from_the_study():
    rows = pd.DataFrame(
        {"grouping": "drug:sex", "stratum": ["a:f", "b:f", "not_coded"], "study_id": ["S1", "S1", "S2"]}
    )
    effects = pd.DataFrame(
        {
            "study_id": ["S1", "S1", "S1", "S2", "S2"],
            "drug": ["a", "a", "b", "", "a"],
            "sex": ["f", "f", "f", "f", "f"],
            "status": ["analysed"] * 4 + ["problem"],
            "n1": [10.0, 12.0, 30.0, np.nan, 99.0],
            "scale": ["x", "y", "x", "z", "q"],
        }
    )
    studies = pd.DataFrame({"study_id": ["S1", "S2"], "country": ["cl", ""]})
    words = {
        "country": pd.DataFrame({"id": ["cl"], "label": ["Chile"]}),
        "scale": pd.DataFrame({"id": ["x"], "label": ["BDI"]}),
    }
    found = with_coded(rows, ["n1", "scale", "country"], effects, studies, words)
    assert found["n1"].tolist()[:2] == ["10–12", 30.0]
    assert found["scale"].tolist() == ["BDI, y", "BDI", "z"]
    assert found["country"].tolist() == ["Chile", "Chile", ""]
    with pytest.raises(UserError) as caught:
        with_coded(rows, ["n11", "contry"], effects, studies)
    assert "'n11'" in caught.value.messages[0]
    assert "mean 'n1'" in caught.value.messages[0]
    assert "mean 'country'" in caught.value.messages[1]
