"""Small sheets beside the evidence: risk of bias, overrides, answers to a checklist; and the tools that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.config.errors import UserError
from metacircuit.sheets.files import read_text
from metacircuit.sheets.read import read_sheets

if TYPE_CHECKING:
    from pathlib import Path


def read_small_sheet(path: Path) -> pd.DataFrame | None:
    """Read a small sheet as text, in any encoding and with any delimiter that the evidence may have.

    Parameters
    ----------
    path : Path
        CSV, TSV or XLSX (its first sheet).

    Returns
    -------
    DataFrame or None
        Its index is the row in the file; None if there is no such file.

    Raises
    ------
    UserError
        If the file cannot be read as a table.
    """
    if not path.is_file():
        return None
    try:
        sheets, _ = read_sheets(path.read_bytes(), file=path.name, name=path.stem)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from None
    except UserError as error:
        raise UserError(*(f"{path.name}: {message}" for message in error.messages)) from None
    if not sheets:
        raise UserError(f"{path.name}: there is no sheet in it.")
    cells = sheets[0].cells.astype(object)
    cells.index = pd.Index([int(row) for row in sheets[0].rows], name="row")
    return cells


def read_tool_texts(folder: Path) -> dict[str, str]:
    """The text of every YAML file in a folder, by file name; none without a folder."""
    if not folder.is_dir():
        return {}
    return {path.name: read_text(path) for path in sorted(folder.iterdir()) if path.suffix in (".yaml", ".yml")}
