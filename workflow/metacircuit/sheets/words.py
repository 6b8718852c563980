"""Words of a vocabulary: taken in any spelling that can only mean one of them, with the nearest for all others."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

_SPELLINGS = {
    "<": ("＜",), ">": ("＞",), "=": ("＝", "=="), "<=": ("≤", "=<", "≦"), ">=": ("≥", "=>", "≧"),
    "yes": ("y", "true", "1", "x", "ja", "oui", "si", "是"), "no": ("n", "false", "0", "nein", "non", "否"),
}  # fmt: skip
_SIDES = re.compile(r"\b(?:left|right|bilateral|l|r|lh|rh|hemisphere|the)\b\.?")
_PARTS = re.compile(r"\s+(?:-|–|—|to|and|with)\s+|[/;+&|–—]|->|→")


@dataclass(frozen=True)
class Words:
    """The ids of a vocabulary and the spellings that mean them.

    Parameters
    ----------
    ids : tuple of str
        In the order of the vocabulary.
    spellings : mapping of str to str
        Folded spelling to id: the ids themselves, their labels and synonyms.
    """

    ids: tuple[str, ...]
    spellings: Mapping[str, str]

    @classmethod
    def of(cls, vocabulary: pd.DataFrame) -> Words:
        """From a table with `id` and, if it has them, `label` and `synonyms` (separated by |)."""
        table = vocabulary.fillna("").astype(str)
        ids = tuple(table["id"])
        spellings: dict[str, str] = {}
        for source in ("id", "label", "synonyms"):
            if source in table.columns:
                for word, texts in zip(ids, table[source], strict=True):
                    for text in texts.split("|"):
                        spellings.setdefault(fold(text), word)
        spellings.pop("", None)
        return cls(ids, spellings)

    @classmethod
    def fixed(cls, allowed: Iterable[str]) -> Words:
        """From a few words of the standard, with the ways that people write them."""
        ids = tuple(allowed)
        return cls(
            ids, {spelling: word for word in ids for spelling in (fold(word), *map(fold, _SPELLINGS.get(word, ())))}
        )

    def find(self, word: str) -> str | None:
        """Return the id that a word means, or None.

        Examples
        --------
        >>> words = Words.fixed(["<=", "yes"])
        >>> words.find("≤"), words.find("Yes"), words.find("perhaps")
        ('<=', 'yes', None)
        """
        return word if word in self._ids else self.spellings.get(fold(word))

    def nearest(self, word: str) -> str | None:
        """Return the id whose spelling is nearest to a word, or None if none is near."""
        near = difflib.get_close_matches(fold(word), list(self.spellings), n=1, cutoff=0.6)
        return self.spellings[near[0]] if near else None

    def listed(self, limit: int = 12) -> str:
        """The ids for a message, cut after `limit`."""
        more = len(self.ids) - limit
        return ", ".join(self.ids[:limit]) + (f", … ({more} more)" if more > 0 else "")

    @cached_property
    def _ids(self) -> frozenset[str]:
        return frozenset(self.ids)


def fold(text: str) -> str:
    """Return a text without case, and with one blank for blanks, underscores and hyphens between letters.

    Examples
    --------
    >>> fold(" Depressive-Disorder ") == fold("depressive_disorder")
    True
    """
    return re.sub(r"(?<=\w)-(?=\w)|[\s_]+", " ", text.strip().casefold()).strip()


def find_regions(text: str, regions: Words) -> tuple[str, ...]:
    """Return the ids of the regions that a coded region names, without regard to side.

    A text may name several, as connectivity does (right amygdala - left insula). Each part is looked up as a whole,
    then for the longest known name inside it.

    Parameters
    ----------
    text : str
        The coded text.
    regions : Words
        Vocabulary of regions with their synonyms.

    Returns
    -------
    tuple of str
        Ids in the order of the text; empty if no part is known.

    Examples
    --------
    >>> import pandas as pd
    >>> table = {"id": ["amygdala", "acc"], "synonyms": ["", "dACC|anterior cingulate cortex"]}
    >>> find_regions("left amygdala - right anterior cingulate cortex", Words.of(pd.DataFrame(table)))
    ('amygdala', 'acc')
    """
    found = (
        (regions.find(text),)
        if regions.find(text)
        else (_region(part, regions) for part in _PARTS.split(text.casefold()))
    )
    return tuple(dict.fromkeys(region for region in found if region))


def _region(part: str, regions: Words) -> str | None:
    bare = " ".join(_SIDES.sub(" ", fold(part)).split())
    if bare in regions.spellings:
        return regions.spellings[bare]
    inside = [known for known in regions.spellings if re.search(rf"(?<!\w){re.escape(known)}(?!\w)", bare)]
    return regions.spellings[max(inside, key=len)] if inside else None
