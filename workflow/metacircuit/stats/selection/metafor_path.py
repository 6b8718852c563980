"""Where metafor stops: the same search from the same start, ended by the same rule.

R's optim ends a quasi-Newton search when the log-likelihood changes by less than 1.5e-8 of itself. On a flat
likelihood, the rule for selection models, the parameters can then be some percent of their standard error away from the
maximum.
To agree with R output digit for digit this search takes the same path; `fit.maximise` finds the maximum.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from .climb import Limits
from .likelihood import SelectionData
from .steps import step_likelihood

REDUCTION = 0.2
ENOUGH = 1e-4
SAME = 10.0
RELATIVE = np.sqrt(np.finfo(float).eps)
LONGEST = 100
STEP = 1e-3
TAU2_START = 1e-3
ZERO_TAU2 = 10 * np.finfo(float).eps


def metafor_stop(data: SelectionData, box: Limits, beta: np.ndarray, tau2: float) -> np.ndarray | None:
    """theta (p + 1 + m,) of a step function where metafor's default search ends; None if it does not within 100 steps.

    Searched over beta (moderators standardised), log tau2, and logits of delta between its limits.

    Parameters
    ----------
    beta, tau2 : of the ML model without selection, where the search starts.

    Source
    ------
    Nash (1990), Compact Numerical Methods for Computers, algorithm 21; defaults of metafor's `selmodel`.
    """
    p = data.p
    X, back = _standardised(data.X)
    scaled = step_likelihood(replace(data, X=X))
    low, high = box.lower[p + 1 :], box.upper[p + 1 :]
    known, fixed_tau2 = low == high, not box.free[p]

    def parameters(x: np.ndarray) -> np.ndarray:
        """theta of (T, q) points of the search."""
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            total = np.full(len(x), box.lower[p]) if fixed_tau2 else np.exp(x[:, p])
            delta = np.where(known, low, low + (high - low) / (1 + np.exp(-x[:, p + 1 :])))
        return np.column_stack([x[:, :p], np.where(total < ZERO_TAU2, 0.0, total), delta])

    start = data.weight.start
    with np.errstate(divide="ignore", invalid="ignore"):
        logits = np.where(known, low, np.log((start - low) / (high - start)))
    x = np.concatenate([np.linalg.solve(back, beta), [np.log(tau2 + TAU2_START)], logits])
    found = _search(lambda points: -scaled.at(parameters(points), order=0).ll, x)
    if found is None:
        return None
    theta = parameters(found[None])[0]
    return np.concatenate([back @ theta[:p], theta[p:]])


def _standardised(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """X with its moderators standardised (dummies left alone), and the matrix that takes coefficients back."""
    p = X.shape[1]
    sign = X[0, 0]
    if p == 1 or not (X[:, 0] == sign).all():
        return X, np.eye(p)
    back, out = np.eye(p), X.copy()
    for j in range(1, p):
        # An alternative of "less" has turned the signs of all columns; what is standardised are the moderators.
        values = X[:, j] / sign
        if not np.isin(values, (0.0, 1.0)).all():
            mean, sd = values.mean(), values.std(ddof=1)
            out[:, j] = sign * (values - mean) / sd
            back[0, j], back[j, j] = -mean / sd, 1 / sd
    return out, back


# (T, q) points -> (T,) values.
Function = Callable[[np.ndarray], np.ndarray]


def _search(function: Function, x: np.ndarray) -> np.ndarray | None:
    """Variable-metric minimisation with backtracking and central differences.

    `reset` is the gradient count at which the metric was last the identity; the search ends when it can neither move
    nor start afresh.
    """
    n, best = x.size, float(function(x[None])[0])
    if not np.isfinite(best):
        return None
    slope, steps, reset = _gradient(function, x), 1, 1
    while True:
        if reset == steps:
            B = np.eye(n)
        origin, before = x, slope
        direction = -B @ slope
        descent = float(direction @ slope)
        still = 0
        if descent < 0:
            x, value, length, still = _backtrack(function, origin, direction, best, descent)
            if not abs(value - best) > RELATIVE * (abs(best) + RELATIVE):
                still, best = n, value
            if still < n:
                best, slope = value, _gradient(function, x)
                steps += 1
                updated = _updated(B, length * direction, slope - before)
                B, reset = (B, steps) if updated is None else (updated, reset)
            elif reset < steps:
                still, reset = 0, steps
        elif reset == steps:
            still = n
        else:
            reset = steps
        if steps >= LONGEST:
            return None
        if steps - reset > 2 * n:
            reset = steps
        if still == n and reset == steps:
            return x


def _updated(B: np.ndarray, move: np.ndarray, change: np.ndarray) -> np.ndarray | None:
    """The inverse Hessian after a move changed the gradient; None where the curvature is not positive."""
    gain = float(move @ change)
    if gain <= 0:
        return None
    turned = B @ change
    share = 1 + float(turned @ change) / gain
    return B + (share * np.outer(move, move) - np.outer(move, turned) - np.outer(turned, move)) / gain


def _backtrack(
    function: Function, origin: np.ndarray, direction: np.ndarray, best: float, descent: float
) -> tuple[np.ndarray, float, float, int]:
    """Shorter and shorter steps until one is good enough or none is left; how many coordinates no longer moved."""
    length, value = 1.0, best
    while True:
        x = origin + length * direction
        still = int((SAME + origin == SAME + x).sum())
        if still == x.size:
            return x, value, length, still
        value = float(function(x[None])[0])
        if np.isfinite(value) and value <= best + descent * length * ENOUGH:
            return x, value, length, still
        length *= REDUCTION


def _gradient(function: Function, x: np.ndarray) -> np.ndarray:
    steps = STEP * np.eye(x.size)
    return (function(x + steps) - function(x - steps)) / (2 * STEP)
