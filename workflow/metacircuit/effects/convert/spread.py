"""Standard deviations from whatever a paper prints in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri, stdtrit

from metacircuit.effects.convert.significance import t_from_p

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


def sd_from_se(se: ArrayLike, n: ArrayLike) -> Floats:
    r"""Standard deviation from the standard error of a mean.

    .. math:: SD = SE \sqrt n

    Parameters
    ----------
    se : array_like
        Standard errors.
    n : array_like
        Numbers of participants.

    Returns
    -------
    ndarray
        Standard deviations.

    References
    ----------
    Cochrane Handbook, section 6.5.2.2.

    Examples
    --------
    >>> round(float(sd_from_se(5.5, 22)), 4)
    25.7973
    """
    return np.asarray(se, dtype=float) * np.sqrt(np.asarray(n, dtype=float))


def sd_from_ci(lower: ArrayLike, upper: ArrayLike, n: ArrayLike, level: float = 95) -> Floats:
    r"""Standard deviation from the confidence interval of one group's mean.

    .. math:: SD = \sqrt n\,\frac{U - L}{2\, t_{1-\alpha/2}(n - 1)}

    Parameters
    ----------
    lower, upper : array_like
        Limits of the mean.
    n : array_like
        Numbers of participants.
    level : float
        Confidence level in percent.

    Returns
    -------
    ndarray
        Standard deviations.

    References
    ----------
    Cochrane Handbook, section 6.5.2.2: the t distribution, as papers use it for one group's mean.

    Examples
    --------
    >>> round(float(sd_from_ci(30, 34.2, 25)), 2)
    5.09
    """
    n = np.asarray(n, dtype=float)
    width = np.asarray(upper, dtype=float) - np.asarray(lower, dtype=float)
    return np.sqrt(n) * width / (2 * stdtrit(n - 1, 0.5 + level / 200))


def sd_from_range(minimum: ArrayLike, maximum: ArrayLike, n: ArrayLike) -> Floats:
    r"""Standard deviation of a normal sample from its range.

    .. math:: SD = \frac{\max - \min}{2\,\Phi^{-1}\!\left(\frac{n - 0.375}{n + 0.25}\right)}

    Parameters
    ----------
    minimum, maximum : array_like
        Smallest and largest score.
    n : array_like
        Numbers of participants.

    Returns
    -------
    ndarray
        Standard deviations.

    References
    ----------
    Wan et al. (2014), BMC Medical Research Methodology 14, 135, equation 9.

    Examples
    --------
    >>> round(float(sd_from_range(2, 31, 40)), 4)
    6.7243
    """
    n = np.asarray(n, dtype=float)
    width = np.asarray(maximum, dtype=float) - np.asarray(minimum, dtype=float)
    return width / (2 * ndtri((n - 0.375) / (n + 0.25)))


def sd_from_iqr(q1: ArrayLike, q3: ArrayLike, n: ArrayLike) -> Floats:
    r"""Standard deviation of a normal sample from its quartiles.

    .. math:: SD = \frac{q_3 - q_1}{2\,\Phi^{-1}\!\left(\frac{0.75 n - 0.125}{n + 0.25}\right)}

    Parameters
    ----------
    q1, q3 : array_like
        First and third quartile.
    n : array_like
        Numbers of participants.

    Returns
    -------
    ndarray
        Standard deviations.

    References
    ----------
    Wan et al. (2014), equation 16.

    Examples
    --------
    >>> round(float(sd_from_iqr(11, 21.3, 62)), 4)
    7.8175
    """
    n = np.asarray(n, dtype=float)
    width = np.asarray(q3, dtype=float) - np.asarray(q1, dtype=float)
    return width / (2 * ndtri((0.75 * n - 0.125) / (n + 0.25)))


def sd_from_t(difference: ArrayLike, t: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Floats:
    r"""Pooled standard deviation of two groups from the difference in means and its t.

    .. math:: SD = \left|\frac{\bar x_1 - \bar x_2}{t}\right| \Big/ \sqrt{1/n_1 + 1/n_2}

    Parameters
    ----------
    difference : array_like
        Differences in means.
    t : array_like
        Their t statistics, not 0.
    n1, n2 : array_like
        Group sizes.

    Returns
    -------
    ndarray
        Standard deviations, the same in both groups.

    References
    ----------
    Cochrane Handbook, section 6.5.2.3.

    Examples
    --------
    >>> round(float(sd_from_t(3.8, 2.78, 25, 22)), 2)
    4.68
    """
    se = np.abs(np.asarray(difference, dtype=float) / np.asarray(t, dtype=float))
    return se / np.sqrt(1 / np.asarray(n1, dtype=float) + 1 / np.asarray(n2, dtype=float))


def sd_from_p(difference: ArrayLike, p: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Floats:
    r"""Pooled standard deviation of two groups from the difference in means and the p of its t test.

    .. math:: SD = \left|\frac{\bar x_1 - \bar x_2}{t_{1-p/2}(n_1+n_2-2)}\right| \Big/ \sqrt{1/n_1 + 1/n_2}

    Parameters
    ----------
    difference : array_like
        Differences in means.
    p : array_like
        Two-sided p, in (0, 1).
    n1, n2 : array_like
        Group sizes.

    Returns
    -------
    ndarray
        Standard deviations, the same in both groups.

    References
    ----------
    Cochrane Handbook, section 6.5.2.3; the example is theirs (they round the standard error, to an SD of 4.69).

    Examples
    --------
    >>> round(float(sd_from_p(3.8, 0.008, 25, 22)), 2)
    4.68
    """
    df = np.asarray(n1, dtype=float) + np.asarray(n2, dtype=float) - 2
    return sd_from_t(difference, t_from_p(p, df), n1, n2)
