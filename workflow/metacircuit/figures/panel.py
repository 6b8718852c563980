"""A plot with two measured directions, on a page laid out in points: axes, ticks and their labels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from metacircuit.figures.canvas import Canvas
from metacircuit.figures.scales import Scale, Ticks, choose_ticks, scale_for
from metacircuit.figures.style import Style
from metacircuit.figures.typeface import properties, shorten, width

PLAIN = scale_for("GEN")
"""A scale for what is not an effect: a standard error, a percentage, a squared residual."""

_TICK, _PAD = 3.0, 1.5
_BETWEEN = 8.0


@dataclass(frozen=True, slots=True)
class Span:
    """One direction of a panel: from `start` (left or bottom) to `end` in units of the data, ticks and name."""

    start: float
    end: float
    ticks: Ticks
    label: str


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the page in points, y downwards."""

    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Panel:
    """A box with a span in each direction."""

    box: Box
    x: Span
    y: Span

    def points(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Where values stand on the page: (n, 2) points."""
        box = self.box
        across = box.left + (np.asarray(x) - self.x.start) / (self.x.end - self.x.start) * (box.right - box.left)
        down = box.bottom - (np.asarray(y) - self.y.start) / (self.y.end - self.y.start) * (box.bottom - box.top)
        return np.column_stack([across, down])


def span(scale: Scale, start: float, end: float, length: float, style: Style, *, label: str, upright: bool) -> Span:
    """A span of a given length in points, with as many ticks as have room.

    Parameters
    ----------
    scale : what the ticks are written in
    start, end : the values at the left and the right end, or at the bottom and the top, in either order
    upright : whether it runs up the page: tick labels then need the height of a line, not their width
    """
    low, high = min(start, end), max(start, end)
    unit = (high - low) / length

    def room(text: str) -> float:
        return unit * (style.small * style.leading + _BETWEEN if upright else width(text, style.small) + _BETWEEN)

    return Span(start, end, choose_ticks(scale, low, high, room), label)


def padded(values: Sequence[float], share: float = 0.05, around: float = 0.0) -> tuple[float, float]:
    """Limits with some air around all finite values; limits around a value of its own where there is no extent."""
    finite = np.asarray(values, dtype=float)
    finite = finite[np.isfinite(finite)]
    if finite.size == 0:
        return around - 1.0, around + 1.0
    low, high = float(finite.min()), float(finite.max())
    air = share * (high - low) or 0.1 * abs(high) or 1.0
    return low - air, high + air


def left_room(y: Span, style: Style) -> float:
    """The width of what stands left of a panel: the name of the y axis and its tick labels."""
    widest = max((width(text, style.small) for text in y.ticks.labels), default=0.0)
    return _TICK + _PAD + widest + (style.body * style.leading + 3 if y.label else 0.0) + 1


def bottom_room(style: Style, *, label: bool = True) -> float:
    """The height of what stands below a panel: tick labels and the name of the x axis."""
    return _TICK + _PAD + style.small * style.leading + label * (style.body * style.leading + 3) + 1


def draw_panel(
    canvas: Canvas, panel: Panel, *, x_ticks: bool = True, y_ticks: bool = True, frame: bool = False
) -> Axes:
    """Axes in units of the data, their ticks, and their names where the spans have one."""
    style, box = canvas.style, panel.box
    place = (box.left / canvas.width, 1 - box.bottom / canvas.height)
    size = ((box.right - box.left) / canvas.width, (box.bottom - box.top) / canvas.height)
    axes = canvas.figure.add_axes((*place, *size), facecolor="none")
    axes.set_autoscale_on(False)
    axes.set_xlim(panel.x.start, panel.x.end)
    axes.set_ylim(panel.y.start, panel.y.end)
    font = {"fontproperties": properties(style.small), "color": style.ink}
    for axis, ends, written in ((axes.xaxis, panel.x, x_ticks), (axes.yaxis, panel.y, y_ticks)):
        axis.set_ticks(ends.ticks.at, ends.ticks.labels if written else [""] * len(ends.ticks.at), **font)
    axes.tick_params("both", length=_TICK, width=style.thin, color=style.rule, pad=_PAD)
    for side, spine in axes.spines.items():
        spine.set(linewidth=style.thin, color=style.rule, visible=frame or side in ("left", "bottom"))
    _names(canvas, panel)
    return axes


def _names(canvas: Canvas, panel: Panel) -> None:
    """The names of the two directions."""
    style, box = canvas.style, panel.box
    if panel.x.label:
        baseline = box.bottom + bottom_room(style, label=False) + style.body + 1
        canvas.text((box.left + box.right) / 2, baseline, panel.x.label, align="center")
    if panel.y.label:
        x = box.left - left_room(panel.y, style) + style.body
        name = shorten(panel.y.label, 1.15 * (box.bottom - box.top), lambda s: width(s, style.body))
        canvas.text(x, (box.top + box.bottom) / 2, name, align="center", rotation=90)
