"""The definitions of a measure that go by a name: metafor 5 (the default), Borenstein's book, metafor 3.8.

A definition says what the default variance (`vtype="LS"`) and the bias correction mean; another `vtype` names its
own formula, and keeps it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from . import glass, paired, paired_ratios, partial_correlations, two_means, variability
from .core import Array, Effect, correction

DEFINITIONS = ("metafor-5", "borenstein", "metafor-3.8")

Formula = Callable[..., Effect]


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure that another definition computes differently from metafor 5.

    Parameters
    ----------
    measure : its code. definition : the definition, one of `DEFINITIONS`.
    what : the difference in a sentence.
    function : the formula, with the arguments of the measure's own.

    Example
    -------
    >>> sorted({difference.definition for difference in DIFFERENCES})
    ['borenstein', 'metafor-3.8']
    """

    measure: str
    definition: str
    what: str
    function: Formula


def _other_default(function: Formula, default: str, *args: Array, vtype: str = "LS", **options: object) -> Effect:
    return function(*args, vtype=default if vtype == "LS" else vtype, **options)


def _uncorrected(function: Formula, *args: Array, correct: bool = True, **options: object) -> Effect:  # noqa: ARG001
    return function(*args, correct=False, **options)


def _response_ratio(*args: Array, vtype: str = "LS", correct: bool = True) -> Effect:
    return _uncorrected(partial(_other_default, variability.rom, "HO"), *args, vtype=vtype, correct=correct)


def _smdh(*args: Array, vtype: str = "LS", correct: bool = True) -> Effect:
    yi, vi = two_means.smdh(*args, vtype=vtype, correct=correct)
    j = correction(np.asarray(args[2], dtype=float) + args[5] - 2, correct)
    return Effect(yi, j**2 * vi if vtype == "LS" else vi)


def _smd1h(m1: Array, sd1: Array, n1: Array, m2: Array, sd2: Array, n2: Array, correct: bool = True) -> Effect:
    yi = glass.smd1h(m1, sd1, n1, m2, sd2, n2, correct=correct).yi
    return Effect(yi, (sd1 / sd2) ** 2 / n1 + 1 / n2 + yi**2 / (2 * n2))


def _smcrh(*args: Array, vtype: str = "LS", correct: bool = True) -> Effect:
    yi, vi = paired.smcrh(*args, vtype=vtype, correct=correct)
    j = correction(np.asarray(args[5], dtype=float) - 1, correct)
    return Effect(yi, j**2 * vi if vtype == "LS" else vi)


def _cvr(*args: Array, vtype: str = "LS", correct: bool = True) -> Effect:
    _, sd1, n1, _, sd2, n2 = args
    spreads = variability.vr(sd1, n1, sd2, n2, correct=correct)
    means = variability.rom(*args, correct=False)
    return Effect(spreads.yi - means.yi, variability.cvr(*args, vtype=vtype).vi)


def _pcor(r: Array, m: Array, n: Array, vtype: str = "LS") -> Effect:
    return partial_correlations.pcor(r, m + 1, n, vtype=vtype)


def _zpcor(r: Array, m: Array, n: Array) -> Effect:
    return partial_correlations.zpcor(r, m - 1, n)


_J2 = "vi = J²·(1/n1 + 1/n2 + d²/({size})) for 1/n1 + 1/n2 + g²/({size})"
_UNCORRECTED = "yi without the second-order bias correction"

DIFFERENCES = (
    Difference("SMD", "borenstein", _J2.format(size="2n"), partial(_other_default, two_means.smd_from_d, "LS2")),
    Difference("SMD1", "borenstein", _J2.format(size="2·n2"), partial(_other_default, glass.smd1, "LS2")),
    Difference("ROM", "borenstein", f"{_UNCORRECTED}; vi from the pooled standard deviation", _response_ratio),
    Difference("SMDH", "metafor-3.8", "vi times J²", _smdh),
    Difference("SMD1H", "metafor-3.8", "vi with n in place of n − 1", _smd1h),
    Difference("SMCRH", "metafor-3.8", "vi times J²", _smcrh),
    Difference("ROM", "metafor-3.8", _UNCORRECTED, partial(_uncorrected, variability.rom)),
    Difference("ROMC", "metafor-3.8", _UNCORRECTED, partial(_uncorrected, paired_ratios.romc)),
    Difference("CVR", "metafor-3.8", "yi with the bias correction of VR, without that of ROM", _cvr),
    Difference("CVRC", "metafor-3.8", _UNCORRECTED, partial(_uncorrected, paired_ratios.cvrc)),
    Difference("PCOR", "metafor-3.8", "vi with n − m − 1 in place of n − m", _pcor),
    Difference("ZPCOR", "metafor-3.8", "vi with n − m − 1 in place of n − m − 2", _zpcor),
)


def defined(measure: str, function: Formula, definition: str) -> Formula:
    """Give the formula of a measure under a definition: its own where they agree.

    Example
    -------
    >>> defined("MD", two_means.md, "borenstein") is two_means.md
    True
    """
    found = (d.function for d in DIFFERENCES if d.measure == measure and d.definition == definition)
    return next(found, function)
