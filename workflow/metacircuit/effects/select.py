"""Which rows of the sheet an analysis takes, and the columns that are made from coded ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.config import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from metacircuit.config import Derived, HarmoniseSlice, Selection


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
            raise UserError(
                f"derived.{name}: effects has no column {rule.source!r}. Its columns: {', '.join(made.columns)}."
            )
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
        Its selections; a row is taken if one of them fits.

    Returns
    -------
    Series of bool
        By the index of `effects`.

    Raises
    ------
    UserError
        For each column that the sheet does not have.
    """
    named = {c for s in wanted.take for c in (*s.where, *s.unless, *s.printed_any, *s.printed_none)}
    unknown = sorted(named - set(effects.columns))
    if unknown:
        raise UserError(
            *(
                f"analyses.{wanted.analysis}: effects has no column {column!r}."
                f" Its columns: {', '.join(effects.columns)}."
                for column in unknown
            )
        )
    return pd.Series(np.logical_or.reduce([_fits(effects, s) for s in wanted.take]), index=effects.index)


def _fits(effects: pd.DataFrame, selection: Selection) -> NDArray[np.bool_]:
    mask = np.ones(len(effects), dtype=bool)
    for column, words in selection.where.items():
        mask &= effects[column].isin(words).to_numpy()
    for column, words in selection.unless.items():
        mask &= ~effects[column].isin(words).to_numpy()
    if selection.printed_any:
        mask &= _filled(effects, selection.printed_any).any(axis=1).to_numpy()
    if selection.printed_none:
        mask &= ~_filled(effects, selection.printed_none).any(axis=1).to_numpy()
    return mask


def words_in_use(effects: pd.DataFrame, words: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Count how often the sheet uses each word of each vocabulary, excluded rows and all.

    Parameters
    ----------
    effects : DataFrame
        With derived columns.
    words : mapping of str to DataFrame
        Vocabularies by the column they belong to; one that belongs to no column is passed over.

    Returns
    -------
    DataFrame
        column, id, rows: a row a word in use, in the order of the vocabularies.
    """
    counts = [
        effects[column]
        .value_counts()
        .reindex(vocabulary["id"])
        .dropna()
        .rename_axis("id")
        .reset_index(name="rows")
        .assign(column=column)
        for column, vocabulary in words.items()
        if column in effects
    ]
    used = pd.concat(counts, ignore_index=True) if counts else pd.DataFrame(columns=["column", "id", "rows"])
    return used[["column", "id", "rows"]].astype({"rows": int})


def _filled(effects: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    cells = effects[list(columns)]
    return cells.notna() & (cells != "")
