"""The table of diagnostics: tests for small-study effects and corrected estimates, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.effects.natural import natural_scale
from metacircuit.tables.builders.pooled import PERCENT, Record, limits, records_of, scaled
from metacircuit.tables.cells import EMPTY, Cell, blank, decimal, degrees_cell, p, text, whole
from metacircuit.tables.phrases import LIMITS, footnotes_of, interval_heading, marks_for, without_empty
from metacircuit.tables.table import Column, Row, Table

if TYPE_CHECKING:
    from metacircuit.tables.material import Material

_HIDDEN = ("analysis", "grouping", "stratum", "method", "family", "status")
_NATURAL = ("natural", "natural_lb", "natural_ub")
_FAMILIES = {"reference": "Estimate as reported", "correction": "Corrected estimates", "test": "Tests and indices"}
_COUNTS = ("studies filled in", "null studies needed")
_FEW = "fewer than 10 studies: no method here can tell selection from chance"
_OVERALL = "overall"


def corrections(material: Material) -> Table:
    """Build the table of tests and corrections of the overall estimate of each analysis.

    Parameters
    ----------
    material : Material
        With corrections.

    Returns
    -------
    Table
    """
    every = records_of(material.corrections)
    records = sorted(
        (row for row in every if row["grouping"] == _OVERALL),
        key=lambda row: (list(material.analyses).index(row["analysis"]), list(_FAMILIES).index(row["family"])),
    )
    marks = marks_for(remark for row in records for remark in _remarks(row))
    level = interval_heading("CI", (row["level"] for row in records_of(material.estimates)))
    return without_empty(
        Table(
            name="corrections",
            title="Small-study effects and selection: tests and corrected estimates",
            groups=(Column("analysis_title", "Analysis"), Column("family_title", "Family")),
            columns=(
                *(Column(name, name, shown=False) for name in _HIDDEN),
                Column("method_label", "Method"),
                Column("given", "Applied to"),
                Column("k", "k", "count", italic=True),
                Column("natural", "Estimate", "number"),
                *limits("natural_lb", "natural_ub", level),
                Column("quantity_is", "Index"),
                Column("quantity", "Value", "number"),
                Column("stat", "Statistic", "number"),
                Column("df", "df", "number", italic=True),
                Column("pval", "p", "p", italic=True),
            ),
            rows=tuple(_row(material, row, marks) for row in records),
            note=_note(len(every) > len(records)),
            footnotes=footnotes_of(marks),
        )
    )


def _row(material: Material, row: Record, marks: dict[str, str]) -> Row:
    analysis, fine = material.analyses[row["analysis"]], row["status"] == "ok"
    scale = natural_scale(analysis.measure).name
    return Row(
        cells=blank(
            *(text(row[name]) for name in _HIDDEN),
            text(row["method_label"], marks=tuple(marks[remark] for remark in _remarks(row))),
            text(row["given"]),
            whole(row["k"]),
            *scaled(row, _NATURAL, analysis.measure, percent=scale == PERCENT),
            text(row["quantity_is"]),
            _quantity(row),
            decimal(row["stat"], 2),
            degrees_cell(row["df"]),
            p(row["pval"]),
        )
        if fine
        else (
            *(text(row[name]) for name in _HIDDEN),
            text(row["method_label"]),
            text(row["given"]),
            whole(row["k"]),
            *(EMPTY,) * 8,
        ),
        groups=(f"{analysis.title} ({scale})", _FAMILIES[row["family"]]),
        message="" if fine else f"{row['status'].replace('_', ' ')}: {row['reason']}",
    )


def _quantity(row: Record) -> Cell:
    return whole(row["quantity"]) if row["quantity_is"] in _COUNTS else decimal(row["quantity"], 2)


def _remarks(row: Record) -> list[str]:
    if row["status"] != "ok":
        return []
    return [*([_FEW] if row["few"] == "yes" else []), *([row["note"]] if row["note"] else [])]


def _note(more: bool) -> str:
    elsewhere = (
        " The strata of the groupings are in diagnostics/ANALYSIS/corrections.csv of the results." if more else ""
    )
    return (
        f"CI = confidence interval; {LIMITS}; k = effects or study means that the method was applied to. A corrected"
        " estimate shows what the result would be if the method's own account of selection held; it does not replace"
        f" the estimate as reported.{elsewhere}"
    )
