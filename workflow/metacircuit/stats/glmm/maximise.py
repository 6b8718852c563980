"""Newton's method for likelihoods in which each study may have a coefficient of its own.

The Hessian is an arrow: dense for the few common parameters, diagonal for the studies' own. Its Schur complement makes
a step linear in the number of studies. Second derivatives are central differences of the exact gradient.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MAX_STEPS = 200
# Difference step; with an exact gradient the error of the Hessian is about its square.
STEP = 1e-5
# The Newton decrement is twice the log-likelihood still to be gained.
DECREMENT = 1e-16
# A step that gains less than this share of the log-likelihood is lost in its rounding.
ROUNDING = 1e-12
# Common parameters and own coefficients are on a log scale: more than this in a step is a leap in the dark.
LONGEST = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """Log-likelihood with its gradient by the common parameters (q,) and by each study's own (k,)."""

    ll: float
    theta: Array
    gamma: Array


@dataclass(frozen=True, slots=True, eq=False)
class Arrow:
    """Hessian: A (q, q) common, B (q, k) mixed, D (k,) own; empty B and D without own coefficients."""

    A: Array
    B: Array
    D: Array

    @property
    def schur(self) -> Array:
        """Hessian of the common parameters with the own ones profiled out."""
        return self.A - (self.B / self.D) @ self.B.T if len(self.D) else self.A


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """Where the search ended.

    Attributes
    ----------
    theta : (q,); gamma : (k,) or empty.
    ll : log-likelihood; hessian : Arrow at that point.
    converged : whether it is a maximum; steps : Newton steps taken.
    """

    theta: Array
    gamma: Array
    ll: float
    hessian: Arrow
    converged: bool
    steps: int

    def covariance(self) -> Array:
        """Inverse observed information of the common parameters; NaN if they have none."""
        information = -self.hessian.schur
        values, vectors = np.linalg.eigh((information + information.T) / 2)
        if not np.isfinite(values).all() or values.min() <= 1e-12 * max(values.max(), 1e-300):
            return np.full_like(information, np.nan)
        return (vectors / values) @ vectors.T


Function = Callable[[Array, Array], Point]


def maximise(function: Function, theta: Array, gamma: Array) -> Maximum:
    """Climb from a start to a maximum.

    Parameters
    ----------
    function : (theta, gamma) -> Point
    theta, gamma : (q,), (k,) or empty arrays
        Start.

    Returns
    -------
    Maximum
    """
    at = function(theta, gamma)
    for step in range(1, MAX_STEPS + 1):
        hessian = differences(function, theta, gamma)
        d_theta, d_gamma = _newton(hessian, at)
        decrement = float(at.theta @ d_theta + at.gamma @ d_gamma)
        if decrement < DECREMENT * (1 + abs(at.ll)):
            return Maximum(theta, gamma, at.ll, hessian, True, step)
        longest = max(np.abs(d_theta).max(initial=0.0), np.abs(d_gamma).max(initial=0.0))
        share = min(1.0, LONGEST / longest)
        while share > 1e-10:
            new = function(theta + share * d_theta, gamma + share * d_gamma)
            if new.ll > at.ll:
                break
            share /= 2
        else:
            return Maximum(theta, gamma, at.ll, hessian, decrement < ROUNDING * (1 + abs(at.ll)), step)
        theta, gamma, at = theta + share * d_theta, gamma + share * d_gamma, new
    return Maximum(theta, gamma, at.ll, differences(function, theta, gamma), False, MAX_STEPS)


def differences(function: Function, theta: Array, gamma: Array) -> Arrow:
    """Hessian by central differences of the gradient."""
    q, own = len(theta), bool(len(gamma))
    A, B = np.empty((q, q)), np.empty((q, len(gamma)))
    for j in range(q):
        h = STEP * np.eye(q)[j]
        up, down = function(theta + h, gamma), function(theta - h, gamma)
        A[j] = (up.theta - down.theta) / (2 * STEP)
        B[j] = (up.gamma - down.gamma) / (2 * STEP)
    D = np.empty(0)
    if own:
        # The studies do not touch each other: all own coefficients are moved at once.
        up, down = function(theta, gamma + STEP), function(theta, gamma - STEP)
        D = np.minimum((up.gamma - down.gamma) / (2 * STEP), -1e-12)
    return Arrow((A + A.T) / 2, B, D)


def _newton(hessian: Arrow, at: Point) -> tuple[Array, Array]:
    """Newton step, upwards also where the likelihood is not concave."""
    own = bool(len(hessian.D))
    reduced = at.theta - hessian.B @ (at.gamma / hessian.D) if own else at.theta
    values, vectors = np.linalg.eigh(-hessian.schur)
    size = np.abs(values)
    size = np.maximum(size, max(1e-10 * size.max(initial=0.0), 1e-12))
    d_theta = vectors @ ((vectors.T @ reduced) / size)
    d_gamma = -(at.gamma + hessian.B.T @ d_theta) / hessian.D if own else at.gamma
    return d_theta, d_gamma
