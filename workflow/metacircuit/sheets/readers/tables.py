"""Any wide table: one row an effect, with metafor's columns or whatever the config maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.sheets.readers.extract import Extract, Files
from metacircuit.sheets.readers.grid import read_grid
from metacircuit.sheets.readers.metafor import DEFAULTS

if TYPE_CHECKING:
    from collections.abc import Mapping

_STUDY = {"study_id": ("study_id", "study", "Study", "slab", "trial", "author", "Study ID")}


def read(files: Files) -> Extract:
    """Read CSV, TSV, XLSX, ODS or Parquet; columns with metafor's names are known."""
    return extract_table(files, {**_STUDY, **DEFAULTS})


def extract_table(files: Files, defaults: Mapping[str, tuple[str, ...]]) -> Extract:
    """The rows of a table, and what its columns usually are."""
    grid = read_grid(files.data, file=files.name, sheet=files.spec.sheet, delimiter=files.spec.delimiter)
    return Extract(
        effects=grid.rows, defaults=defaults, problems=grid.problems, sheet=grid.sheet, delimiter=grid.delimiter
    )
