import math

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import rgb_to_hsv
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from matplotlib.text import Text
from metacircuit.figures.alt import evidence_map_alt
from metacircuit.figures.evidence_map import evidence_map
from metacircuit.figures.presets import style_for
from metacircuit.figures.render import render
from metacircuit.figures.style import SMALLEST_TEXT

DISORDERS = pd.DataFrame(
    {
        "id": ["bpd", "dep", "ptsd", "ed"],
        "label": ["Borderline personality disorder", "Depressive disorders", "创伤后应激障碍", "Eating disorders"],
    }
)
CIRCUITS = pd.DataFrame(
    {
        "id": ["emotion", "reward", "pain", "impulse"],
        "label": ["Emotion regulation", "Reward feedback", "Pain processing", "Impulse control"],
    }
)

AREA = 0.01
"""Relative: the ratio of two areas is exact but for rounding in the radius."""


def cell(stratum, studies, estimate=math.nan):
    pooled = not math.isnan(estimate)
    row = {"grouping": "disorder:circuit", "stratum": stratum, "label": stratum.replace(":", " × "), "measure": "SMD"}
    row |= {"status": "ok" if pooled else "too_few", "studies": studies, "estimate": estimate}
    return row | {"ci_lb": estimate - 0.2, "ci_ub": estimate + 0.2}


@pytest.fixture
def cells():
    return pd.DataFrame(
        [cell("bpd:emotion", 16, 0.8), cell("bpd:pain", 4, -0.8), cell("dep:emotion", 5, 0.0), cell("ptsd:pain", 2)]
    )


def texts(figure):
    return [artist.get_text() for artist in figure.findobj(Text)]


def bubbles(figure):
    """Circles of the grid and its legend, by face and hatch."""
    return figure.findobj(Circle)


def test_every_cell_is_shown_with_its_numbers(cells):
    figure = evidence_map(cells, rows=DISORDERS, columns=CIRCUITS)
    written = texts(figure)
    assert {"0.80", "−0.80", "0.00"} <= set(written)
    assert [written.count(f"k = {n}") for n in (16, 4, 5, 2)] == [1, 1, 1, 1]
    open_dots = [circle for circle in bubbles(figure) if circle.get_facecolor()[3] == 0]
    assert len(open_dots) == 12 + 1  # twelve gaps and the legend
    hatched = [circle for circle in bubbles(figure) if circle.get_hatch()]
    assert len(hatched) == 1 + 1


def test_area_is_the_number_of_studies_and_colour_the_sign(cells):
    figure = evidence_map(cells, rows=DISORDERS, columns=CIRCUITS)
    coloured = [c for c in bubbles(figure) if not c.get_hatch() and c.get_facecolor()[3] == 1]
    large, small, none = coloured[:3]
    assert (large.radius / small.radius) ** 2 == pytest.approx(16 / 4, rel=AREA)
    hue_high, hue_low = (rgb_to_hsv(c.get_facecolor()[:3])[0] for c in (large, small))
    assert hue_high < 0.15  # orange
    assert 0.5 < hue_low < 0.7  # blue
    assert rgb_to_hsv(none.get_facecolor()[:3])[1] < 0.1  # no effect is nearly grey


def test_totals_add_up_cells_and_say_so(cells):
    figure = evidence_map(cells, rows=DISORDERS, columns=CIRCUITS)
    written = texts(figure)
    assert {"20", "5", "2", "21", "6", "0"} <= set(written)
    assert any("Totals count a study once in every cell" in text for text in written)


def test_totals_come_from_the_single_groupings_where_they_are_given(cells):
    margins = pd.DataFrame(
        {
            "grouping": ["overall", "disorder", "disorder", "circuit", "circuit"],
            "stratum": ["overall", "bpd", "dep", "emotion", "pain"],
            "studies": [20, 17, 3, 18, 19],
        }
    )
    written = texts(evidence_map(cells, rows=DISORDERS, columns=CIRCUITS, margins=margins))
    assert {"17", "3", "18", "19"} <= set(written)
    assert not any("Totals count" in text for text in written)


def test_words_unknown_to_the_vocabulary_are_shown(cells):
    figure = evidence_map(cells, rows=DISORDERS.head(1), columns=CIRCUITS.head(1))
    assert {"dep", "ptsd", "pain"} <= set(texts(figure))


def test_words_with_a_colon_are_found_in_the_vocabulary(cells):
    rows = pd.DataFrame({"id": ["function:intra"], "label": ["Intrapersonal functions"]})
    table = pd.DataFrame([cell("function:intra:emotion", 4, 0.3)])
    written = texts(evidence_map(table, rows=rows, columns=CIRCUITS))
    assert "Intrapersonal functions" in written
    assert "function" not in written


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (20, 5), (5, 20), (3, 24)])
@pytest.mark.parametrize("measure", ["SMD", "OR", "ZCOR", "PLO"])
def test_texts_stand_apart_and_inside_and_are_legible(size, measure, boxes):
    random = np.random.default_rng(4)
    down, across = (
        pd.DataFrame(
            {
                "id": [f"{side}{n}" for n in range(count)],
                "label": [f"A label of the {side}, the {n}th of a number" for n in range(count)],
            }
        )
        for side, count in zip("rc", size, strict=True)
    )
    pairs = [(r, c) for r in down["id"] for c in across["id"] if random.random() < 0.7 or size == (1, 1)]
    table = pd.DataFrame([cell(f"{r}:{c}", int(random.integers(3, 40)), random.normal()) for r, c in pairs])
    figure = evidence_map(table, rows=down, columns=across, measure=measure, title="A title")
    found = boxes(figure)
    width, height = 72 * figure.get_size_inches()
    assert [name for name, (x0, y0, x1, y1) in found if x0 < 0 or y0 < 0 or x1 > width or y1 > height] == []
    assert _overlapping(found) == []
    assert min(artist.get_fontsize() for artist in figure.findobj(Text)) >= SMALLEST_TEXT


def _overlapping(found):
    """Pairs of texts that share more than the margins of their boxes."""
    pairs = []
    for n, (first, a) in enumerate(found):
        for second, b in found[n + 1 :]:
            wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
            smallest = min(a[2] - a[0], a[3] - a[1], b[2] - b[0], b[3] - b[1])
            if min(wide, high) > 0.35 * smallest:
                pairs.append((first, second))
    return pairs


def test_a_map_without_any_estimate_is_still_a_map(cells):
    figure = evidence_map(cells.assign(status="too_few"), rows=DISORDERS, columns=CIRCUITS)
    assert isinstance(figure, Figure)
    assert "k = 16" in texts(figure)
    nothing = evidence_map(cells.iloc[:0], rows=DISORDERS, columns=CIRCUITS, measure="SMD")
    assert len([circle for circle in bubbles(nothing) if circle.get_facecolor()[3] == 0]) == 16 + 1


@pytest.mark.parametrize("form", ["pdf", "svg", "png"])
def test_the_same_map_has_the_same_bytes(form, cells):
    first, second = (render(evidence_map(cells, rows=DISORDERS, columns=CIRCUITS), form, dpi=100) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table.drop(columns="studies"), "the table cells lacks 'studies'"),
        (lambda table: table.assign(grouping="disorder"), "shows one crossed grouping"),
        (lambda table: table.assign(stratum="bpd"), "has no ':' between its two words"),
    ],
)
def test_tables_that_are_no_map_are_refused(change, message, cells):
    with pytest.raises(ValueError, match=message):
        evidence_map(change(cells))


def test_too_many_columns_are_refused_with_a_way_out():
    table = pd.DataFrame([cell(f"a:c{n}", 4, 0.2) for n in range(60)])
    with pytest.raises(ValueError, match=r"60 columns are too many .* the other way round"):
        evidence_map(table)


def test_bounds_are_told_from_gaps(cells, boxes):
    bounds = pd.DataFrame([cell("dep:pain", 0)]).assign(status="empty")
    grid = {"rows": DISORDERS, "columns": CIRCUITS, "measure": "SMD"}
    figure = evidence_map(pd.concat([cells, bounds]), **grid)
    assert "bounds only" in texts(figure)
    assert "bounds only" not in texts(evidence_map(cells, **grid))
    open_dots = [circle for circle in bubbles(figure) if circle.get_facecolor()[3] == 0]
    assert len(open_dots) == 11 + 1  # one gap fewer, and the legend
    alt = evidence_map_alt(pd.concat([cells, bounds]), **grid)
    assert "1 has too few studies to pool, 1 has bounds only and 11 have no usable estimate" in alt


@pytest.mark.parametrize("preset", ["nature", "springer"])
def test_a_single_column_has_room_for_the_legend(cells, boxes, preset):
    bounds = pd.DataFrame([cell("dep:pain", 0)]).assign(status="empty")
    style = style_for(preset, width="single")
    figure = evidence_map(pd.concat([cells, bounds]), rows=DISORDERS, columns=CIRCUITS, style=style)
    wide, high = 72 * figure.get_size_inches()
    assert not [name for name, (x0, y0, x1, y1) in boxes(figure) if x0 < 0 or y0 < 0 or x1 > wide or y1 > high]
