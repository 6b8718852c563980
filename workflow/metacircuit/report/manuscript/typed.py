"""Numbers typed by hand: a skeleton may hold none, since none of them would change with the data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from metacircuit.report.manuscript.numbers import Number

DIRECTIVE = re.compile(r"\{\{(.*?)\}\}")
_COMMENT = re.compile(r"<!--.*?-->", re.S)
# What may hold digits that are no numbers: names, addresses and the marks of Markdown.
_NO_NUMBERS = re.compile(
    "|".join(
        (
            r"^\s*#+\s+\d+(?:\.\d+)*\.?(?=\s)",  # the number of a heading
            r"^\s*\d+[.)](?=\s)",  # the number of a list item
            r"\]\([^)\s]*\)",  # where a link leads
            r"\{[#.][^{}]*\}",  # attributes
            r"\[\^[^\]]+\]",  # footnotes
            r"(?:https?://|\bdoi:|\b10\.\d{4,9}/)\S+",  # addresses and DOIs
            r"-?@\{?[\w][\w:.#$%&+?<>~/-]*\}?(?:,\s*(?:pp?|ch|chap|sec|fig|tab|eq|vol)s?\.?\s*[\d–-]+)?",  # citations
            r"(?<![\w.])[A-Za-z]+(?:-[A-Za-z]+)*-?\d+(?:-?[A-Za-z]+\d*)*(?![\w.%]*\d)",  # names such as DSM-5-TR, CR2
        )
    )
)
_DIGITS = re.compile(r"[-−+]?(?:\d[\d.,]*\d|\d)\s?%?|[½¼¾⅓⅔⅛]|(?<!\w)\.\d+")
_WORDS = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen"
    r"|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|dozen)"
    r"(?=\s(?:studies|trials|effects|results|samples|cohorts|participants|patients|people|strata|per\s?cent|percent)\b)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Typed:
    """A number that stands in a skeleton as it was typed."""

    line: int
    text: str
    context: str


def without_comments(text: str) -> str:
    """The text without its comments, every line at its place."""
    return _COMMENT.sub(lambda found: "\n" * found.group().count("\n"), text)


def typed_numbers(text: str) -> Iterator[Typed]:
    """Find the numbers that were typed into a skeleton.

    Parameters
    ----------
    text : str
        The skeleton.

    Yields
    ------
    Typed
        Numbers in digits, and number words before words such as studies; none in placeholders, comments, citations,
        addresses, list and heading numbers, attributes, or in names such as DSM-5 and CR2.

    Examples
    --------
    >>> [t.text for t in typed_numbers("In 12 studies [@Li2020, p. 4], g was {{ neural.overall.natural }}.")]
    ['12']
    >>> [t.text for t in typed_numbers("DSM-5 patients, COVID-19, three studies")]
    ['three']
    """
    for number, line in enumerate(without_comments(text).split("\n"), start=1):
        kept = _NO_NUMBERS.sub(_blank, DIRECTIVE.sub(_blank, line))
        for pattern in (_DIGITS, _WORDS):
            for found in pattern.finditer(kept):
                yield Typed(number, found.group().strip(), line)


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())


def nearest_number(typed: Typed, numbers: Mapping[str, Number]) -> str:
    """The name that most likely stands behind a typed number.

    Names whose text is the typed one come before those whose value is near; among equals, the one whose words occur
    in the line, and then the shortest.
    """
    wanted = _plain(typed.text)
    words = set(re.findall(r"[a-z]{3,}", typed.context.lower()))

    def rank(item: tuple[str, Number]) -> tuple[float, int, int, str]:
        name, number = item
        shared = len(words & set(re.split(r"[._:-]", name.lower())))
        return (_distance(wanted, number), -shared, len(name), name)

    known = [(name, n) for name, n in numbers.items() if n.text and n.value is not None]
    return min(known, key=rank)[0] if known else ""


def _plain(text: str) -> str:
    return text.replace("−", "-").replace(",", "").replace(" ", "").lstrip("+")


def _distance(wanted: str, number: Number) -> float:
    shown = _plain(number.text or "")
    if wanted.rstrip("%") == shown.rstrip("%") or wanted.removeprefix("0") == shown:
        return 0.0
    try:
        return abs(float(wanted.rstrip("%")) - float(shown.rstrip("%")))
    except ValueError:
        return float("inf")
