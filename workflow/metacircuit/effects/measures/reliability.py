"""Cronbach's alpha, raw and transformed: ARAW, AHW, ABT."""

from __future__ import annotations

import numpy as np

from .core import Array, Effect, formula


@formula
def alpha_raw(a: Array, m: Array, n: Array) -> Effect:
    """Cronbach's alpha (ARAW).

    yi = α;  vi = 2m(1 − α)²/((m − 1)(n − 2))

    Parameters
    ----------
    a : alphas, shape (k,), at most 1. m : numbers of items (or raters), at least 2. n : sample sizes, above 2.

    Returns
    -------
    Effect(yi, vi), shape (k,).

    Source
    ------
    Bonett (2010), Psychol. Methods 15, 368-385; van Zyl, Neudecker & Nel (2000), Psychometrika 65, 271-280.

    Example
    -------
    >>> round(float(alpha_raw(0.82, 4, 131).vi), 6)
    0.00067
    """
    return Effect(a, 2 * m * (1 - a) ** 2 / ((m - 1) * (n - 2)))


@formula
def alpha_cube_root(a: Array, m: Array, n: Array) -> Effect:
    """Cronbach's alpha, Hakstian and Whalen's cube root, turned so that it grows with alpha (AHW).

    yi = 1 − (1 − α)^(1/3);  vi = 18m(n − 1)(1 − α)^(2/3)/((m − 1)(9n − 11)²)

    Parameters
    ----------
    a : alphas, shape (k,), at most 1. m : numbers of items (or raters), at least 2. n : sample sizes, above 1.

    Returns
    -------
    Effect(yi, vi), shape (k,).

    Source
    ------
    Hakstian & Whalen (1976), Psychometrika 41, 219-231.

    Example
    -------
    >>> round(float(alpha_cube_root(0.82, 4, 131).yi), 6)
    0.435378
    """
    root = np.cbrt(1 - a)
    return Effect(1 - root, 18 * m * (n - 1) * root**2 / ((m - 1) * (9 * n - 11) ** 2))


@formula
def alpha_log(a: Array, m: Array, n: Array) -> Effect:
    """Cronbach's alpha, Bonett's logarithm, turned so that it grows with alpha (ABT).

    yi = −ln(1 − α);  vi = 2m/((m − 1)(n − 2))

    Parameters
    ----------
    a : alphas, shape (k,), below 1. m : numbers of items (or raters), at least 2. n : sample sizes, above 2.

    Returns
    -------
    Effect(yi, vi), shape (k,); infinite at α = 1.

    Source
    ------
    Bonett (2002), J. Educ. Behav. Stat. 27, 335-340.

    Example
    -------
    >>> round(float(alpha_log(0.82, 4, 131).yi), 6)
    1.714798
    """
    return Effect(-np.log(1 - a), 2 * m / ((m - 1) * (n - 2)))
