"""All decisions about a forest plot before anything is drawn: texts, columns, axis, notes and heights."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import pandas as pd

from metacircuit.figures.forest_axis import Axis, Foot, axis_for, foot
from metacircuit.figures.forest_breaks import kept_together, paginate
from metacircuit.figures.forest_columns import EFFECTS, ESTIMATE, PARTICIPANTS, WEIGHT, Column, columns_of, legend
from metacircuit.figures.forest_layout import Placed, place, without_narrow_texts
from metacircuit.figures.forest_slots import Columns, columns_for
from metacircuit.figures.forest_table import MOST_ROWS, Arrangement, Content, Kind, Line, content
from metacircuit.figures.result import the_measure
from metacircuit.figures.scales import scale_for
from metacircuit.figures.sheet import note_lines, title_lines
from metacircuit.figures.style import DEFAULT, Style, TooNarrowError

USUAL = (EFFECTS, PARTICIPANTS, WEIGHT)
"""The columns of a forest plot for which none are chosen, beside the estimate."""

HEADER_PADDING = 2.5
BODY_PADDING = 2.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What the pages of one forest plot share, and its lines."""

    lines: tuple[Placed, ...]
    columns: Columns
    axis: Axis
    foot: Foot
    heading: str
    title: tuple[str, ...]
    notes: tuple[str, ...]
    style: Style

    @property
    def title_height(self) -> float:
        """The room for the title."""
        return len(self.title) * self.style.title * self.style.leading + 4 * bool(self.title)

    @property
    def header_height(self) -> float:
        """The room for the column headings between their rules."""
        more = max((len(slot.heading) for slot in self.columns.slots), default=1) - 1
        return self.style.row + 2 * HEADER_PADDING + max(more, 0) * self.style.body * self.style.leading

    @property
    def notes_height(self) -> float:
        """The room for the notes under the last page."""
        return len(self.notes) * self.style.small * self.style.leading + 5 * bool(self.notes)

    def around(self, *, first: bool, last: bool) -> float:
        """The height that a page needs besides its lines."""
        always = 2 * self.style.margin + self.header_height + 2 * BODY_PADDING + self.foot.height
        return always + first * self.title_height + last * self.notes_height

    def pages(self) -> list[list[Placed]]:
        """The lines of each page; the notes are counted on every page, because any may turn out to be the last."""
        height = self.style.page_height
        rooms = (height - self.around(first=True, last=True), height - self.around(first=False, last=True))
        return paginate(self.lines, rooms, self.columns, self.style)


def plan_forest(
    rows: pd.DataFrame,
    estimates: pd.DataFrame,
    contrast: pd.DataFrame | None = None,
    *,
    measure: str | None = None,
    title: str = "",
    x_label: str | None = None,
    favours: tuple[str, str] = ("", ""),
    note: str = "",
    columns: Sequence[str] = USUAL,
    left: Sequence[str | Column] | None = None,
    right: Sequence[str | Column] | None = None,
    sort: str | Sequence[str] | None = None,
    group: str | None = None,
    strata_only: bool = False,
    most_rows: int = MOST_ROWS,
    level: float = 95.0,
    style: Style = DEFAULT,
) -> Plan:
    """Plan a forest plot; the parameters are those of `metacircuit.figures.forest.forest`."""
    scale = scale_for(the_measure(estimates, measure))
    sides = _sides(columns, left, right, rows)
    keys = (sort,) if isinstance(sort, str) else tuple(sort or ())
    arrangement = Arrangement((*sides[0], *sides[1]), keys, group, strata_only, most_rows)
    found = content(rows, estimates, contrast, scale, arrangement)
    opening, _, closing = style.brackets
    heading = f"{scale.heading} {opening}{level:g}% CI{closing}"
    mine = tuple(columns) != USUAL
    where = _fitting(found.lines, sides, heading, style, fixed=(mine or left is not None, mine or right is not None))
    lines = kept_together(without_narrow_texts(found.lines, where, style))
    axis = axis_for(lines, scale, *where.plot, style)
    sentences = [note, *_legend(found, axis, level), _dots(where, lines), found.left_out]
    return Plan(
        lines=tuple(place(lines, where, style)),
        columns=where,
        axis=axis,
        foot=foot(axis, scale.label if x_label is None else x_label, favours, style),
        heading=heading,
        title=title_lines(title, style),
        notes=note_lines(sentences, style),
        style=style,
    )


_Sides = tuple[tuple[Column, ...], tuple[Column, ...]]


def _sides(
    usual: Sequence[str],
    left: Sequence[str | Column] | None,
    right: Sequence[str | Column] | None,
    rows: pd.DataFrame,
) -> _Sides:
    """The columns at each side of the plot: those asked for, else the usual ones."""
    unknown = [name for name in usual if name not in USUAL]
    if unknown:
        raise ValueError(f"unknown column {unknown[0]!r} for a forest plot; allowed: {', '.join(USUAL)}")
    before = [name for name in usual if name != WEIGHT] if left is None else left
    after = [*(name for name in usual if name == WEIGHT), ESTIMATE] if right is None else right
    sides = columns_of(before, rows), columns_of(after, rows)
    names = [column.name for side in sides for column in side]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"the column {twice[0]!r} stands twice in a forest plot; name it once")
    return sides


def _fitting(lines: Sequence[Line], sides: _Sides, heading: str, style: Style, *, fixed: tuple[bool, bool]) -> Columns:
    """Place the columns; of the usual ones, that nobody asked for, as many as a narrow page has room for."""
    try:
        return columns_for(lines, *sides, heading, style)
    except TooNarrowError:
        for dropped in ((EFFECTS,), (EFFECTS, PARTICIPANTS), USUAL):
            fewer = [
                tuple(column for column in side if asked or column.name not in dropped)
                for side, asked in zip(sides, fixed, strict=True)
            ]
            with suppress(TooNarrowError):
                return columns_for(lines, *fewer, heading, style)
        raise


def _dots(where: Columns, lines: Sequence[Line]) -> str:
    """What the dots of the columns mean."""
    shown = [slot.column for slot in where.slots if slot.column.show == "dots"]
    return legend(shown, (line.cells.get(column.name, "") for line in lines for column in shown))


def _legend(found: Content, axis: Axis, level: float) -> list[str]:
    """What a reader cannot see from the figure itself."""
    sentences = []
    if any(line.kind is Kind.SPREAD and line.interval for line in found.lines):
        sentences.append(f"PI: {level:g}% prediction interval.")
    intervals = [line.interval for line in found.lines if line.interval and line.interval.drawable]
    if any(interval.lower < axis.low or interval.upper > axis.high for interval in intervals):
        sentences.append("Arrow heads: the interval goes on beyond the axis.")
    return [" ".join(sentences), f"No studies: {'; '.join(found.empty)}." if found.empty else ""]
