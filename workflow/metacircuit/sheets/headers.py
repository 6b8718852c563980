"""Check the columns of a sheet against the extraction standard."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from metacircuit.sheets.aliases import ALIASES
from metacircuit.sheets.columns import STANDARD
from metacircuit.sheets.problems import Code, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from metacircuit.sheets.raw import RawSheet

_NEAR = 0.75


def check_headers(sheet: RawSheet, coded: Collection[str] = ()) -> list[Problem]:
    """Report unknown and missing columns; an unknown one that stands where a required one is missing is an error.

    Parameters
    ----------
    sheet : RawSheet
        As read.
    coded : collection of str
        Columns of the review's own that have a vocabulary, which makes them known.

    Returns
    -------
    list of Problem
    """
    known = {column.name for column in STANDARD[sheet.name]} | set(coded)
    required = [column.name for column in STANDARD[sheet.name] if column.required]
    present = set(sheet.cells.columns)
    missing = [name for name in required if name not in present]
    return [*_unknown(sheet, known, missing), *_missing(sheet, missing)]


def nearest_column(name: str, known: Collection[str]) -> str | None:
    """Return the known column that a name most likely means: by the habits of other tools, else by its letters.

    Examples
    --------
    >>> nearest_column("odds_ratio", ["or", "hr"]), nearest_column("dissorder", ["disorder"])
    ('or', 'disorder')
    """
    if ALIASES.get(name) in known:
        return ALIASES[name]
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=_NEAR)
    return near[0] if near else None


def _unknown(sheet: RawSheet, known: set[str], missing: list[str]) -> Iterator[Problem]:
    own = [p.column for p in sheet.problems if p.code is Code.UNNAMED_COLUMN]
    for name, header in zip(sheet.cells.columns, sheet.headers, strict=True):
        if name in known or name in own or "__" in name:
            continue
        where = {"column": name, "value": header}
        # A name that is taken cannot be what the user meant, unless nothing else is near.
        near = (
            nearest_column(name, missing)
            or nearest_column(name, known - set(sheet.cells.columns))
            or nearest_column(name, known)
        )
        if near in missing:
            text = f"There is no column {header}; the required column {near} is missing and has a similar name."
            yield sheet.problem(
                Code.UNKNOWN_COLUMN,
                text,
                "the columns of the extraction standard",
                f"Rename it to {near}.",
                severity="error",
                **where,
            )
        elif near:
            text = f"The column {header} is not known and is not used; did you mean {near}?"
            yield sheet.problem(
                Code.UNKNOWN_COLUMN,
                text,
                "the columns of the extraction standard",
                f"Rename it to {near} if it holds that.",
                **where,
            )
        else:
            text = f"The column {header} is not part of the standard; it is carried along untouched."
            yield sheet.problem(Code.EXTRA_COLUMN, text, "", "Nothing to do if it is yours.", **where)


def _missing(sheet: RawSheet, missing: list[str]) -> Iterator[Problem]:
    for name in missing:
        text = f"The required column {name} is missing."
        found = ", ".join(list(sheet.cells.columns)[:8])
        yield sheet.problem(
            Code.MISSING_COLUMN, text, f"a column {name}", f"Add it. The sheet begins with {found}.", column=name
        )
