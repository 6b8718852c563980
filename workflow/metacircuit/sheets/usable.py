"""Which cells of a row of effects suffice for an effect, whatever the measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metacircuit.sheets.problems import Code, Hits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from metacircuit.sheets.table import Table

    Mask = NDArray[np.bool_]

#: Statistics that need to know how many participants they come from.
NEED_N = ("t", "f", "z", "chi2", "p", "d", "g", "r", "beta_std")
#: Statistics whose interval, or p, says how precise they are.
NEED_INTERVAL = ("or", "rr", "hr", "irr")

_STATISTICS = ("mean1", "mean2", "median1", "median2", *NEED_N, *NEED_INTERVAL, "events1", "events2", "proportion")


def check_routes(table: Table) -> Iterator[Hits]:
    """Report included rows in which no form of an effect is complete.

    The conversion to a measure asks for more; a row that fails here fails for every measure.
    """
    has = {name: np.isfinite(table.numbers(name)) for name in table.frame.select_dtypes("float").columns}
    counted = has["n1"] | has["n_total"] | has["n_pairs"] | has["total1"] | has["df2"]
    exact_p = has["p"] & (table.says("p_op", "=") | table.says("p_op", ""))
    usable = _means(has) | _single_mean(has) | _intervals(has) | _counts(has, counted)
    for name in NEED_N:
        usable |= has[name] & counted
    for name in ("d", "g", *NEED_INTERVAL):
        usable |= has[name] & exact_p
    included = ~table.says("include", "no")

    def say(i: int) -> tuple[str, str, str]:
        filled = [name for name in _STATISTICS if has[name][i]]
        if not filled:
            return (
                "The row has no statistic.",
                _FORMS,
                "Type what the paper prints, or type no into include with the reason.",
            )
        text = f"{_listed(filled)} {'stands' if len(filled) == 1 else 'stand'} alone: nothing says how precise it is."
        return (
            text,
            _FORMS,
            "Add the group sizes or n_total, or the limits of the interval; or type no into include with the reason.",
        )

    yield Hits.of(Code.NO_ROUTE, "", included & ~usable, say)


_FORMS = (
    "means with SDs and ns; a test statistic, p, d, g or r with ns; a ratio with its interval or p; "
    "events and totals; a proportion with n"
)


def _means(has: dict[str, Mask]) -> Mask:
    """Two means or medians, each with a spread and its n."""
    quartiles = [(has[f"q1_{s}"] & has[f"q3_{s}"]) | (has[f"min{s}"] & has[f"max{s}"]) for s in "12"]
    limits = [has[f"mean{s}_lo"] & has[f"mean{s}_hi"] for s in "12"]
    change = [has[f"sd{s}_pre"] & has[f"sd{s}_post"] for s in "12"]
    spread = [
        has[f"sd{s}"] | has[f"se{s}"] | limit | quartile | changed
        for s, limit, quartile, changed in zip("12", limits, quartiles, change, strict=True)
    ]
    ns = (has["n1"] & has["n2"]) | has["n_total"] | has["n_pairs"]
    means = has["mean1"] & has["mean2"] & spread[0] & spread[1]
    medians = has["median1"] & has["median2"] & quartiles[0] & quartiles[1]
    return (means | medians) & ns


def _single_mean(has: dict[str, Mask]) -> Mask:
    """One mean with its spread and n, for measures of a single group."""
    return has["mean1"] & (has["sd1"] | has["se1"] | has["mean1_hi"]) & ~has["mean2"] & (has["n1"] | has["n_total"])


def _intervals(has: dict[str, Mask]) -> Mask:
    return np.logical_or.reduce([has[s] & has[f"{s}_lo"] & has[f"{s}_hi"] for s in ("d", "g", "r", *NEED_INTERVAL)])


def _counts(has: dict[str, Mask], counted: Mask) -> Mask:
    return (has["events1"] & has["time1"]) | ((has["events1"] | has["proportion"]) & counted)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]
