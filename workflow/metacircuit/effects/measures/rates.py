"""Events in person-time: two groups (IRR, IRD, IRSD) and one (IR, IRLN, IRS, IRFT).

x counts events, t is the person-time at risk. Adding to zero counts is decided in `zero_cells`.
"""

from __future__ import annotations

import numpy as np

from .core import Array, Effect, formula


@formula
def log_rate_ratio(x1: Array, t1: Array, x2: Array, t2: Array) -> Effect:
    """Log incidence rate ratio (IRR).

    yi = ln(x1/t1) − ln(x2/t2);  vi = 1/x1 + 1/x2

    Parameters
    ----------
    x1, x2 : event counts, shape (k,). t1, t2 : person-times, shape (k,), above 0, one unit for both.

    Returns
    -------
    Effect(yi, vi), shape (k,); infinite where a count is 0.

    Source
    ------
    Rothman, Greenland & Lash (2008), Modern Epidemiology, chapter 14; Bagos & Nikolopoulos (2009), Epidemiology.

    Example
    -------
    >>> round(float(log_rate_ratio(12, 100, 6, 100).yi), 4)
    0.6931
    """
    return Effect(np.log(x1 / t1) - np.log(x2 / t2), 1 / x1 + 1 / x2)


@formula
def rate_difference(x1: Array, t1: Array, x2: Array, t2: Array) -> Effect:
    """Incidence rate difference (IRD).

    yi = x1/t1 − x2/t2;  vi = x1/t1² + x2/t2²

    Parameters
    ----------
    x1, x2 : event counts, shape (k,). t1, t2 : person-times, shape (k,), above 0.

    Returns
    -------
    Effect(yi, vi), shape (k,), per unit of person-time.

    Source
    ------
    Rothman, Greenland & Lash (2008), Modern Epidemiology, chapter 14.

    Example
    -------
    >>> round(float(rate_difference(12, 100, 6, 100).vi), 4)
    0.0018
    """
    return Effect(x1 / t1 - x2 / t2, x1 / t1**2 + x2 / t2**2)


@formula
def root_rate_difference(x1: Array, t1: Array, x2: Array, t2: Array) -> Effect:
    """Difference of square-root incidence rates (IRSD).

    yi = √(x1/t1) − √(x2/t2);  vi = 1/(4t1) + 1/(4t2)

    Parameters
    ----------
    x1, x2 : event counts, shape (k,). t1, t2 : person-times, shape (k,), above 0.

    Returns
    -------
    Effect(yi, vi), shape (k,); zero counts need no adjustment.

    Source
    ------
    The variance-stabilizing square root of a Poisson count: Rothman, Greenland & Lash (2008), chapter 14.

    Example
    -------
    >>> round(float(root_rate_difference(12, 100, 6, 100).vi), 4)
    0.005
    """
    return Effect(np.sqrt(x1 / t1) - np.sqrt(x2 / t2), 1 / (4 * t1) + 1 / (4 * t2))


@formula
def rate(x: Array, t: Array) -> Effect:
    """Incidence rate (IR).

    yi = x/t;  vi = x/t²

    Parameters
    ----------
    x : event counts, shape (k,). t : person-times, shape (k,), above 0.

    Returns
    -------
    Effect(yi, vi), shape (k,), per unit of person-time.

    Source
    ------
    Rothman, Greenland & Lash (2008), Modern Epidemiology, chapter 14.

    Example
    -------
    >>> round(float(rate(6, 300).yi), 4)
    0.02
    """
    return Effect(x / t, x / t**2)


@formula
def log_rate(x: Array, t: Array) -> Effect:
    """Log incidence rate (IRLN).

    yi = ln(x/t);  vi = 1/x

    Parameters
    ----------
    x : event counts, shape (k,). t : person-times, shape (k,), above 0.

    Returns
    -------
    Effect(yi, vi), shape (k,); infinite where x is 0.

    Source
    ------
    Rothman, Greenland & Lash (2008), Modern Epidemiology, chapter 14.

    Example
    -------
    >>> round(float(log_rate(6, 300).yi), 4)
    -3.912
    """
    return Effect(np.log(x / t), 1 / x)


@formula
def root_rate(x: Array, t: Array) -> Effect:
    """Square root of an incidence rate (IRS).

    yi = √(x/t);  vi = 1/(4t)

    Parameters
    ----------
    x : event counts, shape (k,). t : person-times, shape (k,), above 0.

    Returns
    -------
    Effect(yi, vi), shape (k,); zero counts need no adjustment.

    Source
    ------
    The variance-stabilizing square root of a Poisson count: Rothman, Greenland & Lash (2008), chapter 14.

    Example
    -------
    >>> round(float(root_rate(12, 300).yi), 4)
    0.2
    """
    return Effect(np.sqrt(x / t), 1 / (4 * t))


@formula
def double_root_rate(x: Array, t: Array) -> Effect:
    """Freeman and Tukey's transformed incidence rate (IRFT).

    yi = ½(√(x/t) + √(x/t + 1/t));  vi = 1/(4t)

    Parameters
    ----------
    x : event counts, shape (k,). t : person-times, shape (k,), above 0.

    Returns
    -------
    Effect(yi, vi), shape (k,); zero counts need no adjustment.

    Source
    ------
    Freeman & Tukey (1950), Ann. Math. Stat. 21, 607-611.

    Example
    -------
    >>> round(float(double_root_rate(0, 100).yi), 4)
    0.05
    """
    return Effect((np.sqrt(x / t) + np.sqrt(x / t + 1 / t)) / 2, 1 / (4 * t))
