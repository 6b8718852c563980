"""Text from the data, made safe for each format that it is written into."""

from __future__ import annotations

import re
from math import isnan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>~^$@|#])")
_INTERVAL = re.compile(r"\\?\[[−\d.,%∞ ]+\\?\]|\([\d.]+, [\d.]+\)")
_EQUATION = re.compile(r" (=|\\?[<>]) (?=[−.\d])")
_TEX = {
    "\\": r"\textbackslash{}",
    **{c: f"\\{c}" for c in "%&#_${}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "−": "$-$",
    "<": "$<$",
    ">": "$>$",
    "∞": r"$\infty$",
    "×": r"$\times$",
    "²": r"\textsuperscript{2}",
    "τ": r"$\tau$",
    "\u00a0": "~",
    "–": "--",
}
_BIB = {"\\": r"\textbackslash{}", **{c: f"\\{c}" for c in "%&#_${}"}, "~": r"\textasciitilde{}", "^": r"\^{}"}


def one_line(text: object) -> str:
    """The text on one line; nothing for a missing cell.

    >>> one_line("two\\n lines "), one_line(float("nan"))
    ('two lines', '')
    """
    missing = text is None or (isinstance(text, float) and isnan(text))
    return "" if missing else " ".join(str(text).split())


def markdown(text: object) -> str:
    """Text as Markdown that shows exactly its characters.

    >>> print(markdown("n_total | [a]"))
    n\\_total \\| \\[a\\]
    """
    return _MARKDOWN.sub(r"\\\1", one_line(text))


def tex(text: str) -> str:
    """Text as LaTeX that shows exactly its characters.

    >>> print(tex("−0.5, 40%"))
    $-$0.5, 40\\%
    """
    return "".join(_TEX.get(c, c) for c in one_line(text) or "")


def bib(text: object) -> str:
    """Text as the value of a BibTeX field.

    >>> print(bib("A & B {c}"))
    A \\& B \\{c\\}
    """
    return "".join(_BIB.get(c, c) for c in one_line(text))


def typst_string(text: str) -> str:
    """Text as a string literal of Typst.

    >>> print(typst_string('say "so"'))
    "say \\"so\\""
    """
    return '"' + one_line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def unbroken(text: str) -> str:
    """Markdown in which no line breaks within an interval, or beside the sign of an equation.

    >>> unbroken("p = .03, [0.1, 0.2]").replace(chr(160), "_")
    'p_=_.03, [0.1,_0.2]'
    """
    text = _INTERVAL.sub(lambda found: found.group().replace(" ", "\u00a0"), text)
    return _EQUATION.sub(lambda found: f"\u00a0{found.group(1)}\u00a0", text)


def listed(items: list[str], last: str = "and") -> str:
    """Items in a sentence.

    >>> listed(["a", "b", "c"]), listed(["a", "b"]), listed(["a"])
    ('a, b and c', 'a and b', 'a')
    """
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""


def grouping_name(grouping: str) -> str:
    """A grouping in words.

    >>> grouping_name("treatment_kind:disorder")
    'treatment kind × disorder'
    """
    return grouping.replace("_", " ").replace(":", " × ")


def reason_of(row: Mapping[str, object]) -> str:
    """Why a row has no number, to stand within a sentence.

    >>> reason_of({"status": "too_few", "reason": "1 study."}), reason_of({"status": "too_few", "reason": ""})
    ('1 study', 'too few')
    """
    return one_line(row.get("reason")).rstrip(".") or str(row["status"]).replace("_", " ")


def sentence(text: str) -> str:
    """The text with a capital and a full stop.

    >>> sentence("nothing was pooled"), sentence("")
    ('Nothing was pooled.', '')
    """
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".") if text else ""
