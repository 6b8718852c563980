"""Workbooks and Parquet files as lines of text."""

from __future__ import annotations

import io
import warnings
import zipfile
from typing import TYPE_CHECKING, NamedTuple

from metacircuit.sheets.problems import Code, Problem
from metacircuit.sheets.raw import MAX_COLUMNS, UnreadableError
from metacircuit.sheets.readers.archive import members
from metacircuit.sheets.workbook import behind_the_values, line_of, refuse_other_formats, split_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from defusedxml.ElementTree import Element

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_MOST_REPEATED = 100_000
_LISTED = 200
_SAVE = "Save it again, or as CSV UTF-8."


class Lines(NamedTuple):
    """The lines of the wanted sheet, the names of the others, and what a spreadsheet does behind the values."""

    name: str
    others: list[str]
    lines: Iterable[list[str]]
    problems: tuple[Problem, ...] = ()


def workbook_lines(data: bytes, sheet: str, file: str) -> Lines:
    """Open an XLSX or ODS workbook at a sheet."""
    if data.startswith(b"PK") and _is_ods(data):
        return _ods(data, sheet)
    refuse_other_formats(data)
    from openpyxl import load_workbook  # noqa: PLC0415 - 0.2 s

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of styles and drop-downs that it leaves out
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            name = _chosen(book.sheetnames, sheet)
            book[name].reset_dimensions()
            lines = [line_of(row) for row in book[name].iter_rows(values_only=True)]
            formulas, merged = behind_the_values(archive, book[name]._worksheet_path)
    except UnreadableError:
        raise
    except Exception as error:
        raise _damaged(error) from None
    problems = (*_formulas(formulas, lines, file, name), *_merged(merged, file, name))
    return Lines(name, [other for other in book.sheetnames if other != name], lines, problems)


def _formulas(cells: list[str], lines: list[list[str]], file: str, sheet: str) -> Iterator[Problem]:
    """Formulas with a stored value are counted; one without has lost its number, which is an error."""
    empty = [cell for cell in cells if not _value_at(cell, lines)]
    if len(cells) > len(empty):
        text = f"{len(cells) - len(empty)} cells hold formulas, whose last computed values are read."
        yield Problem(Code.FORMULA, text, "typed values", "Paste the sheet as values.", file, sheet)
    for cell in empty[:_LISTED]:
        text = f"{cell} holds a formula without a stored value, so it is read as empty."
        remedy = "Open the workbook in a spreadsheet, copy the cell and paste it as a value."
        row = split_cell(cell)[1]
        yield Problem(Code.FORMULA, text, "typed values", remedy, file, sheet, row, severity="error")


def _value_at(cell: str, lines: list[list[str]]) -> str:
    letters, row = split_cell(cell)
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - 64
    return lines[row - 1][column - 1] if row <= len(lines) and column <= len(lines[row - 1]) else ""


def _merged(ranges: list[str], file: str, sheet: str) -> Iterator[Problem]:
    for cells in ranges[:_LISTED]:
        text = f"The cells {cells} are merged: the value belongs to the first of them, the others are read as empty."
        remedy = "Unmerge them and type the value into every row that it holds for."
        row = split_cell(cells.split(":")[0])[1]
        yield Problem(Code.MERGED_CELLS, text, "one value a cell", remedy, file, sheet, row)


def parquet_lines(data: bytes) -> Iterator[list[str]]:
    """The header and the rows of a Parquet file; a nested cell is refused, for it is no number and no word."""
    import pyarrow as pa  # noqa: PLC0415 - half a second
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        table = pq.read_table(pa.BufferReader(data), memory_map=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(error) from None
    nested = [f.name for f in table.schema if pa.types.is_nested(f.type)]
    if nested:
        problem = f"The columns {', '.join(nested[:5])} hold lists or records."
        raise UnreadableError(Code.UNREADABLE_FILE, problem, "numbers and words", "Write them as plain columns.")
    names = [name for name in table.column_names if not name.startswith("__index_level_")]
    yield names
    for batch in table.select(names).to_batches():
        yield from (line_of(row) for row in zip(*(column.to_pylist() for column in batch.columns), strict=True))


def _is_ods(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "content.xml" in archive.namelist() and "xl/workbook.xml" not in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


def _ods(data: bytes, sheet: str) -> Lines:
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415
    from defusedxml.ElementTree import ParseError, fromstring  # noqa: PLC0415

    content = members(data, wanted=("content.xml",)).get("content.xml", b"")
    try:
        body = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise _damaged(error) from None
    tables = {t.get(f"{_TABLE}name", ""): t for t in body.iter(f"{_TABLE}table")}
    name = _chosen(list(tables), sheet)
    return Lines(name, [other for other in tables if other != name], _ods_lines(tables[name]))


def _ods_lines(table: Element) -> Iterator[list[str]]:
    """Repeated cells and rows are written once with a number; those that pad the sheet to its end are empty."""
    for row in table.iter(f"{_TABLE}table-row"):
        line: list[str] = []
        for cell in row:
            if cell.tag in {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}:
                times = _times(cell, "number-columns-repeated")
                text = _ods_text(cell)
                if text and times + len(line) > MAX_COLUMNS:
                    problem = f"A row has {times + len(line)} cells."
                    raise UnreadableError(Code.UNREADABLE_FILE, problem, f"at most {MAX_COLUMNS} columns", _SAVE)
                line += [text] * min(times, MAX_COLUMNS - min(len(line), MAX_COLUMNS))
        while line and not line[-1]:
            line.pop()
        times = _times(row, "number-rows-repeated")
        if line and times > _MOST_REPEATED:
            raise UnreadableError(Code.UNREADABLE_FILE, f"A row is repeated {times} times.", "typed rows", _SAVE)
        yield from [line] * min(times, _MOST_REPEATED)


def _ods_text(cell: Element) -> str:
    value = cell.get(f"{_OFFICE}value")
    if value is not None:
        return value
    for name in ("date-value", "time-value"):
        if cell.get(f"{_OFFICE}{name}"):
            return cell.get(f"{_OFFICE}{name}")
    return "\n".join("".join(p.itertext()) for p in cell.findall(f"{_TEXT}p"))


def _times(element: Element, name: str) -> int:
    times = element.get(f"{_TABLE}{name}", "1")
    return max(1, int(times)) if times.isdecimal() and len(times) < 9 else 1


def _chosen(names: list[str], wanted: str) -> str:
    if not names:
        raise UnreadableError(Code.EMPTY_SHEET, "The workbook has no sheet.", "a sheet", _SAVE)
    if wanted and wanted not in names:
        problem = f"The workbook has no sheet {wanted!r}."
        raise UnreadableError(
            Code.MISSING_SHEET, problem, ", ".join(names[:12]), "Correct `sheet` in the config's source."
        )
    return wanted or names[0]


def _damaged(error: Exception) -> UnreadableError:
    problem = f"The file is damaged ({type(error).__name__})."
    return UnreadableError(Code.UNREADABLE_FILE, problem, "CSV, TSV, XLSX, ODS, Parquet", _SAVE)
