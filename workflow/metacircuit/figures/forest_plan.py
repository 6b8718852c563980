"""All decisions about a forest plot before anything is drawn: texts, columns, axis, notes and heights."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from metacircuit.figures.forest_axis import Axis, Foot, axis_for, foot
from metacircuit.figures.forest_layout import Columns, Placed, columns_for, paginate, place
from metacircuit.figures.forest_table import NUMBER_COLUMNS, Content, Kind, content
from metacircuit.figures.result import the_measure
from metacircuit.figures.scales import scale_for
from metacircuit.figures.style import DEFAULT, Style
from metacircuit.figures.typeface import width, wrap

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
        return self.style.row + 2 * HEADER_PADDING

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
    columns: Sequence[str] = tuple(NUMBER_COLUMNS),
    sort: str | None = None,
    level: float = 95.0,
    style: Style = DEFAULT,
) -> Plan:
    """Plan a forest plot; the parameters are those of `metacircuit.figures.forest.forest`."""
    scale = scale_for(the_measure(estimates, measure))
    found = content(rows, estimates, contrast, scale, sort)
    heading = f"{scale.heading} [{level:g}% CI]"
    where = columns_for(found.lines, columns, heading, style)
    axis = axis_for(found.lines, scale, *where.plot, style)
    sentences = [note, *_legend(found, axis, level)]
    room = style.width - 2 * style.margin
    return Plan(
        lines=tuple(place(found.lines, where, style)),
        columns=where,
        axis=axis,
        foot=foot(axis, scale.label if x_label is None else x_label, favours, style),
        heading=heading,
        title=wrap(title, room, lambda s: width(s, style.title, bold=True)) if title else (),
        notes=tuple(part for text in sentences if text for part in wrap(text, room, lambda s: width(s, style.small))),
        style=style,
    )


def _legend(found: Content, axis: Axis, level: float) -> list[str]:
    """What a reader cannot see from the figure itself."""
    sentences = []
    if any(line.kind is Kind.SPREAD and line.interval for line in found.lines):
        sentences.append(f"PI: {level:g}% prediction interval.")
    intervals = [line.interval for line in found.lines if line.interval and line.interval.drawable]
    if any(interval.lower < axis.low or interval.upper > axis.high for interval in intervals):
        sentences.append("Arrow heads: the interval goes on beyond the axis.")
    return [" ".join(sentences), f"No studies: {'; '.join(found.empty)}." if found.empty else ""]
