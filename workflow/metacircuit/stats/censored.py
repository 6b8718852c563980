"""The random-effects likelihood when some effects are known only to lie between two limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

Array = NDArray[np.float64]

# Hermite nodes for the study effect. Doubling them moves the log-likelihood of the shipped review by less than 1e-9.
NODES = 60


@dataclass(frozen=True, slots=True)
class Evidence:
    """Effects of studies: printed estimates, and limits where nothing else is printed.

    Attributes
    ----------
    yi, vi : (k,) array
        Estimates and sampling variances; yi is NaN where only limits are known.
    lower, upper : (k,) array
        Limits of those effects, -inf or inf where there is none.
    X : (k, p) array
        Moderators, with the intercept.
    study : (k,) int array
        The study of each effect, 0 … m - 1.
    """

    yi: Array
    vi: Array
    lower: Array
    upper: Array
    X: Array
    study: NDArray[np.intp]

    @property
    def bounded(self) -> NDArray[np.bool_]:
        """Which effects are known only by their limits."""
        return np.isnan(self.yi)

    @property
    def studies(self) -> int:
        """The number of studies."""
        return int(self.study.max()) + 1


def log_likelihood(beta: Array, tau2: float, evidence: Evidence, nodes: int = NODES) -> float:
    r"""Log-likelihood of the random-effects model, the study effect integrated out.

    .. math::
        \ell(\beta, \tau^2) = \sum_j \log \int \prod_{i \in E_j} \phi(y_i; x_i'\beta + u, v_i)
        \prod_{i \in C_j} \left[\Phi\!\left(\frac{b_i - x_i'\beta - u}{\sqrt{v_i}}\right) -
        \Phi\!\left(\frac{a_i - x_i'\beta - u}{\sqrt{v_i}}\right)\right] \phi(u; 0, \tau^2)\, du

    The estimates E of a study are normal in u, so their part is integrated in closed form; what remains is the mean of
    the limits' part over the normal distribution of u given the estimates, by Gauss–Hermite quadrature.

    Parameters
    ----------
    beta : (p,) array
        Coefficients.
    tau2 : float
        Variance of the study effects, 0 or more.
    evidence : Evidence
        Effects, limits, moderators and studies.
    nodes : int
        Quadrature nodes.

    Returns
    -------
    float
        The log-likelihood.

    Notes
    -----
    Source: Tobin (1958), Econometrica 26, 24–36, for censored normal observations; the mixture over study effects is
    the random-effects model of Hedges and Vevea (1998), eq. 2. Given the study effect, sampling errors are independent.

    Examples
    --------
    A limit that excludes nothing adds nothing.

    >>> def evidence(*yi):
    ...     k = len(yi)
    ...     limits = np.full(k, -np.inf), np.full(k, np.inf)
    ...     return Evidence(np.array(yi), np.full(k, 0.1), *limits, np.ones((k, 1)), np.zeros(k, int))
    >>> one, two = (log_likelihood(np.array([0.2]), 0.05, e) for e in (evidence(0.3), evidence(0.3, np.nan)))
    >>> abs(one - two) < 1e-12
    True
    """
    eta = evidence.X @ beta
    exact, m = ~evidence.bounded, evidence.studies
    j, v = evidence.study[exact], evidence.vi[exact]
    residual = evidence.yi[exact] - eta[exact]

    def total(x: Array) -> Array:
        return np.bincount(j, weights=x, minlength=m)

    weight, drift = total(1 / v), total(residual / v)
    # tau2 (1 + tau2 W)^-1 rather than (1/tau2 + W)^-1: the limit tau2 = 0 then needs no special case.
    spread = tau2 / (1 + tau2 * weight)
    closed = -0.5 * (total(np.log(2 * np.pi * v) + residual**2 / v) + np.log1p(tau2 * weight) - spread * drift**2)
    return float(closed.sum() + _limits_part(eta, spread * drift, np.sqrt(spread), evidence, nodes).sum())


def _limits_part(eta: Array, centre: Array, scale: Array, evidence: Evidence, nodes: int) -> Array:
    """Log of the mean, over each study's effect given its estimates, of the probability of its limits."""
    x, w = np.polynomial.hermite_e.hermegauss(nodes)
    rows = np.flatnonzero(evidence.bounded)
    j = evidence.study[rows]
    u = centre[j, None] + scale[j, None] * x
    sd = np.sqrt(evidence.vi[rows])[:, None]
    mean = eta[rows, None] + u
    log_p = log_between((evidence.lower[rows, None] - mean) / sd, (evidence.upper[rows, None] - mean) / sd)
    by_study = np.zeros((evidence.studies, nodes))
    np.add.at(by_study, j, log_p)
    peak = by_study.max(axis=1, keepdims=True)
    return peak[:, 0] + np.log(np.exp(by_study - peak) @ (w / w.sum()))


def log_between(a: Array, b: Array) -> Array:
    """Log of the probability that a standard normal variable lies between a and b, exact far out in the tails.

    >>> float(np.exp(log_between(np.array(-1.959963984540054), np.array(1.959963984540054))).round(12))
    0.95
    >>> bool(np.isfinite(log_between(np.array(40.0), np.array(np.inf))))
    True
    """
    # In the upper tail both terms are near 1: mirror the interval, so that the difference keeps its digits.
    mirror = a > 0
    low, high = np.where(mirror, -b, a), np.where(mirror, -a, b)
    upper, lower = log_ndtr(high), log_ndtr(low)
    with np.errstate(divide="ignore"):
        return upper + np.log1p(-np.exp(lower - upper))
