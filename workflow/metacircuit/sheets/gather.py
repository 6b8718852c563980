"""All that a review reads: its source, if the config names one, and the sheets in its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.sheets.find import find_sheets
from metacircuit.sheets.read import read_files, second_sheet

if TYPE_CHECKING:
    from pathlib import Path

    from metacircuit.config.source import Source
    from metacircuit.sheets.problems import Problem
    from metacircuit.sheets.raw import RawSheet
    from metacircuit.sheets.readers.extract import Focus


def gather(
    folder: Path, source: Source | None, project: Path
) -> tuple[dict[str, RawSheet], list[Problem], tuple[Focus, ...]]:
    """Read the source and the sheets of a review.

    Effects come from the source if it has any; a sheet of studies or of published results in the folder wins over the
    source, for somebody wrote it on purpose.

    Parameters
    ----------
    folder : Path
        The review's data folder.
    source : Source or None
        The section of the config.
    project : Path
        The folder that the source's file is relative to.

    Returns
    -------
    sheets : dict of str to RawSheet
        By table.
    problems : list of Problem
    foci : tuple of Focus
    """
    if source is None:
        return *read_files(find_sheets(folder)), ()
    from metacircuit.sheets.readers import read_source  # noqa: PLC0415 - most reviews have sheets of our own shape

    taken = read_source(source, project)
    sources = {(project / path).resolve() for path in source.files}
    raw, problems = read_files([path for path in find_sheets(folder) if path.resolve() not in sources])
    if "effects" in raw and "effects" in taken.sheets:
        problems.append(second_sheet(raw.pop("effects"), taken.sheets["effects"]))
    return {**taken.sheets, **raw}, [*taken.problems, *problems], taken.foci
