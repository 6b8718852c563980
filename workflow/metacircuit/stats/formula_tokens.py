"""The words of a model formula, the parts they make, and errors that point at one of them."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
          |(?P<name>[^\W\d][\w.]*)
          |`(?P<quoted>[^`]+)`
          |"(?P<double>[^"]*)"|'(?P<single>[^']*)'
          |(?P<op>\*\*|[-+*/^:()~,=]))""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word of the formula and where it stands."""

    kind: str
    text: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Expression:
    """Arithmetic: `op` is name, number, neg, a function's name, or one of + - * / ^; `parts` are its operands."""

    op: str
    parts: tuple["Expression", ...] = ()
    value: float = 0.0
    at: Token | None = None


@dataclass(frozen=True, slots=True)
class Variable:
    """What a term is made of: a column (`expression` None) or a number computed from columns."""

    label: str
    at: Token
    expression: Expression | None = None
    is_factor: bool = False
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Formula:
    """The parsed formula: its text, whether it has an intercept, and its terms ordered by degree."""

    text: str
    intercept: bool
    terms: tuple[tuple[Variable, ...], ...]


class FormulaError(ValueError):
    """A formula that cannot be used, with the place where it goes wrong."""


def formula_error(formula: str, at: Token, problem: str) -> FormulaError:
    """The error for `problem`, with the formula and a mark under the place."""
    mark = " " * at.start + "^" * max(1, at.stop - at.start)
    return FormulaError(f"{problem}\n  {formula}\n  {mark}  (position {at.start + 1})")


def nearest(word: str, known: Iterable[str]) -> str:
    """'Did you mean …' for a misspelt word, and what is known."""
    known = [str(name) for name in known]
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    hint = f"Did you mean {close[0]!r}? " if close else ""
    shown = ", ".join(known[:20]) + (", …" if len(known) > 20 else "")
    return f"{hint}Known: {shown or 'none'}."


def tokens(text: str) -> list[Token]:
    """The words of the formula, closed by an end token."""
    found, position = [], 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            here = Token("?", text[start], start, start + 1)
            raise formula_error(
                text, here, f"{text[start]!r} has no meaning in a formula. Allowed: names, numbers, + - : * ( )."
            )
        group = match.lastgroup
        kind = {"quoted": "name", "double": "string", "single": "string"}.get(group, group)
        inner = match.span(group)
        quote = group in ("quoted", "double", "single")
        found.append(Token(kind, match[group], inner[0] - quote, inner[1] + quote))
        position = match.end()
    return [*found, Token("end", "the end", len(text), len(text) + 1)]
