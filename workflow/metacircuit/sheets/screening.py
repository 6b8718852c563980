"""screening.csv: how many records each stage of the search and of the screening left, as PRISMA 2020 counts them."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.config.errors import UserError
from metacircuit.sheets.problems import shown
from metacircuit.sheets.text import read_text_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE = "screening.csv"
COLUMNS = ("stage", "route", "source", "reason", "unit", "n")

STAGES = {
    "previous": "in the previous version of the review",
    "identified": "found, by source",
    "removed": "removed before screening, by reason",
    "screened": "titles and abstracts screened",
    "screened_out": "excluded at that screening, with or without reasons",
    "sought": "reports sought for retrieval",
    "not_retrieved": "reports that could not be had",
    "assessed": "full reports assessed",
    "excluded": "reports excluded, by reason",
    "included": "included",
}
"""The stages in their order, and what is counted in each."""

ROUTES = ("databases", "registers", "other")
UNITS = ("records", "reports", "studies")
# What goes on, what drops out, and what must be left of it.
STEPS = (
    ("identified", "removed", "screened"),
    ("screened", "screened_out", "sought"),
    ("sought", "not_retrieved", "assessed"),
    ("assessed", "excluded", "included"),
)
_UNIT = {"identified": "records", "removed": "records", "screened": "records", "screened_out": "records"}
_WITH_REASON = ("removed", "excluded")


def read_screening(path: Path) -> pd.DataFrame:
    """Read the counts of the search and of the screening.

    Parameters
    ----------
    path : Path
        A CSV (comma, semicolon or tab) with a row a count: `stage` (one of `STAGES`), `n`, and where they are known
        `route` (databases, registers, other; default databases), `source` (the name of a database or other source),
        `reason` (removed, excluded), `unit` (records, reports, studies).

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, n as whole numbers; registers stand with the databases, as in PRISMA 2020's diagram.

    Raises
    ------
    UserError
        With every problem at once: unknown words, counts that are not whole, an exclusion without a reason, and stages
        whose counts do not add up.
    """
    sheet = read_text_sheet(path.read_bytes(), name="screening", file=path.name)
    cells = sheet.cells.astype(object)
    missing = [name for name in ("stage", "n") if name not in cells]
    if missing:
        raise UserError(
            f"{path.name}: the column {' and '.join(missing)} is missing; it has the columns {', '.join(COLUMNS)}, of"
            " which stage and n are needed."
        )
    table = pd.DataFrame({n: cells.get(n, "") for n in COLUMNS}).astype(object)
    table = table.assign(**{n: [str(cell).strip() for cell in table[n]] for n in COLUMNS})
    table = table.assign(
        **{n: [cell.lower().replace(" ", "_") for cell in table[n]] for n in ("stage", "route", "unit")}
    )
    problems = [f"{path.name} row {row}: {said}" for row, said in _wrong(table, sheet.rows)]
    if problems:
        raise UserError(*problems)
    table["route"] = table["route"].replace("", "databases")
    table["n"] = [int(n) for n in _counts(table["n"])]
    units = table["stage"].map(_UNIT).fillna("reports")
    table["unit"] = table["unit"].where(table["unit"] != "", units)
    table.loc[(table["stage"] == "previous") & (units == table["unit"]), "unit"] = "studies"
    wrong = list(unbalanced(table))
    if wrong:
        raise UserError(*(f"{path.name}: {said}" for said in wrong))
    return table.reset_index(drop=True)


def _wrong(table: pd.DataFrame, rows: object) -> Iterator[tuple[int, str]]:
    """Every cell that is not allowed."""
    counts = _counts(table["n"])
    for i, (row, line) in enumerate(zip(rows, table.to_dict("records"), strict=True)):
        for column, allowed in (("stage", tuple(STAGES)), ("route", ("", *ROUTES)), ("unit", ("", *UNITS))):
            if line[column] not in allowed:
                near = difflib.get_close_matches(line[column], allowed, n=1)
                hint = f"did you mean {near[0]}? " if near else ""
                yield (
                    row,
                    f"{column} {shown(line[column])!r} is unknown; {hint}allowed: {', '.join(filter(None, allowed))}.",
                )
        n = counts.iloc[i]
        if pd.isna(n) or n < 0 or n != int(n):
            yield row, f"n {shown(line['n'])!r} is not a whole number from 0 on."
        if line["stage"] in _WITH_REASON and not line["reason"]:
            yield row, f"{line['stage']} needs a reason, such as duplicates or wrong population."
        if line["unit"] == "studies" and line["stage"] not in ("included", "previous"):
            yield row, f"studies are counted when they are included; {line['stage']} counts records or reports."


def _counts(column: pd.Series) -> pd.Series:
    """The counts as numbers; thousands may be separated as people do it."""
    plain = column.astype(str).str.replace(r"(?<=\d)[,. \u00a0\u202f'](?=\d{3}\b)", "", regex=True)
    return pd.to_numeric(plain, errors="coerce")


def unbalanced(table: pd.DataFrame) -> Iterator[str]:
    """Stages whose counts do not add up; a stage that is not counted is passed over.

    Examples
    --------
    >>> rows = [("identified", 10), ("removed", 2), ("screened", 9)]
    >>> table = pd.DataFrame(rows, columns=["stage", "n"]).assign(route="databases", unit="records")
    >>> list(unbalanced(table))
    ['databases and registers: identified 10 − removed 2 = 8, but screened is 9.']
    """
    for lane in ("databases", "other"):
        counts = lane_counts(table, lane)
        for before, out, after in STEPS:
            if {before, after} <= set(counts) and after != "included":
                left = counts[before] - counts.get(out, 0)
                if left != counts[after]:
                    name = "databases and registers" if lane == "databases" else "other methods"
                    lost = f" − {out} {counts[out]:,}" if out in counts else ""
                    equal = f" = {left:,}" if lost else ""
                    yield f"{name}: {before} {counts[before]:,}{lost}{equal}, but {after} is {counts[after]:,}."
    reports = table[(table["stage"] == "included") & (table["unit"] == "reports")]["n"].sum()
    lanes = [lane_counts(table, lane) for lane in ("databases", "other")]
    ready = [c["assessed"] - c.get("excluded", 0) for c in lanes if "assessed" in c]
    if reports and ready and sum(ready) != reports:
        yield f"assessed less excluded leaves {sum(ready):,} reports, but {reports:,} are included."


def lane_counts(table: pd.DataFrame, lane: str) -> dict[str, int]:
    """The counts of one side of the diagram, by stage: databases (with registers) or other."""
    routes = ("databases", "registers") if lane == "databases" else ("other",)
    rows = table[table["route"].isin(routes) & ~table["stage"].isin(("included", "previous"))]
    return {stage: int(n) for stage, n in rows.groupby("stage")["n"].sum().items()}
