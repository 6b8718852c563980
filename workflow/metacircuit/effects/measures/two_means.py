"""Two independent groups, compared by their means: MD, SMD, SMDH (SMD1 and SMD1H are in `glass`).

Group 1 minus group 2 throughout. The standardized differences carry the exact correction J of Hedges (1981) unless
`correct=False`; the variances are those of the corrected value, as in metafor.
"""

from __future__ import annotations

import numpy as np

from .core import Array, Effect, correction, formula, standardized, variance


def pooled_sd(sd1: Array, n1: Array, sd2: Array, n2: Array) -> Array:
    """Standard deviation pooled over two groups, √[((n1 − 1)sd1² + (n2 − 1)sd2²) / (n1 + n2 − 2)].

    Example
    -------
    >>> round(float(pooled_sd(5.5, 50, 4.5, 50)), 4)
    5.0249
    """
    return np.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / (n1 + n2 - 2))


def cohen_d(m1: Array, sd1: Array, n1: Array, m2: Array, sd2: Array, n2: Array) -> Array:
    """Uncorrected standardized mean difference, (m1 − m2) / pooled sd.

    Example
    -------
    >>> round(float(cohen_d(103, 5.5, 50, 100, 4.5, 50)), 4)
    0.597
    """
    return (m1 - m2) / pooled_sd(sd1, n1, sd2, n2)


@formula
def md(m1: Array, sd1: Array, n1: Array, m2: Array, sd2: Array, n2: Array, vtype: str = "LS") -> Effect:
    """Raw mean difference (MD).

    yi = m1 − m2;  vi = sd1²/n1 + sd2²/n2

    Parameters
    ----------
    m1, m2 : means, shape (k,), in the unit of the scale.
    sd1, sd2 : standard deviations (not standard errors), shape (k,), same unit.
    n1, n2 : group sizes, shape (k,).
    vtype : "LS" or "UB" (unequal variances, unbiased), "HO" (one variance for both groups, pooled).

    Returns
    -------
    Effect(yi, vi), shape (k,).

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Borenstein (2009), in Cooper, Hedges & Valentine (eds), equations 12.1, 12.3 (HO) and 12.5.

    Example
    -------
    >>> effect = md(103, 5.5, 50, 100, 4.5, 50)
    >>> round(float(effect.yi), 3), round(float(effect.vi), 3)
    (3.0, 1.01)
    """

    def unequal() -> Array:
        return sd1**2 / n1 + sd2**2 / n2

    forms = {"LS": unequal, "UB": unequal, "HO": lambda: pooled_sd(sd1, n1, sd2, n2) ** 2 * (1 / n1 + 1 / n2)}
    return Effect(m1 - m2, variance(vtype, forms))


@formula
def smd_from_d(d: Array, n1: Array, n2: Array, vtype: str = "LS", correct: bool = True) -> Effect:
    """Hedges' g from Cohen's d (SMD).

    yi = J(m)·d with m = n1 + n2 − 2;  vi = 1/n1 + 1/n2 + yi²/(2(n1 + n2))

    Parameters
    ----------
    d : uncorrected standardized mean differences (pooled standard deviation), shape (k,).
    n1, n2 : group sizes, shape (k,).
    vtype : "LS"; "LS2" J²·(1/n1 + 1/n2 + d²/(2(n1 + n2))); "UB" unbiased; "AV" the mean effect, weighted by size,
        in place of yi; "H0" the variance when the true effect is zero.
    correct : False leaves the factor J out.

    Returns
    -------
    Effect(yi, vi), shape (k,); nan where m <= 1 and `correct` (for "H0" where m <= 2).

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Hedges (1982), Psychol. Bull. 92, 490-499, equation 8 (LS); Borenstein (2009), equation 12.17 (LS2);
    Hedges (1983), Psychol. Bull. 93, 388-395, equation 9 (UB).

    Example
    -------
    >>> effect = smd_from_d(0.5970, 50, 50, vtype="LS2")
    >>> round(float(effect.yi), 4), round(float(effect.vi), 4)
    (0.5924, 0.0411)
    """
    total = n1 + n2
    return standardized(d, total - 2, 1 / n1 + 1 / n2, total, total, vtype, correct)


@formula
def smd(
    m1: Array, sd1: Array, n1: Array, m2: Array, sd2: Array, n2: Array, vtype: str = "LS", correct: bool = True
) -> Effect:
    """Hedges' g from two means, standardized by the pooled standard deviation (SMD).

    yi = J(m)·(m1 − m2)/sd_pooled;  vi as in `smd_from_d`

    Parameters
    ----------
    m1, m2 : means, shape (k,), in the unit of the scale.
    sd1, sd2 : standard deviations (not standard errors), shape (k,), same unit.
    n1, n2 : group sizes, shape (k,).
    vtype, correct : as in `smd_from_d`.

    Returns
    -------
    Effect(yi, vi), shape (k,), without unit.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Hedges (1981), J. Educ. Stat. 6, 107-128; Hedges (1982), Psychol. Bull. 92, 490-499, equation 8.

    Example
    -------
    >>> effect = smd(103, 5.5, 50, 100, 4.5, 50)
    >>> round(float(effect.yi), 4), round(float(effect.vi), 4)
    (0.5924, 0.0418)
    """
    return smd_from_d(cohen_d(m1, sd1, n1, m2, sd2, n2), n1, n2, vtype=vtype, correct=correct)


@formula
def smdh(
    m1: Array, sd1: Array, n1: Array, m2: Array, sd2: Array, n2: Array, vtype: str = "LS", correct: bool = True
) -> Effect:
    """Standardized mean difference that allows unequal variances (SMDH).

    yi = J(n1 + n2 − 2)·(m1 − m2)/s with s² = (sd1² + sd2²)/2;
    vi = yi²·(sd1⁴/(n1 − 1) + sd2⁴/(n2 − 1))/(8s⁴) + (sd1²/(n1 − 1) + sd2²/(n2 − 1))/s²

    Parameters
    ----------
    m1, m2 : means, shape (k,). sd1, sd2 : standard deviations, shape (k,). n1, n2 : group sizes, shape (k,).
    vtype : "LS"; "LS2" (n in place of n − 1); "LS3" (n − 1 only where a variance is estimated).
    correct : False leaves the factor J out.

    Returns
    -------
    Effect(yi, vi), shape (k,), without unit.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Bonett (2008), Psychol. Methods 13, 99-109, equation 8; Bonett (2009), Psychol. Methods 14, 225-238, equation 5.

    Example
    -------
    >>> round(float(smdh(24.7, 3, 21, 26.7, 4, 16).vi), 6)
    0.126508
    """
    s2 = (sd1**2 + sd2**2) / 2
    g = correction(n1 + n2 - 2, correct) * (m1 - m2) / np.sqrt(s2)

    def delta_method(of_means: float, of_variances: float) -> Array:
        means = sd1**2 / (n1 - of_means) + sd2**2 / (n2 - of_means)
        variances = sd1**4 / (n1 - of_variances) + sd2**4 / (n2 - of_variances)
        return means / s2 + g**2 * variances / (8 * s2**2)

    forms = {"LS": lambda: delta_method(1, 1), "LS2": lambda: delta_method(0, 0), "LS3": lambda: delta_method(0, 1)}
    return Effect(g, variance(vtype, forms))
