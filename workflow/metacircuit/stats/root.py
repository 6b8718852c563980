"""Many one-dimensional roots at once: Newton steps inside brackets that only shrink."""

from collections.abc import Callable

import numpy as np

from .linear import Sample, project

TOLERANCE = 1e-13
MAX_ITERATIONS = 200

# (which rows, their arguments) -> (values, derivatives)
Function = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def decreasing_roots(
    function: Function, lower: np.ndarray, upper: np.ndarray, start: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where B functions cross zero from above, each between its lower >= 0 and upper bound.

    A Newton step is taken when it stays inside the bracket; otherwise the bracket is halved (geometrically when it
    spans orders of magnitude), so every row converges.

    Parameters
    ----------
    function : called with the indices of the rows still open and their arguments; returns values and derivatives.
    lower, upper, start : (B,) with the function positive at lower and not positive at upper.

    Returns
    -------
    roots (B,), iterations (B,), converged (B,).
    """
    lower, upper, x = lower.copy(), upper.copy(), start.copy()
    iterations = np.zeros(x.size, int)
    converged = np.zeros(x.size, bool)
    rows = np.arange(x.size)
    for _ in range(MAX_ITERATIONS):
        if rows.size == 0:
            break
        at = x[rows]
        value, slope = function(rows, at)
        low = np.where(value > 0, at, lower[rows])
        high = np.where(value > 0, upper[rows], at)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = -value / slope
            new = at + step
            wide = (low > 0) & (high > 16 * low)
            middle = np.where(wide, np.sqrt(low * high), 0.5 * (low + high))
        inside = (slope < 0) & (new > low) & (new < high)
        settled = (slope < 0) & (np.abs(step) <= TOLERANCE * at)
        new = np.where(inside, new, np.where(settled, at, middle))
        done = settled | (value == 0) | (np.abs(new - at) <= TOLERANCE * np.abs(new)) | (high - low <= TOLERANCE * high)
        x[rows], lower[rows], upper[rows] = np.where(value == 0, at, new), low, high
        iterations[rows] += 1
        converged[rows[done]] = True
        rows = rows[~done]
    return x, iterations, converged


def solve_q(data: Sample, target: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The tau2 >= 0 at which the generalised Q statistic equals `target` (B,); 0 where Q(0) is below it.

    Returns
    -------
    tau2, iterations, converged, each (B,).

    Source
    ------
    DerSimonian & Kacker (2007) Contemp Clin Trials 28, 105-114 (Newton's method for Q; here on 1 - target / Q).
    """
    target = np.broadcast_to(np.asarray(target, float), data.k.shape)
    tau2, iterations = np.zeros(target.size), np.zeros(target.size, int)
    converged = np.ones(target.size, bool)
    rows = np.flatnonzero(data.project().rss > target)
    if rows.size:
        above, goal = data.rows(rows), target[rows]
        # Q(t) <= (unweighted residual sum of squares) / t, so the root lies below this bound.
        upper = 1.001 * project(above.Y, above.present.astype(float), above.X).rss / goal
        zero = np.zeros(rows.size)

        def excess(which: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            # 1 - target / Q is nearly linear in t where Q itself is a hyperbola.
            P = above.rows(which).project(t)
            ratio = goal[which] / P.rss
            return 1 - ratio, -ratio * P.ypp_y / P.rss

        tau2[rows], iterations[rows], converged[rows] = decreasing_roots(excess, zero, upper, zero)
    return tau2, iterations, converged
