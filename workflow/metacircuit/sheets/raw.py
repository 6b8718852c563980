"""A sheet as it was read: text cells, and where each of them stood."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain, count, islice
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.config.errors import UserError
from metacircuit.sheets.columns import STANDARD, canonical
from metacircuit.sheets.problems import Code, Problem, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

KNOWN_NAMES = frozenset(column.name for standard in STANDARD.values() for column in standard)

MAX_COLUMNS = 2_000
_CHUNK = 50_000
_HEADER_WITHIN = 10


class UnreadableError(UserError):
    """A file or sheet that cannot be read at all; `code` says why, `allowed` and `remedy` what helps."""

    def __init__(self, code: Code, problem: str, allowed: str = "", remedy: str = "") -> None:
        self.code, self.problem, self.allowed, self.remedy = code, problem, allowed, remedy
        super().__init__(" ".join(part for part in (problem, remedy) if part))


@dataclass(frozen=True, slots=True)
class RawSheet:
    """The text of a sheet.

    `cells` has one categorical column of text a header, `headers` the headers as typed, `places` the places of these
    columns in the file (0 is the first), `rows` the row numbers of a spreadsheet (the header of a plain file is row 1),
    `long` the positions of rows with too many cells.
    """

    name: str
    file: str
    sheet: str
    cells: pd.DataFrame
    headers: tuple[str, ...]
    places: tuple[int, ...]
    rows: NDArray[np.int64]
    delimiter: str = ""
    long: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    problems: tuple[Problem, ...] = ()

    def problem(self, code: Code, problem: str, allowed: str = "", remedy: str = "", **where: object) -> Problem:
        """Make a problem of this sheet."""
        return Problem(code, problem, allowed, remedy, file=self.file, sheet=self.sheet, **where)


def collect(
    lines: Iterable[Sequence[str]],
    *,
    name: str,
    file: str,
    sheet: str = "",
    delimiter: str = "",
    problems: Iterable[Problem] = (),
) -> RawSheet:
    """Gather rows of text into a sheet, column by column, so that each distinct word is kept once.

    Parameters
    ----------
    lines : iterable of sequences of str
        All rows from the first one on, header included.
    name, file, sheet, delimiter : str
        Which table it is and where it stands.
    problems : iterable of Problem
        Found while reading, carried along.

    Returns
    -------
    RawSheet
        Blank rows are left out; row numbers count them.

    Raises
    ------
    UnreadableError
        If there is no header or no row below it.
    """
    numbered = ((number, line) for number, line in enumerate(lines, start=1) if any(line))
    top = list(islice(numbered, _HEADER_WITHIN))
    if not top:
        raise UnreadableError(
            Code.EMPTY_SHEET, "The sheet is empty.", "a header row and one row for each effect or study", _EMPTY
        )
    at = _header_at([line for _, line in top])
    header_row, header = top[at]
    width = max((i for i, cell in enumerate(header, start=1) if cell.strip()), default=0)
    if width > MAX_COLUMNS:
        raise UnreadableError(
            Code.UNREADABLE_FILE, f"The header has {width} cells.", f"at most {MAX_COLUMNS} columns", _EMPTY
        )
    columns = _Columns()
    body = chain(top[at + 1 :], numbered)
    while chunk := list(islice(body, _CHUNK)):
        columns.add(chunk)
    if not columns.rows:
        raise UnreadableError(
            Code.EMPTY_SHEET, "There is a header, and no row below it.", "one row for each effect or study", _EMPTY
        )
    found = list(problems)
    if at:
        text, remedy = (
            f"{at} row(s) above the header in row {header_row} are skipped.",
            "Nothing to do if they are a title.",
        )
        found.append(Problem(Code.ROWS_ABOVE_HEADER, text, "", remedy, file=file, sheet=sheet, row=top[0][0]))
    return columns.finish(
        list(header),
        width,
        RawSheet(name, file, sheet, pd.DataFrame(), (), (), np.empty(0), delimiter, problems=tuple(found)),
    )


_EMPTY = "Fill the sheet in from the template, or remove the file."


class _Columns:
    """Columns that grow chunk by chunk; within a chunk each is codes into its distinct words."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self._lengths: list[NDArray[np.int64]] = []
        self._chunks: list[list[tuple[NDArray[np.intp], NDArray[np.object_]]]] = []

    def add(self, chunk: list[tuple[int, Sequence[str]]]) -> None:
        numbers, lines = zip(*chunk, strict=True)
        self.rows += numbers
        lengths = np.fromiter(map(len, lines), np.int64, len(lines))
        width = int(lengths.max())
        if width > 2 * MAX_COLUMNS:
            problem = f"A row has {width} cells."
            raise UnreadableError(Code.UNREADABLE_FILE, problem, f"at most {MAX_COLUMNS} columns", _EMPTY)
        if lengths.min() < width:
            lines = [[*line, *[""] * (width - len(line))] for line in lines]
        self._lengths.append(lengths)
        self._chunks.append([pd.factorize(_objects(cells)) for cells in zip(*lines, strict=True)])

    def finish(self, header: list[str], width: int, sheet: RawSheet) -> RawSheet:
        """Name the columns, and note what does not fit under the header."""
        lengths = np.concatenate(self._lengths)
        beyond = [self._column(i) != "" for i in range(width, int(lengths.max()))]
        long = np.flatnonzero(np.logical_or.reduce(beyond)) if beyond else np.empty(0, dtype=np.intp)
        names, headers, places, problems, data = [], [], [], [], {}
        for i in range(width):
            name, problem = _name(header[i], i, names, sheet)
            cells = self._column(i)
            if (
                problem is None
                or problem.code is not Code.UNNAMED_COLUMN
                or any(word.strip() for word in cells.categories)
            ):
                problems += [problem] if problem else []
                names.append(name)
                headers.append(header[i].strip())
                places.append(i)
                data[name] = cells
        short = np.flatnonzero(lengths < width)
        if len(short) and sheet.delimiter:
            text = f"{len(short)} row(s), the first in row {self.rows[short[0]]}, have fewer cells than the header."
            problems.append(
                sheet.problem(
                    Code.SHORT_ROW,
                    f"{text} The missing cells are read as empty.",
                    f"{width} cells",
                    row=self.rows[short[0]],
                )
            )
        cells = pd.DataFrame(data, index=pd.RangeIndex(len(self.rows)))
        return replace(
            sheet, cells=cells, headers=tuple(headers), places=tuple(places), rows=np.array(self.rows), long=long,
            problems=(*sheet.problems, *problems),
        )  # fmt: skip

    def _column(self, i: int) -> pd.Categorical:
        """The cells of a column over all chunks; rows of a chunk that is narrower are empty."""
        words, codes, offset = [], [], 0
        for chunk, lengths in zip(self._chunks, self._lengths, strict=True):
            own, texts = chunk[i] if i < len(chunk) else (np.zeros(len(lengths), np.intp), _objects([""]))
            codes.append(own + offset)
            words.append(texts)
            offset += len(texts)
        shared, distinct = pd.factorize(np.concatenate(words))
        return pd.Categorical.from_codes(
            shared[np.concatenate(codes)].astype(np.int32), pd.Index(distinct, dtype=object)
        )


def _objects(words: Sequence[str]) -> NDArray[np.object_]:
    cells = np.empty(len(words), dtype=object)
    cells[:] = words
    return cells


def _header_at(lines: list[Sequence[str]]) -> int:
    """The first row with two known names; a sheet that has none starts with its header."""
    known = [sum(canonical(cell) in KNOWN_NAMES for cell in line) for line in lines]
    return next((i for i, n in enumerate(known) if n >= 2), 0)


def _name(header: str, i: int, taken: list[str], sheet: RawSheet) -> tuple[str, Problem | None]:
    name = canonical(header)
    if not name:
        spot = f"column_{i + 1}"
        text = f"Column {i + 1} has values and no name; it is carried along as {spot}."
        remedy = "Name the column, or delete it."
        return spot, sheet.problem(Code.UNNAMED_COLUMN, text, "a name in the header row", remedy, column=spot)
    if name not in taken:
        return name, None
    copy = next(f"{name}__{n}" for n in count(2) if f"{name}__{n}" not in taken)
    text = f"Two columns are named {shown(header)}; the first is read, the other is carried along as {copy}."
    remedy = "Rename or delete one of them."
    return copy, sheet.problem(Code.DUPLICATE_COLUMN, text, "each name once", remedy, column=name, value=shown(header))
