"""Which rows of the sheet an analysis takes, and the columns that are made from coded ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.config import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metacircuit.config import Derived, HarmoniseSlice


def derive(effects: pd.DataFrame, derived: Mapping[str, Derived], words: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Add the columns that the config derives from coded ones.

    Parameters
    ----------
    effects : DataFrame
        The sheet, one row an effect.
    derived : mapping of str to Derived
        New column: its source column, the part of the text, and what to look up.
    words : mapping of str to DataFrame
        Vocabularies by name, each with an `id` column.

    Returns
    -------
    DataFrame
        A copy with the new columns; a text that the vocabulary does not have gives a missing value.

    Raises
    ------
    UserError
        If the source column or the column to take does not exist.
    """
    made = effects.copy()
    for name, rule in derived.items():
        if rule.source not in made:
            raise UserError(f"derived.{name}: effects has no column {rule.source!r}. Its columns: {', '.join(made.columns)}.")
        text = made[rule.source].astype("string")
        if rule.part != "whole":
            halves = text.str.partition(":")
            text = halves[0 if rule.part == "before" else 2]
        text = text.str.strip()
        if rule.lookup is not None:
            vocabulary = words[rule.lookup]
            if rule.take not in vocabulary:
                raise UserError(
                    f"derived.{name}: the vocabulary {rule.lookup} has no column {rule.take!r}."
                    f" Its columns: {', '.join(vocabulary.columns)}."
                )
            text = text.map(dict(zip(vocabulary["id"], vocabulary[rule.take], strict=True)))
        made[name] = text.astype(object).where(text.notna() & (text != ""), None)
    return made


def selected(effects: pd.DataFrame, wanted: HarmoniseSlice) -> pd.Series:
    """Mark the rows that an analysis takes, included or not.

    Parameters
    ----------
    effects : DataFrame
        With derived columns.
    wanted : HarmoniseSlice
        `where` (column: allowed words), `printed_any` and `printed_none` (statistics).

    Returns
    -------
    Series of bool
        By the index of `effects`.

    Raises
    ------
    UserError
        For each column that the sheet does not have.
    """
    named = (*wanted.where, *wanted.printed_any, *wanted.printed_none)
    unknown = [column for column in named if column not in effects]
    if unknown:
        raise UserError(
            *(
                f"analyses.{wanted.analysis}: effects has no column {column!r}. Its columns: {', '.join(effects.columns)}."
                for column in unknown
            )
        )
    mask = np.ones(len(effects), dtype=bool)
    for column, allowed in wanted.where.items():
        mask &= effects[column].isin(allowed).to_numpy()
    if wanted.printed_any:
        mask &= _filled(effects, wanted.printed_any).any(axis=1).to_numpy()
    if wanted.printed_none:
        mask &= ~_filled(effects, wanted.printed_none).any(axis=1).to_numpy()
    return pd.Series(mask, index=effects.index)


def _filled(effects: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    cells = effects[list(columns)]
    return cells.notna() & (cells != "")
