"""A sheet with its cells understood: numbers as numbers, words as ids, and what stood there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.sheets.columns import STANDARD
from metacircuit.sheets.kinds import Column
from metacircuit.sheets.parse import Numbers, decimal_mark, read_numbers, split_inequality
from metacircuit.sheets.problems import ERROR, Code, Hits, shown
from metacircuit.sheets.unreadable import NO_VALUE, Odd, no_value
from metacircuit.sheets.words import Words, find_regions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from metacircuit.sheets.raw import RawSheet

REGION = "region"


@dataclass(frozen=True, slots=True)
class Table:
    """A typed sheet.

    `frame` has every column of the standard in its order (float64 with NaN, text with ""), then the user's own;
    `typed` the cells of each column of the sheet as codes into its distinct texts; `halves` half a unit of the last
    printed digit of each number; `words` the vocabularies in force; `hits` the cells that are not as they should be.
    """

    raw: RawSheet
    frame: pd.DataFrame
    typed: Mapping[str, tuple[NDArray[np.integer], pd.Index]]
    halves: Mapping[str, NDArray[np.float64]]
    words: Mapping[str, Words]
    hits: tuple[Hits, ...]

    def numbers(self, column: str) -> NDArray[np.float64]:
        """The numbers of a column."""
        return self.frame[column].to_numpy(dtype=float)

    def half(self, column: str) -> NDArray[np.float64]:
        """Half a unit of the last digit of each number of a column."""
        return self.halves.get(column, np.zeros(len(self.frame)))

    def text(self, column: str, i: int) -> str:
        """A cell as typed, for a message."""
        if column not in self.typed:
            return ""
        codes, texts = self.typed[column]
        return shown(texts[codes[i]])

    def matches(self, column: str, pattern: str) -> NDArray[np.bool_]:
        """Rows in which a column has a pattern somewhere, in either case; each distinct text is tried once."""
        if column not in self.typed:
            return np.zeros(len(self.frame), dtype=bool)
        codes, texts = self.typed[column]
        return np.array([re.search(pattern, text, re.IGNORECASE) is not None for text in texts], dtype=bool)[codes]

    def says(self, column: str, word: str) -> NDArray[np.bool_]:
        """Rows in which a column has a word."""
        return (self.frame[column] == word).to_numpy(dtype=bool)


def understand(raw: RawSheet, vocabularies: Mapping[str, pd.DataFrame]) -> Table:
    """Type the cells of a sheet.

    Parameters
    ----------
    raw : RawSheet
        As read.
    vocabularies : mapping of str to DataFrame
        Column name to a table with `id`, `label` and perhaps `synonyms`.

    Returns
    -------
    Table
        With hits for cells that are no numbers, words in another spelling and regions that are not known. Words that
        no vocabulary has are left as typed; the schema finds them.
    """
    standard = STANDARD[raw.name]
    numeric = [c for c in standard if c.numeric and c.name in raw.cells]
    decimal = decimal_mark((word for c in numeric for word in raw.cells[c.name].cat.categories), raw.delimiter)
    words = {c.name: Words.fixed(c.allowed) for c in standard if c.allowed}
    words |= {name: Words.of(table) for name, table in vocabularies.items()}
    data: dict[str, object] = {}
    halves: dict[str, NDArray[np.float64]] = {}
    hits: list[Hits] = []
    for column in standard:
        if column.name not in raw.cells:
            data[column.name] = (
                np.full(len(raw.rows), np.nan) if column.numeric else np.full(len(raw.rows), "", dtype=object)
            )
        elif column.numeric:
            data[column.name], halves[column.name], found = _numbers(raw.cells[column.name], column, decimal)
            hits += found
        else:
            data[column.name], found = _texts(raw.cells[column.name], column.name, words)
            hits += found
    for name in raw.cells.columns:
        if name not in data:
            data[name], found = _texts(raw.cells[name], name, words)
            hits += found
    if raw.name == "effects" and "p" in raw.cells:
        hits = _split_p(raw, data, halves, hits, decimal)
    typed = {name: (cells.cat.codes.to_numpy(), cells.cat.categories) for name, cells in raw.cells.items()}
    return Table(raw, pd.DataFrame(data), typed, halves, words, tuple(hits))


def _numbers(
    cells: pd.Series, column: Column, decimal: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[Hits]]:
    codes = cells.cat.codes.to_numpy()
    numbers = read_numbers(cells.cat.categories, decimal=decimal, whole=column.kind == "count")
    return numbers.numbers[codes], numbers.halves[codes], list(_odd_hits(codes, column.name, numbers))


def _odd_hits(codes: NDArray[np.int32], column: str, numbers: Numbers) -> Iterator[Hits]:
    """One hit a cell for what cannot be read, one a word for what can."""
    for code in dict.fromkeys(odd.code for odd in numbers.odd.values()):
        odd = {word: one for word, one in numbers.odd.items() if one.code is code}
        if code is Code.NO_VALUE_WORD:
            yield from (_once(codes, column, [word], one) for word, one in odd.items())
        else:
            severity = ERROR if code is Code.FORMULA else ""  # in a text file there is no stored value to take instead
            yield Hits.of(code, column, np.isin(codes, list(odd)), lambda i, odd=odd: odd[int(codes[i])][1:], severity)


def _once(codes: NDArray[np.int32], column: str, word_codes: list[int], odd: Odd) -> Hits:
    """One hit for all cells with the same word."""
    where = np.flatnonzero(np.isin(codes, word_codes))
    also = f" So are {len(where) - 1} further cells of the column." if len(where) > 1 else ""
    return Hits(odd.code, column, where[:1], lambda _: (odd.problem + also, odd.allowed, odd.remedy))


def _texts(cells: pd.Series, name: str, words: Mapping[str, Words]) -> tuple[NDArray[np.object_], list[Hits]]:
    codes = cells.cat.codes.to_numpy()
    typed = np.array([word.strip() for word in cells.cat.categories] or [""], dtype=object)
    vocabulary = words.get(name)
    hits: list[Hits] = []
    if vocabulary is not None and name == REGION:
        hits = [
            _unknown_region(codes, i, word)
            for i, word in enumerate(typed)
            if word and not find_regions(word, vocabulary)
        ]
    elif vocabulary is not None:
        meant = [_meaning(word, vocabulary) for word in typed]
        hits = [_read_as(codes, name, i, word, meant[i]) for i, word in enumerate(typed) if meant[i] != word]
        typed = np.array(meant, dtype=object)
    return typed[codes], hits


def _meaning(word: str, vocabulary: Words) -> str:
    """The id of a word, or of the family before the colon; a word that is not known stays as it is."""
    family, colon, subtype = word.partition(":")
    whole = vocabulary.find(word)
    if whole or not colon:
        return whole or ("" if word.casefold() in NO_VALUE else word)
    return f"{vocabulary.find(family.strip()) or family}{colon}{subtype}"


def _read_as(codes: NDArray[np.int32], column: str, i: int, word: str, meant: str) -> Hits:
    if not meant:
        return _once(codes, column, [i], no_value(word))
    odd = Odd(Code.RESPELLED_WORD, f"{shown(word)} is read as {meant}.", meant, "Nothing to do if that is meant.")
    return _once(codes, column, [i], odd)


def _unknown_region(codes: NDArray[np.int32], i: int, word: str) -> Hits:
    problem = f"{shown(word)} is not in the vocabulary of regions, so no circuit follows from it."
    return _once(
        codes,
        REGION,
        [i],
        Odd(
            Code.UNKNOWN_REGION,
            problem,
            "names and synonyms of the vocabulary",
            "Add it there as a synonym, if it matters.",
        ),
    )


def _split_p(
    raw: RawSheet, data: dict[str, object], halves: dict[str, NDArray[np.float64]], hits: list[Hits], decimal: str
) -> list[Hits]:
    """Read `<.001` in p as its sign and its number where p_op does not say otherwise."""
    cells = raw.cells["p"]
    codes = cells.cat.codes.to_numpy()
    parts = {i: split for i, word in enumerate(cells.cat.categories) if (split := split_inequality(word))}
    numbers = read_numbers((number for _, number in parts.values()), decimal=decimal)
    readable = {word: k for k, word in enumerate(parts) if np.isfinite(numbers.numbers[k]) and k not in numbers.odd}
    if not readable:
        return hits
    rows = np.flatnonzero(np.isin(codes, list(readable)))
    op = np.array(data["p_op"], dtype=object)
    signs = np.array([parts[int(codes[i])][0] for i in rows], dtype=object)
    free = (op[rows] == "") | (op[rows] == signs)
    done, signs = rows[free], signs[free]
    which = np.array([readable[int(codes[i])] for i in done], dtype=int)
    op[done] = signs
    data["p_op"] = op
    data["p"][done], halves["p"][done] = numbers.numbers[which], numbers.halves[which]
    left = [
        h if h.column != "p" or h.code is not Code.INEQUALITY else Hits(h.code, "p", np.setdiff1d(h.where, done), h.say)
        for h in hits
    ]

    def say(i: int) -> tuple[str, str, str]:
        sign, number = parts[int(codes[i])]
        text = f"{shown(cells.iloc[i])} is read as p_op {sign} and p {number}."
        return text, "the number in p, its sign in p_op", f"Type {sign} into p_op and {number} into p."

    return [*left, Hits(Code.REWRITTEN_NUMBER, "p", done, say)]
