"""One numeric moderator: the line of a meta-regression with its bands, as tables that a bubble plot draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.models.rma import rma
from metacircuit.models.rma_mv import rma_mv

if TYPE_CHECKING:
    from metacircuit.config import Model

POINTS = ("moderator", "study_id", "effect_id", "study_label", "x", "yi", "vi", "weight")
PREDICTIONS = ("moderator", "x", "pred", "ci_lb", "ci_ub", "pi_lb", "pi_ub")
SLOPES = (
    *("moderator", "model", "test", "k", "studies", "estimate", "se", "stat", "df", "pval", "ci_lb", "ci_ub"),
    *("tau2", "level", "status", "reason"),
)

GRID = 61
"""Values of the moderator, evenly spaced from the least to the greatest, at which the line is predicted."""


@dataclass(frozen=True, slots=True)
class Regressed:
    """The three tables of one moderator: the effects with their weights, the predictions, and the slope (one row)."""

    points: pd.DataFrame
    predictions: pd.DataFrame
    slope: pd.DataFrame


def regress(rows: pd.DataFrame, moderator: str, model: Model) -> Regressed:
    r"""Regress the effects of an analysis on one numeric moderator.

    .. math:: y_{ij} = \beta_0 + \beta_1 x_{ij} + u_i + w_{ij} + e_{ij}

    CHE with CR2 errors where a study has several effects, else the mixed-effects model with the test of the config.

    Parameters
    ----------
    rows : DataFrame
        study_id, effect_id, study_label, yi, vi (analysis scale), and the moderator's column; rows without a number in
        it have no place in the model.
    moderator : str
        The column.
    model : Model
        Estimator, test, rho and level.

    Returns
    -------
    Regressed
        A slope that cannot be estimated is a row with a status and a reason, and there are no predictions then.

    Notes
    -----
    Source: Pustejovsky and Tipton (2022), Prevention Science 23, 425-438; Knapp and Hartung (2003), Statistics in
    Medicine 22, 2693-2710.

    Examples
    --------
    >>> from metacircuit.config import Model
    >>> rows = pd.DataFrame({"study_id": list("abcd"), "effect_id": list("abcd"), "study_label": list("ABCD"),
    ...     "yi": [0.1, 0.2, 0.3, 0.45], "vi": [0.02, 0.02, 0.03, 0.02], "year": [2001.0, 2004.0, 2008.0, 2012.0]})
    >>> round(float(regress(rows, "year", Model()).slope["estimate"].iloc[0]), 4)
    0.0313
    """
    x = pd.to_numeric(rows[moderator], errors="coerce") if moderator in rows else pd.Series(np.nan, rows.index)
    used = rows[x.notna() & rows["yi"].notna() & (rows["vi"] > 0)].reset_index(drop=True)
    at = x[x.notna() & rows["yi"].notna() & (rows["vi"] > 0)].to_numpy(float)
    head = {"moderator": moderator, "k": len(used), "studies": used["study_id"].nunique(), "level": model.level}
    reason = _why_not(at, head["studies"], moderator)
    if reason:
        return _nothing(used, at, head, reason, "too_few")
    # Around its middle, so that years do not make the coefficients collinear to the computer.
    middle = float(np.mean(at))
    grid = np.linspace(at.min(), at.max(), GRID)
    fit = _che if used["study_id"].duplicated().any() else _univariate
    line, slope, spread = fit(used, at - middle, grid - middle, model)
    if not np.isfinite([slope["estimate"], slope["se"]]).all():
        return _nothing(used, at, head, "the slope has no standard error", "not_estimable")
    predictions = line.assign(moderator=moderator, x=grid)[list(PREDICTIONS)]
    row = head | slope | {"status": "ok" if slope["converged"] else "not_converged", "reason": ""}
    weight = 1 / (used["vi"].to_numpy(float) + spread)
    return Regressed(_points(used, at, moderator, weight), predictions, _row(row))


def _why_not(at: np.ndarray, studies: int, moderator: str) -> str:
    if studies < 4:
        return f"{studies} stud{'y' if studies == 1 else 'ies'} with a number in {moderator}; a slope needs at least 4"
    return f"{moderator} is the same in all studies" if np.ptp(at) == 0 else ""


def _che(rows: pd.DataFrame, x: np.ndarray, grid: np.ndarray, model: Model) -> tuple[pd.DataFrame, dict, float]:
    fit = rma_mv(
        rows["yi"].to_numpy(float), rows["vi"].to_numpy(float), study=rows["study_id"].to_numpy(), rho=model.rho,
        mods="~ x", data={"x": x}, method="ML" if model.method == "ML" else "REML", level=model.level,
    )  # fmt: skip
    robust = fit.robust("CR2")
    predicted = robust.predict(pd.DataFrame({"x": grid}))
    line = pd.DataFrame(
        {
            "pred": predicted.estimate,
            **{name: getattr(predicted, name) for name in ("ci_lb", "ci_ub", "pi_lb", "pi_ub")},
        }
    )
    slope = {name: float(getattr(robust, name)[1]) for name in ("se", "stat", "df", "pval", "ci_lb", "ci_ub")}
    spread = float(np.sum(fit.sigma2))
    said = {"estimate": float(fit.beta[1]), "tau2": spread, "converged": fit.converged, "model": "CHE"}
    bootstrapped = np.isfinite(robust.pval_bootstrap[1])
    said["test"] = "CR2, wild bootstrap" if bootstrapped else "CR2, Satterthwaite t"
    return line, slope | said, spread


def _univariate(rows: pd.DataFrame, x: np.ndarray, grid: np.ndarray, model: Model) -> tuple[pd.DataFrame, dict, float]:
    fit = rma(
        rows["yi"].to_numpy(float), rows["vi"].to_numpy(float), mods=x[:, None],
        method=model.method, test=model.test, level=model.level,
    )  # fmt: skip
    line = fit.predict(grid[:, None]).to_frame()
    slope = {name: float(getattr(fit, name)[1]) for name in ("se", "stat", "pval", "ci_lb", "ci_ub")}
    said = {"estimate": float(fit.beta[1]), "tau2": fit.tau2, "converged": fit.converged, "model": "mixed effects"}
    said |= {"test": model.test, "df": float(fit.dfs) if np.isfinite(fit.dfs) else np.nan}
    return line, slope | said, fit.tau2


def _points(rows: pd.DataFrame, x: np.ndarray, moderator: str, weight: np.ndarray) -> pd.DataFrame:
    share = 100 * weight / weight.sum() if len(weight) else weight
    return rows.assign(moderator=moderator, x=x, weight=share)[list(POINTS)]


def _nothing(rows: pd.DataFrame, x: np.ndarray, head: dict, reason: str, status: str) -> Regressed:
    points = _points(rows, x, head["moderator"], 1 / rows["vi"].to_numpy(float))
    return Regressed(points, pd.DataFrame(columns=list(PREDICTIONS)), _row(head | {"status": status, "reason": reason}))


def _row(values: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame([values]).reindex(columns=list(SLOPES))
