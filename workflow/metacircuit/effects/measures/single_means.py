"""One group: MN, SMN, MNLN, SDLN, CVLN."""

from __future__ import annotations

import numpy as np

from .core import Array, Effect, formula, standardized, variance, weighted_mean


@formula
def mean(m: Array, sd: Array, n: Array, vtype: str = "LS") -> Effect:
    """Raw mean (MN).

    yi = m;  vi = sd²/n

    Parameters
    ----------
    m : means, shape (k,), in the unit of the scale. sd : standard deviations, same unit. n : sample sizes.
    vtype : "LS"; "HO" one variance for all studies, the mean of sd² weighted by n − 1.

    Returns
    -------
    Effect(yi, vi), shape (k,).

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    The variance of a sample mean.

    Example
    -------
    >>> round(float(mean(10, 5, 100).vi), 4)
    0.25
    """
    return Effect(m, variance(vtype, {"LS": lambda: sd**2 / n, "HO": lambda: weighted_mean(sd**2, n - 1) / n}))


@formula
def standardized_mean(m: Array, sd: Array, n: Array, correct: bool = True) -> Effect:
    """Standardized mean of one group, against zero (SMN).

    yi = J(n − 1)·m/sd;  vi = 1/n + yi²/(2n)

    Parameters
    ----------
    m : means, shape (k,). sd : standard deviations, shape (k,). n : sample sizes, shape (k,), above 2.
    correct : False leaves the factor J out.

    Returns
    -------
    Effect(yi, vi), shape (k,), without unit.

    Source
    ------
    Hedges (1981), J. Educ. Stat. 6, 107-128, for one sample.

    Example
    -------
    >>> round(float(standardized_mean(0.5, 1, 20, correct=False).vi), 5)
    0.05625
    """
    return standardized(m / sd, n - 1, 1 / n, n, n, "LS", correct)


@formula
def log_mean(m: Array, sd: Array, n: Array) -> Effect:
    """Log mean (MNLN).

    yi = ln m;  vi = sd²/(n·m²)

    Parameters
    ----------
    m : means above 0, shape (k,). sd : standard deviations, shape (k,). n : sample sizes, shape (k,).

    Returns
    -------
    Effect(yi, vi), shape (k,).

    Source
    ------
    The delta method on the mean; Hedges, Gurevitch & Curtis (1999), Ecology 80, 1150-1156, for one group.

    Example
    -------
    >>> round(float(log_mean(10, 5, 100).vi), 4)
    0.0025
    """
    return Effect(np.log(m), sd**2 / (n * m**2))


@formula
def log_sd(sd: Array, n: Array, correct: bool = True) -> Effect:
    """Log standard deviation (SDLN).

    yi = ln sd + 1/(2(n − 1));  vi = 1/(2(n − 1))

    Parameters
    ----------
    sd : standard deviations, shape (k,). n : sample sizes, shape (k,), at least 2.
    correct : False leaves the bias correction out.

    Returns
    -------
    Effect(yi, vi), shape (k,).

    Source
    ------
    Raudenbush & Bryk (1987), J. Educ. Stat. 12, 241-269; Nakagawa et al. (2015), Methods Ecol. Evol. 6, 143-152.

    Example
    -------
    >>> round(float(log_sd(1, 26).yi), 4)
    0.02
    """
    half = 1 / (2 * (n - 1))
    return Effect(np.log(sd) + half if correct else np.log(sd), half)


@formula
def log_cv(m: Array, sd: Array, n: Array, correct: bool = True) -> Effect:
    """Log coefficient of variation (CVLN).

    yi = ln(sd/m) + 1/(2(n − 1));  vi = 1/(2(n − 1)) + sd²/(n·m²)

    Parameters
    ----------
    m : means above 0, shape (k,). sd : standard deviations, shape (k,). n : sample sizes, shape (k,), at least 2.
    correct : False leaves the bias correction out.

    Returns
    -------
    Effect(yi, vi), shape (k,).

    Source
    ------
    Nakagawa et al. (2015), Methods Ecol. Evol. 6, 143-152, without their correlation term.

    Example
    -------
    >>> round(float(log_cv(10, 5, 26).vi), 6)
    0.029615
    """
    spread = log_sd(sd, n, correct=correct)
    return Effect(spread.yi - np.log(m), spread.vi + sd**2 / (n * m**2))
