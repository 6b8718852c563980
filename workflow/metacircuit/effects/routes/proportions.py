"""Routes to a proportion of one group of people: as logit, and as the other transforms of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metacircuit.effects.measures import proportions
from metacircuit.effects.routes.spec import Options, Route, Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from metacircuit.effects.routes.columns import Columns
    from metacircuit.effects.routes.spec import Floats, Kind, Mask

_EVERY_KIND: tuple[Kind, ...] = ("groups", "association", "paired")
_COUNTS_IN_ORDER = Rule(
    lambda c: (c["events1"] >= 0) & (c["events1"] <= c["base"]) & (c["base"] > 0),
    "events1 must lie between 0 and the total",
)
_SHARE = Rule(
    lambda c: (c["proportion"] >= 0) & (c["proportion"] <= 1) & (c["base"] > 0),
    "proportion must lie between 0 and 1 (a percentage is divided by 100)",
)


def _at_the_edge(c: Columns, x: Floats) -> Mask:
    return (x == 0) | (x == c["base"])


def _of(measure: str, formula: str, source: str, function: Callable[..., tuple[Floats, Floats]]) -> tuple[Route, Route]:
    add = measure in {"PR", "PLN", "PLO"}

    def cases(c: Columns, x: Floats) -> tuple[Floats, Floats]:
        extra = np.where(_at_the_edge(c, x), 0.5, 0.0) if add else 0.0
        return function(x * c["share1"] + extra, (c["base"] - x) * c["share1"] + extra)

    def by_counts(c: Columns, _: Options) -> tuple[Floats, Floats]:
        return cases(c, c["events1"])

    def by_share(c: Columns, _: Options) -> tuple[Floats, Floats]:
        return cases(c, c["proportion"] * c["base"])

    counts = Route(
        f"{measure.lower()}.counts",
        measure,
        "cases and total",
        ("events1", "base"),
        formula,
        source,
        "The definition itself, from the numbers that it is made of.",
        by_counts,
        serves=_EVERY_KIND,
        rules=(_COUNTS_IN_ORDER,),
        notices=(
            ("first_group_only", lambda c: ~np.isnan(c["events2"])),
            *((("zero_cell", lambda c: _at_the_edge(c, c["events1"])),) if add else ()),
        ),
    )
    share = Route(
        f"{measure.lower()}.proportion",
        measure,
        "proportion and total",
        ("proportion", "base"),
        f"x = proportion n, not rounded; {formula}",
        source,
        "The same up to the rounding of the proportion; weighted by a survey, it has no count.",
        by_share,
        serves=_EVERY_KIND,
        rules=(_SHARE,),
        notices=((("zero_cell", lambda c: _at_the_edge(c, c["proportion"] * c["base"])),) if add else ()),
    )
    return counts, share


PROPORTION_ROUTES = {
    "PLO": _of(
        "PLO", "yi = ln(x / (n - x)); vi = 1/x + 1/(n - x)", "Fleiss and Berlin (2009)", proportions.logit_proportion
    ),
    "PR": _of("PR", "yi = x / n; vi = yi (1 - yi) / n", "Fleiss and Berlin (2009)", proportions.proportion),
    "PLN": _of("PLN", "yi = ln(x / n); vi = 1/x - 1/n", "Fleiss and Berlin (2009)", proportions.log_proportion),
    "PAS": _of(
        "PAS", "yi = arcsin sqrt(x / n); vi = 1 / (4n)", "Ruecker et al. (2009)", proportions.arcsine_proportion
    ),
    "PFT": _of(
        "PFT",
        "yi = (arcsin sqrt(x / (n + 1)) + arcsin sqrt((x + 1) / (n + 1))) / 2; vi = 1 / (4n + 2)",
        "Freeman and Tukey (1950)",
        proportions.double_arcsine_proportion,
    ),
}
