"""Aligning numbers at the decimal point: what a cell lacks behind its digits, beside the fullest cell of its column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metacircuit.tables.table import Table

_NUMBER = re.compile(r"^(?P<before>[^.]*?)(?P<point>\.(?P<digits>\d+))?(?P<percent>%?)$")


@dataclass(frozen=True, slots=True)
class Tail:
    """What stands, or is missing, behind the whole part of a number: a point, decimals, a percent sign."""

    point: int = 0
    digits: int = 0
    percent: int = 0

    def width(self, *, point: float, digit: float, percent: float) -> float:
        """Its width, from the widths of its characters in a typeface."""
        return self.point * point + self.digits * digit + self.percent * percent


def lacks(table: Table) -> dict[tuple[int, int], Tail]:
    """For each cell of a column that is aligned at the decimal point, the space to leave behind it.

    Parameters
    ----------
    table : Table

    Returns
    -------
    dict of (int, int) to Tail
        By row and column (of all columns, shown or not); cells without a key stand as they are.

    Examples
    --------
    >>> from metacircuit.tables.cells import decimal
    >>> from metacircuit.tables.table import Column, Row, Table
    >>> rows = tuple(Row((decimal(x, d),)) for x, d in ((0.31, 2), (12.0, 0), (-0.5, 1)))
    >>> [t.digits for t in lacks(Table("t", "T", (Column("yi", "d", "number"),), rows)).values()]
    [0, 2, 1]
    """
    found: dict[tuple[int, int], Tail] = {}
    for i in table.shown:
        if table.columns[i].alignment != "decimal":
            continue
        tails = {r: tail for r, row in enumerate(table.rows) if (tail := _tail(row.cells[i].text)) is not None}
        full = Tail(*(max((getattr(t, part) for t in tails.values()), default=0) for part in Tail.__slots__))
        for r, tail in tails.items():
            found[r, i] = Tail(full.point - tail.point, full.digits - tail.digits, full.percent - tail.percent)
    return found


def _tail(text: str) -> Tail | None:
    """The tail of a number; None for what is no plain number, such as 3.2e9."""
    match = _NUMBER.match(text)
    if match is None or "e" in text:
        return None
    return Tail(int(bool(match["point"])), len(match["digits"] or ""), len(match["percent"]))
