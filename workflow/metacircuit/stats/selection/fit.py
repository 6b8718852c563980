"""Maximum likelihood of a selection model: Newton steps inside bounds, from several starts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .likelihood import SelectionData, contributions, hessian, log_likelihood

MAX_ITERATIONS = 200
HALVINGS = 50
# What a further Newton step would add to the log-likelihood when climbing stops.
DECREMENT = 1e-13
# Curvatures below this share of the largest are taken as flat: their direction is followed carefully.
FLAT = 1e-10
# Starts: multiples of tau2, and of the distance of each weight from "no selection".
TAU2_STARTS = (1.0, 0.0, 0.25)
DELTA_STARTS = (1.0, 0.25, 4.0)
# Values that count as zero when standard errors are computed, as in metafor.
ZERO_DELTA = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Optimum:
    """The highest point found.

    Attributes
    ----------
    theta : (p + 1 + m,) beta, tau2, delta. ll : the log-likelihood there. gradient : of ll.
    converged : whether no allowed direction leads up. iterations : Newton steps of the best climb.
    tops : how many different local maxima the starts led to.
    """

    theta: np.ndarray
    ll: float
    gradient: np.ndarray
    converged: bool
    iterations: int
    tops: int


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """Smallest and largest value of each parameter (p + 1 + m,); equal for a fixed one."""

    lower: np.ndarray
    upper: np.ndarray

    @property
    def free(self) -> np.ndarray:
        return self.lower < self.upper


def limits(data: SelectionData, tau2: float | None, delta: np.ndarray) -> Limits:
    """The box of allowed parameters.

    Parameters
    ----------
    tau2 : a known value, or None. delta : (m,) known values, NaN where they are estimated.
    """
    known = ~np.isnan(delta)
    low = np.where(known, delta, data.weight.lower)
    high = np.where(known, delta, data.weight.upper)
    t_low, t_high = (0.0, np.inf) if tau2 is None else (tau2, tau2)
    unbounded = np.full(data.p, np.inf)
    return Limits(np.concatenate([-unbounded, [t_low], low]), np.concatenate([unbounded, [t_high], high]))


def maximise(data: SelectionData, box: Limits, starts: list[np.ndarray]) -> Optimum:
    """The best of the climbs from all starts."""
    found = [_climb(data, np.clip(start, box.lower, box.upper), box) for start in starts]
    best = max(found, key=lambda top: (top.ll, top.converged))
    heights = {round(top.ll, 5) for top in found if top.converged}
    return Optimum(best.theta, best.ll, best.gradient, best.converged, best.iterations, len(heights))


def default_starts(data: SelectionData, beta: np.ndarray, tau2: float) -> list[np.ndarray]:
    """Combinations of more and less heterogeneity with weaker and stronger selection.

    Parameters
    ----------
    beta, tau2 : of the model without selection; beta (p,).
    """
    null, first = data.weight.null, data.weight.start
    starts = []
    for share in TAU2_STARTS:
        for strength in DELTA_STARTS:
            away = first + (strength - 1) * (first - null) if data.counts.size == 0 else first * strength
            delta = np.clip(away, np.maximum(data.weight.lower, 1e-3), data.weight.upper)
            starts.append(np.concatenate([beta, [share * tau2], delta]))
    return starts


def covariance(data: SelectionData, theta: np.ndarray, box: Limits) -> tuple[np.ndarray, np.ndarray]:
    """Inverse of the observed information, with NaN for parameters that are fixed or zero, and the indices of the rest.

    All NaN if the information is not positive definite.
    """
    p = data.p
    zero = np.zeros(theta.size, bool)
    zero[p] = theta[p] < min(data.v.min() / 10, 1e-4)
    if data.counts.size:
        zero[p + 1 :] = theta[p + 1 :] < ZERO_DELTA
    free = np.flatnonzero(box.free & ~zero)
    V = np.full((theta.size, theta.size), np.nan)
    information = -hessian(data, theta, free)
    curvature = np.abs(np.diag(information))
    if not (np.isfinite(curvature) & (curvature > 0)).all():
        return V, free
    scale = 1 / np.sqrt(curvature)
    scaled = information * np.outer(scale, scale)
    if np.linalg.eigvalsh(scaled)[0] <= np.finfo(float).eps * free.size:
        return V, free
    V[np.ix_(free, free)] = np.linalg.inv(scaled) * np.outer(scale, scale)
    return V, free


def cluster_covariance(
    data: SelectionData, theta: np.ndarray, V: np.ndarray, free: np.ndarray, labels: np.ndarray
) -> np.ndarray:
    """Sandwich covariance over clusters, J / (J - 1) times V (sum of u_j u_j') V with u_j the score of cluster j.

    Parameters
    ----------
    V, free : from `covariance`. labels : (k,) integer codes 0 ... J - 1.

    Source: Pustejovsky, Citkowicz & Joshi (2025), Estimation and inference for step-function selection models in
    meta-analysis with dependent effects, preprint (the factor J / (J - 1) is that of CR1).
    """
    J = int(labels.max()) + 1
    score = contributions(data, theta)[1][:, free]
    by_cluster = np.zeros((J, free.size))
    np.add.at(by_cluster, labels, score)
    part = np.ix_(free, free)
    out = np.full_like(V, np.nan)
    if J > 1:
        out[part] = J / (J - 1) * V[part] @ (by_cluster.T @ by_cluster) @ V[part]
    return out


def _climb(data: SelectionData, theta: np.ndarray, box: Limits) -> Optimum:
    """Projected Newton steps: uphill on the free parameters, with those pressed against a bound held there."""
    ll, gradient = log_likelihood(data, theta)
    if not np.isfinite(ll):
        return Optimum(theta, ll, gradient, False, 0, 0)
    for iteration in range(MAX_ITERATIONS):
        held = ((theta <= box.lower) & (gradient <= 0)) | ((theta >= box.upper) & (gradient >= 0))
        free = np.flatnonzero(box.free & ~held)
        if not free.size:
            return Optimum(theta, ll, gradient, True, iteration, 1)
        step = np.zeros(theta.size)
        step[free], decrement = _newton(-hessian(data, theta, free, extrapolate=False), gradient[free])
        if decrement < DECREMENT * (1 + abs(ll)):
            return Optimum(theta, ll, gradient, True, iteration, 1)
        moved = _line_search(data, theta, ll, gradient, step, box)
        if moved is None:
            return Optimum(theta, ll, gradient, decrement < 1e-8 * (1 + abs(ll)), iteration, 1)
        theta, ll, gradient = moved
    return Optimum(theta, ll, gradient, False, MAX_ITERATIONS, 1)


def _newton(information: np.ndarray, gradient: np.ndarray) -> tuple[np.ndarray, float]:
    """An uphill step: Newton's, with negative curvature turned over; and how much it promises."""
    diagonal = np.abs(np.diag(information))
    scale = 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    values, vectors = np.linalg.eigh(information * np.outer(scale, scale))
    size = np.maximum(np.abs(values), FLAT * max(np.abs(values).max(), FLAT))
    inner = vectors.T @ (scale * gradient)
    return scale * (vectors @ (inner / size)), float((inner**2 / size).sum())


def _line_search(
    data: SelectionData, theta: np.ndarray, ll: float, gradient: np.ndarray, step: np.ndarray, box: Limits
) -> tuple[np.ndarray, float, np.ndarray] | None:
    """The first of ever shorter steps, bent along the bounds, that climbs; None if there is none."""
    length = 1.0
    for _ in range(HALVINGS):
        trial = np.clip(theta + length * step, box.lower, box.upper)
        height, slope = log_likelihood(data, trial)
        if height > ll + 1e-4 * max(0.0, float(gradient @ (trial - theta))):
            return trial, height, slope
        length *= 0.5
    return None
