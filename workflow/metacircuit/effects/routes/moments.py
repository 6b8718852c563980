"""Means and SDs of two groups from whatever is printed of them: the step that SMD, MD, ROM and their kin share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metacircuit.effects.convert import change, quantiles, spread
from metacircuit.effects.routes import conditions as when
from metacircuit.effects.routes.columns import Columns
from metacircuit.effects.routes.spec import Rule

if TYPE_CHECKING:
    from metacircuit.effects.routes.spec import Floats, Mask

GROUPS = ("group1", "group2")
_SIDES = (1, 2)
_HANDBOOK = "Cochrane Handbook 6.5.2"

Four = tuple["Floats", "Floats", "Floats", "Floats"]


@dataclass(frozen=True, slots=True)
class Moments:
    """One way to mean1, sd1, mean2, sd2; `step` says how, and is empty where they are printed."""

    name: str
    label: str
    needs: tuple[str, ...]
    step: str
    source: str
    why: str
    moments: Callable[[Columns], Four]
    rules: tuple[Rule, ...]
    flags: tuple[str, ...] = ()


def _with_sds(sd: Callable[[Columns, int], Floats]) -> Callable[[Columns], Four]:
    """Take the means as printed, and the SD of each group by a function of the columns and the group."""
    return lambda c: (c["mean1"], sd(c, 1), c["mean2"], sd(c, 2))


def _with_one_sd(sd: Callable[[Columns, Floats], Floats]) -> Callable[[Columns], Four]:
    """Take the means as printed, and one SD for both groups by a function of the columns and the difference."""

    def moments(c: Columns) -> Four:
        both = sd(c, c["mean1"] - c["mean2"])
        return c["mean1"], both, c["mean2"], both

    return moments


def _of_group(c: Columns, group: int) -> quantiles.Moments:
    printed = (c[name.format(group)] for name in ("min{}", "q1_{}", "median{}", "q3_{}", "max{}", "group{}"))
    return quantiles.moments_from_quantiles(quantiles.Quantiles(*printed))


def _of_quantiles(c: Columns) -> Four:
    one, two = (_of_group(c, group) for group in _SIDES)
    return one.mean, one.sd, two.mean, two.sd


def _spread_known(c: Columns) -> Mask:
    return np.logical_and.reduce([_of_group(c, group).sd > 0 for group in _SIDES])


def _not_skewed(c: Columns) -> Mask:
    return ~np.logical_or.reduce([_of_group(c, group).skewed for group in _SIDES])


def _apart(low: str, high: str) -> Rule:
    return Rule(
        lambda c: np.logical_and.reduce([c[low.format(i)] < c[high.format(i)] for i in _SIDES]),
        f"{low.format(1)} must be below {high.format(1)}, and {low.format(2)} below {high.format(2)}",
    )


_MEANS_DIFFER = Rule(lambda c: c["mean1"] != c["mean2"], "the means are equal, so that their test says nothing of SDs")
_FIVE_A_GROUP = Rule(
    lambda c: (c["group1"] >= quantiles.SMALLEST) & (c["group2"] >= quantiles.SMALLEST),
    f"quartiles and ranges need at least {quantiles.SMALLEST} participants in each group",
)
_NOT_SKEWED = Rule(
    _not_skewed, "the scores are skewed (test of Shi et al. 2023), so that medians do not give means, nor ranges SDs"
)
_WAN = "Wan et al. (2014)"
_NORMAL = "An SD that holds for a normal sample, refused where a printed median shows skewness."

MEANS_SD = Moments(
    "means_sd",
    "means and SDs",
    ("mean1", "sd1", "mean2", "sd2", *GROUPS),
    "",
    "",
    "The definition itself, from the numbers that it is made of.",
    _with_sds(lambda c, i: c[f"sd{i}"]),
    rules=(when.positive("sd1", "sd2"), when.ENOUGH),
)
MEANS_SE = Moments(
    "means_se",
    "means and standard errors",
    ("mean1", "se1", "mean2", "se2", *GROUPS),
    "sd = se sqrt(n)",
    f"{_HANDBOOK}.2",
    "Exactly the SDs, one step further.",
    _with_sds(lambda c, i: spread.sd_from_se(c[f"se{i}"], c[f"group{i}"])),
    rules=(when.positive("se1", "se2"), when.ENOUGH),
)
MEANS_CI = Moments(
    "means_ci",
    "means and 95% CIs",
    ("mean1", "mean1_lo", "mean1_hi", "mean2", "mean2_lo", "mean2_hi", *GROUPS),
    "sd = sqrt(n) (hi - lo) / (2 t(0.975, n - 1))",
    f"{_HANDBOOK}.2",
    "The SDs up to the rounding of the limits.",
    _with_sds(lambda c, i: spread.sd_from_ci(c[f"mean{i}_lo"], c[f"mean{i}_hi"], c[f"group{i}"])),
    rules=(when.ordered("mean1_lo", "mean1", "mean1_hi"), when.ordered("mean2_lo", "mean2", "mean2_hi"), when.ENOUGH),
)
MEANS_CHANGE = Moments(
    "means_change",
    "mean changes with SDs before and after",
    ("mean1", "sd1_pre", "sd1_post", "mean2", "sd2_pre", "sd2_post", "r_pre_post", *GROUPS),
    "sd = sqrt(sd_pre^2 + sd_post^2 - 2 r sd_pre sd_post)",
    f"{_HANDBOOK}.8",
    "Exact if the correlation is; a standardised difference is in units of the change.",
    _with_sds(lambda c, i: change.sd_of_change(c[f"sd{i}_pre"], c[f"sd{i}_post"], c["r_pre_post"])),
    rules=(
        when.positive("sd1_pre", "sd1_post", "sd2_pre", "sd2_post"),
        when.inside("r_pre_post", 1),
        when.ENOUGH,
    ),
    flags=("change_scores",),
)
MEANS_T = Moments(
    "means_t",
    "means and t",
    ("mean1", "mean2", "t", *GROUPS),
    "sd = |mean1 - mean2| / |t| / sqrt(1/n1 + 1/n2) in both groups",
    f"{_HANDBOOK}.3",
    "One SD for both groups, up to the rounding of the test.",
    _with_one_sd(lambda c, difference: spread.sd_from_t(difference, c["t"], c["group1"], c["group2"])),
    rules=(_MEANS_DIFFER, Rule(lambda c: c["t"] != 0, "t is 0, so that it says nothing of the SDs"), when.ENOUGH),
    flags=("sd_from_test",),
)
MEANS_P = Moments(
    "means_p",
    "means and exact p",
    ("mean1", "mean2", "exact_p", *GROUPS),
    "|t| = t quantile at 1 - p/2 with n1 + n2 - 2 df, sd = |mean1 - mean2| / |t| / sqrt(1/n1 + 1/n2) in both groups",
    f"{_HANDBOOK}.3",
    "One SD for both groups, as coarse as the p is printed.",
    _with_one_sd(lambda c, difference: spread.sd_from_p(difference, c["exact_p"], c["group1"], c["group2"])),
    rules=(_MEANS_DIFFER, when.P_BELOW_ONE, when.ENOUGH),
    flags=("sd_from_test",),
)
MEANS_IQR = Moments(
    "means_iqr",
    "means and quartiles",
    ("mean1", "q1_1", "q3_1", "mean2", "q1_2", "q3_2", *GROUPS),
    "sd = (q3 - q1) / (2 z((0.75 n - 0.125) / (n + 0.25)))",
    f"{_WAN}, equation 16",
    _NORMAL,
    _with_sds(lambda c, i: spread.sd_from_iqr(c[f"q1_{i}"], c[f"q3_{i}"], c[f"group{i}"])),
    rules=(_apart("q1_{}", "q3_{}"), _FIVE_A_GROUP, _NOT_SKEWED),
    flags=("sd_from_quantiles",),
)
MEANS_RANGE = Moments(
    "means_range",
    "means and ranges",
    ("mean1", "min1", "max1", "mean2", "min2", "max2", *GROUPS),
    "sd = (max - min) / (2 z((n - 0.375) / (n + 0.25)))",
    f"{_WAN}, equation 9",
    f"{_NORMAL} A range hangs on two people.",
    _with_sds(lambda c, i: spread.sd_from_range(c[f"min{i}"], c[f"max{i}"], c[f"group{i}"])),
    rules=(_apart("min{}", "max{}"), _FIVE_A_GROUP, _NOT_SKEWED),
    flags=("sd_from_quantiles",),
)
QUANTILES = Moments(
    "quantiles",
    "medians with quartiles or ranges",
    ("median1", "width1", "median2", "width2", *GROUPS),
    "mean and sd from min, q1, median, q3, max and n",
    f"Luo et al. (2018), equations 7, 11, 15; {_WAN}, equations 9, 16; Shi et al. (2020), equation 10",
    "An estimate of means and SDs, refused where the test of Shi et al. (2023) finds skewness.",
    _of_quantiles,
    rules=(
        when.ENOUGH,
        Rule(_spread_known, "each median needs its quartiles or its range, and n of at least 5"),
        _NOT_SKEWED,
    ),
    flags=("moments_from_quantiles",),
)

#: In order of preference.
MOMENTS = (*(MEANS_SD, MEANS_SE, MEANS_CI, MEANS_CHANGE, MEANS_T, MEANS_IQR, MEANS_RANGE, QUANTILES, MEANS_P),)
