"""Two independent groups, standardized by the standard deviation of the second (control) group: SMD1, SMD1H."""

from __future__ import annotations

from .core import Array, Effect, correction, formula, standardized


@formula
def smd1(m1: Array, n1: Array, m2: Array, sd2: Array, n2: Array, vtype: str = "LS", correct: bool = True) -> Effect:
    """Standardized mean difference by the standard deviation of group 2, Glass's Δ (SMD1).

    yi = J(n2 − 1)·(m1 − m2)/sd2;  vi = 1/n1 + 1/n2 + yi²/(2n2)

    Parameters
    ----------
    m1, m2 : means, shape (k,). sd2 : standard deviation of group 2, shape (k,). n1, n2 : group sizes, shape (k,).
    vtype : "LS", "LS2", "UB", "AV", "H0", as in `two_means.smd_from_d` with n2 − 1 degrees of freedom.
    correct : False leaves the factor J out.

    Returns
    -------
    Effect(yi, vi), shape (k,), without unit.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Hedges (1981), J. Educ. Stat. 6, 107-128.

    Example
    -------
    >>> round(float(smd1(24.7, 21, 26.7, 4, 16).yi), 6)
    -0.474504
    """
    return standardized((m1 - m2) / sd2, n2 - 1, 1 / n1 + 1 / n2, n2, n1 + n2, vtype, correct)


@formula
def smd1h(m1: Array, sd1: Array, n1: Array, m2: Array, sd2: Array, n2: Array, correct: bool = True) -> Effect:
    """Glass's Δ that allows unequal variances (SMD1H).

    yi = J(n2 − 1)·(m1 − m2)/sd2;  vi = (sd1²/sd2²)/(n1 − 1) + 1/(n2 − 1) + yi²/(2(n2 − 1))

    Parameters
    ----------
    m1, m2 : means, shape (k,). sd1, sd2 : standard deviations, shape (k,). n1, n2 : group sizes, shape (k,).
    correct : False leaves the factor J out.

    Returns
    -------
    Effect(yi, vi), shape (k,), without unit.

    Source
    ------
    Bonett (2008), Psychol. Methods 13, 99-109, equation 12.

    Example
    -------
    >>> round(float(smd1h(24.7, 3, 21, 26.7, 4, 16).vi), 6)
    0.102297
    """
    g = correction(n2 - 1, correct) * (m1 - m2) / sd2
    return Effect(g, (sd1**2 / sd2**2) / (n1 - 1) + 1 / (n2 - 1) + g**2 / (2 * (n2 - 1)))
