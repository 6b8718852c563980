"""Measurements before and after in the same people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metacircuit.effects.measures.paired import change_sd

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


def sd_of_change(sd_pre: ArrayLike, sd_post: ArrayLike, r: ArrayLike) -> Floats:
    r"""Standard deviation of the change from the two standard deviations and their correlation.

    .. math:: s_D = \sqrt{s_1^2 + s_2^2 - 2 r s_1 s_2}

    Parameters
    ----------
    sd_pre, sd_post : array_like
        Standard deviations before and after.
    r : array_like
        Correlation between before and after.

    Returns
    -------
    ndarray
        Standard deviations of the change.

    References
    ----------
    Cochrane Handbook, section 6.5.2.8.

    Examples
    --------
    >>> round(float(sd_of_change(6.4, 7.1, 0.78)), 2)
    4.53
    """
    return change_sd(*(np.asarray(x, dtype=float) for x in (sd_pre, sd_post, r)))


def pre_post_correlation(sd_pre: ArrayLike, sd_post: ArrayLike, sd_change: ArrayLike) -> Floats:
    r"""Correlation between before and after from the three standard deviations.

    .. math:: r = \frac{s_1^2 + s_2^2 - s_D^2}{2 s_1 s_2}

    Parameters
    ----------
    sd_pre, sd_post, sd_change : array_like
        Standard deviations before, after, and of the change.

    Returns
    -------
    ndarray
        Correlations; outside [-1, 1] if the three cannot belong together.

    References
    ----------
    Cochrane Handbook, section 6.5.2.8, whose example this is.

    Examples
    --------
    >>> round(float(pre_post_correlation(6.4, 7.1, 4.5)), 2)
    0.78
    """
    s1, s2 = np.asarray(sd_pre, dtype=float), np.asarray(sd_post, dtype=float)
    return (s1**2 + s2**2 - np.asarray(sd_change, dtype=float) ** 2) / (2 * s1 * s2)


def d_from_paired_t(t: ArrayLike, n: ArrayLike, r: ArrayLike) -> Floats:
    r"""Change in standard deviations of a single occasion from a paired t.

    .. math:: d = \frac{t}{\sqrt n}\,\sqrt{2(1 - r)}

    t/√n is the change in standard deviations of the change; the second factor brings it to the scale on which
    independent groups are compared, if the two occasions have one standard deviation.

    Parameters
    ----------
    t : array_like
        Paired t statistics.
    n : array_like
        Numbers of pairs.
    r : array_like
        Correlation between before and after.

    Returns
    -------
    ndarray
        d, before the correction for small samples.

    References
    ----------
    Dunlap et al. (1996), Psychological Methods 1, 170–177, equation 3; Morris and DeShon (2002), Psychological Methods
    7, 105–125.

    Examples
    --------
    >>> round(float(d_from_paired_t(3.0, 36, 0.5)), 6)
    0.5
    """
    scale = np.sqrt(2 * (1 - np.asarray(r, dtype=float)))
    return np.asarray(t, dtype=float) / np.sqrt(np.asarray(n, dtype=float)) * scale
