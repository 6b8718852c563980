"""Contradictions within a row of effects: each number may be possible, all of them together are not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from metacircuit.sheets.counts import check_counts
from metacircuit.sheets.intervals import check_intervals
from metacircuit.sheets.problems import Code, Hits, Say
from metacircuit.sheets.recompute import check_p, check_t, is_paired, spread
from metacircuit.sheets.usable import check_routes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from metacircuit.sheets.table import Table

    Floats = NDArray[np.float64]

#: A standardised mean difference above this hardly occurs; SEs in the columns of SDs give such values.
G_MAX = 2.5
#: A ratio above this, or below its inverse, hardly occurs.
RATIO_MAX = 100.0

_SIGNED = ("t", "z", "d", "g", "r", "beta_std")
_RATIOS = ("or", "rr", "hr", "irr")
_LOOK = "Compare with the paper and correct the cell that is wrong."


def check_effects(table: Table, *, g_max: float = G_MAX) -> list[Hits]:
    """Find contradictions and implausible numbers in a sheet of effects.

    Parameters
    ----------
    table : Table
        The typed sheet.
    g_max : float
        Standardised mean differences beyond this are reported.

    Returns
    -------
    list of Hits
        Of rules that hit at least one row.
    """
    checks = (
        check_counts(table),
        check_participants(table),
        check_intervals(table),
        check_signs(table),
        check_t(table),
        check_p(table),
        check_sizes(table, g_max),
        check_exclusions(table),
        check_routes(table),
    )
    return list(_once_a_cell((hits for found in checks for hits in found), len(table.frame)))


def _once_a_cell(found: Iterable[Hits], rows: int) -> Iterator[Hits]:
    """Hits of which no two say the same of one cell; the first rule has the best words."""
    seen: dict[tuple[Code, str], NDArray[np.bool_]] = {}
    for hits in found:
        if len(hits.where):
            said = seen.setdefault((hits.code, hits.column), np.zeros(rows, dtype=bool))
            new = hits.where[~said[hits.where]]
            said[new] = True
            if len(new):
                yield replace(hits, where=new)


def check_participants(table: Table) -> Iterator[Hits]:
    """More participants in the groups than in all, and more degrees of freedom than participants."""
    n1, n2, n_total = (table.numbers(name) for name in ("n1", "n2", "n_total"))
    groups = np.where(is_paired(table), np.fmax(n1, n2), np.nan_to_num(n1) + np.nan_to_num(n2))
    twice = (n1 == n_total) & (n2 == n_total)  # both conditions in the same participants
    more = (groups > n_total) & ~twice
    everyone = np.fmax(n_total, groups)
    df2, df1, f = table.numbers("df2"), table.numbers("df1"), table.numbers("f")
    df = np.where(np.isfinite(df2), df2, np.where(np.isfinite(table.numbers("t")) & ~np.isfinite(f), df1, np.nan))
    too_many = (df > everyone) & (everyone > 0)

    def says_n(i: int) -> tuple[str, str, str]:
        text = f"n1 and n2 make {groups[i]:g}, n_total is {n_total[i]:g}."
        return text, "n1 + n2 up to n_total", _LOOK

    def says_df(i: int) -> tuple[str, str, str]:
        text = f"{df[i]:g} degrees of freedom, but {everyone[i]:g} participants."
        remedy = f"Repeated measurements may count participants several times: then say so in notes. {_LOOK}"
        return text, f"up to {everyone[i] - 1:g} for a comparison of participants", remedy

    yield Hits.of(Code.N_AGAINST_TOTAL, "n_total", more, says_n)
    yield Hits.of(Code.DF_AGAINST_N, "df2", too_many & np.isfinite(df2), says_df)
    yield Hits.of(Code.DF_AGAINST_N, "df1", too_many & ~np.isfinite(df2), says_df)


def check_signs(table: Table) -> Iterator[Hits]:
    """Compare the sign of each statistic, and the order of means and proportions, with direction."""
    direction = table.numbers("direction")
    for column in _SIGNED:
        yield _against(table, column, np.sign(table.numbers(column)) * direction, "0")
    for column in _RATIOS:
        yield _against(table, column, np.sign(table.numbers(column) - 1) * direction, "1")
    higher = np.sign(table.numbers("mean1") - table.numbers("mean2"))
    yield _order(table, "mean1", "mean2", higher * direction)
    share1 = table.numbers("events1") / table.numbers("total1")
    share2 = table.numbers("events2") / table.numbers("total2")
    yield _order(table, "events1", "events2", np.sign(share1 - share2) * direction, "of {total1} against {total2}")


def _against(table: Table, column: str, agreement: Floats, null: str) -> Hits:
    directions = table.numbers("direction")

    def say(i: int) -> tuple[str, str, str]:
        direction = directions[i]
        side = "above" if direction < 0 else "below"
        text = f"{column} = {table.text(column, i)} is {side} {null}, but direction is {direction:g}."
        remedy = "Look up which group is higher; then correct direction, or type the statistic with its sign."
        if direction < 0 and column in {"t", "z", "d", "g"}:
            text += " The paper may print it without a sign."
        return (
            text,
            f"the same direction in both: {'below' if direction < 0 else 'above'} {null} for direction {direction:g}",
            remedy,
        )

    return Hits.of(Code.SIGN_AGAINST_DIRECTION, column, agreement < 0, say)


def _order(table: Table, first: str, second: str, agreement: Floats, of: str = "") -> Hits:
    directions = table.numbers("direction")

    def say(i: int) -> tuple[str, str, str]:
        totals = of.format(total1=table.text("total1", i), total2=table.text("total2", i)) if of else ""
        shares = f" {totals}" if totals else ""
        pair = f"{first} {table.text(first, i)} and {second} {table.text(second, i)}{shares}"
        text = f"{pair} contradict direction {directions[i]:g}."
        return (
            text,
            "direction 1 where group 1 is higher, else -1",
            "Look up which group is higher; check that the groups are not swapped.",
        )

    # Means and counts say themselves which group is higher, unlike a t without its sign or a ratio the other way round:
    # here one of the cells is wrong, and nobody but the extractor knows which.
    return Hits.of(Code.SIGN_AGAINST_DIRECTION, first, agreement < 0, say, "error")


def check_sizes(table: Table, g_max: float) -> Iterator[Hits]:
    """Report effects of a size that hardly occurs, and SDs that make one of means."""
    (s1, _), (s2, _) = spread(table, "1"), spread(table, "2")
    n1, n2 = table.numbers("n1"), table.numbers("n2")
    weight = np.where(np.isfinite(n1) & np.isfinite(n2), (n1 - 1) / (n1 + n2 - 2), 0.5)
    pooled = np.sqrt(weight * s1**2 + (1 - weight) * s2**2)
    from_means = (table.numbers("mean1") - table.numbers("mean2")) / pooled
    from_t = table.numbers("t") * np.sqrt(1 / n1 + 1 / n2)
    shrink = np.sqrt(np.where(np.isfinite(n1) & np.isfinite(n2), (n1 + n2) / 2, np.nan))

    def says_means(i: int) -> tuple[str, str, str]:
        text = f"The means and SDs give g = {from_means[i]:.3g}."
        if np.isfinite(shrink[i]) and np.isfinite(table.numbers("sd1")[i]):
            text += f" If sd1 and sd2 were standard errors, g would be {from_means[i] / shrink[i]:.2g}."
        return (
            text,
            f"abs(g) up to {g_max:g}",
            "Look up whether the paper prints SDs or SEs (SEM); SEs go into se1 and se2.",
        )

    def says_size(column: str, size: Floats, limit: str) -> Say:
        return lambda i: (f"{column} = {table.text(column, i)} is an effect of {size[i]:.3g}.", limit, _LOOK)

    large = np.abs(from_means) > g_max
    yield Hits.of(Code.SE_AS_SD, "sd1", large, says_means)
    yield Hits.of(
        Code.IMPLAUSIBLE_SIZE, "t", (np.abs(from_t) > g_max) & ~large, says_size("t", from_t, f"abs(g) up to {g_max:g}")
    )
    for column in ("d", "g"):
        size = table.numbers(column)
        yield Hits.of(
            Code.IMPLAUSIBLE_SIZE,
            column,
            np.abs(size) > g_max,
            says_size(column, size, f"abs({column}) up to {g_max:g}"),
        )
    beta = table.numbers("beta_std")
    yield Hits.of(
        Code.IMPLAUSIBLE_SIZE, "beta_std", np.abs(beta) >= 1, says_size("beta_std", beta, "abs(beta_std) below 1")
    )
    for column in _RATIOS:
        ratio = table.numbers(column)
        odd = (ratio > RATIO_MAX) | ((ratio < 1 / RATIO_MAX) & (ratio > 0))
        yield Hits.of(
            Code.IMPLAUSIBLE_SIZE,
            column,
            odd,
            says_size(column, ratio, f"{column} from {1 / RATIO_MAX:g} to {RATIO_MAX:g}"),
        )


def check_exclusions(table: Table) -> Iterator[Hits]:
    """A row that is excluded says why, and only such a row does."""
    excluded = table.says("include", "no")
    reason = ~table.says("exclude_reason", "")

    def missing(_: int) -> tuple[str, str, str]:
        return (
            "include is no, and exclude_reason is empty.",
            "a reason in every excluded row",
            "Type the reason; the report lists it.",
        )

    def idle(i: int) -> tuple[str, str, str]:
        text = f"exclude_reason says {table.text('exclude_reason', i)}, but the row is included."
        return text, "a reason in excluded rows only", "Type no into include, or empty the reason."

    yield Hits.of(Code.UNEXPLAINED_EXCLUSION, "exclude_reason", excluded & ~reason, missing)
    yield Hits.of(Code.UNEXPLAINED_EXCLUSION, "include", ~excluded & reason, idle)
