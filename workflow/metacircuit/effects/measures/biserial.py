"""Two groups seen as a dichotomy: point-biserial and biserial correlations from d (RPB, ZPB, RBIS, ZBIS)."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from .core import Array, Effect, formula, variance


def fisher_z(effect: Effect) -> Effect:
    """Carry a correlation and its variance to Fisher's z by the delta method: vi/(1 − yi²)².

    For correlations other than Pearson's this does not make the variance free of the correlation.

    Example
    -------
    >>> z = fisher_z(Effect(np.array(0.5), np.array(0.009)))
    >>> round(float(z.yi), 4), round(float(z.vi), 4)
    (0.5493, 0.016)
    """
    return Effect(np.arctanh(effect.yi), effect.vi / (1 - np.minimum(effect.yi**2, 1)) ** 2)


@formula
def point_biserial(d: Array, n1: Array, n2: Array, vtype: str = "ST") -> Effect:
    """Point-biserial correlation of group and outcome (RPB).

    yi = d/√(d² + h) with h = m/n1 + m/n2, m = n1 + n2 − 2;  vi = h²/(h + d²)³·(1/n1 + 1/n2 + d²/(2n))

    Parameters
    ----------
    d : uncorrected standardized mean differences, shape (k,). n1, n2 : group sizes, shape (k,).
    vtype : "ST" (or "LS") group sizes fixed by design; "CS" only the total fixed,
        (1 − yi²)²·(n·yi²/(4n1·n2) + (2 − 3yi²)/(2n)).

    Returns
    -------
    Effect(yi, vi), shape (k,).

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Tate (1954), Ann. Math. Stat. 25, 603-607 (CS); Jacobs & Viechtbauer (2017), Res. Synth. Methods 8, 161-180.

    Example
    -------
    >>> round(float(point_biserial(0.5, 50, 50).yi), 4)
    0.2449
    """
    n = n1 + n2
    h = (n - 2) / n1 + (n - 2) / n2
    r = d / np.sqrt(d**2 + h)

    def stratified() -> Array:
        return h**2 / (h + d**2) ** 3 * (1 / n1 + 1 / n2 + d**2 / (2 * n))

    forms = {
        "ST": stratified,
        "LS": stratified,
        "CS": lambda: (1 - r**2) ** 2 * (n * r**2 / (4 * n1 * n2) + (2 - 3 * r**2) / (2 * n)),
    }
    return Effect(r, variance(vtype, forms))


@formula
def z_point_biserial(d: Array, n1: Array, n2: Array, vtype: str = "ST") -> Effect:
    """Fisher's z of the point-biserial correlation (ZPB).

    yi = artanh r_pb;  vi = v_pb/(1 − r_pb²)²

    Parameters
    ----------
    d, n1, n2, vtype : as in `point_biserial`.

    Returns
    -------
    Effect(yi, vi), shape (k,).

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    The delta method on `point_biserial`.

    Example
    -------
    >>> round(float(z_point_biserial(0.5, 50, 50).yi), 4)
    0.2499
    """
    return fisher_z(point_biserial(d, n1, n2, vtype=vtype))


@formula
def biserial(d: Array, n1: Array, n2: Array) -> Effect:
    """Biserial correlation: the dichotomy is a cut through a normal variable (RBIS).

    yi = √(p1·p2)/f·r_pb with p1 = n1/n, p2 = n2/n, z = Φ⁻¹(p2), f = φ(z);
    vi = (p1·p2/f² − (3/2 + (1 − p1·z/f)(1 + p2·z/f))·yi² + yi⁴)/(n − 1)

    Parameters
    ----------
    d : uncorrected standardized mean differences, shape (k,). n1, n2 : group sizes, shape (k,).

    Returns
    -------
    Effect(yi, vi), shape (k,). The estimate can pass ±1; the variance is then taken at ±1.

    Source
    ------
    Soper (1914), Biometrika 10, 384-390; Jacobs & Viechtbauer (2017), Res. Synth. Methods 8, 161-180.

    Example
    -------
    >>> round(float(biserial(0.5, 50, 50).yi), 4)
    0.3069
    """
    n = n1 + n2
    p1, p2 = n1 / n, n2 / n
    z = ndtri(p2)
    f = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    r = np.sqrt(p1 * p2) / f * point_biserial(d, n1, n2).yi
    within = np.clip(r, -1, 1)
    shape = 3 / 2 + (1 - p1 * z / f) * (1 + p2 * z / f)
    return Effect(r, (p1 * p2 / f**2 - shape * within**2 + within**4) / (n - 1))


@formula
def z_biserial(d: Array, n1: Array, n2: Array) -> Effect:
    """Fisher's z of the biserial correlation (ZBIS).

    yi = artanh r_bis;  vi = v_bis/(1 − r_bis²)²

    Parameters
    ----------
    d : uncorrected standardized mean differences, shape (k,). n1, n2 : group sizes, shape (k,).

    Returns
    -------
    Effect(yi, vi), shape (k,); nan where the biserial correlation passes ±1.

    Source
    ------
    The delta method on `biserial`.

    Example
    -------
    >>> round(float(z_biserial(0.5, 50, 50).yi), 4)
    0.3171
    """
    return fisher_z(biserial(d, n1, n2))
