"""The cells of the sheet as they were typed, with their places."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from metacircuit.sheets.files import read_text

if TYPE_CHECKING:
    from pathlib import Path


def read_cells(path: Path) -> dict[str, dict[str, str]]:
    """Read checked/printed.csv.

    Parameters
    ----------
    path : Path
        Written by the check stage: effect_id, file, sheet, row, then every column of the sheet.

    Returns
    -------
    dict of str to dict of str to str
        The cells of each effect by column, as text.
    """
    return {row["effect_id"]: row for row in csv.DictReader(io.StringIO(read_text(path), newline=""))}
