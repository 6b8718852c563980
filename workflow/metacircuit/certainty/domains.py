r"""The five domains as functions of numbers: what they are given decides, and nothing else.

A threshold Δ (the smallest effect of interest) divides the scale into three conclusions: below -Δ, between, above Δ.
The number of conclusions that an interval reaches into says how far it is from deciding. Source: Guyatt et al. (2011),
Journal of Clinical Epidemiology 64:1283 (imprecision), 64:1294 (inconsistency); Schünemann et al. (2022), 150:225
(thresholds); the numbers at which a domain counts as serious are stated in docs/certainty.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from metacircuit.certainty.levels import Rating

if TYPE_CHECKING:
    from collections.abc import Mapping

HIGH_SERIOUS, HIGH_VERY, SOME_SERIOUS = 0.25, 0.5, 0.5
OUTSIDE_SERIOUS, OUTSIDE_VERY = 0.25, 0.75
# A prediction interval this much wider than the confidence interval says nothing of its own.
LITTLE_WIDER = 1.25
# Widths of intervals for a proportion, in which no effect is the smallest one.
PROPORTION_CI, PROPORTION_PI = (0.2, 0.4), (0.25, 0.5)


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval on the scale of analysis, and its ends on the natural scale."""

    lower: float
    upper: float
    natural_width: float = math.nan

    @property
    def known(self) -> bool:
        """Whether it has two finite ends."""
        return math.isfinite(self.lower) and math.isfinite(self.upper)


def conclusions(interval: Interval, bound: float) -> int:
    """How many conclusions an interval reaches into; with a bound of 0, how many sides of zero.

    >>> [conclusions(Interval(*ends), 0.2) for ends in ((0.3, 0.9), (0.1, 0.9), (-0.3, 0.9), (-0.1, 0.1))]
    [1, 2, 3, 1]
    """
    below, above = interval.lower < -bound, interval.upper > bound
    between = bound > 0 and interval.lower < bound and interval.upper > -bound
    return max(1, below + above + between)


def risk_of_bias(shares: Mapping[str, float]) -> Rating:
    """Weight of the evidence by risk of bias.

    Parameters
    ----------
    shares : mapping
        Share of the weight (0 to 1) by level: low, some, high; what is missing to 1 is not assessed.

    Returns
    -------
    Rating
        Very serious from half of the weight at high risk; serious from a quarter at high risk, or from half at high
        risk, at some concerns or not assessed; not assessed (and lowered by one) if no study is.
    """
    high, some = shares.get("high", 0.0), shares.get("some", 0.0)
    unknown = max(0.0, 1 - high - some - shares.get("low", 0.0))
    if unknown >= 1 - 1e-9:
        return Rating(
            -1, "no study has a usable judgement of its risk of bias, which counts as some concerns", assessed=False
        )
    said = f"{high:.0%} of the weight at high risk, {some:.0%} with some concerns, {unknown:.0%} not assessed"
    if high >= HIGH_VERY:
        return Rating(-2, said)
    return Rating(-1 if high >= HIGH_SERIOUS or high + some + unknown >= SOME_SERIOUS else 0, said)


def inconsistency(prediction: Interval, confidence: Interval, bound: float | None, *, proportion: bool) -> Rating:
    """The spread of true effects, from the prediction interval.

    Parameters
    ----------
    prediction, confidence : Interval
        Where a new study's true effect lies, and where the mean does.
    bound : float or None
        The smallest effect of interest; None counts as 0, so that only the direction matters.
    proportion : bool
        A proportion is judged by the width of the interval alone.

    Returns
    -------
    Rating
        A step down for each conclusion that the prediction interval reaches into beyond the first, at most two.
    """
    if not prediction.known:
        return Rating(-1, "no prediction interval can be computed, so consistency cannot be shown", assessed=False)
    if proportion:
        return _by_width(prediction.natural_width, PROPORTION_PI, "the prediction interval")
    if confidence.known and _width(prediction) <= LITTLE_WIDER * _width(confidence):
        return Rating(0, "the prediction interval is hardly wider than the confidence interval")
    reached = conclusions(prediction, bound or 0.0)
    return Rating(-min(reached - 1, 2), f"the prediction interval {_reaches(reached, bound)}")


def imprecision(
    confidence: Interval,
    bound: float | None,
    information: float,
    *,
    level: float,
    power: float,
    participants: float = math.nan,
    proportion: bool = False,
) -> Rating:
    r"""The precision of the mean, from its interval and the optimal information size.

    .. math:: I^* = \left(\frac{z_{1 - \alpha/2} + z_{1 - \beta}}{\Delta}\right)^2

    Parameters
    ----------
    confidence : Interval
        Of the mean.
    bound : float or None
        The smallest effect of interest; None counts as 0.
    information : float
        Sum of 1/v over the studies: what they tell together. One trial of this precision would have `power` where it
        reaches the optimal size.
    level, power : float
        In percent.
    participants : float
        Said in the reason, if it is known.
    proportion : bool
        A proportion is judged by the width of the interval alone.

    Returns
    -------
    Rating
        A step down for each conclusion that the interval reaches into beyond the first, at most two; one step if it
        reaches into one and the information is below the optimal size.
    """
    if not confidence.known:
        return Rating(-2, "the mean has no confidence interval")
    if proportion:
        return _by_width(confidence.natural_width, PROPORTION_CI, "the confidence interval")
    reached = conclusions(confidence, bound or 0.0)
    said = f"the confidence interval {_reaches(reached, bound)}"
    if not bound:
        return Rating(-min(reached - 1, 2), said)
    wanted = optimal_information(bound, level, power)
    share, people = information / wanted, f" ({participants:,.0f} participants)" if math.isfinite(participants) else ""
    size = f"{share:.0%} of the optimal information size{people}" if share < 1 else f"optimal information size{people}"
    steps = -min(reached - 1, 2)
    return Rating(min(steps, -1) if share < 1 else steps, f"{said}; {'only ' if share < 1 else 'it has the '}{size}")


def optimal_information(bound: float, level: float, power: float) -> float:
    """The information 1/v of one trial that would find an effect of this size.

    >>> round(4 * optimal_information(0.2, 95, 80))  # people in two equal groups, since v is about 4 / n
    785
    """
    return float(((ndtri(0.5 + level / 200) + ndtri(power / 100)) / bound) ** 2)


def indirectness(outside: float | None, target: str) -> Rating:
    """Weight of evidence about others than the question is about.

    Parameters
    ----------
    outside : float or None
        Share of the weight (0 to 1) outside the target; None if no target is stated.
    target : str
        What the target is, for the reason.

    Returns
    -------
    Rating
        Serious from a quarter, very serious from three quarters.
    """
    if outside is None:
        return Rating(0, "no target is stated, so directness is not judged", assessed=False)
    said = f"{outside:.0%} of the weight outside the target ({target})"
    return Rating(-2 if outside >= OUTSIDE_VERY else -1 if outside >= OUTSIDE_SERIOUS else 0, said)


def small_study_effects(tests: np.ndarray, shifts: np.ndarray, *, few: bool, matters: float, alpha: float) -> Rating:
    """Asymmetry, and how far the corrections move the estimate.

    Parameters
    ----------
    tests : (m,) p-values of the tests for asymmetry.
    shifts : (n,) how far each correction moves the estimate towards no effect; those that move it away are negative.
    few : whether there are fewer than 10 studies.
    matters : a shift of this size or more counts.
    alpha : a p-value below it counts.

    Returns
    -------
    Rating
        Serious if at least half of the tests or at least half of the corrections count; not assessed, and not
        lowered, with fewer than 10 studies or without any usable method.
    """
    if few:
        return Rating(0, "fewer than 10 studies: the tests cannot tell", assessed=False)
    if not len(tests) and not len(shifts):
        return Rating(0, "no test or correction could be computed", assessed=False)
    asymmetric, moved = int((tests < alpha).sum()), int((shifts >= matters).sum())
    said = (
        f"{asymmetric} of {len(tests)} tests for asymmetry with p < {alpha:g};"
        f" {moved} of {len(shifts)} corrections move the estimate {matters:.2g} or more towards no effect"
    )
    many = (len(tests) and 2 * asymmetric >= len(tests)) or (len(shifts) and 2 * moved >= len(shifts))
    return Rating(-1 if many else 0, said)


def _width(interval: Interval) -> float:
    return interval.upper - interval.lower


def _by_width(width: float, limits: tuple[float, float], which: str) -> Rating:
    steps = -sum(width > limit for limit in limits)
    return Rating(steps, f"{which} is {100 * width:.0f} percentage points wide")


def _reaches(reached: int, bound: float | None) -> str:
    """In words."""
    if not bound:
        return "lies on both sides of no effect" if reached > 1 else "lies on one side of no effect"
    return {
        1: "allows one conclusion about the smallest effect of interest",
        2: "crosses the smallest effect of interest",
        3: "holds relevant effects in both directions",
    }[reached]
