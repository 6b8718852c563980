r"""Models with random intercepts fitted to many subsets of the same effects at once.

The three-level and the CHE model have a closed form (`subset_closed`); a V that was given is factored block by block
(`subset_blocks`). The variances of all subsets climb together, by the average information

.. math:: s \leftarrow s + J^{-1} \nabla\ell, \quad J_{uv} = \tfrac12\, r' \dot M_u P \dot M_v r, \quad r = Py

with steps cut where the likelihood falls, and a variance at zero held there while its slope is negative. Source:
Gilmour, Thompson and Cullis (1995), Biometrics 51:1440, eq. 7.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from metacircuit.stats.multilevel.compound import CompoundEngine
from metacircuit.stats.multilevel.dense import DenseEngine
from metacircuit.stats.multilevel.likelihood import Likelihood
from metacircuit.stats.multilevel.subset_blocks import blocks_point
from metacircuit.stats.multilevel.subset_closed import closed_point
from metacircuit.stats.multilevel.subset_point import Point

MAX_STEPS = 100
# The predicted gain in log-likelihood of one more step that counts as none, and the one that is too small to be seen
# in the log-likelihood itself: from there on the slope alone is trusted.
GAIN = 1e-17
UNSEEN = 1e-9
# Numbers (of one subset, times B) that one sweep handles at a time; larger sweeps fall out of the processor's cache.
CHUNK = 100_000


def has_sweep(model: Likelihood) -> bool:
    """Whether `subset_variances` can fit the model: random intercepts, and a covariance of the effects in blocks."""
    return isinstance(model.engine, (CompoundEngine, DenseEngine)) and all(term.is_intercept for term in model.terms)


def subset_variances(model: Likelihood, start: np.ndarray, keep: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Variances of a model with random intercepts, fitted to each of many subsets of its effects.

    Parameters
    ----------
    model : the likelihood of all effects, one that `has_sweep`.
    start : (n_terms,) variances to start from, those of all effects.
    keep : (B, k) booleans, False for effects to leave out. Each subset must determine the coefficients.

    Returns
    -------
    variances : (B, n_terms), in the order of the model's terms; NaN where the climb did not end.
    steps : (B,) how many steps were taken.

    Raises
    ------
    TypeError
        For another model.
    """
    if not has_sweep(model):
        raise TypeError("Many subsets at once need random intercepts, and a covariance of the effects in blocks.")
    if not model.terms:
        return np.empty((len(keep), 0)), np.zeros(len(keep), int)
    size = max(1, CHUNK // _numbers(model))
    parts = [_climb(model, start, keep[i : i + size].T.astype(float)) for i in range(0, len(keep), size)]
    return np.concatenate([s for s, _ in parts]), np.concatenate([n for _, n in parts])


def _numbers(model: Likelihood) -> int:
    """How many numbers one subset takes."""
    if isinstance(model.engine, CompoundEngine):
        return len(model.y)
    return sum(group.values.size for group in model.engine.sampling.groups)


def _climb(model: Likelihood, start: np.ndarray, keep: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All subsets of one sweep to their maxima."""
    B = keep.shape[1]
    point = partial(closed_point if isinstance(model.engine, CompoundEngine) else blocks_point, model)
    s, steps, done = np.tile(np.maximum(start, 0.0), (B, 1)), np.zeros(B, int), np.zeros(B, bool)
    live = np.arange(B)
    at = point(s, keep)
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
        live, at, move, gain = live[going], at.some(going), move[going], gain[going]
        s[live], at = _accepted(point, s[live], move, gain, at, keep[:, live])
    return np.where(done[:, None], s, np.nan), steps


def _accepted(
    point: Callable[[np.ndarray, np.ndarray], Point],
    s: np.ndarray,
    move: np.ndarray,
    gain: np.ndarray,
    at: Point,
    keep: np.ndarray,
) -> tuple[np.ndarray, Point]:
    """The step, shortened for the subsets whose likelihood falls."""
    length = np.ones(len(s))
    seen = gain > UNSEEN * np.maximum(1.0, np.abs(at.ll))
    while True:
        new = np.maximum(s + length[:, None] * move, 0.0)
        there = point(new, keep)
        worse = ~(there.ll >= at.ll) & (seen | ~np.isfinite(there.ll)) & (length > 1e-6)
        if not worse.any():
            return new, there
        length[worse] /= 4
