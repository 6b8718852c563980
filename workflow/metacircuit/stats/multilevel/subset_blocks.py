r"""Likelihood, slope and information of many subsets where V comes in blocks.

The blocks of all subsets are factored together. An effect that is left out keeps its place, as a row of the unit matrix
that touches nothing else: it adds nothing to the determinant, and its column of the inverse is set to zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metacircuit.stats.multilevel.blocks import Group
from metacircuit.stats.multilevel.likelihood import Likelihood
from metacircuit.stats.multilevel.subset_point import Point, point
from metacircuit.stats.multilevel.terms import Term


@dataclass(frozen=True, slots=True)
class _Part:
    """Blocks of one size for B subsets: M^-1 (B, m, n, n), M^-1 X (B, m, n, p), M^-1 y (B, m, n), rows (m, n)."""

    rows: np.ndarray
    shared: list[np.ndarray]
    inverse: np.ndarray
    WX: np.ndarray
    Wy: np.ndarray


def blocks_point(model: Likelihood, s: np.ndarray, keep: np.ndarray) -> Point:
    """Likelihood, slope and information of the subsets `keep` (k, B) at the variances s (B, n_terms).

    The terms of the model are random intercepts, each within the blocks of its engine.
    """
    B, p = keep.shape[1], model.Q.shape[1]
    A, c, fit, logdet = np.zeros((B, p, p)), np.zeros((B, p)), np.zeros(B), np.zeros(B)
    possible, parts = np.ones(B, bool), []
    for group in model.engine.sampling.groups:
        part, size, fine = _part(model, group, s, keep)
        parts.append(part)
        possible &= fine
        logdet += size
        A += np.einsum("mip,bmiq->bpq", model.Q[part.rows], part.WX)
        c += np.einsum("mip,bmi->bp", model.Q[part.rows], part.Wy)
    A[~possible] = np.eye(p)
    inverse = np.linalg.inv(A)
    b = (inverse @ c[:, :, None])[:, :, 0]
    lost = inverse if model.reml else np.zeros_like(inverse)
    n = len(model.terms)
    slope, own, cross = np.zeros((B, n)), np.zeros((B, n, n)), np.zeros((B, p, n))
    for part in parts:
        r = part.Wy - np.einsum("bmip,bp->bmi", part.WX, b)
        fit += np.einsum("mi,bmi->b", model.y[part.rows], r)
        felt = np.stack([np.einsum("mij,bmj->bmi", same, r) for same in part.shared], axis=3)
        own += np.einsum("bmiu,bmiv->buv", felt, part.inverse @ felt)
        cross += np.einsum("bmip,bmiu->bpu", part.WX, felt)
        for u, same in enumerate(part.shared):
            trace = np.einsum("mij,bmij->b", same, part.inverse)
            trace -= np.einsum("bmip,bpq,bmiq->b", part.WX, lost, same @ part.WX, optimize=True)
            slope[:, u] += 0.5 * (np.einsum("bmi,bmi->b", r, felt[..., u]) - trace)
    ll = -0.5 * (logdet + fit + (np.linalg.slogdet(A)[1] if model.reml else 0.0))
    information = 0.5 * (own - np.einsum("bpu,bpq,bqv->buv", cross, inverse, cross))
    return point(possible, ll, slope, information)


def _part(model: Likelihood, group: Group, s: np.ndarray, keep: np.ndarray) -> tuple[_Part, np.ndarray, np.ndarray]:
    """The blocks of one size, their log-determinants (B,), and whether all of a subset's have an inverse (B,)."""
    rows, n = group.rows, group.rows.shape[1]
    shared = [_shared(term, rows) for term in model.terms]
    M = group.values + sum(s[:, u, None, None, None] * same for u, same in enumerate(shared))
    kept = keep[rows].transpose(2, 0, 1)
    both, gone = kept[..., :, None] * kept[..., None, :], (1 - kept)[..., None] * np.eye(n)
    inverse, logdet, fine = _inverse(M * both + gone)
    inverse = inverse * both
    W = inverse @ np.concatenate([model.Q, model.y[:, None]], axis=1)[rows]
    return _Part(rows, shared, inverse, W[..., :-1], W[..., -1]), logdet.sum(axis=1), fine.all(axis=1)


def _shared(term: Term, rows: np.ndarray) -> np.ndarray:
    """(m, n, n) one where two effects share the random effect, else zero."""
    outer = term.outer[rows]
    return (outer[:, :, None] == outer[:, None, :]).astype(float)


def _inverse(M: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inverse, log-determinant and positive definiteness of (B, m, n, n) matrices; what is not definite is left out."""
    fine = np.ones(M.shape[:2], bool)
    try:
        L = np.linalg.cholesky(M)
    except np.linalg.LinAlgError:
        # One matrix stops them all: the eigenvalues say which.
        fine = np.linalg.eigvalsh(M)[..., 0] > np.finfo(float).eps * np.abs(M).max(axis=(2, 3))
        L = np.linalg.cholesky(np.where(fine[..., None, None], M, np.eye(M.shape[2])))
    half = np.linalg.inv(L)
    return half.swapaxes(2, 3) @ half, 2 * np.log(np.einsum("bmii->bmi", L)).sum(axis=2), fine
