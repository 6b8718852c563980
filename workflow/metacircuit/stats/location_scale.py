r"""Location–scale models: the between-study variance of each study is a function of its own predictors.

.. math:: y_i \sim N(x_i'\beta,\; v_i + \tau_i^2), \qquad \log \tau_i^2 = z_i'\alpha \;\text{or}\; \tau_i^2 = z_i'\alpha

The location coefficients are profiled out, so that the (restricted) likelihood is maximised over alpha alone, with
analytic first and second derivatives and cost linear in the number of studies.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from metacircuit.stats.linear import Projection, project

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
_Data = tuple[Vector, Vector, Matrix]
Link = Literal["log", "identity"]

MAX_STEPS = 200
# The Newton decrement is twice the log-likelihood still to be gained; this is far below any digit that is printed.
DECREMENT = 1e-18
# A step that gains less than this share of the log-likelihood is lost in its rounding.
ROUNDING = 1e-13
# exp() of the linear predictor is kept inside the floating-point range.
LOG_TAU2_MAX = 300.0
# With tau2 below this share of the smallest sampling variance, the likelihood no longer depends on alpha.
NEGLIGIBLE = 1e-10


@dataclass(frozen=True, slots=True)
class ScaleFit:
    """The maximum over alpha.

    Attributes
    ----------
    alpha : (q,) scale coefficients; va : (q, q) inverse of the observed information, NaN if that is singular.
    tau2 : (k,) between-study variances.
    ll : (restricted) log-likelihood.
    status : "ok", "boundary" (a variance went to zero) or "not converged"; reason : in words, empty if ok.
    steps : Newton steps taken.
    """

    alpha: Vector
    va: Matrix
    tau2: Vector
    ll: float
    status: str
    reason: str
    steps: int


@dataclass(frozen=True, slots=True)
class _Curve:
    """Log-likelihood at one alpha with its gradient and Hessian."""

    ll: float
    gradient: Vector
    hessian: Matrix


def fit_scale(yi: Vector, vi: Vector, X: Matrix, Z: Matrix, *, method: str = "REML", link: Link = "log") -> ScaleFit:
    r"""Estimate the scale coefficients by (restricted) maximum likelihood.

    .. math:: \ell_R(\alpha) = -\tfrac12 \Big[(k-p)\log 2\pi - \log|X'X|
              + \sum_i \log(v_i+\tau_i^2) + \log|X'WX| + y'Py\Big]

    Parameters
    ----------
    yi, vi : (k,) arrays
        Estimates and sampling variances.
    X, Z : (k, p), (k, q) arrays
        Designs of the location and of the scale, both of full rank.
    method : "REML" or "ML"
    link : "log" or "identity"
        With the identity, alpha is kept where no study has a negative variance.

    Returns
    -------
    ScaleFit

    Source: Viechtbauer and López-López (2022), Research Synthesis Methods 13, 697-715, equations 7 to 12.

    >>> y, v = np.array([0.1, 0.9, -0.4, 0.3, 0.2, 0.5]), np.full(6, 0.01)
    >>> z = np.column_stack([np.ones(6), [1, 1, 1, 0, 0, 0]])
    >>> bool(fit_scale(y, v, np.ones((6, 1)), z).alpha[1] > 0)
    True
    """
    # An orthonormal basis of Z makes the search indifferent to the units of the predictors.
    basis, R = np.linalg.qr(Z)
    scale = np.sqrt(len(yi))
    U, T = basis * scale, R / scale
    tau2_of = LINKS[link]

    def curve(a: Vector) -> _Curve:
        return _curve((yi, vi, X), U, a, method=method, link=link)

    starts = _starts(yi, vi, X, U, link)
    if link == "identity":
        starts = [_constrained(curve, U, a) for a in starts]
    fits = [_climb(curve, a, feasible=lambda a: link == "log" or bool((U @ a >= 0).all())) for a in starts]
    a, at, steps, converged = max(fits, key=lambda fit: fit[1].ll)
    tau2 = tau2_of(U @ a)
    status, reason = _verdict(tau2, vi, link, converged)
    return ScaleFit(
        alpha=np.linalg.solve(T, a),
        va=_covariance(at.hessian, T),
        tau2=tau2,
        ll=at.ll,
        status=status,
        reason=reason,
        steps=steps,
    )


def _exp(eta: Vector) -> Vector:
    return np.exp(np.clip(eta, -2 * LOG_TAU2_MAX, LOG_TAU2_MAX))


LINKS: dict[str, Callable[[Vector], Vector]] = {"log": _exp, "identity": lambda eta: np.maximum(eta, 0.0)}


def log_likelihood(fit: Projection, variances: Vector, X: Matrix, method: str) -> float:
    """ML or REML log-likelihood of a weighted fit whose weights are the inverse of `variances`."""
    k, p = X.shape
    ll = -0.5 * (k * np.log(2 * np.pi) + np.log(variances).sum() + fit.rss[0])
    if method == "REML":
        ll += 0.5 * (p * np.log(2 * np.pi) + np.linalg.slogdet(X.T @ X)[1] - fit.log_det[0])
    return float(ll)


def _curve(data: _Data, Z: Matrix, a: Vector, *, method: str, link: Link) -> _Curve:
    """Log-likelihood, gradient and Hessian by alpha; P only enters through its orthonormal basis."""
    yi, vi, X = data
    tau2 = LINKS[link](Z @ a)
    slope = tau2 if link == "log" else np.ones_like(tau2)
    bend = tau2 if link == "log" else np.zeros_like(tau2)
    w = 1 / (vi + tau2)
    fit = project(yi[None, :], w[None, :], X)
    Q, e = fit.Q[0], fit.e[0]
    free = fit.remainder[0] if method == "REML" else np.ones_like(w)
    m = (w * slope)[:, None] * Z
    gradient = -0.5 * m.T @ (free - e**2)
    curvature = Z.T @ ((w * bend * (free - e**2))[:, None] * Z)
    residual = m * e[:, None]
    quadratic = residual.T @ residual - (Q @ residual).T @ (Q @ residual)
    if method == "REML":
        traces = m.T @ ((2 * free - 1)[:, None] * m)
        inner = np.einsum("ai,ij,bi->jab", Q, m, Q)
        traces = traces + np.einsum("jab,lab->jl", inner, inner)
    else:
        traces = m.T @ m
    hessian = -0.5 * curvature + 0.5 * traces - quadratic
    return _Curve(log_likelihood(fit, vi + tau2, X, method), gradient, hessian)


def _starts(yi: Vector, vi: Vector, X: Matrix, U: Matrix, link: Link) -> list[Vector]:
    """A common variance, and the regression of the squared residuals on the scale predictors."""
    residual = yi - X @ np.linalg.lstsq(X, yi, rcond=None)[0]
    k, p = X.shape
    spread = (residual**2).sum() / max(k - p, 1)
    common = max(spread - vi.mean(), 0.1 * spread, 1e-3 * vi.mean())
    excess = np.maximum(residual**2 - vi, 0.05 * residual**2 + 1e-3 * common)
    levels = [np.full(k, common), excess]
    if link == "log":
        levels = [np.log(level) for level in levels]
    return [np.linalg.lstsq(U, level, rcond=None)[0] for level in levels]


def _constrained(curve: Callable[[Vector], _Curve], U: Matrix, start: Vector) -> Vector:
    """The maximum with every variance at least zero, to the accuracy of sequential quadratic programming."""
    rows = np.unique(U, axis=0)
    # Where the start itself is outside, begin from the constant closest to it.
    if (rows @ start < 0).any():
        start = np.linalg.lstsq(U, np.full(len(U), max((U @ start).mean(), 1e-8)), rcond=None)[0]
    found = minimize(
        lambda a: -curve(a).ll,
        start,
        jac=lambda a: -curve(a).gradient,
        method="SLSQP",
        constraints={"type": "ineq", "fun": lambda a: rows @ a, "jac": lambda _: rows},
        options={"maxiter": 500, "ftol": 1e-14},
    )
    return found.x


def _climb(
    curve: Callable[[Vector], _Curve], a: Vector, feasible: Callable[[Vector], bool]
) -> tuple[Vector, _Curve, int, bool]:
    """Newton's method with halved steps, upwards also where the likelihood is not concave."""
    at = curve(a)
    for step in range(1, MAX_STEPS + 1):
        values, vectors = np.linalg.eigh(-at.hessian)
        floor = max(1e-8 * np.abs(values).max(), 1e-12)
        move = vectors @ ((vectors.T @ at.gradient) / np.maximum(np.abs(values), floor))
        decrement = float(at.gradient @ move)
        if decrement < DECREMENT:
            return a, at, step, True
        # One unit of the standardised log variance is a factor of e: more is a leap in the dark.
        move *= min(1.0, 3.0 / max(np.abs(move).max(), 1e-300))
        for _ in range(40):
            if feasible(a + move):
                new = curve(a + move)
                if new.ll > at.ll:
                    break
            move = move / 2
        else:
            return a, at, step, decrement < ROUNDING * (1 + abs(at.ll))
        a, at = a + move, new
    return a, at, MAX_STEPS, False


def _covariance(hessian: Matrix, T: Matrix) -> Matrix:
    """Inverse information in the coordinates of alpha; NaN where the likelihood has no curvature to give one."""
    values, vectors = np.linalg.eigh(-hessian)
    if values.min() <= 1e-12 * max(values.max(), 1e-300):
        return np.full_like(T, np.nan)
    half = np.linalg.solve(T, vectors / np.sqrt(values))
    return half @ half.T


def _verdict(tau2: Vector, vi: Vector, link: Link, converged: bool) -> tuple[str, str]:
    """Status and reason of a fit."""
    gone = tau2 < NEGLIGIBLE * vi.min()
    if gone.all():
        return "boundary", "tau2 is zero in every study: the scale coefficients are not identified"
    if link == "identity" and gone.any():
        return "boundary", "tau2 reaches zero for some studies: standard errors of alpha are not to be trusted"
    if not converged:
        return "not converged", f"no maximum of the likelihood within {MAX_STEPS} steps"
    return "ok", ""
