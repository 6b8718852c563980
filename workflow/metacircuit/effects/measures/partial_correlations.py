"""A predictor in a regression, and the regression as a whole: PCOR, ZPCOR, SPCOR, ZSPCOR, R2, ZR2.

Throughout m counts all predictors of the model, the focal one included.
"""

from __future__ import annotations

import numpy as np

from .biserial import fisher_z
from .core import Array, Effect, formula, variance, weighted_mean


@formula
def pcor(r: Array, m: Array, n: Array, vtype: str = "LS") -> Effect:
    """Partial correlation (PCOR).

    yi = r;  vi = (1 − r²)²/(n − m)

    Parameters
    ----------
    r : partial correlations, shape (k,). m : number of predictors, the focal one included. n : sample sizes.
    vtype : "LS"; "AV" the mean of r, weighted by n, in place of r.

    Returns
    -------
    Effect(yi, vi), shape (k,).

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Aloe & Thompson (2013), J. Soc. Soc. Work Res. 4, 390-405; Aloe (2014), J. Soc. Soc. Work Res. 5, 47-59.

    Example
    -------
    >>> round(float(pcor(0.3, 5, 105).vi), 6)
    0.008281
    """
    mean = weighted_mean(r, n)
    forms = {"LS": lambda: (1 - r**2) ** 2 / (n - m), "AV": lambda: (1 - mean**2) ** 2 / (n - m)}
    return Effect(r, variance(vtype, forms))


@formula
def zpcor(r: Array, m: Array, n: Array) -> Effect:
    """Fisher's z of a partial correlation (ZPCOR).

    yi = artanh r;  vi = 1/(n − m − 2)

    Parameters
    ----------
    r : partial correlations, shape (k,). m : number of predictors, the focal one included. n : sample sizes.

    Returns
    -------
    Effect(yi, vi), shape (k,); vi nan where n − m <= 2.

    Source
    ------
    Fisher (1924), Metron 3, 329-332, with m − 1 variables partialled out: n − (m − 1) − 3.

    Example
    -------
    >>> round(float(zpcor(0.3, 5, 107).vi), 4)
    0.01
    """
    return Effect(np.arctanh(r), np.where(n - m > 2, 1 / (n - m - 2), np.nan))


@formula
def spcor(r: Array, n: Array, r2: Array, vtype: str = "LS") -> Effect:
    """Semi-partial correlation (SPCOR).

    yi = r;  vi = (R⁴ − 2R² + (R² − r²) + 1 − (R² − r²)²)/n

    Parameters
    ----------
    r : semi-partial correlations, shape (k,). n : sample sizes, shape (k,).
    r2 : R² of the full model, shape (k,), 0 to 1.
    vtype : "LS"; "AV" the mean of r, weighted by n, in place of r.

    Returns
    -------
    Effect(yi, vi), shape (k,).

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Aloe & Becker (2012), J. Educ. Behav. Stat. 37, 278-297, equation 11.

    Example
    -------
    >>> round(float(spcor(0.3, 100, 0.4).vi), 6)
    0.005739
    """

    def at(value: Array) -> Array:
        without = r2 - value**2
        return (r2**2 - 2 * r2 + without + 1 - without**2) / n

    return Effect(r, variance(vtype, {"LS": lambda: at(r), "AV": lambda: at(weighted_mean(r, n))}))


@formula
def zspcor(r: Array, n: Array, r2: Array, vtype: str = "LS") -> Effect:
    """Fisher's z of a semi-partial correlation (ZSPCOR).

    yi = artanh r;  vi = v(r)/(1 − r²)²

    Parameters
    ----------
    r, n, r2, vtype : as in `spcor`.

    Returns
    -------
    Effect(yi, vi), shape (k,).

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    The delta method on `spcor`.

    Example
    -------
    >>> round(float(zspcor(0.3, 100, 0.4).yi), 4)
    0.3095
    """
    return fisher_z(spcor(r, n, r2, vtype=vtype))


@formula
def r_squared(r2: Array, m: Array, n: Array, vtype: str = "LS") -> Effect:
    """Coefficient of determination (R2).

    yi = R²;  vi = 4R²(1 − R²)²/n

    Parameters
    ----------
    r2 : R² of the models, shape (k,), 0 to 1. m : number of predictors. n : sample sizes.
    vtype : "LS"; "LS2" 4R²(1 − R²)²(n − m − 1)²/((n² − 1)(n + 3)); "AV" and "AV2" the same at the mean R².

    Returns
    -------
    Effect(yi, vi), shape (k,).

    Raises
    ------
    ValueError : unknown vtype.

    Source
    ------
    Kendall & Stuart (1979), The Advanced Theory of Statistics 2, equations 27.88 (LS) and 27.87 (LS2).

    Example
    -------
    >>> round(float(r_squared(0.25, 3, 100).vi), 6)
    0.005625
    """
    mean = weighted_mean(r2, n)
    small = (n - m - 1) ** 2 / ((n**2 - 1) * (n + 3))
    forms = {
        "LS": lambda: 4 * r2 * (1 - r2) ** 2 / n,
        "LS2": lambda: 4 * r2 * (1 - r2) ** 2 * small,
        "AV": lambda: 4 * mean * (1 - mean) ** 2 / n,
        "AV2": lambda: 4 * mean * (1 - mean) ** 2 * small,
    }
    return Effect(r2, variance(vtype, forms))


@formula
def z_r_squared(r2: Array, n: Array) -> Effect:
    """Fisher's z of the multiple correlation (ZR2).

    yi = artanh √R²;  vi = 1/n

    Parameters
    ----------
    r2 : R² of the models, shape (k,), 0 to 1. n : sample sizes.

    Returns
    -------
    Effect(yi, vi), shape (k,).

    Source
    ------
    Olkin & Finn (1995), Psychol. Bull. 118, 155-164, p. 162 (here with the factor ½ of Fisher's z).

    Example
    -------
    >>> round(float(z_r_squared(0.25, 100).yi), 4)
    0.5493
    """
    return Effect(np.arctanh(np.sqrt(r2)), 1 / n)
