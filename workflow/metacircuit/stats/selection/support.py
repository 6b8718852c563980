"""Where the published z-values lie: the probability of each p-value before selection, and its derivatives.

With z = y / sqrt(v), an effect is z ~ N(m, r^2), m = mu / sqrt(v), r^2 = 1 + tau2 / v, before selection. A weight
function of p turns the density into w(p(z)) phi(z; m, r) / A. The normalising constant A = E w is a sum over points:
intervals of z in which w is constant have their exact probability, the others are integrated by Gauss-Legendre panels
that stay where they are when the parameters move, so that derivatives of A are exact too.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import ndtr, ndtri

# Beyond this |z| all p-values are 0 or 1 to machine precision.
FARTHEST = 8.5
PANEL = 0.5
ORDER = 8
GROWTH = 2.0
TINY = np.finfo(float).tiny


@dataclass(frozen=True, slots=True, eq=False)
class Support:
    """Points that carry the distribution of z.

    Attributes
    ----------
    group : (n,) which interval or node each point stands for (an index for step functions).
    p : (n,) p-values of the points.
    lower, upper : (a,) ends of the intervals of constant weight, the first a points.
    nodes, masses : (b,) z and length of the integration nodes, the last b points.
    """

    p: np.ndarray
    group: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    nodes: np.ndarray
    masses: np.ndarray

    def probabilities(self, m: np.ndarray, r: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """P(z at each point) for k effects, and its derivatives by m and by r^2; each (k, n).

        Parameters
        ----------
        m, r : (k,) mean and standard deviation of z.
        """
        a = (self.lower - m[:, None]) / r[:, None]
        b = (self.upper - m[:, None]) / r[:, None]
        phi_a, phi_b = _density(a), _density(b)
        area = _between(a, b)
        by_m = (phi_a - phi_b) / r[:, None]
        # z phi(z) vanishes at infinity, where the product itself is not a number.
        turned = np.where(np.isfinite(a), a, 0.0) * phi_a - np.where(np.isfinite(b), b, 0.0) * phi_b
        by_r2 = 0.5 * turned / r[:, None] ** 2
        if not self.nodes.size:
            return area, by_m, by_r2
        t = (self.nodes - m[:, None]) / r[:, None]
        here = self.masses * _density(t) / r[:, None]
        return (
            np.hstack([area, here]),
            np.hstack([by_m, here * t / r[:, None]]),
            np.hstack([by_r2, here * (t**2 - 1) / (2 * r[:, None] ** 2)]),
        )


def step_support(steps: np.ndarray, two_sided: bool) -> Support:
    """Intervals of p between steps (the last of which is 1); two-sided intervals have a part on either side of zero."""
    edges = np.concatenate([[0.0], steps])
    middle = (edges[1:] + edges[:-1]) / 2
    index = np.arange(steps.size)
    if not two_sided:
        z = -ndtri(edges)
        return _intervals(middle, index, z[1:], z[:-1])
    z = -ndtri(edges / 2)
    return _intervals(
        np.tile(middle, 2), np.tile(index, 2), np.concatenate([z[1:], -z[:-1]]), np.concatenate([z[:-1], -z[1:]])
    )


def smooth_support(pval_min: float, cuts: tuple[float, ...], two_sided: bool) -> Support:
    """Nodes for a smooth weight function, with exact tails where p is constant."""
    special = [p for p in (pval_min, 1 - pval_min, *cuts) if 0 < p < 1]
    z = [-float(ndtri(p / 2 if two_sided else p)) for p in special]
    reach = -float(ndtri(pval_min / (1 + two_sided))) if pval_min else FARTHEST
    breaks = {-reach, reach, *z}
    if two_sided:
        # Where 1 - p goes to zero like |z|, its powers bend without limit: panels there grow from that point on.
        grown = [z[1] * GROWTH**j for j in range(60)] if pval_min else []
        breaks |= {0.0, *(-x for x in z), *(sign * x for x in grown if x < PANEL for sign in (1, -1))}
    points = np.array(sorted(x for x in breaks if abs(x) <= reach))
    nodes, masses = _panels(points)
    tails = np.array([-np.inf, reach]), np.array([-reach, np.inf])
    ends = np.array([-reach, reach])
    p = 2 * ndtr(-np.abs(np.concatenate([ends, nodes]))) if two_sided else ndtr(-np.concatenate([ends, nodes]))
    p = inside(p, pval_min)
    return Support(p, np.arange(p.size), *tails, nodes, masses)


def inside(p: np.ndarray, pval_min: float) -> np.ndarray:
    """p-values within [pval_min, 1 - pval_min], and always inside (0, 1), so that their logarithms are finite."""
    return np.clip(p, max(pval_min, TINY), 1 - max(pval_min, np.finfo(float).epsneg))


def p_values(y: np.ndarray, v: np.ndarray, two_sided: bool) -> np.ndarray:
    """p-values of k effects, for the alternative that the effect is above zero, or not zero."""
    z = y / np.sqrt(v)
    return 2 * ndtr(-np.abs(z)) if two_sided else ndtr(-z)


def _intervals(p: np.ndarray, index: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> Support:
    return Support(p, index, lower, upper, np.empty(0), np.empty(0))


def _panels(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre nodes on panels that respect the given break points."""
    x, w = np.polynomial.legendre.leggauss(ORDER)
    nodes, masses = [], []
    for low, high in pairwise(points):
        edges = np.linspace(low, high, max(1, int(np.ceil((high - low) / PANEL))) + 1)
        half = np.diff(edges)[:, None] / 2
        nodes.append((edges[:-1, None] + half * (x + 1)).ravel())
        masses.append((half * w).ravel())
    return np.concatenate(nodes), np.concatenate(masses)


def _density(t: np.ndarray) -> np.ndarray:
    return np.exp(-0.5 * t**2) / np.sqrt(2 * np.pi)


def _between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Phi(b) - Phi(a) for a <= b, from whichever tail loses no digits."""
    right = a > 0
    return ndtr(np.where(right, -a, b)) - ndtr(np.where(right, -b, a))
