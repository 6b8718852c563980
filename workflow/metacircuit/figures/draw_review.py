"""Figures of the review as a whole, by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.config.errors import UserError
from metacircuit.effects.prepare import study_labels
from metacircuit.figures.alt_flow import prisma_alt
from metacircuit.figures.drawn import Drawn, drawn
from metacircuit.figures.presets import style_for
from metacircuit.figures.prisma import prisma
from metacircuit.figures.result import OVERALL
from metacircuit.figures.risk_of_bias import traffic_light
from metacircuit.figures.risk_summary import risk_alt, risk_summary

if TYPE_CHECKING:
    import pandas as pd

    from metacircuit.config import ReviewFigureSlice


def draw_review(
    figure: str,
    spec: ReviewFigureSlice,
    flow: pd.DataFrame,
    judgements: pd.DataFrame,
    studies: pd.DataFrame,
    combined: pd.DataFrame,
) -> Drawn:
    """Draw one figure of the review.

    Parameters
    ----------
    figure : str
        prisma, rob_traffic or rob_summary.
    spec : ReviewFigureSlice
        Title, look, and the analysis whose weights count.
    flow : DataFrame
        As `metacircuit.tables.flow.flow` makes it.
    judgements : DataFrame
        study_id, domain, judgement.
    studies, combined : DataFrame
        The studies, and combined/ANALYSIS.csv of the analysis whose weights count.

    Returns
    -------
    Drawn

    Raises
    ------
    UserError
        Where the risk of bias is asked for and there is no judgement.
    """
    look = spec.look
    style = style_for(look.preset, width=look.width, theme=look.theme, palette=look.palette, dpi=look.dpi)
    if figure == "prisma":
        return drawn(spec.title, prisma(flow, style=style), prisma_alt(flow), dpi=style.dpi)
    if judgements.empty:
        raise UserError(
            f"review_figures: {figure} needs judgements of the risk of bias: rob.csv (study_id, domain, judgement)"
            " beside the sheets, or columns rob_… in the studies. Add them, or leave the figure out."
        )
    if figure == "rob_traffic":
        pages = traffic_light(judgements, labels=study_labels(studies), style=style)
        whole = traffic_light(judgements, labels=study_labels(studies), style=style, paged=False)
        return drawn(spec.title, whole[0], risk_alt(judgements), pages=pages, dpi=style.dpi)
    overall = combined[combined["grouping"] == OVERALL]
    weights = dict(zip(overall["study_id"].astype(str), overall["weight"].astype(float), strict=True))
    known = {study: w for study, w in weights.items() if w > 0}
    used = known if set(known) & set(judgements["study_id"]) else None
    title = spec.titles[spec.weights]
    note = f"Weights of {title}; studies that it does not pool count nothing." if used is not None else ""
    sheet = risk_summary(judgements, weights=used, note=note, style=style)
    return drawn(spec.title, sheet, risk_alt(judgements, weights=used), dpi=style.dpi)
