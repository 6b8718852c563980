"""From files to sheets of text: the format is told by the content, never by the name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.sheets.columns import STANDARD, canonical
from metacircuit.sheets.problems import Code, Problem
from metacircuit.sheets.raw import RawSheet, UnreadableError
from metacircuit.sheets.text import read_text_sheet
from metacircuit.sheets.workbook import is_workbook, read_workbook

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MAX_BYTES = 1 << 30


def read_sheets(data: bytes, *, file: str, name: str | None = None) -> tuple[list[RawSheet], list[Problem]]:
    """Read the sheets in one file.

    Parameters
    ----------
    data : bytes
        CSV, TSV or XLSX.
    file : str
        The file's name; the part before the dot says which table a text file is.
    name : str, optional
        Which table a text file is, if its name does not say it.

    Returns
    -------
    sheets : list of RawSheet
    problems : list of Problem
        Of the file as a whole; each sheet carries its own.

    Raises
    ------
    UnreadableError
        A `UserError`: if the file as a whole cannot be read.
    """
    if is_workbook(data):
        return read_workbook(data, file=file)
    stem = canonical(file.rsplit(".", 1)[0])
    return [read_text_sheet(data, name=name or (stem if stem in STANDARD else "effects"), file=file)], []


def read_files(paths: Iterable[Path]) -> tuple[dict[str, RawSheet], list[Problem]]:
    """Read the sheets of a review; of two that claim to be the same table the text file counts, then the first by name.

    Parameters
    ----------
    paths : iterable of Path
        As `find_sheets` lists them.

    Returns
    -------
    sheets : dict of str to RawSheet
        By table: effects, studies, published.
    problems : list of Problem
        Files that cannot be read, and what is not read.
    """
    sheets: dict[str, RawSheet] = {}
    problems: list[Problem] = []
    for path in sorted(paths, key=lambda p: (p.suffix.lower().startswith(".xls"), p.name)):
        try:
            found, notes = read_sheets(bytes_of(path), file=path.name)
        except UnreadableError as error:
            problems.append(Problem(error.code, error.problem, error.allowed, error.remedy, file=path.name))
            continue
        problems += notes
        for sheet in found:
            if sheet.name in sheets:
                problems.append(second_sheet(sheet, sheets[sheet.name]))
            else:
                sheets[sheet.name] = sheet
    return sheets, problems


def bytes_of(path: Path) -> bytes:
    """The bytes of a file of a reasonable size."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            problem = f"The file has {size / 1e9:.1f} GB."
            raise UnreadableError(
                Code.UNREADABLE_FILE,
                problem,
                f"at most {MAX_BYTES / 1e9:.1f} GB",
                "Split the review, or check what the file is.",
            )
        return path.read_bytes()
    except OSError as error:
        problem = f"The file cannot be opened: {error.strerror}."
        raise UnreadableError(
            Code.UNREADABLE_FILE, problem, "", "Check that it is a file and that you may read it."
        ) from None


def second_sheet(sheet: RawSheet, first: RawSheet) -> Problem:
    """Say that of two sheets of one table the first is read."""
    where = f"{first.file} [{first.sheet}]" if first.sheet else first.file
    return sheet.problem(
        Code.IGNORED_FILE, f"This is a second sheet of {sheet.name}; {where} is read and this one is not.",
        "one sheet of each table", "Keep one of them in the folder.",
    )  # fmt: skip
