"""The table of pooled results: every stratum of every analysis, on the scale that people read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from metacircuit.tables.cells import MISSING, decimal, p, text, variance_cell, whole
from metacircuit.tables.digits import decimals_by, natural_se
from metacircuit.tables.phrases import (
    LIMITS,
    footnotes_of,
    grouping_of,
    interval_heading,
    marks_for,
    remark,
    without_empty,
)
from metacircuit.tables.table import Cell, Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from metacircuit.tables.material import Material

Record = dict[str, "float | str"]
PERCENT = "proportion"
# A 95% interval is this many standard errors wide; used for methods that give an interval and no standard error.
_WIDTH = 3.92
_HIDDEN = ("analysis", "grouping", "stratum", "measure", "model", "method", "test", "status")
_SCALE = ("natural", "natural_lb", "natural_ub", "natural_pi_lb", "natural_pi_ub")


def summary(material: Material) -> Table:
    """Build the table of pooled results.

    Estimates and intervals have the decimals at which the standard error has two significant digits, on the scale that
    is shown. A stratum that was not pooled says why.

    Parameters
    ----------
    material : Material
        With estimates.

    Returns
    -------
    Table
    """
    records = records_of(material.estimates)
    marks = marks_for(remark(row["reason"]) for row in records if row["status"] == "ok")
    levels = [row["level"] for row in records]
    return without_empty(
        Table(
            name="summary",
            title="Pooled results",
            groups=(Column("analysis_title", "Analysis"), Column("grouping_title", "Grouping")),
            columns=(
                *(Column(name, name, shown=False) for name in _HIDDEN),
                Column("label", "Stratum"),
                Column("studies", "Studies", "count"),
                Column("k", "Effects", "count"),
                Column("participants", "Participants", "count"),
                Column("natural", "Estimate", "number"),
                *limits("natural_lb", "natural_ub", interval_heading("CI", levels)),
                *limits("natural_pi_lb", "natural_pi_ub", interval_heading("PI", levels)),
                Column("pval", "p", "p", italic=True),
                Column("tau2", "τ²", "number"),
                Column("I2", "I² (%)", "number", italic=True),
            ),
            rows=tuple(_row(material, row, marks) for row in records),
            note=_note(material, records),
            footnotes=footnotes_of(marks),
        )
    )


def records_of(frames: Mapping[str, object]) -> list[Record]:
    """The rows of the result tables of all analyses, in the order of the config."""
    return [row for frame in frames.values() for row in frame.to_dict("records")]


def limits(lower: str, upper: str, spanner: str) -> tuple[Column, Column]:
    """The two columns of an interval below their common heading."""
    return Column(lower, "LL", "number", spanner), Column(upper, "UL", "number", spanner)


def groups_of(material: Material, row: Record, scale: str) -> tuple[str, str]:
    """The headings above a stratum: the analysis with the scale of its numbers, and the grouping."""
    return f"{material.analyses[row['analysis']].title} ({scale})", grouping_of(row["grouping"])


def scaled(row: Record, names: Iterable[str], measure: str, *, percent: bool) -> list[Cell]:
    """Numbers on the natural scale, with the decimals that the standard error decides."""
    se = natural_se(measure, float(row["estimate"]), float(row["se"]))
    if not math.isfinite(se):
        se = (float(row["natural_ub"]) - float(row["natural_lb"])) / _WIDTH
    decimals = decimals_by(se * (100 if percent else 1))
    return [decimal(float(row[name]), decimals, percent=percent) for name in names]


def _row(material: Material, row: Record, marks: dict[str, str]) -> Row:
    pooled, percent = row["status"] == "ok", row["scale"] == PERCENT
    mark = marks.get(remark(row["reason"])) if pooled else None
    shown = (
        (
            *scaled(row, _SCALE, row["measure"], percent=percent),
            # That a proportion differs from one half is nobody's question.
            MISSING if percent else p(row["pval"]),
            variance_cell(row["tau2"]),
            decimal(row["I2"], 1),
        )
        if pooled
        else (MISSING,) * 8
    )
    return Row(
        cells=(
            *(text(row[name]) for name in _HIDDEN),
            text(row["label"], marks=(mark,) if mark else ()),
            *(whole(row[name]) for name in ("studies", "k", "participants")),
            *shown,
        ),
        groups=groups_of(material, row, row["scale"]),
        message="" if pooled else f"not pooled: {row['reason']}",
        strong=row["grouping"] == "overall",
    )


def _note(material: Material, records: list[Record]) -> str:
    levels = {row["level"] for row in records}
    parts = [f"CI = confidence interval; PI = prediction interval of the true effect of a new study; {LIMITS}"]
    if len(levels) > 1:
        of = {row["analysis"]: row["level"] for row in records}
        told = "; ".join(f"{material.analyses[name].title}: {level:g}%" for name, level in of.items())
        parts.append(f"Levels of the intervals: {told}")
    parts.append("τ² = variance of the true effects; I² = share of the variance that is not sampling error")
    if models := _models(material, records):
        parts.append(f"Models: {models}")
    return ". ".join(parts) + "."


def _models(material: Material, records: list[Record]) -> str:
    """Which model stands behind the overall estimates of which analyses."""
    by_model: dict[str, list[str]] = {}
    for row in records:
        if row["grouping"] == "overall" and row["status"] == "ok":
            rho = f", ρ = {row['rho']:g} within studies" if math.isfinite(row["rho"]) else ""
            told = f"{row['model']} ({row['method']}; {row['test']}{rho})"
            by_model.setdefault(told, []).append(material.analyses[row["analysis"]].title)
    return "; ".join(f"{model} in {', '.join(titles)}" for model, titles in by_model.items())
