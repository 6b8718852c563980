"""The simplex search and the second differences that R's `optim` is known by, with its constants.

SciPy's simplex search accepts and stops by other rules, so it stops at other digits.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .core import Array

Objective = Callable[[Array], float]

_RELATIVE_STOP = 1e-8
_EVALUATIONS = 500
_FIRST_STEP = 0.1
_DIFFERENCE = 1e-3
# Stands for a value that is not finite, so that such a corner is always the worst.
_WORST = 1e35


def nelder_mead(objective: Objective, start: Array) -> Array:
    """Minimize by the simplex of Nelder and Mead: reflect (1), expand (2), contract (½), shrink (½).

    Parameters
    ----------
    objective : function of a point, shape (p,). start : first corner, shape (p,).

    Returns
    -------
    The best corner, shape (p,), when all corners agree to 1e-8 of the first value, or after 500 evaluations.

    Source
    ------
    Nelder & Mead (1965), Comput. J. 7, 308-313; Nash (1990), Compact Numerical Methods, algorithm 19.

    Example
    -------
    >>> nelder_mead(lambda x: float(((x - 1.0) ** 2).sum()), np.array([3.0, -2.0])).round(3)
    array([1., 1.])
    """
    size = len(start)
    step = _FIRST_STEP * np.abs(start).max() or _FIRST_STEP
    simplex = np.vstack([start, start + step * np.eye(size)])
    values = np.array([_finite(objective(corner)) for corner in simplex])
    tolerance = _RELATIVE_STOP * (abs(values[0]) + _RELATIVE_STOP)
    used = size + 1
    while used <= _EVALUATIONS:
        best, worst = int(values.argmin()), int(values.argmax())
        if values[worst] <= values[best] + tolerance:
            break
        middle = (simplex.sum(axis=0) - simplex[worst]) / size
        reflected = 2 * middle - simplex[worst]
        at_reflected = _finite(objective(reflected))
        used += 1
        if at_reflected < values[best]:
            expanded = 2 * reflected - middle
            at_expanded = _finite(objective(expanded))
            used += 1
            further = at_expanded < at_reflected
            simplex[worst] = expanded if further else reflected
            values[worst] = at_expanded if further else at_reflected
            continue
        improved = at_reflected < values[worst]
        if improved:
            simplex[worst], values[worst] = reflected, at_reflected
        contracted = (simplex[worst] + middle) / 2
        at_contracted = _finite(objective(contracted))
        used += 1
        if at_contracted < values[worst]:
            simplex[worst], values[worst] = contracted, at_contracted
        elif not improved:
            simplex = (simplex + simplex[best]) / 2
            values = np.array([_finite(objective(corner)) for corner in simplex])
            used += size
    return simplex[values.argmin()]


def hessian(function: Objective, point: Array) -> Array:
    """Second derivatives by central differences of central differences, steps of 0.001, made symmetric.

    Parameters
    ----------
    function : function of a point, shape (p,). point : where, shape (p,).

    Returns
    -------
    Matrix, shape (p, p).

    Example
    -------
    >>> hessian(lambda x: float(x[0] ** 2 + 3 * x[0] * x[1]), np.array([1.0, 2.0])).round(4)
    array([[2., 3.],
           [3., 0.]])
    """
    steps = _DIFFERENCE * np.eye(len(point))

    def gradient(at: Array) -> Array:
        return np.array([(function(at + step) - function(at - step)) / (2 * _DIFFERENCE) for step in steps])

    rows = np.array([(gradient(point + step) - gradient(point - step)) / (2 * _DIFFERENCE) for step in steps])
    return (rows + rows.T) / 2


def _finite(value: float) -> float:
    return value if np.isfinite(value) else _WORST
