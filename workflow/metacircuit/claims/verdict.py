"""Verdicts by stated rules: numbers in, a word and its reason out. docs/claims.md states the rules in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import isnan

from metacircuit.claims.evidence import Difference, Evidence
from metacircuit.wording import MINUS, interval, number, p_value

VERY_LOW = "very low"
_BOTH = "holds effects that matter and effects that do not"


class Verdict(StrEnum):
    """What the evidence says about a claim."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    INCONCLUSIVE = "inconclusive"
    NOT_TESTABLE = "not testable"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, the one that the numbers alone would give, and the reason."""

    verdict: Verdict
    by_numbers: Verdict
    reason: str


def judge_effect(
    direction: str, lower: float, upper: float, sesoi: float, prediction: tuple[float, float] | None = None
) -> Judgement:
    """Judge one effect by its confidence interval against the smallest effect of interest.

    positive: supported if lower > s, contradicted if upper < s; negative: the same with the signs turned.
    two_sided: supported if lower > s or upper < -s; contradicted if both intervals, of confidence and of prediction,
    lie within (-s, s).

    Parameters
    ----------
    direction : "positive", "negative" or "two_sided"
    lower, upper : float
        Limits of the confidence interval; infinite where it has no bound, NaN where there is none.
    sesoi : float
        Smallest effect of interest, positive.
    prediction : (float, float), optional
        Limits of the prediction interval; None where the test has no such interval (a difference between strata), which
        is then not asked for.

    Returns
    -------
    Judgement

    Source
    ------
    Lakens, Scheel and Isager (2018), Advances in Methods and Practices in Psychological Science 1, 259–269 (minimum
    effects and equivalence by intervals).

    Example
    -------
    >>> judge_effect("positive", 0.31, 0.80, 0.2).verdict.value, judge_effect("positive", -0.1, 0.15, 0.2).verdict.value
    ('supported', 'contradicted')
    >>> judge_effect("two_sided", -0.1, 0.15, 0.2, (-0.6, 0.6)).verdict.value
    'inconclusive'
    """
    said = f"the confidence interval {interval(lower, upper, 2)}"
    s = limit_text(sesoi)
    if isnan(lower) or isnan(upper):
        return _plain(Verdict.INCONCLUSIVE, "There is no confidence interval.")
    if direction == "negative":
        return _one_sided(-upper, -lower, sesoi, said, limit_text(-sesoi), ("below", "above"))
    if direction == "positive":
        return _one_sided(lower, upper, sesoi, said, s, ("above", "below"))
    if lower > sesoi or upper < -sesoi:
        return _plain(Verdict.SUPPORTED, _told(said, f"lies beyond {s} on one side of zero", prediction, sesoi))
    if not (-sesoi < lower and upper < sesoi):
        return _plain(Verdict.INCONCLUSIVE, _first_up(f"{said} {_BOTH}."))
    return _too_small(_first_up(f"{said} lies between −{s} and {s}"), sesoi, prediction)


def judge_pairs(direction: str, differences: Sequence[Difference], sesoi: float) -> Judgement:
    """Judge several differences that a claim makes together: supported if all are, contradicted if one is.

    Example
    -------
    >>> a, b = (Difference("a", "b", "a − b", e, 0.1, 9, 0.5, e - 0.2, e + 0.2) for e in (0.6, -0.3))
    >>> judge_pairs("positive", [a, b], 0.2).verdict.value
    'contradicted'
    """
    found = [(d, judge_effect(direction, d.ci_lb, d.ci_ub, sesoi)) for d in differences]
    against = [pair for pair in found if pair[1].verdict is Verdict.CONTRADICTED]
    unsure = [pair for pair in found if pair[1].verdict is Verdict.INCONCLUSIVE]
    verdict = Verdict.CONTRADICTED if against else Verdict.INCONCLUSIVE if unsure else Verdict.SUPPORTED
    told = against or unsure or found
    return _plain(verdict, " ".join(f"{d.label}: {judged.reason}" for d, judged in told))


def judge_between(pval: float, alpha: float, differences: Sequence[Difference], sesoi: float) -> Judgement:
    """Judge whether strata differ: by their joint test and by the sizes of the differences.

    Supported if p < alpha and the largest difference exceeds the smallest of interest; contradicted if every
    difference has its confidence interval within (-s, s).

    Example
    -------
    >>> close = Difference("a", "b", "a − b", 0.02, 0.05, 30, 0.7, -0.08, 0.12)
    >>> judge_between(0.7, 0.05, [close], 0.2).verdict.value
    'contradicted'
    """
    s = limit_text(sesoi)
    largest = max(differences, key=lambda d: abs(d.estimate))
    widest = max(differences, key=lambda d: max(abs(d.ci_lb), abs(d.ci_ub)))
    test = f"joint test {p_value(pval)}"
    size = f"largest difference {number(largest.estimate, 2)} ({largest.label})"
    if all(-sesoi < d.ci_lb and d.ci_ub < sesoi for d in differences):
        return _plain(Verdict.CONTRADICTED, f"Every difference has its interval between −{s} and {s}; {test}.")
    if pval < alpha and abs(largest.estimate) > sesoi:
        return _plain(Verdict.SUPPORTED, f"{_first_up(test)}, and the {size} exceeds {s}.")
    open_end = f"{interval(widest.ci_lb, widest.ci_ub, 2)}"
    beyond = f"its interval {open_end}" if widest is largest else f"{widest.label}: {open_end}"
    return _plain(Verdict.INCONCLUSIVE, f"{_first_up(test)}; {size}; {beyond} reaches beyond ±{s}.")


def judge_spread(direction: str, lower: float, upper: float, sesoi: float) -> Judgement:
    """Judge the standard deviation of true effects by its interval: positive claims that it is large.

    Example
    -------
    >>> judge_spread("positive", 0.5, 1.2, 0.2).verdict.value, judge_spread("negative", 0.5, 1.2, 0.2).verdict.value
    ('supported', 'contradicted')
    """
    if isnan(lower) or isnan(upper):
        return _plain(Verdict.INCONCLUSIVE, "There is no interval for τ.")
    said, s = f"The interval of τ, {interval(lower, upper, 2)},", limit_text(sesoi)
    if lower <= sesoi <= upper:
        return _plain(Verdict.INCONCLUSIVE, f"{said} holds {s}.")
    wide = lower > sesoi
    verdict = Verdict.SUPPORTED if wide == (direction == "positive") else Verdict.CONTRADICTED
    return _plain(verdict, f"{said} lies {'above' if wide else 'below'} {s}.")


def judge_count(direction: str, count: float, sesoi: float) -> Judgement:
    """Judge a number of studies: negative claims that there are fewer than so many.

    Example
    -------
    >>> judge_count("negative", 3, 10).verdict.value, judge_count("negative", 10, 10).verdict.value
    ('supported', 'contradicted')
    """
    fewer = count < sesoi
    verdict = Verdict.SUPPORTED if fewer == (direction == "negative") else Verdict.CONTRADICTED
    shown = f"{count:g} stud{'y is' if count == 1 else 'ies are'} analysed"
    return _plain(verdict, f"{_first_up(shown)}, {'fewer than' if fewer else 'no fewer than'} {sesoi:g}.")


def weighed(judgement: Judgement, certainty: str) -> Judgement:
    """Take back a verdict for or against a claim whose evidence is of very low certainty; say if it is not rated.

    Example
    -------
    >>> weighed(judge_effect("positive", 0.31, 0.80, 0.2), "very low").verdict.value
    'inconclusive'
    """
    decided = judgement.verdict in (Verdict.SUPPORTED, Verdict.CONTRADICTED)
    if decided and not certainty:
        return replace(judgement, reason=f"{judgement.reason} The certainty is not rated.")
    if certainty != VERY_LOW or not decided:
        return judgement
    reason = f"The certainty is very low; by its numbers alone the claim is {judgement.verdict}. {judgement.reason}"
    return replace(judgement, verdict=Verdict.INCONCLUSIVE, reason=reason)


def not_testable(evidence: Evidence) -> Judgement:
    """Say what a test lacks."""
    return _plain(Verdict.NOT_TESTABLE, "; ".join(_first_up(part) for part in evidence.missing[:1]) + ".")


def limit_text(value: float) -> str:
    """A smallest effect of interest as it was stated, with a proper minus sign.

    >>> limit_text(0.0953), limit_text(-0.2)
    ('0.0953', '−0.2')
    """
    return f"{value:.4g}".replace("-", MINUS)


def _plain(verdict: Verdict, reason: str) -> Judgement:
    return Judgement(verdict, verdict, reason)


def _too_small(where: str, sesoi: float, prediction: tuple[float, float] | None) -> Judgement:
    """A mean that is too small to matter; whether single effects are is for the prediction interval to say."""
    if prediction is None:
        return _plain(Verdict.CONTRADICTED, f"{where}.")
    shown = f"the prediction interval {interval(*prediction, 2)}"
    if -sesoi < prediction[0] and prediction[1] < sesoi:
        return _plain(Verdict.CONTRADICTED, f"{where}, and so does {shown}.")
    beyond = "there is no prediction interval" if isnan(sum(prediction)) else f"{shown} reaches beyond"
    return _plain(Verdict.INCONCLUSIVE, f"{where}, but {beyond}.")


def _one_sided(lower: float, upper: float, sesoi: float, said: str, s: str, sides: tuple[str, str]) -> Judgement:
    if lower > sesoi:
        return _plain(Verdict.SUPPORTED, _first_up(f"{said} lies {sides[0]} {s}."))
    if upper < sesoi:
        return _plain(Verdict.CONTRADICTED, _first_up(f"{said} lies {sides[1]} {s}."))
    return _plain(Verdict.INCONCLUSIVE, _first_up(f"{said} holds {s}."))


def _told(said: str, where: str, prediction: tuple[float, float] | None, sesoi: float) -> str:
    """A supported two-sided claim, with a word about single populations where they may go either way."""
    if prediction is not None and prediction[0] < -sesoi and prediction[1] > sesoi:
        shown = interval(*prediction, 2)
        return _first_up(f"{said} {where}; single populations may go either way (prediction interval {shown}).")
    return _first_up(f"{said} {where}.")


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]
