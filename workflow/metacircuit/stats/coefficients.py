"""Coefficients and their covariance, given tau2."""

from dataclasses import dataclass

import numpy as np

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
