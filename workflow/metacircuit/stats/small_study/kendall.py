"""Kendall's rank correlation with its exact or tie-corrected test."""

from __future__ import annotations

import numpy as np

from metacircuit.stats.distributions import two_sided_p

# Beyond this size the normal distribution has the exact p-value to three digits, and counting would take seconds.
LARGEST_EXACT = 500


def kendall(x: np.ndarray, y: np.ndarray) -> tuple[float, float, bool]:
    """tau-b, its two-sided p-value, and whether that is exact.

    Without ties the p-value comes from the distribution of the number of concordant pairs; with ties from the normal
    approximation with tie-corrected variance, without continuity correction.

    Parameters
    ----------
    x, y : (k,).

    Returns
    -------
    tau, p, exact; NaN where x or y is constant.

    Source
    ------
    Kendall (1938) Biometrika 30, 81-93; Kendall (1970), Rank Correlation Methods (ties).

    Example
    -------
    >>> kendall(np.array([1.0, 2, 3, 4]), np.array([1.0, 3, 2, 4]))
    (0.6666666666666666, 0.3333333333333333, True)
    """
    n = x.size
    pairs = n * (n - 1) / 2
    S = float(np.triu(np.sign(x[:, None] - x) * np.sign(y[:, None] - y), 1).sum())
    t, u = (np.unique(values, return_counts=True)[1].astype(float) for values in (x, y))
    tied_x, tied_y = ((c * (c - 1) / 2).sum() for c in (t, u))
    if n < 2 or pairs in (tied_x, tied_y):
        return np.nan, np.nan, False
    tau = S / np.sqrt((pairs - tied_x) * (pairs - tied_y))
    if tied_x == tied_y == 0 and n <= LARGEST_EXACT:
        return float(tau), _exact_p(round((pairs + S) / 2), n), True
    return float(tau), float(two_sided_p(S / np.sqrt(_variance(t, u, n)))), False


def _variance(t: np.ndarray, u: np.ndarray, n: int) -> float:
    """Variance of S given the sizes of the ties."""
    full, in_x, in_y = ((c * (c - 1) * (2 * c + 5)).sum() for c in (np.array([float(n)]), t, u))
    two = (t * (t - 1)).sum() * (u * (u - 1)).sum() / (2 * n * (n - 1))
    three = (t * (t - 1) * (t - 2)).sum() * (u * (u - 1) * (u - 2)).sum()
    return (full - in_x - in_y) / 18 + two + (three / (9 * n * (n - 1) * (n - 2)) if n > 2 else 0.0)


def _exact_p(concordant: int, n: int) -> float:
    """2 P(as few, or as many, concordant pairs), at most 1; each ranking adds 0 ... i - 1 pairs with equal chances."""
    chance = np.ones(1)
    for i in range(2, n + 1):
        total = np.cumsum(np.concatenate([chance, np.zeros(i - 1)]))
        total[i:] -= total[:-i].copy()
        chance = total / i
    few = min(concordant, chance.size - 1 - concordant)
    return float(min(1.0, 2 * chance[: few + 1].sum()))
