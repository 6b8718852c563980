"""The Henmi-Copas interval: fixed-effect weights, which bias moves less, with a width that allows for heterogeneity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammainc

# Beyond so many standard deviations the normal density adds nothing to the integral.
FARTHEST = 9.0
PANELS = 40
ORDER = 12


@dataclass(frozen=True, slots=True)
class HenmiCopas:
    """Estimate, standard error, confidence limits, the DL tau2 that they use, and the critical value t0."""

    beta: float
    se: float
    ci_lb: float
    ci_ub: float
    tau2: float
    t0: float


def henmi_copas(y: np.ndarray, v: np.ndarray, level: float = 95.0) -> HenmiCopas:
    r"""Confidence interval for the mean around the fixed-effect estimate.

    With w = 1 / v, W_j = sum w^j / sum w (W_1 = sum w), R = (b - mu) sqrt(W_1) ~ N(0, 1 + tau2 W_2) and Q given R
    approximately gamma with the moments E(r), V(r), the critical value t0 of |R| / sqrt(1 + tau2_DL W_2) solves

    .. math:: \int_{t_0}^\infty P(Q \le f(r / t_0) \mid R = r\,\mathrm{sd}(R))\,\phi(r)\,dr = \alpha / 2,
        \quad f(x) = (W_1 / W_2 - 1)(x^2 - 1) + k - 1

    Source
    ------
    Henmi & Copas (2010) Stat Med 29, 2969-2983.

    Example
    -------
    >>> henmi_copas(np.array([0.1, 0.4, 0.3, 0.8]), np.array([0.02, 0.03, 0.05, 0.04])).beta.round(4)
    np.float64(0.3455)
    """
    k, w = y.size, 1 / v
    W1 = w.sum()
    W2, W3, W4 = ((w**j).sum() / W1 for j in (2, 3, 4))
    beta = (w * y).sum() / W1
    Q = (w * (y - beta) ** 2).sum()
    tau2 = max(0.0, (Q - (k - 1)) / (W1 - W2))
    VR = 1 + tau2 * W2
    bend = W3 - W2**2

    def moments(r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of Q given R = r sd(R)."""
        pull = (r**2 - 1) / VR
        mean = k - 1 + tau2 * (W1 - W2) + tau2**2 * pull * bend
        variance = 2 * (k - 1) + 4 * tau2 * (W1 - W2) + 2 * tau2**2 * (W1 * W2 - 2 * W3 + W2**2)
        variance = variance + 4 * tau2**2 * pull * bend + 4 * tau2**3 * pull * (W4 - 2 * W2 * W3 + W2**3)
        return mean, variance + 2 * tau2**4 * (1 / VR**2 - 2 * r**2 / VR**2) * bend**2

    x, weight = np.polynomial.legendre.leggauss(ORDER)
    alpha = 1 - level / 100

    def excess(t: float) -> float:
        edges = np.linspace(t, t + FARTHEST, PANELS + 1)
        half = np.diff(edges)[:, None] / 2
        r = (edges[:-1, None] + half * (x + 1)).ravel()
        mean, variance = moments(r)
        f = (W1 / W2 - 1) * ((r / t) ** 2 - 1) + k - 1
        chance = gammainc(mean**2 / variance, f * mean / variance)
        return float(((half * weight).ravel() * chance * np.exp(-0.5 * r**2)).sum() / np.sqrt(2 * np.pi)) - alpha / 2

    high = 2.0
    while excess(high) > 0:
        high *= 2
    t0 = brentq(excess, 1e-6, high, xtol=1e-13)
    se = np.sqrt(VR / W1)
    half_width = np.sqrt(VR) * t0 * se
    return HenmiCopas(beta, se, beta - half_width, beta + half_width, tau2, t0)
