"""The result of a generalised linear mixed model."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from metacircuit.models.printing import coefficient_table, p_text
from metacircuit.stats.distributions import critical

Vector = NDArray[np.float64]
TRANSFORMS = {"none": lambda x: x, "exp": np.exp, "ilogit": expit}


@dataclass(frozen=True, slots=True, eq=False)
class GLMM:
    """A fitted model of counts; names as in metafor, dots as underscores.

    Attributes
    ----------
    measure, model, method, test, level : what was asked for; nodes : quadrature points in each dimension.
    names : (p,) coefficients. beta, se, stat, pval, ci_lb, ci_ub : (p,); vb : (p, p).
    tau2, se_tau2 : heterogeneity; the standard error is NaN at zero.
    sigma2, rho : variance of the baselines and their correlation with the effects (UM.RS), else NaN.
    I2, H2, vt : relative heterogeneity, by the typical sampling variance of the `k_yi` studies with an estimate.
    QE_Wld, QEp_Wld, QE_LRT, QEp_LRT, QE_df : tests that the studies share their effects; QE, QEp : the Wald test.
    LRT, LRTp : likelihood-ratio test of tau2 = 0 (half a chi-squared on 1 df).
    QM, QMdf, QMp : test of the moderators.
    ll, AIC, BIC, AICc : as metafor reports them, which is at the most likely random effects for models with one random
        effect (except the exact conditional one); ll_marginal : with the random effects integrated out.
    status : "ok", "separated", "unbounded" or "not converged", with its reason; notes : what was left out. Separated
        coefficients are infinite; what the likelihood does not determine is NaN.
    """

    measure: str
    model: str
    method: str
    test: str
    nodes: int
    level: float
    names: tuple[str, ...]
    beta: Vector
    se: Vector
    stat: Vector
    pval: Vector
    ci_lb: Vector
    ci_ub: Vector
    vb: NDArray[np.float64]
    tau2: float
    se_tau2: float
    sigma2: float
    rho: float
    I2: float
    H2: float
    vt: float
    QE: float
    QEp: float
    QE_Wld: float
    QEp_Wld: float
    QE_LRT: float
    QEp_LRT: float
    QE_df: int
    LRT: float
    LRTp: float
    QM: float
    QMdf: tuple[int, float]
    QMp: float
    ll: float
    ll_marginal: float
    AIC: float
    BIC: float
    AICc: float
    k: int
    k_all: int
    k_yi: int
    p: int
    parms: int
    dfs: float
    status: str
    reason: str
    steps: int
    notes: tuple[str, ...]

    @property
    def zval(self) -> Vector:
        """metafor's name for `stat`."""
        return self.stat

    @property
    def converged(self) -> bool:
        """Whether the search ended at a maximum."""
        return self.status == "ok"

    def predict(self, newmods: ArrayLike | None = None, transf: str = "none") -> pd.DataFrame:
        """Average effect, its interval and the prediction interval.

        Parameters
        ----------
        newmods : (m, p) array, intercept included; needed if the model has moderators.
        transf : "none", "exp" (ratios, rates) or "ilogit" (proportions)

        Returns
        -------
        DataFrame
            Columns pred, se (not transformed), ci_lb, ci_ub, pi_lb, pi_ub.

        Raises
        ------
        ValueError
            If the columns or the transformation are not known.
        """
        if transf not in TRANSFORMS:
            raise ValueError(f"transf={transf!r} can be {', '.join(TRANSFORMS)}")
        if newmods is None and self.names != ("intrcpt",):
            raise ValueError(f"predict needs newmods with the columns {', '.join(self.names)}")
        X = np.ones((1, 1)) if newmods is None else np.atleast_2d(np.asarray(newmods, float))
        if X.shape[1] != self.p:
            raise ValueError(f"newmods has {X.shape[1]} columns; it needs {self.p}: {', '.join(self.names)}")
        pred, se = X @ self.beta, np.sqrt(np.einsum("ij,jk,ik->i", X, self.vb, X))
        crit = critical(self.level, self.dfs)
        half, wide = crit * se, crit * np.sqrt(se**2 + self.tau2)
        shown = {"pred": pred, "ci_lb": pred - half, "ci_ub": pred + half, "pi_lb": pred - wide, "pi_ub": pred + wide}
        frame = pd.DataFrame({name: TRANSFORMS[transf](x) for name, x in shown.items()})
        frame.insert(1, "se", se)
        return frame

    def to_frame(self) -> pd.DataFrame:
        """One row a coefficient: term, estimate, se, stat, pval, ci_lb, ci_ub, tau2, I2, k, model, status, reason."""
        columns = {name: getattr(self, name) for name in ("se", "stat", "pval", "ci_lb", "ci_ub")}
        frame = pd.DataFrame({"term": list(self.names), "estimate": self.beta, **columns})
        fixed = ("tau2", "I2", "k", "measure", "model", "status", "reason")
        return frame.assign(**{name: getattr(self, name) for name in fixed})

    def __str__(self) -> str:
        lines = [
            f"Generalised linear mixed model, {self.measure}, {self.model} (k = {self.k}; {self.method}, "
            f"{self.nodes} quadrature points)",
            f"tau2 = {self.tau2:.4f}"
            + (f" (SE {self.se_tau2:.4f})" if np.isfinite(self.se_tau2) else "")
            + f"   I2 = {self.I2:.2f} %   H2 = {self.H2:.2f}"
            + (f"   sigma2 = {self.sigma2:.4f}" if np.isfinite(self.sigma2) else ""),
            f"logLik {self.ll:.4f} (marginal {self.ll_marginal:.4f})  AIC {self.AIC:.4f}  BIC {self.BIC:.4f}",
            f"Heterogeneity: Wald(df = {self.QE_df}) = {self.QE_Wld:.4f}, {p_text(self.QEp_Wld)};  "
            f"LRT(df = {self.QE_df}) = {self.QE_LRT:.4f}, {p_text(self.QEp_LRT)}",
        ]
        if self.names != ("intrcpt",):
            lines.append(f"Moderators: QM(df = {self.QMdf[0]}) = {self.QM:.4f}, {p_text(self.QMp)}")
        shown = self.to_frame()[["term", "estimate", "se", "stat", "pval", "ci_lb", "ci_ub"]]
        lines += ["", coefficient_table(shown)]
        if self.reason:
            lines.append(f"Status: {self.status}; {self.reason}.")
        return "\n".join([*lines, *(f"Note: {note}" for note in self.notes)])
