"""Several small plots side by side, each with axes of its own: a grid of panels with their names."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes

from metacircuit.figures.canvas import Canvas
from metacircuit.figures.chart import Direction, spanned
from metacircuit.figures.legend import Entry, arrange, draw_legend, legend_height
from metacircuit.figures.panel import Box, Panel, bottom_room, draw_panel, left_room
from metacircuit.figures.sheet import note_lines, sheet, title_lines
from metacircuit.figures.style import Style
from metacircuit.figures.typeface import shorten, width

_ACROSS, _DOWN, _LEAST_WIDTH = 12.0, 12.0, 130.0
_MOST_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class Small:
    """One of the plots: its name and its directions."""

    name: str
    x: Direction
    y: Direction


def panels(
    plots: Sequence[Small],
    *,
    style: Style,
    title: str = "",
    notes: Iterable[str] = (),
    entries: Sequence[Entry] = (),
    shape: float = 0.72,
) -> tuple[Canvas, list[Axes]]:
    """Lay out a page with as many plots in a row as have room, and draw their axes.

    Parameters
    ----------
    plots : in the order of display
    notes : sentences below the figure
    entries : of the legend
    shape : height of a plot as a share of its width
    """
    room = style.width - 2 * style.margin
    columns = max(1, min(len(plots), _MOST_COLUMNS, int((room + _ACROSS) // (_LEAST_WIDTH + _ACROSS))))
    columns = 2 if len(plots) == 4 and columns == 3 else columns
    each = (room - (columns - 1) * _ACROSS) / columns
    tall = shape * each if columns > 1 else 0.5 * each
    heading = style.body * style.leading + 5
    named = any(plot.x.label for plot in plots)
    step = heading + tall + bottom_room(style, label=named) + _DOWN
    legend, lines = arrange(entries, style), note_lines(notes, style)
    count = math.ceil(len(plots) / columns)
    canvas, top = sheet(count * step - _DOWN + legend_height(legend, style), title_lines(title, style), lines, style)
    axes = []
    for n, plot in enumerate(plots):
        row, column = divmod(n, columns)
        start, y = style.margin + column * (each + _ACROSS), top + row * step
        upright = spanned(plot.y, tall, style, upright=True)
        left = start + left_room(upright, style)
        right = start + each - 4
        name = shorten(plot.x.label, right - start, lambda s: width(s, style.body)) if plot.x.label else ""
        level = spanned(replace(plot.x, label=name), right - left, style, upright=False)
        box = Box(left, right, y + heading, y + heading + tall)
        axes.append(draw_panel(canvas, Panel(box, level, upright)))
        name = shorten(plot.name, right - left, lambda s: width(s, style.body, bold=True))
        canvas.text(left, y + style.body + 1, name, bold=True)
    draw_legend(canvas, legend, top + count * step - _DOWN)
    return canvas, axes
