"""A 2x2 table as the association of two dichotomies: PHI, ZPHI, YUQ, YUY.

The table is a, b in the first row and c, d in the second; the tetrachoric correlation has a module of its own.
"""

from __future__ import annotations

import numpy as np

from .biserial import fisher_z
from .core import Array, Effect, formula, variance


@formula
def phi(a: Array, b: Array, c: Array, d: Array, vtype: str = "CS") -> Effect:
    """Phi coefficient (PHI).

    yi = (ad − bc)/√((a + b)(c + d)(a + c)(b + d));
    vi = [1 − yi² + yi(1 + yi²/2)·δ1·δ2/√(w1·w2) − ¾yi²(δ1²/w1 + δ2²/w2)]/n, where for each margin δ is the difference
    of its two shares and w their product

    Parameters
    ----------
    a, b, c, d : cell counts, shape (k,).
    vtype : "CS" (or "LS") only the total fixed (cross-sectional sampling); "ST" row totals fixed by design.

    Returns
    -------
    Effect(yi, vi), shape (k,); nan where a margin is 0.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Yule (1912), J. R. Stat. Soc. 75, 579-652, p. 603 (CS); the delta method on two independent proportions (ST).

    Example
    -------
    >>> round(float(phi(29, 51, 6, 65).yi), 4)
    0.3288
    """
    n, n1, n2 = a + b + c + d, a + b, c + d
    r = (a * d - b * c) / np.sqrt(n1 * n2 * (a + c) * (b + d))
    rows, columns = n1 / n * (n2 / n), (a + c) / n * ((b + d) / n)
    row_gap, column_gap = (n1 - n2) / n, (a + c - b - d) / n

    def cross_sectional() -> Array:
        skew = r * (1 + r**2 / 2) * row_gap * column_gap / np.sqrt(rows * columns)
        return (1 - r**2 + skew - 0.75 * r**2 * (row_gap**2 / rows + column_gap**2 / columns)) / n

    forms = {"CS": cross_sectional, "LS": cross_sectional, "ST": lambda: _stratified_variance(a, b, c, d)}
    return Effect(r, variance(vtype, forms))


def _stratified_variance(a: Array, b: Array, c: Array, d: Array) -> Array:
    """Variance of phi with fixed rows: phi = √(n1·n2)(p1 − p2)/√(s(n − s)), s = n1·p1 + n2·p2 events in all."""
    n1, n2 = a + b, c + d
    p1, p2, s = a / n1, c / n2, a + c
    rest = n1 + n2 - s
    size = np.sqrt(n1 * n2) / np.sqrt(s * rest)
    # Derivative of 1/√(s·rest) with respect to s, times p1 − p2, enters both gradients.
    through_s = -(p1 - p2) * (rest - s) / (2 * s * rest)
    gradient1, gradient2 = size * (1 + n1 * through_s), size * (n2 * through_s - 1)
    return gradient1**2 * p1 * (1 - p1) / n1 + gradient2**2 * p2 * (1 - p2) / n2


@formula
def z_phi(a: Array, b: Array, c: Array, d: Array, vtype: str = "CS") -> Effect:
    """Fisher's z of the phi coefficient (ZPHI).

    yi = artanh φ;  vi = v(φ)/(1 − φ²)²

    Parameters
    ----------
    a, b, c, d, vtype : as in `phi`.

    Returns
    -------
    Effect(yi, vi), shape (k,); infinite where φ = ±1.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    The delta method on `phi`.

    Example
    -------
    >>> round(float(z_phi(29, 51, 6, 65).yi), 4)
    0.3415
    """
    return fisher_z(phi(a, b, c, d, vtype=vtype))


@formula
def yule_q(a: Array, b: Array, c: Array, d: Array) -> Effect:
    """Yule's Q (YUQ).

    yi = (OR − 1)/(OR + 1);  vi = ¼(1 − yi²)²·(1/a + 1/b + 1/c + 1/d)

    Parameters
    ----------
    a, b, c, d : cell counts, shape (k,).

    Returns
    -------
    Effect(yi, vi), shape (k,).

    Source
    ------
    Yule (1900), Philos. Trans. A 194, 257-319, p. 285; Yule (1912), J. R. Stat. Soc. 75, 579-652, p. 593.

    Example
    -------
    >>> round(float(yule_q(29, 51, 6, 65).yi), 4)
    0.7207
    """
    q = (a * d - b * c) / (a * d + b * c)
    return Effect(q, (1 - q**2) ** 2 * (1 / a + 1 / b + 1 / c + 1 / d) / 4)


@formula
def yule_y(a: Array, b: Array, c: Array, d: Array) -> Effect:
    """Yule's Y, the coefficient of colligation (YUY).

    yi = (√OR − 1)/(√OR + 1);  vi = (1/16)(1 − yi²)²·(1/a + 1/b + 1/c + 1/d)

    Parameters
    ----------
    a, b, c, d : cell counts, shape (k,).

    Returns
    -------
    Effect(yi, vi), shape (k,).

    Source
    ------
    Yule (1912), J. R. Stat. Soc. 75, 579-652, p. 593.

    Example
    -------
    >>> round(float(yule_y(29, 51, 6, 65).yi), 4)
    0.4256
    """
    diagonal, other = np.sqrt(a * d), np.sqrt(b * c)
    y = (diagonal - other) / (diagonal + other)
    return Effect(y, (1 - y**2) ** 2 * (1 / a + 1 / b + 1 / c + 1 / d) / 16)
