"""Estimates on one horizontal axis below one another: limits, bars, marks and arrow heads.

Figures that show many strata or effects in rows share these; heights are points of the page.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_hex, to_rgb

from metacircuit.figures.forest_axis import Axis, axis_for
from metacircuit.figures.forest_table import Kind, Line
from metacircuit.figures.result import Interval
from metacircuit.figures.scales import Scale
from metacircuit.figures.style import Style

ARROW = 4.0
_ARROW_HALF = 2.2

Segment = tuple[float, float, float]
"""From, to (units of the axis), and the height on the page."""


def robust_axis(
    bulk: Iterable[Interval], pooled: Iterable[Interval], scale: Scale, ends: tuple[float, float], style: Style
) -> Axis:
    """An axis that the bulk of the effects and the pooled intervals decide; a few wild ones end in arrow heads."""
    lines = [Line(Kind.STUDY, "", interval=interval) for interval in bulk]
    lines += [Line(Kind.POOLED, "", interval=interval) for interval in pooled]
    return axis_for(lines, scale, *ends, style)


def unit(axis: Axis) -> float:
    """One point of the page in units of the axis."""
    return (axis.high - axis.low) / (axis.right - axis.left)


def beyond(intervals: Iterable[Interval], axis: Axis) -> bool:
    """Whether a drawable interval leaves the axis."""
    return any(i.drawable and (i.lower < axis.low or i.upper > axis.high) for i in intervals)


def bars(axes: Axes, segments: Sequence[Segment], axis: Axis, half: float, colour: str, zorder: float) -> None:
    """Flat bars of `2 half` points, cut at the ends of the axis."""
    shapes = []
    for start, end, y in segments:
        low, high = np.clip([start, end], axis.low, axis.high)
        shapes.append([(low, y - half), (high, y - half), (high, y + half), (low, y + half)])
    _polygons(axes, shapes, colour, zorder)


def lines(
    axes: Axes, segments: Sequence[Segment], axis: Axis, weight: float, colour: str | Sequence[str], zorder: float
) -> None:
    """Thin lines, cut at the ends of the axis."""
    if not segments:
        return
    cut = [[(*np.clip([a], axis.low, axis.high), y), (*np.clip([b], axis.low, axis.high), y)] for a, b, y in segments]
    collection = LineCollection(cut, colors=colour, linewidths=weight, capstyle="butt", zorder=zorder)
    axes.add_collection(collection, autolim=False)


def arrow_heads(axes: Axes, segments: Sequence[Segment], axis: Axis, colour: str, size: float = 1.0) -> None:
    """Triangles at the ends of the axis where a segment goes on."""
    length, half = size * ARROW * unit(axis), size * _ARROW_HALF
    shapes = []
    for start, end, y in segments:
        if start < axis.low:
            shapes.append([(axis.low, y - half), (axis.low - length, y), (axis.low, y + half)])
        if end > axis.high:
            shapes.append([(axis.high, y - half), (axis.high + length, y), (axis.high, y + half)])
    _polygons(axes, shapes, colour, 4, clip=False)


def diamonds(axes: Axes, intervals: Sequence[tuple[Interval, float]], axis: Axis, colour: str, half: float) -> None:
    """From limit to limit, highest at the estimate; visible even where the limits are equal."""
    least = 1.6 * unit(axis)
    shapes = []
    for interval, y in intervals:
        x = interval.estimate
        left, right = min(interval.lower, x - least), max(interval.upper, x + least)
        shapes.append([(left, y), (x, y - half), (right, y), (x, y + half)])
    _polygons(axes, shapes, colour, 3)


def upright(axes: Axes, at: float | None, axis: Axis, ends: tuple[float, float], colour: str, weight: float) -> None:
    """A vertical line, if its value is on the axis."""
    if at is not None and axis.low <= at <= axis.high:
        line = [[(at, ends[0]), (at, ends[1])]]
        axes.add_collection(LineCollection(line, colors=colour, linewidths=weight, zorder=0.6), autolim=False)


def column(axes: Axes, interval: Interval, axis: Axis, ends: tuple[float, float], colour: str, zorder: float) -> None:
    """A band from top to bottom between the limits of an interval."""
    if not interval.drawable:
        return
    low, high = np.clip([interval.lower, interval.upper], axis.low, axis.high)
    top, bottom = ends
    _polygons(axes, [[(low, top), (high, top), (high, bottom), (low, bottom)]], colour, zorder)


def _polygons(axes: Axes, shapes: Sequence, colour: str, zorder: float, *, clip: bool = True) -> None:
    if shapes:
        collection = PolyCollection(shapes, facecolors=colour, edgecolors="none", zorder=zorder, clip_on=clip)
        axes.add_collection(collection, autolim=False)


def tint(colour: str, paper: str, share: float) -> str:
    """A colour mixed into the paper, without transparency: the same in every format and under every reader.

    Examples
    --------
    >>> tint("#000000", "#ffffff", 0.2)
    '#cccccc'
    """
    return to_hex(tuple(share * c + (1 - share) * p for c, p in zip(to_rgb(colour), to_rgb(paper), strict=True)))
