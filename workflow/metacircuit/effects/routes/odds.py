"""Routes to the log odds ratio, and to the logs of hazard, rate and risk ratios."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from metacircuit.effects.convert import families, wald
from metacircuit.effects.measures.core import Effect
from metacircuit.effects.measures.scale_changes import LOGISTIC, d_to_log_odds_logistic, rescale
from metacircuit.effects.measures.two_proportions import log_odds_ratio, log_risk_ratio
from metacircuit.effects.routes import conditions as when
from metacircuit.effects.routes.differences import DIFFERENCES
from metacircuit.effects.routes.sizes import effective_groups, effective_total
from metacircuit.effects.routes.spec import Options, Route, Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from metacircuit.effects.routes.columns import Columns
    from metacircuit.effects.routes.differences import Difference
    from metacircuit.effects.routes.spec import Floats, Mask

_TABLE = ("events1", "total1", "events2", "total2")
# 16, with a tenth off for limits that are printed with few digits.
_LEAST_VI_TIMES_N = 14.4
_BY_CI = "yi = ln {0}; vi = ((ln {0}_hi - ln {0}_lo) / (2 z(0.975)))^2"


def cells(c: Columns, *, add: bool = True) -> tuple[Floats, Floats, Floats, Floats]:
    """Effective cells a, b, c, d of the fourfold table, with 0.5 added to all of a table that has an empty one."""
    extra = np.where(when.zero_cell(c), 0.5, 0.0) if add else 0.0
    a, c_ = c["events1"] * c["share1"], c["events2"] * c["share2"]
    n1, n2 = c["total1"] * c["share1"], c["total2"] * c["share2"]
    return a + extra, n1 - a + extra, c_ + extra, n2 - c_ + extra


def too_precise(way: Route, c: Columns) -> Mask:
    """Whether an odds ratio is more precise than two groups can make it, hence per unit of a scale.

    1/a + 1/b + 1/c + 1/d is never below 16/n, its value for four equal cells; adjusting for covariates only adds to it.
    """
    vi = np.asarray(way.estimate(c, Options())[1])
    return vi * c["total"] < _LEAST_VI_TIMES_N


def of_two_groups(way: Route) -> Rule:
    """Condition of the routes that turn an odds ratio into a difference between groups."""
    return Rule(
        lambda c: ~too_precise(way, c),
        "it is more precise than two groups of this size can be, so it is per unit of a scale",
    )


def effect(way: Route, c: Columns, options: Options) -> Effect:
    """What a route gives, as the pair that the measures work with."""
    return Effect(*way.estimate(c, options))


def _ratio_with_ci(name: str) -> Callable[[Columns, Options], tuple[Floats, Floats]]:
    return lambda c, _: wald.log_ratio(c[name], c[f"{name}_lo"], c[f"{name}_hi"])


def ratio_ci(
    name: str, measure: str, label: str, why: str, *, source: str = "Cochrane Handbook 6.3.2", as_or: bool = False
) -> Route:
    """Route of a printed ratio with its confidence interval; `as_or` takes it, on request, as an odds ratio."""
    return Route(
        f"{measure.lower()}.{name}_ci",
        measure,
        f"{label} with 95% CI",
        (name, f"{name}_lo", f"{name}_hi"),
        _BY_CI.format(name),
        source,
        why,
        _ratio_with_ci(name),
        sign="own",
        rules=(when.positive(name, f"{name}_lo", f"{name}_hi"), when.ordered(f"{name}_lo", name, f"{name}_hi")),
        flags=(f"{name}_as_or",) if as_or else (),
        notices=(("asymmetric_ci", when.lopsided_log(name)),),
        option="treat_ratio_as_or" if as_or else "",
        by_sizes=False,
    )


def ratio_p(name: str, measure: str, label: str) -> Route:
    """Route of a printed ratio with the exact p of its test."""
    return Route(
        f"{measure.lower()}.{name}_p",
        measure,
        f"{label} with exact p",
        (name, "exact_p"),
        f"yi = ln {name}; vi = (yi / z(1 - p/2))^2",
        "Altman and Bland (2011), BMJ 343, d2090",
        "The estimate is known well, its variance as coarsely as the p is printed.",
        lambda c, _: wald.log_ratio_from_p(c[name], c["exact_p"]),
        sign="own",
        rules=(when.positive(name), when.not_one(name), when.P_BELOW_ONE),
        flags=("se_from_p",),
        by_sizes=False,
    )


def _noting_units(way: Route) -> Route:
    return replace(way, notices=(*way.notices, ("or_per_unit", lambda c: too_precise(way, c))))


COUNTS = Route(
    "or.counts",
    "OR",
    "counts of both groups",
    _TABLE,
    "yi = ln(a d / (b c)); vi = 1/a + 1/b + 1/c + 1/d",
    "Fleiss and Berlin (2009)",
    "The definition itself, from the numbers that it is made of, and unadjusted.",
    lambda c, _: log_odds_ratio(*cells(c)),
    sign="own",
    rules=(when.COUNTS,),
    notices=(("zero_cell", when.zero_cell),),
)
OR_CI = _noting_units(ratio_ci("or", "OR", "odds ratio", "Exact up to rounding; often adjusted."))
OR_P = _noting_units(ratio_p("or", "OR", "odds ratio"))
_LIKE_OR = "On request only: near an odds ratio where the outcome is rare."
RATIOS_AS_OR = (
    ratio_ci("hr", "OR", "hazard ratio", _LIKE_OR, as_or=True),
    ratio_ci("irr", "OR", "rate ratio", _LIKE_OR, as_or=True),
)


def _of_difference(way: Difference) -> Route:
    return Route(
        id=f"or.{way.name}",
        measure="OR",
        label=way.label,
        needs=way.needs,
        formula=f"{way.formula}; yi = d pi/sqrt(3); vi = pi^2/3 (1/n1 + 1/n2 + d^2 / (2 (n1 + n2)))",
        source=f"{way.source}; Borenstein et al. (2009), equations 7.3 and 7.4 (metafor's D2ORL)",
        why=f"By way of d. {way.why}",
        estimate=lambda c, _: d_to_log_odds_logistic(way.d(c), *effective_groups(c)),
        serves=way.serves,
        sign=way.sign,
        rules=way.rules,
        flags=("converted_smd", *way.flags),
        notices=way.notices,
        limit=way.limit,
    )


R = Route(
    "or.r",
    "OR",
    "r of two continuous variables",
    ("r", "total"),
    "d = 2r / sqrt(1 - r^2), v = 4 / ((n - 1)(1 - r^2)); yi = d pi/sqrt(3), vi = v pi^2/3",
    "Borenstein et al. (2009), equations 6.1, 7.3 to 7.6",
    "By way of d. Another kind of question: what goes with more of the behaviour, not with its presence.",
    lambda c, _: rescale(Effect(*families.d_of_correlation(c["r"], effective_total(c))), LOGISTIC),
    sign="own",
    rules=(when.R_RANGE, when.ENOUGH_FOR_Z),
    flags=("converted_smd", "converted_r"),
    limit=True,
)

_DIFFERENCES = tuple(_of_difference(way) for way in DIFFERENCES)
OR_ROUTES = (COUNTS, OR_CI, OR_P, *RATIOS_AS_OR, *_DIFFERENCES[:-2], R, *_DIFFERENCES[-2:])

RR_ROUTES = (
    Route(
        "rr.counts",
        "RR",
        "counts of both groups",
        _TABLE,
        "yi = ln((a / n1) / (c / n2)); vi = 1/a - 1/n1 + 1/c - 1/n2",
        "Fleiss and Berlin (2009)",
        "The definition itself, from the numbers that it is made of.",
        lambda c, _: log_risk_ratio(*cells(c)),
        sign="own",
        rules=(when.COUNTS,),
        notices=(("zero_cell", when.zero_cell),),
    ),
    ratio_ci("rr", "RR", "risk ratio", "Exact up to rounding; often adjusted."),
    ratio_p("rr", "RR", "risk ratio"),
)
HR_ROUTES = (
    ratio_ci(
        "hr",
        "HR",
        "hazard ratio",
        "As printed.",
        source="Parmar, Torri and Stewart (1998), Statistics in Medicine 17, 2815-2834",
    ),
    ratio_p("hr", "HR", "hazard ratio"),
)
