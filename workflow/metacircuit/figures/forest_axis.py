"""The axis of a forest plot: limits that one wild study cannot spoil, ticks on the natural scale, directions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from metacircuit.figures.canvas import Canvas
from metacircuit.figures.forest_table import Kind, Line
from metacircuit.figures.scales import Scale, Ticks, choose_ticks
from metacircuit.figures.style import Style
from metacircuit.figures.typeface import properties, width, wrap

TAIL = 0.10
"""The tenth of all limits and estimates at each end that may not stretch the axis by itself."""

REACH, POOLED_REACH = 0.75, 1.0
"""How far beyond those quantiles studies and pooled estimates may stretch the axis, in distances between the two."""

_BETWEEN_TICKS = 8.0
_TICK = 3.0


@dataclass(frozen=True, slots=True)
class Axis:
    """The x axis on the analysis scale, from `low` to `high`, standing between two points of the page."""

    low: float
    high: float
    left: float
    right: float
    ticks: Ticks
    null: float | None

    def points(self, value: float) -> float:
        """Where a value stands on the page."""
        return self.left + (value - self.low) / (self.high - self.low) * (self.right - self.left)


def axis_for(lines: Sequence[Line], scale: Scale, left: float, right: float, style: Style) -> Axis:
    """An axis on which the bulk of the studies and the pooled estimates are seen in full."""
    low, high = limits(lines, scale.null)
    unit = (high - low) / (right - left)

    def room(label: str) -> float:
        return (width(label, style.small) + _BETWEEN_TICKS) * unit

    return Axis(low, high, left, right, choose_ticks(scale, low, high, room), scale.null)


def limits(lines: Sequence[Line], null: float | None) -> tuple[float, float]:
    """Robust limits of the axis on the analysis scale."""
    studies = _numbers(lines, Kind.STUDY)
    pooled = _numbers(lines, Kind.POOLED)
    if studies.size == 0:
        around = np.concatenate([pooled, _numbers(lines, Kind.SPREAD)])
        studies = around if around.size else np.array([0.0 if null is None else null])
    tail_low, tail_high = np.quantile(studies, [TAIL, 1 - TAIL])
    spread = tail_high - tail_low
    low = max(studies.min(), tail_low - REACH * spread)
    high = min(studies.max(), tail_high + REACH * spread)
    if pooled.size:
        low = min(low, max(pooled.min(), tail_low - POOLED_REACH * spread))
        high = max(high, min(pooled.max(), tail_high + POOLED_REACH * spread))
    # "No effect" belongs into the picture unless it would squeeze the studies into a corner.
    if null is not None and max(high, null) - min(low, null) <= 4 * max(high - low, abs(null)):
        low, high = min(low, null), max(high, null)
    padding = 0.04 * (high - low) or 0.1 * abs(high) or 1.0
    return float(low - padding), float(high + padding)


def _numbers(lines: Sequence[Line], kind: Kind) -> np.ndarray:
    """All finite estimates and limits of one kind of line."""
    found = [
        number
        for line in lines
        if line.kind is kind and line.interval is not None
        for number in (line.interval.estimate, line.interval.lower, line.interval.upper)
    ]
    values = np.array(found, dtype=float)
    return values[np.isfinite(values)]


@dataclass(frozen=True, slots=True)
class Foot:
    """What is written under the axis, broken into lines."""

    label: tuple[str, ...]
    favours: tuple[tuple[str, ...], tuple[str, ...]]
    height: float


def foot(axis: Axis, label: str, favours: tuple[str, str], style: Style) -> Foot:
    """Measure the label of the axis and the two directions.

    Parameters
    ----------
    favours : what values below and above "no effect" mean; empty texts are left out
    """
    span = axis.right - axis.left
    centre = _centre(axis)
    rooms = (centre - style.margin - 4, style.width - style.margin - centre - 4)
    below, above = (
        wrap(_arrowed(string, side), min(room, max(0.75 * span, 60.0)), lambda s: width(s, style.small))
        if string
        else ()
        for side, (string, room) in enumerate(zip(favours, rooms, strict=True))
    )
    depth = max(len(below), len(above))
    middle = (axis.left + axis.right) / 2
    room = 2 * (min(middle, style.width - middle) - style.margin)
    title = wrap(label, room, lambda s: width(s, style.body)) if label else ()
    height = _TICK + 2 + style.small * style.leading
    height += depth * style.small * style.leading + 2 * bool(depth)
    height += len(title) * style.body * style.leading + 3 * bool(title)
    return Foot(title, (below, above), height)


def draw_axis(canvas: Canvas, axis: Axis, top: float, bottom: float, under: Foot) -> Axes:
    """Axes from `top` to `bottom` with ticks, directions and label below them; x is the analysis scale, y the page."""
    style = canvas.style
    axes = canvas.axes(axis.left, axis.right, top, bottom, (axis.low, axis.high))
    axes.spines["bottom"].set(linewidth=style.thin, color=style.rule)
    axes.set_xticks(axis.ticks.at, axis.ticks.labels, fontproperties=properties(style.small), color=style.ink)
    axes.tick_params("x", length=_TICK, width=style.thin, color=style.rule, pad=1.5)

    y = bottom + _TICK + 1 + style.small * style.leading
    depth = max(len(lines) for lines in under.favours)
    centre = _centre(axis)
    for side, lines in enumerate(under.favours):
        x, align = (centre - 4, "right") if side == 0 else (centre + 4, "left")
        for n, string in enumerate(lines):
            baseline = y + 2 + (n + 1) * style.small * style.leading
            canvas.text(x, baseline, string, size=style.small, align=align, color=style.muted)
    y += depth * style.small * style.leading + 2 * bool(depth)
    for n, string in enumerate(under.label):
        canvas.text((axis.left + axis.right) / 2, y + 2 + (n + 1) * style.body * style.leading, string, align="center")
    return axes


def _centre(axis: Axis) -> float:
    """Where the two directions meet: at no effect, if that is on the axis."""
    if axis.null is None or not axis.low <= axis.null <= axis.high:
        return (axis.left + axis.right) / 2
    return axis.points(axis.null)


def _arrowed(string: str, side: int) -> str:
    # A fixed space: an arrow on a line of its own points at nothing.
    return f"←\u00a0{string}" if side == 0 else f"{string}\u00a0→"
