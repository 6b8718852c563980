"""Where the columns of a forest plot stand: as wide as their texts, and the plot has what the labels leave."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from metacircuit.figures.canvas import marked_width
from metacircuit.figures.forest_columns import EFFECTS, ESTIMATE, Column
from metacircuit.figures.forest_table import Kind, Line
from metacircuit.figures.style import MM, Style, TooNarrowError
from metacircuit.figures.typeface import Measure, width, wrap

PLOT_GAP = 12.6
DOT = 7.6
"""The diameter of the dot of a judgement, in points."""

CELL_LINES = 3
"""A cell of text takes this many lines at most; the rest becomes an ellipsis."""

_WHOLE = re.compile(r"[^0-9]*[0-9,]*")

_LEAST_LABEL, _LEAST_PLOT, _LEAST_SHARE = 48.0, 90.0, 0.27
_USUAL_LABEL, _USUAL_PLOT = 0.22, 0.33
_GOOD_LABEL, _GOOD_PLOT = 78.0, 0.28
_BETWEEN_NUMBERS = 3.0
_WIDEST_CELL, _TIGHT_CELL = 0.24, 48.0


@dataclass(frozen=True, slots=True)
class Decimal:
    """A column of numbers set under one another at the decimal point: its right edge and the room after the point."""

    right: float
    after_point: float

    def edge(self, string: str, size: float, *, bold: bool = False) -> float:
        """Where a number must end for its decimal point to stand in the column."""
        return self.right - self.after_point + width(_after_point(string), size, bold=bold)


@dataclass(frozen=True, slots=True)
class Slot:
    """A column of text: its place in points, its heading broken into lines, and the room after the decimal point."""

    column: Column
    heading: tuple[str, ...]
    left: float
    right: float
    after_point: float

    @property
    def decimal(self) -> Decimal:
        """How its numbers are set."""
        return Decimal(self.right, self.after_point)


@dataclass(frozen=True, slots=True)
class Columns:
    """Horizontal positions in points.

    Parameters
    ----------
    label_room : from the left margin to where the next column starts
    slots : the columns beside the plot, from left to right, but for the estimates
    plot : both ends of the axis
    written : columns of the estimate, the lower and the upper limit; empty where they are not shown
    heading : right edge of the heading above `written`
    run_on : where a sentence without numbers must end
    """

    label_room: float
    slots: tuple[Slot, ...]
    plot: tuple[float, float]
    written: tuple[Decimal, ...]
    heading: float
    run_on: float


@dataclass(frozen=True, slots=True)
class _Sized:
    """A column before it has a place."""

    column: Column
    heading: tuple[str, ...]
    width: float
    after_point: float


def columns_for(
    lines: Sequence[Line], left: Sequence[Column], right: Sequence[Column], heading: str, style: Style
) -> Columns:
    """Place the columns left and right of the plot.

    Raises
    ------
    TooNarrowError
        Where the page is too narrow for them.
    """
    left, right = ([c for c in side if _worth_showing(c, lines)] for side in (left, right))
    wish = max((_label_width(line, style) for line in lines if line.cells), default=0.0)
    comfortable = min(wish, _USUAL_LABEL * style.width) + _GOOD_PLOT * style.width
    for tight in (False, True):
        sized = [[_sized(c, lines, heading, style, tight=tight) for c in side] for side in (left, right)]
        taken = sum(column.width + style.gutter for column in (*sized[0], *sized[1]))
        # The gap at the plot takes the place of a gutter at the right.
        room = style.width - 2 * style.margin - 2 * PLOT_GAP - taken + style.gutter * bool(right)
        if room >= comfortable:
            break
    if room < _LEAST_LABEL + _least_plot(style):
        shown = [c.name for c in (*left, *right) if c.name != ESTIMATE]
        beside = f" with the columns {', '.join(shown)}" if shown else ""
        least = math.ceil((style.width - room + _LEAST_LABEL + _LEAST_PLOT) / MM)
        advice = f"leave out some of them or take {least} mm" if shown else f"take {least} mm"
        raise TooNarrowError(f"{style.width_mm:g} mm is too narrow for a forest plot{beside}; {advice}")
    return _placed(lines, sized[0], sized[1], room, style)


def _placed(lines: Sequence[Line], left: list[_Sized], right: list[_Sized], room: float, style: Style) -> Columns:
    """Share the room between the labels and the plot, and put everything in its place."""
    numbers = sum(column.width + style.gutter for column in left)
    # Sentences may run on over the number columns.
    wishes = [_label_width(line, style) - (0.0 if line.cells else numbers) for line in lines]
    # Labels may take what a plot of the usual width leaves; where that is little, the plot shrinks too.
    generous = room - _USUAL_PLOT * style.width
    tight = min(max(_USUAL_LABEL * style.width, _GOOD_LABEL), room - _least_plot(style))
    label_room = max(_LEAST_LABEL, min(max(wishes, default=0.0), max(generous, tight)))

    slots, written, of_heading = [], (), style.width - style.margin
    edge = style.margin + label_room
    plot_left = edge + numbers + PLOT_GAP
    plot = (plot_left, plot_left + room - label_room)
    run_on = plot_left - PLOT_GAP
    for column, is_left in [*((c, True) for c in left), *((c, False) for c in right)]:
        start = edge + style.gutter
        if not is_left and edge < plot[1]:
            start = plot[1] + PLOT_GAP
        edge = start + column.width
        if column.column.name == ESTIMATE:
            written, of_heading = _written(lines, edge, style)[0], edge
            run_on = min(run_on, start - style.gutter) if is_left else run_on
        else:
            slots.append(Slot(column.column, column.heading, start, edge, column.after_point))
    return Columns(label_room, tuple(slots), plot, written, of_heading, run_on)


def _least_plot(style: Style) -> float:
    """The narrowest plot that can be read; in a single column of a journal it makes room for the names."""
    return min(_LEAST_PLOT, _LEAST_SHARE * style.width)


def label_measure(line: Line, style: Style) -> Measure:
    """How wide a text is when it is set as the label of the line."""
    size, bold = size_of(line, style), is_bold(line)
    return lambda string: marked_width(string, size) if line.marked else width(string, size, bold=bold)


def indent(line: Line, style: Style) -> float:
    """How far the label of a line is set in."""
    if line.kind is Kind.GROUP or not line.group or (line.brief and line.kind is not Kind.SPREAD):
        return 0.0
    return style.indent


def is_bold(line: Line) -> bool:
    """Headings and pooled estimates are bold."""
    return line.kind is Kind.GROUP or (line.kind is Kind.POOLED and not line.brief)


def size_of(line: Line, style: Style) -> float:
    """The size of the label in points."""
    return style.small if line.kind in (Kind.SPREAD, Kind.REMARK) else style.body


def _label_width(line: Line, style: Style) -> float:
    """The room that the label would like; a long sentence is content with two lines."""
    wish = label_measure(line, style)(line.label)
    if line.kind is Kind.REMARK:
        wish = min(wish, max(wish / 1.8, _USUAL_LABEL * style.width))
    return wish + indent(line, style) + 1.0


def _worth_showing(column: Column, lines: Sequence[Line]) -> bool:
    """A column of nothing, or of one effect a study, is left out."""
    if column.name == ESTIMATE:
        return True
    kinds = {Kind.STUDY} if any(line.kind is Kind.STUDY for line in lines) else {Kind.POOLED}
    cells = {line.cells.get(column.name, "") for line in lines if line.kind in kinds}
    return bool(cells - {"", "1"}) if column.name == EFFECTS else bool(cells - {""})


def _sized(column: Column, lines: Sequence[Line], heading: str, style: Style, *, tight: bool) -> _Sized:
    """How wide a column must be; a tight one breaks its heading and its texts."""
    if column.name == ESTIMATE:
        return _Sized(column, (heading,), _written(lines, 0.0, style, heading)[1], 0.0)

    def bold(string: str) -> float:
        return width(string, style.body, bold=True)

    cells = {(line.cells.get(column.name, ""), is_bold(line)) for line in lines}
    after = 0.0
    if column.show == "dots":
        body = DOT
    elif column.show == "number":
        after = max((width(_after_point(cell), style.body, bold=b) for cell, b in cells), default=0.0)
        body = after + max((width(_before_point(cell), style.body, bold=b) for cell, b in cells), default=0.0)
    else:
        cap = _TIGHT_CELL if tight else _WIDEST_CELL * style.width
        longest = max((width(word, style.body, bold=b) for cell, b in cells for word in cell.split()), default=0.0)
        body = max((width(cell, style.body, bold=b) for cell, b in cells), default=0.0)
        body = min(body, max(cap, min(longest, 1.5 * cap)))
    least = max((bold(word) for word in column.heading.split()), default=0.0)
    room = max(body, least if tight or column.show == "dots" else bold(column.heading))
    return _Sized(column, wrap(column.heading, room + 0.5, bold) if column.heading else (), room, after)


def _written(
    lines: Sequence[Line], right_edge: float, style: Style, heading: str = ""
) -> tuple[tuple[Decimal, ...], float]:
    """The three columns of the estimates, from the right edge, and how wide they are together."""
    found = []
    edge = right_edge
    opening, between, closing = style.brackets
    for part, before, after in ((2, "", closing), (1, opening, between), (0, "", " ")):
        strings = [(line.written[part], is_bold(line)) for line in lines if line.written]
        points = max((width(_after_point(s), style.body, bold=b) for s, b in strings), default=0.0)
        whole = max((width(before + _before_point(s), style.body, bold=b) for s, b in strings), default=0.0)
        found.append(Decimal(edge - width(after, style.body, bold=True), points))
        edge -= width(after, style.body, bold=True) + points + whole + (_BETWEEN_NUMBERS if part == 1 else 0.5)
    taken = max(right_edge - edge, width(heading, style.body, bold=True))
    return (found[2], found[1], found[0]), math.ceil(taken)


def _before_point(string: str) -> str:
    """A number up to its decimal point, or up to what follows its digits; 3.2e9 stands as a whole before the point."""
    return string if "e" in string else _WHOLE.match(string)[0]  # type: ignore[index]


def _after_point(string: str) -> str:
    return string.removeprefix(_before_point(string))
