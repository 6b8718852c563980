"""The cells of a row of a LaTeX table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.tables.layout import message_place
from metacircuit.tables.widths import text_width
from metacircuit.tables.writers.latex_columns import is_siunitx, siunitx_number
from metacircuit.tables.writers.latex_text import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metacircuit.tables.table import Cell, Column, Row, Table

# An em of the font holds about two letters.
_EM = 0.5


def cells_of(table: Table, row: Row, widths: tuple[float, ...]) -> Iterator[str]:
    """The shown cells of a row, a message in the place of those it stands for."""
    place = message_place(table, row)
    for at, i in enumerate(table.shown):
        if place and place[0] <= at <= place[1]:
            if at == place[0]:
                yield _message(row.message, place[1] - at + 1, sum(widths[at : place[1] + 1]))
            continue
        indent = r"\hspace{1em}" if at == 0 and any(row.groups) else ""
        yield indent + _cell(row.cells[i], table.columns[i], strong=row.strong)


def _message(text: str, columns: int, width: float) -> str:
    column = "c" if text_width(text) <= width else rf">{{\centering\arraybackslash}}p{{{width * _EM:.1f}em}}"
    return rf"\multicolumn{{{columns}}}{{{column}}}{{\textit{{{escape(text)}}}}}"


def _cell(cell: Cell, column: Column, *, strong: bool) -> str:
    mark = rf"\textsuperscript{{{escape(','.join(cell.marks))}}}" if cell.marks else ""
    if is_siunitx(column):
        number = siunitx_number(cell.text) if cell.numeric else None
        if number is not None:
            behind = (r"\%" if cell.text.endswith("%") else "") + mark
            return number + (f"{{{behind}}}" if behind else "")
        return f"{{{escape(cell.text)}{mark}}}" if cell.text else ""
    shown = escape(cell.text)
    return (rf"\textbf{{{shown}}}" if strong and shown and column.kind == "text" else shown) + mark
