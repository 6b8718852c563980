"""Baujat plots: which studies add most to heterogeneity, and which of them move the result."""

import math

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from metacircuit.figures.panel import PLAIN, Box, Panel, bottom_room, draw_panel, left_room, span
from metacircuit.figures.point_labels import draw_names, place_names
from metacircuit.figures.result import require_columns, text
from metacircuit.figures.scales import scale_for
from metacircuit.figures.sheet import note_lines, sheet, title_lines
from metacircuit.figures.style import DEFAULT, Style, isolated
from metacircuit.wording import plural

X_NAME = "Contribution to heterogeneity (Q)"
Y_NAME = "Influence on the pooled estimate"

_SHAPE = 0.55
_NAMED = 15
_HEAP = 0.04


def baujat(studies: pd.DataFrame, *, measure: str, title: str = "", note: str = "", style: Style = DEFAULT) -> Figure:
    """A Baujat plot, with the names of the studies that stand out, as many as have room.

    Parameters
    ----------
    studies : study_label, x (contribution to Q: the squared Pearson residual), y (squared standardised change of the
        pooled estimate when the study is left out)
    measure : metafor code, for the note below the figure
    title : set above the plot; journals want it in the caption instead
    note : a sentence below the figure
    style : sizes and colours

    Returns
    -------
    matplotlib.figure.Figure
        One Axes in the units of x and y.

    Raises
    ------
    ValueError
        For a table without these columns, or an unknown measure.

    Source
    ------
    Baujat, Mahé, Pignon & Hill (2002) Stat Med 21, 2641-2652.

    Examples
    --------
    >>> studies = pd.DataFrame({"study_label": ["Plener 2012", "Osuch 2014"], "x": [0.4, 3.1], "y": [0.1, 0.9]})
    >>> len(baujat(studies, measure="SMD").axes)
    1
    """
    noun = scale_for(measure).noun
    names, points = contributions(studies)
    lost = len(studies) - len(names)
    what = f"Each point is a study, {len(names):,} in all; the effects are {noun}." if len(names) else "No studies."
    missing = f"Not shown: {plural(lost, 'study', 'studies')} without these values." if lost else ""
    with isolated():
        tall = _SHAPE * style.width
        limits = [_limits(points[:, side]) for side in (0, 1)]
        y = span(PLAIN, *limits[1], tall, style, label=Y_NAME, upright=True)
        left = style.margin + left_room(y, style)
        wide = style.width - style.margin - 4 - left
        x = span(PLAIN, *limits[0], wide, style, label=X_NAME, upright=False)
        notes = note_lines([" ".join(part for part in (note, what, missing) if part)], style)
        canvas, top = sheet(tall + bottom_room(style), title_lines(title, style), notes, style)
        panel = Panel(Box(left, left + wide, top, top + tall), x, y)
        axes = draw_panel(canvas, panel)
        diameter = 5.0 if len(names) <= 100 else 3.4
        looks = {"s": diameter**2, "c": style.study, "edgecolors": style.paper, "linewidths": style.hairline}
        axes.scatter(points[:, 0], points[:, 1], marker="o", **looks, zorder=3, clip_on=False)
        on_page, radius = panel.points(points[:, 0], points[:, 1]), diameter / 2
        order = standing_out(points)
        draw_names(canvas, place_names(on_page, names, order, panel.box, style, radius=radius, most=_NAMED))
        return canvas.figure


def contributions(studies: pd.DataFrame) -> tuple[list[str], np.ndarray]:
    """The names of the studies that have both values, and the (k, 2) values."""
    require_columns(studies, ("study_label", "x", "y"), "studies")
    values = np.column_stack([pd.to_numeric(studies[name]).to_numpy(float, na_value=math.nan) for name in ("x", "y")])
    usable = np.isfinite(values).all(axis=1)
    names = [text(row, "study_label") for row in studies.to_dict("records")]
    return [name for name, known in zip(names, usable, strict=True) if known], values[usable]


def standing_out(points: np.ndarray) -> list[int]:
    """The numbers of the studies, the farthest from the origin first; not those in the heap beside it."""
    if len(points) == 0:
        return []
    most = points.max(axis=0)
    distance = np.hypot(*(points / np.where(most > 0, most, 1.0)).T)
    order = np.argsort(-distance, kind="stable")
    return [int(n) for n in order[distance[order] > _HEAP]]


def _limits(values: np.ndarray) -> tuple[float, float]:
    """From zero to a little beyond the largest."""
    most = float(values.max(initial=0.0))
    return 0.0, 1.06 * most or 1.0
