r"""Cluster-robust covariance of generalised least squares: CR0, CR1, CR1p, CR2.

With working covariance Φ_j in cluster j, weights W_j = Φ_j⁻¹, M = (ΣX_j'W_jX_j)⁻¹ and residuals e_j,

.. math:: V^R = \sum_j u_j u_j', \qquad u_j = G_j' e_j, \qquad G_j = A_j W_j X_j M

CR0 has A_j = I; CR1 and CR1p multiply by J/(J - 1) and J/(J - p); CR2 makes V^R exactly unbiased when Φ is true:

.. math:: A_j = L_j B_j^{+1/2} L_j', \qquad B_j = L_j'(\Phi_j - X_j M X_j')L_j, \qquad \Phi_j = L_j L_j'

What small-sample inference needs later are three small things a cluster: the score u_j and the p × p matrices
G_j'Φ_jG_j and X_j'G_j. No matrix is larger than a cluster. Source: Pustejovsky and Tipton (2018), JBES 36:672, eqs. 4
to 9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from metacircuit.stats.multilevel.blocks import renumber, rows_by_size
from metacircuit.stats.robust.large import LARGE, LowRank, adjusted_large, within_reach

KINDS = ("CR0", "CR1", "CR1p", "CR2")
# A direction whose leverage is 1 to this precision has no residual: its inverse is a pseudo-inverse.
FULL_LEVERAGE = 1e-9
# Numbers held at once while clusters are adjusted: about 30 MB for each array.
CHUNK = 4_000_000


@dataclass(frozen=True, slots=True)
class Sandwich:
    """A robust covariance and the pieces of it by cluster.

    Attributes
    ----------
    kind : CR0, CR1, CR1p or CR2.
    bread : (p, p) M, the model-based covariance.
    scores : (J, p) u_j.
    spread : (J, p, p) G_j'Φ_jG_j, the variance of the score before the fit is taken off.
    pull : (J, p, p) X_j'G_j, how the fit pulls on the score.
    raw_scores : (J, p) X_j'W_je_j, without adjustment.
    information : (J, p, p) X_j'W_jX_j.
    labels : (k,) cluster of each row.
    """

    kind: str
    bread: np.ndarray
    scores: np.ndarray
    spread: np.ndarray
    pull: np.ndarray
    raw_scores: np.ndarray
    information: np.ndarray
    labels: np.ndarray

    @property
    def n_clusters(self) -> int:
        """Number of clusters."""
        return len(self.scores)

    @property
    def vcov(self) -> np.ndarray:
        """(p, p) robust covariance of the coefficients."""
        return self.scores.T @ self.scores


def sandwich(
    X: np.ndarray,
    WX: np.ndarray,
    residual: np.ndarray,
    bread: np.ndarray,
    labels: np.ndarray,
    kind: str,
    working: Callable[[np.ndarray], np.ndarray],
    low_rank: Callable[[np.ndarray], LowRank] | None = None,
) -> Sandwich:
    """Cluster-robust covariance of coefficients from generalised least squares.

    Parameters
    ----------
    X, WX : (k, p) design, and Φ⁻¹X.
    residual : (k,) y - Xb.
    bread : (p, p) (X'Φ⁻¹X)⁻¹.
    labels : (k,) clusters; Φ has no covariance between them.
    kind : CR0, CR1, CR1p or CR2.
    working : function from (m, n) rows to their (m, n, n) working covariances Φ.
    low_rank : the same as a diagonal plus low rank, where Φ has that form; large clusters then cost no more than
        small ones.

    Returns
    -------
    Sandwich

    >>> X = np.ones((3, 1)); phi = lambda rows: np.ones((len(rows), 1, 1))
    >>> fit = sandwich(X, X, np.array([-1.0, 0.0, 1.0]), np.array([[1 / 3]]), np.arange(3), "CR2", phi)
    >>> fit.vcov.round(6).tolist()
    [[0.333333]]
    """
    labels = renumber(labels)
    J, p = int(labels.max()) + 1, X.shape[1]
    information = _sums(labels, X[:, :, None] * WX[:, None, :], J)
    raw = _sums(labels, WX * residual[:, None], J)
    # One cluster has scores of zero whatever the adjustment: there is nothing to adjust.
    if kind == "CR2" and J > 1:
        u, spread, pull = np.empty((J, p)), np.empty((J, p, p)), np.empty((J, p, p))

        def store(rows: np.ndarray, G: np.ndarray, PhiG: np.ndarray) -> None:
            j, Gt = labels[rows[:, 0]], G.transpose(0, 2, 1)
            u[j] = (Gt @ residual[rows][:, :, None])[:, :, 0]
            spread[j], pull[j] = Gt @ PhiG, X[rows].transpose(0, 2, 1) @ G

        for rows in _chunks(labels, low_rank is not None):
            j = labels[rows[:, 0]]
            if low_rank is not None and rows.shape[1] >= LARGE:
                Phi = low_rank(rows)
                easy = within_reach(Phi, information[j], bread)
                at, Phi = rows[easy], Phi.some(easy)
                G = (
                    adjusted_large(Phi, X[at], information[j[easy]], bread)
                    if len(at)
                    else np.empty((0, rows.shape[1], p))
                )
                store(at, G, Phi.times(G))
                rows = rows[~easy]  # noqa: PLW2901 - what is left is dense
            for few in np.array_split(rows, max(1, rows.size * rows.shape[1] // CHUNK)):
                if len(few):
                    dense = working(few)
                    G = _adjusted(dense, X[few], information[labels[few[:, 0]]], bread)
                    store(few, G, dense @ G)
    else:
        factor = np.sqrt({"CR0": 1.0, "CR2": 1.0, "CR1": _ratio(J, J - 1), "CR1p": _ratio(J, J - p)}[kind])
        u = factor * raw @ bread
        spread = factor**2 * bread @ information @ bread
        pull = factor * information @ bread
    return Sandwich(kind, bread, u, spread, pull, raw, information, labels)


def _ratio(J: int, rest: int) -> float:
    return J / rest if rest > 0 else np.nan


def _sums(labels: np.ndarray, values: np.ndarray, J: int) -> np.ndarray:
    """Sums over the rows of each cluster."""
    flat = values.reshape(len(labels), -1)
    out = np.column_stack([np.bincount(labels, weights=column, minlength=J) for column in flat.T])
    return out.reshape(J, *values.shape[1:])


def _chunks(labels: np.ndarray, linear: bool) -> Iterator[np.ndarray]:
    """(m, n) rows of clusters of one size, few enough at a time to bound the memory."""
    for rows in rows_by_size(labels):
        n = rows.shape[1]
        step = max(1, CHUNK // (20 * n if linear and n >= LARGE else n**2))
        for start in range(0, len(rows), step):
            yield rows[start : start + step]


def _adjusted(Phi: np.ndarray, X: np.ndarray, information: np.ndarray, bread: np.ndarray) -> np.ndarray:
    """G_j (m, n, p) of CR2 for clusters of one size."""
    L = np.linalg.cholesky(Phi)
    LX = L.transpose(0, 2, 1) @ X
    LL = L.transpose(0, 2, 1) @ L
    B = LL @ LL - LX @ bread @ LX.transpose(0, 2, 1)
    values, vectors = np.linalg.eigh((B + B.transpose(0, 2, 1)) / 2)
    root = np.linalg.cholesky(bread)
    leverage = np.linalg.eigvalsh(root.T @ information @ root)
    lost = (leverage > 1 - FULL_LEVERAGE).sum(axis=1)
    present = np.arange(values.shape[1]) >= lost[:, None]
    floor = np.finfo(float).eps * values[:, -1:]
    power = np.where(present, np.maximum(values, floor), np.inf) ** -0.5
    middle = vectors.transpose(0, 2, 1) @ np.linalg.solve(L, X @ bread)
    return L @ (vectors @ (power[:, :, None] * middle))
