"""Wald tests and intervals of coefficients, with z or t as the reference distribution."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metacircuit.stats.distributions import chi2_p, critical, f_p, two_sided_p

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Coefficients:
    """What is said about each coefficient, (p,) each."""

    se: Vector
    stat: Vector
    pval: Vector
    ci_lb: Vector
    ci_ub: Vector


@dataclass(frozen=True, slots=True)
class Omnibus:
    """A joint test: chi-squared, or F when `df[1]` is finite."""

    stat: float
    df: tuple[int, float]
    pval: float


def coefficients(beta: Vector, vb: NDArray[np.float64], ddf: float = np.inf, level: float = 95.0) -> Coefficients:
    """Test each coefficient against zero.

    Parameters
    ----------
    beta, vb : (p,), (p, p) arrays
        Estimates and their covariance.
    ddf : float
        Degrees of freedom of t; infinite for z.
    level : float
        Confidence in percent.

    Returns
    -------
    Coefficients

    >>> tests = coefficients(np.array([1.0]), np.array([[0.25]]))
    >>> round(float(tests.stat[0]), 1), round(float(tests.pval[0]), 4)
    (2.0, 0.0455)
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        se = np.sqrt(np.diag(vb))
        stat = beta / se
    if ddf <= 0:
        unknown = np.full_like(beta, np.nan)
        return Coefficients(se, stat, unknown, unknown, unknown)
    half = critical(level, ddf) * se
    return Coefficients(se, stat, two_sided_p(stat, ddf), beta - half, beta + half)


def omnibus(beta: Vector, vb: NDArray[np.float64], which: NDArray[np.intp], ddf: float = np.inf) -> Omnibus:
    """Test some coefficients jointly against zero.

    Parameters
    ----------
    beta, vb : (p,), (p, p) arrays
        Estimates and their covariance.
    which : (m,) indices
        The coefficients to test.
    ddf : float
        Denominator degrees of freedom of F; infinite for chi-squared.

    Returns
    -------
    Omnibus
        NaN when the covariance of the tested coefficients is singular or unknown.

    >>> omnibus(np.array([1.0, 2.0]), np.eye(2), np.array([0, 1])).stat
    5.0
    """
    m = len(which)
    tested, covariance = beta[which], vb[np.ix_(which, which)]
    if m == 0 or not np.isfinite(covariance).all() or np.linalg.matrix_rank(covariance) < m:
        return Omnibus(np.nan, (m, ddf), np.nan)
    chi2 = float(tested @ np.linalg.solve(covariance, tested))
    if np.isinf(ddf):
        return Omnibus(chi2, (m, ddf), float(chi2_p(chi2, m)))
    return Omnibus(chi2 / m, (m, ddf), float(f_p(chi2 / m, m, ddf)) if ddf > 0 else np.nan)


def tested_by_default(X: NDArray[np.float64]) -> NDArray[np.intp]:
    """All coefficients but the intercept; the intercept where there is nothing else.

    >>> tested_by_default(np.array([[1.0, 3.0], [1.0, 5.0]])).tolist()
    [1]
    """
    intercept = (X == 1).all(axis=0)
    return np.flatnonzero(~intercept) if (~intercept).any() else np.arange(X.shape[1])
