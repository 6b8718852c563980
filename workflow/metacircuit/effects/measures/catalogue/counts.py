"""Measures of counts: 2x2 tables, single proportions, and events in person-time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from metacircuit.effects.measures import proportions, rates, scale_changes, table_association, tetrachoric
from metacircuit.effects.measures import two_proportions as tables
from metacircuit.effects.measures.catalogue import rules
from metacircuit.effects.measures.core import Effect
from metacircuit.effects.measures.spec import Fill, Measure
from metacircuit.effects.measures.zero_cells import ZeroCells

Formula = Callable[..., Effect]
Vtypes = tuple[str, ...]

_TABLE = ("ai", "bi", "ci", "di")
_TABLE_FILLS = (Fill("bi", ("n1i", "ai"), np.subtract), Fill("di", ("n2i", "ci"), np.subtract))
_TABLE_RULES = (
    *(rules.at_least(cell, 0, "A count cannot be negative.") for cell in _TABLE),
    *(rules.at_least(size, 0, "A group size cannot be negative.") for size in ("n1i", "n2i")),
    rules.not_above("ai", "n1i"),
    rules.not_above("ci", "n2i"),
    rules.adds_up("ai", "bi", "n1i"),
    rules.adds_up("ci", "di", "n2i"),
)
_UNINFORMATIVE = (("ai", "ci"), ("bi", "di"))

_GROUP = ("xi", "mi")
_GROUP_FILLS = (Fill("mi", ("ni", "xi"), np.subtract),)
_GROUP_RULES = (
    *(rules.at_least(cell, 0, "A count cannot be negative.") for cell in _GROUP),
    rules.above("ni", 0),
    rules.not_above("xi", "ni"),
    rules.adds_up("xi", "mi", "ni"),
)

_TWO_RATES = ("x1i", "t1i", "x2i", "t2i")
_TIME = "Person-time is above 0; give it in one unit for all groups."
_TWO_RATE_RULES = (
    *(rules.at_least(count, 0, "A count cannot be negative.") for count in ("x1i", "x2i")),
    *(rules.above(time, 0, _TIME) for time in ("t1i", "t2i")),
)
_RATE_RULES = (rules.at_least("xi", 0, "A count cannot be negative."), rules.above("ti", 0, _TIME))


def _table(
    code: str, label: str, function: Formula, vtypes: Vtypes = ("LS",), add: float = 0.5, border: bool = False
) -> Measure:
    zeros = ZeroCells(_TABLE, add, _UNINFORMATIVE)
    return Measure(code, label, function, _TABLE, _TABLE_FILLS, _TABLE_RULES, vtypes, zeros=zeros, border=border)


def _proportion(code: str, label: str, function: Formula, vtypes: Vtypes = ("LS",), add: float = 0.5) -> Measure:
    return Measure(code, label, function, _GROUP, _GROUP_FILLS, _GROUP_RULES, vtypes, zeros=ZeroCells(_GROUP, add))


def _two_rates(code: str, label: str, function: Formula, add: float = 0.5) -> Measure:
    counts = ("x1i", "x2i")
    return Measure(
        code, label, function, _TWO_RATES, rules=_TWO_RATE_RULES, zeros=ZeroCells(counts, add, uninformative=(counts,))
    )


def _rate(code: str, label: str, function: Formula, add: float = 0.5) -> Measure:
    return Measure(code, label, function, ("xi", "ti"), rules=_RATE_RULES, zeros=ZeroCells(("xi",), add))


_AVERAGED = ("LS", "AV", "H0")
_SAMPLED = ("LS", "CS", "ST")

MEASURES = (
    _table("RR", "log risk ratio", tables.log_risk_ratio, _AVERAGED),
    _table("OR", "log odds ratio", tables.log_odds_ratio, _AVERAGED),
    _table("RD", "risk difference", tables.risk_difference, ("LS", "UB", "AV", "H0")),
    _table("AS", "arcsine risk difference", tables.arcsine_difference, add=0),
    _table("PETO", "log odds ratio (Peto)", tables.peto_log_odds_ratio),
    _table("PHI", "phi coefficient", table_association.phi, _SAMPLED, add=0),
    _table("ZPHI", "z of the phi coefficient", table_association.z_phi, _SAMPLED, add=0),
    _table("YUQ", "Yule's Q", table_association.yule_q),
    _table("YUY", "Yule's Y", table_association.yule_y),
    _table("RTET", "tetrachoric correlation", tetrachoric.tetrachoric, ("LS", "ML"), add=0, border=True),
    _table("ZTET", "z of the tetrachoric correlation", tetrachoric.z_tetrachoric, ("LS", "ML"), add=0),
    _table("PBIT", "d from probits", scale_changes.probit_difference),
    _table("OR2DL", "d from the log odds ratio (logistic)", scale_changes.log_odds_to_d_logistic, _AVERAGED),
    _table("OR2DN", "d from the log odds ratio (normal)", scale_changes.log_odds_to_d_normal, _AVERAGED),
    _proportion("PR", "proportion", proportions.proportion, ("LS", "UB", "AV")),
    _proportion("PLN", "log proportion", proportions.log_proportion, ("LS", "AV")),
    _proportion("PLO", "logit of the proportion", proportions.logit_proportion, ("LS", "AV")),
    _proportion("PRZ", "probit of the proportion", proportions.probit_proportion),
    _proportion("PAS", "arcsine of the proportion", proportions.arcsine_proportion, add=0),
    _proportion("PFT", "double arcsine of the proportion", proportions.double_arcsine_proportion, add=0),
    _two_rates("IRR", "log incidence rate ratio", rates.log_rate_ratio),
    _two_rates("IRD", "incidence rate difference", rates.rate_difference),
    _two_rates("IRSD", "square-root incidence rate difference", rates.root_rate_difference, add=0),
    _rate("IR", "incidence rate", rates.rate),
    _rate("IRLN", "log incidence rate", rates.log_rate),
    _rate("IRS", "square-root incidence rate", rates.root_rate, add=0),
    _rate("IRFT", "Freeman-Tukey incidence rate", rates.double_root_rate, add=0),
)
