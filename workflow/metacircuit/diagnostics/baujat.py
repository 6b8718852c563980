"""Where the heterogeneity comes from, and which of its sources move the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.choices import one_of
from metacircuit.models.mv_inputs import Inputs
from metacircuit.models.rma import RMA
from metacircuit.models.rma_mv import RMAMV
from metacircuit.stats.influence import deletions
from metacircuit.stats.multilevel.engines import fixed_effects_engine
from metacircuit.stats.multilevel.likelihood import likelihood

from .influence_mv import marginal
from .leave_out import univariate_groups
from .refit_table import univariate_table
from .refits import grouping, refits, undefined

COLUMNS = ("x", "y", "Q", "status", "reason")


@dataclass(frozen=True, slots=True, eq=False)
class Baujat:
    """One entry a study or effect.

    Attributes
    ----------
    label : (g,). unit : "study" or "effect".
    x : squared Pearson residual, r' M^-1 r with M the marginal covariance of the group's effects under the model.
    y : squared change of the group's mean fitted value without it, over the variance of that value without it.
    Q : share of the residual heterogeneity QE that belongs to the group; these sum to QE.
    status, reason : (g,) how the refit without the group went. notes : what concerns all rows.
    """

    label: tuple[str, ...]
    unit: str
    x: np.ndarray
    y: np.ndarray
    Q: np.ndarray
    status: tuple[str, ...]
    reason: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """One row a study or effect."""
        return pd.DataFrame({self.unit: self.label} | {name: getattr(self, name) for name in COLUMNS})

    def __str__(self) -> str:
        table = self.to_frame().to_string(index=False, float_format="%.4f")
        return "\n".join([f"Baujat plot by {self.unit}", table, *self.notes])


def baujat(model: RMA | RMAMV, *, by: str | None = None, cluster: Any = None, slab: Any = None) -> Baujat:
    r"""Contributions to heterogeneity (x) against influence on the result (y).

    .. math:: x_i = r_i' M_i^{-1} r_i, \qquad
              y_i = \frac{(c'X_i(b - b_{(i)}))^2}{c'X_i \mathrm{Var}(b_{(i)}) X_i'c}

    with r_i the residuals of group i in the model of all effects and c the mean over its rows.

    Parameters
    ----------
    model : from `rma` (by effect) or `rma_mv` (by study, if not said otherwise).
    by : "study" or "effect", for `rma_mv`. cluster, slab : (k,) labels of studies and effects, for `rma_mv`.

    Returns
    -------
    Baujat

    Raises
    ------
    TypeError
        For another kind of model.

    Source
    ------
    Baujat, Mahé, Pignon & Hill (2002) Stat Med 21, 2641-2652; as metafor has it for random effects and moderators.

    Example
    -------
    >>> from metacircuit.models.rma import rma
    >>> plot = baujat(rma([0.1, 0.4, 0.3, 0.8], [0.02, 0.03, 0.05, 0.04], method="EE"))
    >>> plot.x.round(2), float(plot.Q.sum().round(2))
    (array([3.01, 0.1 , 0.04, 5.17]), 8.32)
    """
    if isinstance(model, RMA):
        return _univariate(model)
    if not isinstance(model, RMAMV):
        raise TypeError(f"baujat takes a model from rma or rma_mv; got {type(model).__name__}.")
    unit = by or "study"
    one_of("by", unit, ("study", "effect"))
    return _multilevel(model, unit, cluster, slab)


def _univariate(model: RMA) -> Baujat:
    codes, labels = univariate_groups(model, None)
    without = univariate_table(model, ~np.eye(model.k, dtype=bool), labels, "", "left_out", codes)
    vb = deletions(model.sample(), **model.refit_options()).vb
    change = (model.X * (model.beta - without.estimate)).sum(axis=1)
    common = np.linalg.lstsq(model.X / np.sqrt(model.vi)[:, None], model.yi / np.sqrt(model.vi), rcond=None)[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        y = change**2 / np.einsum("kp,kpq,kq->k", model.X, vb, model.X)
    return Baujat(
        label=tuple(labels),
        unit="effect",
        x=(model.yi - model.X @ model.beta) ** 2 / (model.vi + model.tau2),
        y=y,
        Q=(model.yi - model.X @ common) ** 2 / model.vi,
        status=without.status,
        reason=without.reason,
    )


def _multilevel(model: RMAMV, unit: str, cluster: Any, slab: Any) -> Baujat:
    groups, fit = grouping(model, unit, cluster, slab), model.fit
    found = refits(model, groups.without)
    x, y = (np.full(len(found), np.nan) for _ in range(2))
    residual = model.residuals()
    for i, refit in enumerate(found):
        rows = np.flatnonzero(groups.codes == i)
        r = residual[rows]
        x[i] = r @ np.linalg.pinv(marginal(fit.inputs, rows, fit.covariances), hermitian=True) @ r
        if refit.fit is not None:
            mean, part = fit.inputs.X[rows].mean(axis=0), refit.fit.solution
            y[i] = (mean @ (fit.solution.beta - part.beta)) ** 2 / (mean @ part.vb @ mean)
    Q = np.bincount(groups.codes, heterogeneity_parts(fit.inputs), minlength=len(found))
    status, reason = tuple(refit.status for refit in found), tuple(refit.reason for refit in found)
    return Baujat(groups.labels, unit, x, y, Q, status, reason, undefined(model))


def heterogeneity_parts(inputs: Inputs) -> np.ndarray:
    """(k,) parts of QE = r'V^-1 r by effect, r_i (V^-1 r)_i; NaN where V has no inverse."""
    alone = likelihood(inputs.y, inputs.X, [], fixed_effects_engine(inputs.sampling), reml=True)
    try:
        solution = alone.solve(np.empty(0))
    except (ValueError, np.linalg.LinAlgError):
        return np.full(inputs.y.size, np.nan)
    return solution.residual * solution.weighted_residual
