"""The table of subgroup and moderator tests."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from metacircuit.tables.builders.pooled import Record, records_of
from metacircuit.tables.cells import MISSING, decimal, degrees_cell, p, text, variance_cell, whole
from metacircuit.tables.phrases import footnotes_of, grouping_of, marks_for, remark, sentence, without_empty
from metacircuit.tables.table import Column, Row, Table

if TYPE_CHECKING:
    from metacircuit.tables.material import Material

_HIDDEN = ("analysis", "grouping", "model", "status")


def tests(material: Material) -> Table:
    """Build the table of the tests between the strata of each grouping.

    Parameters
    ----------
    material : Material
        With contrasts.

    Returns
    -------
    Table
    """
    records = records_of(material.contrasts)
    marks = marks_for(remark(row["reason"]) for row in records if row["status"] == "ok")
    return without_empty(
        Table(
            name="tests",
            title="Tests between subgroups",
            groups=(Column("analysis_title", "Analysis"),),
            columns=(
                *(Column(name, name, shown=False) for name in _HIDDEN),
                Column("moderator", "Moderator"),
                Column("groups", "Groups", "count"),
                Column("studies", "Studies", "count"),
                Column("k", "Effects", "count"),
                Column("statistic", "Test", align="center"),
                Column("QM", "Statistic", "number"),
                Column("df1", "df1", "number", italic=True),
                Column("df2", "df2", "number", italic=True),
                Column("pval", "p", "p", italic=True),
                Column("tau2", "Residual τ²", "number"),
                Column("R2", "R² (%)", "number", italic=True),
            ),
            rows=tuple(_row(material, row, marks) for row in records),
            note=_note(material, records),
            footnotes=footnotes_of(marks),
        )
    )


def _row(material: Material, row: Record, marks: dict[str, str]) -> Row:
    tested = row["status"] == "ok"
    mark = marks.get(remark(row["reason"])) if tested else None
    name = grouping_of(row["grouping"]).removeprefix("By ")
    numbers = (
        (
            text("χ²" if math.isnan(row["df2"]) else "F"),
            decimal(row["QM"], 2),
            degrees_cell(row["df1"]),
            degrees_cell(row["df2"]),
            p(row["pval"]),
            variance_cell(row["tau2"]),
            decimal(row["R2"], 1),
        )
        if tested
        else (MISSING,) * 7
    )
    return Row(
        cells=(
            *(text(row[name]) for name in _HIDDEN),
            text(name[:1].upper() + name[1:], marks=(mark,) if mark else ()),
            *(whole(row[name]) for name in ("groups", "studies", "k")),
            *numbers,
        ),
        groups=(material.analyses[row["analysis"]].title,),
        message="" if tested else f"not tested: {row['reason']}",
    )


def _note(material: Material, records: list[Record]) -> str:
    by_model: dict[str, dict[str, None]] = {}
    for row in records:
        if row["status"] == "ok":
            by_model.setdefault(row["model"], {})[material.analyses[row["analysis"]].title] = None
    models = "; ".join(f"{model} in {', '.join(titles)}" for model, titles in by_model.items())
    return (
        "Each row is the joint test that all groups of the moderator have the same mean effect, among the strata with"
        " enough studies. R² = share of the variance of the true effects that the groups explain."
        + (f" {sentence(f'Models: {models}')}".replace("tau2", "τ²") if models else "")
    )
