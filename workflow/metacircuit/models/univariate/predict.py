"""Predicted effects, their confidence intervals and prediction intervals."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from metacircuit.stats.distributions import critical
from metacircuit.stats.prediction import bootstrap_prediction, prediction_interval
from metacircuit.stats.tau2 import COMMON_EFFECT

from .reference import design_rows

if TYPE_CHECKING:
    from .result import RMA

BOOTSTRAP_DRAWS = 25_000


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """Predicted average effects (m,) with confidence and prediction limits.

    Attributes
    ----------
    pred, se, ci_lb, ci_ub, pi_lb, pi_ub : (m,). se stays on the scale of the model when the rest is transformed.
    pi_type, pi_dfs : which prediction interval, and its degrees of freedom (inf: normal; NaN: bootstrap).
    level : in percent. notes : what is undefined and why.
    """

    pred: np.ndarray
    se: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    pi_lb: np.ndarray
    pi_ub: np.ndarray
    pi_type: str
    pi_dfs: float
    level: float
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """One row a prediction."""
        return pd.DataFrame({name: getattr(self, name) for name in ("pred", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub")})

    def __str__(self) -> str:
        title = f"Predicted effects, {self.level:g} % confidence (ci) and prediction (pi, {self.pi_type}) limits"
        return "\n".join([title, self.to_frame().to_string(float_format="%.4f"), *self.notes])


def predict(
    fit: "RMA",
    newmods: Any = None,
    *,
    level: float | None = None,
    pi_type: str = "default",
    transf: Any = None,
    seed: int | None = None,
    draws: int = BOOTSTRAP_DRAWS,
) -> Prediction:
    """Average effects x beta, and the interval in which the true effect of a new study lies.

    Parameters
    ----------
    fit : the model.
    newmods : None for the average effect (without moderators) or the fitted values; a mapping or DataFrame if the model
        came from a formula; or numbers (q,) or (m, q) for the moderators, without the intercept.
    level : in percent; default the model's.
    pi_type : "default" (the distribution of the test, as metafor), "Riley" (t with k - p - 1), "t" (t with k - p),
        "simple" (tau2 alone), "bootstrap" (Nagashima et al. 2019; intercept-only; needs `seed`).
    transf : function applied to the predictions and all limits, such as numpy.exp.
    seed, draws : of the bootstrap.

    Raises
    ------
    ValueError
        If newmods does not fit the model, or the bootstrap is asked for without a seed or with moderators.

    Source
    ------
    See `metacircuit.stats.prediction`.

    Example
    -------
    >>> from metacircuit.models.rma import rma
    >>> predict(rma([0.1, 0.4, 0.3, 0.8], [0.02, 0.03, 0.05, 0.04]), pi_type="Riley").pi_lb.round(3)
    array([-0.823])
    """
    level = fit.level if level is None else level
    X = _fitted_rows(fit) if newmods is None else design_rows(fit, newmods)
    pred = X @ fit.beta
    se = np.sqrt(np.einsum("mp,pq,mq->m", X, fit.vb, X))
    half = critical(level, fit.dfs) * se if fit.dfs > 0 else np.full(pred.size, np.nan)
    lower, upper, dfs, notes = np.full(pred.size, np.nan), np.full(pred.size, np.nan), np.nan, ()
    if fit.method in COMMON_EFFECT:
        notes = (f"{fit.method} assumes one true effect: there is no prediction interval (NaN).",)
    elif fit.k == fit.p:
        notes = ("Heterogeneity cannot be estimated from these effects: the prediction interval is undefined (NaN).",)
    elif pi_type == "bootstrap":
        if seed is None:
            raise ValueError("pi_type='bootstrap' draws random numbers: pass seed= so that the result can be repeated.")
        if not fit.intercept_only:
            raise ValueError("pi_type='bootstrap' is defined for models without moderators. Use pi_type='Riley'.")
        limits = bootstrap_prediction(fit.sample(), level=level, draws=draws, seed=seed)
        lower, upper = (np.full(pred.size, limit) for limit in limits)
    else:
        lower, upper, dfs = prediction_interval(
            pred, se, fit.tau2, level=level, dfs=fit.dfs, k=fit.k, p=fit.p, pi_type=pi_type
        )
    values = [pred, pred - half, pred + half, lower, upper]
    if transf is not None:
        values = [np.asarray(transf(value), float) for value in values]
    return Prediction(values[0], se, *values[1:], pi_type, dfs, level, notes)


def _fitted_rows(fit: "RMA") -> np.ndarray:
    """The average effect, or with moderators every row of the data."""
    return np.ones((1, 1)) if fit.intercept_only else fit.X
