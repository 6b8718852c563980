"""Two independent groups, compared by a count of events: RR, OR, RD, AS, PETO.

The table is a, b (events and non-events of group 1), c, d (of group 2). The functions take the counts as they are to
be used: adding to zero cells is a decision of its own, in `zero_cells`.
"""

from __future__ import annotations

import numpy as np

from .core import Array, Effect, formula, variance, weighted_mean


@formula
def log_risk_ratio(a: Array, b: Array, c: Array, d: Array, vtype: str = "LS") -> Effect:
    """Log risk ratio (RR).

    yi = ln(p1/p2) with p1 = a/n1, p2 = c/n2;  vi = 1/a − 1/n1 + 1/c − 1/n2

    Parameters
    ----------
    a, b : events and non-events in group 1, shape (k,). c, d : the same in group 2.
    vtype : "LS"; "AV" the mean proportions over the studies, weighted by size; "H0" the proportion of both groups.

    Returns
    -------
    Effect(yi, vi), shape (k,); infinite where a or c is 0.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Fleiss & Berlin (2009), in Cooper, Hedges & Valentine (eds), chapter 13.

    Example
    -------
    >>> effect = log_risk_ratio(5, 95, 10, 90)
    >>> round(float(effect.yi), 4), round(float(effect.vi), 2)
    (-0.6931, 0.28)
    """
    n1, n2 = a + b, c + d
    mean1, mean2 = weighted_mean(a / n1, n1), weighted_mean(c / n2, n2)
    both = (a + c) / (n1 + n2)
    forms = {
        "LS": lambda: 1 / a - 1 / n1 + 1 / c - 1 / n2,
        "AV": lambda: (1 - mean1) / (mean1 * n1) + (1 - mean2) / (mean2 * n2),
        "H0": lambda: (1 - both) / both * (1 / n1 + 1 / n2),
    }
    return Effect(np.log(a / n1) - np.log(c / n2), variance(vtype, forms))


@formula
def log_odds_ratio(a: Array, b: Array, c: Array, d: Array, vtype: str = "LS") -> Effect:
    """Log odds ratio (OR).

    yi = ln(ad/(bc));  vi = 1/a + 1/b + 1/c + 1/d

    Parameters
    ----------
    a, b : events and non-events in group 1, shape (k,). c, d : the same in group 2.
    vtype : "LS"; "AV" the mean proportions over the studies, weighted by size; "H0" the proportion of both groups.

    Returns
    -------
    Effect(yi, vi), shape (k,); infinite where a cell is 0.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Fleiss & Berlin (2009), in Cooper, Hedges & Valentine (eds), chapter 13; Woolf (1955).

    Example
    -------
    >>> effect = log_odds_ratio(5, 95, 10, 90)
    >>> round(float(effect.yi), 4), round(float(effect.vi), 4)
    (-0.7472, 0.3216)
    """
    n1, n2 = a + b, c + d
    mean1, mean2 = weighted_mean(a / n1, n1), weighted_mean(c / n2, n2)
    both = (a + c) / (n1 + n2)
    forms = {
        "LS": lambda: 1 / a + 1 / b + 1 / c + 1 / d,
        "AV": lambda: 1 / (mean1 * (1 - mean1) * n1) + 1 / (mean2 * (1 - mean2) * n2),
        "H0": lambda: (1 / n1 + 1 / n2) / (both * (1 - both)),
    }
    return Effect(np.log(a) - np.log(b) - np.log(c) + np.log(d), variance(vtype, forms))


@formula
def risk_difference(a: Array, b: Array, c: Array, d: Array, vtype: str = "LS") -> Effect:
    """Risk difference (RD).

    yi = p1 − p2;  vi = p1(1 − p1)/n1 + p2(1 − p2)/n2

    Parameters
    ----------
    a, b : events and non-events in group 1, shape (k,). c, d : the same in group 2.
    vtype : "LS"; "UB" (n − 1 in place of n); "AV" the mean proportions over the studies; "H0" that of both groups.

    Returns
    -------
    Effect(yi, vi), shape (k,).

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Fleiss & Berlin (2009), in Cooper, Hedges & Valentine (eds), chapter 13.

    Example
    -------
    >>> effect = risk_difference(5, 95, 10, 90)
    >>> round(float(effect.yi), 3), round(float(effect.vi), 6)
    (-0.05, 0.001375)
    """
    n1, n2 = a + b, c + d
    p1, p2 = a / n1, c / n2
    mean1, mean2 = weighted_mean(p1, n1), weighted_mean(p2, n2)
    both = (a + c) / (n1 + n2)
    forms = {
        "LS": lambda: p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2,
        "UB": lambda: p1 * (1 - p1) / (n1 - 1) + p2 * (1 - p2) / (n2 - 1),
        "AV": lambda: mean1 * (1 - mean1) / n1 + mean2 * (1 - mean2) / n2,
        "H0": lambda: both * (1 - both) * (1 / n1 + 1 / n2),
    }
    return Effect(p1 - p2, variance(vtype, forms))


@formula
def arcsine_difference(a: Array, b: Array, c: Array, d: Array) -> Effect:
    """Difference of arcsine square-root proportions (AS).

    yi = arcsin √p1 − arcsin √p2;  vi = 1/(4n1) + 1/(4n2)

    Parameters
    ----------
    a, b : events and non-events in group 1, shape (k,). c, d : the same in group 2.

    Returns
    -------
    Effect(yi, vi), shape (k,), in radians; zero cells need no adjustment.

    Source
    ------
    Rücker, Schwarzer, Carpenter & Olkin (2009), Stat. Med. 28, 721-738, section 2.

    Example
    -------
    >>> round(float(arcsine_difference(0, 20, 2, 18).vi), 3)
    0.025
    """
    n1, n2 = a + b, c + d
    return Effect(np.arcsin(np.sqrt(a / n1)) - np.arcsin(np.sqrt(c / n2)), 1 / (4 * n1) + 1 / (4 * n2))


@formula
def peto_log_odds_ratio(a: Array, b: Array, c: Array, d: Array) -> Effect:
    """Log odds ratio by Peto's one-step method (PETO).

    yi = (a − E)/V with E = (a + c)n1/n, V = (a + c)(b + d)n1·n2/(n²(n − 1));  vi = 1/V

    Parameters
    ----------
    a, b : events and non-events in group 1, shape (k,). c, d : the same in group 2.

    Returns
    -------
    Effect(yi, vi), shape (k,); nan or infinite where nobody or everybody had the event.

    Source
    ------
    Yusuf, Peto, Lewis, Collins & Sleight (1985), Prog. Cardiovasc. Dis. 27, 335-371.

    Example
    -------
    >>> round(float(peto_log_odds_ratio(0, 20, 2, 18).yi), 4)
    -2.0526
    """
    n1, n2 = a + b, c + d
    n = n1 + n2
    expected = (a + c) * n1 / n
    information = (a + c) * (b + d) * (n1 / n) * (n2 / n) / (n - 1)
    return Effect((a - expected) / information, 1 / information)
