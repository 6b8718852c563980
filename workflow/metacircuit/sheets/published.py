"""The sheet of published estimates by itself, for the stage that compares with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.sheets.find import find_sheets
from metacircuit.sheets.read import read_files
from metacircuit.sheets.table import understand

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd


def read_published(folder: Path, vocabularies: Mapping[str, pd.DataFrame]) -> pd.DataFrame | None:
    """Read the published estimates of a review.

    Parameters
    ----------
    folder : Path
        The review's data folder.
    vocabularies : mapping of str to DataFrame
        Words of the coded columns.

    Returns
    -------
    DataFrame or None
        With the columns of the standard, numbers as float64; None where there is no such sheet. Its problems are in
        problems.csv.
    """
    raw, _ = read_files(find_sheets(folder))
    return understand(raw["published"], vocabularies).frame if "published" in raw else None
