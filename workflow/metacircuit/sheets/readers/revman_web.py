"""RevMan Web data packages (.zip): the CSV files of the analyses and of the studies, wherever they lie inside."""

from __future__ import annotations

from metacircuit.sheets.problems import Code
from metacircuit.sheets.raw import UnreadableError
from metacircuit.sheets.readers.archive import members
from metacircuit.sheets.readers.extract import Extract, Files, Row, unmapped
from metacircuit.sheets.readers.grid import Grid, read_grid
from metacircuit.sheets.readers.revman import (
    CONTINUOUS,
    DICHOTOMOUS,
    GENERIC,
    LOGARITHMS,
    O_MINUS_E,
    cells_of,
    measure_of,
)

_ROWS, _SETTINGS, _STUDIES = "data-rows.csv", "overall-estimates-and-settings.csv", "study-information.csv"
_NUMBERS = {
    **{f"{ours}{side}": f"{arm} {theirs}" for side, arm in (("1", "Experimental"), ("2", "Control"))
       for ours, theirs in (("events", "cases"), ("total", "N"), ("mean", "mean"), ("sd", "SD"))},
    "yi": "GIV Mean", "sei": "GIV SE", "oe": "O-E", "variance": "Variance",
}  # fmt: skip
_NONE = "#N/A"


def read(files: Files) -> Extract:
    """Read a data package, or the inner archive of it."""
    found = members(files.data, wanted=(_ROWS, _SETTINGS, _STUDIES))
    rows, settings, known = (_only(found, end) for end in (_ROWS, _SETTINGS, _STUDIES))
    if rows is None or settings is None:
        raise UnreadableError(
            Code.UNREADABLE_FILE,
            f"The archive has no {_ROWS if rows is None else _SETTINGS}.",
            "a data package of RevMan Web",
            "Download the analysis data again, or correct `format` in the config.",
        )
    analyses = {_key(row): row.cells for row in settings.rows}
    problems = [*rows.problems, *settings.problems]
    effects, studies = [], {}
    for row in rows.rows:
        cells = row.cells
        analysis = analyses.get(_key(row), {})
        measure = measure_of(analysis.get("Effect measure", ""))
        numbers = {ours: cells.get(theirs, "") for ours, theirs in _NUMBERS.items()}
        kind = _kind(analysis.get("Data type", ""))
        made, why = cells_of(kind, measure, numbers) if kind else ({}, "its type of data is not known")
        if kind == GENERIC and measure in LOGARITHMS and analysis.get("Log-scale data", "").lower() == "false":
            made, why = {}, "its ratio is not given as a logarithm, so its standard error has no known scale"
        study = cells.get("Study", "")
        if why:
            what = f"{study} in {cells.get('Analysis name', '')}: {why}."
            where = {"sheet": _ROWS, "row": row.number, "column": "Data type", "value": analysis.get("Data type", "")}
            problems.append(unmapped(what, "Type its numbers into a sheet.", file=files.name, **where))
        said = {
            "study_id": study,
            "comparison": _word(analysis.get("Analysis group name", "")),
            "outcome": _word(analysis.get("Outcome", "")) or cells.get("Analysis name", ""),
            "subgroup": _word(cells.get("Subgroup", "")),
            "measure": measure,
            "group1": _word(analysis.get("Experimental group label", "")),
            "group2": _word(analysis.get("Control group label", "")),
            "applicability": _word(cells.get("Applicability", "")),
        }
        effects.append(Row(row.number, {**said, **made}))
        studies.setdefault(study, Row(row.number, {"study_id": study, "year": _word(cells.get("Study year", ""))}))
    for row in known.rows if known is not None else ():
        study = row.cells.get("Study", "")
        if study and study not in studies:
            studies[study] = Row(row.number, {"study_id": study, "year": _word(row.cells.get("Year", ""))})
    return Extract(effects=tuple(effects), studies=tuple(studies.values()), problems=tuple(problems), sheet=_ROWS)


def _only(found: dict[str, bytes], end: str) -> Grid | None:
    """The one file of this name; a package has one, and of several the first by path is it."""
    name = min((name for name in found if name.lower().endswith(end)), default=None)
    return None if name is None else read_grid(found[name], file=name.rsplit("/", 1)[-1], delimiter=",")


def _key(row: Row) -> tuple[str, str]:
    return row.cells.get("Analysis group", ""), row.cells.get("Analysis number", "")


def _kind(name: str) -> str:
    low = name.lower()
    if "o-e" in low or "individual" in low or "o - e" in low:
        return O_MINUS_E
    if "generic" in low or "inverse" in low or "contrast" in low:
        return GENERIC
    return {"dichotomous": DICHOTOMOUS, "continuous": CONTINUOUS}.get(low, "")


def _word(cell: str) -> str:
    return "" if cell == _NONE else cell
