"""What every measure shares: the pair (yi, vi), the exact small-sample correction, the choice of a variance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

Array = NDArray[np.float64]
Columns = Mapping[str, Array]

# Above it the series is exact to 1e-13, and below it the difference of two log-gammas still is.
_SERIES_FROM = 1000.0


class Effect(NamedTuple):
    """An estimate and its sampling variance, element by element.

    Parameters
    ----------
    yi : estimates, shape (k,), in the unit of the measure.
    vi : sampling variances, shape (k,), in the squared unit of the measure.

    Example
    -------
    >>> Effect(yi=0.5, vi=0.1).vi
    0.1
    """

    yi: Array
    vi: Array


def formula(function: Callable[..., Effect]) -> Callable[..., Effect]:
    """Let a formula take anything array-like, and give nan, without a warning, outside its domain.

    `metacircuit.effects.escalc` turns such a nan into a message that names the row.

    Example
    -------
    >>> @formula
    ... def log_mean(m, sd, n):
    ...     return Effect(np.log(m), sd**2 / (n * m**2))
    >>> log_mean([1.0, -1.0], 1, 10).yi
    array([ 0., nan])
    """

    @wraps(function)
    def wrapper(*args: ArrayLike, **options: object) -> Effect:
        with np.errstate(all="ignore"):
            yi, vi = function(*(np.asarray(value, dtype=float) for value in args), **options)
        return Effect(*np.broadcast_arrays(yi, vi)) if np.ndim(yi) or np.ndim(vi) else Effect(yi, vi)

    return wrapper


def hedges_correction(m: ArrayLike) -> Array:
    """Exact factor that makes a standardized mean difference unbiased.

    J(m) = Γ(m/2) / (√(m/2) · Γ((m − 1)/2))

    Parameters
    ----------
    m : degrees of freedom of the standard deviation that divides, any shape.

    Returns
    -------
    J, the shape of m; nan where m <= 1 (the expectation does not exist).

    Source
    ------
    Hedges (1981), J. Educ. Stat. 6, 107-128, equation 6d. For m > 1000 the asymptotic series of the same ratio,
    1 − 3/(4m) − 7/(32m²) − 9/(128m³), because the difference of two large log-gammas loses digits there.

    Example
    -------
    >>> round(float(hedges_correction(10)), 6)
    0.922746
    """
    m = np.asarray(m, dtype=float)
    with np.errstate(all="ignore"):
        exact = np.exp(gammaln(m / 2) - gammaln((m - 1) / 2)) / np.sqrt(m / 2)
        series = 1 - 3 / (4 * m) - 7 / (32 * m**2) - 9 / (128 * m**3)
        return np.where(m > _SERIES_FROM, series, np.where(m > 1, exact, np.nan))


def correction(m: Array, correct: bool) -> Array:
    """Give the factor of `hedges_correction`, or one where no correction is wanted.

    Example
    -------
    >>> float(correction(np.array(10.0), correct=False))
    1.0
    """
    return hedges_correction(m) if correct else np.ones_like(m)


def weighted_mean(x: Array, weights: Array) -> Array:
    """Mean of x weighted by `weights`, over the elements where both are known: the `AV` variances use it.

    Example
    -------
    >>> float(weighted_mean(np.array([1.0, 3.0, np.nan]), np.array([1.0, 3.0, 9.0])))
    2.5
    """
    x, weights = np.broadcast_arrays(x, weights)
    known = ~(np.isnan(x) | np.isnan(weights))
    total = weights[known].sum()
    return (x[known] * weights[known]).sum() / total if total > 0 else np.float64(np.nan)


def variance(vtype: str, forms: Mapping[str, Callable[[], Array]]) -> Array:
    """Evaluate the one variance formula that `vtype` names.

    Raises
    ------
    ValueError : `vtype` is not among the forms that the measure has.

    Example
    -------
    >>> variance("LS", {"LS": lambda: 0.25})
    0.25
    """
    if vtype not in forms:
        raise ValueError(f"vtype={vtype!r} is not known here. Allowed: {', '.join(forms)}.")
    return forms[vtype]()


def standardized(d: Array, m: Array, base: Array, size: Array, weights: Array, vtype: str, correct: bool) -> Effect:
    """Correct a standardized difference and give its variance: all such measures share these five forms.

    g = J(m)·d;  LS: base + g²/(2·size)

    Parameters
    ----------
    d : uncorrected standardized differences, shape (k,).
    m : degrees of freedom of the standard deviation that divides.
    base : variance of the numerator in units of that standard deviation (1/n1 + 1/n2 for two groups).
    size : sample size behind the standard deviation.
    weights : weights of the mean effect for "AV".
    vtype : "LS", "LS2", "UB", "AV" or "H0".
    correct : False leaves the factor J out.

    Returns
    -------
    Effect(g, vi).

    Source
    ------
    Hedges (1982), equation 8 (LS); Borenstein (2009), equation 12.17 (LS2); Hedges (1983), equation 9 (UB).

    Example
    -------
    >>> round(float(standardized(np.array(0.597), 98, 0.04, 100, 100, "LS", correct=False).vi), 4)
    0.0418
    """
    j = correction(np.asarray(m, dtype=float), correct)
    g = j * d
    forms = {
        "LS": lambda: base + g**2 / (2 * size),
        "LS2": lambda: j**2 * (base + d**2 / (2 * size)),
        "UB": lambda: base + (1 - (m - 2) / (m * j**2)) * g**2,
        "AV": lambda: base + weighted_mean(g, weights) ** 2 / (2 * size),
        "H0": lambda: np.where(m > 2, j**2 * base * m / (m - 2), np.nan),
    }
    return Effect(g, variance(vtype, forms))
