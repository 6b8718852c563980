"""From correlations to standardised differences (the ways back are the measures RPB and ZPB)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


def allocation(n1: ArrayLike, n2: ArrayLike) -> Floats:
    r"""The constant that ties d to the point-biserial correlation.

    .. math:: h = \frac{m}{n_1} + \frac{m}{n_2}, \qquad m = n_1 + n_2 - 2

    Parameters
    ----------
    n1, n2 : array_like
        Group sizes.

    Returns
    -------
    ndarray
        h; near 4 for groups of equal size.

    References
    ----------
    Jacobs and Viechtbauer (2017), Research Synthesis Methods 8, 161–180.

    Examples
    --------
    >>> round(float(allocation(20, 20)), 6)
    3.8
    """
    n1, n2 = np.asarray(n1, dtype=float), np.asarray(n2, dtype=float)
    return np.asarray((n1 + n2 - 2) * (1 / n1 + 1 / n2))


def d_from_r(r: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Floats:
    r"""Cohen's d of two groups from the point-biserial correlation with membership.

    .. math:: d = \frac{r \sqrt{h}}{\sqrt{1 - r^2}}

    Parameters
    ----------
    r : array_like
        Correlations in (-1, 1).
    n1, n2 : array_like
        Group sizes.

    Returns
    -------
    ndarray
        d.

    References
    ----------
    Jacobs and Viechtbauer (2017), their r of d solved for d; metafor does the same.

    Examples
    --------
    >>> round(float(d_from_r(0.3, 30, 50)), 6)
    0.641427
    """
    r = np.asarray(r, dtype=float)
    return r * np.sqrt(allocation(n1, n2)) / np.sqrt(1 - r**2)


def d_of_correlation(r: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats]:
    r"""Standardised difference that corresponds to a correlation of two continuous variables, with its variance.

    .. math:: d = \frac{2r}{\sqrt{1-r^2}}, \qquad v_d = \frac{4\,v_r}{(1-r^2)^3} = \frac{4}{(n-1)(1-r^2)},
        \qquad v_r = \frac{(1-r^2)^2}{n-1}

    Parameters
    ----------
    r : array_like
        Correlations in (-1, 1).
    n : array_like
        Numbers of participants.

    Returns
    -------
    d, v : ndarray
        As if one of the variables had been cut in two groups of equal size at the point that keeps the linear relation.

    References
    ----------
    Borenstein et al. (2009), equations 6.1, 7.5 and 7.6.

    Examples
    --------
    >>> d, v = d_of_correlation(0.5, 100)
    >>> round(float(d), 4), round(float(v), 4)
    (1.1547, 0.0539)
    """
    r, n = np.asarray(r, dtype=float), np.asarray(n, dtype=float)
    return 2 * r / np.sqrt(1 - r**2), 4 / ((n - 1) * (1 - r**2))
