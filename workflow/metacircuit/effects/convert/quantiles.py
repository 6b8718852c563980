"""Mean and standard deviation from the median with quartiles, with the range, or with both."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from metacircuit.effects.convert.spread import sd_from_iqr, sd_from_range

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

#: Below this size the rules have no support (metafor leaves such samples out, too).
SMALLEST = 5


class Moments(NamedTuple):
    """Estimated moments, and whether the skewness test rejects that they can be trusted."""

    mean: Floats
    sd: Floats
    skewed: NDArray[np.bool_]


class Quantiles(NamedTuple):
    """A five-number summary with its sample size; NaN where a paper does not print a number."""

    minimum: ArrayLike
    q1: ArrayLike
    median: ArrayLike
    q3: ArrayLike
    maximum: ArrayLike
    n: ArrayLike


def moments_from_quantiles(printed: Quantiles) -> Moments:
    r"""Mean and standard deviation of a normal sample from the quantiles that are printed.

    With the range, with the quartiles, and with both:

    .. math::
        \bar x &= w \tfrac{a+b}{2} + (1-w)m, & w &= \tfrac{4}{4+n^{0.75}} \\
        \bar x &= w \tfrac{q_1+q_3}{2} + (1-w)m, & w &= 0.7 + 0.39/n \\
        \bar x &= w_1 \tfrac{a+b}{2} + w_2 \tfrac{q_1+q_3}{2} + (1-w_1-w_2)m,
            & w_1 &= \tfrac{2.2}{2.2+n^{0.75}},\; w_2 = 0.7 - 0.72/n^{0.55} \\
        s &= w_s \tfrac{b-a}{\xi(n)} + (1-w_s)\tfrac{q_3-q_1}{\eta(n)}, & w_s &= \tfrac{1}{1+0.07 n^{0.6}}

    Parameters
    ----------
    printed : Quantiles
        minimum, q1, median, q3, maximum and n, each an array. Needed are the median, one pair or both, and n from 5 up.

    Returns
    -------
    Moments
        mean, sd (NaN where the summary does not suffice) and whether the test of skewness is significant at .05.

    References
    ----------
    Luo et al. (2018), Statistical Methods in Medical Research 27, 1785–1805, equations 7, 11 and 15; Wan et al. (2014),
    BMC Medical Research Methodology 14, 135, equations 9 and 16; Shi et al. (2020), Research Synthesis Methods 11,
    641–654, equation 10; the test: Shi et al. (2023), Statistical Methods in Medical Research 32, 1338–1360.

    Examples
    --------
    >>> nan = float("nan")
    >>> found = moments_from_quantiles(Quantiles(nan, 11, 15.2, 21.3, nan, 62))
    >>> round(float(found.mean), 4), round(float(found.sd), 4), bool(found.skewed)
    (15.871, 7.8175, False)
    """
    a, q1, m, q3, b, n = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in printed))
    enough = (n >= SMALLEST) & np.isfinite(m)
    n = np.where(enough, n, np.nan)
    ends, quarters = np.isfinite(a) & np.isfinite(b), np.isfinite(q1) & np.isfinite(q3)
    which = [enough & ends & quarters, enough & quarters, enough & ends]
    by_range, by_quartiles = _from_range(a, m, b, n), _from_quartiles(q1, m, q3, n)
    by_both = _from_both(Quantiles(a, q1, m, q3, b, n))
    mean, sd, skewed = zip(by_both, by_quartiles, by_range, strict=True)
    return Moments(
        np.select(which, mean, np.nan), np.select(which, sd, np.nan), np.select(which, skewed, False).astype(bool)
    )


def _lean(low: Floats, middle: Floats, high: Floats) -> Floats:
    """How far the middle lies from halfway, in widths; 0 where the width is 0."""
    width = high - low
    return np.abs(low + high - 2 * middle) / np.where(width > 0, width, np.inf)


def _from_range(a: Floats, m: Floats, b: Floats, n: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    weight = 4 / (4 + n**0.75)
    critical = 1 / np.log(n + 9) + 2.5 / (n + 1)
    return weight * (a + b) / 2 + (1 - weight) * m, sd_from_range(a, b, n), _lean(a, m, b) >= critical


def _from_quartiles(q1: Floats, m: Floats, q3: Floats, n: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    weight = 0.7 + 0.39 / n
    critical = 2.65 / np.sqrt(n) - 6 / n**2
    return weight * (q1 + q3) / 2 + (1 - weight) * m, sd_from_iqr(q1, q3, n), _lean(q1, m, q3) >= critical


def _from_both(printed: Quantiles) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    a, q1, m, q3, b, n = printed
    of_range, of_quartiles = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    mean = of_range * (a + b) / 2 + of_quartiles * (q1 + q3) / 2 + (1 - of_range - of_quartiles) * m
    weight = 1 / (1 + 0.07 * n**0.6)
    sd = weight * sd_from_range(a, b, n) + (1 - weight) * sd_from_iqr(q1, q3, n)
    statistic = np.maximum(2.65 * np.log(0.6 * n) / np.sqrt(n) * _lean(a, m, b), _lean(q1, m, q3))
    return mean, sd, statistic >= 3 / np.sqrt(n) - 40 / n**3
