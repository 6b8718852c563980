"""The marks of a specification curve: estimates with their intervals, and a stroke in the row of each choice made."""

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from metacircuit.figures.canvas import Canvas
from metacircuit.figures.panel import Box, Panel, draw_panel
from metacircuit.figures.result import Writer
from metacircuit.figures.specification_table import Choice, Curve
from metacircuit.figures.style import Style
from metacircuit.figures.typeface import shorten, width

_ROW, _BEFORE_CHOICE = 9.6, 3.0
_STROKE = 3.1
_DOT = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """What both parts of the figure need.

    Parameters
    ----------
    rows : numbers of the specifications that are drawn
    significant : (s,) of all specifications
    """

    canvas: Canvas
    curve: Curve
    rows: np.ndarray
    writer: Writer
    significant: np.ndarray

    def classes(self) -> list[tuple[np.ndarray, str]]:
        """The specifications drawn, not significant and significant ones, with their colours."""
        style, marked = self.canvas.style, self.significant[self.rows]
        return [(self.rows[~marked], style.unpooled), (self.rows[marked], style.group)]

    def weight(self, box: Box, most: float) -> float:
        """The width of a stroke in points: less than a specification's share of the box, but visible."""
        return min(most, max(0.45, 0.75 * (box.right - box.left) / max(self.rows.size, 1)))


def height_of(curve: Curve) -> float:
    """The height of the choices in points."""
    return sum(_BEFORE_CHOICE + _ROW * (1 + len(choice.words)) for choice in curve.choices)


def draw_curve(drawing: Drawing, panel: Panel, null: float | None) -> None:
    """Estimates in rising order; a dashed line at their median."""
    canvas, curve, style = drawing.canvas, drawing.curve, drawing.canvas.style
    axes = draw_panel(canvas, panel)
    axes.tick_params("x", length=0)
    weight = drawing.weight(panel.box, style.line)
    diameter = min(_DOT, max(1.4, 1.6 * drawing.weight(panel.box, _DOT)))
    low, high = sorted((panel.y.start, panel.y.end))
    for rows, colour in drawing.classes():
        known = rows[~np.isnan(curve.lower[rows] + curve.upper[rows])]
        ends = np.clip(np.column_stack([curve.lower[known], curve.upper[known]]), low, high)
        _strokes(axes, known + 0.5, ends, colour, weight, alpha=0.45)
        looks = {"s": diameter**2, "c": colour, "linewidths": 0}
        axes.scatter(rows + 0.5, curve.estimate[rows], marker="o", **looks, zorder=3, clip_on=False)
    _main(axes, curve, (low, high), style)
    levels = [(null, style.rule, "solid")] if null is not None and low <= null <= high else []
    if math.isfinite(curve.median):
        levels.append((curve.median, style.overall, (0, (4, 3))))
    for at, colour, dashes in levels:
        line = [[(panel.x.start, at), (panel.x.end, at)]]
        looks = {"colors": colour, "linewidths": style.thin, "linestyles": [dashes], "zorder": 1}
        axes.add_collection(LineCollection(line, **looks), autolim=False)


def draw_choices(drawing: Drawing, box: Box, heading: str) -> None:
    """The choices of each specification, their words at the left, the median estimate of each word at the right."""
    canvas, style = drawing.canvas, drawing.canvas.style
    axes = canvas.axes(box.left, box.right, box.top, box.bottom, (0.0, float(max(drawing.curve.estimate.size, 1))))
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    y = box.top
    baseline = y + _BEFORE_CHOICE + _ROW / 2 + 0.36 * style.small
    canvas.text(style.width - style.margin, baseline, heading, size=style.small, align="right", bold=True)
    for choice in drawing.curve.choices:
        y += _BEFORE_CHOICE
        _words(drawing, choice, box, y)
        for n in range(0, len(choice.words), 2):
            axes.axhspan(y + _ROW * (1 + n), y + _ROW * (2 + n), color=style.band, linewidth=0, zorder=0.5)
        for rows, colour in drawing.classes():
            middles = y + _ROW * (1.5 + choice.chosen[rows])
            ends = np.column_stack([middles - _STROKE, middles + _STROKE])
            _strokes(axes, rows + 0.5, ends, colour, drawing.weight(box, _DOT))
        y += _ROW * (1 + len(choice.words))
    _main(axes, drawing.curve, (box.top, box.bottom), style)


def _strokes(axes: Axes, x: np.ndarray, ends: np.ndarray, colour: str, weight: float, alpha: float = 1.0) -> None:
    """Upright strokes as one path: hundreds of paths of their own would make a vector file ten times as large."""
    if not x.size:
        return
    vertices = np.column_stack([np.repeat(x, 2), ends.ravel()])
    path = Path(vertices, np.tile([Path.MOVETO, Path.LINETO], x.size))
    path.should_simplify = False
    looks = {"fill": False, "edgecolor": colour, "linewidth": weight, "alpha": alpha, "zorder": 2}
    axes.add_patch(PathPatch(path, **looks, capstyle="butt"))


def _main(axes: Axes, curve: Curve, ends: tuple[float, float], style: Style) -> None:
    """A line through the main analysis."""
    if curve.main is not None:
        line = [[(curve.main + 0.5, end) for end in ends]]
        axes.add_collection(LineCollection(line, colors=style.high, linewidths=style.line, zorder=1.5), autolim=False)


def _words(drawing: Drawing, choice: Choice, box: Box, y: float) -> None:
    """A choice's name, its words, their bands and medians."""
    canvas, style = drawing.canvas, drawing.canvas.style
    size, room = style.small, box.left - style.margin - 5

    def fitting(string: str, indent: float, *, bold: bool) -> str:
        return shorten(string, room - indent, lambda s: width(s, size, bold=bold))

    canvas.text(style.margin, y + _ROW / 2 + 0.36 * size, fitting(choice.name, 0.0, bold=True), size=size, bold=True)
    for n, (word, median) in enumerate(zip(choice.words, choice.medians, strict=True)):
        top = y + _ROW * (1 + n)
        baseline = top + _ROW / 2 + 0.36 * size
        canvas.text(style.margin + style.indent, baseline, fitting(word, style.indent, bold=False), size=size)
        edge = style.width - style.margin
        canvas.text(edge, baseline, drawing.writer.value(median), size=size, align="right")
