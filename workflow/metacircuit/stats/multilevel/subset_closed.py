r"""Likelihood, slope and information of many subsets where each study is a diagonal plus rank two.

The algebra is that of `compound`; a subset is a column of zeros and ones, an effect that is left out has weight zero,
and a study that is left with one effect has nothing to correlate with.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from metacircuit.stats.multilevel.likelihood import Likelihood
from metacircuit.stats.multilevel.subset_point import Point, point


def closed_point(model: Likelihood, s: np.ndarray, m: np.ndarray) -> Point:
    """Likelihood, slope and information of the subsets m (k, B) at the variances s (B, n_terms)."""
    engine, W = model.engine, model.engine.within
    labels = W.tocsc().indices
    cluster, row = engine.of_cluster, engine.of_row
    B = m.shape[1]
    study = np.zeros(B) if cluster is None else s[:, cluster]
    effect = np.zeros(B) if row is None else s[:, row]
    v = engine.sampling.vi[:, None]
    rho = np.where(W @ m > 1, engine.sampling.rho, 0.0)
    d = np.where(m > 0, (1 - rho[labels]) * v + effect, 1.0)
    with np.errstate(all="ignore"):
        w = m / d
        c = W @ w
        mean = np.where(c > 0, (W @ (np.sqrt(v) * w)) / np.where(c > 0, c, 1.0), 0.0)
        t = np.sqrt(v) - mean[labels]
        tau = W @ (t**2 * w)
        delta = (1 + rho * tau) * (1 + study * c) + rho * mean**2 * c
        k11, k12 = rho * (1 + study * c) / delta, rho * mean / delta
        k22 = (rho * mean**2 + study * (1 + rho * tau)) / delta

        def solve(R: np.ndarray) -> np.ndarray:
            """M^-1 R for R (k, B, m), zero for the effects left out."""
            D = w[:, :, None] * R
            p, q = _sums(W, t[:, :, None] * D), _sums(W, D)
            back = t[:, :, None] * (k11[:, :, None] * p + k12[:, :, None] * q)[labels]
            return D - w[:, :, None] * (back + (k12[:, :, None] * p + k22[:, :, None] * q)[labels])

        X = np.broadcast_to(model.Q[:, None, :], (*m.shape, model.Q.shape[1]))
        both = solve(np.concatenate([X, np.broadcast_to(model.y[:, None, None], (*m.shape, 1))], axis=2))
        WX, Wy = both[:, :, :-1], both[:, :, -1]
        possible = ((d > 0) | (m == 0)).all(axis=0) & (delta > 0).all(axis=0) & np.isfinite(both).all(axis=(0, 2))
        A = np.where(possible[:, None, None], np.einsum("kp,kbq->bpq", model.Q, WX), np.eye(X.shape[2]))
        inverse = np.linalg.inv(A)
        b = (inverse @ (model.Q.T @ Wy).T[:, :, None])[:, :, 0]
        r = Wy - np.einsum("kbp,bp->kb", WX, b)
        logdet = (m * np.log(d)).sum(axis=0) + np.log(delta).sum(axis=0)
        ll = -0.5 * (logdet + model.y @ r + (np.linalg.slogdet(A)[1] if model.reml else 0.0))
        felt, slopes = [], np.zeros((B, len(model.terms)))
        lost = inverse if model.reml else np.zeros_like(inverse)
        if cluster is not None:
            own, U = W @ r, _sums(W, WX)
            trace = (c * (1 + rho * tau) / delta).sum(axis=0) - np.einsum("jbp,bpq,jbq->b", U, lost, U)
            slopes[:, cluster] = 0.5 * ((own**2).sum(axis=0) - trace)
            felt.append((cluster, own[labels] * m))
        if row is not None:
            diagonal = w - (k11[labels] * t**2 + 2 * k12[labels] * t + k22[labels]) * w**2
            trace = diagonal.sum(axis=0) - np.einsum("kbp,bpq,kbq->b", WX, lost, WX)
            slopes[:, row] = 0.5 * ((r**2).sum(axis=0) - trace)
            felt.append((row, r))
    F = np.stack([f for _, f in sorted(felt, key=lambda part: part[0])], axis=2)
    PF = solve(F) - np.einsum("kbp,bpq,bqu->kbu", WX, inverse, np.einsum("kbq,kbu->bqu", WX, F))
    information = 0.5 * np.einsum("kbu,kbv->buv", F, PF)
    return point(possible, ll, slopes, information)


def _sums(W: sparse.csr_matrix, R: np.ndarray) -> np.ndarray:
    """Sums (J, B, m) within studies of R (k, B, m)."""
    return (W @ R.reshape(len(R), -1)).reshape(-1, *R.shape[1:])
