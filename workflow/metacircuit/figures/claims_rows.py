"""What the figure of claims says, row by row: the table of claims in, texts and intervals out. No geometry here."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from metacircuit.figures.result import Interval, Row, require_columns, text, value
from metacircuit.wording import MINUS, count, number

COLUMNS = (
    *("id", "statement", "source", "topic", "test", "direction", "scale", "sesoi", "estimate", "ci_lb", "ci_ub"),
    *("pi_lb", "pi_ub", "level", "studies", "verdict"),
)
VERDICTS = ("supported", "contradicted", "inconclusive", "not testable")
"""Each has a colour and a shape of its own."""


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim: its words, and its numbers in multiples of the smallest effect of interest.

    Parameters
    ----------
    statement, claimed : what is said, and what that means in numbers
    written : the estimate with its interval on its own scale
    verdict : one of `VERDICTS`
    interval, prediction : in multiples of the smallest effect of interest
    """

    topic: str
    statement: str
    claimed: str
    written: str
    verdict: str
    interval: Interval
    prediction: Interval


def claim_rows(claims: pd.DataFrame) -> list[ClaimRow]:
    """The rows of the figure, topic by topic in the order in which topics first occur.

    Raises
    ------
    ValueError
        For a table that lacks a column, or a verdict that is not known.
    """
    require_columns(claims, COLUMNS, "claims")
    unknown = sorted(set(claims["verdict"]) - set(VERDICTS))
    if unknown:
        raise ValueError(f"unknown verdict {unknown[0]!r}; known are {', '.join(VERDICTS)}")
    records = claims.to_dict("records")
    topics = list(dict.fromkeys(text(row, "topic") for row in records))
    return [_row(row) for topic in topics for row in records if text(row, "topic") == topic]


def claimed(row: Row) -> str:
    """What a claim means in numbers.

    Examples
    --------
    >>> claimed({"test": "stratum", "direction": "negative", "sesoi": 0.2, "scale": "SMD"})
    'below −0.2 SMD'
    >>> claimed({"test": "count", "direction": "negative", "sesoi": 10.0, "scale": "studies"})
    'fewer than 10 studies'
    """
    test, direction, scale = text(row, "test"), text(row, "direction"), _scale(row)
    s = f"{value(row, 'sesoi'):.4g}"
    match test:
        case "count":
            return f"{'fewer than' if direction == 'negative' else 'at least'} {s} studies"
        case "heterogeneity":
            return f"τ {'above' if direction == 'positive' else 'below'} {s}"
        case "between" | "interaction":
            return f"differences above {s} {scale}"
        case _:
            sides = {"positive": f"above {s}", "negative": f"below {MINUS}{s}", "two_sided": f"beyond ±{s}"}
            return f"{sides[direction]} {scale}"


def limits(rows: Sequence[ClaimRow]) -> tuple[float, float]:
    """Ends of the axis: all estimates, and of the intervals what does not squeeze them."""
    drawn = [row.interval for row in rows if math.isfinite(row.interval.estimate)]
    estimates = [i.estimate for i in drawn]
    ends = sorted(abs(x) for i in drawn for x in (i.lower, i.upper) if math.isfinite(x))
    usual = ends[int(0.6 * (len(ends) - 1))] if ends else 2.0
    reach = max([2.0, usual, *(abs(x) * 1.15 for x in estimates)])
    return -reach, reach


def _row(row: Row) -> ClaimRow:
    s = value(row, "sesoi")
    numbers = {name: value(row, name) / s for name in ("estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub")}
    return ClaimRow(
        topic=text(row, "topic"),
        statement=text(row, "statement"),
        claimed=f"{text(row, 'source')}: {claimed(row)}",
        written=written(row),
        verdict=text(row, "verdict"),
        interval=Interval(numbers["estimate"], numbers["ci_lb"], numbers["ci_ub"]),
        prediction=Interval(math.nan, numbers["pi_lb"], numbers["pi_ub"]),
    )


def written(row: Row) -> str:
    """The estimate with its interval; the count, of a count; nothing where there is no estimate."""
    estimate, lower, upper = (value(row, name) for name in ("estimate", "ci_lb", "ci_ub"))
    if math.isnan(estimate):
        return ""
    if text(row, "test") == "count":
        return f"{count(estimate)} stud{'y' if estimate == 1 else 'ies'}"
    if math.isnan(lower) or math.isnan(upper):
        return number(estimate, 2)
    return f"{number(estimate, 2)} [{number(lower, 2)}, {number(upper, 2)}]"


def _scale(row: Row) -> str:
    names = {"ZCOR": "(Fisher’s z)", "PLO": "log odds", "OR": "log OR", "VR": "log VR", "CVR": "log CVR"}
    return names.get(text(row, "scale"), text(row, "scale"))
