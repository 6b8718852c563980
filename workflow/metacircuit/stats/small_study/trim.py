"""Trim and fill: how many effects are missing on one side of the funnel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

MAX_ITERATIONS = 100
ESTIMATORS = ("L0", "R0", "Q0")


@dataclass(frozen=True, slots=True, eq=False)
class Trim:
    """The estimated number missing, its standard error, the centre of the funnel, and which effects have no partner.

    `mirrored` holds the positions of the k0 most extreme effects, to be reflected about `centre`.
    """

    k0: int
    se_k0: float
    centre: float
    mirrored: np.ndarray
    iterations: int
    converged: bool


def trim(y: np.ndarray, estimator: str, centre_of: Callable[[np.ndarray], float]) -> Trim:
    """Trim the most extreme positive effects until the rest are symmetric.

    With signed ranks about the centre and T = sum of the positive ranks:
    R0 = (k - largest negative rank) - 1; L0 = (4 T - k (k + 1)) / (2 k - 1);
    Q0 = k - 1/2 - sqrt(2 k^2 - 4 T + 1/4).

    Parameters
    ----------
    y : (k,) effects, turned so that the missing ones are on the left.
    estimator : L0, R0 or Q0.
    centre_of : the pooled estimate of the effects at some positions.

    Source
    ------
    Duval & Tweedie (2000) JASA 95, 89-98; (2000) Biometrics 56, 455-463.

    Example
    -------
    >>> y = np.array([0.1, 0.2, 0.3, 0.9, 1.1, 1.4])
    >>> trim(y, "R0", lambda rows: float(np.median(y[rows]))).k0
    2
    """
    order = np.argsort(y, kind="stable")
    ordered = y[order]
    k, k0 = y.size, 0
    for iteration in range(1, MAX_ITERATIONS + 1):
        centre = centre_of(order[: k - k0])
        away = ordered - centre
        rank = np.empty(k)
        rank[np.argsort(np.abs(away), kind="stable")] = np.arange(1, k + 1)
        estimate, se = _missing(np.sign(away) * rank, estimator)
        new = max(0, round(estimate)) if np.isfinite(estimate) else k
        if new == k0:
            return Trim(k0, se, centre, order[k - k0 :], iteration, True)
        if new > k - 1:
            break
        k0 = new
    return Trim(k0, np.nan, centre, order[k - k0 :], iteration, False)


def _missing(signed: np.ndarray, estimator: str) -> tuple[float, float]:
    """The estimate and its standard error from signed ranks."""
    k = signed.size
    if estimator == "R0":
        below = -signed[signed < 0]
        value = k - (below.max() if below.size else 0.0) - 1
        return float(value), float(np.sqrt(2 * max(0.0, value) + 2))
    T = signed[signed > 0].sum()
    if estimator == "L0":
        value = (4 * T - k * (k + 1)) / (2 * k - 1)
        spread = 4 / (2 * k - 1)
    else:
        root = 2 * k**2 - 4 * T + 0.25
        if root < 0:
            return np.nan, np.nan
        value = k - 0.5 - np.sqrt(root)
        denominator = (k - 0.5) ** 2 - value * (2 * k - value - 1)
        spread = 2 / np.sqrt(denominator) if denominator > 0 else np.nan
    cubic = 10 * value**3 + 27 * value**2 + 17 * value - 18 * k * value**2 - 18 * k * value + 6 * k**2 * value
    variance = (k * (k + 1) * (2 * k + 1) + cubic) / 24
    return float(value), float(spread * np.sqrt(max(0.0, variance)))


def none_missing_p(k0: int) -> float:
    """P(R0 >= k0) when none is missing: with R0 + 1 negative binomial, 2^-(k0 + 1) ... summed.

    >>> none_missing_p(0), none_missing_p(3)
    (0.5, 0.0625)
    """
    return 0.5 ** (k0 + 1)
