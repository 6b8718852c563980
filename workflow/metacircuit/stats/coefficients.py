"""Coefficients, their covariance and their tests, given tau2."""

from dataclasses import dataclass

import numpy as np

from .distributions import chi2_p, f_p
from .formula_tokens import nearest
from .linear import Sample, project

TESTS = ("z", "t", "knha", "adhoc")


@dataclass(frozen=True, slots=True, eq=False)
class Coefficients:
    """Estimates of B data sets.

    Attributes
    ----------
    beta : (B, p). vb : (B, p, p) covariance. hat : (B, k) leverages.
    s2w : (B,) factor by which the test scaled the covariance (1 for z and t).
    dfs : (B,) degrees of freedom of the test; inf for z.
    rss : (B,) weighted residual sum of squares at beta.
    """

    beta: np.ndarray
    vb: np.ndarray
    hat: np.ndarray
    s2w: np.ndarray
    dfs: np.ndarray
    rss: np.ndarray

    @property
    def se(self) -> np.ndarray:
        """Standard errors (B, p)."""
        return np.sqrt(np.diagonal(self.vb, axis1=1, axis2=2))


def coefficients(data: Sample, tau2: np.ndarray, test: str = "z", weights: np.ndarray | None = None) -> Coefficients:
    """The weighted least squares coefficients at given tau2.

    With w = 1 / (vi + tau2): beta = (X'WX)^-1 X'Wy with covariance (X'WX)^-1. Knapp-Hartung ("knha") multiplies it by
    s2w = y'Py / (k - p) and tests with t(k - p); "adhoc" takes max(1, s2w); "t" only the t distribution. Own weights
    a give beta = (X'AX)^-1 X'Ay with the sandwich covariance of vi + tau2.

    Parameters
    ----------
    data : B data sets. tau2 : (B,). test : z, t, knha or adhoc. weights : (k,) or (B, k), or None for inverse
        variances.

    Source
    ------
    Knapp & Hartung (2003) Stat Med 22, 2693-2710, eq. 8-10; Röver, Knapp & Friede (2015) BMC Med Res Methodol 15, 99
    (adhoc).
    """
    if test not in TESTS:
        raise ValueError(f"Unknown test {test!r}. {nearest(test, TESTS)}")
    P = data.project(tau2)
    dfs = data.dfs.astype(float)
    if weights is None:
        beta, vb, hat, rss = P.beta, P.vb(), P.hat, P.rss
    else:
        own = project(data.Y, np.where(data.present, weights, 0.0), data.X)
        beta, hat = own.beta, own.hat
        G = own.inverse_r() @ (own.Q * np.sqrt(own.w)[:, None, :])
        M = np.where(data.present, data.V + np.asarray(tau2)[:, None], 0.0)
        vb = (G * M[:, None, :]) @ G.swapaxes(1, 2)
        rss = (P.w * (data.Y - (data.X @ beta[:, :, None])[:, :, 0]) ** 2).sum(axis=1)
    s2w = np.ones(dfs.size)
    if test in ("knha", "adhoc"):
        with np.errstate(invalid="ignore", divide="ignore"):
            s2w = np.where(P.rss <= np.finfo(float).eps, np.where(dfs > 0, 0.0, np.nan), P.rss / dfs)
        if test == "adhoc":
            s2w = np.maximum(s2w, 1.0)
    return Coefficients(beta, vb * s2w[:, None, None], hat, s2w, np.full(dfs.size, np.inf) if test == "z" else dfs, rss)


def wald(beta: np.ndarray, vb: np.ndarray, dfs: float) -> tuple[float, float]:
    """The joint test that m coefficients are all zero: QM = b' vb^-1 b, chi2(m), or QM / m, F(m, dfs).

    Parameters
    ----------
    beta : (m,). vb : (m, m). dfs : inf for the chi-squared test.

    Returns
    -------
    statistic and p; NaN if the covariance is singular or there are no degrees of freedom.
    """
    m = beta.size
    if m == 0 or not np.isfinite(vb).all() or dfs <= 0 or np.linalg.matrix_rank(vb, hermitian=True) < m:
        return np.nan, np.nan
    scale = np.sqrt(np.diag(vb))
    statistic = float((beta / scale) @ np.linalg.solve(vb / np.outer(scale, scale), beta / scale))
    if np.isinf(dfs):
        return statistic, float(chi2_p(statistic, m))
    return statistic / m, float(f_p(statistic / m, m, dfs))
