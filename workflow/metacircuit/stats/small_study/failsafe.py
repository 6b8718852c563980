"""Fail-safe N: how many effects of zero, left in the drawer, would undo a result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

# A count this close to a whole number is that number; otherwise it is rounded up.
WHOLE = np.sqrt(np.finfo(float).eps)
LARGEST = 10_000_000


@dataclass(frozen=True, slots=True)
class FailSafe:
    """The number needed, and what it was needed to move: estimate, p-value, target (NaN where not used)."""

    fsnum: float
    est: float = np.nan
    pval: float = np.nan
    target: float = np.nan


def rosenthal(y: np.ndarray, v: np.ndarray, alpha: float) -> FailSafe:
    """Until Stouffer's sum of z is no longer significant (one-sided): k (z / z_alpha)^2 - k, z = |sum z_i| / sqrt(k).

    Source: Rosenthal (1979) Psychol Bull 86, 638-641.

    >>> rosenthal(np.array([0.5, 0.8]), np.array([0.04, 0.04]), 0.05).fsnum
    14.0
    """
    z = abs((y / np.sqrt(v)).sum()) / np.sqrt(y.size)
    return FailSafe(_count(y.size * (z / ndtri(1 - alpha)) ** 2 - y.size), pval=float(ndtr(-z)))


def orwin(y: np.ndarray, v: np.ndarray, target: float | None) -> FailSafe:
    """Until the weighted mean falls to the target (half of it by default): k (mean - target) / target.

    Source: Orwin (1983) J Educ Stat 8, 157-159.
    """
    estimate = float(np.average(y, weights=1 / v))
    goal = estimate / 2 if target is None else np.copysign(target, estimate)
    return FailSafe(_count(y.size * (estimate - goal) / goal) if goal else np.inf, est=estimate, target=float(goal))


def rosenberg(y: np.ndarray, v: np.ndarray, alpha: float) -> FailSafe:
    """Until the common-effect estimate is no longer significant, each addition of average weight.

    ((sum w_i y_i / z_{alpha/2})^2 - sum w_i) k / sum w_i. Source: Rosenberg (2005) Evolution 59, 464-468.
    """
    w = 1 / v
    z = (w * y).sum() / np.sqrt(w.sum())
    number = (((w * y).sum() / ndtri(1 - alpha / 2)) ** 2 - w.sum()) / w.mean()
    return FailSafe(_count(number), est=float((w * y).sum() / w.sum()), pval=float(2 * ndtr(-abs(z))))


@dataclass(frozen=True, slots=True)
class Diluted:
    """A random-effects model after n effects of zero were added: estimate, tau2, p."""

    est: float
    tau2: float
    pval: float


def dilute(y: np.ndarray, v: np.ndarray, est: float, tau2: float, n: int, *, random: bool) -> Diluted:
    """Add n effects around zero, of the harmonic mean variance and the heterogeneity of the others.

    The variance among all k + n true effects is that within both sets and that between their means.
    """
    k, typical = y.size, 1 / np.mean(1 / v)
    total = 0.0
    if random:
        mean = k * est / (k + n)
        within = (k - 1 + max(0, n - 1)) * tau2
        total = max(0.0, (within + k * (est - mean) ** 2 + n * mean**2) / (k + n - 1))
    w = 1 / (v + total)
    weight = w.sum() + n / (typical + total)
    estimate = float((w * y).sum() / weight)
    return Diluted(estimate, total, float(2 * ndtr(-abs(estimate) * np.sqrt(weight))))


def smallest_count(crossed: Callable[[int], bool]) -> float:
    """The smallest n at which a condition, false at 0 and true from some n on, holds; infinite beyond ten million."""
    high = 1
    while not crossed(high):
        high *= 2
        if high > LARGEST:
            return np.inf
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if crossed(middle) else (middle, high)
    return float(high)


def _count(number: float) -> float:
    """A count, rounded up and not below zero."""
    number = max(0.0, float(number))
    return float(np.round(number)) if abs(number - np.round(number)) < WHOLE else float(np.ceil(number))
