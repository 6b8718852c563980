"""The result of a location–scale model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from metacircuit.models.printing import coefficient_table, p_text
from metacircuit.stats.distributions import critical
from metacircuit.stats.location_scale import LINKS

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LocationScale:
    """A fitted location–scale model; names as in metafor, dots as underscores.

    Attributes
    ----------
    beta, se, stat, pval, ci_lb, ci_ub : (p,) location coefficients; vb : (p, p) covariance.
    alpha, se_alpha, stat_alpha, pval_alpha, ci_lb_alpha, ci_ub_alpha : (q,) scale coefficients; va : (q, q) covariance.
    tau2, I2, H2 : (k,) one value a study.
    QE, QEp : residual heterogeneity, ignoring the scale part. QM, QMdf, QMp : location. QS, QSdf, QSp : scale.
    ll, AIC, BIC, AICc : fit under `method`; dfs : degrees of freedom of t, infinite for z.
    status : "ok", "boundary" or "not converged", with its reason; notes : what was dropped, and why.
    """

    beta: Vector
    se: Vector
    stat: Vector
    pval: Vector
    ci_lb: Vector
    ci_ub: Vector
    vb: NDArray[np.float64]
    alpha: Vector
    se_alpha: Vector
    stat_alpha: Vector
    pval_alpha: Vector
    ci_lb_alpha: Vector
    ci_ub_alpha: Vector
    va: NDArray[np.float64]
    tau2: Vector
    I2: Vector
    H2: Vector
    QE: float
    QEp: float
    QM: float
    QMdf: tuple[int, float]
    QMp: float
    QS: float
    QSdf: tuple[int, float]
    QSp: float
    ll: float
    AIC: float
    BIC: float
    AICc: float
    k: int
    p: int
    q: int
    dfs: float
    method: str
    test: str
    link: str
    level: float
    status: str
    reason: str
    notes: tuple[str, ...]
    steps: int
    names_x: tuple[str, ...]
    names_z: tuple[str, ...]

    @property
    def converged(self) -> bool:
        """Whether the search for alpha ended at a maximum."""
        return self.status != "not converged"

    @property
    def zval(self) -> Vector:
        """metafor's name for `stat`."""
        return self.stat

    @property
    def zval_alpha(self) -> Vector:
        """metafor's name for `stat_alpha`."""
        return self.stat_alpha

    def predict(self, newmods: ArrayLike, newscale: ArrayLike) -> pd.DataFrame:
        """Average effect, its interval and the prediction interval at given predictors.

        Parameters
        ----------
        newmods, newscale : (m, p), (m, q) arrays
            Rows of the two designs, intercepts included.

        Returns
        -------
        DataFrame
            Columns pred, se, ci_lb, ci_ub, pi_lb, pi_ub, tau2.

        Raises
        ------
        ValueError
            If the columns do not match the coefficients.
        """
        X = _rows(newmods, "newmods", self.names_x)
        Z = _rows(newscale, "newscale", self.names_z)
        pred, se = X @ self.beta, np.sqrt(np.einsum("ij,jk,ik->i", X, self.vb, X))
        tau2 = LINKS[self.link](Z @ self.alpha)
        crit = critical(self.level, self.dfs)
        half, wide = crit * se, crit * np.sqrt(se**2 + tau2)
        return pd.DataFrame(
            {
                "pred": pred,
                "se": se,
                "ci_lb": pred - half,
                "ci_ub": pred + half,
                "pi_lb": pred - wide,
                "pi_ub": pred + wide,
                "tau2": tau2,
            }
        )

    def to_frame(self) -> pd.DataFrame:
        """One row a coefficient: part (location, scale), term, estimate, se, stat, pval, ci_lb, ci_ub."""
        location = self._part("location", self.names_x, self.beta, "")
        scale = self._part("scale", self.names_z, self.alpha, "_alpha")
        return pd.concat([location, scale], ignore_index=True)

    def _part(self, part: str, names: Sequence[str], estimate: Vector, suffix: str) -> pd.DataFrame:
        columns = {c: getattr(self, c + suffix) for c in ("se", "stat", "pval", "ci_lb", "ci_ub")}
        return pd.DataFrame({"part": part, "term": list(names), "estimate": estimate, **columns})

    def __str__(self) -> str:
        frame = self.to_frame()
        lines = [
            f"Location-scale model (k = {self.k}; tau2 estimator: {self.method}; link: {self.link})",
            f"logLik {self.ll:.4f}  AIC {self.AIC:.4f}  BIC {self.BIC:.4f}  AICc {self.AICc:.4f}",
            f"Residual heterogeneity: QE(df = {self.k - self.p}) = {self.QE:.4f}, {p_text(self.QEp)}",
            "",
            f"Location (QM = {self.QM:.4f}, {p_text(self.QMp)})",
            coefficient_table(frame[frame["part"] == "location"].drop(columns="part")),
            "",
            f"Scale (QS = {self.QS:.4f}, {p_text(self.QSp)})",
            coefficient_table(frame[frame["part"] == "scale"].drop(columns="part")),
        ]
        lines += [f"Note: {note}" for note in (*self.notes, *([self.reason] if self.reason else []))]
        return "\n".join(lines)


def _rows(given: ArrayLike, name: str, terms: tuple[str, ...]) -> NDArray[np.float64]:
    """Rows of new predictors, one column a coefficient."""
    rows = np.atleast_2d(np.asarray(given, float))
    if rows.shape[1] != len(terms):
        raise ValueError(f"{name} has {rows.shape[1]} columns; it needs {len(terms)}: {', '.join(terms)}")
    return rows
