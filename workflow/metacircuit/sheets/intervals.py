"""Confidence intervals: around their estimate, and symmetric on the scale on which they were computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from metacircuit.sheets.problems import Code, Hits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from metacircuit.sheets.table import Table

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

#: How far the two arms of an interval may differ, as a part of its width, beyond what rounding explains: intervals of d
#: from the noncentral t, and of odds ratios from the likelihood, are slightly unequal and no mistake.
ASYMMETRY = 0.10

_LOOK = "Compare the estimate and both limits with the paper."


class Scale(NamedTuple):
    """A scale on which intervals are symmetric."""

    name: str
    transform: Callable[[Floats], Floats]


class Names(NamedTuple):
    """The columns of an estimate and its limits."""

    estimate: str
    lower: str
    upper: str


_LINEAR = Scale("plain", np.asarray)
_LOG = Scale("logarithmic", np.log)
_FISHER = Scale("Fisher z", np.arctanh)
_LOGIT = Scale("logit", lambda p: np.log(p / (1 - p)))

#: Estimate column of an effect to the scale of its interval.
EFFECT_SCALES = {
    "mean1": _LINEAR,
    "mean2": _LINEAR,
    "d": _LINEAR,
    "g": _LINEAR,
    "r": _FISHER,
    "or": _LOG,
    "rr": _LOG,
    "hr": _LOG,
    "irr": _LOG,
}

_MEASURE_SCALES = {
    _LOG: ("OR", "RR", "HR", "IRR", "ROM"),
    _FISHER: ("COR", "ZCOR"),
    _LOGIT: ("PR", "PLO", "PFT", "PAS"),
    _LINEAR: ("SMD", "SMDH", "SMD1", "MD", "RD", "SMCC", "SMCR"),
}


def check_intervals(table: Table) -> Iterator[Hits]:
    """Check every interval of a sheet of effects or of published estimates."""
    if table.raw.name == "effects":
        for stem, scale in EFFECT_SCALES.items():
            yield from _check(
                table, Names(stem, f"{stem}_lo", f"{stem}_hi"), scale, np.ones(len(table.frame), dtype=bool)
            )
    elif table.raw.name == "published":
        measures = table.frame["measure"].str.upper()
        for scale, names in _MEASURE_SCALES.items():
            yield from _check(
                table, Names("estimate", "ci_lo", "ci_hi"), scale, measures.isin(names).to_numpy(dtype=bool)
            )


def _check(table: Table, names: Names, scale: Scale, rows: Mask) -> Iterator[Hits]:
    estimate, lower, upper = names
    at, low, high = table.numbers(estimate), table.numbers(lower), table.numbers(upper)
    h_at, h_low, h_high = table.half(estimate), table.half(lower), table.half(upper)
    reversed_ = rows & (low > high)
    outside = rows & ~reversed_ & ((at + h_at < low - h_low) | (at - h_at > high + h_high))
    below, above = _arms(at, low, high, scale)
    blur = _blur(at, h_at, scale) * 2 + _blur(low, h_low, scale) + _blur(high, h_high, scale)
    uneven = np.abs(above - below) > ASYMMETRY * (above + below) + blur
    uneven &= rows & np.isfinite(above) & np.isfinite(below) & (low < high) & ~outside

    def printed(i: int) -> str:
        return f"{estimate} = {table.text(estimate, i)} [{table.text(lower, i)}, {table.text(upper, i)}]"

    def swapped(i: int) -> tuple[str, str, str]:
        return (
            f"{printed(i)}: the lower limit is above the upper one.",
            f"{lower} below {upper}",
            "Swap the two limits.",
        )

    def not_around(i: int) -> tuple[str, str, str]:
        return f"{printed(i)}: the estimate is outside its interval.", f"{estimate} between {lower} and {upper}", _LOOK

    def not_even(i: int) -> tuple[str, str, str]:
        text = f"{printed(i)}: on the {scale.name} scale the arms are {below[i]:.3g} and {above[i]:.3g}."
        remedy = f"{_LOOK} Exact and bootstrapped intervals may be uneven: then say so in notes."
        return text, f"arms of equal length on the {scale.name} scale", remedy

    yield Hits.of(Code.CI_NOT_AROUND, lower, reversed_, swapped)
    yield Hits.of(Code.CI_NOT_AROUND, estimate, outside, not_around)
    yield Hits.of(Code.CI_NOT_SYMMETRIC, estimate, uneven, not_even)


def _arms(at: Floats, low: Floats, high: Floats, scale: Scale) -> tuple[Floats, Floats]:
    centre = scale.transform(at)
    return centre - scale.transform(low), scale.transform(high) - centre


def _blur(value: Floats, half: Floats, scale: Scale) -> Floats:
    """How far a printed number may be from the real one on the scale; endless where rounding reaches its edge."""
    spread = (scale.transform(value + half) - scale.transform(value - half)) / 2
    return np.where(np.isfinite(spread), spread, np.inf)
