"""The written parts of a manuscript: one text a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.report.manuscript.bibliography import study_entries, study_keys, study_line
from metacircuit.report.manuscript.methods import methods
from metacircuit.report.manuscript.numbers import as_json, as_tex, collect
from metacircuit.report.manuscript.results import results
from metacircuit.report.manuscript.tables import as_markdown, tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metacircuit.config import SentencesSlice
    from metacircuit.report.manuscript.sources import Quoted


def written_parts(spec: SentencesSlice, sources: Quoted, versions: Mapping[str, str]) -> dict[str, str]:
    """Write every part of the manuscript that follows from the results.

    Parameters
    ----------
    spec : SentencesSlice
        The analyses and their settings.
    sources : Quoted
        The result tables.
    versions : mapping of str to str
        Versions of metacircuit, python and the libraries.

    Returns
    -------
    dict of str to str
        File name: its text.
    """
    numbers = collect(spec, sources)
    keys = study_keys(sources.studies["study_id"])
    analysed = sources.rows.loc[sources.rows["fate"] == "analysed", "study_id"]
    included = sources.studies[sources.studies["study_id"].isin(analysed)].sort_values("study_id")
    lines = sorted(study_line(row, keys[row["study_id"]]) for row in included.to_dict("records"))
    return {
        "numbers.json": as_json(numbers),
        "numbers.tex": as_tex(numbers),
        "methods.md": methods(spec, sources, versions),
        "results.md": results(spec, sources),
        "tables.md": as_markdown(tables(spec, sources)),
        "studies.md": "\n\n".join(lines) + "\n",
        "studies.bib": study_entries(included, keys),
    }
