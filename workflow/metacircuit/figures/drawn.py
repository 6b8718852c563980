"""A figure in every form that people use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metacircuit.figures.render import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Drawn:
    """One figure: pages for print, one sheet for the screen, and its alternative text."""

    pdf: bytes
    svg: bytes
    png: bytes
    alt: str


def drawn(title: str, sheet: Figure, alt: str, *, pages: Sequence[Figure] | None = None, dpi: float = 300.0) -> Drawn:
    """Render a figure.

    Parameters
    ----------
    title : str
        Of the documents.
    sheet : Figure
        The figure on one sheet.
    alt : str
        Its alternative text.
    pages : sequence of Figure, optional
        The same on pages no higher than a journal's, for PDF.
    dpi : float
        Resolution of the PNG.

    Returns
    -------
    Drawn
        Bytes that depend on the arguments alone.
    """
    return Drawn(
        pdf=render(sheet if pages is None else pages, "pdf", title=title),
        svg=render(sheet, "svg", title=title),
        png=render(sheet, "png", dpi=dpi),
        alt=alt,
    )
