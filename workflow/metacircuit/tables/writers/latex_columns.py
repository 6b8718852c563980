"""Column types and headings of a LaTeX table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from metacircuit.tables.widths import text_width
from metacircuit.tables.writers.latex_text import escape
from metacircuit.wording import MINUS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from metacircuit.tables.table import Cell, Column, Table

_PLAIN = re.compile(rf"^{MINUS}?[\d,]+(\.\d+)?%?$")


def siunitx_number(text: str) -> str | None:
    r"""A printed number as siunitx reads it, without a percent sign; None for what is no plain number.

    >>> siunitx_number("−1,234.50"), siunitx_number("37.3%"), siunitx_number("3.2e9")
    ('-1234.50', '37.3', None)
    """
    return text.replace(MINUS, "-").replace(",", "").rstrip("%") if _PLAIN.match(text) else None


def column_types(
    table: Table, shares: Sequence[float], wanted: Sequence[float], widths: Sequence[float]
) -> Iterator[str]:
    r"""The types of the shown columns: l, r, c, p{...} for texts that break, S[...] for aligned numbers."""
    for place, i in enumerate(table.shown):
        column, cells = table.columns[i], [row.cells[i] for row in table.rows]
        if column.kind == "text" and widths[place] < wanted[place]:
            side = r"\centering" if column.alignment == "center" else r"\raggedright"
            hang = "" if place else r"\hangindent=1.5em\hangafter=1"
            yield rf"{_room(table, place)}>{{{side}\arraybackslash{hang}}}p{{{shares[place]:.3f}\linewidth}}"
        elif is_siunitx(column) and (form := _format(cells)):
            yield f"S[{form}]"
        else:
            yield _room(table, place) + {"left": "l", "center": "c"}.get(column.alignment, "r")


def _room(table: Table, place: int) -> str:
    """More space where a text follows numbers: both would stand at the same edge."""
    kinds = [table.columns[i].kind for i in table.shown]
    return r"!{\hspace{6pt}}" if place and kinds[place] == "text" != kinds[place - 1] else ""


def is_siunitx(column: Column) -> bool:
    """Whether siunitx aligns a column; p-values all have three decimals and need only stand to the right."""
    return column.alignment == "decimal" and column.kind != "p"


def _format(cells: Sequence[Cell]) -> str:
    numbers = [n for cell in cells if cell.numeric and (n := siunitx_number(cell.text)) is not None]
    if not numbers:
        return ""
    whole = max(len(n.lstrip("-").partition(".")[0]) for n in numbers)
    decimals = max(len(n.partition(".")[2]) for n in numbers)
    sign = "-" if any(n.startswith("-") for n in numbers) else ""
    form = f"table-format={sign}{whole}" + (f".{decimals}" if decimals else "")
    form += ",group-digits=integer,group-minimum-digits=4,group-separator={,}"
    percent = r"\%" if any(cell.text.endswith("%") for cell in cells) else ""
    marks = max((",".join(cell.marks) for cell in cells), key=len)
    behind = percent + (rf"\textsuperscript{{{escape(marks)}}}" if marks else "")
    return form + (f",table-space-text-post={{{behind}}}" if behind else "")


def wrapped_heading(column: Column, width: float) -> str:
    """A heading, in lines not wider than the column's numbers where words allow it."""
    style = r"\textit{%s}" if column.italic else "%s"
    if column.kind == "text":
        return style % escape(column.heading)
    lines: list[str] = []
    for word in column.heading.split(" "):
        if lines and text_width(f"{lines[-1]} {word}") <= max(width, 8):
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    shown = r"\\".join(style % escape(line) for line in lines)
    if len(lines) > 1:
        shown = rf"\begin{{tabular}}[b]{{@{{}}r@{{}}}}{shown}\end{{tabular}}"
    return rf"\multicolumn{{1}}{{r}}{{{shown}}}"
