"""RevMan's data export as CSV: rows of comparisons, outcomes, subgroups and studies, one below the other."""

from __future__ import annotations

import math

from metacircuit.sheets.problems import Code
from metacircuit.sheets.raw import UnreadableError
from metacircuit.sheets.readers.amounts import number
from metacircuit.sheets.readers.extract import Extract, Files, Row, unmapped
from metacircuit.sheets.readers.grid import read_grid
from metacircuit.sheets.readers.revman import (
    CONTINUOUS,
    DICHOTOMOUS,
    GENERIC,
    LOGARITHMS,
    O_MINUS_E,
    cells_of,
    measure_of,
)

_KINDS = {"DIC": DICHOTOMOUS, "CON": CONTINUOUS, "IV": GENERIC, "GIV": GENERIC, "IPD": O_MINUS_E, "OE": O_MINUS_E}
_NEEDED = ("Comparison Number", "Outcome Number", "Subgroup Number", "Name", "Data Type", "Effect Measure")
_NUMBERS = {
    **{f"{ours}{side}": f"{theirs} {side}" for side in "12" for ours, theirs in
       (("events", "Events"), ("total", "Total"), ("mean", "Mean"), ("sd", "SD"))},
    "yi": "Effect Estimate", "sei": "SE", "oe": "O-E", "variance": "Variance",
}  # fmt: skip


def read(files: Files) -> Extract:
    """Read the export; a row is a heading by its data type and its place, else a study of the heading above it."""
    grid = read_grid(files.data, file=files.name, delimiter=files.spec.delimiter)
    missing = [name for name in _NEEDED if name not in grid.header]
    if missing:
        problem = f"The file is no RevMan data export: it has no column {', '.join(missing)}."
        raise UnreadableError(
            Code.UNREADABLE_FILE, problem, "Comparison Number, Outcome Number, …", "Correct `format` in the config."
        )
    effects, studies = [], {}
    problems = list(grid.problems)
    comparison, subgroup, outcome = "", "", {}
    for row in grid.rows:
        cells = row.cells
        if cells["Outcome Number"] in {"0", ""}:
            comparison, subgroup, outcome = cells["Name"], "", {}
        elif cells["Data Type"] and cells["Effect Measure"]:
            if cells["Subgroup Number"] in {"0", ""}:
                subgroup, outcome = "", dict(cells)
            else:
                subgroup = cells["Name"]
                outcome = outcome or dict(cells)
        elif cells["Subgroup Number"] not in {"0", ""} and _is_total(cells):
            subgroup = cells["Name"]
        else:
            kind = _KINDS.get(outcome.get("Data Type", "").upper(), "")
            made, why = _numbers(kind, outcome, cells)
            if why:
                what = f"{cells['Name']} in {outcome.get('Name') or 'no outcome'}: {why}."
                where = {"row": row.number, "column": "Data Type", "value": outcome.get("Data Type", "")}
                problems.append(unmapped(what, "Type its numbers into a sheet.", file=files.name, **where))
            said = {
                "study_id": cells["Name"],
                "comparison": comparison,
                "outcome": outcome.get("Name", ""),
                "subgroup": subgroup,
                "measure": measure_of(outcome.get("Effect Measure", "")),
                "group1": outcome.get("Group Label 1", ""),
                "group2": outcome.get("Group Label 2", ""),
            }
            effects.append(Row(row.number, {**said, **made}))
            studies.setdefault(
                cells["Name"], Row(row.number, {"study_id": cells["Name"], "year": cells.get("Year of study", "")})
            )
    return Extract(effects=tuple(effects), studies=tuple(studies.values()), problems=tuple(problems))


def _is_total(cells: dict[str, str]) -> bool:
    """A subgroup's own line has a heterogeneity or degrees of freedom, a study's has none."""
    return any(cells.get(name) for name in ("df", "Q", "P(Q)"))


def _numbers(kind: str, outcome: dict[str, str], cells: dict[str, str]) -> tuple[dict[str, str], str]:
    if not kind:
        return {}, f"data of the type {outcome.get('Data Type') or 'none'} are not known"
    numbers = {ours: cells.get(theirs, "") for ours, theirs in _NUMBERS.items()}
    measure = measure_of(outcome.get("Effect Measure", ""))
    if kind in {GENERIC, O_MINUS_E}:
        # The export has the estimate as it is read, a ratio, but its error on the log scale.
        return _from_ratio(measure, numbers)
    return cells_of(kind, measure, numbers)


def _from_ratio(measure: str, numbers: dict[str, str]) -> tuple[dict[str, str], str]:
    estimate = number(numbers["yi"])
    if measure in LOGARITHMS:
        if estimate is None or estimate <= 0:
            return {}, "its ratio is not above 0"
        numbers = dict(numbers, yi=repr(math.log(estimate)))
    return cells_of(GENERIC, measure, numbers)
