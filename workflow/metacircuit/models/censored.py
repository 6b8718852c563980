"""Random effects with results of which only a bound is printed, by maximum likelihood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import ndtr, ndtri

from metacircuit.stats.censored import Evidence, log_likelihood

if TYPE_CHECKING:
    from collections.abc import Callable

# Step of the central differences for the observed information, relative to the standard error of a coefficient.
STEP = 1e-2


@dataclass(frozen=True, slots=True)
class RMACensored:
    """A fitted model: coefficients by maximum likelihood, Wald tests from the observed information.

    Attributes
    ----------
    beta, se, stat, pval, ci_lb, ci_ub : (p,) array
        Coefficients and their normal tests and intervals.
    vb : (p, p) array
        Covariance of the coefficients.
    tau2 : float
        Variance of the study effects.
    pi_lb, pi_ub : float
        Prediction interval of the true effect of a new study; NaN with moderators.
    ll : float
        Log-likelihood.
    k, k_bounds, studies : int
        Effects with an estimate, effects with limits only, and studies.
    converged : bool
    iterations : int
    """

    beta: NDArray[np.float64]
    se: NDArray[np.float64]
    stat: NDArray[np.float64]
    pval: NDArray[np.float64]
    ci_lb: NDArray[np.float64]
    ci_ub: NDArray[np.float64]
    vb: NDArray[np.float64]
    tau2: float
    pi_lb: float
    pi_ub: float
    ll: float
    k: int
    k_bounds: int
    studies: int
    converged: bool
    iterations: int


def rma_censored(
    yi: ArrayLike,
    vi: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    *,
    study: ArrayLike | None = None,
    mods: ArrayLike | None = None,
    level: float = 95,
) -> RMACensored:
    r"""Fit a random-effects model to estimates and to results that are known only to lie between limits.

    .. math:: (\hat\beta, \hat\tau^2) = \arg\max \ell(\beta, \tau^2), \quad
              \mathrm{Var}(\hat\beta) = \left[-\nabla^2 \ell\right]^{-1}_{\beta\beta}

    A result printed as "p < .05" says that the estimate lies beyond a limit; leaving it out throws that away, and
    taking the limit for the estimate is too low. Here its probability under the model enters the likelihood.

    Parameters
    ----------
    yi, vi : (k,) array_like
        Estimates (NaN where only limits are known) and sampling variances (of all results).
    lower, upper : (k,) array_like
        Limits of the results without an estimate, on the scale of `yi`; -inf or inf (or NaN) for none.
    study : (k,) array_like, optional
        Study of each result; results of one study share its effect. By default each is a study.
    mods : (k,) or (k, p) array_like, optional
        Moderators; an intercept is added.
    level : float
        Of the intervals, in percent.

    Returns
    -------
    RMACensored
        Frozen.

    Raises
    ------
    ValueError
        If variances are not positive, a result has neither estimate nor limit, limits are in the wrong order, or no
        result has an estimate (tau2 and beta are then not identified).

    Notes
    -----
    Source: the likelihood is that of `metacircuit.stats.censored.log_likelihood`. Maximum likelihood underestimates
    tau2 with few studies, as in every random-effects model.

    Examples
    --------
    A result beyond 0.5 pulls the mean up, and less than a printed 0.5 that is left out would suggest.

    >>> yi, vi = [0.1, 0.3, 0.2, np.nan], [0.04, 0.04, 0.04, 0.04]
    >>> fit = rma_censored(yi, vi, [-np.inf] * 3 + [0.5], [np.inf] * 4)
    >>> bool(0.2 < fit.beta[0] < 0.5)
    True
    """
    evidence = _evidence(yi, vi, lower, upper, study, mods)
    beta, tau, ll, converged, iterations = _maximise(evidence)
    vb = _covariance(evidence, beta, tau)
    se = np.sqrt(np.diag(vb))
    z = float(ndtri(0.5 + level / 200))
    spread = z * np.sqrt(vb[0, 0] + tau**2) if len(beta) == 1 else np.nan
    stat = beta / se
    return RMACensored(
        beta=beta,
        se=se,
        stat=stat,
        pval=2 * ndtr(-np.abs(stat)),
        ci_lb=beta - z * se,
        ci_ub=beta + z * se,
        vb=vb,
        tau2=tau**2,
        pi_lb=float(beta[0] - spread),
        pi_ub=float(beta[0] + spread),
        ll=ll,
        k=int((~evidence.bounded).sum()),
        k_bounds=int(evidence.bounded.sum()),
        studies=evidence.studies,
        converged=converged,
        iterations=iterations,
    )


def _evidence(
    yi: ArrayLike, vi: ArrayLike, lower: ArrayLike, upper: ArrayLike, study: ArrayLike | None, mods: ArrayLike | None
) -> Evidence:
    y, v = np.asarray(yi, float), np.asarray(vi, float)
    low = np.where(np.isnan(np.asarray(lower, float)), -np.inf, np.asarray(lower, float))
    high = np.where(np.isnan(np.asarray(upper, float)), np.inf, np.asarray(upper, float))
    bounded = np.isnan(y)
    wrong = {
        "vi is not a positive number": ~(v > 0) | ~np.isfinite(v),
        "there is neither an estimate nor a limit": bounded & np.isneginf(low) & np.isposinf(high),
        "the lower limit is not below the upper one": bounded & ~(low < high),
    }
    told = [
        f"{what} in rows {', '.join(map(str, np.flatnonzero(rows)))} (counted from 0)"
        for what, rows in wrong.items()
        if rows.any()
    ]
    if bounded.all():
        told.append("no row has an estimate, so the mean and tau2 cannot be told apart; at least one yi is needed")
    if told:
        raise ValueError("; ".join(told) + ".")
    codes = np.arange(len(y)) if study is None else pd.factorize(np.asarray(study), sort=True)[0]
    moderators = np.empty((len(y), 0)) if mods is None else np.asarray(mods, float).reshape(len(y), -1)
    return Evidence(y, v, low, high, np.column_stack([np.ones(len(y)), moderators]), codes)


def _maximise(evidence: Evidence) -> tuple[NDArray[np.float64], float, float, bool, int]:
    """Coefficients, tau, log-likelihood, whether it converged and in how many steps."""
    p = evidence.X.shape[1]

    def loss(theta: NDArray[np.float64]) -> float:
        return -log_likelihood(theta[:p], theta[p] ** 2, evidence)

    exact = ~evidence.bounded
    start, *_ = np.linalg.lstsq(evidence.X[exact], evidence.yi[exact], rcond=None)
    spread = float(np.std(evidence.yi[exact])) or float(np.sqrt(evidence.vi[exact].mean()))
    tries = [np.append(start, share * spread) for share in (0.7, 0.1)]
    bounds = [(None, None)] * p + [(0, None)]
    found = [
        minimize(loss, t, method="L-BFGS-B", jac="3-point", bounds=bounds, options={"ftol": 1e-14, "gtol": 1e-9})
        for t in tries
    ]
    best = min(found, key=lambda f: f.fun)
    # L-BFGS-B reports an abnormal line search when differences reach the rounding error: then the gradient decides.
    converged = bool(best.success or np.abs(best.jac[:p]).max() < 1e-4)
    return best.x[:p], float(best.x[p]), float(-best.fun), converged, int(best.nit)


def _covariance(evidence: Evidence, beta: NDArray[np.float64], tau: float) -> NDArray[np.float64]:
    """Inverse observed information of the coefficients; tau is a parameter too unless it lies on its bound."""
    p = len(beta)
    free_tau = tau > 1e-4
    theta = np.append(beta, tau) if free_tau else beta

    def ll(t: NDArray[np.float64]) -> float:
        return log_likelihood(t[:p], (t[p] if free_tau else tau) ** 2, evidence)

    rough = 1 / np.sqrt(np.sum(1 / (evidence.vi + tau**2)))
    steps = np.full(len(theta), STEP * rough)
    steps[p:] = np.minimum(steps[p:], tau / 2)
    return np.linalg.inv(-_hessian(ll, theta, steps))[:p, :p]


def _hessian(
    f: Callable[[NDArray[np.float64]], float], x: NDArray[np.float64], steps: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Second derivatives by central differences."""
    n = len(x)
    H = np.empty((n, n))
    E = np.diag(steps)
    for i in range(n):
        for j in range(i, n):
            corners = f(x + E[i] + E[j]) - f(x + E[i] - E[j]) - f(x - E[i] + E[j]) + f(x - E[i] - E[j])
            H[i, j] = H[j, i] = corners / (4 * steps[i] * steps[j])
    return H
