"""What every format must know of a table's layout: headings of groups, spanners, and where a message stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metacircuit.tables.table import Row, Table


def headings_before(table: Table, at: int) -> tuple[tuple[int, str], ...]:
    """Which group headings people see above row `at`: (level, word), the widest group first.

    >>> from metacircuit.tables.cells import whole
    >>> from metacircuit.tables.table import Column, Row, Table
    >>> rows = tuple(Row((whole(1),), groups) for groups in (("A", ""), ("A", "x"), ("A", "x"), ("B", "x")))
    >>> table = Table("t", "T", (Column("k", "k"),), rows, groups=(Column("g", "G"), Column("h", "H")))
    >>> [headings_before(table, i) for i in range(4)]
    [((0, 'A'),), ((1, 'x'),), (), ((0, 'B'), (1, 'x'))]
    """
    now, before = table.rows[at].groups, table.rows[at - 1].groups if at else None
    first = 0 if before is None else next((i for i, (a, b) in enumerate(zip(now, before, strict=True)) if a != b), None)
    return () if first is None else tuple((i, word) for i, word in enumerate(now) if i >= first and word)


def message_place(table: Table, row: Row) -> tuple[int, int] | None:
    """Where a row's message stands: first and last of the shown columns that it takes, counted among the shown ones.

    >>> from metacircuit.tables.cells import MISSING, whole
    >>> from metacircuit.tables.table import Column, Row, Table
    >>> row = Row((MISSING, whole(2), MISSING, MISSING), message="not pooled")
    >>> message_place(Table("t", "T", tuple(Column(n, n) for n in "abcd"), (row,)), row)
    (2, 3)
    """
    if not row.message:
        return None
    best, start = (0, -1), None
    empty = [row.cells[i].value is None for i in table.shown]
    for place, is_empty in enumerate([*empty, False]):
        if is_empty and start is None:
            start = place
        if not is_empty and start is not None:
            if place - start > best[1] - best[0] + 1:
                best = start, place - 1
            start = None
    return best


def spanners(table: Table) -> tuple[tuple[str, int], ...]:
    """The row of spanners: (heading or "", how many shown columns it covers).

    >>> from metacircuit.tables.table import Column, Table
    >>> three = tuple(Column(n, n, spanner=s) for n, s in (("a", ""), ("b", "CI"), ("c", "CI")))
    >>> spanners(Table("t", "T", three, ()))
    (('', 1), ('CI', 2))
    """
    found: list[tuple[str, int]] = []
    for i in table.shown:
        spanner = table.columns[i].spanner
        if spanner and found and found[-1][0] == spanner:
            found[-1] = spanner, found[-1][1] + 1
        else:
            found.append((spanner, 1))
    return tuple(found)
