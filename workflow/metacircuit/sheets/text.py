"""Delimited text: find the encoding and the delimiter, and cut the rows."""

from __future__ import annotations

import codecs
import csv
import io
from itertools import islice
from typing import TYPE_CHECKING

from metacircuit.sheets.columns import canonical
from metacircuit.sheets.problems import Code, Problem
from metacircuit.sheets.raw import KNOWN_NAMES, RawSheet, UnreadableError, collect

if TYPE_CHECKING:
    from collections.abc import Iterator

DELIMITERS = (",", ";", "\t")

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 1 << 16
_SAVE = "Save it as CSV UTF-8 from the spreadsheet."


def read_text_sheet(data: bytes, *, name: str, file: str) -> RawSheet:
    """Read a delimited text file.

    Parameters
    ----------
    data : bytes
        The file: UTF-8 with or without BOM, UTF-16, UTF-32 or Windows-1252 (Latin-1); cells delimited by comma,
        semicolon or tab.
    name : str
        Which table it is: effects, studies or published.
    file : str
        Its name, for messages.

    Returns
    -------
    RawSheet

    Raises
    ------
    UnreadableError
        If it is empty, not text, or its quotes do not close.

    Examples
    --------
    >>> data = "study_id;n_total\\nMüller2020;12\\n".encode("latin-1")
    >>> sheet = read_text_sheet(data, name="effects", file="effects.csv")
    >>> sheet.cells.to_dict("list"), [problem.code.slug for problem in sheet.problems]
    ({'study_id': ['Müller2020'], 'n_total': ['12']}, ['guessed-encoding'])
    """
    text, encoding = decode(data)
    problems = []
    if encoding == "cp1252":
        problem = "The file is not Unicode; it is read as Windows-1252 (Latin-1)."
        remedy = f"Check names with accents. {_SAVE}"
        problems.append(Problem(Code.GUESSED_ENCODING, problem, "UTF-8, UTF-16, Latin-1", remedy, file=file))
    text, delimiter = _declared(text)
    delimiter = delimiter or find_delimiter(text)
    return collect(cut(text, delimiter), name=name, file=file, delimiter=delimiter, problems=problems)


def decode(data: bytes) -> tuple[str, str]:
    """Return the text of a file and the name of its encoding.

    A byte order mark decides; then zero bytes at every other place mean UTF-16, valid UTF-8 is UTF-8, and the rest is
    Windows-1252, of which Latin-1 is the common part.

    Raises
    ------
    UnreadableError
        If the bytes are no text.

    Examples
    --------
    >>> decode("é".encode("utf-16"))
    ('é', 'utf-16')
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), None) or _utf16_without_mark(data)
    try:
        text = data.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        if encoding:
            problem = f"The file starts as {encoding.upper()} and has bytes that are not (at byte {error.start})."
            raise UnreadableError(Code.UNREADABLE_FILE, problem, "UTF-8, UTF-16, Latin-1", _SAVE) from None
        encoding = "cp1252"
        text = _western(data)
    if "\0" in text:
        place = text.index("\0") + 1
        problem = f"The file has NUL bytes, the first at character {place}: it is damaged or not a text file."
        raise UnreadableError(Code.UNREADABLE_FILE, problem, "CSV, TSV or XLSX", _SAVE)
    return text, encoding or "utf-8"


def find_delimiter(text: str) -> str:
    """Return the delimiter under which the first rows have most known column names, then most cells.

    Examples
    --------
    >>> find_delimiter("effect_id;mean1\\na;1,5\\nb;2,5\\n")
    ';'
    """
    sample = text[:_SAMPLE]
    return max(DELIMITERS, key=lambda delimiter: _score(sample, delimiter))


def _score(sample: str, delimiter: str) -> tuple[int, int]:
    lines = []
    try:
        lines = list(islice(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), 10))
    except csv.Error:
        return 0, 0
    known = max((sum(canonical(cell) in KNOWN_NAMES for cell in line) for line in lines), default=0)
    return known, len(lines[0]) if lines else 0


def _declared(text: str) -> tuple[str, str]:
    """Excel's own first line `sep=;` names the delimiter and is no row."""
    first, newline, rest = text.partition("\n")
    first = first.strip().strip('"').lower()
    if newline and first.startswith("sep=") and first[4:] in DELIMITERS:
        return rest, first[4:]
    return text, ""


def cut(text: str, delimiter: str) -> Iterator[list[str]]:
    """Rows of a text; a quote that does not close would swallow the rest of the file, so it is an error."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        problem = f"The file cannot be cut into cells near line {reader.line_num}: {error}."
        remedy = "Look for a quotation mark that is not closed, or not doubled inside a quoted cell."
        raise UnreadableError(
            Code.UNREADABLE_FILE,
            problem,
            'cells with the delimiter or a quote inside are quoted, as "say ""so"""',
            remedy,
        ) from None


def _utf16_without_mark(data: bytes) -> str | None:
    """Mostly Latin text in UTF-16 has a zero in every other byte."""
    head = data[:4096]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if len(head) < 4 or max(even, odd) < 0.3 * len(head):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _western(data: bytes) -> str:
    """Windows-1252, or Latin-1 where a byte has no meaning in it."""
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")
