r"""The wild cluster bootstrap: a p-value when the degrees of freedom are too few for a t distribution.

Under C b = c₀ the restricted residuals of each cluster get one random sign or size, w_j e_j, and the robust Wald
statistic is computed again. The weights Φ⁻¹ stay those of the fitted model, so that a replicate costs J × p operations:

.. math:: b^* - b_0 = \sum_j w_j g_j, \qquad u_j^* = w_j h_j - (X_j'G_j)'(b^* - b_0)

Fewer than 12 clusters get Webb's six weights, since Rademacher's two repeat themselves too often. Source: Cameron,
Gelbach and Miller (2008), REStat 90:414 (restricted residuals); Webb (2023), Canadian Journal of Economics 56:839;
Joshi, Pustejovsky and Beretvas (2022), Research Synthesis Methods 13:457 (meta-analysis).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from metacircuit.stats.robust.sandwich import Sandwich

WEBB = np.sqrt(np.array([0.5, 1.0, 1.5]))
FEW_CLUSTERS = 12
# Two statistics that differ by less than this share are one: the replicate that repeats the data must count as a tie.
TIE = 1e-9
CHUNK = 2_000_000


@dataclass(frozen=True, slots=True)
class WildBootstrap:
    """Random weights of the clusters, drawn once: `replicates` of `kind`, from `seed`."""

    kind: str
    replicates: int
    seed: int
    weights: np.ndarray


def draw(J: int, replicates: int = 1999, seed: int = 1) -> WildBootstrap:
    """Weights (replicates, J) for J clusters: Rademacher's, or Webb's when there are few.

    >>> draw(5).kind, draw(40).kind
    ('Webb', 'Rademacher')
    """
    random = np.random.default_rng(seed)
    sign = random.choice([-1.0, 1.0], size=(replicates, J))
    if J >= FEW_CLUSTERS:
        return WildBootstrap("Rademacher", replicates, seed, sign)
    return WildBootstrap("Webb", replicates, seed, sign * random.choice(WEBB, size=(replicates, J)))


def wild_p(
    fit: Sandwich, C: np.ndarray, estimate: np.ndarray, boot: WildBootstrap, null: np.ndarray | float = 0.0
) -> float:
    """Bootstrap p-value of C b = null.

    Parameters
    ----------
    fit : the robust covariance, its pieces by cluster.
    C : (q, p) contrasts.
    estimate : (p,) coefficients b.
    boot : the cluster weights.
    null : (q,) values under the hypothesis.

    Returns
    -------
    float
        (1 + replicates at least as extreme) / (1 + replicates); NaN without robust variance.
    """
    M = fit.bread
    away = C @ estimate - null
    shift = M @ C.T @ np.linalg.solve(C @ M @ C.T, away)
    g = (fit.raw_scores + fit.information @ shift) @ M @ C.T
    full = (fit.raw_scores + fit.information @ shift) @ M
    h = (fit.scores + np.einsum("jpr,p->jr", fit.pull, shift)) @ C.T
    pull = fit.pull @ C.T
    observed = _wald(away[None], (fit.scores @ C.T)[None])[0]
    if not np.isfinite(observed):
        return float("nan")
    step = max(1, CHUNK // (fit.n_clusters * len(C)))
    extreme = 0
    for start in range(0, boot.replicates, step):
        w = boot.weights[start : start + step]
        u = w[:, :, None] * h - np.einsum("bp,jpq->bjq", w @ full, pull)
        extreme += int((_wald(w @ g, u) >= observed * (1 - TIE)).sum())
    return (1 + extreme) / (1 + boot.replicates)


def _wald(contrast: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """d'(sum of u u')⁻¹d for contrasts (B, q) and scores (B, J, q); infinite without variance."""
    V = scores.transpose(0, 2, 1) @ scores
    if V.shape[1] == 1:
        with np.errstate(divide="ignore", invalid="ignore"):
            return contrast[:, 0] ** 2 / V[:, 0, 0]
    values, vectors = np.linalg.eigh(V)
    turned = np.einsum("bpq,bp->bq", vectors, contrast)
    safe = np.maximum(values, np.finfo(float).eps * np.maximum(values[:, -1:], np.finfo(float).tiny))
    return (turned**2 / safe).sum(axis=1)


def wild_interval(
    fit: Sandwich, c: np.ndarray, estimate: np.ndarray, boot: WildBootstrap, level: float = 95.0
) -> tuple[float, float]:
    """The values of c'b that the bootstrap does not reject at this level (percent), found by inverting the test.

    Infinite on a side where no value is rejected.
    """
    C = np.atleast_2d(c)
    centre = float(c @ estimate)
    se = float(np.sqrt(c @ fit.vcov @ c))
    if not (np.isfinite(se) and se > 0):
        return float("nan"), float("nan")
    alpha = 1 - level / 100

    def excess(distance: float, side: int) -> float:
        return wild_p(fit, C, estimate, boot, np.array([centre + side * distance * se])) - alpha

    ends = []
    for side in (-1, 1):
        far = 4.0
        while excess(far, side) > 0 and far < 1e4:
            far *= 2
        if far >= 1e4:
            ends.append(side * np.inf)
            continue
        ends.append(centre + side * se * optimize.bisect(excess, 0.0, far, args=(side,), xtol=1e-4))
    return float(ends[0]), float(ends[1])
