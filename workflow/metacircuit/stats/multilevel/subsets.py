r"""The three-level and the CHE model fitted to many subsets of the same effects at once.

What `compound` does for one set of effects is done here for B subsets in one sweep: a subset is a column of zeros and
ones, an effect that is left out has weight zero, and a study that is left with one effect has nothing to correlate
with. The variances of all subsets climb together, by the average information

.. math:: s \leftarrow s + J^{-1} \nabla\ell, \quad J_{uv} = \tfrac12\, r' \dot M_u P \dot M_v r, \quad r = Py

with steps cut where the likelihood falls, and a variance at zero held there while its slope is negative. Source:
Gilmour, Thompson and Cullis (1995), Biometrics 51:1440, eq. 7.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from metacircuit.stats.multilevel.compound import CompoundEngine
from metacircuit.stats.multilevel.likelihood import Likelihood

MAX_STEPS = 100
# The predicted gain in log-likelihood of one more step that counts as none, and the one that is too small to be seen
# in the log-likelihood itself: from there on the slope alone is trusted.
GAIN = 1e-17
UNSEEN = 1e-9
# Numbers (k x B) that one sweep handles at a time; larger sweeps fall out of the processor's cache.
CHUNK = 100_000


@dataclass(frozen=True, slots=True)
class _Point:
    """The log-likelihood (B,) of some subsets up to a constant, its slope (B, 2) and average information (B, 2, 2)."""

    ll: np.ndarray
    slope: np.ndarray
    information: np.ndarray


def subset_variances(model: Likelihood, start: np.ndarray, keep: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Variances of a model with the closed-form engine, fitted to each of many subsets of its effects.

    Parameters
    ----------
    model : the likelihood of all effects; its terms are at most one intercept by study and one by effect.
    start : (n_terms,) variances to start from, those of all effects.
    keep : (B, k) booleans, False for effects to leave out. Each subset must determine the coefficients.

    Returns
    -------
    variances : (B, n_terms), in the order of the model's terms; NaN where the climb did not end.
    steps : (B,) how many steps were taken.

    Raises
    ------
    TypeError
        For a model without the closed form.
    """
    if not isinstance(model.engine, CompoundEngine):
        raise TypeError("Only models with at most one intercept by study and one by effect have the closed form.")
    if not model.terms:
        return np.empty((len(keep), 0)), np.zeros(len(keep), int)
    size = max(1, CHUNK // keep.shape[1])
    parts = [_climb(model, start, keep[i : i + size].T.astype(float)) for i in range(0, len(keep), size)]
    return np.concatenate([s for s, _ in parts]), np.concatenate([n for _, n in parts])


def _climb(model: Likelihood, start: np.ndarray, keep: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All subsets of one sweep to their maxima."""
    B, n = keep.shape[1], len(model.terms)
    order = [i for i in (model.engine.of_cluster, model.engine.of_row) if i is not None]
    s, steps, done = np.tile(np.maximum(start, 0.0), (B, 1)), np.zeros(B, int), np.zeros(B, bool)
    live = np.arange(B)
    at = _point(model, s, keep)
    for step in range(MAX_STEPS):
        held = (s[live] <= 0) & (at.slope <= 0)
        slope = np.where(held, 0.0, at.slope)
        free = ~held[:, :, None] & ~held[:, None, :]
        move = (np.linalg.pinv(np.where(free, at.information, 0.0), rcond=1e-12, hermitian=True) @ slope[:, :, None])[
            :, :, 0
        ]
        gain = 0.5 * (move * slope).sum(axis=1)
        finished = ~(gain > GAIN * np.maximum(1.0, np.abs(at.ll)))
        done[live[finished & np.isfinite(at.ll)]] = True
        steps[live] = step
        going = np.flatnonzero(~finished)
        if not len(going):
            break
        live, at, move, gain = live[going], _some(at, going), move[going], gain[going]
        s[live], at = _accepted(model, s[live], move, gain, at, keep[:, live])
    variances = np.zeros((B, n))
    variances[:, order] = s[:, order]
    return np.where(done[:, None], variances, np.nan), steps


def _accepted(
    model: Likelihood, s: np.ndarray, move: np.ndarray, gain: np.ndarray, at: _Point, keep: np.ndarray
) -> tuple[np.ndarray, _Point]:
    """The step, shortened for the subsets whose likelihood falls."""
    length = np.ones(len(s))
    seen = gain > UNSEEN * np.maximum(1.0, np.abs(at.ll))
    while True:
        new = np.maximum(s + length[:, None] * move, 0.0)
        there = _point(model, new, keep)
        worse = ~(there.ll >= at.ll) & (seen | ~np.isfinite(there.ll)) & (length > 1e-6)
        if not worse.any():
            return new, there
        length[worse] /= 4


def _some(at: _Point, which: np.ndarray) -> _Point:
    return _Point(at.ll[which], at.slope[which], at.information[which])


def _point(model: Likelihood, s: np.ndarray, m: np.ndarray) -> _Point:
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
    bad = ~possible | ~np.isfinite(ll)
    return _Point(
        np.where(bad, -np.inf, ll),
        np.where(bad[:, None], 0.0, slopes),
        np.where(bad[:, None, None], 0.0, (information + information.transpose(0, 2, 1)) / 2),
    )


def _sums(W: sparse.csr_matrix, R: np.ndarray) -> np.ndarray:
    """Sums (J, B, m) within studies of R (k, B, m)."""
    return (W @ R.reshape(len(R), -1)).reshape(-1, *R.shape[1:])
