"""How wide the columns of a table want to be, and how a page's width is divided among them."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from metacircuit.tables.decimals import lacks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metacircuit.tables.decimals import Tail
    from metacircuit.tables.table import Cell, Table

# A text column narrower than this is hard to read, one wider than that can as well break its lines.
_NARROWEST, _READABLE = 9.0, 28.0


def text_width(text: str) -> float:
    """Width in letters: ideographs count two, combining marks none.

    >>> text_width("abc"), text_width("情绪"), text_width("e\\u0301")
    (3, 4, 1)
    """
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def wanted(table: Table) -> tuple[float, ...]:
    """The width of each shown column, in letters, at which none of its cells breaks its line.

    Numbers aligned at the decimal point need room for the longest whole part and the longest rest together.

    >>> from metacircuit.tables.cells import decimal
    >>> from metacircuit.tables.table import Column, Row, Table
    >>> rows = Row((decimal(1234.0, 0),)), Row((decimal(0.125, 3),))
    >>> wanted(Table("t", "T", (Column("d", "d", "number"),), rows))
    (9.0,)
    """
    missing = lacks(table)
    return tuple(
        max(
            _word(table.columns[i].heading),
            *(_cell(row.cells[i], missing.get((r, i))) for r, row in enumerate(table.rows)),
            1,
        )
        for i in table.shown
    )


def is_wide(table: Table, capacity: float, gap: float) -> bool:
    """Whether a table is better read on a page turned sideways.

    Parameters
    ----------
    table : Table
    capacity : float
        Letters that fit on a line of an upright page.
    gap : float
        Letters that the space between two columns takes.

    Returns
    -------
    bool
    """
    flexible = _flexible(table)
    needed = (min(width, _READABLE) if flex else width for width, flex in zip(wanted(table), flexible, strict=True))
    return sum(needed) + gap * table.width > capacity


def divide(table: Table, capacity: float, gap: float) -> tuple[float, ...]:
    """Divide a line among the shown columns: numbers get what they want, texts share the rest.

    Parameters
    ----------
    table : Table
    capacity, gap : float
        As for `is_wide`.

    Returns
    -------
    tuple of float
        Letters a column; they fill the line only if the texts need it.

    Examples
    --------
    >>> from metacircuit.tables.cells import text, whole
    >>> from metacircuit.tables.table import Column, Row, Table
    >>> columns = Column("a", "A"), Column("b", "B"), Column("k", "k", "count")
    >>> divide(Table("t", "T", columns, (Row((text("x" * 90), text("y" * 20), whole(5))),)), 70, 1)
    (46.0, 20.0, 1.0)
    """
    widths, flexible = wanted(table), _flexible(table)
    rest = capacity - gap * len(widths) - sum(w for w, flex in zip(widths, flexible, strict=True) if not flex)
    level = _level([w for w, flex in zip(widths, flexible, strict=True) if flex], rest)
    return tuple(float(min(w, max(level, _NARROWEST)) if flex else w) for w, flex in zip(widths, flexible, strict=True))


def _flexible(table: Table) -> list[bool]:
    return [table.columns[i].kind == "text" for i in table.shown]


def _level(widths: Sequence[float], rest: float) -> float:
    """The width to which all longer columns are cut so that they fill the rest."""
    waiting = sorted(widths)
    for place, width in enumerate(waiting):
        share = rest / (len(waiting) - place)
        if width > share:
            return share
        rest -= width
    return max(waiting, default=0.0)


def _cell(cell: Cell, lack: Tail | None) -> float:
    marks = len(",".join(cell.marks)) / 2
    return text_width(cell.text) + marks + (0 if lack is None else lack.width(point=1, digit=1, percent=2))


def _word(heading: str) -> float:
    """The longest word of a heading, which may break its line between words."""
    return max((text_width(word) for word in heading.split(" ")), default=0)
