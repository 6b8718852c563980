"""A table as an Excel workbook: real numbers that look as they are printed, text that can never be computed."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from metacircuit.tables.clean import looks_like_formula
from metacircuit.tables.decimals import lacks
from metacircuit.tables.layout import spanners
from metacircuit.tables.table import NAME_OF_NOTES, Column
from metacircuit.tables.widths import is_wide, text_width, wanted
from metacircuit.tables.writers.as_csv import notes_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from metacircuit.tables.decimals import Tail
    from metacircuit.tables.table import Table

# A workbook says when it was made; this one is made of its inputs alone.
_MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}
_FONT = {"font_name": "Arial", "font_size": 10, "valign": "top"}
_LONGEST_TEXT = 32_767
_WIDEST, _WIDEST_GROUP = 45.0, 70.0
_UPRIGHT, _GAP = 95.0, 2.0
_LINE, _MOST_LINES = 13.0, 30  # points; Excel shows rows up to 409 of them

Look = dict[str, Any]


def as_xlsx(table: Table) -> bytes:
    """Write a table as a workbook of one sheet, to sort, filter and compute with.

    A row of the sheet is a row of the table; group words stand in columns of their own. Numbers are numbers, whose
    format shows the printed digits aligned at the decimal point. Texts are strings, with Excel's own mark of text
    where they begin with = + - or @. The header stays in view and is repeated on printed pages.

    Parameters
    ----------
    table : Table

    Returns
    -------
    bytes
    """
    from xlsxwriter import Workbook  # noqa: PLC0415 - only who writes a workbook loads the library

    file = io.BytesIO()
    book = Workbook(file, _OPTIONS)
    book.set_properties({"title": table.title, "created": _MADE})
    made: dict[tuple, Format] = {}

    def look(**wanted_look: object) -> Format:
        full = _FONT | wanted_look
        return made.setdefault(tuple(sorted(full.items())), book.add_format(full))

    sheet = book.add_worksheet(_sheet_name(table.name))
    meaning = {footnote.mark: footnote.text for footnote in table.footnotes}
    noted = [notes_of(row, meaning) for row in table.rows]
    columns = [*table.groups, *(table.columns[i] for i in table.shown)]
    if any(noted):
        columns.append(Column(NAME_OF_NOTES, "Note"))
    first = _header(sheet, table, columns, look)
    widths = _widths(table, columns, noted)
    _body(sheet, table, first, noted if any(noted) else None, look)
    _heights(sheet, table, first, noted, widths)
    _foot(sheet, table, first + len(table.rows) + 1, widths, look)
    _page(sheet, table, first, widths)
    book.close()
    return file.getvalue()


def _header(sheet: Worksheet, table: Table, columns: list[Column], look: Callable[..., Format]) -> int:
    """Title, spanners and headings; returns the first row of the body."""
    sheet.write_string(0, 0, table.title, look(bold=True, font_size=12, **_quoted(table.title)))
    above = any(column.spanner for column in columns)
    if above:
        place = len(table.groups)
        for at in range(len(columns)):
            sheet.write_blank(1, at, None, look(top=2))
        for spanner, width in spanners(table):
            if spanner:
                style = look(bold=True, align="center", top=2, bottom=1, **_quoted(spanner))
                if width > 1:
                    sheet.merge_range(1, place, 1, place + width - 1, "", style)
                sheet.write_string(1, place, spanner, style)
            place += width
    row = 2 if above else 1
    for at, column in enumerate(columns):
        side = {"align": "left", "indent": 1} if column.kind == "text" else {"align": "right"}
        style = look(
            bold=True,
            italic=column.italic,
            **side,
            text_wrap=True,
            valign="bottom",
            bottom=1,
            top=0 if above else 2,
            **_quoted(column.heading),
        )
        sheet.write_string(row, at, column.heading, style)
    sheet.autofilter(row, 0, row + max(len(table.rows), 1), len(columns) - 1)
    sheet.repeat_rows(1, row)
    return row + 1


def _body(sheet: Worksheet, table: Table, first: int, noted: list[str] | None, look: Callable[..., Format]) -> None:
    missing, n_groups = lacks(table), len(table.groups)
    for r, row in enumerate(table.rows):
        last = {"bottom": 2} if r == len(table.rows) - 1 else {}
        styled = partial(look, bold=row.strong, **last)
        for at, word in enumerate(row.groups):
            _words(sheet, first + r, at, word, styled)
        for at, i in enumerate(table.shown, n_groups):
            cell = row.cells[i]
            if cell.numeric:
                pattern = padded(cell.number_format, missing.get((r, i)))
                sheet.write_number(first + r, at, cell.value, styled(num_format=pattern, align="right"))
            elif isinstance(cell.value, str) or (cell.text and table.columns[i].kind == "text"):
                _words(sheet, first + r, at, cell.text, styled)
            elif cell.text in ("∞", "−∞"):
                sheet.write_string(first + r, at, cell.text, styled(align="right"))
            else:
                sheet.write_blank(first + r, at, None, styled())
        if noted is not None:
            _words(sheet, first + r, n_groups + table.width, noted[r], styled)


def _words(sheet: Worksheet, row: int, at: int, text: str, look: Callable[..., Format]) -> None:
    """A string as a string, as long as Excel allows."""
    if not text:
        sheet.write_blank(row, at, None, look())
        return
    if len(text) > _LONGEST_TEXT:
        text = text[: _LONGEST_TEXT - 1] + "…"
    sheet.write_string(row, at, text, look(text_wrap=True, align="left", indent=1, **_quoted(text)))


def _quoted(text: str) -> Look:
    """Excel's own mark of text, where it would compute the cell as soon as somebody edits it."""
    return {"quote_prefix": True} if looks_like_formula(text) else {}


def _foot(sheet: Worksheet, table: Table, row: int, widths: list[float], look: Callable[..., Format]) -> None:
    """The note, across the columns; what the marks of footnotes mean stands in the rows themselves."""
    if not table.note:
        return
    note, style = f"Note. {table.note}", look(italic=True, font_size=9, text_wrap=True, align="left")
    lines = _lines(note, sum(widths))
    sheet.set_row(row, min(_LINE * lines, _LINE * _MOST_LINES))
    if len(widths) > 1:
        sheet.merge_range(row, 0, row, len(widths) - 1, "", style)
    sheet.write_string(row, 0, note, style)


def _widths(table: Table, columns: list[Column], noted: list[str]) -> list[float]:
    """Width of every column: its longest cell, up to a width at which lines break."""
    groups = [max((text_width(row.groups[g]) for row in table.rows), default=1) for g in range(len(table.groups))]
    notes = [max(map(text_width, noted), default=1)] if len(columns) > len(groups) + table.width else []
    cells = [min(width, _WIDEST) for width in wanted(table)]
    own = [*(min(width, _WIDEST_GROUP) for width in groups), *cells, *(min(width, _WIDEST) for width in notes)]
    # The arrow of the filter covers the end of a heading.
    heads = [max(map(text_width, column.heading.split(" "))) + 2 for column in columns]
    return [max(width, head) + 2.5 for width, head in zip(own, heads, strict=True)]


def _heights(sheet: Worksheet, table: Table, first: int, noted: list[str], widths: list[float]) -> None:
    """Room for every line of a row: not every program makes it by itself."""
    for r, row in enumerate(table.rows):
        texts = [*row.groups, *(row.cells[i].text for i in table.shown), noted[r]]
        lines = max(_lines(text, width) for text, width in zip(texts, widths, strict=False))
        if lines > 1:
            sheet.set_row(first + r, _LINE * min(lines, _MOST_LINES))


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column, broken between words."""
    lines, used = 1, 0.0
    for word in text.split(" "):
        needed = text_width(word)
        if used and used + 1 + needed > width:
            lines, used = lines + 1, 0.0
        used += needed + (1 if used else 0)
        lines, used = lines + int(used // (width + 1)), used % (width + 1)
    return lines


def _page(sheet: Worksheet, table: Table, first: int, widths: list[float]) -> None:
    """Column widths, what stays in view, and how the sheet is printed."""
    names = len(table.groups) + 1
    # Columns that fill the screen and stay in view would leave no room for the others.
    sheet.freeze_panes(first, names if sum(widths[:names]) < _WIDEST_GROUP else 0)
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    if is_wide(table, _UPRIGHT, _GAP):
        sheet.set_landscape()
    sheet.set_margins(0.5, 0.5, 0.6, 0.6)
    sheet.set_footer("&CPage &P of &N")


def padded(number_format: str, lack: Tail | None) -> str:
    """A number format with room behind the number, so that points stand below each other.

    >>> from metacircuit.tables.decimals import Tail
    >>> padded("0.0;0.0", Tail(digits=1))
    '0.0_0;0.0_0'
    """
    if lack is None:
        return number_format
    room = "_." * lack.point + "_0" * lack.digits + "_%" * lack.percent
    return ";".join(section + room for section in number_format.split(";"))


def _sheet_name(name: str) -> str:
    """A name that Excel allows: no []:*?/\\ and at most 31 letters."""
    return re.sub(r"[\[\]:*?/\\']", " ", name)[:31] or "table"
