"""Cohen's d of two groups from whatever is printed: the step that SMD, OR and ZCOR share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metacircuit.effects.convert import correlation, families, quantiles, significance, spread
from metacircuit.effects.measures.core import hedges_correction
from metacircuit.effects.measures.two_means import cohen_d
from metacircuit.effects.routes import conditions as when
from metacircuit.effects.routes.columns import Columns
from metacircuit.effects.routes.spec import Kind, Rule, Sign

if TYPE_CHECKING:
    from metacircuit.effects.routes.spec import Floats, Mask

GROUPS = ("group1", "group2")
BOTH: tuple[Kind, ...] = ("groups", "association")
_HANDBOOK = "Cochrane Handbook 6.5.2"
_RESEARCH_SYNTHESIS = "Borenstein (2009), in Cooper, Hedges and Valentine, table 12.1"


@dataclass(frozen=True, slots=True)
class Difference:
    """One way to d (not corrected for small samples); the fields are those of `Route`."""

    name: str
    label: str
    needs: tuple[str, ...]
    formula: str
    source: str
    why: str
    d: Callable[[Columns], Floats]
    serves: tuple[Kind, ...] = BOTH
    sign: Sign = "none"
    rules: tuple[Rule, ...] = (when.ENOUGH,)
    flags: tuple[str, ...] = ()
    notices: tuple[tuple[str, Callable[[Columns], Mask]], ...] = ()
    limit: bool = False


def _by_sd(c: Columns, sd1: Floats, sd2: Floats) -> Floats:
    return cohen_d(c["mean1"], sd1, c["group1"], c["mean2"], sd2, c["group2"])


def _by_se(c: Columns) -> Floats:
    return _by_sd(c, spread.sd_from_se(c["se1"], c["group1"]), spread.sd_from_se(c["se2"], c["group2"]))


def _by_ci(c: Columns) -> Floats:
    sds = (spread.sd_from_ci(c[f"mean{i}_lo"], c[f"mean{i}_hi"], c[f"group{i}"]) for i in (1, 2))
    return _by_sd(c, *sds)


def _moments(c: Columns, group: int) -> quantiles.Moments:
    printed = (c[name.format(group)] for name in ("min{}", "q1_{}", "median{}", "q3_{}", "max{}", "group{}"))
    return quantiles.moments_from_quantiles(quantiles.Quantiles(*printed))


def _by_quantiles(c: Columns) -> Floats:
    one, two = _moments(c, 1), _moments(c, 2)
    return cohen_d(one.mean, one.sd, c["group1"], two.mean, two.sd, c["group2"])


def _by_t(c: Columns, t: Floats) -> Floats:
    return significance.d_from_t(t, *(c[name] for name in GROUPS))


def _df(c: Columns) -> Floats:
    return c["group1"] + c["group2"] - 2


def _by_chi2(c: Columns) -> Floats:
    return families.d_from_r(correlation.phi_from_chi2(c["chi2"], c["total"]), c["group1"], c["group2"])


def _spread_known(c: Columns) -> Mask:
    return (_moments(c, 1).sd > 0) & (_moments(c, 2).sd > 0)


def _not_skewed(c: Columns) -> Mask:
    return ~(_moments(c, 1).skewed | _moments(c, 2).skewed)


MEANS_SD = Difference(
    "means_sd",
    "means and SDs",
    ("mean1", "sd1", "mean2", "sd2", *GROUPS),
    "d = (mean1 - mean2) / sqrt(((n1 - 1) sd1^2 + (n2 - 1) sd2^2) / (n1 + n2 - 2))",
    "Hedges (1981), Journal of Educational Statistics 6, 107-128",
    "The definition itself, from the numbers that it is made of.",
    lambda c: _by_sd(c, c["sd1"], c["sd2"]),
    sign="own",
    rules=(when.positive("sd1", "sd2"), when.ENOUGH),
)
MEANS_SE = Difference(
    "means_se",
    "means and standard errors",
    ("mean1", "se1", "mean2", "se2", *GROUPS),
    "sd = se sqrt(n), then as means and SDs",
    f"{_HANDBOOK}.2",
    "Exactly the SDs, one step further.",
    _by_se,
    sign="own",
    rules=(when.positive("se1", "se2"), when.ENOUGH),
)
MEANS_CI = Difference(
    "means_ci",
    "means and 95% CIs",
    ("mean1", "mean1_lo", "mean1_hi", "mean2", "mean2_lo", "mean2_hi", *GROUPS),
    "sd = sqrt(n) (hi - lo) / (2 t(0.975, n - 1)), then as means and SDs",
    f"{_HANDBOOK}.2",
    "The SDs up to the rounding of the limits.",
    _by_ci,
    sign="own",
    rules=(when.ordered("mean1_lo", "mean1", "mean1_hi"), when.ordered("mean2_lo", "mean2", "mean2_hi"), when.ENOUGH),
)
T = Difference(
    "t",
    "t",
    ("t", *GROUPS),
    "d = t sqrt(1/n1 + 1/n2)",
    f"{_RESEARCH_SYNTHESIS}; {_HANDBOOK}.3",
    "The same d as from means and SDs, up to rounding.",
    lambda c: _by_t(c, c["t"]),
    sign="printed",
    notices=(("df_differs", when.df_differs),),
)
F = Difference(
    "f",
    "F(1, df)",
    ("f", "df1", *GROUPS),
    "|t| = sqrt(F), then as t",
    _RESEARCH_SYNTHESIS,
    "The same as t, without its sign.",
    lambda c: _by_t(c, significance.t_from_f(c["f"])),
    rules=(when.ONE_DF, when.F_RANGE, when.ENOUGH),
    notices=(("df_differs", when.df_differs),),
)
G = Difference(
    "g",
    "Hedges' g",
    ("g", *GROUPS),
    "d = g / J(n1 + n2 - 2)",
    "Hedges (1981), equation 6d",
    "Printed to two digits, and not always with the SD that this measure divides by.",
    lambda c: c["g"] / hedges_correction(_df(c)),
    sign="printed",
    limit=True,
)
D = Difference(
    "d",
    "Cohen's d",
    ("d", *GROUPS),
    "d as printed",
    "Cohen (1988), equation 2.5.1",
    "As g; authors use the name for several quantities.",
    lambda c: c["d"],
    sign="printed",
    limit=True,
)
QUANTILES = Difference(
    "quantiles",
    "medians with quartiles or ranges",
    ("median1", "median2", *GROUPS),
    "mean and sd from min, q1, median, q3, max and n, then as means and SDs",
    "Luo et al. (2018), equations 7, 11, 15; Wan et al. (2014), equations 9, 16; Shi et al. (2020), equation 10",
    "An estimate of means and SDs, refused where the test of Shi et al. (2023) finds skewness.",
    _by_quantiles,
    sign="own",
    rules=(
        when.ENOUGH,
        Rule(_spread_known, "each median needs its quartiles or its range, and n of at least 5"),
        Rule(_not_skewed, "the scores are skewed (test of Shi et al. 2023), so that medians do not give means"),
    ),
    flags=("moments_from_quantiles",),
)
Z = Difference(
    "z",
    "z of a rank or normal test",
    ("z", *GROUPS),
    "p = 2 Phi(-|z|), then as p",
    "Rosenthal and Rubin (2003), r_equivalent",
    "Knows the significance to many digits, the means not at all.",
    lambda c: _by_t(c, significance.t_from_z(c["z"], _df(c)) * np.where(c["z"] < 0, -1, 1)),
    sign="printed",
    rules=(when.Z_RANGE, when.ENOUGH),
    flags=("rank_test",),
)
R = Difference(
    "r_groups",
    "point-biserial r",
    ("r", "exact_group1", "exact_group2"),
    "d = r sqrt(h) / sqrt(1 - r^2), h = (n1 + n2 - 2)(1/n1 + 1/n2)",
    "Jacobs and Viechtbauer (2017), solved for d (as metafor does)",
    "Exact, if r is the correlation with membership in the two groups.",
    lambda c: families.d_from_r(c["r"], c["group1"], c["group2"]),
    serves=("groups",),
    sign="own",
    rules=(when.R_RANGE, when.ENOUGH),
    limit=True,
)
CHI2 = Difference(
    "chi2",
    "chi-square(1)",
    ("chi2", *GROUPS),
    "phi = sqrt(chi2 / N), then as point-biserial r",
    "Lipsey and Wilson (2001), appendix B",
    "The outcome has two values, whose spread is not that of the trait behind them.",
    _by_chi2,
    rules=(when.TWO_BY_TWO, when.CHI2_RANGE, when.ENOUGH),
    flags=("phi_as_r",),
)
P = Difference(
    "p",
    "exact p",
    ("exact_p", *GROUPS),
    "|t| = t quantile at 1 - p/2 with n1 + n2 - 2 df, then as t",
    f"{_RESEARCH_SYNTHESIS}; Rosenthal and Rubin (2003)",
    "Coarse: p = .001 stands for all from .0005 to .0015.",
    lambda c: _by_t(c, significance.t_from_p(c["exact_p"], _df(c))),
    rules=(when.P_RANGE, when.ENOUGH),
)

#: In order of preference.
DIFFERENCES = (MEANS_SD, MEANS_SE, MEANS_CI, T, F, G, D, QUANTILES, Z, R, CHI2, P)
