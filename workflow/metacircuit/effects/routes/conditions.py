"""Conditions that several routes share, each with what is wrong where it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metacircuit.effects.convert.wald import lopsided
from metacircuit.effects.routes.spec import Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from metacircuit.effects.routes.columns import Columns
    from metacircuit.effects.routes.spec import Mask

#: Beyond it a normal statistic has no p that a computer can hold.
LARGEST_Z = 37.0


def positive(*names: str) -> Rule:
    """Every one of these columns is above 0."""
    return Rule(lambda c: np.logical_and.reduce([c[n] > 0 for n in names]), f"{' and '.join(names)} must be above 0")


def inside(name: str, bound: float) -> Rule:
    """A column lies strictly between -bound and bound."""
    return Rule(lambda c: np.abs(c[name]) < bound, f"{name} must lie between -{bound:g} and {bound:g}")


def ordered(lower: str, name: str, upper: str) -> Rule:
    """A confidence interval lies around its estimate."""
    return Rule(
        lambda c: (c[lower] <= c[name]) & (c[name] <= c[upper]) & (c[lower] < c[upper]),
        f"{name} must lie between {lower} and {upper}",
    )


ENOUGH = Rule(
    lambda c: (c["group1"] >= 2) & (c["group2"] >= 2) & (c["group1"] + c["group2"] > 3),
    "each group needs at least 2 participants",
)
ENOUGH_PAIRS = Rule(lambda c: c["pairs"] >= 3, "a change needs at least 3 participants")
ENOUGH_FOR_Z = Rule(lambda c: c["total"] > 3, "a correlation needs more than 3 participants")
ENOUGH_DF = Rule(lambda c: c["df"] > 1, "a correlation needs more than 1 degree of freedom")
ONE_DF = Rule(lambda c: c["df1"] == 1, "an F compares two groups only if df1 is 1")
EFFECTIVE = Rule(
    lambda c: ~np.isnan(c["share1"] + c["share2"]),
    "icc must lie between 0 and 1, cluster_size and control_arms be at least 1",
)
KNOWN_R = Rule(
    lambda c: ~(np.abs(c["r_change"]) >= 1),
    "the correlation of before and after must lie between -1 and 1 (r_pre_post, or sd1, sd2 and sd_change)",
)
TWO_BY_TWO = Rule(lambda c: ~(c["df1"] > 1), "a chi-square compares two groups only if df1 is 1")
CHI2_RANGE = Rule(lambda c: (c["chi2"] >= 0) & (c["chi2"] < c["total"]), "chi2 must lie between 0 and the total n")
F_RANGE = Rule(lambda c: c["f"] >= 0, "f must not be negative")
P_RANGE = Rule(
    lambda c: (c["exact_p"] > 0) & (c["exact_p"] <= 1), "p must be above 0 and at most 1 (p = 0 is p < something)"
)
P_BELOW_ONE = Rule(lambda c: (c["exact_p"] > 0) & (c["exact_p"] < 1), "p must be above 0 and below 1")
Z_RANGE = inside("z", LARGEST_Z)
R_RANGE = inside("r", 1)
BETA_RANGE = inside("beta_std", 1)
COUNTS = Rule(
    lambda c: (
        (c["events1"] >= 0)
        & (c["events1"] <= c["total1"])
        & (c["events2"] >= 0)
        & (c["events2"] <= c["total2"])
        & (c["total1"] > 0)
        & (c["total2"] > 0)
    ),
    "events must lie between 0 and the total of their group",
)


def zero_cell(c: Columns) -> Mask:
    """Whether one of the four cells is empty."""
    return (c["events1"] == 0) | (c["events2"] == 0) | (c["events1"] == c["total1"]) | (c["events2"] == c["total2"])


def df_differs(c: Columns) -> Mask:
    """Whether the printed degrees of freedom are not those of two groups of the printed sizes."""
    return np.abs(c["df2"] - (c["total"] - 2)) > 0.5


def lopsided_log(name: str) -> Callable[[Columns], Mask]:
    """Whether a ratio is not in the middle of its interval on the log scale."""
    return lambda c: lopsided(c[name], c[f"{name}_lo"], c[f"{name}_hi"])


def not_zero(name: str) -> Rule:
    """An estimate of exactly 0 has no variance that its p could give."""
    return Rule(lambda c: c[name] != 0, f"{name} is 0, so that its p says nothing about its variance")


def not_one(name: str) -> Rule:
    """A ratio of exactly 1 has no variance that its p could give."""
    return Rule(lambda c: c[name] != 1, f"{name} is 1, so that its p says nothing about its variance")
