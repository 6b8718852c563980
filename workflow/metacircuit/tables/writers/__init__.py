"""One table, five formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.tables.writers.as_csv import as_csv
from metacircuit.tables.writers.as_docx import as_docx
from metacircuit.tables.writers.as_html import as_html
from metacircuit.tables.writers.as_latex import as_latex
from metacircuit.tables.writers.as_xlsx import as_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from metacircuit.tables.table import Table

#: Writers by the ending of their files: a table in, the bytes of a file out; the same table gives the same bytes.
WRITERS: Mapping[str, Callable[[Table], bytes]] = {
    "csv": as_csv,
    "xlsx": as_xlsx,
    "docx": as_docx,
    "tex": as_latex,
    "html": as_html,
}
