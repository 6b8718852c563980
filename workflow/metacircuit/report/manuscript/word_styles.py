"""The Word file whose styles the DOCX takes: pandoc's own, made plain enough for a submission."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from metacircuit.report.manuscript.engines import pandoc

if TYPE_CHECKING:
    from pathlib import Path

SERIF, SANS = "Times New Roman", "Arial"
_SIZES = {
    "Title": 18,
    "Heading 1": 14,
    "Heading 2": 12,
    "Heading 3": 11,
    "Image Caption": 9.5,
    "Table Caption": 9.5,
    "Author": 11,
    "Bibliography": 10,
}
_PAPER = {"a4": (210, 297), "letter": (215.9, 279.4)}
MARGIN = 20  # millimetres
_BODY = 10.5


def reference_docx(folder: Path, paper: str) -> Path:
    """Write the reference document of a manuscript.

    Parameters
    ----------
    folder : Path
        Where the document is built.
    paper : str
        a4 or letter.

    Returns
    -------
    Path
        reference.docx in that folder.
    """
    import docx  # noqa: PLC0415 - half a second that only this needs
    from docx.shared import Mm, Pt, RGBColor  # noqa: PLC0415

    document = docx.Document(io.BytesIO(pandoc("", folder, "--print-default-data-file", "reference.docx")))
    _default_text(document)
    for name, size in _SIZES.items():
        style = document.styles[name]
        style.font.size = Pt(size)
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.font.italic = False
        _font(style, SANS if name.startswith(("Heading", "Title", "Table", "Image")) else SERIF)
        style.font.bold = name.startswith(("Heading", "Title"))
    for name in ("Title", "Author"):
        document.styles[name].paragraph_format.alignment = 0
    document.styles["Table Caption"].paragraph_format.keep_with_next = True
    document.styles["Table Caption"].paragraph_format.space_before = Pt(12)
    document.styles["Bibliography"].paragraph_format.left_indent = Mm(6)
    document.styles["Bibliography"].paragraph_format.first_line_indent = Mm(-6)
    document.styles["Bibliography"].paragraph_format.space_after = Pt(4)
    _add(document, "Table Text", 8, after=1)
    _add(document, "Table Text Kept", 8, after=1)
    document.styles["Table Text Kept"].paragraph_format.keep_with_next = True
    _add(document, "Table Note", 8.5, after=12)
    _add(document, "Affiliation", 9.5, after=2)
    _rules(document.styles["Table"])
    section = document.sections[0]
    section.page_width, section.page_height = (Mm(side) for side in _PAPER[paper])
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(MARGIN)
    _page_number(section.footer.paragraphs[0])
    path = folder / "reference.docx"
    document.save(str(path))
    return path


def _font(style: Any, name: str) -> None:
    """Name the font outright: a theme's font would win over it."""
    from docx.oxml.ns import qn  # noqa: PLC0415

    style.font.name = name
    fonts = style.element.rPr.rFonts
    for attribute in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{attribute}"), None)


def _default_text(document: Any) -> None:
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415

    properties = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for tag in ("w:rFonts", "w:sz", "w:szCs"):
        for old in properties.findall(qn(tag)):
            properties.remove(old)
    fonts = OxmlElement("w:rFonts")
    for attribute in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{attribute}"), SERIF)
    properties.insert(0, fonts)
    for tag in ("w:sz", "w:szCs"):
        size = OxmlElement(tag)
        size.set(qn("w:val"), str(int(_BODY * 2)))
        properties.append(size)


def _add(document: Any, name: str, size: float, *, after: float) -> None:
    from docx.enum.style import WD_STYLE_TYPE  # noqa: PLC0415
    from docx.shared import Pt  # noqa: PLC0415

    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Normal"]
    style.font.size = Pt(size)
    style.paragraph_format.space_before = Pt(1)
    style.paragraph_format.space_after = Pt(after)
    _font(style, SANS if name.startswith("Table Text") else SERIF)


def _rules(table: Any) -> None:
    """A line above, a line below and one under the header, as journals set tables; and narrow margins of cells."""
    from docx.oxml import parse_xml  # noqa: PLC0415
    from docx.oxml.ns import nsdecls, qn  # noqa: PLC0415

    borders = parse_xml(
        f'<w:tblBorders {nsdecls("w")}><w:top w:val="single" w:sz="8" w:space="0" w:color="000000"/>'
        '<w:bottom w:val="single" w:sz="8" w:space="0" w:color="000000"/></w:tblBorders>'
    )
    properties = table.element.find(qn("w:tblPr"))
    margins = properties.find(qn("w:tblCellMar"))
    margins.addprevious(borders)
    for side in ("left", "right"):
        margins.find(qn(f"w:{side}")).set(qn("w:w"), "55")


def _page_number(paragraph: Any) -> None:
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415

    paragraph.alignment = 1
    run = paragraph.add_run()
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = text
        run._r.append(mark)
