"""The lines of a forest plot with their texts broken and their heights known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    """A line with its label and its cells broken into lines, and its height in points."""

    line: Line
    label: tuple[str, ...]
    cells: Mapping[str, tuple[str, ...]]
    height: float


def place(lines: Sequence[Line], cols: Columns, style: Style) -> list[Placed]:
    """Break labels and cells into lines and give each line its height."""
    return [placed_line(line, cols, style) for line in lines]


def placed_line(line: Line, cols: Columns, style: Style) -> Placed:
    """Break the label and the cells of one line."""
    # Lines without numbers may run on to the plot.
    room = cols.label_room if line.cells else cols.run_on - style.margin
    room -= indent(line, style)
    limit = LABEL_LINES if line.kind is Kind.STUDY else None
    label = wrap(line.label, room, label_measure(line, style), limit) if line.label else ("",)
    cells = _cells(line, cols, style)
    most = max((len(strings) for strings in cells.values()), default=1)
    extra = max((len(label) - 1) * size_of(line, style), (most - 1) * style.body)
    height = style.row + extra * style.leading
    if line.kind is Kind.GROUP or is_overall(line):
        height += 0.35 * style.row
    elif line.kind is Kind.SUBHEAD or line.kind in (Kind.SPREAD, Kind.REMARK):
        height += 0.15 * style.row
    return Placed(line, label, cells, height)


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
