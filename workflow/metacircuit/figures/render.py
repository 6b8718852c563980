"""Figures to bytes: the same figure gives the same bytes, today and tomorrow. The caller writes them."""

from collections.abc import Sequence
from io import BytesIO

from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from metacircuit.figures.style import isolated
from metacircuit.figures.svg_fonts import font_faces
from metacircuit.figures.typeface import FAMILIES, SVG_FAMILIES

FORMATS = ("pdf", "png", "svg")

MOST_PIXELS = 2**16 - 1
"""The Agg renderer draws no image that is wider or higher."""

_STYLE = b'<style type="text/css">'
"""Where matplotlib begins the style sheet of an SVG."""

_UNDATED = {"CreationDate": None, "ModDate": None}


def render(figures: Figure | Sequence[Figure], format: str, *, dpi: float = 300.0, title: str | None = None) -> bytes:
    """Draw a figure, or several as the pages of one PDF, into bytes.

    Parameters
    ----------
    figures : one figure, or the pages of a figure
    format : "pdf", "png" or "svg"; several pages need "pdf"
    dpi : resolution of a PNG; lowered where a very long figure would exceed the largest possible image
    title : the document's title for PDF and SVG (what a screen reader announces)

    Returns
    -------
    bytes
        Without dates and random identifiers: equal figures give equal bytes.

    Raises
    ------
    ValueError
        For an unknown format, no figure, or several pages in a format that has only one.

    Examples
    --------
    >>> figure = Figure(figsize=(1, 1))
    >>> render(figure, "pdf")[:5], render(figure, "svg") == render(figure, "svg")
    (b'%PDF-', True)
    """
    pages = [figures] if isinstance(figures, Figure) else list(figures)
    if format not in FORMATS:
        raise ValueError(f"unknown figure format {format!r}; allowed: {', '.join(FORMATS)}")
    if not pages:
        raise ValueError("there is no figure to render")
    if len(pages) > 1 and format != "pdf":
        raise ValueError(f"{len(pages)} pages make one PDF, but not one {format.upper()}: render each by itself")
    with isolated():
        match format:
            case "pdf":
                return _pdf(pages, title)
            case "svg":
                return _svg(pages[0], title)
            case _:
                return _png(pages[0], dpi)


def _pdf(pages: Sequence[Figure], title: str | None) -> bytes:
    buffer = BytesIO()
    with PdfPages(buffer, metadata=_UNDATED | {"Title": title}) as document:
        for page in pages:
            document.savefig(page)
    return buffer.getvalue()


def _svg(figure: Figure, title: str | None) -> bytes:
    buffer = BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None} | ({"Title": title} if title else {}))
    # Matplotlib may look up only the fonts that it has; a viewer may choose among more.
    drawing = buffer.getvalue().replace(_font_list(FAMILIES), _font_list(SVG_FAMILIES))
    faces = font_faces(figure).encode()
    return drawing.replace(_STYLE, _STYLE + faces, 1) if faces else drawing


def _font_list(names: Sequence[str]) -> bytes:
    """Names as CSS wants them: quoted, but for the generic family."""
    return ", ".join(name if name == "sans-serif" else f"'{name}'" for name in names).encode()


def _png(figure: Figure, dpi: float) -> bytes:
    buffer = BytesIO()
    resolution = min(dpi, MOST_PIXELS / max(figure.get_size_inches()))
    # A higher level costs seconds on a long figure and saves a twentieth of its bytes.
    compression = {"compress_level": 1}
    figure.savefig(buffer, format="png", dpi=resolution, metadata={"Software": None}, pil_kwargs=compression)
    return buffer.getvalue()
