"""Block-diagonal matrices: every way in gives the same matrix out."""

import numpy as np
import pytest
from metacircuit.stats.multilevel.blocks import Blocks, as_blocks, blocks_from, constant_correlation, rows_by_size
from scipy import sparse


def dense(seed=0):
    """A covariance in blocks whose rows are scattered."""
    random = np.random.default_rng(seed)
    labels = random.permutation(np.repeat(range(6), [1, 1, 2, 2, 3, 4]))
    A = random.normal(size=(13, 13))
    return np.where(labels[:, None] == labels, A @ A.T, 0.0), labels


def test_all_forms_are_one_matrix():
    V, _ = dense()
    for form in (V, V.tolist(), sparse.csr_matrix(V), sparse.coo_matrix(V), as_blocks(V, 13)):
        np.testing.assert_array_equal(as_blocks(form, 13).dense(), V)
    assert sorted(np.bincount(as_blocks(V, 13).labels)) == [1, 1, 2, 2, 3, 4]


def test_lists_lie_down_the_diagonal():
    blocks = as_blocks([np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([[5.0]])], 3)
    assert blocks.dense().tolist() == [[2, 1, 0], [1, 2, 0], [0, 0, 5]]
    assert blocks.labels.tolist() == [0, 0, 1]


def test_variances_alone():
    assert as_blocks([1.0, 2.0], 2).is_diagonal
    assert as_blocks(0.5, 3).diagonal().tolist() == [0.5] * 3
    assert as_blocks(np.diag([1.0, np.nan]), 2).is_diagonal


def test_rows_are_taken_and_merged():
    V, labels = dense(1)
    blocks, rows = as_blocks(V, 13), np.array([7, 2, 2 + 3, 0])
    np.testing.assert_array_equal(blocks.take(rows).dense(), V[np.ix_(rows, rows)])
    coarse = blocks.merged(labels // 3)
    np.testing.assert_array_equal(coarse.dense(), V)
    assert len(coarse.groups[-1].values[0]) > 4


def test_constant_correlation():
    v, labels = np.array([1.0, 4.0, 9.0, 16.0]), np.array([0, 1, 0, 1])
    V = constant_correlation(v, labels, 0.5).dense()
    np.testing.assert_allclose(
        V, np.where(labels[:, None] == labels, 0.5 * np.sqrt(np.outer(v, v)), 0) + np.diag(v / 2)
    )


def test_rows_by_size_cover_all_rows_once():
    labels = np.random.default_rng(0).integers(0, 9, 40)
    groups = rows_by_size(labels)
    assert sorted(np.concatenate([g.ravel() for g in groups])) == list(range(40))
    assert all((labels[g] == labels[g[:, :1]]).all() for g in groups)


def test_memory_grows_with_the_rows():
    k = 200_000
    blocks = blocks_from(np.arange(k) // 4, lambda rows: np.ones((len(rows), 4, 4)))
    assert sum(g.values.size for g in blocks.groups) == 4 * k
    assert isinstance(blocks, Blocks)


@pytest.mark.parametrize(
    ("V", "message"),
    [
        (np.ones((2, 3)), "square"),
        ([np.ones((2, 3))], "Block 1 of V has shape"),
        ([1.0, -1.0, 1.0], "row 1 holds -1"),
        ([1.0, 2.0], "covers 2 effects, but there are 3"),
        ([[1.0, 0.1, 0], [0.2, 1, 0], [0, 0, 1]], "rows 0 and 1"),
    ],
)
def test_mistakes_are_named(V, message):
    with pytest.raises(ValueError, match=message):
        as_blocks(V, 3)
