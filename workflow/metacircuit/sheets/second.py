"""The sheet of a second extractor: effects of the same studies, often without our ids and with fewer columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.config.errors import UserError
from metacircuit.sheets.columns import canonical
from metacircuit.sheets.headers import check_headers
from metacircuit.sheets.privacy import refuse_persons
from metacircuit.sheets.problems import LISTED_PER_RULE, Code, to_frame
from metacircuit.sheets.raw import ROW
from metacircuit.sheets.read import bytes_of, read_sheets
from metacircuit.sheets.schema import check_schema
from metacircuit.sheets.table import understand
from metacircuit.sheets.text import cut, decode, find_delimiter
from metacircuit.sheets.workbook import is_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from metacircuit.sheets.problems import Problem
    from metacircuit.sheets.raw import RawSheet
    from metacircuit.sheets.table import Table
    from metacircuit.sheets.words import Words

# Its rows are paired with ours, so they need no id of their own.
_NOT_NEEDED = {Code.MISSING_ID, Code.MISSING_COLUMN, Code.DUPLICATE_ID}


@dataclass(frozen=True, slots=True)
class Second:
    """The typed rows (with `row`, where they stand), the columns that the file has, its words, and what is wrong."""

    effects: pd.DataFrame
    columns: tuple[str, ...]
    words: Mapping[str, Words]
    problems: pd.DataFrame


def read_second(path: Path, vocabularies: Mapping[str, pd.DataFrame]) -> Second:
    """Read the sheet of a second extractor: CSV, TSV or a workbook with a sheet effects.

    Parameters
    ----------
    path : Path
        Needs a column study_id or effect_id, and one to compare.
    vocabularies : mapping of str to DataFrame
        As for the first sheet.

    Returns
    -------
    Second

    Raises
    ------
    UserError
        If the file cannot be read, has no sheet of effects, names persons, or has nothing to pair its rows by.
    """
    raw = _effects(path)
    persons = refuse_persons(raw)
    if persons:
        raise UserError(*(f"{path.name}: {problem.problem} {problem.remedy}" for problem in persons))
    names = tuple(raw.cells.columns)
    if not {"study_id", "effect_id"} & set(names):
        raise UserError(
            f"{path.name} has neither study_id nor effect_id, so its rows cannot be paired. Its columns:"
            f" {', '.join(names)}. Add study_id, and effect_id where you know it."
        )
    table = understand(raw, vocabularies)
    problems = [p for p in (*raw.problems, *check_headers(raw, vocabularies)) if p.code not in _NOT_NEEDED]
    return Second(
        effects=table.frame.assign(**{ROW: raw.rows}),
        columns=(*names, *(["p_op"] if "p" in names and "p_op" not in names else [])),
        words=table.words,
        problems=to_frame([*problems, *_listed(table)]),
    )


def read_lines(path: Path) -> list[list[str]]:
    """Read the rows of a text file with any delimiter, header first; a workbook is a `UserError`."""
    data = bytes_of(path)
    if is_workbook(data):
        raise UserError(f"{path.name} is a workbook. Save it as CSV, and give that.")
    text = decode(data)[0]
    return list(cut(text, find_delimiter(text)))


def read_worklist(path: Path) -> pd.DataFrame:
    """Read a worklist as text. Its header is its first row: initials such as HR below it are no column's name."""
    lines = read_lines(path)
    if not lines:
        return pd.DataFrame()
    header = [canonical(name) for name in lines[0]]
    body = [[*line, *[""] * len(header)][: len(header)] for line in lines[1:]]
    frame = pd.DataFrame(body, columns=header, dtype=object)
    return frame.loc[:, ~frame.columns.duplicated()]


def _effects(path: Path) -> RawSheet:
    sheets, _ = read_sheets(bytes_of(path), file=path.name, name="effects")
    for sheet in sheets:
        if sheet.name == "effects":
            return sheet
    raise UserError(f"{path.name} has no sheet effects. Name the sheet so, or save it as CSV.")


def _listed(table: Table) -> Iterator[Problem]:
    for hits in (*table.hits, *check_schema(table)):
        if hits.code in _NOT_NEEDED:
            continue
        for i in hits.where[:LISTED_PER_RULE]:
            value = table.text(hits.column, int(i)) if hits.column else ""
            where = {"row": int(table.raw.rows[i]), "column": hits.column, "value": value, "severity": hits.severity}
            yield table.raw.problem(hits.code, *hits.say(int(i)), **where)
