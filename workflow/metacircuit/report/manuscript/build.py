"""Build a manuscript: skeleton and results in, DOCX and PDF out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from metacircuit.report.manuscript.bibliography import cited, known_entries, references
from metacircuit.report.manuscript.engines import pandoc, typst_pdf, without_clock
from metacircuit.report.manuscript.markup import markdown, typst_string
from metacircuit.report.manuscript.numbers import from_json
from metacircuit.report.manuscript.pictures import pages_of
from metacircuit.report.manuscript.place import Shown, as_text, author_block, caption_of
from metacircuit.report.manuscript.skeleton import Parts, fill
from metacircuit.report.manuscript.tables import from_markdown
from metacircuit.report.manuscript.word_styles import reference_docx
from metacircuit.sheets.files import read_text

if TYPE_CHECKING:
    from metacircuit.config import ManuscriptSlice

# Smart quotes would change the data's text; raw formats and metadata in the text would reach one of two outputs.
MARKDOWN = "markdown-smart-raw_html-raw_tex-yaml_metadata_block-auto_identifiers"
_MAIN_FIGURES = ("forest_", "map_")
_BIB_KEY = re.compile(r"@\w+\s*[{(]\s*([^,\s{}()]+)\s*,")
_SHORT_TABLE = 24
_TABLE = re.compile(rb"<w:tbl>.*?</w:tbl>", re.S)


@dataclass(frozen=True, slots=True)
class Made:
    """A manuscript, and the bibliography of what it cites."""

    docx: bytes
    pdf: bytes
    references: str


def default_skeleton() -> str:
    """The skeleton of a review that has none of its own."""
    return files("metacircuit.report.manuscript").joinpath("templates", "manuscript.md").read_text(encoding="utf-8")


def build(spec: ManuscriptSlice, results: Path, skeleton: Path | None) -> Made:
    """Build the manuscript of a review.

    Parameters
    ----------
    spec : ManuscriptSlice
        Titles, authors, figures, and the looks of the pages.
    results : Path
        results/REVIEW, with manuscript/ and figures/ in it.
    skeleton : Path, optional
        The review's own skeleton; by default the package's.

    Returns
    -------
    Made
        The same bytes for the same input.

    Raises
    ------
    UserError
        With everything that is wrong with the skeleton.
    """
    written = {name: read_text(results / "manuscript" / name) for name in _WRITTEN}
    own = read_text(Path(spec.manuscript.bibliography)) if spec.manuscript.bibliography else ""
    tables = from_markdown(written["tables.md"])
    parts = _parts(spec, written, own, list(tables))
    text = read_text(skeleton) if skeleton else default_skeleton()
    document = fill(text, parts, source=skeleton.as_posix() if skeleton else "the default skeleton")
    keys = cited("\n".join(block for block in document.blocks if isinstance(block, str)))
    bibliography = references(keys, written["studies.bib"])
    with TemporaryDirectory(prefix="manuscript-") as made:
        folder = Path(made)
        figures = {name: _shown(spec, results, name, folder) for name in document.figures}
        options = _citations(spec, folder, bibliography, own)
        head = author_block(spec.manuscript.authors)

        def body(kind: str) -> str:
            placed = as_text(document, figures, tables, kind=kind, paper=spec.manuscript.paper)
            return f"{head}\n\n{placed}" if head else placed

        return Made(
            _word(spec, folder, body("docx"), options), _pages(spec, folder, body("typst"), options), bibliography
        )


_WRITTEN = ("numbers.json", "methods.md", "results.md", "tables.md", "studies.md", "studies.bib")


def _parts(spec: ManuscriptSlice, written: dict[str, str], own: str, tables: list[str]) -> Parts:
    sections = re.split(r"^<!-- analysis (\S+) -->$", written["results.md"], flags=re.M)
    texts = {"methods": written["methods.md"], "results": "\n\n".join(sections[2::2])}
    texts |= {f"results {name}": text for name, text in zip(sections[1::2], sections[2::2], strict=True)}
    texts["studies"] = f'::: {{#included-studies custom-style="Bibliography"}}\n{written["studies.md"]}\n:::'
    texts["limits"] = "\n".join(f"- {markdown(limit)}" for limit in spec.limits)
    main = {f for f in spec.figures if f.startswith("review/") or f.partition("/")[2].startswith(_MAIN_FIGURES)}
    main |= {t.name for t in from_markdown(written["tables.md"]).values() if t.main}
    keys = {*known_entries(), *_BIB_KEY.findall(written["studies.bib"]), *_BIB_KEY.findall(own)}
    return Parts(from_json(written["numbers.json"]), texts, spec.figures, tables, sorted(keys), main)


def _shown(spec: ManuscriptSlice, results: Path, name: str, folder: Path) -> Shown:
    path = results / "figures" / f"{name}.pdf"
    pages = pages_of(path, folder, name.replace("/", "-"))
    return Shown(pages, read_text(path.with_suffix(".txt")), caption_of(name, spec.titles, spec.levels))


def _citations(spec: ManuscriptSlice, folder: Path, bibliography: str, own: str) -> list[str]:
    (folder / "references.bib").write_text(bibliography, "utf-8")
    options = ["--citeproc", "--bibliography=references.bib", "-M", "lang=en-GB", "-M", "link-citations=false"]
    if own:
        (folder / "own.bib").write_text(own, "utf-8")
        options.append("--bibliography=own.bib")
    if spec.manuscript.csl:
        (folder / "style.csl").write_text(read_text(Path(spec.manuscript.csl)), "utf-8")
        options.append("--csl=style.csl")
    return ["-f", MARKDOWN, *options]


def _word(spec: ManuscriptSlice, folder: Path, text: str, options: list[str]) -> bytes:
    own = spec.manuscript.reference_docx
    styles = Path(own).resolve() if own else reference_docx(folder, spec.manuscript.paper)
    title = ("-M", f"title={spec.title}")
    pandoc(text, folder, *options, *title, "-t", "docx", f"--reference-doc={styles}", "-o", "manuscript.docx")
    edits = {"word/document.xml": _tight_pictures if own else lambda xml: _small_tables(_tight_pictures(xml))}
    return without_clock((folder / "manuscript.docx").read_bytes(), edits)


def _small_tables(xml: bytes) -> bytes:
    """Cells in the small type of tables, short tables on one page: pandoc gives them the style of tight lists."""

    def restyled(found: re.Match[bytes]) -> bytes:
        table = found.group()
        style = b"TableTextKept" if table.count(b"<w:tr>") <= _SHORT_TABLE else b"TableText"
        return table.replace(b'w:val="Compact"', b'w:val="' + style + b'"')

    return _TABLE.sub(restyled, xml)


def _tight_pictures(xml: bytes) -> bytes:
    """Pictures without a margin: what reads the file would choose one, and push a wide picture out of the page."""
    return xml.replace(b"<wp:inline>", b'<wp:inline distT="0" distB="0" distL="0" distR="0">')


def _pages(spec: ManuscriptSlice, folder: Path, text: str, options: list[str]) -> bytes:
    body = pandoc(text, folder, *options, "-t", "typst-citations", "--wrap=none").decode("utf-8")
    template = (
        files("metacircuit.report.manuscript").joinpath("templates", "manuscript.typ").read_text(encoding="utf-8")
    )
    paper = {"a4": "a4", "letter": "us-letter"}[spec.manuscript.paper]
    head = f"#show: doc => manuscript({typst_string(spec.title)}, {typst_string(paper)}, doc)"
    return typst_pdf(f"{template}\n{head}\n\n{body}", folder)
