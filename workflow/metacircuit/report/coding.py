"""The coded columns of a review: what a reader can filter by, and how its words are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metacircuit.sheets.columns import EFFECTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from metacircuit.config import Settings

_STANDARD = tuple(column.name for column in EFFECTS if column.group == "coding" and column.kind == "word")
_FURTHER = ("region", "timepoint", "adjusted", "country", "route")
# More words than this are no longer a choice; the search field finds them.
MOST_WORDS = 80


@dataclass(frozen=True, slots=True)
class Coding:
    """A column with its words in the order of display, as (word, label)."""

    name: str
    label: str
    words: tuple[tuple[str, str], ...]


def codings(settings: Settings, name: str, rows: pd.DataFrame, words: Mapping[str, pd.DataFrame]) -> tuple[Coding, ...]:
    """Find the columns by which the rows of an analysis can be told apart.

    Parameters
    ----------
    settings : Settings
        The review's config: its groupings, vocabularies and derived columns say what is coded.
    name : str
        The analysis; the factors of its groupings come first.
    rows : DataFrame
        The rows that a reader sees.
    words : mapping of str to DataFrame
        Vocabularies with id and label.

    Returns
    -------
    tuple of Coding
        Columns with 2 to `MOST_WORDS` words among these rows.
    """
    names = dict.fromkeys([*factors(settings, name), *_STANDARD, *settings.vocabulary, *settings.derived, *_FURTHER])
    found = (_coding(column, rows[column], words) for column in names if column in rows)
    return tuple(coding for coding in found if 2 <= len(coding.words) <= MOST_WORDS)


def factors(settings: Settings, name: str) -> tuple[str, ...]:
    """The factors of an analysis, those of a crossed grouping first."""
    groupings = sorted(settings.analyses[name].groupings, key=lambda grouping: ":" not in grouping)
    return tuple(dict.fromkeys(factor for grouping in groupings for factor in grouping.split(":")))


def word_columns(settings: Settings) -> frozenset[str]:
    """Columns of which a word stays a word, even where it looks like a number."""
    grouped = {factor for name in settings.analyses for factor in factors(settings, name)}
    return frozenset({*_STANDARD, *settings.vocabulary, *settings.derived, *_FURTHER, *grouped})


def readable(word: str) -> str:
    """Write a word of a sheet as a label: spaces for underscores, a capital at the start.

    Examples
    --------
    >>> readable("risky_choice:gains"), readable("")
    ('Risky choice: gains', '')
    """
    text = word.replace("_", " ").replace(":", ": ").strip()
    return text[:1].upper() + text[1:]


def _coding(column: str, cells: pd.Series, words: Mapping[str, pd.DataFrame]) -> Coding:
    present = {str(word) for word in cells.dropna() if str(word)}
    known: dict[str, str] = {}
    if column in words:
        vocabulary = words[column]
        known = dict(zip(vocabulary["id"].astype(str), vocabulary["label"].astype(str), strict=True))
    ordered = [*(word for word in known if word in present), *sorted(present - set(known))]
    return Coding(column, readable(column), tuple((word, known.get(word) or readable(word)) for word in ordered))
