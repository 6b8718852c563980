"""Routes to the standardised mean difference (Hedges' g) of two groups of people."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from metacircuit.effects.convert import families, wald
from metacircuit.effects.measures.core import hedges_correction
from metacircuit.effects.measures.scale_changes import LOGISTIC, rescale
from metacircuit.effects.measures.two_means import smd_from_d
from metacircuit.effects.routes import conditions as when
from metacircuit.effects.routes import differences, odds
from metacircuit.effects.routes.columns import Columns
from metacircuit.effects.routes.sizes import effective_groups, effective_total
from metacircuit.effects.routes.spec import Options, Route

if TYPE_CHECKING:
    from metacircuit.effects.routes.differences import Difference
    from metacircuit.effects.routes.spec import Floats

Estimator = Callable[[Columns, Options], "tuple[Floats, Floats]"]

_G = "yi = J(n1 + n2 - 2) d; vi = 1/n1 + 1/n2 + yi^2 / (2 (n1 + n2))"


def _with_g(source: str) -> str:
    """Add the sources of g and its variance, without naming the paper of the correction twice."""
    if "Hedges (1981)" in source:
        return f"{source}; Hedges (1982), equation 8"
    return f"{source}; Hedges (1981), equation 6d, and (1982), equation 8"


def _of_difference(way: Difference) -> Route:
    def estimate(c: Columns, options: Options) -> tuple[Floats, Floats]:
        return options.formula_of("SMD", smd_from_d)(way.d(c), *effective_groups(c))

    return Route(
        id=f"smd.{way.name}",
        measure="SMD",
        label=way.label,
        needs=way.needs,
        formula=f"{way.formula}; {_G}",
        source=_with_g(way.source),
        why=way.why,
        estimate=estimate,
        serves=way.serves,
        sign=way.sign,
        rules=way.rules,
        flags=way.flags,
        notices=way.notices,
        limit=way.limit,
    )


def _of_odds(way: Route, why: str) -> Route:
    def estimate(c: Columns, options: Options) -> tuple[Floats, Floats]:
        return rescale(odds.effect(way, c, options), 1 / LOGISTIC)

    return Route(
        id=f"smd.{way.id.partition('.')[2]}",
        measure="SMD",
        label=way.label,
        needs=way.needs,
        formula=f"{way.formula}; then both rescaled: yi sqrt(3)/pi, vi 3/pi^2",
        source=f"{way.source}; Chinn (2000); Borenstein et al. (2009), equations 7.1 and 7.2",
        why=why,
        estimate=estimate,
        serves=way.serves,
        sign=way.sign,
        rules=(*way.rules, odds.of_two_groups(way)) if way in (odds.OR_CI, odds.OR_P) else way.rules,
        flags=("converted_or", *way.flags),
        notices=way.notices,
        option=way.option,
        by_sizes=way.by_sizes,
    )


def _with_ci(name: str) -> Estimator:
    def estimate(c: Columns, _: Options) -> tuple[Floats, Floats]:
        return c[name], wald.variance_from_ci(c[f"{name}_lo"], c[f"{name}_hi"])

    return estimate


def _with_p(c: Columns, _: Options) -> tuple[Floats, Floats]:
    return c["d"], wald.variance_from_p(c["d"], c["exact_p"])


def _of_correlation(c: Columns, _: Options) -> tuple[Floats, Floats]:
    n = effective_total(c)
    d, v = families.d_of_correlation(c["r"], n)
    j = hedges_correction(n - 2)
    return j * d, j**2 * v


G_CI = Route(
    "smd.g_ci",
    "SMD",
    "Hedges' g with 95% CI",
    ("g", "g_lo", "g_hi"),
    "yi = g; vi = ((g_hi - g_lo) / (2 z(0.975)))^2",
    "Cochrane Handbook 6.3.1",
    "Where group sizes are missing; with them the variance follows from the same definition as in the other rows.",
    _with_ci("g"),
    sign="printed",
    rules=(when.ordered("g_lo", "g", "g_hi"),),
    by_sizes=False,
)
D_CI = Route(
    "smd.d_ci",
    "SMD",
    "Cohen's d with 95% CI",
    ("d", "d_lo", "d_hi"),
    "yi = d (no n for the correction); vi = ((d_hi - d_lo) / (2 z(0.975)))^2",
    "Cochrane Handbook 6.3.1",
    "As g with its CI.",
    _with_ci("d"),
    sign="printed",
    rules=(when.ordered("d_lo", "d", "d_hi"),),
    by_sizes=False,
)
R = Route(
    "smd.r",
    "SMD",
    "r of two continuous variables",
    ("r", "total"),
    "d = 2r / sqrt(1 - r^2), v = 4 / ((n - 1)(1 - r^2)); yi = J(n - 2) d, vi = J^2 v",
    "Borenstein et al. (2009), equations 6.1, 7.5 and 7.6",
    "Another kind of question: what goes with more of the behaviour, not with its presence.",
    _of_correlation,
    sign="own",
    rules=(when.R_RANGE, when.ENOUGH_FOR_Z),
    flags=("converted_r",),
    limit=True,
)
D_P = Route(
    "smd.d_p",
    "SMD",
    "Cohen's d with exact p",
    ("d", "exact_p"),
    "yi = d (no n for the correction); vi = (d / z(1 - p/2))^2",
    "Altman and Bland (2011), BMJ 343, d2090",
    "Where neither group sizes nor an interval are printed.",
    _with_p,
    sign="printed",
    rules=(when.P_BELOW_ONE, when.not_zero("d")),
    flags=("se_from_p",),
    by_sizes=False,
)

_BY_NAME = {way.name: _of_difference(way) for way in differences.DIFFERENCES}
_FIRST = ("means_sd", "means_se", "means_ci", "t", "f", "g", "d")
_ODDS_WHY = "A yes-or-no outcome; the conversion assumes a logistic trait behind it."
_P_WHY = "As an odds ratio with its CI, with a variance as coarse as the p."

SMD_ROUTES = (
    *(_BY_NAME[name] for name in _FIRST),
    G_CI,
    D_CI,
    *(_BY_NAME[name] for name in ("means_change", "means_iqr", "means_range", "quantiles")),
    _BY_NAME["z"],
    _BY_NAME["r_groups"],
    _of_odds(odds.COUNTS, _ODDS_WHY),
    _of_odds(odds.OR_CI, _ODDS_WHY),
    _BY_NAME["chi2"],
    R,
    _of_odds(odds.OR_P, _P_WHY),
    *(_of_odds(way, _ODDS_WHY) for way in odds.RATIOS_AS_OR),
    *(_BY_NAME[name] for name in ("means_p", "p")),
    D_P,
)
