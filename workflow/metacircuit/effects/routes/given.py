"""Measures that only their own columns give: no conversion leads to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.effects.measures import rates, two_means, two_proportions, variability
from metacircuit.effects.measures.correlations import cor
from metacircuit.effects.routes import conditions as when
from metacircuit.effects.routes.odds import HR_ROUTES, RR_ROUTES, cells, ratio_ci, ratio_p
from metacircuit.effects.routes.spec import Route, Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from metacircuit.effects.routes.columns import Columns
    from metacircuit.effects.routes.spec import Floats

_MEANS = ("mean1", "sd1", "group1", "mean2", "sd2", "group2")
_SDS = ("sd1", "group1", "sd2", "group2")
_TABLE = ("events1", "total1", "events2", "total2")
_RATES = ("events1", "time1", "events2", "time2")
_POSITIVE_SDS = (when.positive("sd1", "sd2"), when.ENOUGH)
_POSITIVE_RATES = (when.positive(*_RATES),)
_WHY = "The definition itself, from the numbers that it is made of."


def _means(
    measure: str,
    needs: tuple[str, ...],
    formula: str,
    source: str,
    function: Callable[..., tuple[Floats, Floats]],
    *rules: Rule,
) -> Route:
    def estimate(c: Columns, _: object) -> tuple[Floats, Floats]:
        return function(*(c[name] for name in needs))

    return Route(
        f"{measure.lower()}.{'means_sd' if len(needs) == len(_MEANS) else 'sds' if needs == _SDS else 'counts'}",
        measure,
        {_MEANS: "means and SDs", _SDS: "SDs"}.get(needs, "events and person-time"),
        needs,
        formula,
        source,
        _WHY,
        estimate,
        sign="own",
        rules=rules,
    )


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


GIVEN_ROUTES: dict[str, tuple[Route, ...]] = {
    "MD": (
        _means(
            "MD",
            _MEANS,
            "yi = mean1 - mean2; vi = sd1^2/n1 + sd2^2/n2",
            "Borenstein (2009), equations 12.1 and 12.5",
            two_means.md,
            *_POSITIVE_SDS,
        ),
    ),
    "SMDH": (
        _means(
            "SMDH",
            _MEANS,
            "yi = J(n1 + n2 - 2) (mean1 - mean2) / sqrt((sd1^2 + sd2^2) / 2)",
            "Bonett (2009), equation 5",
            two_means.smdh,
            *_POSITIVE_SDS,
        ),
    ),
    "ROM": (
        _means(
            "ROM",
            _MEANS,
            "yi = ln(mean1 / mean2) + (sd1^2/(n1 mean1^2) - sd2^2/(n2 mean2^2)) / 2",
            "Lajeunesse (2015), equation 8",
            variability.rom,
            *_POSITIVE_SDS,
            when.positive("mean1", "mean2"),
        ),
    ),
    "VR": (
        _means(
            "VR",
            _SDS,
            "yi = ln(sd1 / sd2) + 1/(2(n1 - 1)) - 1/(2(n2 - 1)); vi = 1/(2(n1 - 1)) + 1/(2(n2 - 1))",
            "Nakagawa et al. (2015), equation 9; Senior et al. (2020), equation 5",
            variability.vr,
            *_POSITIVE_SDS,
        ),
    ),
    "CVR": (
        _means(
            "CVR",
            _MEANS,
            "yi = ln((sd1/mean1) / (sd2/mean2)), with the corrections of VR and ROM",
            "Senior et al. (2020), equations 5, 6 and 15",
            variability.cvr,
            *_POSITIVE_SDS,
            when.positive("mean1", "mean2"),
        ),
    ),
    "RR": RR_ROUTES,
    "RD": (_table("RD", "yi = a/n1 - c/n2", "Fleiss and Berlin (2009)", two_proportions.risk_difference),),
    "AS": (
        _table(
            "AS", "yi = arcsin sqrt(a/n1) - arcsin sqrt(c/n2)", "Ruecker (2009)", two_proportions.arcsine_difference
        ),
    ),
    "PETO": (
        _table("PETO", "yi = (O - E) / V; vi = 1 / V", "Yusuf et al. (1985)", two_proportions.peto_log_odds_ratio),
    ),
    "HR": HR_ROUTES,
    "IRR": (
        _means(
            "IRR",
            _RATES,
            "yi = ln((x1/t1) / (x2/t2)); vi = 1/x1 + 1/x2",
            "Rothman et al. (2008)",
            rates.log_rate_ratio,
            *_POSITIVE_RATES,
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
            lambda c, _: cor(c["r"], c["total"]),
            sign="own",
            rules=(when.R_RANGE, when.ENOUGH_FOR_Z),
        ),
    ),
}
