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
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

KNOWN_NAMES = frozenset(column.name for standard in STANDARD.values() for column in standard)

#: Columns that the checked table adds: where a row stood, and the slugs of its errors.
ROW, ROW_PROBLEM = "row", "row_problem"
RESERVED = (ROW, ROW_PROBLEM)

MAX_COLUMNS = 2_000
_CHUNK = 2_000  # small enough to stay in the cache while its columns are gathered
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
    columns = _Columns()
    columns.refuse_width(len(header))
    body = chain(top[at + 1 :], numbered)
    while chunk := list(islice(body, _CHUNK)):
        columns.add(chunk)
    if not columns.rows:
        problem = "There is a header, and no row below it."
        raise UnreadableError(Code.EMPTY_SHEET, problem, "one row for each effect or study", _EMPTY)
    found = list(problems)
    if at:
        text = f"{at} row(s) above the header in row {header_row} are skipped."
        remedy = "Nothing to do if they are a title."
        found.append(Problem(Code.ROWS_ABOVE_HEADER, text, "", remedy, file=file, sheet=sheet, row=top[0][0]))
    bare = RawSheet(name, file, sheet, pd.DataFrame(), (), (), np.empty(0), delimiter, problems=tuple(found))
    return columns.finish(list(header), bare)


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
        self.refuse_width(width)
        if lengths.min() < width:
            lines = [[*line, *[""] * (width - len(line))] for line in lines]
        self._lengths.append(lengths)
        self._chunks.append([pd.factorize(_objects(cells)) for cells in zip(*lines, strict=True)])

    @staticmethod
    def refuse_width(width: int) -> None:
        """A row of so many cells is no row of a sheet, and its columns would fill the memory."""
        if width > MAX_COLUMNS:
            problem = f"A row has {width} cells."
            raise UnreadableError(Code.UNREADABLE_FILE, problem, f"at most {MAX_COLUMNS} columns", _EMPTY)

    def finish(self, header: list[str], sheet: RawSheet) -> RawSheet:
        """Name the columns, and note what does not fit under the header.

        In a text file cells beyond the header are a row that was cut wrongly; in a workbook a column without a name.
        """
        lengths = np.concatenate(self._lengths)
        widest = int(lengths.max())
        header += [""] * (0 if sheet.delimiter else widest - len(header))
        beyond = [np.asarray(self._column(i) != "") for i in range(len(header), widest)]
        long = np.flatnonzero(np.logical_or.reduce(beyond)) if beyond else np.empty(0, dtype=np.intp)
        data: dict[str, pd.Categorical] = {}
        headers, places, problems = [], [], []
        for i, typed in enumerate(header):
            cells = self._column(i)
            if typed.strip() or any(word.strip() for word in cells.categories):
                name, problem = _name(typed, i, data, sheet)
                data[name] = cells
                headers.append(typed.strip())
                places.append(i)
                problems += [problem] if problem else []
        problems += self._short(lengths < max(places, default=0) + 1, len(header), sheet)
        frame = pd.DataFrame(data, index=pd.RangeIndex(len(self.rows)))
        found = (*sheet.problems, *problems)
        where = {"places": tuple(places), "rows": np.array(self.rows), "long": long}
        return replace(sheet, cells=frame, headers=tuple(headers), problems=found, **where)

    def _short(self, short: NDArray[np.bool_], width: int, sheet: RawSheet) -> list[Problem]:
        """A note on rows that end early, which spreadsheets write for empty cells at the end."""
        if not sheet.delimiter or not short.any():
            return []
        first = self.rows[int(np.argmax(short))]
        text = f"{short.sum()} row(s), the first in row {first}, have fewer cells than the header."
        return [
            sheet.problem(Code.SHORT_ROW, f"{text} The missing cells are read as empty.", f"{width} cells", row=first)
        ]

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


def _name(header: str, i: int, taken: Collection[str], sheet: RawSheet) -> tuple[str, Problem | None]:
    name = canonical(header)
    if not name:
        spot = f"column_{i + 1}"
        text = f"Column {i + 1} has values and no name; it is carried along as {spot}."
        remedy = "Name the column, or delete it."
        return spot, sheet.problem(Code.UNNAMED_COLUMN, text, "a name in the header row", remedy, column=spot)
    if name in RESERVED:
        name += "_"
    if name not in taken:
        return name, None
    copy = next(f"{name}__{n}" for n in count(2) if f"{name}__{n}" not in taken)
    text = f"Two columns are named {shown(header)}; the first is read, the other is carried along as {copy}."
    remedy = "Rename or delete one of them."
    return copy, sheet.problem(Code.DUPLICATE_COLUMN, text, "each name once", remedy, column=name, value=shown(header))
