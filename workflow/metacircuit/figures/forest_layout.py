"""The lines of a forest plot with their texts broken and their heights known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from metacircuit.figures.canvas import Canvas
from metacircuit.figures.forest_slots import (
    CELL_LINES,
    Columns,
    indent,
    is_bold,
    label_measure,
    size_of,
)
from metacircuit.figures.forest_table import Kind, Line
from metacircuit.figures.style import Style
from metacircuit.figures.typeface import width, wrap

LABEL_LINES = 3
"""A study's name takes this many lines at most; the rest becomes an ellipsis."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A line with its label and its cells broken into lines, and its height in points.

    Parameters
    ----------
    over : how far a sentence that has no room beside the plot runs on over it, in points from the left margin
    """

    line: Line
    label: tuple[str, ...]
    cells: Mapping[str, tuple[str, ...]]
    height: float
    over: float = 0.0


_UNMARKED = (Kind.GROUP, Kind.SUBHEAD, Kind.REMARK)
_MOST_LINES = 2


def without_narrow_texts(lines: Sequence[Line], cols: Columns, style: Style) -> tuple[Line, ...]:
    """Give heterogeneity a line of its own where it has no room beside the prediction interval."""
    found: list[Line] = []
    for line in lines:
        if line.kind is Kind.SPREAD and len(placed_line(line, cols, style).label) > _MOST_LINES:
            remark = Line(Kind.REMARK, line.label, line.group, marked=line.marked, brief=line.brief)
            found += [replace(line, label=""), remark] if line.interval else [remark]
        else:
            found.append(line)
    return tuple(found)


def clear_over(canvas: Canvas, placed: Placed, y: float) -> None:
    """Clear the plot behind a sentence that runs on over it."""
    style = canvas.style
    if placed.over:
        end = style.margin + placed.over + 3
        canvas.band(style.margin, end, y, y + placed.height, style.paper)


def place(lines: Sequence[Line], cols: Columns, style: Style) -> list[Placed]:
    """Break labels and cells into lines and give each line its height."""
    return [placed_line(line, cols, style) for line in lines]


def placed_line(line: Line, cols: Columns, style: Style) -> Placed:
    """Break the label and the cells of one line."""
    # Lines without numbers may run on to the plot, and those that have no mark in it over the plot too.
    room = (cols.label_room if line.cells else cols.run_on - style.margin) - indent(line, style)
    limit, measure = LABEL_LINES if line.kind is Kind.STUDY else None, label_measure(line, style)
    over = not line.cells and line.kind in _UNMARKED and measure(line.label) > room
    if over:
        room = style.width - 2 * style.margin - indent(line, style)
    label = wrap(line.label, room, measure, limit) if line.label else ("",)
    cells = _cells(line, cols, style)
    most = max((len(strings) for strings in cells.values()), default=1)
    extra = max((len(label) - 1) * size_of(line, style), (most - 1) * style.body)
    height = style.row + extra * style.leading
    if line.kind is Kind.GROUP or is_overall(line):
        height += 0.35 * style.row
    elif line.kind is Kind.SUBHEAD or line.kind in (Kind.SPREAD, Kind.REMARK):
        height += 0.15 * style.row
    reach = indent(line, style) + max(map(measure, label)) if over else 0.0
    return Placed(line, label, cells, height, reach)


def _cells(line: Line, cols: Columns, style: Style) -> dict[str, tuple[str, ...]]:
    """The texts beside a line; only those of words are broken."""
    bold, found = is_bold(line), {}
    for slot in cols.slots:
        string = line.cells.get(slot.column.name, "")
        if not string:
            continue
        room = slot.right - slot.left + 0.5
        broken = slot.column.show == "text"
        found[slot.column.name] = (
            wrap(string, room, lambda s: width(s, style.body, bold=bold), CELL_LINES) if broken else (string,)
        )
    return found


def is_overall(line: Line) -> bool:
    """Whether the line is the pooled estimate of all studies."""
    return line.kind is Kind.POOLED and not line.group
