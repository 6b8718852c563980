"""Sensitivity to publication bias: how much more often must affirmative results be published to undo the mean."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtri

from metacircuit.stats.distributions import critical

# Beyond this ratio the corrected estimate is the worst case to all digits that matter.
LARGEST_RATIO = 1e6


@dataclass(frozen=True, slots=True)
class Corrected:
    """A mean with its robust standard error, Satterthwaite degrees of freedom and limits."""

    estimate: float
    se: float
    df: float
    ci_lb: float
    ci_ub: float


def affirmative(y: np.ndarray, v: np.ndarray, alpha: float = 0.05) -> np.ndarray:
    """Effects above zero that are significant at a two-sided level: (k,) booleans."""
    return y / np.sqrt(v) > ndtri(1 - alpha / 2)


def weighted_mean(
    y: np.ndarray,
    v: np.ndarray,
    tau2: float,
    labels: np.ndarray,
    ratio: float,
    favoured: np.ndarray,
    level: float = 95.0,
) -> Corrected:
    """The mean with the others (not favoured) weighted up by the publication ratio, and CR2 errors over clusters.

    b = sum w_i y_i / sum w_i, w_i = ratio^[not favoured] / (v_i + tau2).

    Parameters
    ----------
    y, v : (k,). tau2 : of the unadjusted model. labels : (k,) cluster codes 0 ... J - 1. ratio : publication ratio.
    favoured : (k,) booleans.

    Source
    ------
    Mathur & VanderWeele (2020) JRSS C 69, 1091-1119; CR2 for working variances that the weights
    do not invert: Pustejovsky & Tipton (2018) JBES 36, 672-683.
    """
    w = np.where(favoured, 1.0, ratio) / (v + tau2)
    return _cr2_mean(y, w, v + tau2, labels, level)


def worst_case(
    y: np.ndarray, v: np.ndarray, tau2: float, labels: np.ndarray, favoured: np.ndarray, level: float = 95.0
) -> Corrected:
    """The mean if affirmative results were infinitely more likely to be published: that of the others alone."""
    keep = ~favoured
    total = v[keep] + tau2
    return _cr2_mean(y[keep], 1 / total, total, np.unique(labels[keep], return_inverse=True)[1], level)


def ratio_for_estimate(y: np.ndarray, v: np.ndarray, tau2: float, favoured: np.ndarray, q: float) -> float:
    """The publication ratio at which the mean is q: sum_A w (y - q) / sum_N w (q - y); infinite if none is.

    Source: Mathur & VanderWeele (2020), as in `weighted_mean`.
    """
    w = (y - q) / (v + tau2)
    against = -w[~favoured].sum()
    return float(w[favoured].sum() / against) if against > 0 else np.inf


def ratio_for_limit(
    y: np.ndarray, v: np.ndarray, tau2: float, labels: np.ndarray, favoured: np.ndarray, q: float, level: float = 95.0
) -> float:
    """The smallest publication ratio at which the lower limit is q; infinite if none is, 1 if it is there already."""

    def above(log_ratio: float) -> float:
        return weighted_mean(y, v, tau2, labels, np.exp(log_ratio), favoured, level).ci_lb - q

    if not above(0.0) > 0:
        return 1.0
    grid = np.linspace(0.0, np.log(LARGEST_RATIO), 70)
    for low, high in pairwise(grid):
        if above(high) <= 0:
            return float(np.exp(brentq(above, low, high, xtol=1e-12)))
    return np.inf


def _cr2_mean(y: np.ndarray, w: np.ndarray, phi: np.ndarray, labels: np.ndarray, level: float) -> Corrected:
    """A weighted mean with CR2 variance; working covariance diag(phi), any weights."""
    J = int(labels.max()) + 1
    total = w.sum()
    estimate = float((w * y).sum() / total)
    if J < 2:
        return Corrected(estimate, np.nan, np.nan, np.nan, np.nan)
    share = w / total
    spread = float((share**2 * phi).sum())
    rows = [np.flatnonzero(labels == j) for j in range(J)]
    # (I - H) Phi (I - H)' of a cluster, with H = 1 share'; its adjusted weights a_j give the score a_j' e_j.
    score, adjusted = np.empty(J), np.zeros((J, y.size))
    for j, r in enumerate(rows):
        d = np.sqrt(phi[r])
        lean = (share[r] * phi[r])[:, None]
        B = np.diag(phi[r]) - lean - lean.T + spread
        values, vectors = np.linalg.eigh(d[:, None] * B * d)
        present = values > 1e-12 * max(values[-1], np.finfo(float).tiny)
        root = (vectors[:, present] / np.sqrt(values[present])) @ vectors[:, present].T
        adjusted[j, r] = d * (root @ (d * share[r]))
        score[j] = adjusted[j, r] @ (y[r] - estimate)
    # g_j = (I - H)' a_j: the score as a combination of the effects, whose working covariance gives the df.
    g = adjusted - adjusted.sum(axis=1)[:, None] * share
    covariance = (g * phi) @ g.T
    df = float(np.trace(covariance) ** 2 / (covariance**2).sum())
    se = float(np.sqrt((score**2).sum()))
    half = critical(level, df) * se
    return Corrected(estimate, se, df, estimate - half, estimate + half)
