"""One group measured twice, or matched pairs, on the log scale: ROMC, VRC, CVRC."""

from __future__ import annotations

import numpy as np

from .core import Array, Effect, formula, variance


@formula
def romc(
    m1: Array, sd1: Array, m2: Array, sd2: Array, r: Array, n: Array, vtype: str = "LS", correct: bool = True
) -> Effect:
    """Log ratio of two paired means (ROMC).

    yi = ln(m1/m2) + ½(sd1²/(n·m1²) − sd2²/(n·m2²));
    vi = sd1²/(n·m1²) + sd2²/(n·m2²) − 2r·sd1·sd2/(n·m1·m2)

    Parameters
    ----------
    m1, m2 : means of one sign on a ratio scale, shape (k,). sd1, sd2 : standard deviations, shape (k,).
    r : correlations of the two measurements, shape (k,). n : numbers of pairs, shape (k,).
    vtype : "LS"; "LS2" second-order terms. correct : False leaves the bias correction out.

    Returns
    -------
    Effect(yi, vi), shape (k,), without unit.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Senior, Viechtbauer & Nakagawa (2020), Res. Synth. Methods 11, 553-567, equations 7 (yi), 18 (LS), 19 (LS2);
    Lajeunesse (2011), Ecology 92, 2049-2055, equation 6.

    Example
    -------
    >>> round(float(romc(29.83, 4.52, 23.37, 3, 0.88, 25).yi), 6)
    0.244191
    """
    cv1, cv2 = sd1 / m1, sd2 / m2
    yi = np.log(m1 / m2)
    if correct:
        yi = yi + (cv1**2 - cv2**2) / (2 * n)

    def first_order() -> Array:
        return (cv1**2 + cv2**2 - 2 * r * cv1 * cv2) / n

    def second_order() -> Array:
        # As printed: the means of the cross term keep their fourth powers.
        cross = r**2 * sd1**2 * sd2**2 * (m1**4 + m2**4) / (m1**4 * m2**4)
        return first_order() + (cv1**4 + cv2**4 + cross) / (2 * n**2)

    return Effect(yi, variance(vtype, {"LS": first_order, "LS2": second_order}))


@formula
def vrc(sd1: Array, sd2: Array, r: Array, n: Array, vtype: str = "LS") -> Effect:
    """Log variability ratio of two paired measurements (VRC).

    yi = ln(sd1/sd2);  vi = (1 − r²)/(n − 1)

    Parameters
    ----------
    sd1, sd2 : standard deviations, shape (k,). r : correlations, shape (k,). n : numbers of pairs, at least 2.
    vtype : "LS"; "LS2" n/(n − 1)² − r²/(n − 1) + r⁴(sd1⁸ + sd2⁸)/(2(n − 1)²·sd1⁴·sd2⁴).

    Returns
    -------
    Effect(yi, vi), shape (k,), without unit.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Senior, Viechtbauer & Nakagawa (2020), Res. Synth. Methods 11, 553-567, equations 8 (yi), 21 (LS), 22 (LS2).

    Example
    -------
    >>> round(float(vrc(4.52, 3, 0.88, 25).vi), 4)
    0.0094
    """
    ratio = (sd1 / sd2) ** 4
    forms = {
        "LS": lambda: (1 - r**2) / (n - 1),
        "LS2": lambda: n / (n - 1) ** 2 - r**2 / (n - 1) + r**4 * (ratio + 1 / ratio) / (2 * (n - 1) ** 2),
    }
    return Effect(np.log(sd1 / sd2), variance(vtype, forms))


@formula
def cvrc(
    m1: Array, sd1: Array, m2: Array, sd2: Array, r: Array, n: Array, vtype: str = "LS", correct: bool = True
) -> Effect:
    """Log ratio of two paired coefficients of variation (CVRC): VRC minus ROMC, with the variances of both.

    yi = ln(sd1/m1) − ln(sd2/m2) − ½(sd1²/(n·m1²) − sd2²/(n·m2²));  vi = v(VRC) + v(ROMC)

    Parameters
    ----------
    m1, m2 : means above 0 on a ratio scale, shape (k,). sd1, sd2, r, n, vtype, correct : as in `romc`.

    Returns
    -------
    Effect(yi, vi), shape (k,), without unit.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Senior, Viechtbauer & Nakagawa (2020), Res. Synth. Methods 11, 553-567, equations 9 (yi), 23 (LS), 24 (LS2).

    Example
    -------
    >>> round(float(cvrc(29.83, 4.52, 23.37, 3, 0.88, 25).vi), 6)
    0.009608
    """
    means = romc(m1, sd1, m2, sd2, r, n, vtype=vtype, correct=correct)
    spreads = vrc(sd1, sd2, r, n, vtype=vtype)
    positive = np.where((m1 > 0) & (m2 > 0), 1.0, np.nan)
    return Effect((spreads.yi - means.yi) * positive, spreads.vi + means.vi)
