"""The random-effects likelihood when some effects are known only to lie between two limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

if TYPE_CHECKING:
    from collections.abc import Callable

Array = NDArray[np.float64]

# Half-width of the integration in standard deviations: what lies outside is below exp(-40) of the peak.
WIDTH = 9.0
# Gauss–Legendre nodes of a panel, equal panels of the range, and where panels end around a limit, in sampling errors.
# One fixed rule over the study effect is not enough: with a sampling error far below tau each limit is a step in it.
NODES = 12
PANELS = 16
AROUND = np.array([-WIDTH, -6.0, -3.0, 0.0, 3.0, 6.0, WIDTH])
# Points and rounds of the search for the range in which the integrand is not negligible.
GRID = 64
ROUNDS = 8
# Below this ratio of the study effect's sd to the sampling error its spread changes the probability by < 1e-16.
POINT = 1e-9


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


def log_likelihood(beta: Array, tau2: float, evidence: Evidence) -> float:
    r"""Log-likelihood of the random-effects model, the study effect integrated out.

    .. math::
        \ell(\beta, \tau^2) = \sum_j \log \int \prod_{i \in E_j} \phi(y_i; x_i'\beta + u, v_i)
        \prod_{i \in C_j} \left[\Phi\!\left(\frac{b_i - x_i'\beta - u}{\sqrt{v_i}}\right) -
        \Phi\!\left(\frac{a_i - x_i'\beta - u}{\sqrt{v_i}}\right)\right] \phi(u; 0, \tau^2)\, du

    The estimates E of a study are normal in u, so their part is integrated in closed form; what remains is the mean of
    the limits' part over the normal distribution of u given the estimates. With one limited result in a study that is
    again a normal probability; with several it is a one-dimensional integral, by Gauss–Legendre panels.

    Parameters
    ----------
    beta : (p,) array
        Coefficients.
    tau2 : float
        Variance of the study effects, 0 or more.
    evidence : Evidence
        Effects, limits, moderators and studies.

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
    return float(closed.sum() + _limits_part(eta, spread * drift, spread, evidence))


def _limits_part(eta: Array, centre: Array, spread: Array, evidence: Evidence) -> float:
    """Log of the mean, over each study's effect given its estimates, of the probability of its limits."""
    rows = np.flatnonzero(evidence.bounded)
    rows = rows[np.argsort(evidence.study[rows], kind="stable")]
    if not len(rows):
        return 0.0
    j, v = evidence.study[rows], evidence.vi[rows]
    mean = eta[rows] + centre[j]
    low, high = evidence.lower[rows] - mean, evidence.upper[rows] - mean
    several = np.bincount(j, minlength=evidence.studies)[j] > 1
    # A study effect that is as good as known is not integrated; without several results the normals add up.
    integrate = several & (np.sqrt(spread[j]) > POINT * np.sqrt(_least(v, j)))
    sd = np.sqrt(v + np.where(several, 0.0, spread[j]))[~integrate]
    closed = float(log_between(low[~integrate] / sd, high[~integrate] / sd).sum())
    if not integrate.any():
        return closed
    studies, first = np.unique(j[integrate], return_index=True)
    return closed + _integral(low[integrate], high[integrate], np.sqrt(v[integrate]), np.sqrt(spread[studies]), first)


def _least(v: Array, j: NDArray[np.intp]) -> Array:
    """Smallest variance in the study of each row."""
    least = np.full(j.max() + 1, np.inf)
    np.minimum.at(least, j, v)
    return least[j]


def _integral(low: Array, high: Array, sd: Array, scale: Array, first: NDArray[np.intp]) -> float:
    """Sum over studies of the log mean, over d ~ N(0, scale²), of the probability that all errors keep to limits - d.

    Rows are sorted by study and `first` is each study's first row. The integrand is log-concave, so where it is not
    negligible is one range; that is cut into equal panels and, where it bends within a sampling error, at the limits.
    """
    m, of = len(first), np.repeat(np.arange(len(first)), np.diff(np.append(first, len(low))))

    def log_integrand(d: Array) -> Array:
        p = log_between((low[:, None] - d[of]) / sd[:, None], (high[:, None] - d[of]) / sd[:, None])
        return np.add.reduceat(p, first, axis=0) - 0.5 * (d / scale[:, None]) ** 2

    # The slope of log P at 0 is at most this (Mills' ratio), so the peak is within scale² times it, and it is no
    # further than the limits: beyond them only the density of d changes.
    slope = np.add.reduceat((np.maximum(0.0, np.maximum(low, -high) / sd) + 1) / sd, first)
    reach, margin = scale**2 * slope, WIDTH * scale
    edges = np.stack([low, high], axis=1)
    least = np.where(np.isfinite(edges), edges - WIDTH * sd[:, None], 0.0).min(axis=1)
    most = np.where(np.isfinite(edges), edges + WIDTH * sd[:, None], 0.0).max(axis=1)
    left = np.maximum(-reach, np.minimum(0.0, np.minimum.reduceat(least, first))) - margin
    right = np.minimum(reach, np.maximum(0.0, np.maximum.reduceat(most, first))) + margin
    ranges = np.arange(m)
    for _ in range(ROUNDS):
        d = np.linspace(left, right, GRID, axis=1)
        f = log_integrand(d)
        kept = f > f.max(axis=1, keepdims=True) - 0.5 * WIDTH**2
        left = d[ranges, np.maximum(kept.argmax(axis=1) - 1, 0)]
        right = d[ranges, np.minimum(GRID - kept[:, ::-1].argmax(axis=1), GRID - 1)]
        if (kept.sum(axis=1) > GRID / 8).all():
            break
    ends = [np.linspace(left, right, PANELS + 1, axis=1)]
    position = np.arange(len(low)) - first[of]
    for limit in (low, high):
        # Where sampling errors are wider than the panels of the range, those suffice.
        bends = np.isfinite(limit) & (sd < scale[of])
        cut = np.full((m, position.max() + 1, len(AROUND)), np.nan)
        cut[of[bends], position[bends]] = limit[bends, None] + sd[bends, None] * AROUND
        ends.append(cut[:, ~np.isnan(cut).all(axis=(0, 2))].reshape(m, -1))
    cuts = np.concatenate(ends, axis=1)
    cuts = np.sort(np.clip(np.where(np.isnan(cuts), left[:, None], cuts), left[:, None], right[:, None]), axis=1)
    x, w = np.polynomial.legendre.leggauss(NODES)
    half = np.diff(cuts, axis=1)[:, :, None] / 2
    d = (cuts[:, :-1, None] + half * (1 + x)).reshape(m, -1)
    f = log_integrand(d)
    peak = f.max(axis=1)
    mass = (np.exp(f - peak[:, None]) * (half * w).reshape(m, -1)).sum(axis=1)
    return float((peak + np.log(mass / (scale * np.sqrt(2 * np.pi)))).sum())


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


def standardise(evidence: Evidence) -> tuple[Evidence, float, Array]:
    """The evidence in its own unit, with orthogonal moderators; that unit; and what turns coefficients back."""
    y = evidence.yi[~evidence.bounded]
    scale = float(np.sqrt(np.median(evidence.vi) + np.var(y)))
    q, r = np.linalg.qr(evidence.X)
    turn = np.linalg.inv(r) * np.sqrt(len(q)) * np.sign(np.diag(r))
    limits = evidence.lower / scale, evidence.upper / scale
    unit = Evidence(evidence.yi / scale, evidence.vi / scale**2, *limits, evidence.X @ turn, evidence.study)
    return unit, scale, turn


def slope(f: Callable[[Array], float], x: Array, steps: Array) -> Array:
    """First derivatives by central differences."""
    return np.array([(f(x + e) - f(x - e)) / (2 * e.sum()) for e in np.diag(steps)])


def hessian(f: Callable[[Array], float], x: Array, steps: Array) -> Array:
    """Second derivatives by central differences."""
    n = len(x)
    H, E = np.empty((n, n)), np.diag(steps)
    for i, j in zip(*np.triu_indices(n), strict=True):
        corners = f(x + E[i] + E[j]) - f(x + E[i] - E[j]) - f(x - E[i] + E[j]) + f(x - E[i] - E[j])
        H[i, j] = H[j, i] = corners / (4 * steps[i] * steps[j])
    return H
