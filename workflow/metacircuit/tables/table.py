"""A table as one frozen object, from which every format is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from metacircuit.tables.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["text", "number", "count", "p"]
Align = Literal["left", "center", "right", "decimal"]

_ALIGN: dict[str, Align] = {"text": "left", "number": "decimal", "count": "right", "p": "decimal"}
NAME_OF_NOTES = "note"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what machines and people call it, what it holds, how it stands.

    Parameters
    ----------
    name : str
        Header in the CSV.
    heading : str
        Header for people.
    kind : {"text", "number", "count", "p"}
        What its cells hold.
    spanner : str
        A heading over this column and its neighbours with the same one; "" for none.
    italic : bool
        Whether the heading is a statistical symbol, which APA style sets in italics.
    shown : bool
        False: only the CSV has it.
    align : {"left", "center", "right", "decimal"}, optional
        By default text left, numbers at the decimal point, counts right.
    """

    name: str
    heading: str
    kind: Kind = "text"
    spanner: str = ""
    italic: bool = False
    shown: bool = True
    align: Align | None = None

    def __post_init__(self) -> None:
        _clean(self, "heading", "spanner")

    @property
    def alignment(self) -> Align:
        """How the cells stand."""
        return self.align or _ALIGN[self.kind]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: the value for machines, the text for people, made together by `metacircuit.tables.cells`.

    Parameters
    ----------
    value : str, float, int or None
        None where there is nothing.
    text : str
        What people read.
    number_format : str
        How a spreadsheet shows the value as the text does; "" for text.
    marks : tuple of str
        Marks of footnotes, such as ("a",).
    """

    value: str | float | int | None
    text: str
    number_format: str = ""
    marks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _clean(self, "text")
        if isinstance(self.value, str):
            _clean(self, "value")

    @property
    def numeric(self) -> bool:
        """Whether a spreadsheet gets a number."""
        return bool(self.number_format)


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its cells, a word a group column, and what stands in place of numbers that do not exist.

    `message` takes the place of the longest run of empty cells that are shown.
    """

    cells: tuple[Cell, ...]
    groups: tuple[str, ...] = ()
    message: str = ""
    strong: bool = False

    def __post_init__(self) -> None:
        _clean(self, "message")
        object.__setattr__(self, "groups", tuple(clean(word) for word in self.groups))


@dataclass(frozen=True, slots=True)
class Footnote:
    """What a mark in a cell means."""

    mark: str
    text: str

    def __post_init__(self) -> None:
        _clean(self, "text")


@dataclass(frozen=True, slots=True)
class Table:
    """A table for a paper: title, columns, rows, a general note and footnotes.

    Parameters
    ----------
    name : str
        Stem of its files.
    title : str
        Caption.
    columns : tuple of Column
        In order.
    rows : tuple of Row
        As many cells each as there are columns, as many groups each as there are group columns. Rows of a group stand
        together; people see a group's word once above its rows ("" for none), machines see it in every row.
    groups : tuple of Column
        Columns of the groups, the widest group first.
    note : str
        The general note: abbreviations, models, what was left out.
    footnotes : tuple of Footnote
        In the order of their marks.

    Raises
    ------
    ValueError
        With every way in which the parts do not fit each other.

    Examples
    --------
    >>> from metacircuit.tables.cells import text, whole
    >>> Table("t", "Two", (Column("study", "Study"), Column("k", "k", "count")), (Row((text("Li"), whole(2))),)).width
    2
    >>> Table("t", "Bad", (Column("k", "k"), Column("k", "k")), (Row((whole(1),)),))
    Traceback (most recent call last):
    ...
    ValueError: table t: two columns are named k; row 1 has 1 cells and the table 2 columns
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    groups: tuple[Column, ...] = ()
    note: str = ""
    footnotes: tuple[Footnote, ...] = ()

    def __post_init__(self) -> None:
        _clean(self, "title", "note")
        if wrong := list(self._misfits()):
            raise ValueError(f"table {self.name}: {'; '.join(wrong)}")

    @property
    def shown(self) -> tuple[int, ...]:
        """Positions of the columns that people see."""
        return tuple(i for i, column in enumerate(self.columns) if column.shown)

    @property
    def width(self) -> int:
        """How many columns people see."""
        return len(self.shown)

    def _misfits(self) -> Iterator[str]:
        names = [column.name for column in (*self.groups, *self.columns)]
        for name in sorted({n for n in names if names.count(n) > 1}):
            yield f"two columns are named {name}"
        if NAME_OF_NOTES in names:
            yield f"{NAME_OF_NOTES} is the name of the CSV's last column; give the column another name"
        if not self.shown:
            yield "no column is shown"
        spanners = [self.columns[i].spanner for i in self.shown]
        runs = [s for i, s in enumerate(spanners) if s and (i == 0 or spanners[i - 1] != s)]
        for spanner in sorted({s for s in runs if runs.count(s) > 1}):
            yield f"the columns under {spanner} do not stand together"
        known = {footnote.mark for footnote in self.footnotes}
        for number, row in enumerate(self.rows, 1):
            if len(row.cells) != len(self.columns):
                yield f"row {number} has {len(row.cells)} cells and the table {len(self.columns)} columns"
                continue
            if len(row.groups) != len(self.groups):
                yield f"row {number} has {len(row.groups)} groups and the table {len(self.groups)} group columns"
            for mark in sorted({mark for cell in row.cells for mark in cell.marks} - known):
                yield f"row {number} has the mark {mark} and no footnote tells what it means"
            if row.message and not any(row.cells[i].value is None for i in self.shown):
                yield f"row {number} has a message and no empty cell for it"


def _clean(part: object, *names: str) -> None:
    """Clean the texts of a frozen part as it is made, so that no writer has to ask where they come from."""
    for name in names:
        object.__setattr__(part, name, clean(getattr(part, name)))
