"""Which rows of the sheet an analysis takes, and the columns that are made from coded ones."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.config import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from metacircuit.config import Derived, HarmoniseSlice, Selection


_LISTED = 12


class NoRowError(UserError):
    """An analysis takes no row of the sheet."""


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


def selected(
    effects: pd.DataFrame, wanted: HarmoniseSlice, words: Mapping[str, pd.DataFrame] | None = None
) -> pd.Series:
    """Mark the rows that an analysis takes, included or not.

    Parameters
    ----------
    effects : DataFrame
        With derived columns.
    wanted : HarmoniseSlice
        Its selections; a row is taken if one of them fits.
    words : mapping of str to DataFrame, optional
        Vocabularies by the column they belong to. If given, the selections themselves are checked: their words must
        stand in the vocabulary or in the column, and one selection must take a row.

    Returns
    -------
    Series of bool
        By the index of `effects`.

    Raises
    ------
    UserError
        For each column that the sheet does not have; with `words`, for each word that nothing has, or if no row fits.
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
    if words is not None:
        strange = list(dict.fromkeys(_strange(effects, wanted, words)))
        if strange:
            raise UserError(*strange)
    taken = pd.Series(np.logical_or.reduce([_fits(effects, s) for s in wanted.take]), index=effects.index)
    if words is not None and not taken.any():
        raise NoRowError(
            f"analyses.{wanted.analysis} takes no row: none of the {len(effects)} rows of effects fits"
            f" {'its selection' if len(wanted.take) == 1 else 'any of its selections'}."
            " Loosen `take`, or remove the analysis."
        )
    return taken


def _strange(effects: pd.DataFrame, wanted: HarmoniseSlice, words: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """A message for each word of the selections that neither a vocabulary nor the column has."""
    for column, chosen in (pair for s in wanted.take for part in (s.where, s.unless) for pair in part.items()):
        known = list(words[column]["id"]) if column in words else []
        known += sorted({word for word in _as_words(effects[column]) if isinstance(word, str) and word})
        known = list(dict.fromkeys(known))
        for word in chosen:
            if word and word not in known:
                near = difflib.get_close_matches(word, known, n=1)
                hint = f" Did you mean {near[0]!r}?" if near else ""
                more = f", … ({len(known) - _LISTED} more)" if len(known) > _LISTED else ""
                yield (
                    f"analyses.{wanted.analysis}: the column {column!r} has no word {word!r}.{hint}"
                    f" Allowed: {', '.join(known[:_LISTED]) or 'none, the column is empty'}{more}."
                )


def _as_words(cells: pd.Series) -> pd.Series:
    """A column as the words that a selection names: the numbers 1 and -1 are the words 1 and -1."""
    if not pd.api.types.is_numeric_dtype(cells):
        return cells
    return cells.map(lambda number: "" if pd.isna(number) else f"{number:.10g}").astype(object)


def _fits(effects: pd.DataFrame, selection: Selection) -> NDArray[np.bool_]:
    mask = np.ones(len(effects), dtype=bool)
    for column, words in selection.where.items():
        mask &= _as_words(effects[column]).isin(words).to_numpy()
    for column, words in selection.unless.items():
        mask &= ~_as_words(effects[column]).isin(words).to_numpy()
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
