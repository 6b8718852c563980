"""Any table as rows of text with a header: CSV, TSV, XLSX, ODS and Parquet, told by their first bytes."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from metacircuit.sheets.problems import Code, Problem, shown
from metacircuit.sheets.raw import MAX_COLUMNS, UnreadableError
from metacircuit.sheets.readers.extract import Row
from metacircuit.sheets.text import cut, decode, find_delimiter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_ROWS = 2_000_000
_SAVE = "Save it again, or as CSV UTF-8."


class Grid(NamedTuple):
    """The header and the rows of one sheet; `others` are the sheets of the workbook that are not read."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    sheet: str = ""
    delimiter: str = ""
    problems: tuple[Problem, ...] = ()


def read_grid(data: bytes, *, file: str, sheet: str = "", delimiter: str = "") -> Grid:
    """Read a table of any of these kinds; the first filled row is its header.

    Parameters
    ----------
    data : bytes
        The file.
    file : str
        Its name, for messages.
    sheet : str
        Which sheet of a workbook; the first if empty.
    delimiter : str
        Between the cells of a text; found if empty.

    Returns
    -------
    Grid
        Cells are text, stripped; blank rows are left out and counted.

    Raises
    ------
    UnreadableError
        If it is none of these, or has no header or no row.

    Examples
    --------
    >>> grid = read_grid(b"a;b\\n1;2,5\\n", file="x.csv")
    >>> grid.header, grid.rows[0].number, dict(grid.rows[0].cells)
    (('a', 'b'), 2, {'a': '1', 'b': '2,5'})
    """
    from metacircuit.sheets.readers import binary  # noqa: PLC0415 - what it needs costs a second

    if data.startswith(b"PAR1"):
        return make_grid(binary.parquet_lines(data), file=file)
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        book = binary.workbook_lines(data, sheet, file)
        grid = make_grid(book.lines, file=file, sheet=book.name)
        notes = tuple(
            Problem(
                Code.IGNORED_FILE,
                f"The sheet {shown(other)} is not read.",
                "one sheet a source",
                "Nothing to do, or name it as `sheet` in the config.",
                file=file,
                sheet=other,
                severity="note",
            )
            for other in book.others
        )
        return grid._replace(problems=(*grid.problems, *book.problems, *notes))
    text, encoding = decode(data)
    delimiter = delimiter or find_delimiter(text)
    grid = make_grid(cut(text, delimiter), file=file, delimiter=delimiter)
    if encoding != "cp1252":
        return grid
    note = Problem(
        Code.GUESSED_ENCODING,
        "The file is not Unicode; it is read as Windows-1252 (Latin-1).",
        "UTF-8",
        "Check names with accents.",
        file=file,
    )
    return grid._replace(problems=(*grid.problems, note))


def make_grid(lines: Iterable[Sequence[str]], *, file: str, sheet: str = "", delimiter: str = "") -> Grid:
    """Give each cell its column; a name that stands twice gets a number, a cell without a name its place."""
    numbered = ((i, [cell.strip() for cell in line]) for i, line in enumerate(lines, 1))
    filled = ((i, line) for i, line in numbered if any(line))
    _, first = next(filled, (0, []))
    if not first:
        raise UnreadableError(Code.EMPTY_SHEET, "The sheet is empty.", "a header row and rows", "Export it again.")
    if len(first) > MAX_COLUMNS:
        problem = f"A row has {len(first)} cells."
        raise UnreadableError(Code.UNREADABLE_FILE, problem, f"at most {MAX_COLUMNS} columns", _SAVE)
    header, problems = _names(first, file, sheet)
    rows = []
    for number, line in filled:
        if len(line) > len(header) and any(line[len(header) :]):
            problem, remedy = "The row has more cells than the header.", "Look for a delimiter inside an unquoted text."
            problems.append(Problem(Code.RAGGED_ROW, problem, f"{len(header)} cells", remedy, file, sheet, number))
        rows.append(Row(number, dict(zip(header, [*line, *[""] * (len(header) - len(line))], strict=False))))
        if len(rows) > MAX_ROWS:
            raise UnreadableError(Code.UNREADABLE_FILE, "The sheet has too many rows.", f"at most {MAX_ROWS}", _SAVE)
    if not rows:
        raise UnreadableError(Code.EMPTY_SHEET, "There is a header, and no row below it.", "rows", "Export it again.")
    return Grid(header, tuple(rows), sheet, delimiter, tuple(problems))


def _names(first: list[str], file: str, sheet: str) -> tuple[tuple[str, ...], list[Problem]]:
    names: list[str] = []
    problems = []
    for place, typed in enumerate(first, 1):
        name = typed or f"column_{place}"
        if name in names:
            new = next(f"{name}__{n}" for n in count(2) if f"{name}__{n}" not in names)
            text = f"Two columns are named {shown(name)}; the second is carried along as {shown(new)}."
            problems.append(
                Problem(Code.DUPLICATE_COLUMN, text, "each name once", "Rename one of them.", file, sheet, None, name)
            )
            name = new
        names.append(name)
    return tuple(names), problems
