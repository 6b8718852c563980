"""What to do about counts of zero: which rows get a constant added, which are set aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .core import Array

POLICIES = ("only0", "all", "if0all", "none")


@dataclass(frozen=True, slots=True)
class ZeroCells:
    """The counts of a measure, and how it treats a zero unless told otherwise.

    Parameters
    ----------
    cells : the columns that hold counts; all of a row get the constant.
    add : the constant if the caller names none: ½, or 0 for measures that are defined at zero.
    uninformative : groups of columns; a row in which all of one group are 0 says nothing and goes with `drop00`.

    Example
    -------
    >>> ZeroCells(cells=("xi", "mi")).add
    0.5
    """

    cells: tuple[str, ...]
    add: float = 0.5
    uninformative: tuple[tuple[str, ...], ...] = ()


def has_zero(counts: Mapping[str, Array]) -> Array:
    """Tell the rows in which at least one count is 0.

    Example
    -------
    >>> has_zero({"ai": np.array([0.0, 3.0]), "bi": np.array([5.0, 2.0])})
    array([ True, False])
    """
    return np.logical_or.reduce([column == 0 for column in counts.values()])


def treat(
    counts: Mapping[str, Array], rule: ZeroCells, add: float | None, to: str, drop00: bool
) -> tuple[dict[str, Array], Array]:
    """Apply a policy for zero cells to the counts of all rows.

    Parameters
    ----------
    counts : the columns named by `rule.cells`, each of shape (k,).
    rule : what the measure does by default.
    add : the constant, or None for the measure's own.
    to : "only0" rows with a zero; "all" every row; "if0all" every row as soon as one has a zero; "none".
    drop00 : set aside the rows that `rule.uninformative` describes.

    Returns
    -------
    The counts to use, and a mask of shape (k,) of the rows set aside (their counts are nan).

    Source
    ------
    The arguments of metafor's escalc; Sweeting, Sutton & Lambert (2004), Stat. Med. 23, 1351-1375, on what to add.

    Example
    -------
    >>> table = {"xi": np.array([0.0, 5.0]), "mi": np.array([9.0, 5.0])}
    >>> treat(table, ZeroCells(("xi", "mi")), None, "only0", False)[0]["xi"]
    array([0.5, 5. ])
    """
    columns = {name: np.asarray(column, dtype=float) for name, column in counts.items()}
    aside = np.zeros(np.shape(next(iter(columns.values()))), dtype=bool)
    if drop00:
        for group in rule.uninformative:
            aside |= np.logical_and.reduce([columns[name] == 0 for name in group])
        columns = {name: np.where(aside, np.nan, column) for name, column in columns.items()}
    zero = has_zero(columns)
    chosen = {"only0": zero, "all": np.ones_like(zero), "if0all": np.full_like(zero, zero.any())}
    if to in chosen:
        constant = rule.add if add is None else add
        columns = {name: column + constant * chosen[to] for name, column in columns.items()}
    return columns, aside
