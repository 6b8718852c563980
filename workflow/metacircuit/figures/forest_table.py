"""What a forest plot says, line by line: result tables in, texts and intervals out. No geometry here."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

import pandas as pd

from metacircuit.figures.result import (
    Interval,
    Row,
    Writer,
    between_groups,
    heterogeneity,
    is_pooled,
    label_of,
    not_pooled,
    pooled_interval,
    prediction_interval,
    require_columns,
    split_estimates,
    study_interval,
    text,
    the_contrast,
    value,
)
from metacircuit.figures.scales import Scale
from metacircuit.wording import count, number, plural

NUMBER_COLUMNS = {"effects": "Effects", "participants": "Participants", "weight": "Weight, %"}
"""The columns of numbers beside the estimates, with their headings."""


class Kind(Enum):
    """What a line of a forest plot is."""

    GROUP = "heading of a stratum"
    STUDY = "one study"
    POOLED = "pooled estimate of a stratum"
    SPREAD = "heterogeneity and prediction interval, below a pooled estimate"
    REMARK = "a sentence in place of an estimate, or below the last one"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a forest plot.

    Parameters
    ----------
    label : the text at the left
    marked : whether *stars* in the label set symbols in italics
    group : the label of the stratum; empty for the overall result
    cells : the texts of the number columns
    interval : what is drawn, on the analysis scale
    written : estimate, lower and upper limit as text
    share : the weight relative to an equal share of the stratum
    keep : whether the next line belongs on the same page
    """

    kind: Kind
    label: str
    group: str = ""
    cells: Mapping[str, str] = field(default_factory=dict)
    interval: Interval | None = None
    written: tuple[str, str, str] | None = None
    share: float = 1.0
    marked: bool = False
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """All lines of a forest plot, and the labels of the strata that have no study."""

    lines: tuple[Line, ...]
    empty: tuple[str, ...]


def content(
    rows: pd.DataFrame, estimates: pd.DataFrame, contrast: pd.DataFrame | None, scale: Scale, sort: str | None = None
) -> Content:
    """The lines of a forest plot.

    Parameters
    ----------
    rows : the combined rows of one grouping, one per study and stratum
    estimates : the estimates of that grouping and the overall one
    contrast : the between-group test of the grouping (one row), if there is one
    scale : the natural scale of the measure
    sort : a column of `rows` to sort the studies of each stratum by; None keeps their order

    Raises
    ------
    ValueError
        For missing columns, or for more than one estimate of a stratum.
    """
    require_columns(rows, ("stratum", "study_label", "yi", "ci_lb", "ci_ub", *([sort] if sort else [])), "rows")
    groups, overall = split_estimates(estimates)
    ordered = rows.sort_values(sort, kind="stable") if sort else rows
    records = ordered.to_dict("records")
    writer = Writer.suiting(scale, [study_interval(row) for row in records])
    test = the_contrast(contrast)

    lines: list[Line] = []
    empty: tuple[str, ...] = ()
    if groups:
        by_stratum: dict[str, list[Row]] = {}
        for row in records:
            by_stratum.setdefault(str(row["stratum"]), []).append(row)
        # A stratum without an estimate still shows its studies: nothing is dropped in silence.
        unknown = {name: {"stratum": name, "reason": "no estimate"} for name in by_stratum if name not in groups}
        for stratum, estimate in (groups | unknown).items():
            lines += _stratum(by_stratum.get(stratum, []), estimate, writer)
        empty = tuple(label_of(groups[stratum]) for stratum in groups if stratum not in by_stratum)
    else:
        lines += _studies(records, "", writer)
    if overall is not None:
        lines += _result(overall, "", len(records), writer)
    if test is not None:
        lines.append(Line(Kind.REMARK, between_groups(test), marked=True))
    return Content(_kept_together(lines), empty)


def _stratum(studies: Sequence[Row], estimate: Row, writer: Writer) -> list[Line]:
    """A heading, the studies, and the pooled estimate or why there is none."""
    if not studies:
        return []
    label = label_of(estimate)
    head = Line(Kind.GROUP, label, label, keep=True)
    return [head, *_studies(studies, label, writer), *_result(estimate, label, len(studies), writer)]


def _studies(studies: Sequence[Row], group: str, writer: Writer) -> list[Line]:
    """The studies of a stratum with their shares of the weight."""
    lines = []
    heaviest = max((value(row, "weight") for row in studies if not math.isnan(value(row, "weight"))), default=math.nan)
    decimals = 2 if heaviest < 1 else 1
    for row in studies:
        interval, weight = study_interval(row), value(row, "weight")
        cells = {
            "effects": count(value(row, "effects")),
            "participants": count(value(row, "participants")),
            "weight": "" if math.isnan(weight) else number(weight, decimals),
        }
        share = 1.0 if math.isnan(weight) else weight * len(studies) / 100.0
        label = text(row, "study_label")
        lines.append(Line(Kind.STUDY, label, group, cells, interval, writer.parts(interval), share))
    return lines


def _result(estimate: Row, group: str, studies: int, writer: Writer) -> list[Line]:
    """A pooled estimate with its heterogeneity, or the reason why there is none."""
    known = value(estimate, "studies")
    studies = studies if math.isnan(known) else int(known)
    label = f"{'Pooled' if group else 'Overall'}, {plural(studies, 'study', 'studies')}"
    if not is_pooled(estimate):
        reason = not_pooled(estimate, studies)
        return [Line(Kind.REMARK, reason if group else f"{label}. {reason}", group)]
    interval, prediction = pooled_interval(estimate), prediction_interval(estimate)
    cells = {"effects": count(value(estimate, "k")), "participants": count(value(estimate, "participants"))}
    lines = [Line(Kind.POOLED, label, group, cells, interval, writer.parts(interval), keep=True)]
    spread, shown = heterogeneity(estimate), prediction if prediction.drawable else None
    if spread or shown:
        lines.append(Line(Kind.SPREAD, spread, group, {}, shown, writer.parts(shown) if shown else None, marked=True))
    return lines


def _kept_together(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Mark where a page must not end: a heading keeps two studies below it, a result two above, the end stays whole."""
    kinds = [line.kind for line in lines]
    kept = []
    for n, line in enumerate(lines):
        begins = Kind.GROUP in kinds[max(0, n - 1) : n + 1]
        ends = line.kind is Kind.STUDY and any(kind is not Kind.STUDY for kind in kinds[n + 1 : n + 3])
        closes = any(other.kind is not Kind.STUDY and not other.group for other in lines[n + 1 : n + 2])
        kept.append(replace(line, keep=begins or ends or closes or line.kind is Kind.POOLED))
    return tuple(kept)
