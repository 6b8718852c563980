"""Covidence extraction exports (CSV): a row a study and reviewer, the labels of the template as columns."""

from __future__ import annotations

from dataclasses import replace

from metacircuit.sheets.problems import Code
from metacircuit.sheets.raw import UnreadableError
from metacircuit.sheets.readers.extract import Extract, Files
from metacircuit.sheets.readers.extractors import prefer_consensus
from metacircuit.sheets.readers.tables import extract_table

#: Fields that every export has; the rest is named by the review's own template, and mapped in the config.
DEFAULTS: dict[str, tuple[str, ...]] = {
    "study_id": ("Study ID",),
    "extractor": ("Reviewer Name",),
    "title": ("Title",),
    "doi": ("DOI",),
    "country": ("Country in which the study conducted", "Country"),
    "year": ("Year of publication", "Published Year", "Year"),
}
_MARK = "Covidence #"


def read(files: Files) -> Extract:
    """Read the export; where a study has a consensus, the reviewers' own rows are kept as excluded ones."""
    found = extract_table(files, DEFAULTS)
    header = found.effects[0].cells
    missing = [name for name in (_MARK, "Study ID") if name not in header]
    if missing:
        problem = f"The file is no Covidence extraction export: it has no column {', '.join(missing)}."
        raise UnreadableError(
            Code.UNREADABLE_FILE, problem, "an export of the extracted data as CSV", "Correct `format` in the config."
        )
    return replace(found, effects=prefer_consensus(found.effects, "Study ID", "Reviewer Name"))
