"""From fitted models of counts to the result that a user sees."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from metacircuit.models.count_inputs import Counts
from metacircuit.models.glmm_result import GLMM
from metacircuit.models.univariate.inputs import Moderators
from metacircuit.stats.distributions import chi2_p
from metacircuit.stats.glmm.binomial_normal import MixedFit
from metacircuit.stats.glmm.models import Fits
from metacircuit.stats.linear import project
from metacircuit.stats.wald import omnibus, tested_by_default, wald_tests

Vector = NDArray[np.float64]

# The search ends this close to a deviation of zero, where the likelihood is symmetric.
ZERO = 1e-6
# A search that runs away passes this log odds or log rate; nothing that counts is so rare.
INFINITE = 15.0


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
    beta, vb = _within_limits(fit, p)
    df = k - p
    ddf = float(df) if asked["test"] == "t" else np.inf
    wald, QM = wald_tests(beta, vb, ddf, asked["level"]), omnibus(beta, vb, tested_by_default(X), ddf)
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
        nodes=nodes,
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
        I2=_share(tau, vt),
        H2=1 + tau**2 / vt if tau != 0 else 1.0,
        vt=vt,
        QE=fits.wald,
        QEp=p_of[0],
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


def _within_limits(fit: MixedFit, p: int) -> tuple[Vector, NDArray[np.float64]]:
    """Estimates of the effect and their covariance, infinite or NaN where the likelihood has no maximum."""
    beta, vb = fit.beta[:p], fit.vb[:p, :p]
    if fit.status == "separated":
        beta = np.where(np.abs(beta) > INFINITE, np.sign(beta) * np.inf, beta)
    if fit.status == "unbounded":
        beta = np.full_like(beta, np.nan)
    return beta, vb if fit.status not in ("separated", "unbounded") else np.full_like(vb, np.nan)


def _components(fits: Fits, random_baselines: bool) -> tuple[float, float, float, float]:
    """tau with its standard error, variance of the baselines and correlation."""
    factors, covariance = fits.mixed.factors, fits.mixed.v_factors
    if fits.mixed.status in ("separated", "unbounded"):
        return np.inf if fits.mixed.status == "unbounded" else np.nan, np.nan, np.nan, np.nan
    if not random_baselines:
        tau = abs(float(factors[0])) if fits.mixed is not fits.equal else 0.0
        return tau, float(np.sqrt(covariance[0, 0])) if tau > 0 else np.nan, np.nan, np.nan
    sigma = float(factors[0])
    if len(factors) == 1:
        return 0.0, np.nan, sigma**2, np.nan
    tau = float(np.linalg.norm(factors[1:]))
    tau = tau if tau > ZERO else 0.0
    slope = np.concatenate([[0.0], factors[1:] / tau]) if tau > 0 else np.zeros(len(factors))
    se = float(np.sqrt(slope @ covariance @ slope)) if tau > 0 else np.nan
    rho = float(factors[2] * np.sign(sigma) / tau) if len(factors) == 3 and tau > 0 else 0.0
    return tau, se, sigma**2, rho


def _share(tau: float, vt: float) -> float:
    """Heterogeneity in percent of the total variance; zero without heterogeneity, whatever the sampling variance."""
    if tau == 0:
        return 0.0
    return 100 * tau**2 / (vt + tau**2) if np.isfinite(tau) else np.nan


def _typical_variance(yi: Vector, vi: Vector, X: NDArray[np.float64]) -> float:
    """Sampling variance of a typical study; NaN with no degrees of freedom."""
    df = len(yi) - X.shape[1]
    return df / float(project(yi[None, :], 1 / vi[None, :], X).tr_p[0]) if df > 0 else np.nan
