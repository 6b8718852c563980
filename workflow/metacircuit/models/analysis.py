"""An analysis: one random-effects model for each stratum of each grouping, and the test between strata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtri

from metacircuit.effects.natural import natural_scale
from metacircuit.models.estimates import COMBINED, CONTRASTS, ESTIMATES, count_participants, table
from metacircuit.models.rma import rma
from metacircuit.models.strata import Stratum, strata_of
from metacircuit.stats.aggregate import SingularClusterError, aggregate_cs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metacircuit.config import FitSlice
    from metacircuit.models.rma import RMA

MODEL = "random effects on study means"


@dataclass(frozen=True, slots=True)
class Pooled:
    """The three tables of an analysis: what was fitted to, the estimates, and the tests between strata."""

    combined: pd.DataFrame
    estimates: pd.DataFrame
    contrasts: pd.DataFrame


@dataclass(frozen=True, slots=True)
class _Cell:
    """A stratum with its effects combined to one row a study."""

    stratum: Stratum
    studies: pd.DataFrame
    problem: str = ""


def fit_analysis(effects: pd.DataFrame, spec: FitSlice, words: Mapping[str, pd.DataFrame]) -> Pooled:
    """Pool the effects of an analysis overall and in every stratum.

    Effects of one study within a stratum are combined first, with the assumed correlation rho of their sampling errors;
    a random-effects model is then fitted to the study means.

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
    Pooled
        Tables with the columns of `metacircuit.models.estimates`.
    """
    rows = effects[effects["status"].isin(("analysed", "bound"))]
    cells = [_combine(stratum, spec) for stratum in strata_of(rows, spec.groupings, words)]
    fits = [_fit(cell, spec) for cell in cells]
    return Pooled(
        combined=pd.concat([_weighted(cell, fit, spec) for cell, fit in zip(cells, fits, strict=True)], ignore_index=True),
        estimates=table([_estimate(cell, fit, spec) for cell, fit in zip(cells, fits, strict=True)], ESTIMATES),
        contrasts=table([_contrast(cells, grouping, spec) for grouping in spec.groupings], CONTRASTS),
    )


def _combine(stratum: Stratum, spec: FitSlice) -> _Cell:
    """One row a study: the best mean of its effects under the assumed correlation."""
    rows = stratum.rows[stratum.rows["status"] == "analysed"]
    codes, studies = pd.factorize(rows["study_id"], sort=True)
    if not len(studies):
        return _Cell(stratum, pd.DataFrame(columns=["study_id", "study_label", "effects", "participants", "yi", "vi"]))
    problem = ""
    try:
        mean = aggregate_cs(rows["yi"], rows["vi"], codes, spec.model.rho)
    except SingularClusterError as error:
        mean = aggregate_cs(rows["yi"], rows["vi"], codes, spec.model.rho, weighted=False)
        problem = f"{studies[error.position]}: effects combined with equal weights, since rho = {spec.model.rho:g} leaves no best ones"
    by_study = rows.groupby("study_id", sort=True)
    combined = pd.DataFrame(
        {
            "study_id": studies,
            "study_label": by_study["study_label"].first().to_numpy(),
            "effects": mean.ki,
            "participants": [count_participants(group) for _, group in by_study],
            "yi": mean.yi,
            "vi": mean.vi,
        }
    )
    return _Cell(stratum, combined, problem)


def _fit(cell: _Cell, spec: FitSlice) -> RMA | None:
    """The model of a stratum, or None where there are too few studies or no word to group by."""
    if len(cell.studies) < spec.model.min_studies or not cell.stratum.coded:
        return None
    return rma(
        cell.studies["yi"].to_numpy(float),
        cell.studies["vi"].to_numpy(float),
        method=spec.model.method,
        test=spec.model.test,
        level=spec.model.level,
    )


def _weighted(cell: _Cell, fit: RMA | None, spec: FitSlice) -> pd.DataFrame:
    """The studies of a cell with their intervals and, where a model was fitted, their weights."""
    half = float(ndtri(0.5 + spec.model.level / 200)) * np.sqrt(cell.studies["vi"].to_numpy(float))
    yi = cell.studies["yi"].to_numpy(float)
    own = cell.studies.assign(
        analysis=spec.analysis,
        grouping=cell.stratum.grouping,
        stratum=cell.stratum.name,
        ci_lb=yi - half,
        ci_ub=yi + half,
        weight=np.nan,
    )
    if fit is not None:
        inverse = 1 / (cell.studies["vi"].to_numpy(float) + fit.tau2)
        own["weight"] = 100 * inverse / inverse.sum()
    return own[list(COMBINED)].astype({"participants": float, "weight": float})


def _estimate(cell: _Cell, fit: RMA | None, spec: FitSlice) -> dict[str, object]:
    """The row of a stratum: the estimate, or the reason why there is none."""
    scale, transform = natural_scale(spec.measure)
    rows = cell.stratum.rows
    analysed = rows[rows["status"] == "analysed"]
    row: dict[str, object] = {
        "analysis": spec.analysis,
        "grouping": cell.stratum.grouping,
        "stratum": cell.stratum.name,
        "label": cell.stratum.label,
        "measure": spec.measure,
        "model": MODEL,
        "method": spec.model.method,
        "test": spec.model.test,
        "rho": spec.model.rho,
        "k": len(analysed),
        "studies": len(cell.studies),
        "participants": count_participants(analysed),
        "scale": scale,
    }
    if fit is None:
        return row | dict(zip(("status", "reason"), _why_not(cell, spec), strict=True))
    prediction = fit.predict()
    tau2_lb, tau2_ub = (np.nan, np.nan) if spec.model.method == "EE" else fit.confint().tau2_ci
    natural = {
        name: float(transform(np.asarray(value, float)))
        for name, value in {
            "natural": fit.beta[0],
            "natural_lb": fit.ci_lb[0],
            "natural_ub": fit.ci_ub[0],
            "natural_pi_lb": prediction.pi_lb[0],
            "natural_pi_ub": prediction.pi_ub[0],
        }.items()
    }
    return row | natural | {
        "status": "ok" if fit.converged else "not_converged",
        "reason": cell.problem,
        "estimate": fit.beta[0],
        "se": fit.se[0],
        "stat": fit.stat[0],
        "df": fit.dfs,
        "pval": fit.pval[0],
        "ci_lb": fit.ci_lb[0],
        "ci_ub": fit.ci_ub[0],
        "pi_lb": prediction.pi_lb[0],
        "pi_ub": prediction.pi_ub[0],
        "tau2": fit.tau2,
        "tau2_lb": tau2_lb,
        "tau2_ub": tau2_ub,
        "I2": fit.I2,
        "H2": fit.H2,
        "QE": fit.QE,
        "QE_df": fit.k - fit.p,
        "QEp": fit.QEp,
    }


def _why_not(cell: _Cell, spec: FitSlice) -> tuple[str, str]:
    """Status and reason of a stratum that is shown and not pooled."""
    if not cell.stratum.coded:
        return "not_coded", f"these rows have no word for {cell.stratum.grouping}"
    if cell.studies.empty:
        return "empty", "only bounds on the effect are printed, no usable estimate"
    count = len(cell.studies)
    return "too_few", f"{count} stud{'y' if count == 1 else 'ies'}; at least {spec.model.min_studies} are pooled"


def _contrast(cells: list[_Cell], grouping: str, spec: FitSlice) -> dict[str, object]:
    """The test between the pooled strata of a grouping: a mixed-effects model with one mean a stratum and a common tau2."""
    pooled = [c for c in cells if c.stratum.grouping == grouping and c.stratum.coded and len(c.studies) >= spec.model.min_studies]
    row: dict[str, object] = {"analysis": spec.analysis, "grouping": grouping, "model": "common tau2", "groups": len(pooled)}
    if len(pooled) < 2:
        reason = f"{len(pooled)} of its strata ha{'s' if len(pooled) == 1 else 've'} enough studies; a test between them needs 2"
        return row | {"status": "too_few", "reason": reason}
    studies = pd.concat([c.studies.assign(stratum=c.stratum.name) for c in pooled], ignore_index=True)
    fit = rma(
        studies["yi"].to_numpy(float),
        studies["vi"].to_numpy(float),
        mods="~ stratum",
        data=studies,
        method=spec.model.method,
        test=spec.model.test,
        level=spec.model.level,
    )
    return row | {
        "k": int(studies["effects"].sum()),
        "studies": studies["study_id"].nunique(),
        "QM": fit.QM,
        "df1": fit.QMdf[0],
        "df2": fit.QMdf[1],
        "pval": fit.QMp,
        "tau2": fit.tau2,
        "R2": np.nan if fit.R2 is None else fit.R2,
        "status": "ok" if fit.converged else "not_converged",
        "reason": _shared(studies),
    }


def _shared(studies: pd.DataFrame) -> str:
    """Say how many studies stand in several strata: the test takes their rows as independent."""
    several = int(studies["study_id"].duplicated().sum())
    return f"{several} row{'' if several == 1 else 's'} of studies that stand in several strata, taken as independent" if several else ""

