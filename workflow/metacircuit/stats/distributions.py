"""Tail areas and quantiles of z, t, chi-squared and F (scipy.special has them without the cost of scipy.stats)."""

import numpy as np
from scipy import special


def two_sided_p(statistic: np.ndarray, df: float | np.ndarray = np.inf) -> np.ndarray:
    """P(|T| > |statistic|) for t with df degrees of freedom; df = inf is the normal distribution."""
    lower = -np.abs(np.asarray(statistic, float))
    df = np.asarray(df, float)
    with np.errstate(invalid="ignore"):
        return 2.0 * np.where(np.isinf(df), special.ndtr(lower), special.stdtr(np.where(np.isinf(df), 1.0, df), lower))


def critical(level: float, df: float = np.inf) -> float:
    """The two-sided critical value at a confidence level in percent: 1.96 for 95 and df = inf."""
    upper = 0.5 + level / 200.0
    return float(special.ndtri(upper) if np.isinf(df) else special.stdtrit(df, upper))


def chi2_p(statistic: np.ndarray, df: np.ndarray) -> np.ndarray:
    """P(chi2_df > statistic)."""
    return special.chdtrc(df, statistic)


def chi2_quantile(probability: np.ndarray, df: np.ndarray) -> np.ndarray:
    """The value below which chi2_df lies with this probability."""
    return 2.0 * special.gammaincinv(np.asarray(df, float) / 2.0, probability)


def f_p(statistic: np.ndarray, df1: np.ndarray, df2: np.ndarray) -> np.ndarray:
    """P(F_{df1, df2} > statistic)."""
    return special.fdtrc(df1, df2, statistic)
