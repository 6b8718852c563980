"""The chance that one of group 1 exceeds one of group 2, given as such: CLES and AUC (two names of one measure)."""

from __future__ import annotations

import numpy as np

from .core import Array, Effect, formula, variance


@formula
def auc(a: Array, n1: Array, n2: Array, ties: Array = 0.0, vtype: str = "LS") -> Effect:
    """Area under the curve, also the common language effect size (AUC, CLES).

    yi = A;  vi = A(1 − A)/((n1 − 1)(n2 − 1))·(2N − 1 − 3(N − 1)/((2 − A)(1 + A))) with N = (n1 + n2)/2

    Parameters
    ----------
    a : areas, shape (k,), 0 to 1. n1, n2 : group sizes, shape (k,), above 1.
    ties : share of tied pairs, shape (k,), for "LS2" only.
    vtype : "LS"; "LS2" (A(1 − A) − ties/4 + (n1 − 1)(A/(2 − A) − A²) + (n2 − 1)(2A²/(1 + A) − A²))/((n1 − 1)(n2 − 1));
        "H0" (n1 + n2 + 1)/(12·n1·n2), at A = ½; "MAX" A(1 − A)/(min(n1, n2) − 1), the largest possible.

    Returns
    -------
    Effect(yi, vi), shape (k,).

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Newcombe (2006), Stat. Med. 25, 559-573 (LS) and Hanley & McNeil (1982), Radiology 143, 29-36 (LS2), both with the
    denominator of Cho et al. (2019); Bamber (1975), J. Math. Psychol. 12, 387-415, equation 7 (MAX).

    Example
    -------
    >>> round(float(auc(0.5, 20, 20, vtype="H0").vi), 6)
    0.008542
    """
    half, spread = (n1 + n2) / 2, a * (1 - a)
    denominator = (n1 - 1) * (n2 - 1)

    def hanley_mcneil() -> Array:
        q1, q2 = a / (2 - a), 2 * a**2 / (1 + a)
        return (spread - ties / 4 + (n1 - 1) * (q1 - a**2) + (n2 - 1) * (q2 - a**2)) / denominator

    forms = {
        "LS": lambda: spread / denominator * (2 * half - 1 - 3 * (half - 1) / ((2 - a) * (1 + a))),
        "LS2": hanley_mcneil,
        "H0": lambda: (n1 + n2 + 1) / (12 * n1 * n2),
        "MAX": lambda: spread / (np.minimum(n1, n2) - 1),
    }
    return Effect(a, variance(vtype, forms))
