"""Measures of one sample: correlations, regressions and reliabilities."""

from __future__ import annotations

import numpy as np
from scipy.special import betainccinv

from metacircuit.effects.convert.correlation import r_from_t
from metacircuit.effects.convert.significance import t_from_p
from metacircuit.effects.measures import correlations, partial_correlations, reliability
from metacircuit.effects.measures.catalogue import rules
from metacircuit.effects.measures.core import Array
from metacircuit.effects.measures.spec import Fill, Measure, Rule


def _signed_t(p: Array, df: Array) -> Array:
    return np.copysign(t_from_p(np.abs(p), df), p)


def _semi_partial(t: Array, r2: Array, n: Array, m: Array) -> Array:
    """Aloe and Becker (2012), equation 7."""
    return t * np.sqrt(1 - r2) / np.sqrt(n - m - 1)


def _r2_from_f(f: Array, n: Array, m: Array) -> Array:
    return m * f / (m * f + n - m - 1)


def _r2_from_p(p: Array, n: Array, m: Array) -> Array:
    """R² under no association has a beta distribution, so its upper tail gives it back without F."""
    return betainccinv(m / 2, (n - m - 1) / 2, p)


_R_RULES = (*rules.correlation(), rules.p_value())
_TO_R = (
    Fill("ti", ("pi", "ni"), lambda p, n: _signed_t(p, n - 2)),
    Fill("ri", ("ti", "ni"), lambda t, n: r_from_t(t, n - 2)),
)
_ABOVE_THREE = rules.above("ni", 3, "The variance needs more than 3 people: leave the row out.")
_MODEL_RULES = (
    rules.above("mi", 0, "mi counts all predictors of the model, the focal one included."),
    Rule(
        ("ni", "mi"),
        lambda n, m: n - m - 1 <= 0,
        "ni ({ni:g}) leaves no degree of freedom for mi = {mi:g} predictors (it needs ni - mi - 1 above 0)",
        "mi counts all predictors of the model, the focal one included; check both.",
    ),
)
_MODEL_P = Fill("ti", ("pi", "ni", "mi"), lambda p, n, m: _signed_t(p, n - m - 1))
_TO_PARTIAL = (_MODEL_P, Fill("ri", ("ti", "ni", "mi"), lambda t, n, m: r_from_t(t, n - m - 1)))
_TO_SEMI_PARTIAL = (_MODEL_P, Fill("ri", ("ti", "r2i", "ni", "mi"), _semi_partial))
_ZPCOR_SIZE = Rule(
    ("ni", "mi"),
    lambda n, m: (n - m > 1) & (n - m <= 2),
    "ni ({ni:g}) is too small for mi = {mi:g} predictors: the variance of z needs ni - mi above 2",
    "Leave the row out.",
)
_SEMI_PARTIAL = ("ri", "ni", "r2i")
_R2 = rules.between("r2i", 0, 1, "R² is a share.")
_R2_RULES = (
    *_MODEL_RULES,
    _R2,
    rules.at_least("fi", 0),
    Rule(("pi",), lambda p: (p <= 0) | (p > 1), "pi is {pi:g}, and must be above 0 and at most 1", "Type the exact p."),
)
_TO_R2 = (Fill("r2i", ("fi", "ni", "mi"), _r2_from_f), Fill("r2i", ("pi", "ni", "mi"), _r2_from_p))


def _alpha_rules(largest: Rule) -> tuple[Rule, ...]:
    return (largest, rules.at_least("mi", 2, "mi counts the items or raters."), rules.above("ni", 2))


_ALPHA = ("ai", "mi", "ni")
_ALPHA_RULES = _alpha_rules(
    Rule(("ai",), lambda a: a >= 1, "ai is {ai:g}, and an alpha lies below 1", "At 1 it has no sampling variance.")
)

MEASURES = (
    Measure(
        "COR",
        "correlation",
        correlations.cor,
        ("ri", "ni"),
        fills=_TO_R,
        rules=(*_R_RULES, _ABOVE_THREE),
        vtypes=("LS", "AV", "H0", "H0a", "H0b"),
    ),
    Measure(
        "UCOR",
        "unbiased correlation",
        correlations.ucor,
        ("ri", "ni"),
        fills=_TO_R,
        rules=(
            *_R_RULES,
            rules.above("ni", 4, "The bias correction needs more than 4 people: use COR, or leave it out."),
        ),
        vtypes=("LS", "UB", "AV"),
    ),
    Measure("ZCOR", "Fisher's z", correlations.zcor, ("ri", "ni"), fills=_TO_R, rules=(*_R_RULES, _ABOVE_THREE)),
    Measure(
        "PCOR",
        "partial correlation",
        partial_correlations.pcor,
        ("ri", "mi", "ni"),
        fills=_TO_PARTIAL,
        rules=(*_R_RULES, *_MODEL_RULES),
        vtypes=("LS", "AV"),
    ),
    Measure(
        "ZPCOR",
        "z of the partial correlation",
        partial_correlations.zpcor,
        ("ri", "mi", "ni"),
        fills=_TO_PARTIAL,
        rules=(*_R_RULES, *_MODEL_RULES, _ZPCOR_SIZE),
    ),
    Measure(
        "SPCOR",
        "semi-partial correlation",
        partial_correlations.spcor,
        _SEMI_PARTIAL,
        fills=_TO_SEMI_PARTIAL,
        rules=(*_R_RULES, *_MODEL_RULES, _R2),
        vtypes=("LS", "AV"),
    ),
    Measure(
        "ZSPCOR",
        "z of the semi-partial correlation",
        partial_correlations.zspcor,
        _SEMI_PARTIAL,
        fills=_TO_SEMI_PARTIAL,
        rules=(*_R_RULES, *_MODEL_RULES, _R2),
        vtypes=("LS", "AV"),
    ),
    Measure(
        "R2",
        "coefficient of determination",
        partial_correlations.r_squared,
        ("r2i", "mi", "ni"),
        fills=_TO_R2,
        rules=_R2_RULES,
        vtypes=("LS", "LS2", "AV", "AV2"),
    ),
    Measure(
        "ZR2",
        "z of the multiple correlation",
        partial_correlations.z_r_squared,
        ("r2i", "ni"),
        fills=_TO_R2,
        rules=_R2_RULES,
    ),
    Measure("ARAW", "alpha", reliability.alpha_raw, _ALPHA, rules=_ALPHA_RULES),
    Measure("AHW", "alpha (cube root)", reliability.alpha_cube_root, _ALPHA, rules=_ALPHA_RULES),
    Measure("ABT", "alpha (log)", reliability.alpha_log, _ALPHA, rules=_ALPHA_RULES),
)
