"""An analysis: one model for each stratum of each grouping, and the test between strata."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtri

from metacircuit.effects.natural import natural_scale
from metacircuit.models.estimates import COMBINED, CONTRASTS, ESTIMATES, count_participants, table
from metacircuit.models.pooling.choose import Recipe, recipe_for
from metacircuit.models.pooling.pool import Pool
from metacircuit.models.strata import Stratum, strata_of
from metacircuit.stats.aggregate import aggregate_cs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metacircuit.config import FitSlice

_FROM_POOL = [f.name for f in fields(Pool) if f.name in ESTIMATES and f.name != "studies"]
_NATURAL = {
    "natural": "estimate",
    "natural_lb": "ci_lb",
    "natural_ub": "ci_ub",
    "natural_pi_lb": "pi_lb",
    "natural_pi_ub": "pi_ub",
}


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of an analysis: a row a study, a row a stratum, a row a grouping."""

    combined: pd.DataFrame
    estimates: pd.DataFrame
    contrasts: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Cell:
    """A stratum, the rows that its model takes, and the fitted model if there are enough of them."""

    stratum: Stratum
    rows: pd.DataFrame
    pool: Pool | None


def fit_analysis(effects: pd.DataFrame, spec: FitSlice, words: Mapping[str, pd.DataFrame]) -> Tables:
    """Pool the effects of an analysis overall and in every stratum.

    Parameters
    ----------
    effects : DataFrame
        effects/ANALYSIS.csv: every selected row, with its status.
    spec : FitSlice
        Groupings and model.
    words : mapping of str to DataFrame
        Vocabulary of each factor (id, label), in the order of display.

    Returns
    -------
    Tables
        With the columns of `metacircuit.models.estimates`.
    """
    taken = effects[effects["status"].isin(("analysed", "bound"))]
    recipe = recipe_for(taken, spec.measure, spec.model)
    cells = [fit_cell(stratum, recipe, spec) for stratum in strata_of(taken, spec.groupings, words)]
    return Tables(
        combined=pd.concat([_studies(cell, spec) for cell in cells], ignore_index=True),
        estimates=table([estimate_row(cell, spec) for cell in cells], ESTIMATES),
        contrasts=table([_contrast(cells, grouping, recipe, spec) for grouping in spec.groupings], CONTRASTS),
    )


def fit_cell(stratum: Stratum, recipe: Recipe, spec: FitSlice) -> Cell:
    """Fit the model of a stratum, unless it has too few studies or no word to group by."""
    rows = recipe.rows(stratum.rows).reset_index(drop=True)
    known = rows.loc[rows["yi"].notna(), "study_id"].nunique()
    enough = stratum.coded and known >= spec.model.min_studies
    return Cell(stratum, rows, recipe.pool(rows, spec.model) if enough else None)


def estimate_row(cell: Cell, spec: FitSlice) -> dict[str, object]:
    """The row of a stratum: the estimate, or the reason why there is none."""
    scale, transform = natural_scale(spec.measure)
    row: dict[str, object] = {
        "analysis": spec.analysis,
        "grouping": cell.stratum.grouping,
        "stratum": cell.stratum.name,
        "label": cell.stratum.label,
        "measure": spec.measure,
        "k": len(cell.rows),
        "studies": cell.rows["study_id"].nunique(),
        "participants": count_participants(cell.rows),
        "level": spec.model.level,
        "scale": scale,
    }
    if cell.pool is None:
        return row | dict(zip(("status", "reason"), _why_not(cell, spec), strict=True))
    found = {name: getattr(cell.pool, name) for name in _FROM_POOL}
    natural = {name: float(transform(np.asarray(found[of], float))) for name, of in _NATURAL.items()}
    return row | found | natural | {"status": cell.pool.status, "reason": _reason(cell.pool)}


def _reason(pool: Pool) -> str:
    """What a reader must know beside the numbers, and why there are none."""
    return pool.note or {"not_converged": "the fit did not converge", "not_estimable": "no standard error"}.get(
        pool.status, ""
    )


def _why_not(cell: Cell, spec: FitSlice) -> tuple[str, str]:
    """Status and reason of a stratum that is shown and not pooled."""
    if not cell.stratum.coded:
        return "not_coded", f"these rows have no word for {cell.stratum.grouping}"
    if cell.rows.empty:
        return "empty", "only bounds on the effect are printed, no usable estimate"
    count = cell.rows.loc[cell.rows["yi"].notna(), "study_id"].nunique()
    return "too_few", f"{count} stud{'y' if count == 1 else 'ies'}; at least {spec.model.min_studies} are pooled"


def _studies(cell: Cell, spec: FitSlice) -> pd.DataFrame:
    """What a forest plot shows of a stratum: a row a study (or an effect, where the model has no study means)."""
    known = cell.rows[cell.rows["yi"].notna()]
    means = _plain_means(known, spec.model.rho) if cell.pool is None else cell.pool.studies
    by_study = known.groupby("study_id", sort=True)
    half = float(ndtri(0.5 + spec.model.level / 200)) * np.sqrt(means["vi"].to_numpy(float))
    people = {study: count_participants(group) for study, group in by_study}
    return means.assign(
        analysis=spec.analysis,
        grouping=cell.stratum.grouping,
        stratum=cell.stratum.name,
        study_label=means["study_id"].map(by_study["study_label"].first()),
        participants=means["study_id"].map(people).astype(float),
        ci_lb=means["yi"] - half,
        ci_ub=means["yi"] + half,
    )[list(COMBINED)].astype({"weight": float})


def _plain_means(rows: pd.DataFrame, rho: float) -> pd.DataFrame:
    """Study means of a stratum without a model: with the assumed correlation, and no weights."""
    codes, studies = pd.factorize(rows["study_id"], sort=True)
    if not len(studies):
        return pd.DataFrame(columns=["study_id", "effects", "yi", "vi", "weight"], dtype=float)
    mean = aggregate_cs(rows["yi"], rows["vi"], codes, rho)
    return pd.DataFrame({"study_id": studies, "effects": mean.ki, "yi": mean.yi, "vi": mean.vi, "weight": np.nan})


def _contrast(cells: list[Cell], grouping: str, recipe: Recipe, spec: FitSlice) -> dict[str, object]:
    """The test between the pooled strata of a grouping."""
    pooled = [cell for cell in cells if cell.stratum.grouping == grouping and cell.pool is not None]
    row: dict[str, object] = {"analysis": spec.analysis, "grouping": grouping, "groups": len(pooled)}
    if len(pooled) < 2:
        have = "has" if len(pooled) == 1 else "have"
        reason = f"{len(pooled)} of its strata {have} enough studies; a test between them needs 2"
        return row | {"status": "too_few", "reason": reason}
    rows = pd.concat([cell.rows.assign(stratum=cell.stratum.name) for cell in pooled], ignore_index=True)
    rows = rows[rows["yi"].notna()].reset_index(drop=True)
    test = recipe.contrast(rows, spec.model)
    return row | {
        "model": test.model,
        "k": len(rows),
        "studies": rows["study_id"].nunique(),
        "QM": test.QM,
        "df1": test.df1,
        "df2": test.df2,
        "pval": test.pval,
        "tau2": test.tau2,
        "R2": test.R2,
        "status": "ok" if test.converged else "not_converged",
        "reason": "; ".join(filter(None, (test.note, recipe.caveat))),
    }
