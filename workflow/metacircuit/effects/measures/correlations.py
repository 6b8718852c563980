"""The correlation of two quantities: COR, UCOR, ZCOR."""

from __future__ import annotations

import numpy as np
from scipy.special import hyp2f1

from .core import Array, Effect, formula, variance, weighted_mean


@formula
def cor(r: Array, n: Array, vtype: str = "LS") -> Effect:
    """Raw correlation (COR).

    yi = r;  vi = (1 − r²)²/(n − 1)

    Parameters
    ----------
    r : correlations, shape (k,), −1 to 1. n : sample sizes, shape (k,).
    vtype : "LS"; "AV" the mean correlation, weighted by n, in place of r; "H0" or "H0a" (1 − r²)/(n − 2);
        "H0b" 1/n.

    Returns
    -------
    Effect(yi, vi), shape (k,).

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Fisher (1921), Metron 1, 3-32; Olkin & Pratt (1958), Ann. Math. Stat. 29, 201-211.

    Example
    -------
    >>> round(float(cor(0.5, 101).vi), 6)
    0.005625
    """
    mean = weighted_mean(r, n)
    forms = {
        "LS": lambda: (1 - r**2) ** 2 / (n - 1),
        "AV": lambda: (1 - mean**2) ** 2 / (n - 1),
        "H0": lambda: (1 - r**2) / (n - 2),
        "H0a": lambda: (1 - r**2) / (n - 2),
        "H0b": lambda: 1 / n,
    }
    return Effect(r, variance(vtype, forms))


def unbiased_correlation(r: Array, n: Array) -> Array:
    """Unbiased estimate of a correlation, r·₂F₁(½, ½; (n − 2)/2; 1 − r²); nan where n <= 4.

    Source: Olkin & Pratt (1958), Ann. Math. Stat. 29, 201-211, equation 2.3.

    Example
    -------
    >>> round(float(unbiased_correlation(0.5, 20)), 4)
    0.5115
    """
    r, n = np.asarray(r, dtype=float), np.asarray(n, dtype=float)
    return np.where(n > 4, r * hyp2f1(0.5, 0.5, (n - 2) / 2, 1 - r**2), np.nan)


@formula
def ucor(r: Array, n: Array, vtype: str = "LS") -> Effect:
    """Correlation without bias (UCOR).

    yi = r·₂F₁(½, ½; (n − 2)/2; 1 − r²);  vi = (1 − yi²)²/(n − 1)

    Parameters
    ----------
    r : correlations, shape (k,), −1 to 1. n : sample sizes, shape (k,), above 4.
    vtype : "LS"; "UB" unbiased, yi² − 1 + (n − 3)/(n − 2)·(1 − r²)·₂F₁(1, 1; n/2; 1 − r²); "AV" the mean of yi.

    Returns
    -------
    Effect(yi, vi), shape (k,); nan where n <= 4.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Olkin & Pratt (1958), Ann. Math. Stat. 29, 201-211, equation 2.3;
    Hedges (1989), J. Appl. Psychol. 74, 469-477, for the unbiased variance.

    Example
    -------
    >>> round(float(ucor(0.5, 20).yi), 4)
    0.5115
    """
    unbiased = unbiased_correlation(r, n)
    mean = weighted_mean(unbiased, n)
    rest = 1 - r**2
    forms = {
        "LS": lambda: (1 - unbiased**2) ** 2 / (n - 1),
        "UB": lambda: unbiased**2 - 1 + (n - 3) / (n - 2) * rest * hyp2f1(1, 1, n / 2, rest),
        "AV": lambda: (1 - mean**2) ** 2 / (n - 1),
    }
    return Effect(unbiased, np.where(n > 4, variance(vtype, forms), np.nan))


@formula
def zcor(r: Array, n: Array) -> Effect:
    """Fisher's z of a correlation (ZCOR).

    yi = artanh r;  vi = 1/(n − 3)

    Parameters
    ----------
    r : correlations, shape (k,), strictly between −1 and 1. n : sample sizes, shape (k,), above 3.

    Returns
    -------
    Effect(yi, vi), shape (k,); yi infinite at r = ±1, vi nan where n <= 3.

    Source
    ------
    Fisher (1921), Metron 1, 3-32.

    Example
    -------
    >>> effect = zcor(0.5, 100)
    >>> round(float(effect.yi), 4), round(float(effect.vi), 4)
    (0.5493, 0.0103)
    """
    return Effect(np.arctanh(r), np.where(n > 3, 1 / (n - 3), np.nan))
