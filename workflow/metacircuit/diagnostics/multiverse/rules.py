"""Which rows a rule of `leave_out` names, and why it may name none."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metacircuit.config.errors import UserError
from metacircuit.effects.routes.flags import FLAGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Rule = Sequence[Mapping[str, Sequence[str]]]

# Its cells hold several codes.
FLAG_COLUMN = "flags"
SEPARATOR = "; "


def named_rows(rows: pd.DataFrame, rule: Rule) -> NDArray[np.bool_]:
    """Mark the rows that a rule names.

    Parameters
    ----------
    rows : DataFrame
        Effects with their coded columns.
    rule : sequence of mappings of str to words
        A row is named if one of the mappings fits: every column of it holds one of its words. A cell of `flags` holds
        several.

    Returns
    -------
    (K,) bool
        A column that is not there fits no row.

    Examples
    --------
    >>> rows = pd.DataFrame({"peak": ["yes", "", "yes"], "flags": ["peak; zero_cell", "zero_cell", "peak"]})
    >>> named_rows(rows, [{"peak": ["yes"], "flags": ["zero_cell"]}]).tolist()
    [True, False, False]
    """
    fits = [_all_of(rows, condition) for condition in rule]
    return np.logical_or.reduce(fits) if fits else np.zeros(len(rows), dtype=bool)


def why_none(rows: pd.DataFrame, rule: Rule) -> str:
    """Say why a rule names no row: a column that is not there (with the nearest one), or no row that fits."""
    absent = sorted({column for condition in rule for column in condition if column not in rows})
    if absent:
        return "; ".join(f"the effects have no column {column}{_nearest(column, rows.columns)}" for column in absent)
    return "no row fits"


def check_flags(name: str, rule: Rule) -> None:
    """Refuse a code that no row can have.

    Raises
    ------
    UserError
        With the nearest code.
    """
    codes = [flag.code for flag in FLAGS]
    unknown = sorted({word for condition in rule for word in condition.get(FLAG_COLUMN, ()) if word not in codes})
    if unknown:
        raise UserError(
            *(
                f"sensitivity.leave_out.{name}: there is no flag {word!r}{_nearest(word, codes)}."
                f" Flags: {', '.join(codes)}."
                for word in unknown
            )
        )


def _all_of(rows: pd.DataFrame, condition: Mapping[str, Sequence[str]]) -> NDArray[np.bool_]:
    mask = np.ones(len(rows), dtype=bool)
    for column, words in condition.items():
        mask &= _holds(rows[column], words, several=column == FLAG_COLUMN) if column in rows else False
    return mask


def _holds(cells: pd.Series, words: Iterable[str], *, several: bool) -> NDArray[np.bool_]:
    wanted = set(words)
    texts = [_text(cell) for cell in cells]
    return np.array([bool(wanted & (set(t.split(SEPARATOR)) if several else {t})) for t in texts], dtype=bool)


def _text(cell: object) -> str:
    """A cell as it is typed: nothing for a missing one, and a whole number without decimals."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool | np.bool_):
        return "yes" if cell else "no"
    if pd.isna(cell):
        return ""
    return f"{cell:g}" if isinstance(cell, float | int | np.number) else str(cell)


def _nearest(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, list(known), n=1)
    return f" (the nearest is {near[0]})" if near else ""
