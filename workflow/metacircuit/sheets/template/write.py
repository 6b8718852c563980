"""Templates as files: CSV text, and a workbook that explains its columns and offers its words."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import TYPE_CHECKING

from metacircuit.sheets.columns import COLUMNS_SHEET, EFFECTS, STUDIES, WORDS_SHEET

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from metacircuit.sheets.kinds import Column
    from metacircuit.sheets.template.layout import Layout

#: Rows that have drop-downs; sheets may be longer.
ROWS = 2000
_CREATED = dt.datetime(2000, 1, 1)
_WIDTH = {"id": 16, "word": 18, "text": 22}
_TITLE_MAX, _MESSAGE_MAX = 32, 255  # Excel's limits of a drop-down's title and text


def as_csv(sheet: Layout) -> str:
    """Write a template as CSV: the header and the example row.

    Examples
    --------
    >>> from metacircuit.sheets.template import layout
    >>> as_csv(layout("ZCOR", {})[1]).splitlines()[0]
    'study_id,first_author,year,title,doi,country,notes'
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([[column.name for column in sheet.columns], sheet.example])
    return text.getvalue()


def as_workbook(sheets: Sequence[Layout], words: Mapping[str, Mapping[str, str]]) -> bytes:
    """Write templates as one XLSX workbook.

    Each header has a comment that says what the column holds; coded columns have a drop-down of their words, numbers
    a warning where they leave their range. Two more sheets list the words with their labels, and every column that
    may be added.

    Parameters
    ----------
    sheets : sequence of Layout
        Their columns and example rows.
    words : mapping of str to mapping of str to str
        Coded column: its words and their labels.

    Returns
    -------
    bytes
        The same for the same templates.
    """
    from xlsxwriter import Workbook  # noqa: PLC0415 - only a new review needs it

    file = io.BytesIO()
    book = Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": _CREATED, "title": "Extraction sheets"})
    fixed = {c.name: dict.fromkeys(c.allowed, "") for sheet in sheets for c in sheet.columns if c.allowed}
    listed = {**words, **{name: known for name, known in fixed.items() if name not in words}}
    lists = _ranges(listed)
    for sheet in sheets:
        _write_sheet(book, sheet, lists, set(words))
    _write_words(book, listed)
    _write_columns(book)
    book.close()
    return file.getvalue()


def _ranges(listed: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Where on the sheet of words the words of each column stand: two columns each, words and labels."""
    from xlsxwriter.utility import xl_col_to_name  # noqa: PLC0415

    found = {}
    for i, (name, known) in enumerate(listed.items()):
        letter = xl_col_to_name(2 * i)
        if known:
            found[name] = f"={WORDS_SHEET}!${letter}$2:${letter}${len(known) + 1}"
    return found


def _write_sheet(book: Workbook, sheet: Layout, lists: Mapping[str, str], coded: set[str]) -> None:
    page = book.add_worksheet(sheet.name)
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E8EEF4"})
    needed = book.add_format({"bold": True, "bottom": 1, "bg_color": "#C9D8E6"})
    as_text = book.add_format({"num_format": "@"})  # else a spreadsheet makes dates of 1-2 and numbers of 001
    example = book.add_format({"italic": True, "font_color": "#666666"})
    example_text = book.add_format({"italic": True, "font_color": "#666666", "num_format": "@"})
    for i, (column, cell) in enumerate(zip(sheet.columns, sheet.example, strict=True)):
        page.set_column(
            i, i, max(_WIDTH.get(column.kind, 0), len(column.name) + 3), None if column.numeric else as_text
        )
        page.write_string(0, i, column.name, needed if column.required else head)
        page.write_comment(0, i, help_of(column), {"x_scale": 2, "y_scale": 1.2, "author": "metacircuit"})
        _write_cell(page, i, column, cell, example if column.numeric else example_text)
        rule = _validation(column, lists, column.name in coded)
        if rule:
            page.data_validation(1, i, ROWS, i, rule)
    page.freeze_panes(1, 2 if sheet.name == "effects" else 1)


def _write_cell(page: Worksheet, i: int, column: Column, cell: str, look: Format) -> None:
    if column.numeric and cell:
        page.write_number(1, i, float(cell), look)
    else:
        page.write_string(1, i, cell, look) if cell else page.write_blank(1, i, None, look)


def help_of(column: Column) -> str:
    """Say what a column holds, what it may say, and an example.

    Examples
    --------
    >>> from metacircuit.sheets.columns import STUDIES
    >>> help_of(next(c for c in STUDIES if c.name == "year"))
    'Year of publication. Whole number, from 1800 to 2100. Example: 2020'
    """
    kinds = {"number": "number", "count": "whole number", "sign": "1 or -1"}
    bounds = [column.range.allowed] if column.range else []
    allowed = [" or ".join(column.allowed)] if column.allowed else []
    rule = ", ".join([*([kinds[column.kind]] if column.kind in kinds else []), *bounds, *allowed])
    needed = " Needed in every row." if column.required else ""
    example = f" Example: {column.example}" if column.example else ""
    return f"{column.description}.{needed}{f' {rule[0].upper()}{rule[1:]}.' if rule else ''}{example}"


def _validation(column: Column, lists: Mapping[str, str], coded: bool) -> dict[str, object] | None:
    """The drop-down or the range of a column; only yes, no and signs are strict, since a vocabulary may grow."""
    title = column.name[:_TITLE_MAX]
    message = help_of(column)[:_MESSAGE_MAX]
    common = {"ignore_blank": True, "error_title": title, "error_message": message}
    if column.name in lists:
        if coded:
            common["error_message"] = "Not a word of the list. Keep it only if you add it to the vocabulary."
        return {"validate": "list", "source": lists[column.name], "error_type": "warning" if coded else "stop"} | common
    if column.kind == "sign":
        return {"validate": "list", "source": ["1", "-1"]} | common
    if column.kind == "count" and column.range is not None:
        low = column.range.low if column.range.low > float("-inf") else 0
        return {"validate": "integer", "criteria": ">=", "value": int(low), "error_type": "warning"} | common
    if column.kind == "number" and column.range is not None and column.range.low > float("-inf"):
        sign = ">" if column.range.low_open else ">="
        return {"validate": "decimal", "criteria": sign, "value": column.range.low, "error_type": "warning"} | common
    return None


def _write_words(book: Workbook, listed: Mapping[str, Mapping[str, str]]) -> None:
    page = book.add_worksheet(WORDS_SHEET)
    bold = book.add_format({"bold": True, "bottom": 1})
    for i, (name, known) in enumerate(listed.items()):
        page.write_string(0, 2 * i, name, bold)
        page.write_string(0, 2 * i + 1, "label", bold)
        page.set_column(2 * i, 2 * i + 1, 24)
        for row, (word, label) in enumerate(known.items(), start=1):
            page.write_string(row, 2 * i, word)
            page.write_string(row, 2 * i + 1, label)
    page.freeze_panes(1, 0)


def _write_columns(book: Workbook) -> None:
    """Every column that may be added to a sheet, for whoever finds something else printed."""
    page = book.add_worksheet(COLUMNS_SHEET)
    bold = book.add_format({"bold": True, "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for i, (name, width) in enumerate((("sheet", 10), ("column", 18), ("what it holds", 90))):
        page.write_string(0, i, name, bold)
        page.set_column(i, i, width, wrapped)
    lines = [(sheet, c) for sheet, standard in (("effects", EFFECTS), ("studies", STUDIES)) for c in standard]
    for row, (sheet, column) in enumerate(lines, start=1):
        for i, text in enumerate((sheet, column.name, help_of(column))):
            page.write_string(row, i, text)
    page.freeze_panes(1, 0)
