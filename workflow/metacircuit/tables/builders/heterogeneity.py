"""The table of heterogeneity: Q, the variance components with their intervals, I² and H²."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.tables.builders.pooled import Record, limits, records_of
from metacircuit.tables.cells import blank, decimal, degrees_cell, p, text, variance_cell, whole
from metacircuit.tables.phrases import LIMITS, grouping_of, interval_heading, without_empty
from metacircuit.tables.table import Column, Row, Table

if TYPE_CHECKING:
    from metacircuit.tables.material import Material

_HIDDEN = ("analysis", "grouping", "stratum", "model")
_COMPONENTS = (
    ("tau2", "τ²", "Variance of true effects"),
    ("sigma2_study", "σ²", "Between studies"),
    ("sigma2_effect", "σ²", "Within studies"),
)


def heterogeneity(material: Material) -> Table:
    """Build the table of heterogeneity, of the strata that were pooled.

    Parameters
    ----------
    material : Material
        With estimates.

    Returns
    -------
    Table
    """
    records = [row for row in records_of(material.estimates) if row["status"] == "ok"]
    level = interval_heading("CI", (row["level"] for row in records)) if records else "CI"
    return without_empty(
        Table(
            name="heterogeneity",
            title="Heterogeneity of the pooled effects",
            groups=(Column("analysis_title", "Analysis"), Column("grouping_title", "Grouping")),
            columns=(
                *(Column(name, name, shown=False) for name in _HIDDEN),
                Column("label", "Stratum"),
                Column("k", "Effects", "count"),
                Column("QE", "Q", "number", italic=True),
                Column("QE_df", "df", "number", italic=True),
                Column("QEp", "p", "p", italic=True),
                *(
                    column
                    for name, symbol, spanner in _COMPONENTS
                    for column in (
                        Column(name, symbol, "number", spanner),
                        *limits(f"{name}_lb", f"{name}_ub", spanner),
                    )
                ),
                Column("I2", "I² (%)", "number", italic=True),
                Column("H2", "H²", "number", italic=True),
            ),
            rows=tuple(_row(material, row) for row in records),
            note=(
                f"Q = test of no heterogeneity; τ² = variance of the true effects, the sum of σ² between and within"
                f" studies where a study has several effects; {LIMITS} of its {level};"
                " I² = share of the variance that is not sampling error; H² = total over sampling variance. Variances"
                " are on the scale of the model (Fisher's z, log odds and the like). Strata that were not pooled are in"
                " the table of pooled results."
            ),
        )
    )


def _row(material: Material, row: Record) -> Row:
    return Row(
        cells=blank(
            *(text(row[name]) for name in _HIDDEN),
            text(row["label"]),
            whole(row["k"]),
            decimal(row["QE"], 2),
            degrees_cell(row["QE_df"]),
            p(row["QEp"]),
            *(variance_cell(row[f"{name}{end}"]) for name, *_ in _COMPONENTS for end in ("", "_lb", "_ub")),
            decimal(row["I2"], 1),
            decimal(row["H2"], 2),
        ),
        groups=(material.analyses[row["analysis"]].title, grouping_of(row["grouping"])),
        strong=row["grouping"] == "overall",
    )
