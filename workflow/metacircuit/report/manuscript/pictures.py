"""Pages of figures, as a document needs them: PDF pages for a PDF, pixels for Word."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metacircuit.config import UserError
from metacircuit.report.manuscript.engines import typst_png

if TYPE_CHECKING:
    from pathlib import Path

PIXELS_PER_INCH = 220  # what Word keeps of a picture by default
_PAGES = re.compile(rb"/Type\s*/Pages\b[^>]*?/Count\s+(\d+)|/Count\s+(\d+)[^>]*?/Type\s*/Pages\b")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a figure: the PDF and its page for Typst, a PNG for Word, and its size in millimetres."""

    pdf: str
    number: int
    png: str
    width: float
    height: float


def pages_of(pdf: Path, folder: Path, stem: str) -> list[Page]:
    """Copy a figure into a folder, and draw each of its pages in pixels.

    Parameters
    ----------
    pdf : Path
        figures/ANALYSIS/FIGURE.pdf.
    folder : Path
        Where the document is built.
    stem : str
        Name of the copies.

    Returns
    -------
    list of Page
        In order; file names are relative to `folder`.

    Raises
    ------
    UserError
        If the figure is missing.
    """
    if not pdf.is_file():
        raise UserError(f"{pdf} does not exist, and the manuscript places it. Run the review again.")
    data = pdf.read_bytes()
    (folder / f"{stem}.pdf").write_bytes(data)
    return [_page(folder, stem, number) for number in range(1, page_count(data) + 1)]


def page_count(data: bytes) -> int:
    """How many pages a PDF has.

    >>> page_count(b"<< /Type /Pages /Kids [ 1 0 R ] /Count 3 >>")
    3
    """
    found = _PAGES.search(data)
    return int(found.group(1) or found.group(2)) if found else 1


def _page(folder: Path, stem: str, number: int) -> Page:
    source = f'#set page(width: auto, height: auto, margin: 0pt)\n#image("{stem}.pdf", page: {number})\n'
    pixels = typst_png(source, folder, PIXELS_PER_INCH)
    name = f"{stem}-{number}.png"
    (folder / name).write_bytes(pixels)
    width, height = struct.unpack(">II", pixels[16:24])
    return Page(f"{stem}.pdf", number, name, *(side / PIXELS_PER_INCH * 25.4 for side in (width, height)))
