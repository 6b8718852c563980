"""Wald tests and intervals of estimates, with z or t as the reference distribution."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metacircuit.stats.distributions import chi2_p, critical, f_p, two_sided_p

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WaldTests:
    """What is said about each estimate, (p,) each."""

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

    def __str__(self) -> str:
        m, ddf = self.df
        statistic = f"QM({m})" if np.isinf(ddf) else f"F({m}, {ddf:g})"
        return f"{statistic} = {self.stat:.4f}, p = {self.pval:.4g}"


def wald_tests(beta: Vector, vb: NDArray[np.float64], ddf: float = np.inf, level: float = 95.0) -> WaldTests:
    """Test each estimate against zero: b_j / se_j against z or t, and the interval b_j +- critical value * se_j.

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
    WaldTests
        NaN without degrees of freedom, and for an estimate whose variance is zero: nothing can be compared with it.

    >>> found = wald_tests(np.array([1.0]), np.array([[0.25]]))
    >>> round(float(found.stat[0]), 1), round(float(found.pval[0]), 4)
    (2.0, 0.0455)
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        se = np.sqrt(np.diag(vb))
        stat = np.where(se > 0, beta / se, np.nan)
    if ddf <= 0:
        unknown = np.full_like(beta, np.nan)
        return WaldTests(se, stat, unknown, unknown, unknown)
    half = np.where(se > 0, critical(level, ddf) * se, np.nan)
    return WaldTests(se, stat, two_sided_p(stat, ddf), beta - half, beta + half)


def omnibus(
    beta: Vector, vb: NDArray[np.float64], which: NDArray[np.intp] | None = None, ddf: float = np.inf
) -> Omnibus:
    """Test estimates jointly against zero: QM = b' vb^-1 b with chi-squared(m), or QM / m with F(m, ddf).

    Parameters
    ----------
    beta, vb : (p,), (p, p) arrays
        Estimates and their covariance.
    which : (m,) indices
        The estimates to test; all if not given.
    ddf : float
        Denominator degrees of freedom of F; infinite for chi-squared.

    Returns
    -------
    Omnibus
        NaN when the covariance is singular or unknown, or there are no degrees of freedom.

    >>> omnibus(np.array([1.0, 2.0]), np.eye(2)).stat
    5.0
    """
    if which is not None:
        beta, vb = beta[which], vb[np.ix_(which, which)]
    m = len(beta)
    unknown = Omnibus(np.nan, (m, ddf), np.nan)
    variances = np.diag(vb)
    if m == 0 or not np.isfinite(vb).all() or not (variances > 0).all() or ddf <= 0:
        return unknown
    # The scale of a moderator must not decide whether the covariance counts as singular.
    scale = np.sqrt(variances)
    z, correlation = beta / scale, vb / np.outer(scale, scale)
    if np.linalg.matrix_rank(correlation, hermitian=True) < m:
        return unknown
    chi2 = float(z @ np.linalg.solve(correlation, z))
    if np.isinf(ddf):
        return Omnibus(chi2, (m, ddf), float(chi2_p(chi2, m)))
    return Omnibus(chi2 / m, (m, ddf), float(f_p(chi2 / m, m, ddf)))


def tested_by_default(X: NDArray[np.float64]) -> NDArray[np.intp]:
    """All coefficients but the intercept; the intercept where there is nothing else.

    >>> tested_by_default(np.array([[1.0, 3.0], [1.0, 5.0]])).tolist()
    [1]
    """
    intercept = (X == 1).all(axis=0)
    return np.flatnonzero(~intercept) if (~intercept).any() else np.arange(X.shape[1])
