"""The Markdown of one format: figures, tables and the list of authors at their places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metacircuit.figures.captions import KINDS
from metacircuit.figures.captions import caption_of as named
from metacircuit.report.manuscript.markup import grouping_name, markdown, one_line, sentence, typst_string, unbroken
from metacircuit.report.manuscript.word_styles import MARGIN
from metacircuit.report.pictures import DIAGNOSTIC

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metacircuit.config.manuscript import Author
    from metacircuit.report.manuscript.pictures import Page
    from metacircuit.report.manuscript.skeleton import Document
    from metacircuit.report.manuscript.tables import Table

_PAPER = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
_CAPTION_HEIGHT = 28.0  # millimetres that a caption of four lines takes
_SHORT_TABLE = 24  # lines of a table that is never parted
_WHOLE = {
    "review/prisma": "Flow of records, studies and results, in the manner of PRISMA 2020.",
    "review/rob_traffic": "Risk of bias of each study.",
    "review/rob_summary": "Risk of bias over all studies.",
    "claims": "What the evidence says of each claim.",
}
_NOTES = {
    "forest": "Squares: studies with their {level:g}% confidence intervals, sized by weight; diamonds: pooled"
    " estimates; pale"
    " bars: {level:g}% prediction intervals.",
    "map": "Bubbles: cells with evidence, by number of studies and pooled estimate.",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure as the manuscript shows it: pages, alternative text and caption."""

    pages: list[Page]
    alt: str
    caption: str


def caption_of(name: str, titles: Mapping[str, str], levels: Mapping[str, float]) -> str:
    """The caption of a figure, from its path below figures/.

    Parameters
    ----------
    name : str
        Such as neural/forest_disorder, review/prisma or published/neural.
    titles : mapping of str to str
        Title of each analysis.
    levels : mapping of str to float
        Level of the intervals of each analysis, in percent.

    Returns
    -------
    str
        Markdown.

    Examples
    --------
    >>> caption_of("pain/forest_treatment_kind", {"pain": "Pain"}, {"pain": 95.0})[:38]
    'Pain. Forest plot by treatment kind. S'
    """
    if name in _WHOLE:
        return _WHOLE[name]
    analysis, _, figure = name.partition("/")
    if analysis == "published":
        return f"{markdown(titles.get(figure, figure))}. Published estimates beside those of this review."
    kind = figure.partition("_")[0]
    told = DIAGNOSTIC.get(figure) or (named(figure) if kind in KINDS else grouping_name(figure))
    note = _NOTES.get(kind, "").format(level=levels[analysis])
    return f"{markdown(titles[analysis])}. {markdown(sentence(told))} {note}".strip()


def as_text(
    document: Document, figures: Mapping[str, Shown], tables: Mapping[str, Table], *, kind: str, paper: str
) -> str:
    """Write the Markdown of one format.

    Parameters
    ----------
    document : Document
        The filled skeleton.
    figures, tables : mapping
        What it places, by name.
    kind : str
        docx or typst.
    paper : str
        a4 or letter; figures are never wider or higher than its text.

    Returns
    -------
    str
        Markdown for pandoc.
    """
    blocks = []
    for block in document.blocks:
        if isinstance(block, str):
            blocks.append(block)
            continue
        what, name = block
        if what.startswith("figure"):
            floating = what == "figure"
            text = _figure(figures[name], document.figures.index(name) + 1, kind, paper, floating=floating)
        elif what == "table":
            text = _table(tables[name], document.tables.index(name) + 1, kind)
        elif what == "references":
            text = "::: {#refs}\n:::"
        else:
            text = _PAGE_BREAK[kind]
        blocks.append(f"\n{text}\n")
    return unbroken("\n".join(blocks)) + "\n"


_PAGE_BREAK = {
    "typst": "```{=typst}\n#pagebreak(weak: true)\n```",
    "docx": '```{=openxml}\n<w:p><w:r><w:br w:type="page"/></w:r></w:p>\n```',
}


def _figure(shown: Shown, number: int, kind: str, paper: str, *, floating: bool) -> str:
    texts = []
    for page in shown.pages:
        first = page.number == 1
        caption = f"**Figure {number}.** {shown.caption}" if first else f"**Figure {number}**, continued."
        width = _width(page, paper)
        alt = one_line(shown.alt) if first else f"Figure {number}, continued."
        if kind == "docx":
            quoted = alt.replace("\\", "/").replace('"', "”")
            texts.append(f'![{caption}]({page.png}){{width={width:.1f}mm alt="{quoted}"}}')
        else:
            where = f"{typst_string(page.pdf)}, {page.number}, {width:.1f}mm"
            call = f"#picture({where}, {typst_string(alt)}, {str(floating).lower()})["
            texts.append(f"```{{=typst}}\n{call}\n```\n\n{caption}\n\n```{{=typst}}\n]\n```")
    return "\n\n".join(texts)


def _width(page: Page, paper: str) -> float:
    """The figure's own width, or what the page has room for."""
    wide, high = (side - 2 * MARGIN for side in _PAPER[paper])
    return min(page.width, wide, (high - _CAPTION_HEIGHT) * page.width / page.height)


def _table(table: Table, number: int, kind: str) -> str:
    caption = f": **Table {number}.** {table.caption}"
    if kind == "docx":
        note = f'\n\n::: {{custom-style="Table Note"}}\n{table.note}\n:::' if table.note else ""
        return f"{caption}\n\n{table.body}{note}"
    short = str(table.body.count("\n") <= _SHORT_TABLE).lower()
    return (
        f"```{{=typst}}\n#whole({short})[\n```\n\n{caption}\n\n{table.body}\n\n```{{=typst}}\n#note[\n```\n\n{table.note}\n\n"
        "```{=typst}\n]]\n```"
    )


def author_block(authors: tuple[Author, ...]) -> str:
    """Names with the numbers of their affiliations, the affiliations, and whom to write to.

    >>> from metacircuit.config.manuscript import Author
    >>> print(author_block((Author(name="A B", affiliations=("X",)), Author(name="C D", affiliations=("Y", "X")))))
    ::: {custom-style="Author"}
    A B^1^, C D^1,2^
    :::
    <BLANKLINE>
    ::: {custom-style="Affiliation"}
    ^1^ X
    :::
    <BLANKLINE>
    ::: {custom-style="Affiliation"}
    ^2^ Y
    :::
    """
    places = list(dict.fromkeys(place for author in authors for place in author.affiliations))
    names = []
    for author in authors:
        marks = [str(n) for n in sorted(places.index(place) + 1 for place in author.affiliations)]
        marks += ["\\*"] if author.corresponding else []
        names.append(markdown(author.name) + (f"^{','.join(marks)}^" if marks else ""))
    lines = [f"^{n}^ {markdown(place)}" for n, place in enumerate(places, start=1)]
    lines += [f"^\\*^ Correspondence: {markdown(a.email or a.name)}" for a in authors if a.corresponding]
    lines += [f"ORCID: {markdown(a.name)}, {a.orcid}" for a in authors if a.orcid]
    blocks = [("Author", ", ".join(names))] if names else []
    blocks += [("Affiliation", line) for line in lines]
    return "\n\n".join(f'::: {{custom-style="{style}"}}\n{text}\n:::' for style, text in blocks)
