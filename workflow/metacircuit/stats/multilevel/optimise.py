"""Maximising the likelihood: quasi-Newton to the neighbourhood, Newton to the digit, a second way if that fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize

from metacircuit.stats.multilevel.likelihood import Likelihood
from metacircuit.stats.multilevel.structures import CONTAINS

# A standard deviation below this share of the data's spread is compared with zero itself.
NEAR_ZERO = 1e-3
# The predicted gain of one more Newton step, in log-likelihood, that counts as none.
GAIN = 1e-11
# With more effects than this one start has to do: the likelihood of so many is well behaved, and time counts.
MANY = 5_000
MAX_NEWTON = 30
# Residuals below this share of the effects are the rounding of equal effects.
ROUNDING = 1e-13


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best parameters found, the log-likelihood there, and how the search went."""

    theta: np.ndarray
    ll: float
    converged: bool
    iterations: int
    status: str


Objective = Callable[[np.ndarray], tuple[float, np.ndarray]]


def maximise(model: Likelihood, fixed: dict[int, float] | None = None, start: np.ndarray | None = None) -> Optimum:
    """Maximise the likelihood over its free parameters.

    Parameters
    ----------
    model : the likelihood.
    fixed : parameters that keep a value, by position (for profiles).
    start : where to begin; otherwise one or several standard starts.

    Returns
    -------
    Optimum
        `status` is "converged", or says which strategy was needed, or why there is no optimum.
    """
    fixed = fixed or {}
    scale = _scale(model)
    free = np.array([i for i in range(model.n_free) if i not in fixed], dtype=int)
    base = np.zeros(model.n_free)
    for i, value in fixed.items():
        base[i] = value / scale[i]

    def objective(u: np.ndarray) -> tuple[float, np.ndarray]:
        x = base.copy()
        x[free] = u
        ll, slope = model.value_and_gradient(x * scale)
        return -ll, -(slope * scale)[free]

    if not len(free):
        ll = -objective(np.empty(0))[0]
        return Optimum(base * scale, ll, bool(np.isfinite(ll)), 0, "converged")
    starts = [start[free] / scale[free]] if start is not None else [u[free] for u in _starts(model, scale)]
    best = max((_climb(objective, u, model.is_sd[free]) for u in starts), key=lambda o: o.ll)
    if not best.converged:
        best = _second_way(objective, best, model.is_sd[free])
    x = base.copy()
    x[free] = best.theta
    return Optimum(model.canonical(x * scale), best.ll, best.converged, best.iterations, best.status)


def _scale(model: Likelihood) -> np.ndarray:
    """The spread of the residuals for standard deviations (of the effects if that is rounding), 1 for angles."""
    k, p = model.Q.shape
    size = float(np.hypot(np.linalg.norm(model.R @ model.shift), np.linalg.norm(model.y)))
    spread = float(np.linalg.norm(model.y) / np.sqrt(max(k - p, 1)))
    spread = spread if spread > ROUNDING * size else size / np.sqrt(k)
    return np.where(model.is_sd, spread if spread > 0 else 1.0, 1.0)


def _starts(model: Likelihood, scale: np.ndarray) -> list[np.ndarray]:
    """The total spread divided evenly; for small data also little of it, and the best fit of simpler structures."""
    few = len(model.y) <= MANY
    n = max(len(model.terms), 1)
    shares = (0.7, 0.15) if few else (0.7,)
    even = [np.concatenate([t.structure.start(s / np.sqrt(n)) for t in model.terms]) for s in shares]
    return even + (_simpler(model, scale) if few else [])


def _simpler(model: Likelihood, scale: np.ndarray) -> list[np.ndarray]:
    """Where models with simpler structures are largest: the likelihood of a rich structure has several peaks."""
    found = []
    for choice in range(max((len(CONTAINS.get(t.structure.kind, ())) for t in model.terms if t.q > 1), default=0)):
        terms = []
        for t in model.terms:
            inner = CONTAINS.get(t.structure.kind, ()) if t.q > 1 else ()
            kind = inner[min(choice, len(inner) - 1)] if inner else t.structure.kind
            terms.append(replace(t, structure=replace(t.structure, kind=kind)))
        smaller = replace(model, terms=tuple(terms))
        best = maximise(smaller)
        if np.isfinite(best.ll):
            least = NEAR_ZERO * scale[model.is_sd].max()
            pairs = zip(model.terms, smaller.covariances(best.theta), strict=True)
            found.append(np.concatenate([t.structure.nearest(G, least) for t, (G, _) in pairs]) / scale)
    return found


def _climb(objective: Objective, u: np.ndarray, is_sd: np.ndarray) -> Optimum:
    """BFGS, then Newton; a variance that shrinks to nothing is put to zero if the likelihood agrees."""
    # The rounding of a large log-likelihood is felt by the line search: it need not come nearer than this, Newton does.
    near = 1e-6 * max(10.0, abs(objective(u)[0]))
    with np.errstate(all="ignore"):
        rough = optimize.minimize(objective, u, jac=True, method="BFGS", options={"gtol": near, "maxiter": 200})
    fine = _newton(objective, rough.x, np.ones(len(u), bool))
    steps = int(rough.nit) + fine.iterations
    u, ll, moving = fine.theta, fine.ll, np.ones(len(u), bool)
    for i in np.flatnonzero(is_sd & (np.abs(u) < NEAR_ZERO)):
        trial = u.copy()
        trial[i] = 0.0
        settled = _newton(objective, trial, moving & (np.arange(len(u)) != i))
        if settled.ll >= ll - GAIN * max(1.0, abs(ll)):
            u, ll, fine = settled.theta, settled.ll, settled
            moving[i] = False
            steps += settled.iterations
    return Optimum(u, ll, fine.converged, steps, fine.status)


def _newton(objective: Objective, u: np.ndarray, moving: np.ndarray) -> Optimum:
    """Newton's method on the analytic gradient; curvature by central differences of it."""
    value, slope = objective(u)
    for step in range(MAX_NEWTON):
        if not np.isfinite(value):
            return Optimum(u, -value, False, step, "the covariance has no inverse")
        at = np.flatnonzero(moving)
        if not len(at):
            return Optimum(u, -value, True, step, "converged")
        H = _curvature(objective, u, at)
        lam, E = np.linalg.eigh(H)
        g = E.T @ slope[at]
        # Flat directions (a correlation beside a zero variance) are left alone; uphill ones are walked down.
        flat = np.abs(lam) <= 1e-9 * max(np.abs(lam).max(), 1.0)
        move = np.where(flat, 0.0, -g / np.where(flat, 1.0, np.abs(lam)))
        gain = float(np.abs(move @ g)) / 2
        if gain <= GAIN * 1e-3 * max(1.0, abs(value)) and (lam >= -1e-6 * max(np.abs(lam).max(), 1.0)).all():
            return Optimum(u, -value, True, step, "converged")
        length = 1.0
        while length > 1e-6:
            trial = u.copy()
            trial[at] += length * (E @ move)
            new_value, new_slope = objective(trial)
            if new_value <= value + 1e-14 * abs(value):
                break
            length /= 4
        else:
            done = gain <= GAIN * 1e3 * max(1.0, abs(value))
            return Optimum(u, -value, done, step, "converged" if done else "the likelihood stopped rising")
        u, value, slope = trial, new_value, new_slope
    return Optimum(u, -value, False, MAX_NEWTON, f"no convergence in {MAX_NEWTON} Newton steps")


def _curvature(objective: Objective, u: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Hessian of the objective over the parameters `at`."""
    H = np.empty((len(at), len(at)))
    for column, i in enumerate(at):
        h = 1e-5 * max(abs(u[i]), 1e-2)
        ahead, behind = u.copy(), u.copy()
        ahead[i] += h
        behind[i] -= h
        H[:, column] = (objective(ahead)[1] - objective(behind)[1])[at] / (2 * h)
    return np.nan_to_num((H + H.T) / 2)


def _second_way(objective: Objective, best: Optimum, is_sd: np.ndarray) -> Optimum:
    """A simplex search, which needs no slope, and from its end the first way again."""
    start = np.where(np.isfinite(best.theta), best.theta, 0.5)
    start = start if np.isfinite(objective(start)[0]) else np.full(len(start), 0.5)
    with np.errstate(all="ignore"):
        found = optimize.minimize(
            lambda u: objective(u)[0],
            start,
            method="Nelder-Mead",
            options={"xatol": 1e-8, "fatol": 1e-10, "maxfev": 300 * len(start)},
        )
    again = _climb(objective, found.x, is_sd)
    steps = best.iterations + int(found.nit) + again.iterations
    if again.ll < best.ll:
        return Optimum(best.theta, best.ll, False, steps, f"not converged: {best.status}")
    if again.converged:
        return Optimum(again.theta, again.ll, True, steps, "converged (simplex search after quasi-Newton failed)")
    return Optimum(again.theta, again.ll, False, steps, f"not converged: {again.status}")
