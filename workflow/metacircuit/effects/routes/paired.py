"""Routes to the standardised mean change of the same people, on the scale of the difference between groups.

Group 1 is after, group 2 before. The change is divided by the SD of one occasion (metafor's SMCR), not by that of the
change (SMCC), because only so does it stand beside differences between groups. Papers hardly ever print the correlation
of before and after (nor the SD of the change, which has it), so one is assumed; at 0.5 the two definitions coincide.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from metacircuit.effects.convert import change, significance
from metacircuit.effects.measures.core import Effect, hedges_correction
from metacircuit.effects.measures.paired import smcr
from metacircuit.effects.measures.scale_changes import LOGISTIC, rescale
from metacircuit.effects.routes import conditions as when
from metacircuit.effects.routes.sizes import first_known
from metacircuit.effects.routes.smd import D_CI, G_CI
from metacircuit.effects.routes.spec import Options, Route, Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from metacircuit.effects.routes.columns import Columns
    from metacircuit.effects.routes.spec import Floats

_V = "yi = J(n - 1) d; vi = 2 (1 - r) / n + yi^2 / (2 n), r the correlation of before and after"
_V_SOURCE = "Becker (1988), equation 13 (metafor's SMCR)"
_OF_T = "d = t / sqrt(n) sqrt(2 (1 - r))"
_OF_T_SOURCE = "Dunlap et al. (1996), equation 3; Morris and DeShon (2002)"
_PAIRED = ("paired",)
_BEFORE_AND_AFTER = ", before and after"


def _correlation(c: Columns, options: Options) -> Floats:
    """The correlation of before and after: the paper's, else the one that is assumed."""
    return first_known(c["r_change"], np.full(c.size, options.pre_post_r))


def _change(c: Columns, options: Options, mean1: Floats, sd2: Floats, mean2: Floats) -> tuple[Floats, Floats]:
    n = c["pairs"] * c["share1"]
    return options.formula_of("SMCR", smcr)(mean1, sd2, mean2, _correlation(c, options), n)


def _by_d(c: Columns, options: Options, d: Floats) -> tuple[Floats, Floats]:
    """Corrected change and its variance from a change in SDs of one occasion."""
    return _change(c, options, d, np.ones(c.size), np.zeros(c.size))


def _by_means(c: Columns, options: Options) -> tuple[Floats, Floats]:
    return _change(c, options, c["mean1"], c["sd2"], c["mean2"])


def _by_t(t: Callable[[Columns], Floats]) -> Callable[[Columns, Options], tuple[Floats, Floats]]:
    def estimate(c: Columns, options: Options) -> tuple[Floats, Floats]:
        return _by_d(c, options, change.d_from_paired_t(t(c), c["pairs"], _correlation(c, options)))

    return estimate


def _by_g(c: Columns, options: Options) -> tuple[Floats, Floats]:
    return _by_d(c, options, c["g"] / hedges_correction(c["pairs"] - 1))


def paired_log_or(c: Columns, options: Options) -> tuple[Floats, Floats]:
    """Marginal log odds ratio of two occasions, with the variance of a difference of correlated logits."""
    n = c["total1"] * c["share1"]
    after, before = c["events1"] * c["share1"], c["events2"] * c["share1"]
    one, two = (1 / x + 1 / (n - x) for x in (after, before))
    odds_ratio = after / (n - after) / (before / (n - before))
    return np.log(odds_ratio), one + two - 2 * _correlation(c, options) * np.sqrt(one * two)


_SAME_PEOPLE = Rule(lambda c: c["total1"] == c["total2"], "before and after must have the same total")
_WHOSE_R = (
    ("paired", lambda c: np.isnan(c["r_change"])),
    ("paired_known_r", lambda c: ~np.isnan(c["r_change"])),
)
_R = ("r_change",)
_NO_ZERO = Rule(lambda c: ~when.zero_cell(c), "a change in a proportion of 0 or 1 has no log odds")

COUNTS = Route(
    "or.paired_counts",
    "OR",
    "counts before and after",
    ("events1", "total1", "events2", "total2"),
    "yi = ln(odds1 / odds2); vi = v1 + v2 - 2 r sqrt(v1 v2), v = 1 / (n p (1 - p))",
    "Delta method on two correlated proportions; Becker and Balagtas (1993)",
    "The marginal odds ratio; the cross-table of before and after is hardly ever printed.",
    paired_log_or,
    serves=_PAIRED,
    sign="own",
    rules=(when.KNOWN_R, when.COUNTS, _SAME_PEOPLE, _NO_ZERO),
    notices=_WHOSE_R,
    reads=_R,
)


def _paired(route: Route) -> Route:
    """Complete a route of this module by what they share."""
    return replace(
        route,
        label=f"{route.label}{_BEFORE_AND_AFTER}",
        needs=(*route.needs, "pairs"),
        formula=f"{route.formula}; {_V}",
        source=f"{route.source}; {_V_SOURCE}" if route.source else _V_SOURCE,
        serves=_PAIRED,
        rules=(when.ENOUGH_PAIRS, when.KNOWN_R, *route.rules),
        notices=_WHOSE_R,
        reads=_R,
    )


MEANS = _paired(
    Route(
        "smd.paired_means_sd",
        "SMD",
        "means and SDs",
        ("mean1", "mean2", "sd2"),
        "d = (mean1 - mean2) / sd2",
        "",
        "The definition itself, but for the correlation in its variance, which is hardly ever printed.",
        estimate=_by_means,
        sign="own",
        rules=(when.positive("sd2"),),
    )
)
T = _paired(
    Route(
        "smd.paired_t",
        "SMD",
        "paired t",
        ("t",),
        _OF_T,
        _OF_T_SOURCE,
        "The correlation enters the estimate, too.",
        estimate=_by_t(lambda c: c["t"]),
        sign="printed",
    )
)
F = _paired(
    Route(
        "smd.paired_f",
        "SMD",
        "F(1, df) of time",
        ("f", "df1"),
        f"|t| = sqrt(F); {_OF_T}",
        _OF_T_SOURCE,
        "The same as t, without its sign.",
        estimate=_by_t(lambda c: significance.t_from_f(c["f"])),
        rules=(when.ONE_DF, when.F_RANGE),
    )
)
G = _paired(
    Route(
        "smd.paired_g",
        "SMD",
        "Hedges' g",
        ("g",),
        "d = g / J(n - 1)",
        "",
        "What it was divided by is rarely said.",
        estimate=_by_g,
        sign="printed",
        flags=("paired_d_scale",),
        limit=True,
    )
)
D = _paired(
    Route(
        "smd.paired_d",
        "SMD",
        "Cohen's d",
        ("d",),
        "d as printed",
        "",
        "What it was divided by is rarely said.",
        estimate=lambda c, options: _by_d(c, options, c["d"]),
        sign="printed",
        flags=("paired_d_scale",),
        limit=True,
    )
)
Z = _paired(
    Route(
        "smd.paired_z",
        "SMD",
        "z of a signed-rank test",
        ("z",),
        f"|t| has the p of z; {_OF_T}",
        f"Rosenthal and Rubin (2003), r_equivalent; {_OF_T_SOURCE}",
        "Knows the significance to many digits, the means not at all.",
        estimate=_by_t(lambda c: significance.t_from_z(c["z"], c["pairs"] - 1) * np.where(c["z"] < 0, -1, 1)),
        sign="printed",
        rules=(when.Z_RANGE,),
        flags=("rank_test",),
    )
)
CONVERTED_COUNTS = replace(
    COUNTS,
    id="smd.paired_counts",
    measure="SMD",
    formula=f"{COUNTS.formula}; then both rescaled: yi sqrt(3)/pi, vi 3/pi^2",
    source=f"{COUNTS.source}; Chinn (2000)",
    estimate=lambda c, options: rescale(Effect(*paired_log_or(c, options)), 1 / LOGISTIC),
    flags=("converted_or",),
)
P = _paired(
    Route(
        "smd.paired_p",
        "SMD",
        "exact p",
        ("exact_p",),
        f"|t| = t quantile at 1 - p/2 with n - 1 df; {_OF_T}",
        f"Rosenthal and Rubin (2003), r_equivalent; {_OF_T_SOURCE}",
        "Coarse: p = .001 stands for all from .0005 to .0015.",
        estimate=_by_t(lambda c: significance.t_from_p(c["exact_p"], c["pairs"] - 1)),
        rules=(when.P_RANGE,),
    )
)


def _paired_ci(route: Route) -> Route:
    return replace(
        route,
        id=route.id.replace("smd.", "smd.paired_"),
        label=f"{route.label}{_BEFORE_AND_AFTER}",
        serves=_PAIRED,
        flags=("paired_d_scale",),
    )


PAIRED_SMD_ROUTES = (MEANS, T, F, G, D, _paired_ci(G_CI), _paired_ci(D_CI), Z, CONVERTED_COUNTS, P)
PAIRED_OR_ROUTES = (COUNTS,)
