"""Funnel plots: effects against their standard errors, with contours of significance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metacircuit.figures.canvas import Canvas
from metacircuit.figures.funnel_plan import Funnel, Number, funnels, legend, not_shown, reach
from metacircuit.figures.funnel_shapes import draw_contours, draw_region
from metacircuit.figures.legend import arrange, draw_legend, legend_height
from metacircuit.figures.panel import PLAIN, Box, Panel, bottom_room, draw_panel, left_room, span
from metacircuit.figures.point_labels import draw_names, place_names
from metacircuit.figures.scales import Scale, scale_for
from metacircuit.figures.sheet import note_lines, sheet, title_lines
from metacircuit.figures.style import DEFAULT, Style, isolated
from metacircuit.figures.typeface import shorten, width

_MOST_COLUMNS = 3
_SHAPE, _LARGE_SHAPE = 0.85, 0.52
_LEAST_HEIGHT = 80.0
_ACROSS, _DOWN = 11.0, 10.0
_NAMED = 10


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where the panels stand: their boxes row by row, `columns` in a row, and the bottom of the last row."""

    boxes: tuple[Box, ...]
    columns: int
    bottom: float


def funnel(
    effects: pd.DataFrame,
    *,
    measure: str,
    estimate: Number = math.nan,
    tau2: Number = 0.0,
    panel: str | None = None,
    levels: Sequence[float] = (90.0, 95.0, 99.0),
    level: float = 95.0,
    title: str = "",
    note: str = "",
    style: Style = DEFAULT,
) -> Figure:
    """A contour-enhanced funnel plot, in one panel or in one for each word of a factor.

    Shades show where an effect of that standard error is significant against "no effect"; dashed lines are
    ``estimate ± z sqrt(sei² + tau2)``. Open circles are effects filled in. Where there is one panel, effects outside
    the dashed lines have their names.

    Parameters
    ----------
    effects : study_label, yi, vi (analysis scale), and where there are such effects `filled` (true for filled in)
    measure : metafor code, which decides the natural scale
    estimate : pooled estimate (analysis scale), or one by the name of the panel; NaN draws no region
    tau2 : added to the sampling variances of the region; 0 gives the usual triangle
    panel : a column of `effects` whose values make the panels, in order of first occurrence
    levels : confidence levels of the contours in per cent, rising; none, and for a measure without "no effect", no
        contours
    level : of the region in per cent
    title : set above the plot; journals want it in the caption instead
    note : a sentence below the figure
    style : sizes and colours

    Returns
    -------
    matplotlib.figure.Figure
        One Axes a panel: x is the analysis scale, y the standard error, zero at the top.

    Raises
    ------
    ValueError
        For a table without these columns, or an unknown measure.

    Source
    ------
    Peters, Sutton, Jones, Abrams & Rushton (2008) J Clin Epidemiol 61, 991-996.

    Examples
    --------
    >>> effects = pd.DataFrame({"study_label": ["Plener 2012", "Osuch 2014"], "yi": [0.6, 0.2], "vi": [0.09, 0.04]})
    >>> figure = funnel(effects, measure="SMD", estimate=0.33)
    >>> float(figure.axes[0].get_ylim()[1])
    0.0
    """
    scale = scale_for(measure)
    panels, lost = funnels(effects, estimate, tau2, panel)
    contours = () if scale.null is None else tuple(levels)
    across, deepest = reach(panels, scale, level)
    with isolated():
        entries = arrange(legend(panels, scale, contours, level, style), style)
        heading, notes = title_lines(title, style), note_lines([note, not_shown(lost)], style)
        below = bottom_room(style) + legend_height(entries, style)
        around = 2 * style.margin + below + style.title * 2 * len(heading) + style.small * 2 * len(notes)
        grid = _grid(len(panels), style.page_height - around, deepest, style, named=panel is not None)
        canvas, top = sheet(grid.bottom + below, heading, notes, style)
        places = [_place(box, top, scale, across, deepest, style) for box in grid.boxes]
        for n, (one, place) in enumerate(zip(panels, places, strict=True)):
            lowest, first = n + grid.columns >= len(panels), n % grid.columns == 0
            axes = draw_panel(canvas, place, x_ticks=lowest, y_ticks=first, frame=True)
            if contours:
                draw_contours(axes, scale.null or 0.0, deepest, contours, style)
            if math.isfinite(one.estimate):
                draw_region(axes, one.estimate, one.tau2, deepest, level, style)
            _points(axes, one, _diameter(max(f.k for f in panels)), style)
            if panel is None:
                _name_outliers(canvas, place, one, level)
            else:
                _heading(canvas, place.box, one)
        _directions(canvas, scale, places)
        draw_legend(canvas, entries, top + grid.bottom + bottom_room(style))
        return canvas.figure


def _grid(count: int, room: float, deepest: float, style: Style, *, named: bool) -> _Grid:
    """Panels of one size, no higher together than `room`."""
    columns = count if count < _MOST_COLUMNS else 2 if count == 4 else _MOST_COLUMNS
    rows = math.ceil(count / columns)
    depth = span(PLAIN, deepest, 0.0, _LEAST_HEIGHT, style, label="Standard error", upright=True)
    left = style.margin + left_room(depth, style)
    wide = (style.width - style.margin - left - (columns - 1) * _ACROSS) / columns
    heading = (style.body * style.leading + 3) * named
    each = room / rows - heading - _DOWN
    tall = max(_LEAST_HEIGHT, min(each, wide * (_LARGE_SHAPE if columns == 1 else _SHAPE)))
    boxes = []
    for n in range(count):
        row, column = divmod(n, columns)
        x, y = left + column * (wide + _ACROSS), row * (tall + heading + _DOWN) + heading
        boxes.append(Box(x, x + wide, y, y + tall))
    return _Grid(tuple(boxes), columns, boxes[-1].bottom)


def _place(box: Box, top: float, scale: Scale, across: tuple[float, float], deepest: float, style: Style) -> Panel:
    """A box of the grid on the page, with its two directions."""
    on_page = Box(box.left, box.right, top + box.top, top + box.bottom)
    x = span(scale, *across, box.right - box.left, style, label="", upright=False)
    y = span(PLAIN, deepest, 0.0, box.bottom - box.top, style, label="", upright=True)
    return Panel(on_page, x, y)


def _diameter(k: int) -> float:
    """Points become smaller where there are hundreds."""
    return 4.6 if k <= 60 else max(2.4, 4.6 * (60 / k) ** 0.3)


def _points(axes: Axes, one: Funnel, diameter: float, style: Style) -> None:
    """Observed effects filled, effects filled in open."""
    for rows, face, edge in ((~one.filled, style.study, style.paper), (one.filled, style.paper, style.study)):
        looks = {"s": diameter**2, "c": face, "edgecolors": edge, "linewidths": style.hairline}
        axes.scatter(one.yi[rows], one.sei[rows], marker="o", **looks, zorder=3, clip_on=False)


def _heading(canvas: Canvas, box: Box, one: Funnel) -> None:
    """The name of a panel and the number of its effects."""
    size = canvas.style.body
    count = f" ({one.k:,})"
    room = box.right - box.left - width(count, size)
    label = shorten(one.label or "Not coded", room, lambda s: width(s, size, bold=True))
    canvas.text(box.left, box.top - 4, label, bold=True)
    canvas.text(box.left + width(label, size, bold=True), box.top - 4, count, color=canvas.style.muted)


def _name_outliers(canvas: Canvas, place: Panel, one: Funnel, level: float) -> None:
    """Names of the effects outside the region."""
    if math.isfinite(one.estimate):
        points, radius = place.points(one.yi, one.sei), _diameter(one.k) / 2
        order = [int(n) for n in one.outside(level)]
        draw_names(canvas, place_names(points, one.names, order, place.box, canvas.style, radius=radius, most=_NAMED))


def _directions(canvas: Canvas, scale: Scale, places: Sequence[Panel]) -> None:
    """The names of the two directions, once for all panels."""
    style, boxes = canvas.style, [place.box for place in places]
    left, right = min(box.left for box in boxes), max(box.right for box in boxes)
    top, bottom = min(box.top for box in boxes), max(box.bottom for box in boxes)
    baseline = bottom + bottom_room(style, label=False) + style.body + 1
    canvas.text((left + right) / 2, baseline, scale.label, align="center")
    canvas.text(style.margin + style.body, (top + bottom) / 2, "Standard error", align="center", rotation=90)
