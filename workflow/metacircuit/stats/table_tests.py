"""Tests beside the Mantel–Haenszel estimate: is there an association, and is it the same in every table."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Homogeneity:
    """Breslow–Day and Tarone statistics over the `k_pos` tables in which both outcomes occur."""

    BD: float
    TA: float
    k_pos: int


def association_tests(ai: Counts, bi: Counts, ci: Counts, di: Counts, correct: bool = True) -> tuple[float, float]:
    r"""Test the common odds ratio without estimating it: Mantel–Haenszel and Cochran chi-squared on one df.

    .. math:: \frac{(|\sum (a_i - n_{1i} m_i / N_i)| - c)^2}{\sum n_{1i} n_{2i} m_i (N_i - m_i) / (N_i^2 (N_i - 1))}

    Parameters
    ----------
    ai, bi, ci, di : (k,) arrays
        Counts of the tables; :math:`m_i = a_i + c_i`.
    correct : bool
        Continuity correction, :math:`c = 1/2`.

    Returns
    -------
    MH, CO : float
        With the hypergeometric variance, and with :math:`N_i^3` in place of :math:`N_i^2 (N_i - 1)`;
        NaN when an outcome never occurs.

    Source: Mantel and Haenszel (1959); Cochran (1954).

    >>> round(association_tests(*np.array([[4.0, 6], [119, 300], [11, 29], [128, 274]]))[0], 3)
    16.921
    """
    n1, n2, events, others = ai + bi, ci + di, ai + ci, bi + di
    n = n1 + n2
    if events.sum() == 0 or others.sum() == 0:
        return np.nan, np.nan
    squared = (abs((ai - n1 * events / n).sum()) - 0.5 * correct) ** 2
    spread = (n1 / n) * (n2 / n) * events * others
    # A table of one participant has no variance given its margins.
    hypergeometric = np.divide(spread, n - 1, out=np.zeros_like(n), where=n > 1).sum()
    cochran = (spread / n).sum()
    return _ratio(squared, hypergeometric), _ratio(squared, cochran)


def rate_association_test(x1i: Counts, x2i: Counts, t1i: Counts, t2i: Counts, correct: bool = True) -> float:
    r"""Test the common rate ratio: chi-squared on one degree of freedom.

    .. math:: \frac{(|\sum (x_{1i} - m_i t_{1i} / T_i)| - c)^2}{\sum m_i t_{1i} t_{2i} / T_i^2}

    Parameters
    ----------
    x1i, x2i, t1i, t2i : (k,) arrays
        Events and person-times; :math:`m_i = x_{1i} + x_{2i}`.
    correct : bool
        Continuity correction, :math:`c = 1/2`.

    Returns
    -------
    MH : float
        NaN without a single event.

    Source: Rothman, Greenland and Lash (2008), chapter 15.

    >>> round(rate_association_test(*np.array([[9.0, 8], [19, 19], [413, 263], [398, 245]])), 3)
    8.391
    """
    time, events = t1i + t2i, x1i + x2i
    squared = (abs((x1i - events * t1i / time).sum()) - 0.5 * correct) ** 2
    return _ratio(squared, (events * (t1i / time) * (t2i / time)).sum())


def homogeneity(ai: Counts, bi: Counts, ci: Counts, di: Counts, log_odds_ratio: float) -> Homogeneity:
    r"""Test whether the tables share the pooled odds ratio: Breslow–Day, and with Tarone's correction.

    .. math:: BD = \sum \frac{(a_i - A_i)^2}{V_i}, \quad TA = BD - \frac{(\sum (a_i - A_i))^2}{\sum V_i}

    where :math:`A_i` is the count that has the pooled odds ratio and the margins of the table.

    Parameters
    ----------
    ai, bi, ci, di : (k,) arrays
        Counts of the tables.
    log_odds_ratio : float
        The pooled log odds ratio.

    Returns
    -------
    Homogeneity
        Chi-squared statistics on `k_pos - 1` degrees of freedom.

    Source: Breslow and Day (1980), section 4.4; Tarone (1985).

    >>> tables = np.array([[4.0, 6], [119, 300], [11, 29], [128, 274]])
    >>> round(homogeneity(*tables, -1.42150284).BD, 3)
    0.953
    """
    n1, n2, events, others = ai + bi, ci + di, ai + ci, bi + di
    expected = _count_with_odds_ratio(n1, n2, events, np.exp(log_odds_ratio))
    use = (expected > 0) & (events > 0) & (others > 0)
    a, e, n1, n2, events = (x[use] for x in (ai, expected, n1, n2, events))
    variance = 1 / (1 / e + 1 / (n1 - e) + 1 / (events - e) + 1 / (n2 - events + e))
    deviation = a - e
    BD = float((deviation**2 / variance).sum())
    TA = max(0.0, BD - _ratio(deviation.sum() ** 2, variance.sum())) if len(a) else 0.0
    return Homogeneity(BD=BD, TA=TA, k_pos=len(a))


def _count_with_odds_ratio(n1: Counts, n2: Counts, events: Counts, ratio: float) -> Counts:
    """Root of the quadratic that fixes the first cell, in the form that loses no digits at either end."""
    A = ratio * (n1 + events) + (n2 - events)
    discriminant = np.sqrt(np.maximum(A**2 - 4 * n1 * events * ratio * (ratio - 1), 0.0))
    return 2 * ratio * n1 * events / (A + discriminant)


def _ratio(numerator: float, denominator: float) -> float:
    """A statistic, or NaN where its variance is zero."""
    return float(numerator / denominator) if denominator > 0 else float("nan")
