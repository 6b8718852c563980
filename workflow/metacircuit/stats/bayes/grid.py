"""Adaptive Gauss–Legendre quadrature of a density on the line, from its logarithm.

The variable is log tau: a density of tau that is bounded at zero and falls at least like a power then decays
exponentially at both ends, whatever its scale, so huge and tiny variances need nothing special.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

Vector = NDArray[np.float64]
LogDensity = Callable[[Vector], Vector]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)
# exp(-50) of the peak is far below the rounding of the integral.
NEGLIGIBLE = 50.0
# Local error that a panel may contribute, as a share of the whole.
TOLERANCE = 1e-14
# Panels that carry mass are this narrow (in log tau): other functions of tau than the density are then resolved too.
WIDEST = 1.0
MASSLESS = 1e-11
# A log density near 1e9 is itself only known to about 1e-7: panels are not halved to resolve its rounding.
ROUNDING = 8 * float(np.finfo(float).eps)
MAX_ROUNDS = 40
# Squares of exp(300) are still floating-point numbers.
LOWEST, HIGHEST = -300.0, 300.0


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Panels and nodes that integrate exp(log_density) with weights that sum to one.

    Attributes
    ----------
    edges : (m + 1,) ends of the panels; mass : (m,) share of each; below : (m,) share below each.
    nodes, weights : (12 m,) points and their shares.
    log_total : logarithm of the integral.
    """

    edges: Vector
    mass: Vector
    below: Vector
    nodes: Vector
    weights: Vector
    log_total: float


def integrate(log_density: LogDensity, anchors: Vector, upper: float = HIGHEST) -> Grid:
    """Place panels where a density has its mass.

    Parameters
    ----------
    log_density : function of a (n,) array
        Logarithm of the density, not normalised.
    anchors : (a,) array
        Points in whose neighbourhood the density may be concentrated.
    upper : float
        End of the support.

    Returns
    -------
    Grid

    Raises
    ------
    FloatingPointError
        If the density is zero or infinite everywhere, or keeps its mass outside the range of numbers.

    >>> grid = integrate(lambda x: -0.5 * x**2, np.array([0.0]))
    >>> round(float(np.exp(grid.log_total)) ** 2 / (2 * np.pi), 12)
    1.0
    """
    upper = min(upper, HIGHEST)
    points = np.unique(np.clip(np.concatenate([_coarse(anchors), [LOWEST, upper]]), LOWEST, upper))
    values = log_density(points)
    best = int(np.argmax(np.where(np.isnan(values), -np.inf, values)))
    if not np.isfinite(values[best]):
        raise FloatingPointError("the posterior of tau is zero or infinite everywhere")
    peaks = [i for i in range(len(points)) if _is_peak(values, i) and values[i] > values[best] - NEGLIGIBLE]
    modes = [_climb(log_density, points[max(i - 1, 0)], points[min(i + 1, len(points) - 1)]) for i in peaks]
    top = max(values[best], *(float(log_density(np.array([m]))[0]) for m in modes))
    edges = np.unique(np.clip(np.concatenate([points, *(_around(log_density, m) for m in modes)]), LOWEST, upper))
    high = np.flatnonzero(log_density(edges) > top - NEGLIGIBLE)
    edges = edges[max(high[0] - 1, 0) : min(high[-1] + 1, len(edges) - 1) + 1]
    return _refine(lambda x: log_density(x) - top, edges, top)


def partial_mass(log_density: LogDensity, grid: Grid, x: float) -> float:
    """Share of the integral below x."""
    if x <= grid.edges[0]:
        return 0.0
    if x >= grid.edges[-1]:
        return 1.0
    i = int(np.searchsorted(grid.edges, x, side="right")) - 1
    half = (x - grid.edges[i]) / 2
    inside = half * (WEIGHTS * np.exp(log_density(grid.edges[i] + half * (1 + NODES)) - grid.log_total)).sum()
    return float(grid.below[i] + inside)


def _coarse(anchors: Vector) -> Vector:
    """A look at the whole range, closer around the anchors."""
    near = np.linspace(anchors.min() - 12, anchors.max() + 12, 2 * int(anchors.max() - anchors.min()) + 49)
    return np.concatenate([np.arange(LOWEST, HIGHEST + 1, 5.0), near])


def _is_peak(values: Vector, i: int) -> bool:
    left = values[i - 1] if i else -np.inf
    right = values[i + 1] if i + 1 < len(values) else -np.inf
    return bool(values[i] >= left and values[i] >= right)


def _climb(log_density: LogDensity, low: float, high: float) -> float:
    """The highest point between two."""

    def descent(x: float) -> float:
        value = float(log_density(np.array([x]))[0])
        return -value if np.isfinite(value) else 1e300

    return float(minimize_scalar(descent, bounds=(low, high), method="bounded", options={"xatol": 1e-9}).x)


def _around(log_density: LogDensity, mode: float) -> Vector:
    """Edges at growing distances from a mode, in units of its width."""
    widths = np.geomspace(1e-8, 4.0, 60)
    values = log_density(np.concatenate([[mode], mode - widths, mode + widths]))
    fallen = values[0] - np.minimum(values[1:61], values[61:])
    # The density has fallen by half a unit in the logarithm about one standard deviation from its mode.
    reached = np.flatnonzero(fallen > 0.5)
    width = widths[reached[0]] if len(reached) else 1.0
    steps = width * np.array([0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 12, 16, 32, 64])
    return np.concatenate([mode - steps, [mode], mode + steps])


def _refine(log_density: LogDensity, edges: Vector, top: float) -> Grid:
    """Halve panels until none of them changes the integral."""
    left, right = edges[:-1], edges[1:]
    tolerance = TOLERANCE + ROUNDING * abs(top)
    accepted: list[tuple[Vector, Vector]] = []
    settled = 0.0
    for _ in range(MAX_ROUNDS):
        middle = (left + right) / 2
        whole = _masses(log_density, left, right)
        halves = _masses(log_density, left, middle), _masses(log_density, middle, right)
        mass = halves[0] + halves[1]
        total = settled + mass.sum()
        fine = np.abs(whole - mass) <= tolerance * total
        done = fine & ((right - left <= WIDEST) | (mass <= MASSLESS * total))
        accepted.append((left[done], right[done]))
        settled += mass[done].sum()
        left, right = np.concatenate([left[~done], middle[~done]]), np.concatenate([middle[~done], right[~done]])
        if not len(left):
            break
    lows = np.concatenate([a for a, _ in accepted] + [left])
    highs = np.concatenate([b for _, b in accepted] + [right])
    order = np.argsort(lows)
    return _gather(log_density, np.append(lows[order], highs[order][-1]), top)


def _masses(log_density: LogDensity, left: Vector, right: Vector) -> Vector:
    half = (right - left) / 2
    x = left[:, None] + half[:, None] * (1 + NODES)
    return half * (WEIGHTS * np.exp(log_density(x.ravel())).reshape(x.shape)).sum(axis=1)


def _gather(log_density: LogDensity, edges: Vector, top: float) -> Grid:
    half = np.diff(edges) / 2
    nodes = edges[:-1, None] + half[:, None] * (1 + NODES)
    weights = half[:, None] * WEIGHTS * np.exp(log_density(nodes.ravel())).reshape(nodes.shape)
    total = weights.sum()
    if not (np.isfinite(total) and total > 0):
        raise FloatingPointError("the posterior of tau has no finite integral")
    weights = weights / total
    mass = weights.sum(axis=1)
    below = np.concatenate([[0.0], np.cumsum(mass)[:-1]])
    return Grid(edges, mass, below, nodes.ravel(), weights.ravel(), float(np.log(total) + top))
