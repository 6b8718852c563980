"""What a forest plot says, line by line: result tables in, texts and intervals out. No geometry here."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

import pandas as pd

from metacircuit.figures.forest_columns import BUILT_IN, EFFECTS, PARTICIPANTS, WEIGHT, Column, cell_text
from metacircuit.figures.forest_order import headings, ordered
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


class Kind(Enum):
    """What a line of a forest plot is."""

    GROUP = "heading of a stratum"
    SUBHEAD = "heading of some studies of a stratum"
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
    brief : whether the line stands for a stratum whose studies are not shown
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
    brief: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """All lines of a forest plot, the labels of the strata that have no study, and what had to be left out."""

    lines: tuple[Line, ...]
    empty: tuple[str, ...]
    left_out: str = ""


MOST_ROWS = 1000
"""More studies than this are not drawn one by one."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What a forest plot shows of its studies, and in which order.

    Parameters
    ----------
    columns : the columns beside the plot, as `columns_of` makes them
    sort : names of columns to sort the studies of a stratum by, with a minus sign for the other direction
    group : a column whose words become headings within each stratum
    strata_only : one line a stratum, without its studies
    most_rows : how many studies are drawn one by one; with more, the strata alone are shown
    """

    columns: tuple[Column, ...] = ()
    sort: tuple[str, ...] = ()
    group: str | None = None
    strata_only: bool = False
    most_rows: int = MOST_ROWS


def content(
    rows: pd.DataFrame,
    estimates: pd.DataFrame,
    contrast: pd.DataFrame | None,
    scale: Scale,
    arrangement: Arrangement | None = None,
) -> Content:
    """The lines of a forest plot.

    Parameters
    ----------
    rows : the combined rows of one grouping, one per study and stratum
    estimates : the estimates of that grouping and the overall one
    contrast : the between-group test of the grouping (one row), if there is one
    scale : the natural scale of the measure
    arrangement : columns, order, headings, and how many studies are drawn one by one

    Raises
    ------
    ValueError
        For missing columns, or for more than one estimate of a stratum.
    """
    plan = arrangement or Arrangement()
    require_columns(rows, ("stratum", "study_label", "yi", "ci_lb", "ci_ub"), "rows")
    groups, overall = split_estimates(estimates)
    test = the_contrast(contrast)
    crowded = len(rows) > plan.most_rows
    # The labels of strata in the table may be numbers; those of estimates are compared as text.
    sizes = {str(name): int(size) for name, size in rows["stratum"].value_counts(sort=False).items()}
    # A stratum without an estimate still shows its studies: nothing is dropped in silence.
    unknown = {name: {"stratum": name, "reason": "no estimate"} for name in sizes if groups and name not in groups}
    strata = {name: row for name, row in (groups | unknown).items() if sizes.get(name)}

    lines: list[Line] = []
    if crowded or plan.strata_only:
        writer = writer_for(rows, estimates, scale, 0)
        if len(strata) <= plan.most_rows:
            lines += [line for name, row in strata.items() for line in _summary(row, sizes[name], writer)]
    else:
        writer = writer_for(rows, estimates, scale, plan.most_rows)
        studies = ordered(rows, plan.sort)
        if groups:
            for name, row in strata.items():
                lines += _stratum(studies[studies["stratum"].astype(str) == name], row, writer, plan)
        else:
            lines += _studies(studies, "", writer, plan)
    if overall is not None:
        lines += _result(overall, "", len(rows), writer)
    if test is not None:
        lines.append(Line(Kind.REMARK, between_groups(test), marked=True))
    empty = tuple(label_of(row) for name, row in groups.items() if name not in sizes)
    return Content(tuple(lines), empty, _left_out(len(rows), len(strata), plan) if crowded else "")


def writer_for(rows: pd.DataFrame, estimates: pd.DataFrame, scale: Scale, most_rows: int) -> Writer:
    """Writes the intervals of a forest plot: with the precision of its studies, or of its strata where those are many.

    Parameters
    ----------
    most_rows : how many studies are drawn one by one
    """
    if len(rows) > most_rows:
        found = [pooled_interval(row) for row in estimates.to_dict("records")]
        return Writer.suiting(scale, found)
    return Writer.suiting(scale, [study_interval(row) for row in rows.to_dict("records")])


def _left_out(studies: int, strata: int, plan: Arrangement) -> str:
    """The sentence below a figure that does not show its studies because there are too many."""
    many = f"{studies:,} results are too many to draw one by one (at most {plan.most_rows:,})"
    if strata > plan.most_rows:
        return f"{many}, and so are {strata:,} strata: the overall estimate alone is shown."
    return f"{many}: the strata alone are shown." if strata else f"{many}: the overall estimate alone is shown."


def _summary(estimate: Row, studies: int, writer: Writer) -> list[Line]:
    """A stratum without its studies: one line with its estimate, or with the reason why there is none."""
    label = label_of(estimate)
    first, *rest = _result(estimate, label, studies, writer)
    known = value(estimate, "studies")
    name = f"{label}, {plural(studies if math.isnan(known) else int(known), 'study', 'studies')}"
    if first.kind is Kind.REMARK:
        return [Line(Kind.REMARK, f"{name}. {first.label}", label, brief=True)]
    return [replace(first, label=name, brief=True), *(replace(line, brief=True) for line in rest)]


def _stratum(studies: pd.DataFrame, estimate: Row, writer: Writer, plan: Arrangement) -> list[Line]:
    """A heading, the studies, and the pooled estimate or why there is none."""
    label = label_of(estimate)
    head = Line(Kind.GROUP, label, label, keep=True)
    return [head, *_studies(studies, label, writer, plan), *_result(estimate, label, len(studies), writer)]


def _studies(studies: pd.DataFrame, group: str, writer: Writer, plan: Arrangement) -> list[Line]:
    """The studies of a stratum with their shares of the weight, under the headings that were asked for."""
    lines: list[Line] = []
    weights = studies["weight"].astype(float) if "weight" in studies.columns else pd.Series(dtype=float)
    decimals = 2 if weights.max() < 1 else 1
    for word, part in headings(studies, plan.group):
        if plan.group:
            lines.append(Line(Kind.SUBHEAD, word, group, keep=True))
        for row in part.to_dict("records"):
            interval, weight = study_interval(row), value(row, "weight")
            cells = {
                EFFECTS: count(value(row, "effects")),
                PARTICIPANTS: count(value(row, "participants")),
                WEIGHT: "" if math.isnan(weight) else number(weight, decimals),
            }
            cells |= {column.name: cell_text(column, row) for column in plan.columns if column.name not in BUILT_IN}
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
