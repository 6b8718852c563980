"""Measures of two independent groups described by means and standard deviations (or by d, t, p or r)."""

from __future__ import annotations

import numpy as np

from metacircuit.effects.convert.families import d_from_r
from metacircuit.effects.convert.significance import d_from_t, t_from_p
from metacircuit.effects.measures import biserial, glass, overlap, scale_changes, two_means, variability
from metacircuit.effects.measures.catalogue import rules
from metacircuit.effects.measures.core import Array
from metacircuit.effects.measures.spec import Fill, Measure, Rule

_MEANS = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
_SIZES = (rules.above("n1i", 0), rules.above("n2i", 0))
_SPREADS = (rules.spread("sd1i"), rules.spread("sd2i"))
_TOTAL = rules.degrees_of_freedom(("n1i", "n2i"), lambda n1, n2: n1 + n2 - 2, "n1i + n2i - 2")
_POOLED = Rule(
    ("n1i", "n2i"),
    lambda n1, n2: n1 + n2 <= 2,
    "n1i + n2i is {n1i:g} + {n2i:g}, and a pooled standard deviation needs more than 2",
    "Check the group sizes, or leave the row out.",
)
_SECOND = rules.degrees_of_freedom(("n2i",), lambda n2: n2 - 1, "n2i - 1")
_PAIRS = tuple(rules.above(n, 1, "A spread needs at least two people in the group.") for n in ("n1i", "n2i"))


def _signed_t(p: Array, n1: Array, n2: Array) -> Array:
    return np.copysign(t_from_p(np.abs(p), n1 + n2 - 2), p)


_TO_D = (
    Fill("ti", ("pi", "n1i", "n2i"), _signed_t),
    Fill("di", ("ti", "n1i", "n2i"), d_from_t),
    Fill("di", ("ri", "n1i", "n2i"), d_from_r),
    Fill("di", _MEANS, two_means.cohen_d),
)
_D = ("di", "n1i", "n2i")
_D_RULES = (*_SIZES, _POOLED, *_SPREADS, rules.p_value(), *rules.correlation())


def _one_sign(first: str, second: str) -> Rule:
    return Rule(
        (first, second),
        lambda m1, m2: m1 * m2 <= 0,
        f"{first} ({{{first}:g}}) and {second} ({{{second}:g}}) are not on the same side of 0",
        "A ratio needs a scale with a true zero; use MD or SMD for others.",
    )


ROM_RULES = (_one_sign("m1i", "m2i"),)
CVR_RULES = tuple(rules.above(m, 0, "A coefficient of variation needs a mean above 0.") for m in ("m1i", "m2i"))
_FIVE = ("LS", "LS2", "UB", "AV", "H0")

MEASURES = (
    Measure(
        "MD", "mean difference", two_means.md, _MEANS, rules=(*_SIZES, _POOLED, *_SPREADS), vtypes=("LS", "UB", "HO")
    ),
    Measure(
        "SMD",
        "standardized mean difference",
        two_means.smd_from_d,
        _D,
        fills=_TO_D,
        rules=(*_D_RULES, _TOTAL),
        vtypes=_FIVE,
        corrects=True,
    ),
    Measure(
        "SMDH",
        "standardized mean difference, unequal variances",
        two_means.smdh,
        _MEANS,
        rules=(*_PAIRS, *_SPREADS),
        vtypes=("LS", "LS2", "LS3"),
        corrects=True,
    ),
    Measure(
        "SMD1",
        "standardized mean difference by the SD of group 2",
        glass.smd1,
        ("m1i", "n1i", "m2i", "sd2i", "n2i"),
        rules=(*_SIZES, rules.spread("sd2i"), _SECOND),
        vtypes=_FIVE,
        corrects=True,
        ignores=("sd1i",),
    ),
    Measure(
        "SMD1H",
        "standardized mean difference by the SD of group 2, unequal variances",
        glass.smd1h,
        _MEANS,
        rules=(*_PAIRS, *_SPREADS, _SECOND),
        corrects=True,
    ),
    Measure(
        "ROM",
        "log ratio of means",
        variability.rom,
        _MEANS,
        rules=(*_SIZES, *_SPREADS, *ROM_RULES),
        vtypes=("LS", "LS2", "HO", "AV", "AVHO"),
        corrects=True,
    ),
    Measure(
        "VR",
        "log variability ratio",
        variability.vr,
        ("sd1i", "n1i", "sd2i", "n2i"),
        rules=(*_PAIRS, *_SPREADS),
        vtypes=("LS", "LS2"),
        corrects=True,
        ignores=("m1i", "m2i"),
    ),
    Measure(
        "CVR",
        "log ratio of coefficients of variation",
        variability.cvr,
        _MEANS,
        rules=(*_PAIRS, *_SPREADS, *CVR_RULES),
        vtypes=("LS", "LS2"),
        corrects=True,
    ),
    Measure(
        "RPB",
        "point-biserial correlation",
        biserial.point_biserial,
        _D,
        fills=_TO_D,
        rules=_D_RULES,
        vtypes=("LS", "ST", "CS"),
    ),
    Measure(
        "ZPB",
        "z of the point-biserial correlation",
        biserial.z_point_biserial,
        _D,
        fills=_TO_D,
        rules=_D_RULES,
        vtypes=("LS", "ST", "CS"),
    ),
    Measure("RBIS", "biserial correlation", biserial.biserial, _D, fills=_TO_D, rules=_D_RULES),
    Measure("ZBIS", "z of the biserial correlation", biserial.z_biserial, _D, fills=_TO_D, rules=_D_RULES),
    Measure(
        "D2ORL",
        "log odds ratio from d (logistic)",
        scale_changes.d_to_log_odds_logistic,
        _D,
        fills=_TO_D,
        rules=_D_RULES,
    ),
    Measure(
        "D2ORN", "log odds ratio from d (normal)", scale_changes.d_to_log_odds_normal, _D, fills=_TO_D, rules=_D_RULES
    ),
    *(
        Measure(
            code,
            label,
            overlap.auc,
            ("ai", "n1i", "n2i", "mi"),
            rules=(
                rules.between("ai", 0, 1, "ai is the area under the curve, a share."),
                rules.between("mi", 0, 1, "mi is the share of tied pairs."),
                *_PAIRS,
            ),
            vtypes=("LS", "LS2", "H0", "MAX"),
            optional={"mi": 0.0},
        )
        for code, label in (("CLES", "common language effect size"), ("AUC", "area under the curve"))
    ),
)
