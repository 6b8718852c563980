"""Recompute printed statistics: t from means and SDs, p from t, F, z, chi2 and r, each within what rounding allows.

A printed 2.35 stands for every value from 2.345 to 2.355, and for those up to 2.36 where an author cut digits off. A
statistic contradicts others only if no values that are printed so agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import chdtrc, fdtrc, ndtr, stdtr

from metacircuit.sheets.problems import Code, Hits, Say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from metacircuit.sheets.table import Table

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

#: Relative slack of a recomputed p: rank correlations and corrections for ties differ by a few percent.
P_SLACK = 0.05

_PAIRED = r"pre.?post|paired|within|cross.?over|change"
_COMPARE = (
    "Compare both with the paper and correct the one that is wrong; if the paper itself contradicts, say so in notes."
)


class Range(NamedTuple):
    """The smallest and largest value that a recomputed number may have."""

    low: Floats
    high: Floats


def is_paired(table: Table) -> Mask:
    """Rows whose contrast compares participants with themselves."""
    return table.matches("contrast", _PAIRED)


def spread(table: Table, side: str) -> tuple[Floats, Floats]:
    """The SD of a group and half a unit of its last digit; from the standard error where the SD is not printed."""
    sd, se, root = table.numbers(f"sd{side}"), table.numbers(f"se{side}"), np.sqrt(table.numbers(f"n{side}"))
    given = np.isfinite(sd)
    size = np.where(given, sd, se * root)
    return np.where(size > 0, size, np.nan), np.where(given, table.half(f"sd{side}"), table.half(f"se{side}") * root)


def t_from_means(table: Table) -> tuple[Range, Range]:
    """Return the range of abs(t) that means and SDs allow: pooled variances (Student) and separate ones (Welch).

    t = (m1 - m2) / sqrt(sp^2 (1/n1 + 1/n2)), and with s1^2/n1 + s2^2/n2 for Welch; NaN where a part is missing.
    """
    n1, n2 = table.numbers("n1"), table.numbers("n2")
    (s1, h1), (s2, h2) = spread(table, "1"), spread(table, "2")
    apart = np.abs(table.numbers("mean1") - table.numbers("mean2"))
    blur = table.half("mean1") + table.half("mean2")
    with np.errstate(all="ignore"):
        nearest, farthest = np.maximum(apart - blur, 0), apart + blur
        small, large = (np.maximum(s1 - h1, 0), np.maximum(s2 - h2, 0)), (s1 + h1, s2 + h2)
        return tuple(
            Range(nearest / error(*large, n1, n2), farthest / error(*small, n1, n2))
            for error in (_pooled_error, _welch_error)
        )


def _pooled_error(s1: Floats, s2: Floats, n1: Floats, n2: Floats) -> Floats:
    return np.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2) * (1 / n1 + 1 / n2))


def _welch_error(s1: Floats, s2: Floats, n1: Floats, n2: Floats) -> Floats:
    return np.sqrt(s1**2 / n1 + s2**2 / n2)


def check_t(table: Table) -> Iterator[Hits]:
    """Compare a printed t with the one of its means and SDs, in rows with two groups and no covariates."""
    t, half = np.abs(table.numbers("t")), table.half("t")
    pooled, welch = t_from_means(table)
    plain = ~is_paired(table) & ~table.says("adjusted", "yes")
    comparable = np.isfinite(t) & np.isfinite(pooled.low) & np.isfinite(welch.low) & plain
    agrees = _touch(t, half, pooled) | _touch(t, half, welch)
    # SEs in the columns of SDs: then t is the difference over the root of their squares.
    sd1, sd2 = table.numbers("sd1"), table.numbers("sd2")
    as_errors = np.abs(table.numbers("mean1") - table.numbers("mean2")) / np.sqrt(sd1**2 + sd2**2)
    errors_fit = np.isfinite(as_errors) & (np.abs(as_errors - t) <= 0.02 * as_errors + half)
    middle = (pooled.low + pooled.high) / 2

    def says_other(i: int) -> tuple[str, str, str]:
        text = f"t = {table.text('t', i)}, but the means, SDs and ns give abs(t) = {middle[i]:.3g}."
        return text, f"abs(t) from {pooled.low[i]:.3g} to {pooled.high[i]:.3g}", _COMPARE

    def says_errors(i: int) -> tuple[str, str, str]:
        text = (
            f"Read as standard errors, sd1 and sd2 give the printed t = {table.text('t', i)}; as SDs {middle[i]:.3g}."
        )
        return (
            text,
            "standard deviations in sd1 and sd2",
            "Move them to se1 and se2 if the paper prints standard errors.",
        )

    wrong = comparable & ~agrees
    yield Hits.of(Code.SE_AS_SD, "sd1", wrong & errors_fit, says_errors)
    yield Hits.of(Code.T_AGAINST_MEANS, "t", wrong & ~errors_fit, says_other)


def _touch(printed: Floats, half: Floats, allowed: Range) -> Mask:
    """Whether some value printed so lies in a range; digits may have been cut off instead of rounded."""
    return (printed - half <= allowed.high) & (printed + 2 * half >= allowed.low)


class Recomputed(NamedTuple):
    """The p values that a statistic allows, with the words that name it."""

    column: str
    p: Range
    df: Floats | None


def p_of_statistics(table: Table) -> Iterator[Recomputed]:
    """Return the two-sided p of each printed statistic, for the values that its rounding allows.

    Degrees of freedom of t are the printed ones, else n1 + n2 - 2 (n - 1 for one group); of r they are n - 2.
    """
    df_t = _df_of_t(table)
    df1, df2 = table.numbers("df1"), table.numbers("df2")
    n_r = _participants(table)
    with np.errstate(all="ignore"):
        yield Recomputed("t", _range(table, "t", lambda t: 2 * stdtr(df_t, -t)), df_t)
        yield Recomputed("f", _range(table, "f", lambda f: fdtrc(df1, df2, f)), df2)
        yield Recomputed("z", _range(table, "z", lambda z: 2 * ndtr(-z)), None)
        df_c = np.where(np.isfinite(df1) & ~np.isfinite(table.numbers("f")), df1, 1.0)
        yield Recomputed("chi2", _range(table, "chi2", lambda x: chdtrc(df_c, x)), df_c)
        df_r = np.where((n_r > 2) & ~table.says("adjusted", "yes"), n_r - 2, np.nan)
        yield Recomputed("r", _range(table, "r", lambda r: 2 * stdtr(df_r, -r * np.sqrt(df_r / (1 - r**2)))), df_r)


def _range(table: Table, column: str, p_of: Callable[[Floats], Floats]) -> Range:
    size, half = np.abs(table.numbers(column)), table.half(column)
    top = np.minimum(size + half, 1 - 1e-12) if column == "r" else size + half
    return Range(p_of(top), p_of(np.maximum(size - half, 0)))


def _df_of_t(table: Table) -> Floats:
    df1, df2, f = table.numbers("df1"), table.numbers("df2"), table.numbers("f")
    n1, n2 = table.numbers("n1"), table.numbers("n2")
    printed = np.where(np.isfinite(df2), df2, np.where(np.isfinite(f), np.nan, df1))
    groups = np.where(np.isfinite(n2) & ~is_paired(table), n1 + n2 - 2, n1 - 1)
    n_total = table.numbers("n_total")
    guessed = np.where(np.isfinite(groups), groups, n_total - 2)
    df = np.where(np.isfinite(printed), printed, guessed)
    return np.where(df > 0, df, np.nan)


def _participants(table: Table) -> Floats:
    """All participants of a row: n_total, else both groups, else the one group."""
    n1, n2, n_total = table.numbers("n1"), table.numbers("n2"), table.numbers("n_total")
    groups = np.where(is_paired(table), n1, n1 + np.nan_to_num(n2))
    return np.where(np.isfinite(n_total), n_total, groups)


def check_p(table: Table) -> Iterator[Hits]:
    """Compare a printed p with the p of each statistic that is printed beside it."""
    p, half = table.numbers("p"), table.half("p")
    op = table.frame["p_op"].to_numpy()
    below, above = np.isin(op, ["<", "<="]), np.isin(op, [">", ">="])
    for column, allowed, df in p_of_statistics(table):
        low, high = allowed.low * (1 - P_SLACK), allowed.high * (1 + P_SLACK)
        exact = (p - half <= high) & (p + 2 * half >= low)
        one_sided = (2 * (p - half) <= high) & (2 * (p + 2 * half) >= low)
        agrees = np.where(below, low <= p, np.where(above, high >= p, exact))
        comparable = np.isfinite(p) & np.isfinite(low) & np.isfinite(high)
        yield Hits.of(
            Code.P_AGAINST_STATISTIC,
            "p",
            comparable & ~agrees,
            _says_p(table, column, allowed, df, one_sided & ~below & ~above),
        )


def _says_p(table: Table, column: str, allowed: Range, df: Floats | None, one_sided: Mask) -> Say:
    p, op = table.numbers("p"), table.frame["p_op"].to_numpy()

    def say(i: int) -> tuple[str, str, str]:
        sign = op[i] or "="
        with_df = "" if df is None else f" with {df[i]:g} degrees of freedom"
        middle = np.sqrt(allowed.low[i] * allowed.high[i])
        text = f"p {sign} {p[i]:g}, but {column} = {table.text(column, i)}{with_df} gives p = {middle:.2g}."
        if one_sided[i]:
            remedy = "It fits a one-sided test: type the two-sided p."
        elif p[i] > allowed.high[i]:
            remedy = f"If the paper corrected p for several tests, say so in notes. {_COMPARE}"
        else:
            remedy = _COMPARE
        return text, f"p from {allowed.low[i]:.2g} to {allowed.high[i]:.2g}", remedy

    return say
