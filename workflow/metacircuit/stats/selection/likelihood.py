r"""The log-likelihood of a selection model with its exact derivatives.

.. math:: \ell_i = \log w(p_i; \delta) + \log \phi(y_i; x_i\beta, v_i + \tau^2) - \log A_i, \; A_i = E[w(p_i; \delta)]

The parameters are in one vector: beta (p), tau2, delta (m). Sources: Hedges (1992) Stat Sci 7, 246-255; Vevea
& Hedges (1995) Psychometrika 60, 419-435.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .support import Support, inside, p_values, smooth_support, step_support
from .weights import LARGEST, WeightFunction, smooth_weight

# Central differences of an exact gradient, extrapolated once: errors of this step to the fourth power.
HESSIAN_STEP = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class SelectionData:
    """k effects and the selection that they went through.

    Attributes
    ----------
    y, v, X : (k,), (k,), (k, p); the alternative "less" has the signs of y and X turned.
    weight : the weight function. support : where the normalising constant is summed.
    own : (k,) p-values of the effects, as the weight function takes them.
    counts : (m,) effects in each interval of a step function; empty for others.
    """

    y: np.ndarray
    v: np.ndarray
    X: np.ndarray
    weight: WeightFunction
    support: Support
    own: np.ndarray
    counts: np.ndarray

    @property
    def p(self) -> int:
        return self.X.shape[1]

    @property
    def m(self) -> int:
        return self.weight.start.size

    def rows(self, which: np.ndarray) -> SelectionData:
        """The same model of other rows, repeated ones included."""
        counts = np.bincount(self.own[which].astype(int), minlength=self.m) if self.counts.size else self.counts
        return SelectionData(
            self.y[which], self.v[which], self.X[which], self.weight, self.support, self.own[which], counts
        )


def selection_data(
    y: np.ndarray, v: np.ndarray, X: np.ndarray, kind: str, steps: tuple[float, ...], alternative: str
) -> SelectionData:
    """Prepare the likelihood.

    Parameters
    ----------
    y, v, X : (k,), (k,), (k, p).
    kind : "stepfun", or a smooth one of `weights.SMOOTH`.
    steps : increasing p-values; of a step function the ends of its intervals, the last of them 1.
    alternative : "greater", "less" or "two.sided": which p-values the selection looked at.
    """
    two_sided = alternative == "two.sided"
    sign = -1.0 if alternative == "less" else 1.0
    y, X = sign * y, sign * X
    p = p_values(y, v, two_sided)
    if kind == "stepfun":
        edges = np.asarray(steps, float)
        index = np.searchsorted(edges, p, side="left")
        counts = np.bincount(index, minlength=edges.size)
        return SelectionData(y, v, X, step_weight(edges.size), step_support(edges, two_sided), index * 1.0, counts)
    weight = smooth_weight(kind, steps)
    support = smooth_support(weight.pval_min, weight.cuts, two_sided)
    own = inside(p, weight.pval_min)
    return SelectionData(y, v, X, weight, support, own, np.empty(0, int))


def step_weight(m: int) -> WeightFunction:
    """delta_j in interval j; the points of its support are numbered by interval."""

    def log_weight(index: np.ndarray, d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        j = index.astype(int)
        with np.errstate(divide="ignore"):
            value = np.log(d)[j]
        return value, np.where(np.arange(m)[:, None] == j, 1 / np.maximum(d, np.finfo(float).tiny)[:, None], 0.0)

    start = np.linspace(1.0, 0.8, m)
    return WeightFunction(log_weight, start, np.zeros(m), np.full(m, LARGEST), np.ones(m))


def contributions(data: SelectionData, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each effect's part of the log-likelihood (k,) and of the score (k, p + 1 + m).

    Minus infinity where the parameters are impossible (an observed interval of weight 0, or A underflows).
    """
    p = data.p
    beta, tau2, delta = theta[:p], theta[p], theta[p + 1 :]
    mu, sd, total = data.X @ beta, np.sqrt(data.v), data.v + tau2
    where = data.support.group.astype(float) if data.counts.size else data.support.p
    log_w, slope = data.weight.log_weight(where, delta)
    with np.errstate(under="ignore"):
        w = np.exp(log_w)
        P, by_m, by_r2 = data.support.probabilities(mu / sd, np.sqrt(total / data.v))
        A = P @ w
        by_delta = P @ (_step_slope(data, delta) if data.counts.size else (w * slope).T)
    own_w, own_slope = data.weight.log_weight(data.own, delta)
    e = data.y - mu
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ll = own_w - 0.5 * (np.log(2 * np.pi * total) + e**2 / total) - np.log(A)
        score_mu = e / total - (by_m @ w) / sd / A
        score_tau2 = (e**2 / total - 1) / (2 * total) - (by_r2 @ w) / data.v / A
        score_delta = own_slope - by_delta.T / A
    return ll, np.column_stack([score_mu[:, None] * data.X, score_tau2, score_delta.T])


def _step_slope(data: SelectionData, delta: np.ndarray) -> np.ndarray:
    """d w / d delta (n, m) of a step function, which is 1 even where the weight is 0."""
    return (data.support.group[:, None] == np.arange(delta.size)).astype(float)


def log_likelihood(data: SelectionData, theta: np.ndarray) -> tuple[float, np.ndarray]:
    """The log-likelihood and its gradient (p + 1 + m,)."""
    with np.errstate(over="ignore", invalid="ignore"):
        ll, score = contributions(data, theta)
        total, gradient = float(ll.sum()), score.sum(axis=0)
    # Weights of 1e-160 have slopes beyond any number: as good as impossible.
    possible = np.isfinite(total) and np.isfinite(gradient).all()
    return (total, gradient) if possible else (-np.inf, np.zeros(theta.size))


def hessian(data: SelectionData, theta: np.ndarray, free: np.ndarray, *, extrapolate: bool = True) -> np.ndarray:
    """Second derivatives of the log-likelihood by the free parameters (indices), (f, f).

    Central differences of the exact gradient; with `extrapolate` of two step lengths, for nine or more digits.
    """
    scale = _scales(data, theta)
    H = np.empty((free.size, free.size))

    def central(j: int, h: float) -> np.ndarray:
        step = np.zeros(theta.size)
        step[j] = h
        return (log_likelihood(data, theta + step)[1] - log_likelihood(data, theta - step)[1])[free] / (2 * h)

    for row, j in enumerate(free):
        h = HESSIAN_STEP * scale[j]
        H[row] = (4 * central(j, h / 2) - central(j, h)) / 3 if extrapolate else central(j, h / 8)
    return (H + H.T) / 2


def _scales(data: SelectionData, theta: np.ndarray) -> np.ndarray:
    """A natural length for each parameter."""
    p = data.p
    typical = np.sqrt(np.median(data.v) + theta[p])
    lengths = np.abs(data.X).max(axis=0)
    beta = typical / np.where(lengths > 0, lengths, 1.0)
    # Steps stay inside the region of possible values: tau2 above minus the smallest variance, delta above zero.
    tau2 = max(theta[p], data.v.min())
    tau2 = min(tau2, data.v.min() + theta[p])
    # Smooth declines may be followed below zero; weights and the exponents of beta may not.
    floor = 0.0 if data.counts.size or data.weight.lower[0] > 0 else 1e-3
    return np.concatenate([beta, [tau2], np.maximum(theta[p + 1 :], floor)])
