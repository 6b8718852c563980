r"""Degrees of freedom of robust tests: Satterthwaite for one contrast, HTZ for several.

With P_ij = [i = j] G_i'Φ_iG_i - (X_i'G_i)' M (X_j'G_j), the covariances of the scores under the working model, a
contrast c has

.. math:: \nu = \frac{(\sum_i c'P_{ii}c)^2}{\sum_{ij} (c'P_{ij}c)^2}

and q contrasts C have Hotelling's T² with ν from the total variance of Ω^{-1/2} C V^R C' Ω^{-1/2}, Ω its expectation:

.. math:: \nu = \frac{q(q + 1)}{\sum_{st}\sum_{ij} \{B_{ij,st}B_{ij,ts} + B_{ij,ss}B_{ij,tt}\}}, \quad
          F = \frac{\nu - q + 1}{\nu q}\, Q \sim F_{q,\,\nu - q + 1}

P_ij is diagonal plus rank p in (i, j), so the double sums over clusters are single sums of p × p matrices. Source:
Pustejovsky and Tipton (2018), JBES 36:672, eqs. 10 to 14; Tipton and Pustejovsky (2015), JEBS 40:604, for HTZ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metacircuit.stats.distributions import f_p
from metacircuit.stats.robust.sandwich import Sandwich


@dataclass(frozen=True, slots=True)
class JointTest:
    """HTZ test that q contrasts are zero: `F` with `df_num` and `df_denom` degrees of freedom, and `pval`."""

    F: float
    df_num: int
    df_denom: float
    pval: float


def satterthwaite(fit: Sandwich, C: np.ndarray) -> np.ndarray:
    """Degrees of freedom (q,) of each row of the contrasts C (q, p); NaN for a contrast without variance.

    >>> from metacircuit.stats.robust.sandwich import sandwich
    >>> X = np.ones((4, 1)); phi = lambda rows: np.ones((len(rows), 1, 1))
    >>> fit = sandwich(X, X, np.array([-1.0, 0, 0, 1]), np.array([[0.25]]), np.arange(4), "CR2", phi)
    >>> satterthwaite(fit, np.eye(1)).round(6).tolist()
    [3.0]
    """
    C = np.atleast_2d(C)
    alpha = np.einsum("qp,jpr,qr->qj", C, fit.spread, C)
    N = np.einsum("ap,jpr,qr->qja", np.linalg.cholesky(fit.bread).T, fit.pull, C)
    length = np.einsum("qja,qja->qj", N, N)
    inner = np.einsum("qja,qjb->qab", N, N)
    mean = (alpha - length).sum(axis=1)
    square = (alpha**2 - 2 * alpha * length).sum(axis=1) + (inner**2).sum(axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(square > 0, mean**2 / square, np.nan)


def htz(fit: Sandwich, C: np.ndarray, estimate: np.ndarray) -> JointTest:
    """Approximate Hotelling T² test that C b = 0.

    Parameters
    ----------
    fit : the robust covariance, its pieces by cluster.
    C : (q, p) contrasts.
    estimate : (p,) coefficients b.

    Returns
    -------
    JointTest
        All NaN but `df_num` where the contrasts have no robust variance.
    """
    q = len(C)
    V = C @ fit.vcov @ C.T
    nothing = JointTest(np.nan, q, np.nan, np.nan)
    if not np.isfinite(V).all() or np.linalg.matrix_rank(V, hermitian=True) < q:
        return nothing
    contrast = C @ estimate
    Q = float(contrast @ np.linalg.solve(V, contrast))
    alpha = C @ fit.spread @ C.T
    N = np.linalg.cholesky(fit.bread).T @ fit.pull @ C.T
    Omega = (alpha - N.transpose(0, 2, 1) @ N).sum(axis=0)
    values, vectors = np.linalg.eigh((Omega + Omega.T) / 2)
    if values[0] <= 1e-12 * values[-1]:
        return nothing
    turn = (vectors / np.sqrt(values)) @ vectors.T
    nu = q * (q + 1) / _total_variance(turn @ alpha @ turn, N @ turn)
    df = nu - q + 1
    F = df / (nu * q) * Q
    # Below zero there is no such distribution: the clusters say too little about so many contrasts.
    return JointTest(F, q, df, float(f_p(F, q, df)) if df > 0 else np.nan)


def _total_variance(alpha: np.ndarray, N: np.ndarray) -> float:
    """Sum over s, t and pairs of clusters of B_st B_ts + B_ss B_tt, for B_ij = [i = j] alpha_i - N_i'N_j."""
    own = N.transpose(0, 2, 1) @ N
    S = np.einsum("jat,jbs->tsab", N, N)
    crossed = np.einsum("jst,jts->", alpha, alpha) - 2 * np.einsum("jst,jts->", alpha, own)
    crossed += np.einsum("tsab,tsba->", S, S)
    a, o = np.einsum("jss->j", alpha), np.einsum("jss->j", own)
    straight = (a**2).sum() - 2 * (a * o).sum() + np.einsum("tsab,tsab->", S, S)
    return float(crossed + straight)
