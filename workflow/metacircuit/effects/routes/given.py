"""Measures of counts, rates and correlations that only their own columns give: no conversion leads to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.effects.measures import rates, two_proportions
from metacircuit.effects.measures.correlations import cor
from metacircuit.effects.routes import conditions as when
from metacircuit.effects.routes.odds import HR_ROUTES, RR_ROUTES, cells, ratio_ci, ratio_p
from metacircuit.effects.routes.sizes import effective_total
from metacircuit.effects.routes.spec import Route

if TYPE_CHECKING:
    from collections.abc import Callable

    from metacircuit.effects.routes.columns import Columns
    from metacircuit.effects.routes.spec import Floats

_TABLE = ("events1", "total1", "events2", "total2")
_RATES = ("events1", "time1", "events2", "time2")
_WHY = "The definition itself, from the numbers that it is made of."


def _table(measure: str, formula: str, source: str, function: Callable[..., tuple[Floats, Floats]]) -> Route:
    add = measure in {"RD", "PETO"}
    return Route(
        f"{measure.lower()}.counts",
        measure,
        "counts of both groups",
        _TABLE,
        formula,
        source,
        _WHY,
        lambda c, _: function(*cells(c, add=add)),
        sign="own",
        rules=(when.COUNTS,),
        notices=(("zero_cell", when.zero_cell),) if add else (),
    )


def _rate_ratio(c: Columns, _: object) -> tuple[Floats, Floats]:
    one, two = c["share1"], c["share2"]
    return rates.log_rate_ratio(c["events1"] * one, c["time1"] * one, c["events2"] * two, c["time2"] * two)


GIVEN_ROUTES: dict[str, tuple[Route, ...]] = {
    "RR": RR_ROUTES,
    "RD": (
        _table(
            "RD",
            "p1 = a/n1, p2 = c/n2; yi = p1 - p2; vi = p1 (1 - p1)/n1 + p2 (1 - p2)/n2",
            "Fleiss and Berlin (2009)",
            two_proportions.risk_difference,
        ),
    ),
    "AS": (
        _table(
            "AS",
            "yi = arcsin sqrt(a/n1) - arcsin sqrt(c/n2); vi = 1/(4 n1) + 1/(4 n2)",
            "Ruecker et al. (2009), section 2",
            two_proportions.arcsine_difference,
        ),
    ),
    "PETO": (
        _table(
            "PETO",
            "E = (a + c) n1/n, V = (a + c)(b + d) n1 n2 / (n^2 (n - 1)); yi = (a - E) / V; vi = 1 / V",
            "Yusuf et al. (1985)",
            two_proportions.peto_log_odds_ratio,
        ),
    ),
    "HR": HR_ROUTES,
    "IRR": (
        Route(
            "irr.counts",
            "IRR",
            "events and person-time",
            _RATES,
            "yi = ln((x1/t1) / (x2/t2)); vi = 1/x1 + 1/x2",
            "Rothman et al. (2008)",
            _WHY,
            _rate_ratio,
            sign="own",
            rules=(when.positive(*_RATES),),
        ),
        ratio_ci("irr", "IRR", "rate ratio", "As printed."),
        ratio_p("irr", "IRR", "rate ratio"),
    ),
    "COR": (
        Route(
            "cor.r",
            "COR",
            "r",
            ("r", "total"),
            "yi = r; vi = (1 - r^2)^2 / (n - 1)",
            "Borenstein (2009), equation 12.27",
            _WHY,
            lambda c, _: cor(c["r"], effective_total(c)),
            sign="own",
            rules=(when.R_RANGE, when.ENOUGH_FOR_Z),
        ),
    ),
}
