"""Agreement of two raters: Cohen's kappa for words, the intraclass correlation for numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import fdtri

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class ICC:
    """An intraclass correlation with its interval; NaN where the ratings do not determine it."""

    icc: float
    ci_lb: float
    ci_ub: float
    n: int


def cohen_kappa(first: Sequence[str], second: Sequence[str]) -> float:
    """Return Cohen's unweighted kappa of two raters.

    kappa = (p_o - p_e) / (1 - p_e), with p_o the share of units rated alike and p_e the sum over words of the product
    of the raters' shares.

    Parameters
    ----------
    first, second : sequence of str
        One word a unit; a missing rating must be a word of its own or left out beforehand.

    Returns
    -------
    float
        NaN without units, or where both raters use one and the same word throughout, so that p_e is 1.

    Raises
    ------
    ValueError
        If the raters did not rate the same number of units.

    References
    ----------
    Cohen (1960), Educational and Psychological Measurement 20, 37-46, equation 1.

    Examples
    --------
    >>> first, second = "yes yes no no no".split(), "yes no no no no".split()
    >>> round(cohen_kappa(first, second), 4)
    0.5455
    """
    if len(first) != len(second):
        raise ValueError(f"first has {len(first)} ratings and second {len(second)}; both rate the same units.")
    n = len(first)
    if not n:
        return float("nan")
    _, codes = np.unique(np.array([*first, *second], dtype=str), return_inverse=True)
    a, b = codes[:n], codes[n:]
    words = int(codes.max()) + 1
    agreed = int((a == b).sum())
    # Whole numbers as long as possible: n^2 (p_o - p_e) and n^2 (1 - p_e) are exact.
    by_chance = int(np.bincount(a, minlength=words) @ np.bincount(b, minlength=words))
    return float("nan") if by_chance == n * n else (n * agreed - by_chance) / (n * n - by_chance)


def icc_agreement(ratings: ArrayLike, level: float = 95) -> ICC:
    """Return ICC(2,1): two-way random effects, absolute agreement, one rater.

    ICC = (MSR - MSE) / (MSR + (k - 1) MSE + k (MSC - MSE) / n), with the mean squares of n units (rows), k raters
    (columns) and the residual. The interval takes Satterthwaite's degrees of freedom for its denominator.

    Parameters
    ----------
    ratings : array, units by raters
        Units with a missing rating are left out.
    level : float
        Confidence level in percent.

    Returns
    -------
    ICC
        NaN with fewer than two complete units, or where every rating is the same number. Where the raters agree on
        every unit the ICC is 1 and so are its limits.

    Raises
    ------
    ValueError
        If there are fewer than two raters.

    References
    ----------
    Shrout & Fleiss (1979), Psychological Bulletin 86, 420-428; McGraw & Wong (1996), Psychological Methods 1, 30-46,
    table 7, case 2A.

    Examples
    --------
    >>> found = icc_agreement([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
    >>> round(found.icc, 3), round(found.ci_lb, 3), round(found.ci_ub, 3)
    (0.29, 0.019, 0.761)
    """
    x = np.asarray(ratings, dtype=float)
    if x.ndim != 2 or x.shape[1] < 2:
        raise ValueError("ratings must have one row a unit and one column a rater, of at least two raters.")
    x = x[np.isfinite(x).all(axis=1)]
    n, k = x.shape
    nothing = ICC(np.nan, np.nan, np.nan, n)
    if n < 2 or np.ptp(x) == 0:
        return nothing
    if (x == x[:, :1]).all():
        return ICC(1.0, 1.0, 1.0, n)
    rows, columns, grand = x.mean(axis=1), x.mean(axis=0), x.mean()
    msr = k * ((rows - grand) ** 2).sum() / (n - 1)
    msc = n * ((columns - grand) ** 2).sum() / (k - 1)
    mse = ((x - rows[:, None] - columns + grand) ** 2).sum() / ((n - 1) * (k - 1))
    icc = (msr - mse) / (msr + (k - 1) * mse + k * (msc - mse) / n)
    return ICC(float(icc), *_limits(msr, msc, mse, n, k, icc, level), n)


def _limits(msr: float, msc: float, mse: float, n: int, k: int, icc: float, level: float) -> tuple[float, float]:
    tail = 0.5 + level / 200
    with np.errstate(divide="ignore", invalid="ignore"):
        a = k * icc / (n * (1 - icc))
        b = 1 + k * icc * (n - 1) / (n * (1 - icc))
        df = (a * msc + b * mse) ** 2 / ((a * msc) ** 2 / (k - 1) + (b * mse) ** 2 / ((n - 1) * (k - 1)))
    if not np.isfinite(df) or df <= 0:
        return float("nan"), float("nan")
    f_lower, f_upper = fdtri(n - 1, df, tail), fdtri(df, n - 1, tail)
    share = k * msc + (k * n - k - n) * mse
    lower = n * (msr - f_lower * mse) / (f_lower * share + n * msr)
    upper = n * (f_upper * msr - mse) / (share + n * f_upper * msr)
    return float(lower), float(upper)
