"""How many people stand behind a statistic: as printed, and as clusters and a shared control group leave them.

A statistic is read with the printed numbers of people, for it was computed from them. Its variance goes by the
effective numbers: those of a trial of clusters are divided by its design effect, and a control group that stands in
several comparisons is divided among them (Cochrane Handbook, 23.1.4 and 23.3.4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metacircuit.effects.convert.clusters import design_effect
from metacircuit.effects.routes.flags import bit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metacircuit.effects.routes.columns import Columns

    Floats = NDArray[np.float64]
    Made = tuple[dict[str, Floats], NDArray[np.int64]]


def made_sizes(c: Columns) -> Made:
    """Group sizes, totals and pairs as printed, each from the first source that has them, and flags of how."""
    bits = np.zeros(c.size, dtype=np.int64)
    n1, n2, total = c["n1"], c["n2"], c["n_total"]

    by_totals = np.isnan(n1) & np.isnan(n2) & ~np.isnan(c["total1"]) & ~np.isnan(c["total2"])
    n1, n2 = np.where(by_totals, c["total1"], n1), np.where(by_totals, c["total2"], n2)

    rest1, rest2 = total - n2, total - n1
    short1, short2 = np.isnan(n1) & (rest1 > 0), np.isnan(n2) & (rest2 > 0)
    n1, n2 = np.where(short1, rest1, n1), np.where(short2, rest2, n2)

    both = n1 + n2
    by_df = np.isnan(both) & np.isnan(total) & ~np.isnan(c["df2"])
    total = np.where(~np.isnan(both), both, np.where(by_df, c["df2"] + 2, total))
    halved = np.isnan(both) & ~np.isnan(total)

    for mask, code in (
        (by_totals, "totals_as_n"),
        (short1 | short2, "derived_group_size"),
        (by_df, "n_from_df"),
        (halved, "assumed_equal_groups"),
    ):
        bits |= np.where(mask, bit(code), 0)
    made = {
        "exact_group1": np.where(halved, np.nan, n1),
        "exact_group2": np.where(halved, np.nan, n2),
        "group1": np.where(halved, total / 2, n1),
        "group2": np.where(halved, total / 2, n2),
        "total": total,
        "pairs": first_known(c["n_pairs"], np.fmin(c["n1"], c["n2"]), c["n_total"], c["df2"] + 1),
        "base": first_known(c["total1"], c["n_total"], np.where(np.isnan(c["n2"]), c["n1"], np.nan)),
        "df": first_known(c["df2"], total - 2),
    }
    return made, bits


def shares(c: Columns) -> Made:
    """What one person of each group counts for, and flags of why.

    1/DE in group 1, 1/(DE·k) in group 2, with DE = 1 + (cluster_size − 1)·icc and k comparisons that share group 2; NaN
    where these numbers are impossible.
    """
    icc, size, arms = c["icc"], c["cluster_size"], c["control_arms"]
    whole, half = ~np.isnan(icc + size), np.isnan(icc) != np.isnan(size)
    effect = np.where(whole, design_effect(size, icc), 1.0)
    comparisons = np.where(np.isnan(arms), 1.0, arms)
    possible = ~((icc < 0) | (icc > 1) | (size < 1)) & (comparisons >= 1)
    of_person = np.where(possible, 1 / effect, np.nan)
    bits = np.where(whole, bit("clustered"), 0)
    bits |= np.where(half, bit("clusters_unknown"), 0)
    bits |= np.where(comparisons > 1, bit("shared_control"), 0)
    return {"share1": of_person, "share2": of_person / comparisons}, bits


def effective_groups(c: Columns) -> tuple[Floats, Floats]:
    """Return the effective sizes of both groups."""
    return c["group1"] * c["share1"], c["group2"] * c["share2"]


def effective_total(c: Columns) -> Floats:
    """Return the effective size of both groups together, or of the one sample."""
    one, two = effective_groups(c)
    return one + two


def first_known(*choices: Floats) -> Floats:
    """Choose, element by element, the first that is known."""
    found = choices[0]
    for other in choices[1:]:
        found = np.where(np.isnan(found), other, found)
    return found
