"""The tetrachoric correlation of a 2x2 table, and its Fisher z: RTET, ZTET.

Both dichotomies are cuts through a bivariate normal distribution. The model has as many parameters as the table has
free cells, so at the maximum of the likelihood the margins are the observed ones, and the correlation solves one
equation. metafor climbs to that maximum with general optimisers and stops near it, in the fifth digit: `vtype="LS"`
takes the same path and gives the same digits, `vtype="ML"` gives the maximum itself.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import ndtr, ndtri, owens_t

from .biserial import fisher_z
from .core import Array, Effect, formula
from .descent import hessian, nelder_mead

# metafor holds the correlation this far from ±1 while it searches, and R's one-dimensional search stops at this width.
_LARGEST = 0.9999
_SEARCH_WIDTH = np.finfo(float).eps ** 0.25
_NEWTON_STEPS = 100
_NEWTON_STOP = 1e-14


def bivariate_normal_cdf(h: Array, k: Array, rho: Array) -> Array:
    """Probability that X < h and Y < k for standard normal X, Y with correlation rho, −1 < rho < 1.

    ½[Φ(h) + Φ(k)] − T(h, (k − ρh)/(h·s)) − T(k, (h − ρk)/(k·s)) − ½[h and k of different sign], s = √(1 − ρ²)

    Source: Owen (1956), Ann. Math. Stat. 27, 1075-1090, equation 2.1.

    Example
    -------
    >>> round(float(bivariate_normal_cdf(0.0, 0.0, 0.5)), 6)
    0.333333
    """
    # A threshold of exactly 0 sits on the branch of the formula; the nearest number does not.
    h, k = (np.where(np.asarray(x) == 0, np.finfo(float).tiny, x) for x in (h, k))
    s = np.sqrt((1 - rho) * (1 + rho))
    with np.errstate(over="ignore"):
        toward_k, toward_h = (k - rho * h) / (h * s), (h - rho * k) / (k * s)
    apart = np.where(h * np.sign(k) < 0, 0.5, 0.0)
    return (ndtr(h) + ndtr(k)) / 2 - owens_t(h, toward_k) - owens_t(k, toward_h) - apart


@formula
def tetrachoric(a: Array, b: Array, c: Array, d: Array, vtype: str = "LS") -> Effect:
    """Tetrachoric correlation (RTET).

    yi maximizes Σ nᵢⱼ ln pᵢⱼ(ρ, row cut, column cut);  vi from the inverse of its negative second derivatives

    Parameters
    ----------
    a, b, c, d : cell counts, shape (k,), rows a b and c d.
    vtype : "LS" metafor's path (Brent's search over ρ, then Nelder and Mead over all three, then second differences);
        "ML" the maximum itself, with the expected information.

    Returns
    -------
    Effect(yi, vi), shape (k,). With one empty cell, or two on a diagonal, yi is ±1 and vi nan: the likelihood rises to
    the border and has no curvature there (metafor prints what rounding leaves of it). With an empty margin both are
    nan.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Pearson (1900), Philos. Trans. A 195, 1-47; Tallis (1962), Biometrics 18, 342-353.

    Example
    -------
    >>> round(float(tetrachoric(29, 51, 6, 65, vtype="ML").yi), 4)
    0.5682
    """
    fits = {"LS": _climbed, "ML": _solved}
    if vtype not in fits:
        raise ValueError(f"vtype={vtype!r} is not known here. Allowed: {', '.join(fits)}.")
    shape = np.broadcast_shapes(a.shape, b.shape, c.shape, d.shape)
    a, b, c, d = (np.atleast_1d(x) for x in np.broadcast_arrays(a, b, c, d))
    yi, vi = np.full(a.shape, np.nan), np.full(a.shape, np.nan)
    margins = (a + b > 0) & (c + d > 0) & (a + c > 0) & (b + d > 0)
    yi[margins & (b * c == 0)] = 1.0
    yi[margins & (a * d == 0)] = -1.0
    inside = (a > 0) & (b > 0) & (c > 0) & (d > 0)
    yi[inside], vi[inside] = fits[vtype](a[inside], b[inside], c[inside], d[inside])
    return Effect(yi.reshape(shape), vi.reshape(shape))


@formula
def z_tetrachoric(a: Array, b: Array, c: Array, d: Array, vtype: str = "LS") -> Effect:
    """Fisher's z of the tetrachoric correlation (ZTET).

    yi = artanh r_tet;  vi = v(r_tet)/(1 − r_tet²)²

    Parameters
    ----------
    a, b, c, d, vtype : as in `tetrachoric`.

    Returns
    -------
    Effect(yi, vi), shape (k,); infinite and nan where a cell is 0.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    The delta method on `tetrachoric`.

    Example
    -------
    >>> round(float(z_tetrachoric(29, 51, 6, 65, vtype="ML").yi), 4)
    0.6448
    """
    return fisher_z(tetrachoric(a, b, c, d, vtype=vtype))


def _solved(a: Array, b: Array, c: Array, d: Array) -> Effect:
    """Newton's method on Φ₂(row cut, column cut; ρ) = a/n: the derivative in ρ is the bivariate density."""
    n = a + b + c + d
    row, column, share = ndtri((a + b) / n), ndtri((a + c) / n), a / n
    low, high = np.full(n.shape, -1.0), np.full(n.shape, 1.0)
    rho = np.zeros(n.shape)
    for _ in range(_NEWTON_STEPS):
        gap = bivariate_normal_cdf(row, column, rho) - share
        low, high = np.where(gap < 0, rho, low), np.where(gap < 0, high, rho)
        step = rho - gap / _density(row, column, rho)
        # A step that leaves the bracket is replaced by its middle, so the search cannot run away near ±1.
        following = np.where((step > low) & (step < high), step, (low + high) / 2)
        done = np.abs(following - rho) <= _NEWTON_STOP
        rho = following
        if done.all():
            break
    return Effect(rho, _information_variance(a, b, c, d, rho))


def _density(h: Array, k: Array, rho: Array) -> Array:
    rest = 1 - rho**2
    return np.exp(-(h**2 - 2 * rho * h * k + k**2) / (2 * rest)) / (2 * np.pi * np.sqrt(rest))


def _information_variance(a: Array, b: Array, c: Array, d: Array, rho: Array) -> Array:
    """First diagonal element of the inverse expected information of (ρ, row cut, column cut)."""
    n = a + b + c + d
    row, column, s = ndtri((a + b) / n), ndtri((a + c) / n), np.sqrt(1 - rho**2)
    in_row, in_column = (np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi) for x in (row, column))
    by_rho = _density(row, column, rho)
    by_row, by_column = in_row * ndtr((column - rho * row) / s), in_column * ndtr((row - rho * column) / s)
    gradients = np.array(
        [
            [by_rho, -by_rho, -by_rho, by_rho],
            [by_row, in_row - by_row, -by_row, by_row - in_row],
            [by_column, -by_column, in_column - by_column, by_column - in_column],
        ]
    )
    information = np.einsum("ic...,jc...,c...->...ij", gradients, gradients, n**2 / np.array([a, b, c, d]))
    return np.linalg.inv(information)[..., 0, 0]


def _climbed(a: Array, b: Array, c: Array, d: Array) -> Effect:
    found = [_climb(np.array(table)) for table in zip(a, b, c, d, strict=True)]
    return Effect(np.array([yi for yi, _ in found]), np.array([vi for _, vi in found]))


def _climb(table: Array) -> tuple[float, float]:
    """Follow metafor's three steps for one table without empty cells."""
    n = table.sum()
    cuts = ndtri(np.array([table[0] + table[1], table[0] + table[2]]) / n)

    def deviance(point: Array) -> float:
        rho, row, column = np.clip(point[0], -_LARGEST, _LARGEST), point[1], point[2]
        signs = np.array([1.0, -1.0, -1.0, 1.0])
        columns, rows = column * np.array([1.0, -1.0, 1.0, -1.0]), row * np.array([1.0, 1.0, -1.0, -1.0])
        shares = bivariate_normal_cdf(columns, rows, rho * signs)
        return -float(table @ np.log(shares)) if (shares > 0).all() else np.inf

    line = minimize_scalar(
        lambda rho: deviance(np.array([rho, *cuts])),
        bounds=(-1, 1),
        method="bounded",
        options={"xatol": _SEARCH_WIDTH},
    )
    point = nelder_mead(deviance, np.array([line.x, *cuts]))
    return float(point[0]), float(np.linalg.inv(hessian(deviance, point))[0, 0])
