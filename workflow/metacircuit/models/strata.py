"""The strata of an analysis: which rows belong to which cell of which grouping, in the order of the vocabularies."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.config import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

OVERALL = "overall"
NOT_CODED = "not_coded"


@dataclass(frozen=True, slots=True)
class Stratum:
    """One cell of a grouping, and the rows in it."""

    grouping: str
    name: str
    label: str
    rows: pd.DataFrame

    @property
    def coded(self) -> bool:
        """Whether the rows carry a word for the grouping at all."""
        return self.name != NOT_CODED


def strata_of(rows: pd.DataFrame, groupings: Sequence[str], words: Mapping[str, pd.DataFrame]) -> Iterator[Stratum]:
    """Split the rows of an analysis: all of them first, then cell by cell of each grouping.

    Parameters
    ----------
    rows : DataFrame
        Effects of the analysis, with a column for each factor.
    groupings : sequence of str
        Factors, or two factors joined by a colon.
    words : mapping of str to DataFrame
        Vocabulary (id, label) of each factor; its order is the order of the strata. A factor without one is sorted.

    Yields
    ------
    Stratum
        Cells with at least one row; rows without a word for the grouping come last, as the stratum `not_coded`.
    """
    yield Stratum(OVERALL, OVERALL, "All studies", rows)
    for grouping in groupings:
        yield from _cells(rows, grouping, words)


def _cells(rows: pd.DataFrame, grouping: str, words: Mapping[str, pd.DataFrame]) -> Iterator[Stratum]:
    factors = grouping.split(":")
    missing = [factor for factor in factors if factor not in rows]
    if missing:
        raise UserError(
            f"groupings: {grouping}: the effects have no column {', '.join(missing)}. Correct it in the config."
        )
    labels = [_labels(rows, factor, words) for factor in factors]
    if rows.empty:
        return
    coded = rows[factors].notna().all(axis=1) & (rows[factors] != "").all(axis=1)
    words_of = [rows.loc[coded, factor].astype(str).tolist() for factor in factors]
    key = pd.Series([":".join(pair) for pair in zip(*words_of, strict=True)], index=rows.index[coded], dtype=object)
    groups = {name: rows.loc[index] for name, index in key.groupby(key).groups.items()}
    for cell in product(*(list(names) for names in labels)):
        name = ":".join(cell)
        if name in groups:
            label = " × ".join(names[word] for names, word in zip(labels, cell, strict=True))
            yield Stratum(grouping, name, label, groups[name])
    if not coded.all():
        yield Stratum(grouping, NOT_CODED, "Not coded", rows[~coded])


def _labels(rows: pd.DataFrame, factor: str, words: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Word to label, in the order of display; words that no vocabulary has follow, sorted."""
    labels: dict[str, str] = {}
    if factor in words:
        vocabulary = words[factor]
        labels = dict(zip(vocabulary["id"].astype(str), vocabulary["label"].astype(str), strict=True))
    present = rows[factor].dropna().astype(str)
    return labels | {word: word for word in sorted(set(present) - set(labels) - {""})}
