"""The result of a generalised linear mixed model."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from metacircuit.models.count_inputs import Counts
from metacircuit.models.printing import coefficient_table, p_text
from metacircuit.models.univariate.inputs import Moderators
from metacircuit.stats.distributions import chi2_p, critical
from metacircuit.stats.glmm.models import Fits
from metacircuit.stats.linear import project
from metacircuit.stats.wald import coefficients, omnibus, tested_by_default

Vector = NDArray[np.float64]
TRANSFORMS = {"none": lambda x: x, "exp": np.exp, "ilogit": expit}


@dataclass(frozen=True, slots=True, eq=False)
class GLMM:
    """A fitted model of counts; names as in metafor, dots as underscores.

    Attributes
    ----------
    measure, model, method, test, nAGQ, level : what was asked for.
    names : (p,) coefficients. beta, se, stat, pval, ci_lb, ci_ub : (p,); vb : (p, p).
    tau2, se_tau2 : heterogeneity; the standard error is NaN at zero. sigma2, rho : variance of the baselines and their
        correlation with the effects (UM.RS), else NaN.
    I2, H2, vt : relative heterogeneity, by the typical sampling variance of the `k_yi` studies with an estimate.
    QE_Wld, QEp_Wld, QE_LRT, QEp_LRT, QE_df : tests that the studies share their effects; QE, QEp : the Wald test.
    LRT, LRTp : likelihood-ratio test of tau2 = 0 (half a chi-squared on 1 df).
    QM, QMdf, QMp : test of the moderators.
    ll, AIC, BIC, AICc : as metafor reports them, which is at the most likely random effects for models with one random
        effect (except the exact conditional one); ll_marginal : with the random effects integrated out.
    status : "ok", "separated", "unbounded" or "not converged", with its reason; notes : what was left out.
    """

    measure: str
    model: str
    method: str
    test: str
    nAGQ: int
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
    def QE(self) -> float:
        """Wald test of residual heterogeneity."""
        return self.QE_Wld

    @property
    def QEp(self) -> float:
        """Its p-value."""
        return self.QEp_Wld

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
            f"{self.nAGQ} quadrature points)",
            f"tau2 = {self.tau2:.4f} (SE {self.se_tau2:.4f})   I2 = {self.I2:.2f} %   H2 = {self.H2:.2f}"
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


def assemble(
    fits: Fits, terms: Moderators, counts: Counts, effects: tuple[Vector, Vector], *, nodes: int, **asked: Any
) -> GLMM:
    """Put the result together.

    Parameters
    ----------
    fits, terms, counts : the fitted models, the design and the counts.
    effects : yi and vi of the single studies, for I2 and H2.
    nodes : quadrature points; asked : measure, model, method, test, level.
    """
    X, fit = terms.X, fits.mixed
    (k, p), (yi, vi) = X.shape, effects
    model, random_baselines = asked["model"], asked["model"] == "UM.RS"
    heterogeneous = asked["method"] == "ML"
    tau, se_tau, sigma2, rho = _components(fits, random_baselines)
    beta, vb = fit.beta[:p], fit.vb[:p, :p]
    df = k - p
    ddf = float(df) if asked["test"] == "t" else np.inf
    wald, QM = coefficients(beta, vb, ddf, asked["level"]), omnibus(beta, vb, tested_by_default(X), ddf)
    vt = _typical_variance(yi, vi, X) if len(yi) == k else _typical_variance(yi, vi, np.ones((len(yi), 1)))
    conditional = model != "CM.EL" or asked["measure"] != "OR"
    ll = fit.ll_conditional if heterogeneous and conditional and not random_baselines else fit.ll
    own = k if model == "UM.FS" and asked["measure"] in ("OR", "IRR") else 0
    parms = p + own + heterogeneous + random_baselines * (2 + (len(fit.factors) == 3))
    n = k * (2 if own or random_baselines else 1)
    small = max(n, parms + 2)
    LRT = max(0.0, 2 * (fit.ll - fits.equal.ll)) if heterogeneous else np.nan
    p_of = [float(chi2_p(x, df)) if df > 0 else 1.0 for x in (fits.wald, fits.lrt)]
    dropped = tuple(f"'{name}' dropped: {why}" for name, why in terms.dropped.items())
    return GLMM(
        **asked,
        nAGQ=nodes,
        names=terms.names,
        beta=beta,
        se=wald.se,
        stat=wald.stat,
        pval=wald.pval,
        ci_lb=wald.ci_lb,
        ci_ub=wald.ci_ub,
        vb=vb,
        tau2=tau**2,
        se_tau2=2 * tau * se_tau,
        sigma2=sigma2,
        rho=rho,
        I2=100 * tau**2 / (vt + tau**2),
        H2=1 + tau**2 / vt,
        vt=vt,
        QE_Wld=fits.wald,
        QEp_Wld=p_of[0],
        QE_LRT=fits.lrt,
        QEp_LRT=p_of[1],
        QE_df=df,
        LRT=LRT,
        LRTp=float(0.5 * chi2_p(LRT, 1)) if LRT > 0 else 1.0,
        QM=QM.stat,
        QMdf=QM.df,
        QMp=QM.pval,
        ll=ll,
        ll_marginal=fit.ll,
        AIC=-2 * ll + 2 * parms,
        BIC=-2 * ll + parms * float(np.log(n)),
        AICc=-2 * ll + 2 * parms * small / (small - parms - 1),
        k=k,
        k_all=counts.k_all,
        k_yi=len(yi),
        p=p,
        parms=parms,
        dfs=ddf,
        status=fit.status,
        reason=fit.reason,
        steps=fit.maximum.steps,
        notes=counts.notes + dropped,
    )


def _components(fits: Fits, random_baselines: bool) -> tuple[float, float, float, float]:
    """tau with its standard error, variance of the baselines and correlation."""
    factors, covariance = fits.mixed.factors, fits.mixed.v_factors
    if not random_baselines:
        tau = abs(float(factors[0])) if fits.mixed is not fits.equal else 0.0
        return tau, float(np.sqrt(covariance[0, 0])) if tau > 0 else np.nan, np.nan, np.nan
    sigma = float(factors[0])
    if len(factors) == 1:
        return 0.0, np.nan, sigma**2, np.nan
    tau = float(np.hypot(*factors[1:])) if len(factors) == 3 else abs(float(factors[1]))
    slope = np.concatenate([[0.0], factors[1:] / tau]) if tau > 0 else np.zeros(len(factors))
    se = float(np.sqrt(slope @ covariance @ slope)) if tau > 0 else np.nan
    rho = float(factors[2] * np.sign(sigma) / tau) if len(factors) == 3 and tau > 0 else 0.0
    return tau, se, sigma**2, rho


def _typical_variance(yi: Vector, vi: Vector, X: NDArray[np.float64]) -> float:
    """Sampling variance of a typical study; NaN with no degrees of freedom."""
    df = len(yi) - X.shape[1]
    return df / float(project(yi[None, :], 1 / vi[None, :], X).tr_P[0]) if df > 0 else np.nan
