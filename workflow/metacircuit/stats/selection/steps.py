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
    """At T points the log-likelihood (T,), its gradient (T, q) and, if it was asked for, its Hessian (T, q, q).

    Minus infinity, with a gradient of zero, where the parameters are impossible.
    """

    ll: np.ndarray
    gradient: np.ndarray
    hessian: np.ndarray | None


def step_heights(
    data: SelectionData, theta: np.ndarray, weights: np.ndarray | None = None, *, curved: bool = False
) -> Heights:
    """The log-likelihood of a step function at many points.

    Parameters
    ----------
    theta : (T, p + 1 + m) beta, tau2, delta.
    weights : (T, k) how often each effect counts at each point, once if not given.
    curved : whether to give the Hessian.
    """
    p, m = data.p, data.m
    beta, tau2, delta = theta[:, :p], theta[:, p], theta[:, p + 1 :]
    times = np.ones((1, data.y.size)) if weights is None else weights
    eta = data.v + tau2[:, None]
    counts = times @ (data.own[:, None] == np.arange(m))
    with np.errstate(all="ignore"):
        root = np.sqrt(eta)
        mu = beta @ data.X.T
        e = data.y - mu
        a, B, sides = _intervals(data, mu, root)
        phi = np.exp(-0.5 * a**2) / np.sqrt(2 * np.pi)
        felt = np.einsum("ej,tj->te", sides, delta)[:, None, :]
        A = (B @ delta[:, :, None])[:, :, 0]
        A_mu = (phi * felt).sum(axis=2) / root
        A_eta = 0.5 * (a * phi * felt).sum(axis=2) / eta
        own = -0.5 * (np.log(2 * np.pi * eta) + e**2 / eta) - np.log(A)
        ll = np.where(times > 0, times * own, 0.0).sum(axis=1) + xlogy(counts, delta).sum(axis=1)
        by_mu, by_eta = e / eta - A_mu / A, (e**2 / eta - 1) / (2 * eta) - A_eta / A
        share = B / A[:, :, None]
        by_delta = counts / np.maximum(delta, TINY) - (times[:, :, None] * share).sum(axis=1)
        gradient = np.column_stack([(times * by_mu) @ data.X, (times * by_eta).sum(axis=1), by_delta])
        possible = np.isfinite(ll) & np.isfinite(gradient).all(axis=1)
        H = None
        if curved:
            s, g, h = A_mu / A, A_eta / A, share
            mu_mu = s**2 - 2 * g - 1 / eta
            mu_eta = s * g - 0.5 * ((a**2 - 1) * phi * felt).sum(axis=2) / (eta * root * A) - e / eta**2
            eta_eta = g**2 - 0.25 * ((a**3 - 3 * a) * phi * felt).sum(axis=2) / (eta**2 * A)
            eta_eta += (0.5 - e**2 / eta) / eta**2
            mu_delta = h * s[:, :, None] - (phi @ sides) / (root * A)[:, :, None]
            eta_delta = h * g[:, :, None] - 0.5 * ((a * phi) @ sides) / (eta * A)[:, :, None]
            H = _assembled(data.X, times, (mu_mu, mu_eta, eta_eta), mu_delta, eta_delta, h)
            H[:, range(p + 1, p + 1 + m), range(p + 1, p + 1 + m)] -= counts / np.maximum(delta, TINY) ** 2
    return Heights(np.where(possible, ll, -np.inf), np.where(possible[:, None], gradient, 0.0), H)


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


def _intervals(data: SelectionData, mu: np.ndarray, root: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Standardised finite edges (T, k, e), probabilities of the intervals (T, k, m), and the sides they lie on (e, m).

    An edge counts +1 where an interval begins and -1 where it ends.
    """
    s = data.support
    edges = np.unique(np.concatenate([s.lower, s.upper]))
    low, high = np.searchsorted(edges, s.lower), np.searchsorted(edges, s.upper)
    sides = np.zeros((edges.size, data.m))
    np.add.at(sides, (low, s.group), 1.0)
    np.add.at(sides, (high, s.group), -1.0)
    a = (edges * np.sqrt(data.v)[:, None] - mu[:, :, None]) / root[:, :, None]
    below, above = ndtr(a), ndtr(-a)
    area = np.where(a[:, :, low] > 0, above[:, :, low] - above[:, :, high], below[:, :, high] - below[:, :, low])
    finite = np.isfinite(edges)
    return a[:, :, finite], area @ (s.group[:, None] == np.arange(data.m)), sides[finite]
