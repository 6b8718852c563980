"""The table of effects: every row that an analysis takes, its route from the printed numbers, and what was assumed."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from metacircuit.effects.natural import natural_scale
from metacircuit.tables.builders.pooled import PERCENT, Record, limits, records_of
from metacircuit.tables.cells import EMPTY, MISSING, Cell, decimal, text, whole
from metacircuit.tables.clean import clean
from metacircuit.tables.digits import decimals_by, natural_se
from metacircuit.tables.phrases import LIMITS, footnotes_of, marks_for, without_empty
from metacircuit.tables.table import Column, Row, Table
from metacircuit.wording import MINUS, number

if TYPE_CHECKING:
    from metacircuit.tables.material import Material

_HIDDEN = ("analysis", "effect_id", "study_id", "measure", "status", "flags")
# Assumptions are sentences, joined by a semicolon behind the full stop.
_BETWEEN = re.compile(r"(?<=\.); ")


def effects(material: Material) -> Table:
    """Build the table of effects, one row an effect of an analysis.

    Parameters
    ----------
    material : Material
        With effects.

    Returns
    -------
    Table
        Rows that are no exact estimate say what they are instead.
    """
    records = records_of(
        {name: frame.assign(analysis=name).fillna({"assumptions": ""}) for name, frame in material.effects.items()}
    )
    marks = marks_for(told for row in records for told in _assumptions(row))
    return without_empty(
        Table(
            name="effects",
            title="Effects and the routes to them",
            groups=(Column("analysis_title", "Analysis"),),
            columns=(
                *(Column(name, name, shown=False) for name in _HIDDEN),
                Column("yi", "yi", "number", shown=False),
                Column("vi", "vi", "number", shown=False),
                Column("study", "Study"),
                Column("outcome", "Outcome"),
                Column("participants", "n", "count", italic=True),
                Column("natural", "Estimate", "number"),
                *limits("natural_lb", "natural_ub", "95% CI"),
                Column("route", "Route"),
                Column("inputs", "Printed numbers"),
                Column("reason", "Remarks"),
            ),
            rows=tuple(_row(material, row, marks) for row in records),
            note=(
                f"CI = confidence interval; {LIMITS}. A route leads from the numbers that a paper prints to the effect;"
                " all routes are listed in docs/routes.md. Effects are oriented as the codebook says."
            ),
            footnotes=footnotes_of(marks),
        )
    )


def _row(material: Material, row: Record, marks: dict[str, str]) -> Row:
    analysis, known = material.analyses[row["analysis"]], row["status"] == "analysed"
    scale = natural_scale(analysis.measure)
    return Row(
        cells=(
            *(text(row[name]) for name in _HIDDEN),
            *((decimal(row["yi"], 4), decimal(row["vi"], 4)) if known else (MISSING, MISSING)),
            text(row["study_label"]),
            text(row["outcome"]),
            whole(row["participants"]),
            *(_estimate(row) if known else (MISSING,) * 3),
            text(row["route"], marks=tuple(marks[told] for told in _assumptions(row))),
            _inputs(row["inputs"]),
            text(_bound(row) if row["status"] == "bound" else "" if known else f"{row['status']}: {row['reason']}"),
        ),
        groups=(f"{analysis.title} ({scale.name})",),
    )


def _inputs(told: str) -> Cell:
    """The numbers of the paper; the orientation, which is ours, is left to the CSV."""
    shown = "; ".join(part for part in told.split("; ") if not part.startswith(("direction=", "scale_direction=")))
    return replace(text(told), text=clean(shown.replace("=-", f"={MINUS}"))) if told else EMPTY


def _estimate(row: Record) -> list[Cell]:
    name, transform = natural_scale(row["measure"])
    percent = name == PERCENT
    se = natural_se(row["measure"], row["yi"], math.sqrt(row["vi"]))
    decimals = decimals_by(se * (100 if percent else 1))
    values = transform(np.array([row["yi"], row["ci_lb"], row["ci_ub"]]))
    return [decimal(float(value), decimals, percent=percent) for value in values]


def _bound(row: Record) -> str:
    """What is known of an effect of which only a bound on p is printed."""
    lower, upper = (float(natural_scale(row["measure"]).transform(np.array(row[n]))) for n in ("lower", "upper"))
    if math.isfinite(row["lower"]) and math.isfinite(row["upper"]):
        return f"bound: from {number(lower, 2)} to {number(upper, 2)}"
    if math.isfinite(row["lower"]):
        return f"bound: at least {number(lower, 2)}"
    return f"bound: at most {number(upper, 2)}" if math.isfinite(row["upper"]) else f"bound: {row['reason']}"


def _assumptions(row: Record) -> list[str]:
    return [told for told in _BETWEEN.split(row["assumptions"]) if told] if row["status"] == "analysed" else []
