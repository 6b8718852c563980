"""Reading a vocabulary: the words of a coded column, in the order of display."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.config import UserError
from metacircuit.sheets.store import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd


def read_vocabulary(path: Path) -> pd.DataFrame:
    """Read a vocabulary.

    Parameters
    ----------
    path : Path
        A CSV with the columns id and label; rows stand in the order of display, or are sorted by a column `order`.

    Returns
    -------
    DataFrame
        In the order of display.

    Raises
    ------
    UserError
        If a column is missing or an id stands twice.
    """
    words = read_table(path, text=("id", "label"))
    missing = [column for column in ("id", "label") if column not in words]
    if missing:
        raise UserError(f"{path}: a vocabulary has the columns id and label; {' and '.join(missing)} missing.")
    twice = sorted(set(words.loc[words["id"].duplicated(), "id"]))
    if twice:
        raise UserError(f"{path}: these ids stand more than once: {', '.join(twice)}. Give each word its own id.")
    return words.sort_values("order", kind="stable", ignore_index=True) if "order" in words else words


def in_use(words: Mapping[str, pd.DataFrame], used: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Vocabularies with the words alone that the sheets use; `used` is checked/words.csv (column, id)."""
    return {
        name: known[known["id"].isin(used.loc[used["column"] == name, "id"])].reset_index(drop=True)
        for name, known in words.items()
    }
