"""One group and a count of events: PR, PLN, PLO, PRZ, PAS, PFT.

The functions take x events and m non-events as they are to be used; adding to zero cells is decided in `zero_cells`.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from .core import Array, Effect, formula, variance, weighted_mean


@formula
def proportion(x: Array, m: Array, vtype: str = "LS") -> Effect:
    """Raw proportion (PR).

    yi = p = x/n;  vi = p(1 − p)/n

    Parameters
    ----------
    x, m : events and non-events, shape (k,).
    vtype : "LS"; "UB" (n − 1 in place of n); "AV" the mean proportion, weighted by n, in place of p.

    Returns
    -------
    Effect(yi, vi), shape (k,).

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Schwarzer & Rücker (2022), Methods Mol. Biol. 2345, 159-172, section 2.

    Example
    -------
    >>> round(float(proportion(20, 80).vi), 6)
    0.0016
    """
    n = x + m
    p, mean = x / n, weighted_mean(x / n, n)
    forms = {
        "LS": lambda: p * (1 - p) / n,
        "UB": lambda: p * (1 - p) / (n - 1),
        "AV": lambda: mean * (1 - mean) / n,
    }
    return Effect(p, variance(vtype, forms))


@formula
def log_proportion(x: Array, m: Array, vtype: str = "LS") -> Effect:
    """Log proportion (PLN).

    yi = ln p;  vi = 1/x − 1/n

    Parameters
    ----------
    x, m : events and non-events, shape (k,).
    vtype : "LS"; "AV" the mean proportion, weighted by n, in place of p.

    Returns
    -------
    Effect(yi, vi), shape (k,); infinite where x is 0.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Schwarzer & Rücker (2022), Methods Mol. Biol. 2345, 159-172, section 2.

    Example
    -------
    >>> round(float(log_proportion(20, 80).vi), 4)
    0.04
    """
    n = x + m
    mean = weighted_mean(x / n, n)
    forms = {"LS": lambda: 1 / x - 1 / n, "AV": lambda: 1 / (mean * n) - 1 / n}
    return Effect(np.log(x / n), variance(vtype, forms))


@formula
def logit_proportion(x: Array, m: Array, vtype: str = "LS") -> Effect:
    """Log odds of a proportion (PLO).

    yi = ln(x/m);  vi = 1/x + 1/m

    Parameters
    ----------
    x, m : events and non-events, shape (k,).
    vtype : "LS"; "AV" the mean proportion, weighted by n, in place of p.

    Returns
    -------
    Effect(yi, vi), shape (k,); infinite where x or m is 0.

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Schwarzer & Rücker (2022), Methods Mol. Biol. 2345, 159-172, section 2.

    Example
    -------
    >>> effect = logit_proportion(20, 80)
    >>> round(float(effect.yi), 4), round(float(effect.vi), 4)
    (-1.3863, 0.0625)
    """
    n = x + m
    mean = weighted_mean(x / n, n)
    forms = {"LS": lambda: 1 / x + 1 / m, "AV": lambda: 1 / (mean * n) + 1 / ((1 - mean) * n)}
    return Effect(np.log(x) - np.log(m), variance(vtype, forms))


@formula
def probit_proportion(x: Array, m: Array) -> Effect:
    """Probit of a proportion (PRZ).

    yi = z = Φ⁻¹(p);  vi = 2π·p(1 − p)·exp(z²)/n

    Parameters
    ----------
    x, m : events and non-events, shape (k,).

    Returns
    -------
    Effect(yi, vi), shape (k,); infinite where x or m is 0.

    Source
    ------
    The delta method on p; the same term as in Sánchez-Meca, Marín-Martínez & Chacón-Moscoso (2003), equation 21.

    Example
    -------
    >>> round(float(probit_proportion(20, 80).yi), 4)
    -0.8416
    """
    n = x + m
    p = x / n
    z = ndtri(p)
    return Effect(z, 2 * np.pi * p * (1 - p) * np.exp(z**2) / n)


@formula
def arcsine_proportion(x: Array, m: Array) -> Effect:
    """Arcsine square root of a proportion (PAS).

    yi = arcsin √p;  vi = 1/(4n)

    Parameters
    ----------
    x, m : events and non-events, shape (k,).

    Returns
    -------
    Effect(yi, vi), shape (k,), in radians; zero cells need no adjustment.

    Source
    ------
    Rücker, Schwarzer, Carpenter & Olkin (2009), Stat. Med. 28, 721-738, section 2.

    Example
    -------
    >>> round(float(arcsine_proportion(20, 80).vi), 4)
    0.0025
    """
    n = x + m
    return Effect(np.arcsin(np.sqrt(x / n)), 1 / (4 * n))


@formula
def double_arcsine_proportion(x: Array, m: Array) -> Effect:
    """Freeman and Tukey's double arcsine of a proportion (PFT).

    yi = ½(arcsin √(x/(n + 1)) + arcsin √((x + 1)/(n + 1)));  vi = 1/(4n + 2)

    Parameters
    ----------
    x, m : events and non-events, shape (k,).

    Returns
    -------
    Effect(yi, vi), shape (k,), in radians; zero cells need no adjustment. Its way back to a proportion depends on n
    and can mislead (Schwarzer et al. 2019, Res. Synth. Methods 10, 476-483): a GLMM or PLO is the safer choice.

    Source
    ------
    Freeman & Tukey (1950), Ann. Math. Stat. 21, 607-611.

    Example
    -------
    >>> round(float(double_arcsine_proportion(0, 22).yi), 6)
    0.105028
    """
    n = x + m
    yi = (np.arcsin(np.sqrt(x / (n + 1))) + np.arcsin(np.sqrt((x + 1) / (n + 1)))) / 2
    return Effect(yi, 1 / (4 * n + 2))
