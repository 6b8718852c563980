"""The result of a selection model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.printing import p_text
from metacircuit.stats.distributions import critical, two_sided_p
from metacircuit.stats.selection.climb import Limits
from metacircuit.stats.selection.likelihood import SelectionData

from .outcome import closing


@dataclass(frozen=True, slots=True, eq=False)
class SelModel:
    """A fitted selection model.

    Attributes
    ----------
    beta, se, zval, pval, ci_lb, ci_ub : (p,) coefficients, corrected for selection; vb their covariance.
    tau2, se_tau2, ci_lb_tau2, ci_ub_tau2 : heterogeneity; LRT_tau2, LRTp_tau2 its likelihood-ratio test.
    delta, se_delta, zval_delta, pval_delta, ci_lb_delta, ci_ub_delta : (m,) selection parameters; vd their covariance.
        zval_delta tests the value that means "no selection". NaN where a parameter is fixed or on its bound of zero.
    ll, ll0, LRT, LRTdf, LRTp : log-likelihood with and without selection, and the test of selection.
    AIC, BIC, AICc, parms : fit. ptable : effects in each interval of p-values.
    inference : "model", "cluster-robust" or "cluster bootstrap". n_clusters : clusters of the last two.
    status : ok, at_bound, not_converged, too_few, not_estimable; reason says why, notes what else to know.
    """

    beta: np.ndarray
    se: np.ndarray
    zval: np.ndarray
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    vb: np.ndarray
    tau2: float
    se_tau2: float
    ci_lb_tau2: float
    ci_ub_tau2: float
    LRT_tau2: float
    LRTp_tau2: float
    delta: np.ndarray
    se_delta: np.ndarray
    zval_delta: np.ndarray
    pval_delta: np.ndarray
    ci_lb_delta: np.ndarray
    ci_ub_delta: np.ndarray
    vd: np.ndarray
    ll: float
    ll0: float
    LRT: float
    LRTdf: int
    LRTp: float
    AIC: float
    BIC: float
    AICc: float
    parms: int
    type: str
    alternative: str
    steps: tuple[float, ...]
    ptable: pd.DataFrame
    names: tuple[str, ...]
    k: int
    level: float
    method: str
    converged: bool
    iterations: int
    inference: str
    n_clusters: int
    status: str
    reason: str
    notes: tuple[str, ...]
    theta: np.ndarray = field(repr=False)
    free: np.ndarray = field(repr=False)
    data: SelectionData | None = field(repr=False)
    draws: np.ndarray | None = field(default=None, repr=False)

    def to_frame(self) -> pd.DataFrame:
        """One row a parameter: the coefficients, tau2, and delta 1 ... m."""
        rows = [
            {"name": name, "estimate": self.beta[j], "se": self.se[j], "stat": self.zval[j], "pval": self.pval[j],
             "ci_lb": self.ci_lb[j], "ci_ub": self.ci_ub[j]}
            for j, name in enumerate(self.names)
        ]  # fmt: skip
        rows.append(
            {"name": "tau2", "estimate": self.tau2, "se": self.se_tau2, "stat": self.LRT_tau2, "pval": self.LRTp_tau2,
             "ci_lb": self.ci_lb_tau2, "ci_ub": self.ci_ub_tau2}
        )  # fmt: skip
        rows += [
            {"name": f"delta.{j + 1}", "estimate": self.delta[j], "se": self.se_delta[j], "stat": self.zval_delta[j],
             "pval": self.pval_delta[j], "ci_lb": self.ci_lb_delta[j], "ci_ub": self.ci_ub_delta[j]}
            for j in range(self.delta.size)
        ]  # fmt: skip
        return pd.DataFrame(rows).assign(status=self.status, reason=self.reason)

    def weight(self, p: Any) -> np.ndarray:
        """The estimated weight of p-values, relative to the reference."""
        p = np.atleast_1d(np.asarray(p, float))
        if self.data is None or np.isnan(self.delta).any():
            return np.full(p.shape, np.nan)
        at = np.searchsorted(self.steps, p, side="left").astype(float) if self.type == "stepfun" else p
        return np.exp(self.data.weight.log_weight(at, self.delta)[0])

    def __str__(self) -> str:
        lines = [f"Selection model ({self.type}, {self.alternative}, k = {self.k}, ML; inference: {self.inference})"]
        if np.isfinite(self.ll):
            table = self.to_frame().drop(columns=["status", "reason"])
            lines += [
                f"log-likelihood {self.ll:.4f}    AIC {self.AIC:.4f}    BIC {self.BIC:.4f}",
                f"Test of selection: LRT({self.LRTdf}) = {self.LRT:.4f}, {p_text(self.LRTp)}",
                "",
                table.to_string(index=False, float_format="%.4f", na_rep=""),
            ]
            if not self.ptable.empty:
                lines += ["", self.ptable.to_string(index=False)]
        return "\n".join([*lines, *closing(self)])


def table(model: SelectionData, box: Limits, theta: np.ndarray, V: np.ndarray, level: float) -> dict[str, Any]:
    """Estimates with the errors of a covariance V of all parameters, normal tests and limits."""
    p, z = model.p, critical(level)
    with np.errstate(invalid="ignore"):
        error = np.sqrt(np.diag(V))
    beta, tau2, delta = theta[:p], float(theta[p]), theta[p + 1 :]
    se, se_tau2, se_delta = error[:p], float(error[p]), error[p + 1 :]
    away = (delta - model.weight.null) / se_delta
    low, high = box.lower[p + 1 :], box.upper[p + 1 :]
    return {
        "beta": beta, "se": se, "zval": beta / se, "pval": two_sided_p(beta / se),
        "ci_lb": beta - z * se, "ci_ub": beta + z * se, "vb": V[:p, :p],
        "tau2": tau2, "se_tau2": se_tau2, "ci_lb_tau2": _floor(tau2 - z * se_tau2), "ci_ub_tau2": tau2 + z * se_tau2,
        "delta": delta, "se_delta": se_delta, "zval_delta": away, "pval_delta": two_sided_p(away),
        "ci_lb_delta": np.maximum(delta - z * se_delta, low), "ci_ub_delta": np.minimum(delta + z * se_delta, high),
        "vd": V[p + 1 :, p + 1 :],
    }  # fmt: skip


def _floor(value: float) -> float:
    return value if np.isnan(value) else max(0.0, value)
