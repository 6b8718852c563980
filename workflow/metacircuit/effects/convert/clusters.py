"""Trials that randomised groups of people, and arms that share a control."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


def design_effect(cluster_size: ArrayLike, icc: ArrayLike) -> Floats:
    r"""How many times larger a variance is because people came in clusters.

    .. math:: DE = 1 + (M - 1)\,\rho

    Parameters
    ----------
    cluster_size : array_like
        Average number of people in a cluster.
    icc : array_like
        Intracluster correlation.

    Returns
    -------
    ndarray
        Design effects: variances are multiplied by them, numbers of people and of events divided.

    References
    ----------
    Cochrane Handbook, section 23.1.4; the example is that of section 23.1.5.

    Examples
    --------
    >>> round(float(design_effect(29.8, 0.02)), 3)
    1.576
    """
    return 1 + (np.asarray(cluster_size, dtype=float) - 1) * np.asarray(icc, dtype=float)


def effective_n(n: ArrayLike, cluster_size: ArrayLike, icc: ArrayLike) -> Floats:
    r"""The number of independent people that a clustered sample is worth.

    .. math:: n_{eff} = n / DE

    Parameters
    ----------
    n : array_like
        Numbers of people (or of events).
    cluster_size, icc : array_like
        As in `design_effect`.

    Returns
    -------
    ndarray
        Effective numbers, not rounded.

    References
    ----------
    Cochrane Handbook, section 23.1.4.

    Examples
    --------
    >>> effective_n([295, 330], 29.8, 0.02).round(1).tolist()
    [187.2, 209.4]
    """
    return np.asarray(n, dtype=float) / design_effect(cluster_size, icc)


def shared_control_covariance(
    n_control: ArrayLike, g_first: ArrayLike, g_second: ArrayLike, total: ArrayLike
) -> Floats:
    r"""Covariance of two standardised differences whose arms share their control group.

    .. math:: cov(g_1, g_2) = \frac{1}{n_C} + \frac{g_1 g_2}{2N}

    Parameters
    ----------
    n_control : array_like
        Size of the shared group.
    g_first, g_second : array_like
        The two standardised differences.
    total : array_like
        All participants of the arms that the shared standard deviation comes from.

    Returns
    -------
    ndarray
        Covariances.

    References
    ----------
    Gleser and Olkin (2009), in Cooper, Hedges and Valentine, chapter 19 (several treatments, one control).

    Examples
    --------
    >>> round(float(shared_control_covariance(40, 0.5, 0.3, 120)), 6)
    0.025625
    """
    g1, g2 = np.asarray(g_first, dtype=float), np.asarray(g_second, dtype=float)
    return 1 / np.asarray(n_control, dtype=float) + g1 * g2 / (2 * np.asarray(total, dtype=float))
