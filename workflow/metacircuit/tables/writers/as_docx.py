"""A table as a Word document in the look of the APA: three rules, a repeated header, notes below."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from metacircuit.tables.widths import divide, is_wide

if TYPE_CHECKING:
    from docx.document import Document

    from metacircuit.tables.table import Table

FONT = "Times New Roman"
_MADE = datetime(2000, 1, 1, tzinfo=UTC)
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
# A4 with margins of 2.5 cm; sizes in points, digits of 9 points take 4.5 of them.
_SHORT_SIDE, _LONG_SIDE, _MARGIN = 595.3, 841.9, 70.9
_SIZE, _LETTER, _GAP_POINTS = 9.0, 4.6, 8.5
_GAP = _GAP_POINTS / _LETTER
_ROOM = 9.0  # what a column may get beyond its need on a page with room to spare


def as_docx(table: Table) -> bytes:
    """Write a table as a Word document.

    Numbers are aligned at the decimal point by indents, which do not depend on the language of Word; the page lies on
    its side where the table needs it; header rows are repeated and rows never break over pages. The document says
    nothing of who made it and when.

    Parameters
    ----------
    table : Table

    Returns
    -------
    bytes
    """
    from docx import Document  # noqa: PLC0415 - only who writes a document loads the library

    from metacircuit.tables.writers.docx_table import add_table  # noqa: PLC0415

    document = Document()
    upright = (_SHORT_SIDE - 2 * _MARGIN) / _LETTER
    wide = is_wide(table, upright, _GAP)
    _page(document, wide=wide)
    _style(document)
    line = (_LONG_SIDE if wide else _SHORT_SIDE) - 2 * _MARGIN
    widths = [(letters + _GAP) * _LETTER for letters in divide(table, line / _LETTER, _GAP)]
    spare = min(_ROOM, max(0.0, line - sum(widths)) / len(widths))
    widths = [width + spare for width in widths]
    title = document.add_paragraph(style="Caption")
    title.add_run(table.title)
    add_table(document, table, widths, size=_SIZE)
    for mark, text in (*([("", table.note)] if table.note else []), *((f.mark, f.text) for f in table.footnotes)):
        _note(document, mark, text)
    return _fixed(document)


def _page(document: Document, *, wide: bool) -> None:
    from docx.enum.section import WD_ORIENT  # noqa: PLC0415
    from docx.shared import Pt  # noqa: PLC0415

    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    sides = (_LONG_SIDE, _SHORT_SIDE) if wide else (_SHORT_SIDE, _LONG_SIDE)
    section.page_width, section.page_height = (Pt(side) for side in sides)
    for name in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, name, Pt(_MARGIN))


def _style(document: Document) -> None:
    from docx.oxml.ns import qn  # noqa: PLC0415
    from docx.shared import Pt, RGBColor  # noqa: PLC0415

    for name, size, after in (("Normal", 10, 0), ("Caption", 11, 6)):
        style = document.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(size), RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:cs"), FONT)
        fonts.set(qn("w:eastAsia"), "SimSun")
        style.paragraph_format.space_after = Pt(after)
    document.styles["Caption"].paragraph_format.keep_with_next = True
    document.styles["Caption"].font.bold = True


def _note(document: Document, mark: str, text: str) -> None:
    from docx.shared import Pt  # noqa: PLC0415

    from metacircuit.tables.writers.docx_table import add_text  # noqa: PLC0415

    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_before = Pt(3)
    if mark:
        add_text(paragraph._p, mark, size=_SIZE, raised=True)
        add_text(paragraph._p, " " + text, size=_SIZE)
    else:
        add_text(paragraph._p, "Note. ", size=_SIZE, italic=True)
        add_text(paragraph._p, text, size=_SIZE)


def _fixed(document: Document) -> bytes:
    """The document's bytes without clock or author: fixed properties, and fixed times in the archive."""
    about = document.core_properties
    about.author = about.last_modified_by = about.comments = about.keywords = about.subject = ""
    about.title, about.revision, about.language = document.paragraphs[0].text[:255], 1, "en"
    about.created = about.modified = _MADE
    loose, fixed = io.BytesIO(), io.BytesIO()
    document.save(loose)
    with zipfile.ZipFile(loose) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return fixed.getvalue()
