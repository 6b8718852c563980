"""Read and check a review's sheets: everything that is wrong with them, at once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.sheets.columns import STANDARD
from metacircuit.sheets.gather import gather
from metacircuit.sheets.headers import check_headers
from metacircuit.sheets.intervals import check_intervals
from metacircuit.sheets.links import check_study_ids, unused_studies
from metacircuit.sheets.plausibility import G_MAX, check_effects
from metacircuit.sheets.privacy import refuse_persons
from metacircuit.sheets.problems import ERROR, LISTED_PER_RULE, WARNING, Code, Hits, Problem, Say, to_frame
from metacircuit.sheets.raw import ROW, ROW_PROBLEM
from metacircuit.sheets.readers.foci import place_foci, unplaced
from metacircuit.sheets.schema import check_schema
from metacircuit.sheets.table import Table, understand

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from metacircuit.config.source import Source
    from metacircuit.sheets.raw import RawSheet

#: Errors that stay errors in excluded rows: they are about which row it is, not about what it says.
_IDENTITY = {Code.MISSING_ID, Code.DUPLICATE_ID, Code.UNKNOWN_STUDY, Code.RAGGED_ROW}


@dataclass(frozen=True, slots=True)
class Sheets:
    """A review's sheets, typed, and all that is wrong with them.

    Attributes
    ----------
    effects : DataFrame
        Every row that was read. Columns of the standard in its order (all of them, empty where the sheet has none),
        then the user's own, then `row` (row number in the sheet) and `row_problem` (slugs of the row's errors, joined
        by semicolons). Numbers are float64, text is "" where empty.
    studies : DataFrame
        Likewise; made of the effects' study ids where there is no such sheet.
    published : DataFrame or None
    printed : DataFrame
        The effects' cells as typed (categorical), row by row as in `effects`; only columns that the sheet has.
    problems : DataFrame
        The table problems.csv.
    rows_read : int
        Rows of effects in the file.
    sources : mapping of str to (str, str)
        File and workbook sheet of each table.
    coordinates : DataFrame
        Every focus of a source with coordinates, with its region and circuit where the vocabulary has it.
    """

    effects: pd.DataFrame
    studies: pd.DataFrame
    published: pd.DataFrame | None
    printed: pd.DataFrame
    problems: pd.DataFrame
    rows_read: int
    sources: Mapping[str, tuple[str, str]]
    coordinates: pd.DataFrame = field(default_factory=lambda: place_foci((), None))

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return not (self.problems["severity"] == ERROR).any()


def load_review(
    folder: Path,
    *,
    vocabularies: Mapping[str, pd.DataFrame],
    g_max: float = G_MAX,
    source: Source | None = None,
    project: Path | None = None,
) -> Sheets:
    """Read the sheets of a review and check them.

    Parameters
    ----------
    folder : Path
        Holds effects, studies and published as CSV or TSV, or a workbook with sheets of these names.
    vocabularies : mapping of str to DataFrame
        Column name to its words (`id`, `label`, perhaps `synonyms` separated by |).
    g_max : float
        Standardised mean differences beyond this are reported as implausible.
    source : Source, optional
        A file of another tool that the effects (and studies, if there is no such sheet) are read from.
    project : Path, optional
        The folder that the source's file is relative to; default: the current one.

    Returns
    -------
    Sheets
        Always: whatever is wrong with a file is in `problems`.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "effects.csv").write_text("effect_id,study_id,r,n_total\\na.1,a,0.3,50\\na.2,a,1.3,50\\n")
    >>> sheets = load_review(folder, vocabularies={})
    >>> errors = sheets.problems[sheets.problems["severity"] == "error"]
    >>> errors[["code", "row", "column", "value"]].to_numpy().tolist()
    [['r-outside', 3, 'r', '1.3']]
    """
    raw, problems, foci = gather(folder, source, project or Path())
    refused = {name: found for name, sheet in raw.items() if (found := refuse_persons(sheet))}
    tables = {name: understand(sheet, vocabularies) for name, sheet in raw.items() if name not in refused}
    if "effects" not in raw and not any(p.severity == ERROR for p in problems):
        problems.append(_no_effects(folder))
    for found in refused.values():
        problems += found
    hits = {name: [*table.hits, *_check(name, table, g_max)] for name, table in tables.items()}
    if "effects" in tables:
        hits["effects"] += check_study_ids(tables["effects"], tables.get("studies"))
    for name, table in tables.items():
        hits[name] = list(_demote(table, hits[name]))
        problems += [*_of_sheet(table.raw, vocabularies), *(p for h in hits[name] for p in _listed(table, h))]
    if {"effects", "studies"} <= set(tables):
        problems += unused_studies(tables["effects"], tables["studies"])
    coordinates = place_foci(foci, vocabularies.get("region"))
    problems += unplaced(coordinates, vocabularies.get("region"))
    return replace(_sheets(raw, tables, hits, problems), coordinates=coordinates)


def _check(name: str, table: Table, g_max: float) -> list[Hits]:
    found = [*check_schema(table), Hits(Code.RAGGED_ROW, "", table.raw.long, _too_long(table))]
    with np.errstate(all="ignore"):  # missing and impossible numbers give NaN, which agrees with everything
        if name == "effects":
            found += check_effects(table, g_max=g_max)
        elif name == "published":
            found += [replace(h, severity=WARNING) for h in check_intervals(table)]
    return [h for h in found if len(h.where)]


def _too_long(table: Table) -> Say:
    width = len(table.raw.headers)
    remedy = "Look for a delimiter inside a text that is not quoted: the cells after it have moved to the right."
    return lambda _: ("The row has more cells than the header.", f"{width} cells", remedy)


def _no_effects(folder: Path) -> Problem:
    text = f"There is no sheet of effects in {folder.name}."
    return Problem(
        Code.MISSING_SHEET,
        text,
        "effects.csv, effects.tsv, or a workbook with a sheet effects",
        "Put it there, or correct data in the config.",
        file=folder.name,
    )


def _demote(table: Table, hits: Iterable[Hits]) -> Iterator[Hits]:
    """Make errors in excluded rows warnings: impossible numbers may be the very reason of the exclusion."""
    excluded = table.says("include", "no") if "include" in table.frame else np.zeros(len(table.frame), dtype=bool)
    for h in hits:
        aside = excluded[h.where]
        if (h.severity or h.code.severity) != ERROR or h.code in _IDENTITY or not aside.any():
            yield h
            continue
        if not aside.all():
            yield replace(h, where=h.where[~aside])
        yield replace(h, where=h.where[aside], severity=WARNING)


def _of_sheet(sheet: RawSheet, coded: Mapping[str, pd.DataFrame]) -> list[Problem]:
    return [*sheet.problems, *check_headers(sheet, coded)]


def _listed(table: Table, hits: Hits) -> Iterator[Problem]:
    """The problems of a rule, one a cell, up to a number that a person can still read."""
    raw = table.raw
    for i in hits.where[:LISTED_PER_RULE]:
        problem, allowed, remedy = hits.say(int(i))
        value = table.text(hits.column, int(i)) if hits.column else ""
        yield raw.problem(
            hits.code,
            problem,
            allowed,
            remedy,
            row=int(raw.rows[i]),
            column=hits.column,
            value=value,
            severity=hits.severity,
        )
    more = len(hits.where) - LISTED_PER_RULE
    if more > 0:
        text = f"{more} further rows have the same problem."
        yield raw.problem(
            hits.code,
            text,
            "",
            "Look for one cause, such as a column in the wrong place.",
            column=hits.column,
            severity=hits.severity,
        )


def _sheets(
    raw: Mapping[str, RawSheet], tables: Mapping[str, Table], hits: Mapping[str, list[Hits]], problems: list[Problem]
) -> Sheets:
    frames = {name: _with_rows(table, hits[name]) for name, table in tables.items()}
    effects = frames.get("effects", _nothing("effects"))
    studies = frames.get("studies")
    if studies is None:
        studies = _nothing("studies").reindex(range(effects["study_id"].nunique()))
        studies["study_id"] = sorted(effects["study_id"].unique())
        studies = studies.fillna({c.name: "" for c in STANDARD["studies"] if not c.numeric})
    return Sheets(
        effects=effects,
        studies=studies,
        published=frames.get("published"),
        printed=tables["effects"].raw.cells if "effects" in tables else pd.DataFrame(),
        problems=to_frame(problems),
        rows_read=len(raw["effects"].rows) if "effects" in raw else 0,
        sources={name: (sheet.file, sheet.sheet) for name, sheet in raw.items()},
    )


def _with_rows(table: Table, hits: Iterable[Hits]) -> pd.DataFrame:
    slugs: dict[int, list[str]] = defaultdict(list)
    for h in hits:
        if (h.severity or h.code.severity) == ERROR:
            for i in h.where:
                if h.code.slug not in slugs[int(i)]:
                    slugs[int(i)].append(h.code.slug)
    marks = np.full(len(table.frame), "", dtype=object)
    for i, found in slugs.items():
        marks[i] = ";".join(sorted(found))
    return table.frame.assign(**{ROW: table.raw.rows, ROW_PROBLEM: marks})


def _nothing(name: str) -> pd.DataFrame:
    columns = {c.name: pd.Series(dtype=float if c.numeric else object) for c in STANDARD[name]}
    return pd.DataFrame(columns).assign(**{ROW: pd.Series(dtype=int), ROW_PROBLEM: pd.Series(dtype=object)})
