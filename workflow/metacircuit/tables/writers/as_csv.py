"""A table as CSV for machines: every column, full numbers, groups in every row."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from metacircuit.tables.clean import without_formula
from metacircuit.tables.table import NAME_OF_NOTES

if TYPE_CHECKING:
    from metacircuit.tables.table import Cell, Row, Table

_NUMBER = "%.10g"


def as_csv(table: Table) -> bytes:
    """Write a table as CSV: UTF-8, LF, numbers as %.10g, missing values empty.

    Messages and the footnotes of a row stand in a last column, `note`, if the table has any. An apostrophe keeps text
    that begins with = + - or @ from being computed by a spreadsheet; numbers stay numbers.

    Parameters
    ----------
    table : Table

    Returns
    -------
    bytes

    Examples
    --------
    >>> from metacircuit.tables.cells import decimal, text
    >>> from metacircuit.tables.table import Column, Row, Table
    >>> columns = Column("study", "Study"), Column("yi", "Effect", "number")
    >>> as_csv(Table("t", "T", columns, (Row((text("=1+1"), decimal(-1 / 3, 2))),)))
    b"study,yi\\n'=1+1,-0.3333333333\\n"
    """
    meaning = {footnote.mark: footnote.text for footnote in table.footnotes}
    noted = any(row.message or any(cell.marks for cell in row.cells) for row in table.rows)
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    names = [column.name for column in (*table.groups, *table.columns)]
    writer.writerow([*names, *([NAME_OF_NOTES] if noted else [])])
    for row in table.rows:
        notes = [without_formula(notes_of(row, meaning))] if noted else []
        writer.writerow([*map(without_formula, row.groups), *map(_written, row.cells), *notes])
    return file.getvalue().encode("utf-8")


def notes_of(row: Row, meaning: dict[str, str]) -> str:
    """A row's message and the footnotes of its cells, in one line."""
    marks = dict.fromkeys(mark for cell in row.cells for mark in cell.marks)
    return "; ".join(filter(None, (row.message, *(meaning[mark] for mark in marks))))


def _written(cell: Cell) -> str:
    if cell.value is None:
        return ""
    if isinstance(cell.value, str):
        return without_formula(cell.value)
    return _NUMBER % (cell.value + 0.0)
