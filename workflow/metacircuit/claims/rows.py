"""The effects that a claim is about: the rows of its analysis, narrowed by coded words."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.config.errors import UserError
from metacircuit.models.pooling.choose import Recipe, recipe_for
from metacircuit.models.strata import Stratum, strata_of
from metacircuit.sheets.words import Words, find_regions

if TYPE_CHECKING:
    from metacircuit.claims.schema import Claim, Contrast
    from metacircuit.config import FitSlice

REGION = "region"
_TAKEN = ("analysed", "bound")


@dataclass(frozen=True, slots=True)
class Results:
    """What the stages before have made of one analysis, and how it is pooled."""

    spec: FitSlice
    effects: pd.DataFrame
    estimates: pd.DataFrame
    contrasts: pd.DataFrame
    words: Mapping[str, pd.DataFrame]
    certainty: pd.DataFrame

    @property
    def taken(self) -> pd.DataFrame:
        """The rows that are analysed, bounds among them."""
        return self.effects[self.effects["status"].isin(_TAKEN)]

    @property
    def recipe(self) -> Recipe:
        """The model of the analysis, which is also that of a part of its rows."""
        return recipe_for(self.taken, self.spec.measure, self.spec.model)


def conditions(contrast: Contrast, grouping: str) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]], str]:
    """The words that are taken, the words that are left, and the grouping that remains once `within` is one of them."""
    where, unless = dict(contrast.where), dict(contrast.unless)
    if contrast.within:
        first, second = grouping.split(":")
        where[second] = (contrast.within,)
        grouping = first
    return where, unless, grouping


def narrowed(
    rows: pd.DataFrame,
    where: Mapping[str, tuple[str, ...]],
    unless: Mapping[str, tuple[str, ...]],
    words: Mapping[str, pd.DataFrame],
) -> pd.DataFrame:
    """Take the rows that a claim is about.

    Parameters
    ----------
    rows : DataFrame
        Effects of an analysis.
    where, unless : mapping of str to tuple of str
        Coded column: the words that are taken, or left. A region fits if one end of it, in any spelling, is named.
    words : mapping of str to DataFrame
        Vocabularies.

    Returns
    -------
    DataFrame

    Raises
    ------
    UserError
        For a column that the effects do not have, with the nearest one.

    Examples
    --------
    >>> table = pd.DataFrame({"region": ["left amygdala - right insula", "precuneus"]})
    >>> regions = {"region": pd.DataFrame({"id": ["amygdala", "insula", "precuneus"]})}
    >>> len(narrowed(table, {"region": ("insula",)}, {}, regions))
    1
    """
    keep = np.ones(len(rows), dtype=bool)
    for chosen, wanted in ((where, True), (unless, False)):
        for column, ids in chosen.items():
            keep &= _has(rows, column, ids, words) == wanted
    return rows[keep]


def _has(rows: pd.DataFrame, column: str, ids: tuple[str, ...], words: Mapping[str, pd.DataFrame]) -> np.ndarray:
    if column not in rows:
        near = difflib.get_close_matches(column, list(rows.columns), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise UserError(f"claims: the effects have no column {column!r}.{hint}")
    cells = rows[column]
    if pd.api.types.is_numeric_dtype(cells):
        cells = cells.map(lambda value: "" if pd.isna(value) else f"{value:.10g}")
    if column == REGION and REGION in words:
        regions = Words.of(words[REGION])
        named = {text: set(find_regions(text, regions)) for text in cells.dropna().unique()}
        return np.array([not named.get(text, set()).isdisjoint(ids) for text in cells], dtype=bool)
    return cells.isin(ids).to_numpy()


def rows_of(claim: Claim, results: Results) -> tuple[pd.DataFrame, str]:
    """The rows that a claim is about, bounds among them, and the grouping that they are looked at by."""
    where, unless, grouping = conditions(claim.contrast, claim.grouping)
    return narrowed(results.taken, where, unless, results.words), grouping


def is_narrowed(claim: Claim) -> bool:
    """Whether the claim is about a part of the rows of its analysis only."""
    contrast = claim.contrast
    return bool(contrast.where or contrast.unless or contrast.within)


def pooled_strata(rows: pd.DataFrame, grouping: str, results: Results) -> list[Stratum]:
    """The strata of a grouping that have enough studies to be pooled, each with the rows that its model takes."""
    found = []
    for stratum in strata_of(rows, (grouping,), results.words):
        own = results.recipe.rows(stratum.rows)
        known = own[own["yi"].notna()]
        enough = known["study_id"].nunique() >= results.spec.model.min_studies
        if stratum.grouping == grouping and stratum.coded and enough:
            found.append(Stratum(grouping, stratum.name, stratum.label, known))
    return found


def shown(rows: pd.DataFrame) -> str:
    """What rows there are, in words: what is missing is said beside what is there.

    Examples
    --------
    >>> shown(pd.DataFrame({"study_id": ["a", "a"], "status": ["analysed", "bound"]}))
    '1 effect of 1 study, and 1 result of which only a bound is printed'
    >>> shown(pd.DataFrame({"study_id": [], "status": []}))
    'no effect'
    """
    known = rows[rows["status"] == "analysed"]
    effects, studies, bounds = len(known), known["study_id"].nunique(), len(rows) - len(known)
    text = "no effect"
    if effects:
        text = f"{effects} effect{'' if effects == 1 else 's'} of {studies} stud{'y' if studies == 1 else 'ies'}"
    if bounds:
        text += f", and {bounds} result{'' if bounds == 1 else 's'} of which only a bound is printed"
    return text
