"""Words that several tables share: headings, marks, names of groupings and of words of a vocabulary."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from metacircuit.tables.table import Column, Footnote, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

LIMITS = "LL and UL = lower and upper limit"
_BOOTSTRAP = re.compile(r"since there are [\d.]+ degrees of freedom, fewer than (\d+)")
_ABBREVIATIONS = {"doi": "DOI", "pmid": "PMID", "id": "ID", "iq": "IQ", "sd": "SD", "n": "n"}


def heading_of(column: str) -> str:
    """A column's name as people write it.

    >>> heading_of("mean_age"), heading_of("doi"), heading_of("RoB_overall")
    ('Mean age', 'DOI', 'RoB overall')
    """
    words = column.replace("_", " ").strip()
    return _ABBREVIATIONS.get(words, words[:1].upper() + words[1:])


def grouping_of(grouping: str) -> str:
    """A grouping as the heading of its strata; nothing for all studies together.

    >>> grouping_of("disorder:circuit"), grouping_of("treatment_kind"), grouping_of("overall")
    ('By disorder × circuit', 'By treatment kind', '')
    """
    return "" if grouping == "overall" else f"By {grouping.replace('_', ' ').replace(':', ' × ')}"


def letter(place: int) -> str:
    """The mark of a footnote: a, b … z, aa, ab …

    >>> letter(0), letter(25), letter(26)
    ('a', 'z', 'aa')
    """
    return (letter(place // 26 - 1) if place >= 26 else "") + chr(ord("a") + place % 26)


def marks_for(texts: Iterable[str]) -> dict[str, str]:
    """A mark for each different text, in their order; none for "".

    >>> marks_for(["x", "", "y", "x"])
    {'x': 'a', 'y': 'b'}
    """
    return {text: letter(place) for place, text in enumerate(dict.fromkeys(filter(None, texts)))}


def footnotes_of(marks: Mapping[str, str]) -> tuple[Footnote, ...]:
    """The footnotes of `marks_for`, as sentences."""
    return tuple(Footnote(mark, sentence(text)) for text, mark in marks.items())


def sentence(text: str) -> str:
    """A text with a capital at its start and a point at its end.

    >>> sentence("no standard error"), sentence("It is.")
    ('No standard error.', 'It is.')
    """
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".") if text else ""


def remark(reason: object) -> str:
    """What a reader must know beside the numbers of a stratum; one text for all whose number alone differs.

    >>> remark("wild cluster bootstrap, since there are 3.38 degrees of freedom, fewer than 4")
    'wild cluster bootstrap, since there are fewer than 4 degrees of freedom'
    """
    return _BOOTSTRAP.sub(
        r"since there are fewer than \1 degrees of freedom", reason if isinstance(reason, str) else ""
    )


def interval_heading(kind: str, levels: Iterable[float]) -> str:
    """The heading of an interval, with its level where all have the same.

    >>> interval_heading("CI", [95.0, 95.0]), interval_heading("PI", [95.0, 90.0])
    ('95% CI', 'PI')
    """
    different = set(levels)
    return f"{different.pop():g}% {kind}" if len(different) == 1 else kind


def labels_of(words: Mapping[str, pd.DataFrame], column: str) -> dict[str, str]:
    """Word to label of a coded column."""
    if column not in words:
        return {}
    return dict(zip(words[column]["id"].astype(str), words[column]["label"].astype(str), strict=True))


def label_of(word: str, labels: Mapping[str, str]) -> str:
    """The label of a word; of family:subtype the family's label and the subtype.

    >>> label_of("trauma:emotional_abuse", {"trauma": "Trauma"}), label_of("no_such", {"a": "A"}), label_of("x_y", {})
    ('Trauma: emotional abuse', 'no such', 'x_y')
    """
    if not labels:
        return word
    first, colon, rest = word.partition(":")
    whole = labels.get(word) or labels.get(first, first.replace("_", " "))
    return whole + (f": {rest.replace('_', ' ')}" if colon and word not in labels else "")


def without_empty(table: Table) -> Table:
    """The table without those shown columns in which no row has anything; the CSV keeps them.

    The first column stays, and all of them where there are no rows, or where a row's message would have no place.
    """
    if not table.rows:
        return table
    filled = [any(row.cells[i].text not in ("", "–") for row in table.rows) for i in range(len(table.columns))]
    kept = [i for i in table.shown if i == table.shown[0] or filled[i]]
    if any(row.message and all(row.cells[i].value is not None for i in kept) for row in table.rows):
        return table
    columns: list[Column] = [
        column if i == table.shown[0] or filled[i] else replace(column, shown=False)
        for i, column in enumerate(table.columns)
    ]
    return replace(table, columns=tuple(columns))
