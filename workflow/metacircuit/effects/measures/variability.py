"""Two independent groups, compared on the log scale by means, spreads or both: ROM, VR, CVR.

VR and CVR ask whether a treatment makes patients more or less alike, the trace of a response that varies between them.
"""

from __future__ import annotations

import numpy as np

from .core import Array, Effect, formula, variance, weighted_mean
from .two_means import pooled_sd


@formula
def rom(
    m1: Array, sd1: Array, n1: Array, m2: Array, sd2: Array, n2: Array, vtype: str = "LS", correct: bool = True
) -> Effect:
    """Log ratio of means, the log response ratio (ROM).

    yi = ln(m1/m2) + ½(sd1²/(n1·m1²) − sd2²/(n2·m2²));  vi = sd1²/(n1·m1²) + sd2²/(n2·m2²)

    Parameters
    ----------
    m1, m2 : means of one sign on a ratio scale, shape (k,). sd1, sd2 : standard deviations. n1, n2 : group sizes.
    vtype : "LS"; "LS2" second-order terms; "HO" the pooled standard deviation; "AV" the mean coefficient of
        variation of each group over the studies; "AVHO" that of both groups together.
    correct : False leaves the second-order bias correction out.

    Returns
    -------
    Effect(yi, vi), shape (k,), without unit.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Lajeunesse (2015), Ecology 96, 2056-2063, equations 8 (yi) and 9 (LS2); Hedges, Gurevitch & Curtis (1999).

    Example
    -------
    >>> effect = rom(61.515, 19.475, 10, 51.015, 19.475, 10, correct=False)
    >>> round(float(effect.yi), 4), round(float(effect.vi), 4)
    (0.1872, 0.0246)
    """
    cv1, cv2 = sd1 / m1, sd2 / m2
    yi = np.log(m1 / m2)
    if correct:
        yi = yi + (cv1**2 / n1 - cv2**2 / n2) / 2

    def common_cv() -> Array:
        known = ~np.isnan(cv1 * n1 + cv2 * n2)
        total = ((cv1 * n1 + cv2 * n2)[known]).sum() / (n1 + n2)[known].sum()
        return total**2 * (1 / n1 + 1 / n2)

    pooled = pooled_sd(sd1, n1, sd2, n2)
    forms = {
        "LS": lambda: cv1**2 / n1 + cv2**2 / n2,
        "LS2": lambda: cv1**2 / n1 + cv2**2 / n2 + cv1**4 / (2 * n1**2) + cv2**4 / (2 * n2**2),
        "HO": lambda: pooled**2 / (n1 * m1**2) + pooled**2 / (n2 * m2**2),
        "AV": lambda: weighted_mean(cv1, n1) ** 2 / n1 + weighted_mean(cv2, n2) ** 2 / n2,
        "AVHO": common_cv,
    }
    return Effect(yi, variance(vtype, forms))


@formula
def vr(sd1: Array, n1: Array, sd2: Array, n2: Array, vtype: str = "LS", correct: bool = True) -> Effect:
    """Log variability ratio (VR).

    yi = ln(sd1/sd2) + 1/(2(n1 − 1)) − 1/(2(n2 − 1));  vi = 1/(2(n1 − 1)) + 1/(2(n2 − 1))

    Parameters
    ----------
    sd1, sd2 : standard deviations, shape (k,). n1, n2 : group sizes, shape (k,), at least 2.
    vtype : "LS"; "LS2" ½(n1/(n1 − 1)² + n2/(n2 − 1)²).
    correct : False leaves the bias correction out.

    Returns
    -------
    Effect(yi, vi), shape (k,), without unit.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Nakagawa et al. (2015), Methods Ecol. Evol. 6, 143-152, equation 9; Senior, Viechtbauer & Nakagawa (2020),
    Res. Synth. Methods 11, 553-567, equations 5 (yi) and 15 (LS2).

    Example
    -------
    >>> effect = vr(6, 21, 3, 21)
    >>> round(float(effect.yi), 4), round(float(effect.vi), 4)
    (0.6931, 0.05)
    """
    yi = np.log(sd1 / sd2)
    if correct:
        yi = yi + 1 / (2 * (n1 - 1)) - 1 / (2 * (n2 - 1))
    forms = {
        "LS": lambda: 1 / (2 * (n1 - 1)) + 1 / (2 * (n2 - 1)),
        "LS2": lambda: (n1 / (n1 - 1) ** 2 + n2 / (n2 - 1) ** 2) / 2,
    }
    return Effect(yi, variance(vtype, forms))


@formula
def cvr(
    m1: Array, sd1: Array, n1: Array, m2: Array, sd2: Array, n2: Array, vtype: str = "LS", correct: bool = True
) -> Effect:
    """Log ratio of the coefficients of variation (CVR): VR minus ROM, with the variances of both.

    yi = ln(sd1/m1) − ln(sd2/m2) + 1/(2(n1 − 1)) − 1/(2(n2 − 1)) − ½(sd1²/(n1·m1²) − sd2²/(n2·m2²));
    vi = 1/(2(n1 − 1)) + sd1²/(n1·m1²) + 1/(2(n2 − 1)) + sd2²/(n2·m2²)

    Parameters
    ----------
    m1, m2 : means above 0 on a ratio scale, shape (k,). sd1, sd2 : standard deviations. n1, n2 : group sizes.
    vtype : "LS"; "LS2" the second-order forms of VR and ROM.
    correct : False leaves both bias corrections out.

    Returns
    -------
    Effect(yi, vi), shape (k,), without unit.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Senior, Viechtbauer & Nakagawa (2020), Res. Synth. Methods 11, 553-567, equations 6 (yi) and 16 (LS2); Nakagawa
    et al. (2015), Methods Ecol. Evol. 6, 143-152, equation 12 without its correlation terms.

    Example
    -------
    >>> round(float(cvr(10, 3, 21, 10, 3, 21).vi), 4)
    0.0586
    """
    means = rom(m1, sd1, n1, m2, sd2, n2, vtype=vtype if vtype == "LS2" else "LS", correct=correct)
    spreads = vr(sd1, n1, sd2, n2, vtype=vtype, correct=correct)
    positive = np.where((m1 > 0) & (m2 > 0), 1.0, np.nan)
    return Effect((spreads.yi - means.yi) * positive, spreads.vi + means.vi)
