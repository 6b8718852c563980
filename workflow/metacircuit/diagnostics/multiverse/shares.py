r"""Which choice moves the estimate most: a functional analysis of variance of the specifications."""

from __future__ import annotations

from itertools import combinations
from math import factorial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metacircuit.diagnostics.multiverse.choices import Choice

    Array = NDArray[np.float64]
    Codes = NDArray[np.intp]

INTERACTIONS = "interactions"
# Below this share of the square of the largest estimate, a variance is the rounding of equal numbers ...
EQUAL = 1e-20
# ... and below this share of the variance, so is the part of a choice.
ROUNDING = 1e-16
# A direction of the dummies with less than this share of their largest eigenvalue is spanned by the others.
COLLINEAR = 1e-10


def variance_shares(choices: Sequence[Choice], codes: Codes, estimate: Array) -> pd.DataFrame:
    r"""Share out the variance of the estimates between the choices.

    .. math:: S_i = \frac{\mathrm{Var}\,E(Y \mid x_i)}{\mathrm{Var}\,Y}, \quad
              T_i = \frac{E\,\mathrm{Var}(Y \mid x_{-i})}{\mathrm{Var}\,Y}, \quad
              1 = \sum_i S_i + S_{\text{interactions}}

    All specifications have equal weight. Where every combination has an estimate the main effects are orthogonal and
    S is their sum of squares. Where some have none, S is what the choice adds to the R² of the main effects, averaged
    over all orders in which they can be added, which is the same in the complete case.

    Parameters
    ----------
    choices : sequence of Choice
        c choices.
    codes : (S, c) int
        The value of each choice in each specification, by position.
    estimate : (S,) array
        NaN where there is none.

    Returns
    -------
    DataFrame
        A row a choice, and one for the interactions: choice, values, main, share (S), total (T: the main effect and
        all interactions with it), moves and moves_most (the difference between the highest and the lowest estimate
        when only this choice changes: its mean and its largest value), note. Shares are NaN without two estimates,
        and 0 throughout if all estimates are equal.

    Notes
    -----
    Sources: Sobol (2001), Mathematics and Computers in Simulation 55, 271–280, eqs. 8 to 10; for incomplete
    combinations Lindeman, Merenda and Gold (1980), as in Grömping (2007), The American Statistician 61, 139–147,
    eq. 5.

    Examples
    --------
    >>> from metacircuit.diagnostics.multiverse.choices import Choice
    >>> choices = [Choice("a", ("x", "y"), "x"), Choice("b", ("x", "y"), "x")]
    >>> codes = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> variance_shares(choices, codes, np.array([0.0, 1.0, 3.0, 4.0]))["share"].round(2).tolist()
    [0.9, 0.1, 0.0]
    """
    known = np.isfinite(estimate)
    x, y = codes[known], estimate[known]
    first, total = _shares(x, y)
    alone = [_moves(x, y, i) for i in range(len(choices))]
    rows = [
        {
            "choice": c.name,
            "values": " | ".join(_shown(value) for value in c.options),
            "main": _shown(c.main),
            "share": first[i],
            "total": total[i],
            "moves": alone[i][0],
            "moves_most": alone[i][1],
            "note": c.note or _lost(c, x[:, i]),
        }
        for i, c in enumerate(choices)
    ]
    # Equal estimates have no variance to share, and no interactions either.
    rest = np.maximum(0.0, 1 - first.sum()) if first.any() or total.any() else 0.0
    return pd.DataFrame([*rows, {"choice": INTERACTIONS, "values": "", "main": "", "share": rest, "note": ""}])


def _shares(x: Codes, y: Array) -> tuple[Array, Array]:
    """First-order and total shares of each choice."""
    nothing = np.zeros(x.shape[1])
    if len(y) < 2:
        return nothing + np.nan, nothing + np.nan
    centred = y - y.mean()
    variance = float(centred @ centred)
    if variance <= EQUAL * len(y) * float(np.abs(y).max()) ** 2:
        return nothing, nothing
    compared = [i for i in range(x.shape[1]) if len(np.unique(x[:, i])) > 1]
    complete = len(y) == np.prod([len(np.unique(column)) for column in x.T])
    main = _between if complete else _averaged
    first, total = nothing.copy(), nothing.copy()
    first[compared] = main(x[:, compared], centred) / variance
    total[compared] = [_within(x, y, i) / variance for i in compared]
    return _between_0_and_1(first), _between_0_and_1(total)


def _between_0_and_1(share: Array) -> Array:
    """Shares without their rounding errors at the ends."""
    return np.where(share > ROUNDING, np.minimum(share, 1.0), 0.0)


def _between(x: Codes, y: Array) -> Array:
    """Sum of squares between the values of each choice, for centred estimates of a complete design."""
    sums = [(np.bincount(column, weights=y), np.bincount(column)) for column in x.T]
    return np.array([(total**2 / np.maximum(count, 1)).sum() for total, count in sums])


def _averaged(x: Codes, y: Array) -> Array:
    """What each choice adds to the explained sum of squares, averaged over the orders of adding (Shapley values)."""
    m = x.shape[1]
    dummies = [(column[:, None] == np.unique(column)[1:]).astype(float) for column in x.T]
    D = np.hstack(dummies)
    D -= D.mean(axis=0)
    owner = np.repeat(np.arange(m), [d.shape[1] for d in dummies])
    gram, score = D.T @ D, D.T @ y
    explained = {
        chosen: _explained(gram, score, np.isin(owner, chosen))
        for size in range(m + 1)
        for chosen in combinations(range(m), size)
    }
    added = np.zeros(m)
    for chosen, value in explained.items():
        weight = factorial(len(chosen)) * factorial(m - len(chosen) - 1) / factorial(m) if len(chosen) < m else 0.0
        for i in set(range(m)) - set(chosen):
            added[i] += weight * (explained[tuple(sorted((*chosen, i)))] - value)
    return np.maximum(added, 0.0)


def _explained(gram: Array, score: Array, chosen: NDArray[np.bool_]) -> float:
    """Sum of squares that some of the dummies explain."""
    if not chosen.any():
        return 0.0
    values, vectors = np.linalg.eigh(gram[np.ix_(chosen, chosen)])
    kept = values > COLLINEAR * values[-1]
    turned = vectors[:, kept].T @ score[chosen]
    return float((turned**2 / values[kept]).sum())


def _groups(x: Codes, i: int) -> Codes:
    """Number the specifications that differ in nothing but choice i alike."""
    others = np.delete(x, i, axis=1)
    if not others.shape[1]:
        return np.zeros(len(x), dtype=np.intp)
    flat = np.ravel_multi_index(tuple(others.T), tuple(others.max(axis=0) + 1))
    return np.unique(flat, return_inverse=True)[1].reshape(-1)


def _within(x: Codes, y: Array, i: int) -> float:
    """Sum of squares that is left when all choices but one are fixed."""
    group = _groups(x, i)
    mean = np.bincount(group, weights=y) / np.bincount(group)
    return float(((y - mean[group]) ** 2).sum())


def _moves(x: Codes, y: Array, i: int) -> tuple[float, float]:
    """Mean and largest range of the estimates when only choice i changes; NaN where it never does alone."""
    if not len(y):
        return np.nan, np.nan
    group = _groups(x, i)
    high, low = np.full(group.max() + 1, -np.inf), np.full(group.max() + 1, np.inf)
    np.maximum.at(high, group, y)
    np.minimum.at(low, group, y)
    reach = (high - low)[np.bincount(group) > 1]
    return (float(reach.mean()), float(reach.max())) if len(reach) else (np.nan, np.nan)


def _lost(choice: Choice, codes: Codes) -> str:
    """Which values have no estimate in any specification."""
    lost = [_shown(v) for j, v in enumerate(choice.options) if j not in codes]
    return f"no estimate with {', '.join(lost)}" if lost and len(choice.options) > 1 else ""


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
