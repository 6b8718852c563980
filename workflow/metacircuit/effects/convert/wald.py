"""Ratios with a confidence interval or a p, on the log scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from metacircuit.effects.convert.significance import z_from_p

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

#: An estimate this far from the middle of its interval, as a part of the width, is more than its model explains.
LOPSIDED = 0.05
_MOST_DECIMALS = 6


def variance_from_ci(lower: ArrayLike, upper: ArrayLike, level: float = 95) -> Floats:
    r"""Variance of an estimate from its Wald confidence interval.

    .. math:: v = \left(\frac{U - L}{2\, z_{1-\alpha/2}}\right)^2

    Parameters
    ----------
    lower, upper : array_like
        Limits, on the scale on which the interval is symmetric.
    level : float
        Confidence level in percent.

    Returns
    -------
    ndarray
        Variances.

    References
    ----------
    Cochrane Handbook for Systematic Reviews of Interventions, section 6.3.1.

    Examples
    --------
    >>> round(float(variance_from_ci(-0.98, 0.98)), 4)
    0.25
    """
    width = np.asarray(upper, dtype=float) - np.asarray(lower, dtype=float)
    return (width / (2 * ndtri(0.5 + level / 200))) ** 2


def log_ratio(ratio: ArrayLike, lower: ArrayLike, upper: ArrayLike, level: float = 95) -> tuple[Floats, Floats]:
    r"""Log of a ratio and its variance from the confidence interval.

    .. math:: y = \ln R, \qquad v = \left(\frac{\ln U - \ln L}{2\, z_{1-\alpha/2}}\right)^2

    Parameters
    ----------
    ratio, lower, upper : array_like
        Ratios (odds, hazards, rates, risks) and their limits, all positive.
    level : float
        Confidence level in percent.

    Returns
    -------
    y, v : ndarray
        Log ratios and variances.

    References
    ----------
    Cochrane Handbook, section 6.3.2.

    Examples
    --------
    >>> y, v = log_ratio(2.1, 1.2, 3.7)
    >>> round(float(y), 6), round(float(v), 6)
    (0.741937, 0.082514)
    """
    return np.log(np.asarray(ratio, dtype=float)), variance_from_ci(np.log(lower), np.log(upper), level)


def variance_from_p(estimate: ArrayLike, p: ArrayLike) -> Floats:
    r"""Variance of an estimate from the exact two-sided p of the normal test that it is 0.

    .. math:: v = (y / z_{1-p/2})^2

    Parameters
    ----------
    estimate : array_like
        Estimates other than 0.
    p : array_like
        Two-sided p, in (0, 1).

    Returns
    -------
    ndarray
        Variances.

    References
    ----------
    Altman and Bland (2011), How to obtain the confidence interval from a P value, BMJ 343, d2090.

    Examples
    --------
    >>> round(float(variance_from_p(1.96, 0.05)), 3)
    1.0
    """
    return (np.asarray(estimate, dtype=float) / z_from_p(p)) ** 2


def log_ratio_from_p(ratio: ArrayLike, p: ArrayLike) -> tuple[Floats, Floats]:
    r"""Log of a ratio and its variance from the exact two-sided p of the test that it is 1.

    .. math:: y = \ln R, \qquad v = (y / z_{1-p/2})^2

    Parameters
    ----------
    ratio : array_like
        Positive ratios other than 1.
    p : array_like
        Two-sided p, in (0, 1).

    Returns
    -------
    y, v : ndarray
        Log ratios and variances.

    References
    ----------
    Altman and Bland (2011), How to obtain the confidence interval from a P value, BMJ 343, d2090.

    Examples
    --------
    >>> y, v = log_ratio_from_p(0.81, 0.03)
    >>> round(float(y), 3), round(float(v**0.5), 3)
    (-0.211, 0.097)
    """
    y = np.log(np.asarray(ratio, dtype=float))
    return y, variance_from_p(y, p)


def lopsided(ratio: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> NDArray[np.bool_]:
    r"""Mark ratios that are not in the middle of their interval on the log scale, beyond what rounding does.

    .. math::
        \left|\ln R - \tfrac{\ln L + \ln U}{2}\right|
        > 0.05\,(\ln U - \ln L) + \tfrac{u}{R} + \tfrac{u}{2L} + \tfrac{u}{2U}

    with u half a unit of the last digit that the three are printed with.

    Parameters
    ----------
    ratio, lower, upper : array_like
        Positive ratios and their limits, as printed.

    Returns
    -------
    ndarray of bool
        True where a digit may be wrong, or the interval is not a Wald interval.

    Examples
    --------
    >>> lopsided([2.0, 3.61], [1.29, 2.67], [3.13, 4.48]).tolist()
    [False, True]
    """
    ratio, lower, upper = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (ratio, lower, upper)))
    unit = 0.5 * 10.0 ** -np.maximum.reduce([_decimals(x) for x in (ratio, lower, upper)])
    low, high = np.log(lower), np.log(upper)
    slack = unit * (1 / ratio + 0.5 / lower + 0.5 / upper)
    return np.abs(np.log(ratio) - (low + high) / 2) > LOPSIDED * (high - low) + slack


def _decimals(x: Floats) -> NDArray[np.int64]:
    """Digits after the point that a number is printed with, trailing zeros aside."""
    shorter = [np.round(x, digits) == x for digits in range(_MOST_DECIMALS)]
    return np.select(shorter, range(_MOST_DECIMALS), _MOST_DECIMALS)
