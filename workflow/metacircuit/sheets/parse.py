"""Text to numbers: what the paper prints, in every writing that means one number only.

A word is one distinct text of a column. Each is read once, however many cells hold it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metacircuit.sheets.problems import Code, shown
from metacircuit.sheets.unreadable import NUMBER, Odd, explain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Numbers:
    """The words of a column as numbers, half a unit of the last printed digit of each, and the odd words by place."""

    numbers: NDArray[np.float64]
    halves: NDArray[np.float64]
    odd: dict[int, Odd]


_PLAIN = re.compile(r"[-+]?(?:\d+\.?(\d*)|\.(\d+))(?:[eE]([-+]?\d{1,3}))?")
_COMMA_SURE = re.compile(r"[-+]?(?:\d*,\d{1,2}|\d*,\d{4,}|0,\d+|,\d+)")
_POINT = re.compile(r"[-+]?\d*\.\d+")
_GROUPED = {  # by decimal mark: thousands separated so that only one reading is left
    ".": re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?"),
    ",": re.compile(r"[-+]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?"),
}
_SPACED = re.compile(r"[-+]?[1-9]\d{0,2}(?:[ '’]\d{3})+(?:[.,]\d+)?")
_ONE_GROUP = re.compile(r"[-+]?[1-9]\d{0,2}[.,]\d{3}")
_INEQUALITY = re.compile(r"(?i)p?\s*(<=|>=|<|>|=|≤|≥|＜|＞|≦|≧|＝)\s*(.+)")
_OPERATORS = {"≤": "<=", "≥": ">=", "＜": "<", "＞": ">", "≦": "<=", "≧": ">=", "＝": "="}

#: Printed pages have these for a minus sign and a blank; they leave no doubt and are read without a word.
_SILENT = (
    dict.fromkeys(map(ord, "−–‐‑‒﹣－"), "-")
    | dict.fromkeys((0xA0, 0x2009, 0x202F), " ")
    | {0x200B: None, 0xFEFF: None}
)
_MARKS = dict.fromkeys(map(ord, "·∙٫．"), ".") | dict.fromkeys(map(ord, "٬，"), ",") | {ord("＋"): "+"}

_LONGEST = 60  # no number is longer, and patterns over a megabyte of text take minutes


def decimal_mark(words: Iterable[str], delimiter: str = "") -> str:
    """Tell whether a sheet writes its decimals with a point or a comma, from the words of all its number columns.

    What counts are the words that can be read in one way only: 0,5 has a decimal comma, 1,234 may be either. Without
    any, a comma is the decimal mark of a file delimited by semicolons.

    Examples
    --------
    >>> decimal_mark(["0,35", "12", "1,234"]), decimal_mark(["0.35", "1,234"])
    (',', '.')
    """
    commas = points = grouped = 0
    for word in words:
        if len(word) > _LONGEST:
            continue
        if "," in word:
            sure = _COMMA_SURE.fullmatch(word.strip().translate(_SILENT)) is not None
            commas, grouped = commas + sure, grouped + (not sure)
        elif "." in word and _POINT.fullmatch(word.strip().translate(_SILENT)):
            points += 1
    if commas or points:
        return "," if commas > points else "."
    return "," if grouped and delimiter == ";" else "."


def read_numbers(words: Iterable[str], *, decimal: str = ".", whole: bool = False) -> Numbers:
    """Read the distinct words of a column as numbers.

    Parameters
    ----------
    words : iterable of str
        Distinct cell texts.
    decimal : str
        The sheet's decimal mark.
    whole : bool
        Whether the column counts something, so that 1,234 can only be a thousand and more.

    Returns
    -------
    Numbers
        NaN where a word is empty or is no number; every word that is not plainly a number is in `odd`.

    Examples
    --------
    >>> read = read_numbers(["0.35", "", "−2.30", "n.s."])
    >>> read.numbers.tolist(), read.halves.round(4).tolist(), {i: odd.code.slug for i, odd in read.odd.items()}
    ([0.35, nan, -2.3, nan], [0.005, 0.0, 0.005, 0.0], {3: 'not-a-number'})
    """
    words = list(words)
    numbers = np.full(len(words), np.nan)
    halves = np.zeros(len(words))
    odd: dict[int, Odd] = {}
    for i, word in enumerate(words):
        text = word.strip()
        if not text:
            continue
        number = _plain(text, decimal)
        if number is None:
            number, unusual = _unusual(text, decimal, whole)
            if unusual:
                odd[i] = unusual
        if number is not None:
            numbers[i], halves[i] = number
    return Numbers(numbers, halves, odd)


def split_inequality(word: str) -> tuple[str, str] | None:
    """Cut the printed p < .001 into its sign and its number.

    Examples
    --------
    >>> split_inequality("p<.001"), split_inequality("0.03")
    (('<', '.001'), None)
    """
    match = _INEQUALITY.fullmatch(word.strip().translate(_SILENT)) if len(word) <= _LONGEST else None
    return (_OPERATORS.get(match[1], match[1]), match[2].strip()) if match else None


def _plain(text: str, decimal: str = ".") -> tuple[float, float] | None:
    """A number in plain writing and half a unit of its last digit; None for everything else."""
    if decimal == ",":
        text = "" if "." in text else text.replace(",", ".")
    match = _PLAIN.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None or not text.isascii():
        return None
    number = float(text)
    digits = len(match[1] or match[2] or "") - int(match[3] or 0)
    return (number, 0.5 * 10.0 ** -max(min(digits, 300), -300)) if abs(number) < float("inf") else None


def _unusual(text: str, decimal: str, whole: bool) -> tuple[tuple[float, float] | None, Odd | None]:
    """Read a word that is no plain number, or say why it cannot be read."""
    if len(text) > _LONGEST:
        return None, explain(text, text, None)
    typed = re.sub(r"^([-+])\s+", r"\1", text.translate(_SILENT).strip())
    number = _plain(typed, decimal)
    if number is not None:
        return number, None
    latin = "".join(str(unicodedata.decimal(c, c)) for c in typed.translate(_MARKS))
    number, ambiguous = _grouped(latin, decimal, whole)
    if ambiguous:
        return None, _ambiguous(latin, decimal)
    if number is None:
        return None, explain(text, typed, split_inequality(text))
    as_read = f"{number[0]:.10g}".replace(".", decimal)
    return number, Odd(Code.REWRITTEN_NUMBER, f"{shown(text)} is read as {as_read}.", NUMBER, f"Type {as_read}.")


def _grouped(text: str, decimal: str, whole: bool) -> tuple[tuple[float, float] | None, bool]:
    """The value of a number with separators, and whether it has two readings."""
    other = "," if decimal == "." else "."
    if _SPACED.fullmatch(text):
        return _plain(re.sub(r"[ '’]", "", text).replace(",", ".")), False
    if _ONE_GROUP.fullmatch(text) and other in text:
        return (_plain(text.replace(other, "")), False) if whole else (None, True)
    for mark, groups in ((decimal, other), (other, decimal)):
        if _GROUPED[mark].fullmatch(text) and groups in text:
            return _plain(text.replace(groups, "").replace(",", ".")), False
    both = "," in text and "." in text
    return None if both else _plain(text.replace(",", ".")), False


def _ambiguous(text: str, decimal: str) -> Odd:
    small, large = text.replace(",", "."), re.sub(r"[.,]", "", text)
    mark = "point" if decimal == "." else "comma"
    problem = f"{shown(text)} may mean {small} or {large}; this sheet writes decimals with a {mark}."
    remedy = f"Type {small.replace('.', decimal)} or {large}."
    return Odd(Code.AMBIGUOUS_NUMBER, problem, "numbers without thousands separators", remedy)
