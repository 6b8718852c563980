"""Rows of several people about one study: where a consensus is among them, it is the one that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.sheets.readers.extract import Row

if TYPE_CHECKING:
    from collections.abc import Iterable

_CONSENSUS = ("consensus", "adjudicat", "final")


def prefer_consensus(rows: Iterable[Row], study: str, person: str) -> tuple[Row, ...]:
    """Set aside the rows of single extractors of a study that has a row of consensus.

    Parameters
    ----------
    rows : iterable of Row
        As in the file.
    study, person : str
        The columns that name them.

    Returns
    -------
    tuple of Row
        All of them; those set aside say include: no, and why.

    Examples
    --------
    >>> rows = [Row(2, {"Study": "a", "By": "Li"}), Row(3, {"Study": "a", "By": "Consensus"})]
    >>> [row.cells.get("include", "") for row in prefer_consensus(rows, "Study", "By")]
    ['no', '']
    """
    rows = tuple(rows)
    agreed = {row.cells.get(study) for row in rows if _is_consensus(row.cells.get(person, ""))}
    return tuple(_aside(row, person) if row.cells.get(study) in agreed else row for row in rows)


def _aside(row: Row, person: str) -> Row:
    name = row.cells.get(person, "")
    if not name or _is_consensus(name):
        return row
    why = f"extraction by {name}; there is a consensus"
    return Row(row.number, {**row.cells, "include": "no", "exclude_reason": why})


def _is_consensus(name: str) -> bool:
    return name.strip().casefold().startswith(_CONSENSUS)
