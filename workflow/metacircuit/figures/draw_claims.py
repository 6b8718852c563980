"""The figures of the claims and of published estimates, from their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.figures.claims import claims_alt, claims_figure, claims_pages
from metacircuit.figures.drawn import Drawn, drawn
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
    found: dict[str, Drawn] = {}
    if spec.claims:
        found["claims"] = drawn(spec.title, claims_figure(claims), claims_alt(claims), pages=claims_pages(claims))
    for name, title in spec.published.items():
        rows = published[published["analysis"] == name]
        found[f"published/{name}"] = drawn(
            title, published_figure(rows), published_alt(rows), pages=published_pages(rows)
        )
    return found
