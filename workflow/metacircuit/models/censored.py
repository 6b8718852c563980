"""Random effects with results of which only a bound is printed, by maximum likelihood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import ndtr, ndtri

from metacircuit.stats.censored import Evidence, hessian, log_likelihood, slope, standardise

# Steps of the central differences, relative to the standard error of a coefficient: second and first derivatives.
STEP = 1e-2
FIRST_STEP = 1e-3
# Largest gradient at the maximum per standard error: a Newton step would then move nothing by 1e-4 standard errors.
FLAT = 1e-4
# A coefficient whose information is below this share of what estimates would give has no maximum to working precision.
SINGULAR = 1e-6
# tau is 0 where a positive one gains less log-likelihood than this.
GAIN = 1e-10


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
        Whether the gradient vanishes (in tau: or falls at 0) and the observed information is positive definite.
    iterations : int
    status : str
        "ok", or why the fit did not converge; standard errors are NaN if the information is not positive definite.
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
    status: str


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
        If variances are not positive, a result has neither estimate nor limit, limits are in the wrong order, no
        result has an estimate (tau2 and beta are then not identified), or moderators are linearly dependent.

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
    unit, scale, turn = standardise(evidence)
    theta, iterations = _maximise(unit)
    theta, vb, status = _finish(unit, theta)
    p = evidence.X.shape[1]
    beta, tau, vb = scale * turn @ theta[:p], scale * float(theta[p]), scale**2 * turn @ vb @ turn.T
    ll = log_likelihood(theta[:p], float(theta[p]) ** 2, unit) - float((~evidence.bounded).sum() * np.log(scale))
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
        converged=status == "ok",
        iterations=iterations,
        status=status,
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
    X = np.column_stack([np.ones(len(y)), moderators])
    if np.linalg.matrix_rank(X) < X.shape[1]:
        raise ValueError("the moderators are linearly dependent (with the intercept); leave out the repetitions.")
    return Evidence(y, v, low, high, X, codes)


def _ll(theta: NDArray[np.float64], evidence: Evidence) -> float:
    """Log-likelihood of coefficients and, last, tau."""
    return log_likelihood(theta[:-1], float(theta[-1]) ** 2, evidence)


def _maximise(evidence: Evidence) -> tuple[NDArray[np.float64], int]:
    """Coefficients and tau, and in how many steps."""
    exact = ~evidence.bounded
    start, *_ = np.linalg.lstsq(evidence.X[exact], evidence.yi[exact], rcond=None)
    spread = float(np.std(evidence.yi[exact])) or float(np.sqrt(evidence.vi[exact].mean()))
    bounds = [(None, None)] * len(start) + [(0, None)]
    found = [
        minimize(
            lambda t: -_ll(t, evidence),
            np.append(start, share * spread),
            method="L-BFGS-B",
            jac="3-point",
            bounds=bounds,
            options={"ftol": 1e-12, "gtol": 1e-7},
        )
        for share in (0.7, 0.1)
    ]
    best = min(found, key=lambda f: f.fun)
    return best.x, int(best.nit)


def _finish(evidence: Evidence, theta: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], str]:
    """The maximum after a Newton step, the covariance of the coefficients there, and whether it is a maximum.

    The covariance is the inverse observed information; tau is a parameter too unless it lies on its bound.
    """
    p = len(theta) - 1
    none = np.append(theta[:p], 0.0)
    if _ll(none, evidence) >= _ll(theta, evidence) - GAIN:
        theta = none
    n = p + bool(theta[p] > 0)

    def ll(free: NDArray[np.float64]) -> float:
        return _ll(np.append(free, theta[n:]), evidence)

    rough = 1 / np.sqrt(np.sum(1 / (evidence.vi + theta[p] ** 2)))
    unit = np.full(n, rough)
    unit[p:] = np.minimum(unit[p:], theta[p] / (2 * STEP))
    nan = np.full((p, p), np.nan)
    for last in (False, True):
        information = -hessian(ll, theta[:n], STEP * unit)
        shares = information * np.outer(unit, unit)
        eigen = [np.linalg.eigvalsh(part).min() if np.isfinite(part).all() else -1 for part in (shares, shares[:p, :p])]
        if eigen[0] <= 0 or eigen[1] < SINGULAR:
            return theta, nan, "the observed information is not positive definite"
        gradient = slope(ll, theta[:n], FIRST_STEP * unit)
        moved = np.append(theta[:n] + np.linalg.solve(information, gradient), theta[n:])
        if not last:
            # Within studies a coefficient may be known far better than tau suggests: then the steps were too wide.
            unit[:p] = np.minimum(unit[:p], 1 / np.sqrt(np.diag(information)[:p]))
            theta = moved if moved[p] >= 0 and _ll(moved, evidence) > _ll(theta, evidence) - GAIN else theta
    vb = np.linalg.inv(information)[:p, :p]
    steep = np.abs(gradient * unit) > FLAT
    names = [what for what, part in (("beta", steep[:p]), ("tau", steep[p:])) if part.any()]
    # At tau = 0 the derivative in tau is 0 by symmetry: there the log-likelihood must not rise.
    if n == p and _ll(np.append(theta[:p], STEP * rough), evidence) > _ll(theta, evidence) + FLAT * STEP**2:
        names.append("tau")
    return theta, vb, f"the gradient in {' and '.join(names)} is not 0" if names else "ok"
