"""The marks of a forest plot: squares, interval lines, diamonds, prediction bars, and arrows where the axis ends."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection

from metacircuit.figures.forest_axis import Axis
from metacircuit.figures.forest_table import Interval, Kind, Line
from metacircuit.figures.style import Style

_SQUARE, _LEAST_SQUARE, _MOST_SQUARE = 4.6, 2.0, 8.0
_DIAMOND, _LEAST_DIAMOND = 3.6, 1.6
_BAR = 1.3
_ARROW_LENGTH, _ARROW_HALF = 4.0, 2.3

Shape = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the plot and the height at which it is drawn, in points from the top of the page."""

    line: Line
    y: float


def draw_marks(axes: Axes, marks: Sequence[Mark], axis: Axis, style: Style) -> None:
    """Draw everything between the columns of text."""
    drawn = [mark for mark in marks if mark.line.interval is not None and mark.line.interval.drawable]
    studies = [mark for mark in drawn if mark.line.kind is Kind.STUDY]
    _lines(axes, [_clipped(mark, axis) for mark in studies], style.study, style.line)
    _shapes(axes, [_square(mark, axis) for mark in studies if _inside(mark.line.interval, axis)], style.study)
    for group, colour in ((True, style.group), (False, style.overall)):
        pooled = [mark for mark in drawn if mark.line.kind is Kind.POOLED and bool(mark.line.group) is group]
        _shapes(axes, [_diamond(mark, axis) for mark in pooled], colour)
        _shapes(axes, _arrows(pooled, axis), colour, clip=False)
    spreads = [mark for mark in drawn if mark.line.kind is Kind.SPREAD]
    _shapes(axes, [_bar(mark) for mark in spreads], style.prediction)
    _shapes(axes, _arrows(spreads, axis), style.prediction, clip=False)
    _shapes(axes, _arrows(studies, axis), style.study, clip=False)


def draw_references(axes: Axes, axis: Axis, ends: tuple[float, float], overall: Mark | None, style: Style) -> None:
    """The line of no effect, and a dashed one from the top to the overall estimate."""
    top, bottom = ends
    if axis.null is not None and axis.low <= axis.null <= axis.high:
        null = [[(axis.null, top), (axis.null, bottom)]]
        axes.add_collection(LineCollection(null, colors=style.rule, linewidths=style.thin, zorder=0.6), autolim=False)
    if overall is not None and _inside(overall.line.interval, axis):
        at = overall.line.interval.estimate
        dashes = {"colors": style.overall, "linewidths": style.hairline, "linestyles": [(0, (3, 3))], "zorder": 0.7}
        axes.add_collection(LineCollection([[(at, top), (at, overall.y)]], **dashes), autolim=False)


def _lines(axes: Axes, segments: Sequence[Shape], colour: str, weight: float) -> None:
    axes.add_collection(LineCollection(segments, colors=colour, linewidths=weight, zorder=2), autolim=False)


def _shapes(axes: Axes, shapes: Sequence[Shape], colour: str, *, clip: bool = True) -> None:
    if not shapes:
        return
    collection = PolyCollection(shapes, facecolors=colour, edgecolors="none", zorder=3, clip_on=clip)
    axes.add_collection(collection, autolim=False)


def _inside(interval: Interval | None, axis: Axis) -> bool:
    return interval is not None and axis.low <= interval.estimate <= axis.high


def _unit(axis: Axis) -> float:
    """One point of the page in units of the axis."""
    return (axis.high - axis.low) / (axis.right - axis.left)


def _clipped(mark: Mark, axis: Axis) -> Shape:
    """The interval as far as it is on the axis."""
    interval = mark.line.interval
    low, high = np.clip([interval.lower, interval.upper], axis.low, axis.high)
    return [(float(low), mark.y), (float(high), mark.y)]


def _square(mark: Mark, axis: Axis) -> Shape:
    """A square whose area is the share of the weight."""
    half = min(max(_SQUARE * mark.line.share**0.5, _LEAST_SQUARE), _MOST_SQUARE) / 2
    x, y, across = mark.line.interval.estimate, mark.y, half * _unit(axis)
    return [(x - across, y - half), (x + across, y - half), (x + across, y + half), (x - across, y + half)]


def _diamond(mark: Mark, axis: Axis) -> Shape:
    """From limit to limit, highest at the estimate; visible even where the limits are equal."""
    interval, y = mark.line.interval, mark.y
    x, least = interval.estimate, _LEAST_DIAMOND * _unit(axis)
    left, right = min(interval.lower, x - least), max(interval.upper, x + least)
    return [(left, y), (x, y - _DIAMOND), (right, y), (x, y + _DIAMOND)]


def _bar(mark: Mark) -> Shape:
    """A flat bar from limit to limit."""
    low, high, y = mark.line.interval.lower, mark.line.interval.upper, mark.y
    return [(low, y - _BAR), (high, y - _BAR), (high, y + _BAR), (low, y + _BAR)]


def _arrows(marks: Sequence[Mark], axis: Axis) -> list[Shape]:
    """Arrow heads where an interval goes on beyond the axis."""
    length = _ARROW_LENGTH * _unit(axis)
    found = []
    for mark in marks:
        y = mark.y
        if mark.line.interval.lower < axis.low:
            found.append([(axis.low, y - _ARROW_HALF), (axis.low - length, y), (axis.low, y + _ARROW_HALF)])
        if mark.line.interval.upper > axis.high:
            found.append([(axis.high, y - _ARROW_HALF), (axis.high + length, y), (axis.high, y + _ARROW_HALF)])
    return found
