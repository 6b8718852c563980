"""Models with normal random effects of the studies: binomial–normal, Poisson–normal, hypergeometric–normal."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metacircuit.stats.glmm.maximise import Maximum, Point, maximise
from metacircuit.stats.glmm.quadrature import Design, marginal

Array = NDArray[np.float64]

# Standard deviations, on the log scale of these models, from which the search starts.
STARTS = (0.2, 1.0)
# Random effects that gain less than this in log-likelihood are none.
GAIN = 1e-9
# Coefficients with larger standard errors, and random effects with larger deviations, belong to infinite estimates.
INFINITE = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class MixedFit:
    """A model with random effects.

    Attributes
    ----------
    beta, vb : (p,), (p, p) fixed effects and covariance.
    factors, v_factors : (s,), (s, s) factors of the random effects and covariance, NaN where they are zero.
    ll : log-likelihood; ll_conditional : given the most likely random effects.
    gamma : (k,) own coefficients of the studies, or empty.
    maximum : where the search ended.
    status : "ok", "separated", "unbounded" or "not converged"; reason : in words.
    """

    beta: Array
    vb: Array
    factors: Array
    v_factors: Array
    ll: float
    ll_conditional: float
    gamma: Array
    maximum: Maximum
    status: str
    reason: str


def fit_fixed(design: Design) -> MixedFit:
    """Maximise the likelihood without random effects."""
    basis, T = _orthonormal(design)
    p, none = design.p, np.zeros(len(design.loadings))

    def point(theta: Array, gamma: Array) -> Point:
        score = marginal(basis, theta, gamma, none, 1)
        return Point(float(score.ll.sum()), score.theta[:, :p].sum(axis=0), _own(design, score.gamma))

    return _finish(maximise(point, *_start(basis)), basis, T, nodes=1)


def fit_mixed(design: Design, nodes: int = 7, starts: Sequence[Sequence[float]] | None = None) -> MixedFit:
    r"""Maximise the likelihood over the fixed effects and the factors of the random effects.

    .. math:: \eta_{ij} = o_{ij} + x_{ij}'\beta + e_{ij}\gamma_i + a_{ij}'u_i, \qquad u_i \sim N(0, I)

    Parameters
    ----------
    design : Design
    nodes : int
        Quadrature points in each dimension; 1 is Laplace's method.
    starts : sequence of (s,) factors
        Where to start; by default a small and a large deviation.

    Returns
    -------
    MixedFit
        With factors zero where the random effects do not raise the likelihood.

    Source: Stijnen, Hamza and Özdemir (2010), Statistics in Medicine 29, 3046-3067.
    """
    basis, T = _orthonormal(design)
    p = design.p

    def point(theta: Array, gamma: Array) -> Point:
        score = marginal(basis, theta[:p], gamma, theta[p:], nodes)
        return Point(float(score.ll.sum()), score.theta.sum(axis=0), _own(design, score.gamma))

    fixed = fit_fixed(design)
    if fixed.status == "separated":
        return fixed
    begins = starts if starts is not None else [[start] * len(design.loadings) for start in STARTS]
    fits = [maximise(point, np.append(fixed.maximum.theta, begin), fixed.gamma) for begin in begins]
    best = max(fits, key=lambda fit: fit.ll)
    return fixed if best.ll <= fixed.ll + GAIN else _finish(best, basis, T, nodes)


def _finish(best: Maximum, basis: Design, T: Array, nodes: int) -> MixedFit:
    """Back to the coordinates of the user."""
    p, s = basis.p, len(basis.loadings)
    theta = np.append(best.theta, np.zeros(p + s - len(best.theta)))
    covariance = np.full((p + s, p + s), np.nan)
    covariance[: len(best.theta), : len(best.theta)] = best.covariance()
    back = np.linalg.inv(T)
    at = marginal(basis, theta[:p], best.gamma, theta[p:], nodes)
    vb = back @ covariance[:p, :p] @ back.T
    status, reason = _verdict(best, vb, theta[p:])
    return MixedFit(
        beta=back @ theta[:p],
        vb=vb,
        factors=theta[p:],
        v_factors=covariance[p:, p:],
        ll=best.ll,
        ll_conditional=float(at.conditional.sum()),
        gamma=best.gamma,
        maximum=best,
        status=status,
        reason=reason,
    )


def _own(design: Design, score: Array) -> Array:
    return score if design.own is not None else np.empty(0)


def _orthonormal(design: Design) -> tuple[Design, Array]:
    """The design in a basis in which every step has the same meaning, and the map from beta to it."""
    flat = design.X.reshape(-1, design.p)
    Q, R = np.linalg.qr(flat)
    scale = np.sqrt(len(flat))
    X = (Q * scale).reshape(design.X.shape)
    return Design(design.family, design.offset, X, design.loadings, design.own), R / scale


def _start(design: Design) -> tuple[Array, Array]:
    """Least squares on the predictors at which each count would be fitted."""
    target = design.family.guess - design.offset
    if design.own is None:
        return np.linalg.lstsq(design.X.reshape(-1, design.p), target.ravel(), rcond=None)[0], np.empty(0)
    e = design.own / np.sqrt((design.own**2).sum(axis=1, keepdims=True))
    X = design.X - e[..., None] * np.einsum("kj,kjp->kp", e, design.X)[:, None, :]
    left = target - e * (e * target).sum(axis=1, keepdims=True)
    beta = np.linalg.lstsq(X.reshape(-1, design.p), left.ravel(), rcond=None)[0]
    return beta, (design.own * (target - design.X @ beta)).sum(axis=1) / (design.own**2).sum(axis=1)


def _verdict(best: Maximum, vb: Array, factors: Array) -> tuple[str, str]:
    """Status and reason of a fit."""
    if np.abs(factors).max(initial=0.0) > INFINITE:
        return "unbounded", "the likelihood rises without end in tau: the studies are all at 0 % or 100 %"
    variances = np.diag(vb)
    if not np.isfinite(variances).all() or variances.max(initial=0.0) > INFINITE**2:
        return "separated", "an outcome never, or always, occurs where a coefficient is estimated: it is infinite"
    if not best.converged:
        return "not converged", f"no maximum of the likelihood within {best.steps} steps"
    return "ok", ""
