"""Which files of a review's folder are its sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SHEET_NAMES = ("effects", "studies", "published")
SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")


def find_sheets(folder: Path) -> list[Path]:
    """List the sheets in a folder: effects, studies and published as text files, and every workbook.

    Parameters
    ----------
    folder : Path
        The review's data folder.

    Returns
    -------
    list of Path
        Sorted; empty if the folder does not exist.
    """
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES
        and not path.name.startswith(("~$", "."))
        and (path.suffix.lower().startswith(".xls") or path.stem.lower() in SHEET_NAMES)
    )
