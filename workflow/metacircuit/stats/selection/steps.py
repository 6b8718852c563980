r"""The likelihood of a step function with its exact derivatives, at many points at once.

An interval of p-values is one of y, whose ends c the variance v fixes. With a = (c - mu) / sqrt(eta) and eta = v + tau2
it has the probability B = Phi(a of its upper end) - Phi(a of its lower end), and A = sum of delta B. B solves the heat
equation, so that all its derivatives are Hermite polynomials times phi at the ends:

.. math:: \frac{\partial B}{\partial\mu} = \frac{[\phi]}{\eta^{1/2}}, \quad
          \frac{\partial B}{\partial\eta} = \frac12 \frac{\partial^2 B}{\partial\mu^2} = \frac{[a\phi]}{2\eta}, \quad
          \frac{\partial^2 B}{\partial\mu\,\partial\eta} = \frac{[(a^2 - 1)\phi]}{2\eta^{3/2}}, \quad
          \frac{\partial^2 B}{\partial\eta^2} = \frac{[(a^3 - 3a)\phi]}{4\eta^2}

with [f] the difference of f between lower and upper end. Model: Vevea & Hedges (1995) Psychometrika 60, 419-435.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, xlogy

from .likelihood import SelectionData

TINY = np.finfo(float).tiny


@dataclass(frozen=True, slots=True)
class Heights:
    """At T points the log-likelihood (T,), and as far as they were asked for its gradient (T, q) and Hessian (T, q, q).

    Minus infinity, with a gradient of zero, where the parameters are impossible.
    """

    ll: np.ndarray
    gradient: np.ndarray | None = None
    hessian: np.ndarray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class StepLikelihood:
    """The log-likelihood of a step function, ready to be looked at.

    Attributes
    ----------
    data : the effects. own : (k, m) which interval each lies in, as ones and zeros.
    edges : (k, n) the ends of the intervals, of y. low, high : (a,) the ends of each part of an interval.
    group : (a, m) which interval each part belongs to, as ones and zeros (two-sided intervals have two).
    sides : (e, m) for the finite ends +1 where an interval begins and -1 where it stops; finite : (n,) which they are.
    """

    data: SelectionData
    own: np.ndarray
    edges: np.ndarray
    low: np.ndarray
    high: np.ndarray
    group: np.ndarray
    sides: np.ndarray
    finite: np.ndarray

    def at(self, theta: np.ndarray, weights: np.ndarray | None = None, *, order: int = 1) -> Heights:
        """The log-likelihood at many points.

        Parameters
        ----------
        theta : (T, p + 1 + m) beta, tau2, delta.
        weights : (T, k) how often each effect counts at each point, once if not given.
        order : of the derivatives: 0, 1 (with the gradient) or 2 (with the Hessian).
        """
        data, p, m = self.data, self.data.p, self.data.m
        beta, delta = theta[:, :p], theta[:, p + 1 :]
        times = np.ones((1, data.y.size)) if weights is None else weights
        with np.errstate(all="ignore"):
            eta = data.v + theta[:, p, None]
            root, e = np.sqrt(eta), data.y - beta @ data.X.T
            a = (self.edges - (data.y - e)[:, :, None]) / root[:, :, None]
            B = self._probabilities(a)
            A = (B @ delta[:, :, None])[:, :, 0]
            counts = times @ self.own
            each = -0.5 * (np.log(2 * np.pi * eta) + e**2 / eta) - np.log(A)
            ll = np.where(times > 0, times * each, 0.0).sum(axis=1) + xlogy(counts, delta).sum(axis=1)
            if not order:
                return Heights(np.where(np.isfinite(ll), ll, -np.inf))
            a = a[:, :, self.finite]
            phi = np.exp(-0.5 * a**2) / np.sqrt(2 * np.pi)
            felt = phi * (delta @ self.sides.T)[:, None, :]
            s, g = felt.sum(axis=2) / (root * A), 0.5 * (a * felt).sum(axis=2) / (eta * A)
            h = B / A[:, :, None]
            by_mu, by_eta = e / eta - s, (e**2 / eta - 1) / (2 * eta) - g
            by_delta = counts / np.maximum(delta, TINY) - (times[:, :, None] * h).sum(axis=1)
            gradient = np.column_stack([(times * by_mu) @ data.X, (times * by_eta).sum(axis=1), by_delta])
            H = None
            if order > 1:
                mu_mu = s**2 - 2 * g - 1 / eta
                mu_eta = s * g - 0.5 * ((a**2 - 1) * felt).sum(axis=2) / (eta * root * A) - e / eta**2
                eta_eta = g**2 - 0.25 * ((a**3 - 3 * a) * felt).sum(axis=2) / (eta**2 * A)
                eta_eta += (0.5 - e**2 / eta) / eta**2
                mu_delta = h * s[:, :, None] - (phi @ self.sides) / (root * A)[:, :, None]
                eta_delta = h * g[:, :, None] - 0.5 * ((a * phi) @ self.sides) / (eta * A)[:, :, None]
                H = _assembled(data.X, times, (mu_mu, mu_eta, eta_eta), mu_delta, eta_delta, h)
                H[:, range(p + 1, p + 1 + m), range(p + 1, p + 1 + m)] -= counts / np.maximum(delta, TINY) ** 2
        possible = np.isfinite(ll) & np.isfinite(gradient).all(axis=1)
        return Heights(np.where(possible, ll, -np.inf), np.where(possible[:, None], gradient, 0.0), H)

    def _probabilities(self, a: np.ndarray) -> np.ndarray:
        """(T, k, m) of the intervals, each part from whichever tail loses no digits."""
        below, above = ndtr(a), ndtr(-a)
        left = below[:, :, self.high] - below[:, :, self.low]
        right = above[:, :, self.low] - above[:, :, self.high]
        return np.where(a[:, :, self.low] > 0, right, left) @ self.group


def step_likelihood(data: SelectionData) -> StepLikelihood:
    """The likelihood of a step function of p-values."""
    s, each = data.support, np.arange(data.m)
    ends = np.unique(np.concatenate([s.lower, s.upper]))
    low, high = np.searchsorted(ends, s.lower), np.searchsorted(ends, s.upper)
    sides, finite = np.zeros((ends.size, data.m)), np.isfinite(ends)
    np.add.at(sides, (low, s.group), 1.0)
    np.add.at(sides, (high, s.group), -1.0)
    own, group = (data.own[:, None] == each).astype(float), (s.group[:, None] == each).astype(float)
    return StepLikelihood(data, own, ends * np.sqrt(data.v)[:, None], low, high, group, sides[finite], finite)


def _assembled(
    X: np.ndarray,
    times: np.ndarray,
    normal: tuple[np.ndarray, np.ndarray, np.ndarray],
    mu_delta: np.ndarray,
    eta_delta: np.ndarray,
    share: np.ndarray,
) -> np.ndarray:
    """(T, q, q) sums over the effects of their second derivatives; `normal` are those by mu and eta, (T, k) each."""
    p, m = X.shape[1], share.shape[2]
    mu_mu, mu_eta, eta_eta = (times * part for part in normal)
    each = times[:, :, None]
    H = np.empty((len(share), p + 1 + m, p + 1 + m))
    H[:, :p, :p] = np.einsum("ti,ip,iq->tpq", mu_mu, X, X)
    H[:, :p, p] = H[:, p, :p] = mu_eta @ X
    H[:, p, p] = eta_eta.sum(axis=1)
    H[:, :p, p + 1 :] = np.einsum("ip,tij->tpj", X, each * mu_delta)
    H[:, p, p + 1 :] = (each * eta_delta).sum(axis=1)
    H[:, p + 1 :, : p + 1] = H[:, : p + 1, p + 1 :].swapaxes(1, 2)
    H[:, p + 1 :, p + 1 :] = np.einsum("tij,til->tjl", each * share, share)
    return H
