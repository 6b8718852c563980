"""Climbing to the tops of a likelihood, from many starts at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .likelihood import SelectionData, hessian, log_likelihood
from .steps import StepLikelihood, step_likelihood

MAX_ITERATIONS = 200
HALVINGS = 50
# What a further Newton step would add to the log-likelihood when climbing stops, and when a climb that is stuck counts
# as ended.
DECREMENT = 1e-13
STUCK = 1e-8
# Curvatures below this share of the largest are taken as flat: their direction is followed carefully.
FLAT = 1e-10
ENOUGH = 1e-4

# What is climbed: step functions have derivatives in closed form, at many points at once.
Mountain = StepLikelihood | SelectionData


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """Smallest and largest value of each parameter (p + 1 + m,); equal for a fixed one."""

    lower: np.ndarray
    upper: np.ndarray

    @property
    def free(self) -> np.ndarray:
        return self.lower < self.upper


@dataclass(frozen=True, slots=True, eq=False)
class Tops:
    """Where T climbs ended: theta (T, q), ll (T,), gradient (T, q), converged (T,), iterations (T,)."""

    theta: np.ndarray
    ll: np.ndarray
    gradient: np.ndarray
    converged: np.ndarray
    iterations: np.ndarray


def climb(data: SelectionData, box: Limits, theta: np.ndarray, weights: np.ndarray | None = None) -> Tops:
    """Projected Newton steps: uphill on the free parameters, with those pressed against a bound held there.

    Parameters
    ----------
    theta : (T, q) starts inside the box.
    weights : (T, k) how often each effect counts in each climb (step functions only), once if not given.
    """
    theta = theta.copy()
    mountain = step_likelihood(data) if data.counts.size else data
    ll, gradient = _heights(mountain, theta, weights)
    converged, iterations = np.zeros(len(theta), bool), np.zeros(len(theta), int)
    live = np.flatnonzero(np.isfinite(ll))
    for iteration in range(MAX_ITERATIONS):
        if not live.size:
            break
        at, slope = theta[live], gradient[live]
        held = ((at <= box.lower) & (slope <= 0)) | ((at >= box.upper) & (slope >= 0))
        free = box.free & ~held
        step, gain = _newton(-_curvature(mountain, at, _of(weights, live), free), np.where(free, slope, 0.0))
        ended = gain < DECREMENT * (1 + np.abs(ll[live]))
        converged[live[ended]] = True
        live, step, gain = live[~ended], step[~ended], gain[~ended]
        moved = _line_search(mountain, box, theta, ll, gradient, step, live, weights)
        stuck = live[~moved]
        converged[stuck] = gain[~moved] < STUCK * (1 + np.abs(ll[stuck]))
        live = live[moved]
        iterations[live] = iteration + 1
    return Tops(theta, ll, gradient, converged, iterations)


def _of(weights: np.ndarray | None, which: np.ndarray) -> np.ndarray | None:
    return None if weights is None else weights[which]


def _heights(mountain: Mountain, theta: np.ndarray, weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Log-likelihoods (T,) and gradients (T, q)."""
    if isinstance(mountain, StepLikelihood):
        found = mountain.at(theta, weights)
        return found.ll, found.gradient
    pairs = [log_likelihood(mountain, at) for at in theta]
    return np.array([ll for ll, _ in pairs]), np.array([slope for _, slope in pairs]).reshape(theta.shape)


def _curvature(mountain: Mountain, theta: np.ndarray, weights: np.ndarray | None, free: np.ndarray) -> np.ndarray:
    """(T, q, q) second derivatives by the free parameters (T, q), zero for the others."""
    if isinstance(mountain, StepLikelihood):
        H = mountain.at(theta, weights, order=2).hessian
    else:
        H = np.zeros((*theta.shape, theta.shape[1]))
        for row, at, which in zip(H, theta, free, strict=True):
            index = np.flatnonzero(which)
            row[np.ix_(index, index)] = hessian(mountain, at, index, extrapolate=False)
    return np.where(free[:, :, None] & free[:, None, :], H, 0.0)


def _newton(information: np.ndarray, gradient: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Uphill steps (T, q): Newton's, with negative curvature turned over; and how much each promises (T,)."""
    # Curvature beyond any number: the gradient alone says where up is.
    wild = ~np.isfinite(information).all(axis=(1, 2))
    information = np.where(wild[:, None, None], np.eye(gradient.shape[1]), information)
    diagonal = np.abs(np.diagonal(information, axis1=1, axis2=2))
    scale = 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    values, vectors = np.linalg.eigh(information * scale[:, :, None] * scale[:, None, :])
    largest = np.abs(values).max(axis=1, keepdims=True)
    size = np.maximum(np.abs(values), FLAT * np.maximum(largest, FLAT))
    inner = np.einsum("tqi,tq->ti", vectors, scale * gradient)
    return scale * np.einsum("tqi,ti->tq", vectors, inner / size), (inner**2 / size).sum(axis=1)


def _line_search(
    mountain: Mountain,
    box: Limits,
    theta: np.ndarray,
    ll: np.ndarray,
    gradient: np.ndarray,
    step: np.ndarray,
    live: np.ndarray,
    weights: np.ndarray | None,
) -> np.ndarray:
    """Take the first of ever shorter steps, bent along the bounds, that climbs; whether there was one, for each."""
    moved, length = np.zeros(live.size, bool), 1.0
    for _ in range(HALVINGS):
        trying = np.flatnonzero(~moved)
        if not trying.size:
            break
        rows = live[trying]
        trial = np.clip(theta[rows] + length * step[trying], box.lower, box.upper)
        height, slope = _heights(mountain, trial, _of(weights, rows))
        promised = np.maximum(0.0, ((trial - theta[rows]) * gradient[rows]).sum(axis=1))
        higher = height > ll[rows] + ENOUGH * promised
        done = rows[higher]
        theta[done], ll[done], gradient[done] = trial[higher], height[higher], slope[higher]
        moved[trying[higher]] = True
        length *= 0.5
    return moved
