"""What a reader finds in a file: rows of effects and of studies, foci, and what it could not place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from metacircuit.sheets.problems import Code, Problem, shown

if TYPE_CHECKING:
    from metacircuit.config.source import Source


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file: the cells by their column, and the row's number as a spreadsheet counts."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Focus:
    """A peak in a brain: millimetres in a space, the study and contrast that report it, and its region as named."""

    study_id: str
    contrast: str
    x: float
    y: float
    z: float
    space: str = ""
    region: str = ""
    statistic: str = ""
    value: float | None = None
    participants: str = ""
    file: str = ""
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Extract:
    """All that a file holds.

    `effects` have the columns of the file; `defaults` say which of them are ours (the first that exists is taken).
    `delimiter` is the text's, by which the decimal mark is guessed.
    """

    effects: tuple[Row, ...] = ()
    studies: tuple[Row, ...] = ()
    foci: tuple[Focus, ...] = ()
    defaults: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    sheet: str = ""
    delimiter: str = ""


def base_name(path: str) -> str:
    """The name of a file without its folders."""
    return path.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Files:
    """The bytes of a source, by path, in the order of the config."""

    spec: Source
    contents: Mapping[str, bytes]

    @property
    def name(self) -> str:
        """The name of the first file, for messages."""
        return base_name(next(iter(self.contents)))

    @property
    def data(self) -> bytes:
        """Its bytes."""
        return next(iter(self.contents.values()))


def unmapped(problem: str, remedy: str, *, file: str, value: object = "", **where: object) -> Problem:
    """Say that something in a file has no place in our tables."""
    return Problem(Code.NOT_MAPPED, problem, "", remedy, file=file, value=shown(value) if value else "", **where)
