"""The figures of the claims and of published estimates, from their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.figures.claims import claims_alt, claims_figure, claims_pages
from metacircuit.figures.drawn import Drawn, drawn
from metacircuit.figures.look import style_of_look
from metacircuit.figures.published import published_alt, published_figure, published_pages

if TYPE_CHECKING:
    import pandas as pd

    from metacircuit.config import ClaimFiguresSlice


def draw_claims(spec: ClaimFiguresSlice, claims: pd.DataFrame, published: pd.DataFrame) -> dict[str, Drawn]:
    """Draw the verdicts, and the published estimates of each analysis beside ours.

    Parameters
    ----------
    spec : ClaimFiguresSlice
        What there is to draw.
    claims, published : DataFrame
        claims.csv and published.csv.

    Returns
    -------
    dict of str to Drawn
        By the names of `spec.figures`.
    """
    # Statements and columns of numbers need two columns, whatever the other figures have.
    style = style_of_look(spec.look, width="double")
    found: dict[str, Drawn] = {}
    if spec.claims:
        sheet, pages = claims_figure(claims, style=style), claims_pages(claims, style=style)
        found["claims"] = drawn(spec.title, sheet, claims_alt(claims), pages=pages, dpi=style.dpi)
    for name, title in spec.published.items():
        rows = published[published["analysis"] == name]
        sheet, pages = published_figure(rows, style=style), published_pages(rows, style=style)
        found[f"published/{name}"] = drawn(title, sheet, published_alt(rows), pages=pages, dpi=style.dpi)
    return found
