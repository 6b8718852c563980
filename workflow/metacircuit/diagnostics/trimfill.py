"""Trim and fill: the funnel completed, and the model of the completed funnel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.choices import one_of
from metacircuit.models.rma import RMA
from metacircuit.stats.batch import fit_many
from metacircuit.stats.small_study.trim import ESTIMATORS, none_missing_p, trim

from .effects import Effects, effects_of
from .outcome import NOT_CONVERGED, NOT_ESTIMABLE, OK, TOO_FEW, closing, few_studies, one_row

SIDES = ("left", "right")


@dataclass(frozen=True, slots=True, eq=False)
class TrimFill:
    """The number of effects thought missing, and the model with them filled in.

    Attributes
    ----------
    k0, se_k0 : effects filled in, and the standard error of that number. side : where.
    p_k0 : test that none is missing (R0 only, else NaN). estimator : L0, R0 or Q0.
    fit : the model of all effects, filled ones last; None without a result. fill : (k + k0,) booleans.
    beta, se, pval, ci_lb, ci_ub (arrays), tau2, yi, vi : of that model.
    """

    k0: int
    se_k0: float
    side: str
    p_k0: float
    estimator: str
    fit: RMA | None
    fill: np.ndarray
    k: int
    status: str
    reason: str
    notes: tuple[str, ...]

    beta = property(lambda self: self._of_fit("beta"))
    se = property(lambda self: self._of_fit("se"))
    pval = property(lambda self: self._of_fit("pval"))
    ci_lb = property(lambda self: self._of_fit("ci_lb"))
    ci_ub = property(lambda self: self._of_fit("ci_ub"))

    @property
    def tau2(self) -> float:
        return np.nan if self.fit is None else self.fit.tau2

    @property
    def yi(self) -> np.ndarray:
        return np.empty(0) if self.fit is None else self.fit.yi

    @property
    def vi(self) -> np.ndarray:
        return np.empty(0) if self.fit is None else self.fit.vi

    def _of_fit(self, name: str) -> np.ndarray:
        return np.array([np.nan]) if self.fit is None else getattr(self.fit, name)

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        names = ("estimator", "side", "k", "k0", "se_k0", "p_k0", "beta", "se", "pval", "ci_lb", "ci_ub", "tau2")
        return one_row(self, (*names, "status", "reason"))

    def __str__(self) -> str:
        lines = [f"Trim and fill ({self.estimator}, k = {self.k})"]
        if self.fit is not None:
            lines += [f"Missing on the {self.side} side: {self.k0} (SE {self.se_k0:.4f})", "", str(self.fit)]
        return "\n".join([*lines, *closing(self)])


def trimfill(x: Any, vi: Any = None, *, sei: Any = None, estimator: str = "L0", side: str | None = None) -> TrimFill:
    """Estimate how many effects are missing from one side of the funnel, and fill in their mirror images.

    Parameters
    ----------
    x : a model from `rma` without moderators, or (k,) effects with `vi` or `sei`.
    estimator : "L0", "R0" or "Q0".
    side : "left" or "right", where effects are missing; by default left if effects grow with their standard errors.

    Returns
    -------
    TrimFill
        Status too_few for one effect, not_estimable where all standard errors are equal and no side is given (then
        nothing says where effects are missing), not_converged where the trimming never settles.

    Raises
    ------
    ValueError
        For an unknown estimator or side.

    Source
    ------
    Duval & Tweedie (2000) JASA 95, 89-98; (2000) Biometrics 56, 455-463.

    Example
    -------
    >>> result = trimfill([0.1, 0.2, 0.3, 0.9, 1.1, 1.4], [0.02, 0.02, 0.03, 0.09, 0.1, 0.2])
    >>> result.k0, result.side
    (2, 'left')
    """
    one_of("estimator", estimator, ESTIMATORS)
    if side is not None:
        one_of("side", side, SIDES)
    data = effects_of(x, vi, sei, purpose="Trim and fill")
    notes = few_studies(data.k)
    if data.k < 2:
        return _nothing(data, side, estimator, TOO_FEW, "One effect has no funnel.", notes)
    if side is None:
        if data.k < 3 or np.ptp(data.sei) <= 1e-9 * data.sei.max():
            why = "all standard errors are equal" if data.k > 2 else "two effects fit any line"
            reason = f"Nothing says on which side effects are missing ({why}): give side='left' or side='right'."
            return _nothing(data, side, estimator, NOT_ESTIMABLE, reason, notes)
        side = _side(data)
    turn = -1.0 if side == "right" else 1.0

    def centre(rows: np.ndarray) -> float:
        return float(_pool(data, turn * data.yi[rows], rows))

    found = trim(turn * data.yi, estimator, centre)
    if not found.converged:
        reason = f"The number of missing effects went round in circles (last value {found.k0})."
        return _nothing(data, side, estimator, NOT_CONVERGED, reason, notes)
    fill = np.repeat([False, True], [data.k, found.k0])
    fit = data.fitted()
    if found.k0:
        mirror = 2 * turn * found.centre - data.yi[found.mirrored]
        yi, v = np.concatenate([data.yi, mirror]), np.concatenate([data.vi, data.vi[found.mirrored]])
        own = data.options.get("weights")
        weights = None if own is None else np.concatenate([own, np.asarray(own)[found.mirrored]])
        labels = [*fit.slab, *(f"Filled {j + 1}" for j in range(found.k0))]
        fit = data.refit(yi, v, np.ones((yi.size, 1)), weights=weights, slab=labels)
    p_k0 = none_missing_p(found.k0) if estimator == "R0" else np.nan
    return TrimFill(found.k0, found.se_k0, side, p_k0, estimator, fit, fill, data.k, OK, "", notes)


def _pool(data: Effects, y: np.ndarray, rows: np.ndarray) -> float:
    """The pooled estimate of some effects."""
    options = data.options | {"weights": None if data.options.get("weights") is None else data.options["weights"][rows]}
    return fit_many(y, data.vi[rows], **options).beta[0, 0]


def _side(data: Effects) -> str:
    """Effects that grow with their standard errors are missing on the left."""
    X = np.column_stack([data.X, data.sei])
    return "right" if fit_many(data.yi, data.vi, X, **data.options).beta[0, 1] < 0 else "left"


def _nothing(data: Effects, side: str | None, estimator: str, status: str, reason: str, notes: tuple) -> TrimFill:
    fill = np.zeros(data.k, bool)
    return TrimFill(0, np.nan, side or "", np.nan, estimator, None, fill, data.k, status, reason, notes)
