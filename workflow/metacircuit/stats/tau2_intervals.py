"""Confidence intervals for tau2: Q-profile, profile likelihood, and Jackson's generalised Q."""

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

from . import metafor_control
from .distributions import chi2_quantile
from .likelihood import profile
from .linear import Sample, project
from .root import solve_q
from .weighted_chi2 import weighted_chi2_cdf


def q_profile(data: Sample, level: float, *, stop_near: float | None = None) -> tuple[float, float]:
    """The tau2 whose generalised Q is not extreme: Q(lower) = chi2(1 - alpha/2), Q(upper) = chi2(alpha/2), k - p df.

    Where even Q(0) lies below the lower quantile both limits are 0: the interval is the null set.

    Parameters
    ----------
    data : one data set. level : in percent. stop_near : None for the exact limits; the estimate of tau2 to stop the
        search where metafor does (it looks between 0 and max(100, 10 tau2)). Limits beyond are exact all the same.

    Source
    ------
    Viechtbauer (2007) Stat Med 26, 37-52, eq. 11-12.
    """
    tail = (1 - level / 100) / 2
    targets = chi2_quantile(np.array([1 - tail, tail]), data.dfs[0])
    twice = data.rows(np.array([0, 0]))
    exact = solve_q(twice, targets)[0]
    if stop_near is not None:
        largest = max(metafor_control.LARGEST_TAU2, 10 * stop_near)
        found, _, converged = metafor_control.solve_q(twice, targets, np.array(largest))
        exact = np.where(converged, found, exact)
    return float(exact[0]), float(exact[1])


def profile_likelihood(data: Sample, tau2: float, level: float, *, restricted: bool) -> tuple[float, float]:
    """The tau2 whose profile log-likelihood is within chi2(1, level) / 2 of the top.

    Source
    ------
    Hardy & Thompson (1996) Stat Med 15, 619-629 (ML); Viechtbauer (2007) Stat Med 26, 37-52, sec. 2.2 (REML).
    """

    def height(t: float) -> float:
        return float(profile(data, np.array([t]), restricted=restricted)[0])

    floor = height(tau2) - float(chi2_quantile(level / 100, 1)) / 2
    return _crossings(lambda t: height(t) - floor, tau2, float(data.V.min()))


def _crossings(above: Callable[[float], float], top: float, unit: float) -> tuple[float, float]:
    """Where a function that is positive at `top` falls through zero to the left (0 if it does not) and to the right."""
    lower = 0.0
    if top > 0 and above(0.0) < 0:
        lower = brentq(above, 0.0, top, xtol=1e-14 * top, rtol=1e-13)
    step = max(top, unit)
    upper = top + step
    while above(upper) > 0:
        step *= 2
        upper += step
    return lower, brentq(above, upper - step, upper, xtol=1e-14 * upper, rtol=1e-13)


def jackson(data: Sample, level: float, weights: np.ndarray | None = None) -> tuple[float, float]:
    """The tau2 at which Q with fixed weights is at its exact alpha/2 and 1 - alpha/2 quantiles.

    Q_a = y'P_a y with weights a = 1 / sqrt(vi) is a sum of chi2_1 weighted by the eigenvalues of
    S^(1/2) P_a S^(1/2), S = diag(vi + tau2).

    Parameters
    ----------
    data : one data set. level : in percent. weights : (k,) fixed weights; 1 / vi gives the interval of Biggerstaff &
        Jackson.

    Source
    ------
    Jackson (2013) Res Synth Methods 4, 220-229; Biggerstaff & Jackson (2008) Stat Med 27, 6093-6110.
    """
    a = 1 / np.sqrt(data.V[0]) if weights is None else np.asarray(weights, float)
    P = project(data.Y, a[None], data.X)
    root = np.sqrt(a)
    matrix = np.diag(a) - (root * P.Q[0]).T @ (root * P.Q[0])
    statistic = P.rss
    tail = (1 - level / 100) / 2

    def exceeding(tau2: float) -> float:
        """P(Q_a <= observed) if tau2 is true: falls from near 1 to 0 as tau2 grows."""
        s = np.sqrt(data.V[0] + tau2)
        eigenvalues = np.linalg.eigvalsh(s[:, None] * matrix * s)[data.p :]
        return float(weighted_chi2_cdf(statistic, eigenvalues)[0])

    unit = float(np.median(data.V))
    limits = []
    for target in (1 - tail, tail):
        if exceeding(0.0) <= target:
            limits.append(0.0)
            continue
        upper = unit
        while exceeding(upper) > target:
            upper *= 4
        limits.append(brentq(lambda t, c=target: exceeding(t) - c, 0.0, upper, xtol=1e-12 * unit, rtol=1e-12))
    return limits[0], limits[1]
