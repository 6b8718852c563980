"""Excess significance: more significant results than the power of the studies can explain."""

from __future__ import annotations

from math import comb

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from metacircuit.stats.distributions import chi2_p

# With more patterns of significant studies than this metafor leaves the exact test, and so does the default here.
LARGEST_EXACT = 1_000_000


def power(
    theta: np.ndarray,
    v: np.ndarray,
    tau2: float,
    *,
    alpha: float = 0.05,
    alternative: str = "two.sided",
    null: float = 0.0,
) -> np.ndarray:
    """Power of each study against the null, when its true effect is N(theta, tau2); (k,).

    P(|z| > c) for z ~ N((theta - null) / se, 1 + tau2 / v).

    >>> power(np.array([0.5]), np.array([0.04]), 0.0).round(4)
    array([0.7054])
    """
    spread = np.sqrt(1 + tau2 / v)
    centre = (theta - null) / np.sqrt(v)
    critical = ndtri(1 - alpha / (2 if alternative == "two.sided" else 1))
    above, below = ndtr((centre - critical) / spread), ndtr((-centre - critical) / spread)
    return {"two.sided": above + below, "greater": above, "less": below}[alternative]


def significant(y: np.ndarray, v: np.ndarray, *, alpha: float, alternative: str, null: float = 0.0) -> np.ndarray:
    """Which studies are significant, (k,) booleans."""
    z = (y - null) / np.sqrt(v)
    critical = ndtri(1 - alpha / (2 if alternative == "two.sided" else 1))
    return {"two.sided": np.abs(z) >= critical, "greater": z >= critical, "less": z <= -critical}[alternative]


def default_test(observed: int, k: int, alternative: str) -> str:
    """The exact test where the patterns that it sums over are at most a million, else chi-squared."""
    counts = {"two.sided": range(k + 1), "greater": range(observed, k + 1), "less": range(observed + 1)}[alternative]
    return "exact" if sum(comb(k, j) for j in counts) <= LARGEST_EXACT else "chi2"


def excess_p(observed: int, chance: np.ndarray, test: str, alternative: str) -> tuple[float, float]:
    """The statistic (NaN for exact and binom) and p-value of O significant studies with these chances.

    chi2: (O - E)^2 / E + (O - E)^2 / (k - E), one-sided from its signed root; binom: O ~ Bin(k, E / k); exact: O is a
    sum of k unequal coins, whose distribution is built coin by coin.

    Source: Ioannidis & Trikalinos (2007) Clin Trials 4, 245-253; Francis (2013) J Math Psychol 57, 153-169 (exact).
    """
    k, expected = chance.size, float(chance.sum())
    if test == "chi2":
        variance = expected * (k - expected) / k
        if variance <= 0:
            return np.nan, np.nan
        root = (observed - expected) / np.sqrt(variance)
        p = {"greater": ndtr(-root), "less": ndtr(root), "two.sided": chi2_p(root**2, 1)}[alternative]
        return float(root**2), float(p)
    distribution = np.ones(1)
    for p in chance if test == "exact" else np.full(k, expected / k):
        distribution = np.convolve(distribution, [1 - p, p])
    if alternative == "greater":
        total = distribution[observed:].sum()
    elif alternative == "less":
        total = distribution[: observed + 1].sum()
    else:
        slack = np.sqrt(np.finfo(float).eps) if test == "exact" else 1e-7 * distribution[observed]
        total = distribution[distribution <= distribution[observed] + slack].sum()
    return np.nan, float(min(1.0, total))


def limit_estimate(p_at, null: float, theta: float, tes_alpha: float) -> float:
    """The effect nearest to the null at which the excess is no longer significant; NaN if there is none.

    Parameters
    ----------
    p_at : p-value of the test (greater) as a function of the assumed true effect.

    Source: Stanley et al. (2021) Res Synth Methods 12, 776-795 (limit estimate of TES).
    """
    if p_at(null) >= tes_alpha:
        return np.nan
    far, step = theta, theta - null if theta != null else 1.0
    for _ in range(60):
        if p_at(far) >= tes_alpha:
            return float(brentq(lambda t: p_at(t) - tes_alpha, null, far, xtol=1e-12))
        far += step
    return np.nan
