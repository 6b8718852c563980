"""XLSX workbooks: the stored values as text, and what a spreadsheet does to them behind the user's back."""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from metacircuit.sheets.columns import COLUMNS_SHEET, STANDARD, WORDS_SHEET, canonical
from metacircuit.sheets.problems import Code, Problem, shown
from metacircuit.sheets.raw import RawSheet, UnreadableError, collect

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_UNPACKED = 1 << 30

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_FORMULA = re.compile(rb'<c\b[^>]{0,200}?\br="([A-Z]{1,3}[0-9]{1,7})"[^>]{0,200}>\s*<f\b')
_MERGED = re.compile(rb'<mergeCell\b[^>]{0,200}?\bref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')
_WINDOW, _OVERLAP = 1 << 20, 1 << 10
_LISTED = 200
_SAVE_AS = "Save it as an .xlsx workbook without a password, or as CSV UTF-8."


def is_workbook(data: bytes) -> bool:
    """Whether the bytes are a workbook of any kind, by their first bytes and not by the file's name."""
    return data.startswith((_ZIP, _OLE))


def read_workbook(data: bytes, *, file: str) -> tuple[list[RawSheet], list[Problem]]:
    """Read the sheets effects, studies and published of a workbook.

    A workbook with one sheet of any name is read as the effects. Numbers are taken as Excel stored them, formulas by
    the value that Excel last computed, and both kinds are said.

    Parameters
    ----------
    data : bytes
        The file.
    file : str
        Its name, for messages.

    Returns
    -------
    sheets : list of RawSheet
    problems : list of Problem
        Sheets that are not read, and those that cannot be.

    Raises
    ------
    UnreadableError
        If it is encrypted, of another format, damaged, or unpacks to more than 1 GB.
    """
    refuse_other_formats(data)
    try:
        with warnings.catch_warnings(), zipfile.ZipFile(io.BytesIO(data)) as archive:
            warnings.simplefilter(
                "ignore"
            )  # openpyxl tells of styles and drop-downs that it leaves out; we need neither
            return _read(data, archive, file)
    except UnreadableError:
        raise
    except Exception as error:
        problem = f"The workbook is damaged ({type(error).__name__})."
        raise UnreadableError(
            Code.UNREADABLE_FILE,
            problem,
            "XLSX",
            "Open it in a spreadsheet and save it again, or save it as CSV UTF-8.",
        ) from None


def refuse_other_formats(data: bytes) -> None:
    if data.startswith(_OLE):
        kind = "is encrypted" if "EncryptedPackage".encode("utf-16-le") in data else "has the old .xls format"
        raise UnreadableError(
            Code.UNREADABLE_FILE, f"The workbook {kind}.", "XLSX without a password, CSV, TSV", _SAVE_AS
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            size = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise UnreadableError(Code.UNREADABLE_FILE, "The workbook is damaged.", "XLSX, CSV, TSV", _SAVE_AS) from None
    if size > MAX_UNPACKED:
        problem = f"The workbook unpacks to {size / 1e9:.1f} GB."
        raise UnreadableError(
            Code.UNREADABLE_FILE,
            problem,
            f"at most {MAX_UNPACKED / 1e9:.1f} GB",
            "Delete unused sheets, or save the data as CSV.",
        )
    if "xl/workbook.xml" not in names:
        raise UnreadableError(
            Code.UNREADABLE_FILE, "The file is a zip archive and not an XLSX workbook.", "XLSX, CSV, TSV", _SAVE_AS
        )


def _read(data: bytes, archive: zipfile.ZipFile, file: str) -> tuple[list[RawSheet], list[Problem]]:
    from openpyxl import load_workbook  # noqa: PLC0415 - 0.2 s that a review of CSV files does not need

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    names = _tables(book.sheetnames)
    sheets, problems = [], []
    for title in book.sheetnames:
        if title not in names and title in (WORDS_SHEET, COLUMNS_SHEET) and names:
            continue
        if title not in names:
            problem, remedy = f"The sheet {shown(title)} is not read.", "Nothing to do if it is a note; else rename it."
            allowed = "sheets named effects, studies and published"
            problems.append(Problem(Code.IGNORED_FILE, problem, allowed, remedy, file=file, sheet=title))
            continue
        try:
            sheets.append(_sheet(book[title], names[title], archive, file))
        except UnreadableError as error:
            problems.append(Problem(error.code, error.problem, error.allowed, error.remedy, file=file, sheet=title))
    book.close()
    return sheets, problems


def _tables(titles: list[str]) -> dict[str, str]:
    """Which sheet is which table."""
    named = {title: canonical(title) for title in titles if canonical(title) in STANDARD}
    return named or ({titles[0]: "effects"} if len(titles) == 1 else {})


def _sheet(worksheet: Any, name: str, archive: zipfile.ZipFile, file: str) -> RawSheet:
    title = worksheet.title
    formulas, merged = behind_the_values(archive, worksheet._worksheet_path)  # no public name in a read-only workbook
    worksheet.reset_dimensions()  # a wrong dimension would pad every row to 16,384 cells
    lines = (line_of(row) for row in worksheet.iter_rows(values_only=True))
    sheet = collect(lines, name=name, file=file, sheet=title)
    problems = [*_formula_problems(sheet, formulas), *_merged_problems(sheet, merged)]
    return replace(sheet, problems=(*sheet.problems, *problems))


def line_of(row: tuple[object, ...]) -> list[str]:
    """The cells of a row up to the last filled one: formatted empty cells may go on for 16,384 columns."""
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return [_as_text(value) for value in row[:end]]


def _as_text(value: object) -> str:
    """A stored value as a person would have typed it; 15 digits are what Excel keeps."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return f"{value:.15g}"
        case dt.datetime():
            return value.isoformat(sep=" ").removesuffix(" 00:00:00")
        case _:
            return str(value)


def behind_the_values(archive: zipfile.ZipFile, member: str) -> tuple[list[str], list[str]]:
    """Cells with a formula, and merged ranges: the stored values show neither."""
    formulas: dict[str, None] = {}
    merged: dict[str, None] = {}
    with archive.open(member) as xml:
        tail = b""
        while block := xml.read(_WINDOW):
            window = tail + block
            formulas.update((m.decode(), None) for m in _FORMULA.findall(window))
            merged.update((m.decode(), None) for m in _MERGED.findall(window))
            tail = window[-_OVERLAP:]
    return list(formulas), list(merged)


def _formula_problems(sheet: RawSheet, cells: list[str]) -> Iterator[Problem]:
    at = {int(row): i for i, row in enumerate(sheet.rows)}
    for cell in cells[:_LISTED]:
        letters, row = split_cell(cell)
        column = _column_name(sheet, letters)
        value = str(sheet.cells[column].iloc[at[row]]) if column and row in at else ""
        if value:
            text = f"{cell} holds a formula; the value that the spreadsheet last computed is read."
            yield sheet.problem(
                Code.FORMULA,
                text,
                "typed values",
                "Copy the column and paste it as values.",
                row=row,
                column=column,
                value=shown(value),
            )
        else:
            text = f"{cell} holds a formula without a stored value, so it is read as empty."
            remedy = "Open the workbook in a spreadsheet, copy the cell and paste it as a value."
            yield sheet.problem(Code.FORMULA, text, "typed values", remedy, row=row, column=column, severity="error")
    if len(cells) > _LISTED:
        yield sheet.problem(
            Code.FORMULA,
            f"{len(cells) - _LISTED} further cells hold formulas.",
            "typed values",
            "Paste the sheet as values.",
        )


def _merged_problems(sheet: RawSheet, ranges: list[str]) -> Iterator[Problem]:
    first, last = (int(sheet.rows[0]), int(sheet.rows[-1]))
    inside = [r for r in ranges if split_cell(r.split(":")[1])[1] >= first and split_cell(r.split(":")[0])[1] <= last]
    for cells in inside[:_LISTED]:
        letters, row = split_cell(cells.split(":")[0])
        text = f"The cells {cells} are merged: the value belongs to the first of them, the others are read as empty."
        remedy = "Unmerge them and type the value into every row that it holds for."
        yield sheet.problem(
            Code.MERGED_CELLS, text, "one value a cell", remedy, row=row, column=_column_name(sheet, letters)
        )
    if len(inside) > _LISTED:
        yield sheet.problem(
            Code.MERGED_CELLS,
            f"{len(inside) - _LISTED} further ranges are merged.",
            "one value a cell",
            "Unmerge all cells.",
        )


def split_cell(cell: str) -> tuple[str, int]:
    letters = cell.rstrip("0123456789")
    return letters, int(cell[len(letters) :])


def _column_name(sheet: RawSheet, letters: str) -> str:
    """The name of a spreadsheet's column, if it is one of ours."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return dict(zip(sheet.places, sheet.cells.columns, strict=True)).get(number - 1, "")
