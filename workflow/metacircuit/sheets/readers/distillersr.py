"""DistillerSR report exports (CSV or workbook): a row a reference, user and form, the questions as columns."""

from __future__ import annotations

from dataclasses import replace

from metacircuit.sheets.problems import Code
from metacircuit.sheets.raw import UnreadableError
from metacircuit.sheets.readers.extract import Extract, Files, Row
from metacircuit.sheets.readers.extractors import prefer_consensus
from metacircuit.sheets.readers.tables import extract_table

#: Ours, and the bibliographic fields of a report; the questions are the review's own, and mapped in the config.
DEFAULTS: dict[str, tuple[str, ...]] = {
    "study_id": ("Study ID", "Refid", "RefID"),
    "extractor": ("User", "Reviewer"),
    "first_author": ("First Author", "Author"),
    "year": ("Year", "Pub Year"),
    "title": ("Title",),
    "journal": ("Journal",),
    "doi": ("DOI",),
}
_REFERENCE = ("Refid", "RefID")
_BIBLIOGRAPHY = ("First Author", "Author", "Year", "Pub Year", "Title", "Journal", "DOI", "Study ID")


def read(files: Files) -> Extract:
    """Read the report; bibliographic cells that stand only in the first row of a reference hold for all of them."""
    found = extract_table(files, DEFAULTS)
    reference = next((name for name in _REFERENCE if name in found.effects[0].cells), None)
    if reference is None:
        raise UnreadableError(
            Code.UNREADABLE_FILE,
            "The file is no DistillerSR report: it has no column Refid.",
            "a report of the extraction forms as CSV or workbook",
            "Correct `format` in the config.",
        )
    rows = _filled_down(found.effects, reference)
    person = "User" if "User" in rows[0].cells else "Reviewer"
    return replace(found, effects=prefer_consensus(rows, reference, person))


def _filled_down(rows: tuple[Row, ...], reference: str) -> list[Row]:
    """A reference's rows stand together; one without a number belongs to the reference above it."""
    known: dict[str, dict[str, str]] = {}
    made, last = [], ""
    for row in rows:
        last = row.cells[reference] or last
        own = known.setdefault(last, {})
        for name in _BIBLIOGRAPHY:
            if row.cells.get(name):
                own.setdefault(name, row.cells[name])
        blank = {name: cell for name, cell in own.items() if not row.cells.get(name)}
        made.append(Row(row.number, {**row.cells, **blank, reference: last}))
    return made
