"""Block-diagonal matrices: every way in gives the same matrix out."""

import numpy as np
import pytest
from metacircuit.stats.multilevel.blocks import (
    Blocks,
    as_blocks,
    blocks_from,
    constant_correlation,
    renumber,
    rows_by_size,
)
from metacircuit.stats.multilevel.compound import CompoundSampling
from metacircuit.stats.multilevel.engines import linked
from metacircuit.stats.multilevel.terms import intercept
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


def test_linked_effects_are_found_nested_or_crossed():
    random = np.random.default_rng(5)
    for factors in range(1, 4):
        outer = [random.integers(0, 12, 30) for _ in range(factors)]
        nested = [np.unique(np.column_stack(outer[:i]), axis=0, return_inverse=True)[1].ravel() for i in range(2, 4)]
        for chosen in (outer, [outer[0], *nested[: factors - 1]]):
            terms = [intercept(str(i), renumber(f)) for i, f in enumerate(chosen[1:])]
            got = linked(CompoundSampling(np.ones(30), renumber(chosen[0]), 0.5), terms)
            assert got.tolist() == renumber(got).tolist()
            np.testing.assert_array_equal(got[:, None] == got, reachable(chosen))


def reachable(factors):
    """(k, k) which effects are linked by a chain of shared levels."""
    linked_by = sum((f[:, None] == f).astype(int) for f in factors)
    return np.linalg.matrix_power(linked_by.astype(float), len(linked_by)) > 0
