"""Mantel–Haenszel: one common effect from sparse tables, without an estimate for each of them.

The tables are vectors of counts: `ai`, `bi` events and non-events of group 1, `ci`, `di` of group 2; for rates,
`x1i`, `x2i` events in the person-times `t1i`, `t2i`. An effect that no table identifies is NaN here; the model layer
turns that into a status with a reason.
"""

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.float64]
NOT_ESTIMABLE = (np.nan, np.nan)


def odds_ratio(ai: Counts, bi: Counts, ci: Counts, di: Counts) -> tuple[float, float]:
    r"""Pool log odds ratios.

    .. math:: \hat\theta = \log\frac{\sum a_i d_i / N_i}{\sum b_i c_i / N_i}

    Parameters
    ----------
    ai, bi, ci, di : (k,) arrays
        Counts of the tables.

    Returns
    -------
    beta, se : float
        The log odds ratio and its standard error; NaN when one of the two sums is zero.

    Source: Mantel and Haenszel (1959); variance of Robins, Breslow and Greenland (1986), equation 3.

    >>> beta, se = odds_ratio(*np.array([[4.0, 6], [119, 300], [11, 29], [128, 274]]))
    >>> round(beta, 4), round(se, 4)
    (-1.4215, 0.3595)
    """
    n = ai + bi + ci + di
    P, Q = (ai + di) / n, (bi + ci) / n
    r, s = ai * di / n, bi * ci / n
    R, S = r.sum(), s.sum()
    if R == 0 or S == 0:
        return NOT_ESTIMABLE
    variance = ((P * r).sum() / R**2 + (P * s + Q * r).sum() / (R * S) + (Q * s).sum() / S**2) / 2
    return float(np.log(R) - np.log(S)), float(np.sqrt(variance))


def risk_ratio(ai: Counts, bi: Counts, ci: Counts, di: Counts) -> tuple[float, float]:
    r"""Pool log risk ratios.

    .. math:: \hat\theta = \log\frac{\sum a_i n_{2i} / N_i}{\sum c_i n_{1i} / N_i}

    Parameters
    ----------
    ai, bi, ci, di : (k,) arrays
        Counts of the tables.

    Returns
    -------
    beta, se : float
        The log risk ratio and its standard error; NaN when a group has no event at all.

    Source: Greenland and Robins (1985), equations 2 and 13.

    >>> beta, se = risk_ratio(*np.array([[4.0, 6], [119, 300], [11, 29], [128, 274]]))
    >>> round(beta, 4), round(se, 4)
    (-1.3517, 0.3455)
    """
    n1, n2 = ai + bi, ci + di
    n = n1 + n2
    R, S = (ai * n2 / n).sum(), (ci * n1 / n).sum()
    if R == 0 or S == 0:
        return NOT_ESTIMABLE
    variance = ((n1 / n) * (n2 / n) * (ai + ci) - ai * ci / n).sum() / (R * S)
    return float(np.log(R) - np.log(S)), float(np.sqrt(variance))


def risk_difference(ai: Counts, bi: Counts, ci: Counts, di: Counts) -> tuple[float, float]:
    r"""Pool risk differences.

    .. math:: \hat\theta = \frac{\sum (a_i n_{2i} - c_i n_{1i}) / N_i}{\sum n_{1i} n_{2i} / N_i}

    Parameters
    ----------
    ai, bi, ci, di : (k,) arrays
        Counts of the tables.

    Returns
    -------
    beta, se : float
        The risk difference and its standard error, which is consistent for few large and for many sparse tables.

    Source: Sato, Greenland and Robins (1989).

    >>> beta, se = risk_difference(*np.array([[4.0, 6], [119, 300], [11, 29], [128, 274]]))
    >>> round(beta, 4), round(se, 4)
    (-0.0673, 0.0155)
    """
    n1, n2 = ai + bi, ci + di
    n = n1 + n2
    weight = (n1 * n2 / n).sum()
    if weight == 0:
        return NOT_ESTIMABLE
    beta = (ai * n2 / n - ci * n1 / n).sum() / weight
    P = (ci * (n1 / n) ** 2 - ai * (n2 / n) ** 2 + (n1 / n) * (n2 / n) * (n2 - n1) / 2).sum()
    Q = (ai * (n2 - ci) / n + ci * (n1 - ai) / n).sum() / 2
    # Without a single event the sum is zero up to rounding, which may fall below it.
    return float(beta), float(np.sqrt(max(beta * P + Q, 0.0)) / weight)


def rate_ratio(x1i: Counts, x2i: Counts, t1i: Counts, t2i: Counts) -> tuple[float, float]:
    r"""Pool log incidence rate ratios.

    .. math:: \hat\theta = \log\frac{\sum x_{1i} t_{2i} / T_i}{\sum x_{2i} t_{1i} / T_i}

    Parameters
    ----------
    x1i, x2i : (k,) arrays
        Events of the two groups.
    t1i, t2i : (k,) arrays
        Person-times of the two groups, in one unit.

    Returns
    -------
    beta, se : float
        The log rate ratio and its standard error; NaN when a group has no event at all.

    Source: Greenland and Robins (1985), equations 8 and 15.

    >>> beta, se = rate_ratio(*np.array([[9.0, 8], [19, 19], [413, 263], [398, 245]]))
    >>> round(beta, 4), round(se, 4)
    (-0.8578, 0.2917)
    """
    time = t1i + t2i
    R, S = (x1i * t2i / time).sum(), (x2i * t1i / time).sum()
    if R == 0 or S == 0:
        return NOT_ESTIMABLE
    variance = ((t1i / time) * (t2i / time) * (x1i + x2i)).sum() / (R * S)
    return float(np.log(R) - np.log(S)), float(np.sqrt(variance))


def rate_difference(x1i: Counts, x2i: Counts, t1i: Counts, t2i: Counts) -> tuple[float, float]:
    r"""Pool incidence rate differences.

    .. math:: \hat\theta = \frac{\sum (x_{1i} t_{2i} - x_{2i} t_{1i}) / T_i}{\sum t_{1i} t_{2i} / T_i}

    Parameters
    ----------
    x1i, x2i : (k,) arrays
        Events of the two groups.
    t1i, t2i : (k,) arrays
        Person-times of the two groups, in one unit.

    Returns
    -------
    beta, se : float
        The rate difference and its standard error.

    Source: Greenland and Robins (1985); Rothman, Greenland and Lash (2008), chapter 15.

    >>> beta, se = rate_difference(*np.array([[9.0, 8], [19, 19], [413, 263], [398, 245]]))
    >>> round(beta, 4), round(se, 4)
    (-0.0341, 0.0114)
    """
    time = t1i + t2i
    weight = t1i * t2i / time
    beta = ((x1i * t2i - x2i * t1i) / time).sum() / weight.sum()
    variance = (weight**2 * (x1i / t1i**2 + x2i / t2i**2)).sum()
    return float(beta), float(np.sqrt(variance) / weight.sum())
