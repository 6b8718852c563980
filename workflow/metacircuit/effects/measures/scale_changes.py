"""From a standardized mean difference to a log odds ratio and back: D2ORL, D2ORN, OR2DL, OR2DN, PBIT."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from .core import Array, Effect, formula
from .two_means import smd_from_d
from .two_proportions import log_odds_ratio

# Standard deviation of the logistic distribution, and Cox and Snell's factor for the normal one.
LOGISTIC = np.pi / np.sqrt(3)
COX_SNELL = 1.65


def rescale(effect: Effect, factor: float) -> Effect:
    """Multiply an estimate by a constant, and its variance by the square.

    Example
    -------
    >>> rescale(Effect(1.0, 0.5), 2.0)
    Effect(yi=2.0, vi=2.0)
    """
    return Effect(factor * effect.yi, factor**2 * effect.vi)


@formula
def d_to_log_odds_logistic(d: Array, n1: Array, n2: Array) -> Effect:
    """Log odds ratio from d, logistic outcome (D2ORL, also D2OR).

    yi = (π/√3)·d;  vi = (π²/3)·(1/n1 + 1/n2 + d²/(2n))

    Parameters
    ----------
    d : uncorrected standardized mean differences, shape (k,). n1, n2 : group sizes, shape (k,).

    Returns
    -------
    Effect(yi, vi), shape (k,), log odds ratio.

    Source
    ------
    Hasselblad & Hedges (1995), Psychol. Bull. 117, 167-178; Chinn (2000), Stat. Med. 19, 3127-3131.

    Example
    -------
    >>> round(float(d_to_log_odds_logistic(0.5, 50, 50).yi), 4)
    0.9069
    """
    return rescale(smd_from_d(d, n1, n2, correct=False), LOGISTIC)


@formula
def d_to_log_odds_normal(d: Array, n1: Array, n2: Array) -> Effect:
    """Log odds ratio from d, normal outcome (D2ORN).

    yi = 1.65·d;  vi = 1.65²·(1/n1 + 1/n2 + d²/(2n))

    Parameters
    ----------
    d : uncorrected standardized mean differences, shape (k,). n1, n2 : group sizes, shape (k,).

    Returns
    -------
    Effect(yi, vi), shape (k,), log odds ratio.

    Source
    ------
    Cox & Snell (1989), Analysis of Binary Data; Sánchez-Meca, Marín-Martínez & Chacón-Moscoso (2003).

    Example
    -------
    >>> round(float(d_to_log_odds_normal(0.5, 50, 50).yi), 4)
    0.825
    """
    return rescale(smd_from_d(d, n1, n2, correct=False), COX_SNELL)


@formula
def log_odds_to_d_logistic(a: Array, b: Array, c: Array, d: Array, vtype: str = "LS") -> Effect:
    """Standardized mean difference from a 2x2 table, logistic outcome (OR2DL, also OR2D).

    yi = (√3/π)·ln OR;  vi = (3/π²)·v(ln OR)

    Parameters
    ----------
    a, b : events and non-events in group 1, shape (k,). c, d : the same in group 2.
    vtype : as in `two_proportions.log_odds_ratio`.

    Returns
    -------
    Effect(yi, vi), shape (k,), d.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Chinn (2000), Stat. Med. 19, 3127-3131; Hasselblad & Hedges (1995), Psychol. Bull. 117, 167-178.

    Example
    -------
    >>> round(float(log_odds_to_d_logistic(5, 95, 10, 90).yi), 4)
    -0.412
    """
    return rescale(log_odds_ratio(a, b, c, d, vtype=vtype), 1 / LOGISTIC)


@formula
def log_odds_to_d_normal(a: Array, b: Array, c: Array, d: Array, vtype: str = "LS") -> Effect:
    """Standardized mean difference from a 2x2 table, normal outcome (OR2DN).

    yi = ln OR/1.65;  vi = v(ln OR)/1.65²

    Parameters
    ----------
    a, b : events and non-events in group 1, shape (k,). c, d : the same in group 2.
    vtype : as in `two_proportions.log_odds_ratio`.

    Returns
    -------
    Effect(yi, vi), shape (k,), d.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Cox & Snell (1989), Analysis of Binary Data; Sánchez-Meca, Marín-Martínez & Chacón-Moscoso (2003).

    Example
    -------
    >>> round(float(log_odds_to_d_normal(5, 95, 10, 90).yi), 4)
    -0.4529
    """
    return rescale(log_odds_ratio(a, b, c, d, vtype=vtype), 1 / COX_SNELL)


@formula
def probit_difference(a: Array, b: Array, c: Array, d: Array) -> Effect:
    """Standardized mean difference from a 2x2 table by probits (PBIT).

    yi = z1 − z2 with z = Φ⁻¹(p);  vi = Σ 2π·p(1 − p)·exp(z²)/n over the two groups

    Parameters
    ----------
    a, b : events and non-events in group 1, shape (k,). c, d : the same in group 2.

    Returns
    -------
    Effect(yi, vi), shape (k,), d; infinite where a cell is 0.

    Source
    ------
    Sánchez-Meca, Marín-Martínez & Chacón-Moscoso (2003), Psychol. Methods 8, 448-467, equation 21.

    Example
    -------
    >>> round(float(probit_difference(5, 95, 10, 90).yi), 4)
    -0.3633
    """
    n1, n2 = a + b, c + d
    p1, p2 = a / n1, c / n2
    z1, z2 = ndtri(p1), ndtri(p2)
    term1 = p1 * (1 - p1) * np.exp(z1**2) / n1
    term2 = p2 * (1 - p2) * np.exp(z2**2) / n2
    return Effect(z1 - z2, 2 * np.pi * (term1 + term2))
