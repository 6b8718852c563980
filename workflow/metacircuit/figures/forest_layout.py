"""Where the parts of a forest plot stand: column positions, line heights, and where its pages end."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from metacircuit.figures.canvas import marked_width
from metacircuit.figures.forest_table import NUMBER_COLUMNS, Kind, Line
from metacircuit.figures.style import Style
from metacircuit.figures.typeface import Measure, width, wrap

CONTINUED = " (continued)"

LABEL_LINES = 3
"""A study's name takes this many lines at most; the rest becomes an ellipsis."""

_LEAST_LABEL, _LEAST_PLOT = 48.0, 90.0
_USUAL_LABEL, _USUAL_PLOT = 0.22, 0.33
_BETWEEN_NUMBERS = 3.0
_PLOT_GAP = 12.6


@dataclass(frozen=True, slots=True)
class Decimal:
    """A column of numbers set under one another at the decimal point: its right edge and the room after the point."""

    right: float
    after_point: float

    def edge(self, string: str, size: float, *, bold: bool = False) -> float:
        """Where a number must end for its decimal point to stand in the column."""
        return self.right - self.after_point + width(_after_point(string), size, bold=bold)


@dataclass(frozen=True, slots=True)
class Columns:
    """Horizontal positions in points.

    Parameters
    ----------
    label_room : from the left margin to where the next column starts
    left, right : right edges of the number columns left and right of the plot, by name
    plot : both ends of the axis
    written : columns of the estimate, the lower and the upper limit
    heading : right edge of the heading above `written`
    """

    label_room: float
    left: dict[str, float]
    right: dict[str, float]
    plot: tuple[float, float]
    written: tuple[Decimal, Decimal, Decimal]
    heading: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A line with its label broken into lines and its height in points."""

    line: Line
    label: tuple[str, ...]
    height: float


def columns_for(lines: Sequence[Line], shown: Sequence[str], heading: str, style: Style) -> Columns:
    """Columns as wide as their texts; the plot has what the labels leave.

    Raises
    ------
    ValueError
        Where the page is too narrow for the columns asked for.
    """
    unknown = [name for name in shown if name not in NUMBER_COLUMNS]
    if unknown:
        raise ValueError(f"unknown column {unknown[0]!r} for a forest plot; allowed: {', '.join(NUMBER_COLUMNS)}")
    widths = {name: _cell_width(name, lines, style) for name in shown if _worth_showing(name, lines)}
    after = {name: w for name, w in widths.items() if name == "weight"}
    before = {name: w for name, w in widths.items() if name != "weight"}

    right_edge = style.width - style.margin
    written, start = _written(lines, heading, right_edge, style)
    right = {}
    for name, cell in reversed(after.items()):
        right[name] = start - style.gutter
        start = right[name] - cell
    plot_end = start - _PLOT_GAP

    numbers = sum(cell + style.gutter for cell in before.values())
    room = plot_end - style.margin - numbers - _PLOT_GAP
    if room < _LEAST_LABEL + _LEAST_PLOT:
        raise ValueError(
            f"{style.width_mm:g} mm is too narrow for a forest plot with the columns {', '.join(widths)}; "
            "leave out some of them (columns=) or take a wider style"
        )
    # Sentences may run on over the number columns.
    wishes = [_label_width(line, style) - (0.0 if line.cells else numbers) for line in lines]
    # Labels may take what a plot of the usual width leaves; where that is little, the plot shrinks too.
    generous = room - _USUAL_PLOT * style.width
    tight = min(_USUAL_LABEL * style.width, room - _LEAST_PLOT)
    label_room = max(_LEAST_LABEL, min(max(wishes, default=0.0), max(generous, tight)))

    left, edge = {}, style.margin + label_room
    for name, cell in before.items():
        edge += style.gutter + cell
        left[name] = edge
    return Columns(label_room, left, right, (edge + _PLOT_GAP, plot_end), written, right_edge)


def place(lines: Sequence[Line], cols: Columns, style: Style) -> list[Placed]:
    """Break labels into lines and give each line its height."""
    return [_placed(line, cols, style) for line in lines]


def paginate(placed: Sequence[Placed], room: Sequence[float], cols: Columns, style: Style) -> list[list[Placed]]:
    """Fill pages of a given room; a stratum that runs on has its heading repeated.

    Parameters
    ----------
    room : height for lines on the first page and on the others, in points
    """
    pages: list[list[Placed]] = [[]]
    used = 0.0
    for block in _blocks(placed):
        height = sum(item.height for item in block)
        if pages[-1] and used + height > room[min(len(pages) - 1, 1)]:
            pages.append(_continuation(block[0].line, cols, style))
            used = sum(item.height for item in pages[-1])
        pages[-1].extend(block)
        used += height
    return pages


def _blocks(placed: Sequence[Placed]) -> list[list[Placed]]:
    """Lines that belong on one page."""
    blocks: list[list[Placed]] = []
    joined = False
    for item in placed:
        if joined:
            blocks[-1].append(item)
        else:
            blocks.append([item])
        joined = item.line.keep
    return blocks


def _continuation(first: Line, cols: Columns, style: Style) -> list[Placed]:
    """The repeated heading of the stratum that a page starts in the middle of."""
    if not first.group or first.kind is Kind.GROUP:
        return []
    return [_placed(Line(Kind.GROUP, first.group + CONTINUED, first.group), cols, style)]


def indent(line: Line, style: Style) -> float:
    """How far the label of a line is set in."""
    if line.kind is Kind.GROUP or not line.group:
        return 0.0
    return style.indent


def is_bold(line: Line) -> bool:
    """Headings and pooled estimates are bold."""
    return line.kind in (Kind.GROUP, Kind.POOLED)


def is_overall(line: Line) -> bool:
    """Whether the line is the pooled estimate of all studies."""
    return line.kind is Kind.POOLED and not line.group


def size_of(line: Line, style: Style) -> float:
    """The size of the label in points."""
    return style.small if line.kind in (Kind.SPREAD, Kind.REMARK) else style.body


def _placed(line: Line, cols: Columns, style: Style) -> Placed:
    # Lines without numbers may run on to the plot.
    room = cols.label_room if line.cells else cols.plot[0] - _PLOT_GAP - style.margin
    room -= indent(line, style)
    limit = LABEL_LINES if line.kind is Kind.STUDY else None
    label = wrap(line.label, room, _measure(line, style), limit) if line.label else ("",)
    height = style.row + (len(label) - 1) * size_of(line, style) * style.leading
    if line.kind is Kind.GROUP or is_overall(line):
        height += 0.35 * style.row
    elif line.kind in (Kind.SPREAD, Kind.REMARK):
        height += 0.15 * style.row
    return Placed(line, label, height)


def _label_width(line: Line, style: Style) -> float:
    """The room that the label would like; a long sentence is content with two lines."""
    wish = _measure(line, style)(line.label)
    if line.kind is Kind.REMARK:
        wish = min(wish, max(wish / 1.8, _USUAL_LABEL * style.width))
    return wish + indent(line, style) + 1.0


def _measure(line: Line, style: Style) -> Measure:
    """How wide a text is when it is set as the label of the line."""
    size, bold = size_of(line, style), is_bold(line)
    return lambda string: marked_width(string, size) if line.marked else width(string, size, bold=bold)


def _worth_showing(name: str, lines: Sequence[Line]) -> bool:
    """A column of nothing, or of one effect a study, is left out."""
    cells = {line.cells.get(name, "") for line in lines if line.kind is Kind.STUDY}
    return bool(cells - {"", "1"}) if name == "effects" else bool(cells - {""})


def _cell_width(name: str, lines: Sequence[Line], style: Style) -> float:
    """The widest of a column's texts."""
    cells = [width(line.cells.get(name, ""), style.body, bold=is_bold(line)) for line in lines]
    return max(*cells, width(NUMBER_COLUMNS[name], style.body, bold=True))


def _written(
    lines: Sequence[Line], heading: str, right_edge: float, style: Style
) -> tuple[tuple[Decimal, Decimal, Decimal], float]:
    """The three columns of the estimates, from the right edge, and where they begin."""
    found = []
    edge = right_edge
    brackets = (("", " "), ("[", ", "), ("", "]"))
    for part in (2, 1, 0):
        before, after = brackets[part]
        strings = [(line.written[part], is_bold(line)) for line in lines if line.written]
        points = max((width(_after_point(s), style.body, bold=b) for s, b in strings), default=0.0)
        whole = max((width(before + _before_point(s), style.body, bold=b) for s, b in strings), default=0.0)
        tail = width(after, style.body, bold=True)
        found.append(Decimal(edge - tail, points))
        edge -= tail + points + whole + (_BETWEEN_NUMBERS if part == 1 else 0.5)
    start = min(edge, right_edge - width(heading, style.body, bold=True))
    return (found[2], found[1], found[0]), math.floor(start)


def _after_point(string: str) -> str:
    """The decimal point and what follows it; nothing for 3.2e9, which stands as a whole before the point."""
    return "" if "e" in string else "".join(string.partition(".")[1:])


def _before_point(string: str) -> str:
    return string.removesuffix(_after_point(string))
