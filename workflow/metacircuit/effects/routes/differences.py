"""Cohen's d of two groups from whatever is printed: the step that SMD, OR and ZCOR share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metacircuit.effects.convert import correlation, families, significance
from metacircuit.effects.measures.core import hedges_correction
from metacircuit.effects.measures.two_means import cohen_d
from metacircuit.effects.routes import conditions as when
from metacircuit.effects.routes import moments
from metacircuit.effects.routes.columns import Columns
from metacircuit.effects.routes.moments import GROUPS, Moments
from metacircuit.effects.routes.spec import Kind, Rule, Sign

if TYPE_CHECKING:
    from metacircuit.effects.routes.spec import Floats, Mask

BOTH: tuple[Kind, ...] = ("groups", "association")
_D = "d = (mean1 - mean2) / sqrt(((n1 - 1) sd1^2 + (n2 - 1) sd2^2) / (n1 + n2 - 2))"
_D_SOURCE = "Hedges (1981), Journal of Educational Statistics 6, 107-128"
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


def _of_moments(way: Moments) -> Difference:
    """The difference of two means in units of the pooled SD."""

    def standardised(c: Columns) -> Floats:
        mean1, sd1, mean2, sd2 = way.moments(c)
        return cohen_d(mean1, sd1, c["group1"], mean2, sd2, c["group2"])

    return Difference(
        way.name,
        way.label,
        way.needs,
        f"{way.step}, then as means and SDs" if way.step else _D,
        way.source or _D_SOURCE,
        way.why,
        standardised,
        sign="own",
        rules=way.rules,
        # One SD for both groups is what a pooled SD is: of d it is no assumption.
        flags=tuple(flag for flag in way.flags if flag != "sd_from_test"),
    )


def _by_t(c: Columns, t: Floats) -> Floats:
    return significance.d_from_t(t, *(c[name] for name in GROUPS))


def _df(c: Columns) -> Floats:
    return c["group1"] + c["group2"] - 2


def _by_chi2(c: Columns) -> Floats:
    return families.d_from_r(correlation.phi_from_chi2(c["chi2"], c["total"]), c["group1"], c["group2"])


MEANS_SD, MEANS_SE, MEANS_CI, MEANS_CHANGE, MEANS_IQR, MEANS_RANGE, QUANTILES, MEANS_P = (
    _of_moments(way)
    for way in (
        *(moments.MEANS_SD, moments.MEANS_SE, moments.MEANS_CI, moments.MEANS_CHANGE),
        *(moments.MEANS_IQR, moments.MEANS_RANGE, moments.QUANTILES, moments.MEANS_P),
    )
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
DIFFERENCES = (
    *(MEANS_SD, MEANS_SE, MEANS_CI, T, F, G, D, MEANS_CHANGE, MEANS_IQR, MEANS_RANGE, QUANTILES, Z, R, CHI2),
    *(MEANS_P, P),
)
