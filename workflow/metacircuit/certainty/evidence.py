"""From result tables to what the domains are judged by: weights, shares, p-values and shifts of a stratum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.diagnostics.battery.readings import ASYMMETRY, NO_CORRECTION
from metacircuit.diagnostics.outcome import FEW_STUDIES, OK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metacircuit.config import CertaintyOf

_WORST_FIRST = ("high", "some", "low")


def weights_of(combined: pd.DataFrame, tau2: float) -> pd.Series:
    """Share of the weight of each study of a stratum, by study_id; from the variances where the model gives none.

    Parameters
    ----------
    combined : DataFrame
        Rows of combined/ANALYSIS.csv of one stratum: study_id, weight, vi.
    tau2 : float
        Heterogeneity, for models without weights.

    Returns
    -------
    Series
        Sums to 1.
    """
    weight = combined["weight"].to_numpy(float)
    if not np.isfinite(weight).all():
        weight = 1 / (combined["vi"].to_numpy(float) + (tau2 if np.isfinite(tau2) else 0.0))
    by_study = pd.Series(weight, index=combined["study_id"].astype(str)).groupby(level=0).sum()
    return by_study / by_study.sum()


def shares_of_risk(weights: pd.Series, overall: Mapping[str, str]) -> dict[str, float]:
    """Share of the weight at each level of risk; `overall` has the level of every judged study."""
    shares = dict.fromkeys(_WORST_FIRST, 0.0)
    for study, weight in weights.items():
        level = overall.get(str(study), "")
        if level in shares:
            shares[level] += float(weight)
    return shares


def overall_levels(rob: pd.DataFrame) -> dict[str, str]:
    """The overall level of every judged study; of several tools, the worst."""
    found: dict[str, str] = {}
    for row in rob[rob["domain"] == "overall"].to_dict("records"):
        study, level = str(row["study_id"]), str(row["level"])
        known = [x for x in (found.get(study), level) if x in _WORST_FIRST]
        if known:
            found[study] = min(known, key=_WORST_FIRST.index)
    return found


def share_outside(effects: pd.DataFrame, weights: pd.Series, target: Mapping[str, tuple[str, ...]]) -> float | None:
    """Share of the weight outside the target; a study's weight is spread evenly over its effects.

    Parameters
    ----------
    effects : DataFrame
        The effects of the stratum, with the columns of the target. A blank cell is outside: it cannot be shown to be
        inside.
    weights : Series
        As `weights_of` gives them.
    target : mapping
        Column: words. All columns must fit.

    Returns
    -------
    float or None
        None without a target.
    """
    if not target:
        return None
    inside = np.logical_and.reduce([effects[c].astype(str).isin(words).to_numpy() for c, words in target.items()])
    by_study = pd.Series(inside, index=effects["study_id"].astype(str)).groupby(level=0).mean()
    return float(1 - (weights * by_study.reindex(weights.index).fillna(0.0)).sum())


def asymmetry(
    corrections: pd.DataFrame | None, studies: int, *, proportion: bool = False
) -> tuple[np.ndarray, np.ndarray, bool]:
    """P-values of the tests for asymmetry, shifts of the corrections, and whether there are too few studies.

    Parameters
    ----------
    corrections : DataFrame or None
        Rows of diagnostics/ANALYSIS/corrections.csv of one stratum.
    studies : int
        Of the stratum.

    Returns
    -------
    tests : array
    shifts : array
        Positive towards zero: what selection of large results would have added. On a scale without a null value,
        where selection may go either way, all shifts are positive.
    few : bool
    """
    few = studies < FEW_STUDIES
    nothing = np.empty(0)
    if few or corrections is None or corrections.empty:
        return nothing, nothing, few
    usable = corrections[corrections["status"] == OK]
    tests = usable.loc[usable["method"].isin(ASYMMETRY), "pval"].to_numpy(float)
    reference = corrections.loc[corrections["family"] == "reference", "estimate"].to_numpy(float)
    corrected = usable[(usable["family"] == "correction") & ~usable["method"].isin(NO_CORRECTION)]
    shifts = corrected["estimate"].to_numpy(float) - reference[0] if len(reference) else nothing
    shifts = np.abs(shifts) if proportion else -np.sign(reference[0]) * shifts if len(reference) else shifts
    return tests[np.isfinite(tests)], shifts[np.isfinite(shifts)], few


def rows_of(effects: pd.DataFrame, grouping: str, stratum: str) -> pd.DataFrame:
    """The analysed effects of a stratum."""
    rows = effects[effects["status"] == "analysed"]
    if grouping == "overall":
        return rows
    factors = grouping.split(":")
    key = rows[factors[0]].astype(str)
    for factor in factors[1:]:
        key = key + ":" + rows[factor].astype(str)
    return rows[key == stratum]


def target_in_words(spec: CertaintyOf) -> str:
    """The target as a reason names it."""
    return "; ".join(f"{column}: {', '.join(words)}" for column, words in spec.certainty.target.items())
