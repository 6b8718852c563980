"""Measures of one group: its mean, its change between two measurements, or an estimate given as such."""

from __future__ import annotations

import numpy as np

from metacircuit.effects.convert.significance import t_from_p
from metacircuit.effects.measures import given, paired, paired_ratios, single_means
from metacircuit.effects.measures.catalogue import rules
from metacircuit.effects.measures.catalogue.means import CVR_RULES, ROM_RULES
from metacircuit.effects.measures.core import Array
from metacircuit.effects.measures.spec import Fill, Measure, Rule

_MEAN = ("mi", "sdi", "ni")
_MEAN_RULES = (rules.spread("sdi"), rules.above("ni", 0))
_POSITIVE_MEAN = rules.above("mi", 0, "A logarithm needs a mean above 0 on a ratio scale.")
_SPREAD_RULES = (rules.spread("sdi"), rules.above("ni", 1, "A spread needs at least two people."))
_DF = rules.degrees_of_freedom(("ni",), lambda n: n - 1, "ni - 1")

_CHANGE = ("m1i", "sd1i", "m2i", "sd2i", "ri", "ni")
_R = rules.between("ri", -1, 1, "ri is the correlation of the two measurements.")
_CHANGE_RULES = (
    rules.spread("sd1i"),
    rules.spread("sd2i"),
    _R,
    rules.above("ni", 1, "A change needs at least two pairs."),
)
_NO_CHANGE_SPREAD = Rule(
    ("sd1i", "sd2i", "ri"),
    lambda sd1, sd2, r: (r == 1) & (sd1 == sd2),
    "ri is 1 and the two standard deviations are equal, so the changes have no spread",
    "Check ri: it is the correlation of the two measurements.",
)
_POOLED_DF = rules.degrees_of_freedom(("ni", "ri"), lambda n, r: 2 * (n - 1) / (1 + r**2), "2(ni - 1)/(1 + ri²)")
_VARIANCE_GIVEN = (
    rules.at_least("vi", 0, "A variance cannot be negative."),
    rules.at_least("sei", 0, "A standard error cannot be negative."),
)


def _paired_t(p: Array, n: Array) -> Array:
    return np.copysign(t_from_p(np.abs(p), n - 1), p)


def _smcc_d(m1: Array, sd1: Array, m2: Array, sd2: Array, r: Array) -> Array:
    return (m1 - m2) / paired.change_sd(sd1, sd2, r)


_TO_CHANGE_D = (
    Fill("ti", ("pi", "ni"), _paired_t),
    Fill("di", ("ti", "ni"), lambda t, n: t / np.sqrt(n)),
    Fill("di", ("m1i", "sd1i", "m2i", "sd2i", "ri"), _smcc_d),
)


def _given(code: str, label: str) -> Measure:
    return Measure(
        code,
        label,
        given.given,
        ("yi", "vi"),
        fills=(Fill("vi", ("sei",), np.square),),
        rules=_VARIANCE_GIVEN,
        ignores=("ni",),
    )


MEASURES = (
    Measure("MN", "mean", single_means.mean, _MEAN, rules=_MEAN_RULES, vtypes=("LS", "HO")),
    Measure(
        "SMN", "standardized mean", single_means.standardized_mean, _MEAN, rules=(*_MEAN_RULES, _DF), corrects=True
    ),
    Measure("MNLN", "log mean", single_means.log_mean, _MEAN, rules=(*_MEAN_RULES, _POSITIVE_MEAN)),
    Measure(
        "SDLN",
        "log standard deviation",
        single_means.log_sd,
        ("sdi", "ni"),
        rules=_SPREAD_RULES,
        corrects=True,
        ignores=("mi",),
    ),
    Measure(
        "CVLN",
        "log coefficient of variation",
        single_means.log_cv,
        _MEAN,
        rules=(*_SPREAD_RULES, _POSITIVE_MEAN),
        corrects=True,
    ),
    Measure("MC", "mean change", paired.mc, _CHANGE, rules=_CHANGE_RULES),
    Measure(
        "SMCC",
        "standardized mean change (by the SD of the changes)",
        paired.smcc_from_d,
        ("di", "ni"),
        fills=_TO_CHANGE_D,
        rules=(*_CHANGE_RULES, _NO_CHANGE_SPREAD, rules.p_value(), _DF),
        vtypes=("LS", "LS2", "UB", "H0"),
        corrects=True,
    ),
    Measure(
        "SMCR",
        "standardized mean change (by the SD of measurement 1)",
        paired.smcr,
        ("m1i", "sd1i", "m2i", "ri", "ni"),
        rules=(*_CHANGE_RULES, _DF),
        vtypes=("LS", "LS2", "UB", "H0"),
        corrects=True,
    ),
    Measure(
        "SMCRH",
        "standardized mean change (by the SD of measurement 1), unequal variances",
        paired.smcrh,
        _CHANGE,
        rules=(*_CHANGE_RULES, _DF),
        vtypes=("LS", "LS2"),
        corrects=True,
    ),
    Measure(
        "SMCRP",
        "standardized mean change (by the pooled SD)",
        paired.smcrp,
        _CHANGE,
        rules=(*_CHANGE_RULES, _POOLED_DF),
        corrects=True,
    ),
    Measure(
        "SMCRPH",
        "standardized mean change (by the pooled SD), unequal variances",
        paired.smcrph,
        _CHANGE,
        rules=(*_CHANGE_RULES, _POOLED_DF),
        vtypes=("LS", "LS2"),
        corrects=True,
    ),
    Measure(
        "ROMC",
        "log ratio of paired means",
        paired_ratios.romc,
        _CHANGE,
        rules=(*_CHANGE_RULES, *ROM_RULES),
        vtypes=("LS", "LS2"),
        corrects=True,
    ),
    Measure(
        "VRC",
        "log variability ratio of paired measurements",
        paired_ratios.vrc,
        ("sd1i", "sd2i", "ri", "ni"),
        rules=_CHANGE_RULES,
        vtypes=("LS", "LS2"),
        ignores=("m1i", "m2i"),
    ),
    Measure(
        "CVRC",
        "log ratio of paired coefficients of variation",
        paired_ratios.cvrc,
        _CHANGE,
        rules=(*_CHANGE_RULES, *CVR_RULES),
        vtypes=("LS", "LS2"),
        corrects=True,
    ),
    _given("GEN", "estimate"),
    _given("HR", "log hazard ratio"),
    _given("HD", "hazard difference"),
)
