"""One effect a cluster: estimates that share a cluster become their best, or their plain, mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

# A variance that is lost to cancellation below this share of its terms is not a variance any more.
SINGULAR = 1e-12


@dataclass(frozen=True, slots=True)
class Aggregated:
    """Aggregated estimates `yi` (n,), their variances `vi` (n,) and how many effects `ki` (n,) each stands for."""

    yi: np.ndarray
    vi: np.ndarray
    ki: np.ndarray


class SingularClusterError(ValueError):
    """The sampling covariance of one cluster has no inverse; `position` says which cluster."""

    def __init__(self, position: int) -> None:
        self.position = position
        super().__init__(
            f"The sampling covariance of cluster number {position + 1} is not positive definite, so its estimates "
            f"have no best "
            "mean. Use a correlation below 1 (and above -1 / (effects in the cluster - 1)), or weighted=False "
            "for the plain mean."
        )


def aggregate_cs(
    yi: ArrayLike, vi: ArrayLike, codes: ArrayLike, rho: ArrayLike, *, weighted: bool = True
) -> Aggregated:
    r"""Aggregate effects whose sampling errors have one correlation within a cluster, in linear cost.

    .. math:: \bar y_j = \frac{1' V_j^{-1} y_j}{1' V_j^{-1} 1}, \quad v_j = \frac{1}{1' V_j^{-1} 1}, \quad
              V_j = S_j \{(1 - \rho) I + \rho 1 1'\} S_j, \quad S_j = \mathrm{diag}(\sqrt{v_{ij}})

    The inverse is Sherman and Morrison's, so no matrix is formed. Without weights, the plain mean and its variance.

    Parameters
    ----------
    yi, vi : (k,) estimates and sampling variances.
    codes : (k,) int, the cluster of each effect, 0 … n - 1.
    rho : scalar or (n,), the correlation of the sampling errors within each cluster; 0 for independent ones.
    weighted : inverse-covariance weights (True) or equal ones.

    Returns
    -------
    Aggregated
        `yi`, `vi`, `ki` in the order of the codes.

    Raises
    ------
    SingularClusterError
        If weights are asked for and a cluster's covariance has no inverse. A cluster of identical estimates under
        `rho = 1` is one estimate, typed several times: it is returned as it is.

    Source: Borenstein et al. (2009), Introduction to Meta-Analysis, eq. 24.2 (plain mean); Gleser and Olkin (2009),
    eq. 19.19 (weighted mean).

    >>> aggregate_cs([0.0, 1.0], [0.1, 0.1], [0, 0], 0.5).vi.round(3).tolist()
    [0.075]
    """
    y, v, c = np.asarray(yi, float), np.asarray(vi, float), np.asarray(codes, int)
    k = np.bincount(c).astype(float)
    n = len(k)
    rho = np.broadcast_to(np.asarray(rho, float), (n,))

    def total(x: np.ndarray) -> np.ndarray:
        return np.bincount(c, weights=x, minlength=n)

    s = np.sqrt(v)
    if not weighted:
        variance = ((1 - rho) * total(v) + rho * total(s) ** 2) / k**2
        return Aggregated(total(y) / k, variance, k.astype(int))

    alone = k == 1
    copies = (rho == 1) & _constant(y, c, n) & _constant(v, c, n)
    closed = alone | copies
    singular = ~closed & ((1 - rho < SINGULAR) | (1 - rho + k * rho < SINGULAR))
    if singular.any():
        raise SingularClusterError(int(np.flatnonzero(singular)[0]))
    with np.errstate(divide="ignore", invalid="ignore"):
        shrink = np.where(closed, 0.0, rho / (1 - rho + k * rho))
        scale = np.where(closed, k, 1 - rho)
    # Both sums are centred on the cluster's first estimate: the mean of equal estimates is then exact.
    first = np.zeros(n)
    first[c[::-1]] = y[::-1]
    d = y - first[c]
    weight = (total(1 / v) - shrink * total(1 / s) ** 2) / scale
    weighted_sum = (total(d / v) - shrink * total(1 / s) * total(d / s)) / scale
    return Aggregated(first + weighted_sum / weight, 1 / weight, k.astype(int))


def _constant(x: np.ndarray, codes: np.ndarray, n: int) -> np.ndarray:
    """Whether x has one value within each cluster."""
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(low, codes, x)
    np.maximum.at(high, codes, x)
    return low == high


def aggregate_dense(
    yi: ArrayLike, blocks: list[np.ndarray], rows: list[np.ndarray], *, weighted: bool = True
) -> Aggregated:
    """Aggregate with a full sampling covariance for each cluster.

    Parameters
    ----------
    yi : (k,) estimates.
    blocks : one (k_j, k_j) covariance matrix a cluster.
    rows : the positions in `yi` of each cluster's effects.
    weighted : inverse-covariance weights (True) or equal ones.

    Returns
    -------
    Aggregated
        `yi`, `vi`, `ki` in the order of the blocks.

    Raises
    ------
    SingularClusterError
        If weights are asked for and a block is not positive definite.

    >>> V = np.array([[0.1, 0.05], [0.05, 0.1]])
    >>> aggregate_dense([0.0, 1.0], [V], [np.array([0, 1])]).yi.round(3).tolist()
    [0.5]
    """
    y = np.asarray(yi, float)
    means, variances = np.empty(len(blocks)), np.empty(len(blocks))
    for j, (block, row) in enumerate(zip(blocks, rows, strict=True)):
        if not weighted:
            means[j], variances[j] = y[row].mean(), block.sum() / len(row) ** 2
            continue
        try:
            factor = np.linalg.cholesky(block)
        except np.linalg.LinAlgError as error:
            raise SingularClusterError(j) from error
        half = np.linalg.solve(factor, np.column_stack([np.ones(len(row)), y[row] - y[row[0]]]))
        weight = half[:, 0] @ half[:, 0]
        means[j], variances[j] = y[row[0]] + half[:, 0] @ half[:, 1] / weight, 1 / weight
    return Aggregated(means, variances, np.array([len(row) for row in rows]))
