"""Symmetric block-diagonal matrices, kept as blocks: memory and time grow with the rows, never with their square."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components


@dataclass(frozen=True, slots=True)
class Group:
    """Blocks of one size n: `rows` (m, n) says where each lies, `values` (m, n, n) holds them."""

    rows: np.ndarray
    values: np.ndarray


@dataclass(frozen=True, slots=True)
class Blocks:
    """A symmetric block-diagonal matrix of `k` rows; `groups` holds its blocks by size, every row in one of them."""

    k: int
    groups: tuple[Group, ...]

    def __len__(self) -> int:
        return self.k

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the whole matrix."""
        return self.k, self.k

    @property
    def labels(self) -> np.ndarray:
        """(k,) the block of each row, numbered by first appearance."""
        codes, start = np.empty(self.k, int), 0
        for g in self.groups:
            codes[g.rows] = start + np.arange(len(g.rows))[:, None]
            start += len(g.rows)
        return renumber(codes)

    @property
    def is_diagonal(self) -> bool:
        """Whether nothing lies off the diagonal."""
        return all(not np.any(g.values[:, ~np.eye(g.rows.shape[1], dtype=bool)]) for g in self.groups)

    def diagonal(self) -> np.ndarray:
        """The (k,) diagonal."""
        out = np.empty(self.k)
        for g in self.groups:
            out[g.rows] = np.einsum("mii->mi", g.values)
        return out

    def sparse(self) -> sparse.csr_matrix:
        """The matrix in scipy's row format; zeros inside the blocks are kept."""
        index = [np.broadcast_arrays(g.rows[:, :, None], g.rows[:, None, :], g.values) for g in self.groups]
        i, j, x = (np.concatenate([part[a].ravel() for part in index]) for a in range(3))
        return sparse.csr_matrix((x, (i, j)), shape=self.shape)

    def dense(self, rows: Sequence[int] | None = None) -> np.ndarray:
        """The full matrix, or its square part at `rows`."""
        rows = np.arange(self.k) if rows is None else np.asarray(rows)
        return self.sparse()[rows][:, rows].toarray()

    def take(self, rows: Sequence[int]) -> Blocks:
        """The matrix that is left when only `rows` are kept, in their new order."""
        rows = np.asarray(rows)
        return from_sparse(self.sparse()[rows][:, rows], labels=self.labels[rows])

    def merged(self, labels: np.ndarray) -> Blocks:
        """The same matrix in coarser blocks: the rows of one label share a block."""
        if np.array_equal(self.labels, renumber(labels)):
            return self
        return from_sparse(self.sparse(), labels=labels)


def renumber(codes: np.ndarray) -> np.ndarray:
    """Integer codes 0 … n - 1 in order of first appearance."""
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    rank = np.empty(len(first), int)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]


def rows_by_size(labels: np.ndarray) -> list[np.ndarray]:
    """The rows of each cluster as (m, n) arrays, one for each cluster size n, clusters in order of first appearance."""
    labels = renumber(np.asarray(labels))
    order = np.argsort(labels, kind="stable")
    size = np.bincount(labels)
    start = np.cumsum(size) - size
    return [order[start[size == n][:, None] + np.arange(n)] for n in np.unique(size)]


def diagonal_blocks(vi: np.ndarray) -> Blocks:
    """A diagonal matrix as blocks of one.

    >>> diagonal_blocks(np.array([1.0, 2.0])).diagonal().tolist()
    [1.0, 2.0]
    """
    vi = np.asarray(vi, float)
    return Blocks(len(vi), (Group(np.arange(len(vi))[:, None], vi[:, None, None]),))


def blocks_from(labels: np.ndarray, fill: Any) -> Blocks:
    """Blocks by cluster; `fill(rows)` gives the (m, n, n) values for (m, n) rows."""
    return Blocks(len(labels), tuple(Group(rows, fill(rows)) for rows in rows_by_size(labels)))


def constant_correlation(vi: np.ndarray, labels: np.ndarray, rho: float) -> Blocks:
    """Sampling covariance rho sqrt(v_i v_j) within clusters, zero between them.

    >>> constant_correlation(np.array([1.0, 4.0]), np.array([0, 0]), 0.5).dense().tolist()
    [[1.0, 1.0], [1.0, 4.0]]
    """
    vi = np.asarray(vi, float)

    def fill(rows: np.ndarray) -> np.ndarray:
        s = np.sqrt(vi[rows])
        values = rho * s[:, :, None] * s[:, None, :]
        n = rows.shape[1]
        values[:, np.arange(n), np.arange(n)] = vi[rows]
        return values

    return blocks_from(labels, fill)


def from_list(matrices: Iterable[Any]) -> Blocks:
    """Blocks one after the other down the diagonal.

    >>> from_list([np.eye(2), [[3.0]]]).shape
    (3, 3)
    """
    arrays = [np.atleast_2d(np.asarray(m, float)) for m in matrices]
    for j, a in enumerate(arrays):
        if a.ndim != 2 or a.shape[0] != a.shape[1]:
            raise ValueError(f"Block {j + 1} of V has shape {a.shape}: every block must be square.")
    sizes = np.array([len(a) for a in arrays])
    labels = np.repeat(np.arange(len(arrays)), sizes)
    return Blocks(
        len(labels),
        tuple(Group(rows, np.stack([arrays[j] for j in labels[rows[:, 0]]])) for rows in rows_by_size(labels)),
    )


def from_sparse(matrix: sparse.spmatrix, labels: np.ndarray | None = None) -> Blocks:
    """Blocks of a sparse symmetric matrix: the given clusters, or the connected ones."""
    csr = sparse.csr_matrix(matrix)
    if labels is None:
        pattern = csr.copy()
        pattern.eliminate_zeros()
        labels = connected_components(pattern, directed=False)[1]
    groups = rows_by_size(labels)
    coo = csr.tocoo()
    size_of, slot, place = np.empty(len(labels), int), np.empty(len(labels), int), np.empty(len(labels), int)
    for g, rows in enumerate(groups):
        size_of[rows], slot[rows] = g, np.arange(len(rows))[:, None]
        place[rows] = np.arange(rows.shape[1])
    filled = []
    for g, rows in enumerate(groups):
        values = np.zeros((len(rows), rows.shape[1], rows.shape[1]))
        here = (size_of[coo.row] == g) & (size_of[coo.col] == g) & (slot[coo.row] == slot[coo.col])
        np.add.at(values, (slot[coo.row[here]], place[coo.row[here]], place[coo.col[here]]), coo.data[here])
        filled.append(Group(rows, values))
    return Blocks(len(labels), tuple(filled))


def as_blocks(V: Any, k: int) -> Blocks:
    """Any way to write a sampling covariance, as blocks of `k` rows.

    Parameters
    ----------
    V : (k,) variances, one number, a list of square blocks, a (k, k) array or scipy sparse matrix, or Blocks.
    k : the number of effects.

    Returns
    -------
    Blocks
        Symmetric, in the smallest blocks that hold V (a list keeps its own).

    Raises
    ------
    ValueError
        For a wrong size, a matrix that is not symmetric, or negative variances.

    >>> as_blocks([[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 5.0]], 3).labels.tolist()
    [0, 0, 1]
    """
    if isinstance(V, Blocks):
        blocks = V
    elif sparse.issparse(V):
        blocks = from_sparse(_square(V))
    elif isinstance(V, (list, tuple)) and len(V) and any(np.ndim(b) == 2 for b in V):
        blocks = from_list(V)
    else:
        array = np.asarray(V, float)
        if array.ndim == 2 and 1 not in array.shape:
            blocks = from_sparse(sparse.csr_matrix(_square(array)))
        else:
            blocks = diagonal_blocks(np.full(k, array.item()) if array.size == 1 else array.ravel())
    if len(blocks) != k:
        raise ValueError(
            f"V covers {len(blocks)} effects, but there are {k}: it needs one row for each, in the same order."
        )
    _check(blocks)
    return blocks


def _square(matrix: Any) -> Any:
    if matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"V has shape {matrix.shape}: a covariance matrix is square.")
    return matrix


def _check(blocks: Blocks) -> None:
    """Symmetry to rounding and variances that are not negative."""
    for g in blocks.groups:
        gap = np.abs(g.values - g.values.transpose(0, 2, 1))
        scale = np.abs(np.nan_to_num(g.values)).max(initial=0.0)
        if np.nan_to_num(gap).max(initial=0.0) > 1e-8 * scale:
            j, a, b = np.unravel_index(np.nanargmax(gap), gap.shape)
            raise ValueError(
                f"V is not symmetric: rows {g.rows[j, a]} and {g.rows[j, b]} hold two different covariances."
            )
    variances = blocks.diagonal()
    if (variances < 0).any():
        row = int(np.flatnonzero(variances < 0)[0])
        raise ValueError(f"Sampling variances must not be negative: row {row} holds {variances[row]:g}.")
