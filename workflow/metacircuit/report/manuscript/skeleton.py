"""A skeleton: Markdown with placeholders, replaced by what they name; nothing in it is evaluated."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from metacircuit.config import UserError
from metacircuit.report.manuscript.bibliography import cited
from metacircuit.report.manuscript.markup import markdown
from metacircuit.report.manuscript.names import nearest
from metacircuit.report.manuscript.typed import DIRECTIVE, nearest_number, typed_numbers, without_comments

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from metacircuit.report.manuscript.numbers import Number

BLOCKS = ("include", "figure", "figures", "table", "tables", "references", "page-break")
_RAW = re.compile(r"\{\s*=\s*\w+\s*\}")
_MARK = re.compile(r"\s*\{\{\s*(figures?|tables?)(?:\s+(.*?))?\s*\}\}\s*")
_FOREIGN = re.compile(r"</?[A-Za-z][^<>@:]*>|\\[A-Za-z]+\{")
_PICTURE = re.compile(r"!\[[^\]]*\]\(")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a skeleton may name: numbers, texts to include, figures, tables and citation keys.

    `main` holds the figures and tables that `{{ figures }}` and `{{ tables }}` mean; with an analysis behind them, they
    mean all of that analysis.
    """

    numbers: Mapping[str, Number]
    texts: Mapping[str, str]
    figures: Collection[str]
    tables: Collection[str]
    keys: Collection[str]
    main: Collection[str] = ()

    def chosen(self, kind: str, name: str) -> list[str]:
        """The figures or tables that a placeholder means."""
        known = self.figures if kind.startswith("figure") else self.tables
        if not kind.endswith("s"):
            return [each for each in known if each == name]
        return [each for each in known if (each.startswith(f"{name}/") if name else each in self.main)]


@dataclass(slots=True)
class Document:
    """The lines of a manuscript, its figures and tables in order, and what is wrong with its skeleton.

    `alone` are those with a place of their own: lists such as `{{ figures }}` pass over them.
    """

    blocks: list[str | tuple[str, str]] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    alone: set[str] = field(default_factory=set)


def fill(text: str, parts: Parts, *, source: str) -> Document:
    """Replace the placeholders of a skeleton.

    Parameters
    ----------
    text : str
        The skeleton.
    parts : Parts
        What it may name.
    source : str
        The file's name, for messages.

    Returns
    -------
    Document
        Blocks of Markdown, and (kind, name) where a figure, a table, the references or a page break stand.

    Raises
    ------
    UserError
        With one message for every number typed by hand, every name that does not exist or has no value, every citation
        without a source, and whatever else one of the two formats could not show.

    Examples
    --------
    >>> parts = Parts({}, {}, (), (), ())
    >>> fill("All at {{ literal 95 }}%.", parts, source="manuscript.md").blocks
    ['All at 95%.']
    >>> fill("In 12 trials", parts, source="manuscript.md")
    Traceback (most recent call last):
    ...
    metacircuit.config.errors.UserError: manuscript.md, line 1: the number 12 is typed by hand ...
    """
    document = Document()
    if text.startswith("---\n"):
        document.problems.append(
            f"{source}, line 1: a manuscript takes its title and authors from `manuscript:` in the"
            " config. Delete the block between the lines of dashes."
        )
    document.problems += [_typed(source, t, parts.numbers) for t in typed_numbers(text)]
    lines = without_comments(text).split("\n")
    _find_marks(lines, parts, document)
    for number, line in enumerate(lines, start=1):
        where = f"{source}, line {number}"
        _check_line(line, parts, document, where)
        block = re.fullmatch(r"\s*\{\{\s*([\w-]+)(?:\s+(.*?))?\s*\}\}\s*", line)
        if block and block.group(1) in BLOCKS:
            _place(block.group(1), (block.group(2) or "").strip(), parts, document, where)
        else:
            document.blocks.append(
                DIRECTIVE.sub(lambda m, w=where: _inline(m.group(1).strip(), parts, document, w), line)
            )
    if document.problems:
        raise UserError(*document.problems)
    return document


def _typed(source: str, typed: object, numbers: Mapping[str, Number]) -> str:
    name = nearest_number(typed, numbers)
    near = f" Nearest: {{{{ {name} }}}}, which is {numbers[name].text}." if name else ""
    return (
        f"{source}, line {typed.line}: the number {typed.text} is typed by hand and would not change with the"
        f" data.{near}"
        f" Write a name of numbers.json, or {{{{ literal {typed.text} }}}} if no data can change it."
    )


def _find_marks(lines: list[str], parts: Parts, document: Document) -> None:
    """Number the figures and tables in the order in which they stand, before a line refers to them."""
    marks = [found.groups(default="") for line in lines if (found := _MARK.fullmatch(line))]
    document.alone |= {f"{kind} {name.strip()}" for kind, name in marks if not kind.endswith("s")}
    for kind, name in marks:
        taken = document.figures if kind.startswith("figure") else document.tables
        chosen = parts.chosen(kind, name.strip())
        if kind.endswith("s"):
            chosen = [each for each in chosen if f"{kind[:-1]} {each}" not in document.alone]
        taken += [each for each in chosen if each not in taken]


def _check_line(line: str, parts: Parts, document: Document, where: str) -> None:
    if line.count("{{") != len(DIRECTIVE.findall(line)):
        document.problems.append(
            f"{where}: a placeholder is not closed. It starts with {{{{ and ends with }}}} on one line."
        )
    if _RAW.search(line):
        document.problems.append(
            f"{where}: raw text for one format is not taken, since the other would lack it. Write Markdown."
        )
    if found := _FOREIGN.search(line):
        document.problems.append(
            f"{where}: {found.group()} is HTML or TeX, which one of the two formats would lack. Write Markdown."
        )
    if _PICTURE.search(line):
        document.problems.append(
            f"{where}: pictures come from the results: {{{{ figure ANALYSIS/FIGURE }}}} on a line of its own."
        )
    for key in cited(DIRECTIVE.sub("", line)):
        if key not in parts.keys:
            near = nearest(key, parts.keys, 1)
            hint = f" Nearest: @{near[0]}." if near else ""
            document.problems.append(
                f"{where}: @{key} is in no bibliography.{hint} Add it to the file that manuscript.bibliography"
                f" names in the config."
            )


def _place(kind: str, name: str, parts: Parts, document: Document, where: str) -> None:
    match kind:
        case "include":
            stem = re.sub(r"\.md\b", "", name)
            if stem in parts.texts:
                document.blocks.append(parts.texts[stem])
            else:
                document.problems.append(_unknown(where, "text to include", name, parts.texts))
        case "figure" | "table" | "figures" | "tables":
            chosen = parts.chosen(kind, name)
            chosen = [each for each in chosen if not kind.endswith("s") or f"{kind[:-1]} {each}" not in document.alone]
            document.blocks += [
                ("figure-here" if kind == "figures" else kind.removesuffix("s"), each) for each in chosen
            ]
            if not parts.chosen(kind, name) and (name or not kind.endswith("s")):
                known = parts.figures if kind.startswith("figure") else parts.tables
                document.problems.append(_unknown(where, kind.removesuffix("s"), name, known))
        case _:
            document.blocks.append((kind, ""))


def _inline(words: str, parts: Parts, document: Document, where: str) -> str:
    first, _, rest = words.partition(" ")
    if first == "literal" and rest.strip():
        return rest.strip()
    if first == "ref":
        return _reference(rest.strip(), document, where)
    if first in BLOCKS:
        document.problems.append(
            f"{where}: {{{{ {words} }}}} stands on a line of its own, with an empty line before and after."
        )
    elif words not in parts.numbers:
        document.problems.append(_unknown(where, "number", words, parts.numbers))
    elif parts.numbers[words].text is None:
        document.problems.append(
            f"{where}: {{{{ {words} }}}} has no value now: {parts.numbers[words].reason}. Change the sentence,"
            f" or take another name."
        )
    else:
        return markdown(parts.numbers[words].text)
    return ""


def _reference(words: str, document: Document, where: str) -> str:
    kind, _, name = words.partition(" ")
    placed = {"figure": document.figures, "table": document.tables}.get(kind)
    if placed is None:
        document.problems.append(
            f"{where}: {{{{ ref {words} }}}}: write {{{{ ref figure NAME }}}} or {{{{ ref table NAME }}}}."
        )
        return ""
    if name.strip() not in placed:
        document.problems.append(_unknown(where, f"{kind} of the manuscript", name.strip(), placed))
        return ""
    return f"{kind.capitalize()}\u00a0{placed.index(name.strip()) + 1}"


def _unknown(where: str, what: str, name: str, known: Collection[str]) -> str:
    near = nearest(name, known)
    hint = f" Nearest: {', '.join(near)}." if near else ""
    return f"{where}: there is no {what} {name!r}.{hint}"
