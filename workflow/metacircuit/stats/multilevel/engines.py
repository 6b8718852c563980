"""Which algebra fits a model: closed form, dense blocks, or blocks with crossed factors on top."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from metacircuit.stats.multilevel.blocks import Blocks, blocks_from, diagonal_blocks, renumber
from metacircuit.stats.multilevel.compound import CompoundEngine, CompoundSampling, compound_engine
from metacircuit.stats.multilevel.crossed import CrossedEngine
from metacircuit.stats.multilevel.dense import DenseEngine
from metacircuit.stats.multilevel.terms import Term

Sampling = CompoundSampling | Blocks
Engine = CompoundEngine | DenseEngine | CrossedEngine

# Dense blocks are the fastest way while they hold fewer numbers than this for each effect; beyond, memory would not
# be linear.
NUMBERS_PER_EFFECT = 200
# A Woodbury matrix with more rows than this takes more memory than a laptop has.
CROSSED_LEVELS = 20_000


def choose_engine(sampling: Sampling, terms: list[Term]) -> Engine:
    """The cheapest exact algebra for M = V + sum of Z G Z'.

    Raises
    ------
    ValueError
        If crossed factors have so many levels that no exact algebra fits in memory.
    """
    found = _base(sampling, terms)
    if found is not None:
        return found
    fine_first = sorted(range(len(terms)), key=lambda i: (terms[i].is_intercept, -terms[i].n_outer))
    nested: list[int] = []
    for i in fine_first:
        trial = sorted([*nested, i])
        if not terms[i].is_intercept or _base(sampling, [terms[j] for j in trial]) is not None:
            nested = trial
    base = _base(sampling, [terms[j] for j in nested]) or _dense(sampling, [terms[j] for j in nested])
    crossed = tuple(i for i in range(len(terms)) if i not in nested)
    if not crossed:
        return base
    levels = sum(terms[i].n_outer for i in crossed)
    if levels > CROSSED_LEVELS:
        names = ", ".join(repr(terms[i].name) for i in crossed)
        raise ValueError(
            f"The crossed factors {names} have {levels} levels together; at most {CROSSED_LEVELS} fit in memory. "
            f"Leave one out, "
            "or combine levels."
        )
    Z = sparse.hstack([terms[i].indicator() for i in crossed]).tocsr()
    return CrossedEngine(base, tuple(terms), tuple(nested), crossed, Z)


def _base(sampling: Sampling, terms: list[Term]) -> CompoundEngine | DenseEngine | None:
    """Closed form if it is one, else dense blocks if they are small."""
    if isinstance(sampling, CompoundSampling):
        closed = compound_engine(sampling, terms)
        if closed is not None:
            return closed
    size = np.bincount(linked(sampling, terms)).astype(float)
    return _dense(sampling, terms) if (size**2).sum() <= NUMBERS_PER_EFFECT * size.sum() else None


def linked(sampling: Sampling, terms: list[Term]) -> np.ndarray:
    """(k,) labels of the smallest clusters that no covariance crosses."""
    labels = sampling.labels
    if isinstance(sampling, CompoundSampling) and sampling.rho == 0:
        labels = np.arange(len(labels))
    k = len(labels)
    factors = (labels, *(t.outer for t in terms))
    coarsest = min(factors, key=lambda f: int(f.max()))
    if all(_nested(f, coarsest) for f in factors):
        return renumber(coarsest)
    Z = sparse.hstack([sparse.csr_matrix((np.ones(k), (np.arange(k), f)), shape=(k, f.max() + 1)) for f in factors])
    graph = sparse.bmat([[None, Z], [Z.T, None]])
    return connected_components(graph, directed=False)[1][:k]


def _nested(fine: np.ndarray, coarse: np.ndarray) -> bool:
    """Whether each level of one factor lies in one level of the other."""
    owner = np.zeros(int(fine.max()) + 1, int)
    owner[fine] = coarse
    return bool((owner[fine] == coarse).all())


def _dense(sampling: Sampling, terms: list[Term]) -> DenseEngine:
    return DenseEngine(sampling_blocks(sampling, linked(sampling, terms)), tuple(terms))


def sampling_blocks(sampling: Sampling, labels: np.ndarray) -> Blocks:
    """The sampling covariance in blocks by `labels`."""
    if isinstance(sampling, Blocks):
        return sampling.merged(labels)
    return blocks_from(labels, sampling.values)


def as_sampling(blocks: Blocks) -> Sampling:
    """Independent sampling errors need no blocks."""
    if blocks.is_diagonal:
        return CompoundSampling(blocks.diagonal(), np.arange(len(blocks)), 0.0)
    return blocks


def fixed_effects_engine(sampling: Sampling) -> Engine:
    """Algebra for V alone."""
    if isinstance(sampling, Blocks):
        return DenseEngine(sampling, ())
    return choose_engine(sampling, [])


__all__ = [
    "Engine",
    "Sampling",
    "as_sampling",
    "choose_engine",
    "diagonal_blocks",
    "fixed_effects_engine",
    "linked",
    "sampling_blocks",
]
