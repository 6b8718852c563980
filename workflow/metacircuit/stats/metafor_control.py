"""Iterative tau2 estimates stopped where metafor's default settings stop.

metafor ends Fisher scoring when tau2 moves by less than 1e-5, and root searches at the tolerance of R's uniroot. Its
tau2 can therefore differ from the exact solution in the fourth digit. To agree with R output digit for digit, these
routines take the same path and stop at the same place; `likelihood` and `root` give the exact values.
"""

import numpy as np
from scipy.special import ndtri

from .likelihood import profile
from .linear import Sample, project

THRESHOLD = 1e-5
MAX_ITERATIONS = 100
ROOT_TOLERANCE = np.finfo(float).eps ** 0.25
LARGEST_TAU2 = 100.0

Found = tuple[np.ndarray, np.ndarray, np.ndarray]


def fisher_scoring(data: Sample, method: str) -> Found:
    """ML, REML or EB by Fisher scoring from the Hedges estimate.

    Each step is the score over the expected information, halved until tau2 stays non-negative.

    Returns
    -------
    tau2, iterations, converged, each (B,).

    Source
    ------
    Viechtbauer (2005) JEBS 30, 261-293; defaults of metafor's `rma.uni` (`control=list(threshold=1e-5, maxiter=100)`).
    """
    ordinary = project(data.Y, data.present.astype(float), data.X)
    tau2 = np.maximum(0.0, (ordinary.rss - ordinary.tr_pm(data.V)) / data.dfs)
    iterations = np.zeros(tau2.size, int)
    rows = np.arange(tau2.size)
    for _ in range(MAX_ITERATIONS):
        if rows.size == 0:
            break
        now = tau2[rows]
        step = _fisher_step(data.rows(rows), now, method)
        while (below := now + step < 0).any():
            step = np.where(below, step / 2, step)
        tau2[rows] = now + step
        iterations[rows] += 1
        rows = rows[np.abs(step) > THRESHOLD]
    converged = np.ones(tau2.size, bool)
    converged[rows] = False
    if method in ("ML", "REML"):
        restricted = method == "REML"
        lost = profile(data, 0 * tau2, restricted=restricted) - profile(data, tau2, restricted=restricted)
        tau2 = np.where((lost > ROOT_TOLERANCE) & (tau2 > THRESHOLD), 0.0, tau2)
    return tau2, iterations, converged


def _fisher_step(data: Sample, tau2: np.ndarray, method: str) -> np.ndarray:
    P = data.project(tau2)
    if method == "REML":
        return (P.ypp_y - P.tr_p) / P.tr_pp
    if method == "ML":
        return (P.ypp_y - P.w.sum(axis=1)) / (P.w**2).sum(axis=1)
    return (P.rss * data.k / data.dfs - data.k) / P.w.sum(axis=1)


def solve_q(data: Sample, target: np.ndarray, largest: np.ndarray | None = None) -> Found:
    """The tau2 at which Q equals `target` (B,), by Brent's search on [0, largest] with uniroot's default tolerance.

    `largest` is max(100, 10 MAD(y)^2) unless given. Rows whose root lies beyond it are not converged.
    """
    target = np.broadcast_to(np.asarray(target, float), data.k.shape)
    largest = _largest(data) if largest is None else np.broadcast_to(largest, data.k.shape)
    tau2, iterations = np.zeros(target.size), np.zeros(target.size, int)
    at_zero = data.project().rss - target
    at_largest = data.project(largest).rss - target
    converged = at_largest <= 0
    rows = np.flatnonzero((at_zero >= 0) & converged)
    if rows.size:
        part, goal = data.rows(rows), target[rows]
        tau2[rows], iterations[rows] = _brent(
            lambda which, t: part.rows(which).project(t).rss - goal[which],
            largest[rows],
            at_zero[rows],
            at_largest[rows],
        )
    return tau2, iterations, converged


def _largest(data: Sample) -> np.ndarray:
    """metafor's upper end of the search."""
    y = np.where(data.present, data.Y, np.nan)
    median = np.nanmedian(y, axis=1, keepdims=True)
    mad = np.nanmedian(np.abs(y - median), axis=1) / ndtri(0.75)
    return np.maximum(LARGEST_TAU2, 10 * mad**2)


def _brent(function, upper: np.ndarray, f_zero: np.ndarray, f_upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Brent's zero finder on [0, upper], all rows in step; b is the best point, a the one before, c across the root.

    Source
    ------
    Brent (1973) Algorithms for Minimization Without Derivatives, ch. 4.
    """
    a, b = np.zeros_like(upper), upper.copy()
    fa, fb = f_zero.copy(), f_upper.copy()
    c, fc = a.copy(), fa.copy()
    iterations = np.zeros(b.size, int)
    rows = np.arange(b.size)
    for _ in range(10 * MAX_ITERATIONS):
        before = (b - a)[rows]
        swap = rows[np.abs(fc[rows]) < np.abs(fb[rows])]
        a[swap], b[swap], c[swap] = b[swap], c[swap], b[swap]
        fa[swap], fb[swap], fc[swap] = fb[swap], fc[swap], fb[swap]
        near = 2 * np.finfo(float).eps * np.abs(b[rows]) + ROOT_TOLERANCE / 2
        half = (c[rows] - b[rows]) / 2
        still = (np.abs(half) > near) & (fb[rows] != 0)
        rows, before, near, half = rows[still], before[still], near[still], half[still]
        if rows.size == 0:
            break
        points, values = (a[rows], b[rows], c[rows]), (fa[rows], fb[rows], fc[rows])
        step = _interpolated(points, values, before, near, half)
        step = np.where(np.abs(step) < near, np.where(step > 0, near, -near), step)
        a[rows], fa[rows] = b[rows], fb[rows]
        b[rows] += step
        fb[rows] = function(rows, b[rows])
        iterations[rows] += 1
        same = rows[np.sign(fb[rows]) * np.sign(fc[rows]) > 0]
        c[same], fc[same] = a[same], fa[same]
    return b, iterations


def _interpolated(
    points: tuple[np.ndarray, ...],
    values: tuple[np.ndarray, ...],
    before: np.ndarray,
    near: np.ndarray,
    half: np.ndarray,
) -> np.ndarray:
    """The secant or inverse quadratic step where Brent's conditions allow it, else the half interval."""
    (a, b, c), (fa, fb, fc) = points, values
    width = c - b
    with np.errstate(all="ignore"):
        s = fb / fa
        q, r = fa / fc, fb / fc
        two_points = a == c
        up = np.where(two_points, width * s, s * (width * q * (q - r) - (b - a) * (r - 1)))
        down = np.where(two_points, 1 - s, (q - 1) * (r - 1) * (s - 1))
        down = np.where(up > 0, -down, down)
        up = np.abs(up)
        allowed = (np.abs(before) >= near) & (np.abs(fa) > np.abs(fb))
        allowed &= (up < 0.75 * width * down - np.abs(near * down) / 2) & (up < np.abs(before * down / 2))
        return np.where(allowed, up / down, half)
