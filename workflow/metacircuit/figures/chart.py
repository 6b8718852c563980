"""A page with one plot of two measured directions, its title, legend and notes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes

from metacircuit.figures.canvas import Canvas
from metacircuit.figures.legend import Entry, arrange, draw_legend, legend_height
from metacircuit.figures.panel import Box, Panel, Span, bottom_room, draw_panel, left_room, span
from metacircuit.figures.scales import Scale, Ticks
from metacircuit.figures.sheet import note_lines, sheet, title_lines
from metacircuit.figures.style import Style
from metacircuit.figures.typeface import shorten, width

_AIR = 4.0


@dataclass(frozen=True, slots=True)
class Direction:
    """One direction of a plot: the scale of its ticks, the values at its ends, and its name.

    `grouped` says whether thousands are separated; years are not.
    """

    scale: Scale
    start: float
    end: float
    label: str
    grouped: bool = True


@dataclass(frozen=True, slots=True)
class Chart:
    """A page with its plot; what belongs into the plot is drawn on `axes`, in units of the data."""

    canvas: Canvas
    panel: Panel
    axes: Axes


def chart(
    x: Direction,
    y: Direction,
    *,
    style: Style,
    title: str = "",
    notes: Iterable[str] = (),
    entries: Sequence[Entry] = (),
    shape: float = 0.58,
    right: float = 0.0,
    frame: bool = False,
    square: bool = False,
) -> Chart:
    """Lay out a page and draw the axes of its plot.

    Parameters
    ----------
    x, y : the two directions
    notes : sentences below the figure
    entries : of the legend
    shape : height of the plot as a share of the page's width
    right : points kept free right of the plot
    frame : whether the plot is closed at the top and the right
    square : whether it is as wide as it is high
    """
    tall = shape * style.width
    upright = spanned(y, tall, style, upright=True)
    left = style.margin + left_room(upright, style)
    wide = style.width - style.margin - _AIR - right - left
    if square:
        wide = tall = min(wide, tall)
    centre = left + wide / 2
    room = 2 * min(centre, style.width - centre) - 2 * style.margin
    name = shorten(x.label, room, lambda s: width(s, style.body)) if x.label else ""
    level = spanned(replace(x, label=name), wide, style, upright=False)
    rows = arrange(entries, style)
    below = bottom_room(style)
    content = tall + below + legend_height(rows, style)
    canvas, top = sheet(content, title_lines(title, style), note_lines(notes, style), style)
    panel = Panel(Box(left, left + wide, top, top + tall), level, upright)
    axes = draw_panel(canvas, panel, frame=frame)
    draw_legend(canvas, rows, top + tall + below)
    return Chart(canvas, panel, axes)


def spanned(direction: Direction, length: float, style: Style, *, upright: bool) -> Span:
    """A direction of a given length in points, with its ticks."""
    ends = (direction.start, direction.end)
    made = span(direction.scale, *ends, length, style, label=direction.label, upright=upright)
    if direction.grouped:
        return made
    return replace(made, ticks=Ticks(made.ticks.at, tuple(label.replace(",", "") for label in made.ticks.labels)))


def dots(axes: Axes, x: object, y: object, diameter: object, face: object, style: Style, zorder: float = 3) -> None:
    """Filled circles with a thin edge in the colour of the paper, not cut at the edge of the plot."""
    looks = {"s": diameter**2, "c": face, "edgecolors": style.paper, "linewidths": style.hairline}
    axes.scatter(x, y, marker="o", **looks, zorder=zorder, clip_on=False)


def joined(*sentences: str) -> str:
    """Sentences in one paragraph, the empty ones left out."""
    return " ".join(sentence for sentence in sentences if sentence)
