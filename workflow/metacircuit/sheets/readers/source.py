"""A source of a config as sheets: the file is read by its format, mapped, and goes on as if it had been typed."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np

from metacircuit.sheets.columns import EFFECTS, STUDIES
from metacircuit.sheets.problems import Code, Problem, shown
from metacircuit.sheets.raw import RawSheet, UnreadableError, collect
from metacircuit.sheets.read import bytes_of
from metacircuit.sheets.readers.extract import Extract, Files, Focus, Row, base_name
from metacircuit.sheets.readers.mapping import apply_mapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from metacircuit.config.source import Source

_MODULES = {"table": "tables"}
#: Said once of a study, not of each of its effects.
_OF_STUDIES = {c.name for c in STUDIES} - {c.name for c in EFFECTS}
_CITATION = re.compile(r"(?P<first_author>\D{2,80}?)[\s,(_]+(?P<year>(?:19|20)\d\d)[a-z]?\)?")


@dataclass(frozen=True, slots=True)
class Taken:
    """What a source gives: sheets by table, the foci of brain studies, and what could not be read or placed."""

    sheets: dict[str, RawSheet]
    foci: tuple[Focus, ...]
    problems: tuple[Problem, ...]


def read_source(spec: Source, root: Path) -> Taken:
    """Read the source of a review.

    Parameters
    ----------
    spec : Source
        The section of the config.
    root : Path
        The project folder, which its files are relative to.

    Returns
    -------
    Taken
        Always, unless the config is wrong: an unreadable file is a problem.

    Raises
    ------
    UserError
        If the config names columns or words that the file does not have.
    """
    file = ", ".join(map(base_name, spec.file))
    try:
        files = Files(spec, {path: bytes_of(root / path) for path in spec.files})
        reader = import_module(f"metacircuit.sheets.readers.{_MODULES.get(spec.format, spec.format)}")
        found: Extract = reader.read(files)
        mapped = apply_mapping(found, spec, file)
    except UnreadableError as error:
        problem = Problem(error.code, error.problem, error.allowed, error.remedy, file=file)
        return Taken({}, (), (problem,))
    problems = list(mapped.problems)
    effects, studies = _split(_with_ids(mapped.effects), mapped.studies, file, mapped.sheet, problems)
    sheets = {}
    for table, rows in (("effects", effects), ("studies", studies)):
        if rows:
            sheets[table] = _sheet(rows, table, file, mapped.sheet)
    return Taken(sheets, mapped.foci, tuple(problems))


def _with_ids(rows: Iterable[Row]) -> Iterator[Row]:
    """Number the effects of each study where the file has no ids of its own."""
    used: Counter[str] = Counter()
    for row in rows:
        study = row.cells.get("study_id", "")
        used[study] += 1
        made = row.cells.get("effect_id") or (f"{study}.{used[study]}" if study else "")
        yield Row(row.number, {"effect_id": made, "study_id": study, **_without(row.cells, "effect_id", "study_id")})


def _without(cells: dict[str, str], *names: str) -> dict[str, str]:
    return {name: cell for name, cell in cells.items() if name not in names}


def _split(
    rows: Iterable[Row], known: Iterable[Row], file: str, sheet: str, problems: list[Problem]
) -> tuple[list[Row], list[Row]]:
    """Move what is said of a study to its one row; of two different words the first counts, and both are told."""
    studies = {row.cells["study_id"]: dict(row.cells) for row in known}
    numbers = {row.cells["study_id"]: row.number for row in known}
    effects = []
    for row in rows:
        study = row.cells["study_id"]
        about = {name: cell for name, cell in row.cells.items() if name in _OF_STUDIES and cell}
        effects.append(Row(row.number, {n: c for n, c in row.cells.items() if n not in _OF_STUDIES}))
        if not study:
            continue
        own = studies.setdefault(study, {"study_id": study})
        numbers.setdefault(study, row.number)
        for name, cell in about.items():
            if own.setdefault(name, cell) != cell:
                text = f"{name} of {shown(study)} is {shown(own[name])} in an earlier row; that one is kept."
                remedy = "Make the rows of the study agree."
                problems.append(
                    Problem(
                        Code.CONFLICTING_STUDY,
                        text,
                        "one value a study",
                        remedy,
                        file,
                        sheet,
                        row.number,
                        name,
                        shown(cell),
                    )
                )
    for study, own in studies.items():
        match = _CITATION.fullmatch(study.strip())
        if match and not own.get("first_author") and own.get("year", match["year"]) == match["year"]:
            own.update(match.groupdict())
    return effects, [Row(numbers[study], own) for study, own in studies.items()]


def _sheet(rows: list[Row], table: str, file: str, sheet: str) -> RawSheet:
    """The rows as a sheet of text, which keeps the numbers that they have in their file."""
    names = list(dict.fromkeys(name for row in rows for name in row.cells))
    filled = [row for row in rows if any(row.cells.values())]
    lines = [names, *([row.cells.get(name, "") for name in names] for row in filled)]
    made = collect(lines, name=table, file=file, sheet=sheet)
    return replace(made, rows=np.array([row.number for row in filled], dtype=np.int64))
