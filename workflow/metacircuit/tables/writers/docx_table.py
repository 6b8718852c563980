"""The table of a Word document, element by element: python-docx's own way of adding rows takes minutes for hundreds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from metacircuit.tables.decimals import lacks
from metacircuit.tables.layout import headings_before, message_place, spanners

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from docx.document import Document
    from docx.oxml.xmlchemy import BaseOxmlElement

    from metacircuit.tables.table import Row, Table

# Widths in em of Times New Roman and Liberation Serif.
_POINT, _DIGIT, _PERCENT = 0.25, 0.5, 0.833
_THICK, _THIN = 12, 6  # rules, in eighths of a point
_TWIPS = 20
_INDENT = 200
_RIGHT_TO_LEFT = re.compile(
    r"([\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+(?:\s+[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+)*)"
)


def add_table(document: Document, table: Table, widths: Sequence[float], *, size: float) -> None:
    """Add a table to the end of a document.

    Parameters
    ----------
    document : Document
    table : Table
    widths : sequence of float
        Width of each shown column, in points.
    size : float
        Of the letters, in points.
    """
    element = document.add_table(0, 0)._tbl
    properties = element.tblPr
    for child in list(properties):
        properties.remove(child)
    _add(properties, "w:tblW", w=round(sum(widths) * _TWIPS), type="dxa")
    _add(properties, "w:tblLayout", type="fixed")
    margins = _add(properties, "w:tblCellMar")
    for side in ("left", "right"):
        _add(margins, f"w:{side}", w=70, type="dxa")
    _add(properties, "w:tblLook", firstRow=1, lastRow=0, firstColumn=1, lastColumn=0, noHBand=1, noVBand=1)
    _add(properties, "w:tblCaption", val=table.title)
    grid = element.tblGrid
    for width in widths:
        _add(grid, "w:gridCol", w=round(width * _TWIPS))
    writer = _Writer(widths, size)
    for line in (*_header(writer, table), *_body(writer, table)):
        element.append(line)


class _Writer:
    """Makes cells and rows in given widths and size."""

    __slots__ = ("size", "widths")

    def __init__(self, widths: Sequence[float], size: float) -> None:
        self.widths, self.size = widths, size

    def row(self, cells: Sequence[BaseOxmlElement], *, header: bool = False) -> BaseOxmlElement:
        row = OxmlElement("w:tr")
        properties = _add(row, "w:trPr")
        _add(properties, "w:cantSplit")
        if header:
            _add(properties, "w:tblHeader")
        row.extend(cells)
        return row

    def cell(
        self,
        at: int,
        text: str,
        *,
        span: int = 1,
        side: str = "left",
        marks: Sequence[str] = (),
        left: float = 0,
        right: float = 0,
        top: int = 0,
        bottom: int = 0,
        keep: bool = False,
        above: int = 20,
        low: bool = False,
        **letters: bool,
    ) -> BaseOxmlElement:
        cell = OxmlElement("w:tc")
        properties = _add(cell, "w:tcPr")
        _add(properties, "w:tcW", w=round(sum(self.widths[at : at + span]) * _TWIPS), type="dxa")
        if span > 1:
            _add(properties, "w:gridSpan", val=span)
        if top or bottom:
            borders = _add(properties, "w:tcBorders")
            for name, width in (("top", top), ("bottom", bottom)):
                if width:
                    _add(borders, f"w:{name}", val="single", sz=width, space=0, color="000000")
        if low:
            _add(properties, "w:vAlign", val="bottom")
        paragraph = _add(cell, "w:p")
        about = _add(paragraph, "w:pPr")
        if keep:
            _add(about, "w:keepNext")
        _add(about, "w:spacing", before=above, after=20, line=240, lineRule="auto")
        _add(about, "w:ind", left=round(left), right=round(right))
        _add(about, "w:jc", val=side)
        add_text(paragraph, text, size=self.size, **letters)
        if marks:
            add_text(paragraph, ",".join(marks), size=self.size, raised=True)
        return cell


def _header(writer: _Writer, table: Table) -> Iterator[BaseOxmlElement]:
    above = spanners(table)
    spanned = any(spanner for spanner, _ in above)
    if spanned:
        cells, place = [], 0
        for spanner, width in above:
            rule = _THIN if spanner else 0
            cells.append(writer.cell(place, spanner, span=width, side="center", top=_THICK, bottom=rule, keep=True))
            place += width
        yield writer.row(cells, header=True)
    yield writer.row(
        [
            writer.cell(
                at,
                table.columns[i].heading,
                side={"decimal": "right"}.get(table.columns[i].alignment, table.columns[i].alignment),
                italic=table.columns[i].italic,
                top=0 if spanned else _THICK,
                bottom=_THIN,
                left=_space(table, at),
                keep=True,
                low=True,
            )
            for at, i in enumerate(table.shown)
        ],
        header=True,
    )


def _body(writer: _Writer, table: Table) -> Iterator[BaseOxmlElement]:
    missing = lacks(table)
    for r, row in enumerate(table.rows):
        for level, word in headings_before(table, r):
            style = {"italic": True} if level else {"bold": True}
            yield writer.row([writer.cell(0, word, span=table.width, keep=True, above=80, **style)])
        rooms = [
            0.0
            if (lack := missing.get((r, i))) is None
            else lack.width(point=_POINT, digit=_DIGIT, percent=_PERCENT) * writer.size * _TWIPS
            for i in table.shown
        ]
        yield writer.row(list(_cells(writer, table, row, rooms, _THICK if r == len(table.rows) - 1 else 0)))


def _cells(writer: _Writer, table: Table, row: Row, rooms: Sequence[float], bottom: int) -> Iterator[BaseOxmlElement]:
    place = message_place(table, row)
    for at, i in enumerate(table.shown):
        if place and place[0] <= at <= place[1]:
            if at == place[0]:
                span = place[1] - at + 1
                yield writer.cell(at, row.message, span=span, side="center", italic=True, bottom=bottom)
            continue
        cell, column = row.cells[i], table.columns[i]
        yield writer.cell(
            at,
            cell.text,
            side={"decimal": "right"}.get(column.alignment, column.alignment),
            marks=cell.marks,
            left=_INDENT if at == 0 and any(row.groups) else _space(table, at),
            right=rooms[at],
            bottom=bottom,
            bold=row.strong,
        )


def _space(table: Table, at: int) -> int:
    """More space where a text follows numbers: both would stand at the same edge."""
    kinds = [table.columns[i].kind for i in table.shown]
    return _INDENT // 2 if at and kinds[at] == "text" != kinds[at - 1] else 0


def add_text(
    paragraph: BaseOxmlElement,
    text: str,
    *,
    size: float,
    bold: bool = False,
    italic: bool = False,
    raised: bool = False,
) -> None:
    """Add text to a paragraph; letters of scripts from right to left in runs of their own, as Word wants them."""
    for place, part in enumerate(_RIGHT_TO_LEFT.split(text)):
        if not part:
            continue
        run = _add(paragraph, "w:r")
        properties = _add(run, "w:rPr")
        for wanted, name in ((bold, "b"), (italic, "i")):
            if wanted:
                _add(properties, f"w:{name}")
                _add(properties, f"w:{name}Cs")
        _add(properties, "w:sz", val=round(2 * size))
        _add(properties, "w:szCs", val=round(2 * size))
        if raised:
            _add(properties, "w:vertAlign", val="superscript")
        if place % 2:
            _add(properties, "w:rtl")
        element = _add(run, "w:t")
        element.text = part
        element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _add(parent: BaseOxmlElement, name: str, **attributes: object) -> BaseOxmlElement:
    child = OxmlElement(name)
    for key, value in attributes.items():
        child.set(qn(f"w:{key}"), str(value))
    parent.append(child)
    return child
