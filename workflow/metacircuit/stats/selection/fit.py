"""Maximum likelihood of a selection model, from several starts, and the errors of its parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .climb import Limits, Tops, climb
from .likelihood import SelectionData, contributions, hessian

# Starts: multiples of tau2, and of the distance of each weight from "no selection".
TAU2_STARTS = (1.0, 0.0, 0.25)
DELTA_STARTS = (1.0, 0.25, 4.0)
# Values that count as zero when standard errors are computed, as in metafor.
ZERO_DELTA = 1e-4
# Numbers (climbs x effects) that are handled at a time.
CHUNK = 50_000


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
    found = climb(data, box, _inside(starts, box))
    best = _best(found, np.arange(found.ll.size))
    heights = {round(ll, 5) for ll in found.ll[found.converged].tolist()}
    return Optimum(
        found.theta[best],
        float(found.ll[best]),
        found.gradient[best],
        bool(found.converged[best]),
        int(found.iterations[best]),
        len(heights),
    )


def maximise_resamples(
    data: SelectionData, box: Limits, starts: list[np.ndarray], resamples: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Estimates (R, q) from resamples of the effects, and whether their climbs ended (R,).

    Parameters
    ----------
    resamples : (R, k) how often each effect was drawn.
    """
    if not data.counts.size:
        rows = np.arange(data.y.size)
        found = [maximise(data.rows(np.repeat(rows, times)), box, starts) for times in resamples]
        return np.array([top.theta for top in found]), np.array([top.converged for top in found])
    first = _inside(starts, box)
    S, size = len(first), max(1, CHUNK // (data.y.size * len(first)))
    theta, converged = [np.empty((0, first.shape[1]))], [np.empty(0, bool)]
    for part in (resamples[i : i + size] for i in range(0, len(resamples), size)):
        tops = climb(data, box, np.tile(first, (len(part), 1)), np.repeat(part.astype(float), S, axis=0))
        best = [_best(tops, np.arange(S) + S * r) for r in range(len(part))]
        theta.append(tops.theta[best])
        converged.append(tops.converged[best])
    return np.concatenate(theta), np.concatenate(converged)


def _inside(starts: list[np.ndarray], box: Limits) -> np.ndarray:
    """(T, q) the starts inside the box, each once."""
    clipped = np.clip(np.array(starts), box.lower, box.upper)
    _, first = np.unique(clipped, axis=0, return_index=True)
    return clipped[np.sort(first)]


def _best(tops: Tops, which: np.ndarray) -> int:
    """The highest of some climbs; of equal ones that which ended."""
    return int(max(which, key=lambda t: (tops.ll[t], tops.converged[t])))


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
