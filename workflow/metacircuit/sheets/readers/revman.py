"""What the three forms of RevMan data have in common: names of studies, measures, and generic estimates."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from metacircuit.sheets.readers.amounts import number

if TYPE_CHECKING:
    from collections.abc import Mapping

#: RevMan's names of measures, in small letters without blanks, as metafor's codes.
MEASURES = {
    **{"or": "OR", "oddsratio": "OR", "peto_or": "PETO", "petooddsratio": "PETO"},
    **{"rr": "RR", "riskratio": "RR", "rd": "RD", "riskdifference": "RD"},
    **{
        "md": "MD",
        "meandifference": "MD",
        "smd": "SMD",
        "standardizedmeandifference": "SMD",
        "std.meandifference": "SMD",
    },
    **{"hr": "HR", "hazardratio": "HR", "hazard_ratio": "HR", "rateratio": "IRR", "rate_ratio": "IRR"},
}
#: An estimate of one of these is given as its logarithm.
LOGARITHMS = frozenset({"OR", "PETO", "RR", "HR", "IRR"})
DICHOTOMOUS, CONTINUOUS, GENERIC, O_MINUS_E = "dichotomous", "continuous", "generic", "o-e"
_EVENTS = ("events1", "total1", "events2", "total2")
_MEANS = ("mean1", "sd1", "n1", "mean2", "sd2", "n2")


def measure_of(name: str) -> str:
    """metafor's code of a measure as RevMan writes it; the text itself if it is another.

    Examples
    --------
    >>> measure_of("Odds Ratio"), measure_of("PETO_OR"), measure_of("Log odds of rain")
    ('OR', 'PETO', 'Log odds of rain')
    """
    return MEASURES.get(name.lower().replace(" ", ""), name)


def cells_of(kind: str, measure: str, numbers: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """The cells of a row that its kind of outcome fills; RevMan writes zeros into all the others.

    Parameters
    ----------
    kind : str
        dichotomous, continuous, generic or o-e.
    measure : str
        metafor's code.
    numbers : mapping of str to str
        events1 … total2; mean1 … sd2; yi and sei; oe and variance.

    Returns
    -------
    cells : dict of str to str
    problem : str
        Why the row has no statistic, or empty.
    """
    if kind == DICHOTOMOUS:
        return {name: whole(numbers.get(name, "")) for name in _EVENTS}, ""
    if kind == CONTINUOUS:
        own = dict(numbers, n1=numbers.get("total1", ""), n2=numbers.get("total2", ""))
        return {name: own.get(name, "") for name in _MEANS}, ""
    if kind == O_MINUS_E:
        difference, variance = number(numbers.get("oe", "")), number(numbers.get("variance", ""))
        if difference is None or variance is None or variance <= 0:
            return {}, "O-E and its variance are not both given"
        yi, sei = repr(difference / variance), repr(1 / math.sqrt(variance))
        return {"measure": "PETO" if measure in {"OR", "PETO"} else measure, "yi": yi, "sei": sei}, ""
    cells = {"measure": measure, "yi": numbers.get("yi", ""), "sei": numbers.get("sei", "")}
    return {**cells, "n1": numbers.get("total1", ""), "n2": numbers.get("total2", "")}, ""


def whole(word: str) -> str:
    """RevMan writes counts as 12.0 here and there."""
    return word[:-2] if word.endswith(".0") else word
