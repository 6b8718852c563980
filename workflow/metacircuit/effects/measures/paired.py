"""One group measured twice, or matched pairs, by means: MC, SMCC, SMCR, SMCRH, SMCRP, SMCRPH.

Measurement 1 minus measurement 2 throughout; r is the correlation of the two.
"""

from __future__ import annotations

import numpy as np

from .core import Array, Effect, correction, formula, standardized, variance
from .correlations import unbiased_correlation


def change_sd(sd1: Array, sd2: Array, r: Array) -> Array:
    """Standard deviation of the differences, √(sd1² + sd2² − 2r·sd1·sd2).

    Example
    -------
    >>> round(float(change_sd(5.0, 5.0, 0.5)), 4)
    5.0
    """
    return np.sqrt(sd1**2 + sd2**2 - 2 * r * sd1 * sd2)


@formula
def mc(m1: Array, sd1: Array, m2: Array, sd2: Array, r: Array, n: Array) -> Effect:
    """Raw mean change (MC).

    yi = m1 − m2;  vi = (sd1² + sd2² − 2r·sd1·sd2)/n

    Parameters
    ----------
    m1, m2 : means, shape (k,). sd1, sd2 : standard deviations, same unit. r : correlations. n : numbers of pairs.

    Returns
    -------
    Effect(yi, vi), shape (k,).

    Source
    ------
    Borenstein (2009), in Cooper, Hedges & Valentine (eds), equations 12.6 to 12.8.

    Example
    -------
    >>> round(float(mc(103, 5.5, 100, 4.5, 0.5, 50).vi), 4)
    0.515
    """
    return Effect(m1 - m2, change_sd(sd1, sd2, r) ** 2 / n)


@formula
def smcc_from_d(d: Array, n: Array, vtype: str = "LS", correct: bool = True) -> Effect:
    """Standardized mean change from d = mean change / sd of the changes (SMCC).

    yi = J(n − 1)·d;  vi = 1/n + yi²/(2n)

    Parameters
    ----------
    d : uncorrected standardized changes, shape (k,). n : numbers of pairs, shape (k,).
    vtype : "LS"; "LS2" J²·(1/n + d²/(2n)); "UB" unbiased; "H0" the variance when the true change is zero.
    correct : False leaves the factor J out.

    Returns
    -------
    Effect(yi, vi), shape (k,), without unit.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Gibbons, Hedeker & Davis (1993), J. Educ. Stat. 18, 271-279, equation 21 with n for n − 1; Viechtbauer (2007),
    J. Educ. Behav. Stat. 32, 39-60, equation 26 (UB).

    Example
    -------
    >>> round(float(smcc_from_d(0.5, 20, correct=False).vi), 5)
    0.05625
    """
    return standardized(d, n - 1, 1 / n, n, n, vtype, correct)


@formula
def smcc(
    m1: Array, sd1: Array, m2: Array, sd2: Array, r: Array, n: Array, vtype: str = "LS", correct: bool = True
) -> Effect:
    """Standardized mean change, by the standard deviation of the changes (SMCC).

    yi = J(n − 1)·(m1 − m2)/sd_change;  vi = 1/n + yi²/(2n)

    Parameters
    ----------
    m1, sd1, m2, sd2, r, n : as in `mc`. vtype, correct : as in `smcc_from_d`.

    Returns
    -------
    Effect(yi, vi), shape (k,), without unit.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Gibbons, Hedeker & Davis (1993), J. Educ. Stat. 18, 271-279, equation 21 with n for n − 1.

    Example
    -------
    >>> round(float(smcc(103, 5, 100, 5, 0.5, 50).yi), 4)
    0.5908
    """
    return smcc_from_d((m1 - m2) / change_sd(sd1, sd2, r), n, vtype=vtype, correct=correct)


@formula
def smcr(m1: Array, sd1: Array, m2: Array, r: Array, n: Array, vtype: str = "LS", correct: bool = True) -> Effect:
    """Standardized mean change, by the standard deviation of measurement 1 (SMCR).

    yi = J(n − 1)·(m1 − m2)/sd1;  vi = 2(1 − r)/n + yi²/(2n)

    Parameters
    ----------
    m1, m2 : means, shape (k,). sd1 : standard deviation at measurement 1. r : correlations. n : numbers of pairs.
    vtype : "LS"; "LS2" J²·(2(1 − r)/n + d²/(2n)); "UB" and "H0" with the unbiased estimate of r (needs n > 4).
    correct : False leaves the factor J out.

    Returns
    -------
    Effect(yi, vi), shape (k,), without unit.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Becker (1988), Br. J. Math. Stat. Psychol. 41, 257-278, equation 13; Viechtbauer (2007),
    J. Educ. Behav. Stat. 32, 39-60, equation 37 (UB).

    Example
    -------
    >>> round(float(smcr(103, 5, 100, 0.5, 50, correct=False).vi), 4)
    0.0236
    """
    of_r = unbiased_correlation(r, n) if vtype in {"UB", "H0"} else r
    return standardized((m1 - m2) / sd1, n - 1, 2 * (1 - of_r) / n, n, n, vtype, correct)


@formula
def smcrh(
    m1: Array, sd1: Array, m2: Array, sd2: Array, r: Array, n: Array, vtype: str = "LS", correct: bool = True
) -> Effect:
    """Standardized mean change by sd1, unequal variances allowed (SMCRH).

    yi = J(n − 1)·(m1 − m2)/sd1;  vi = sd_change²/(sd1²(n − 1)) + yi²/(2(n − 1))

    Parameters
    ----------
    m1, sd1, m2, sd2, r, n : as in `mc`.
    vtype : "LS"; "LS2" (n in place of n − 1). correct : False leaves the factor J out.

    Returns
    -------
    Effect(yi, vi), shape (k,), without unit.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Bonett (2008), Psychol. Methods 13, 99-109, equation 13.

    Example
    -------
    >>> round(float(smcrh(29.83, 4.52, 23.37, 3, 0.88, 25).vi), 6)
    0.051254
    """
    g = correction(n - 1, correct) * (m1 - m2) / sd1
    ratio = change_sd(sd1, sd2, r) ** 2 / sd1**2
    forms = {
        "LS": lambda: ratio / (n - 1) + g**2 / (2 * (n - 1)),
        "LS2": lambda: ratio / n + g**2 / (2 * n),
    }
    return Effect(g, variance(vtype, forms))


@formula
def smcrp(m1: Array, sd1: Array, m2: Array, sd2: Array, r: Array, n: Array, correct: bool = True) -> Effect:
    """Standardized mean change, by s with s² = (sd1² + sd2²)/2 (SMCRP).

    yi = J(m)·(m1 − m2)/s with m = 2(n − 1)/(1 + r²);  vi = 2(1 − r)/n + yi²(1 + r²)/(4n)

    Parameters
    ----------
    m1, sd1, m2, sd2, r, n : as in `mc`. correct : False leaves the factor J out.

    Returns
    -------
    Effect(yi, vi), shape (k,), without unit.

    Source
    ------
    Cousineau (2020), Quant. Methods Psychol. 16, 418-421, equation 2.

    Example
    -------
    >>> round(float(smcrp(29.83, 4.52, 23.37, 3, 0.88, 25).vi), 6)
    0.05714
    """
    d = (m1 - m2) / np.sqrt((sd1**2 + sd2**2) / 2)
    return standardized(d, 2 * (n - 1) / (1 + r**2), 2 * (1 - r) / n, 2 * n / (1 + r**2), n, "LS", correct)


@formula
def smcrph(
    m1: Array, sd1: Array, m2: Array, sd2: Array, r: Array, n: Array, vtype: str = "LS", correct: bool = True
) -> Effect:
    """Standardized mean change by the pooled s, unequal variances allowed (SMCRPH).

    yi as SMCRP;  vi = sd_change²/(s²(n − 1)) + yi²(sd1⁴ + sd2⁴ + 2r²sd1²sd2²)/(8s⁴(n − 1))

    Parameters
    ----------
    m1, sd1, m2, sd2, r, n : as in `mc`.
    vtype : "LS"; "LS2" (n in place of n − 1). correct : False leaves the factor J out.

    Returns
    -------
    Effect(yi, vi), shape (k,), without unit.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Bonett (2008), Psychol. Methods 13, 99-109, equation 10.

    Example
    -------
    >>> round(float(smcrph(29.83, 4.52, 23.37, 3, 0.88, 25).vi), 6)
    0.066227
    """
    s2 = (sd1**2 + sd2**2) / 2
    g = correction(2 * (n - 1) / (1 + r**2), correct) * (m1 - m2) / np.sqrt(s2)
    spread = sd1**4 + sd2**4 + 2 * r**2 * sd1**2 * sd2**2
    terms = change_sd(sd1, sd2, r) ** 2 / s2 + g**2 * spread / (8 * s2**2)
    return Effect(g, variance(vtype, {"LS": lambda: terms / (n - 1), "LS2": lambda: terms / n}))
