"""What each study does to a model: its residual without itself, and what leaving it out moves."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from metacircuit.figures.canvas import Canvas
from metacircuit.figures.panel import PLAIN, Box, Panel, Span, bottom_room, draw_panel, padded, span
from metacircuit.figures.result import require_columns, text
from metacircuit.figures.scales import Ticks
from metacircuit.figures.sheet import note_lines, sheet, title_lines
from metacircuit.figures.style import DEFAULT, Style, TooNarrowError, isolated
from metacircuit.figures.typeface import shorten, width
from metacircuit.wording import plural

COLUMNS = ("unit", "rstudent", "dffits", "cook_d", "cov_r", "weight", "is_infl", "status")
MOST = 60
_LABEL, _GAP, _HEAD = 0.27, 10.0, 1.5


@dataclass(frozen=True, slots=True)
class Measure:
    """A column of the figure: its name, the line of no influence, and the cut-offs of both sides."""

    name: str
    title: str
    null: float
    cuts: tuple[float, ...]


def measures(studies: int) -> tuple[Measure, ...]:
    """The columns, with metafor's cut-offs for one coefficient.

    Examples
    --------
    >>> [round(cut, 2) for cut in measures(10)[1].cuts]
    [-1.0, 1.0]
    """
    far = 3 * math.sqrt(1 / (studies - 1)) if studies > 1 else math.inf
    # 0.455 is the median of chi2(1).
    return (
        Measure("rstudent", "Deleted residual", 0.0, (-1.96, 1.96)),
        Measure("dffits", "DFFITS", 0.0, (-far, far)),
        Measure("cook_d", "Cook's distance", 0.0, (0.455,)),
        Measure("cov_r", "Covariance ratio", 1.0, ()),
        Measure("weight", "Weight, %", 0.0, ()),
    )


def influence(studies: pd.DataFrame, *, title: str = "", note: str = "", style: Style = DEFAULT) -> Figure:
    """A row a study, a column a diagnostic; influential studies are filled in the warning colour.

    Parameters
    ----------
    studies : unit (the study's name), rstudent, dffits, cook_d, cov_r, weight, is_infl, status
    title : set above the plot; journals want it in the caption instead
    note : a sentence below the figure
    style : sizes and colours

    Returns
    -------
    matplotlib.figure.Figure
        One Axes a column: y is the distance from the top of the rows in rows.

    Raises
    ------
    ValueError
        For a table without these columns.

    Source
    ------
    Viechtbauer & Cheung (2010) Res Synth Methods 1, 112-125.

    Examples
    --------
    >>> studies = pd.DataFrame({"unit": ["Plener 2012", "Osuch 2014"], "rstudent": [0.4, 2.1], "dffits": [0.1, 0.9],
    ...     "cook_d": [0.01, 0.7], "cov_r": [1.1, 0.8], "weight": [40, 60], "is_infl": [False, True], "status": "ok"})
    >>> len(influence(studies).axes)
    5
    """
    require_columns(studies, COLUMNS, "studies")
    rows = shown(studies)
    columns = measures(len(studies))
    with isolated():
        label = _LABEL * style.width
        tall = style.row * max(len(rows), 1)
        notes = note_lines([note, *_remarks(studies, rows)], style)
        head = _HEAD * style.body
        canvas, top = sheet(head + tall + bottom_room(style, label=False), title_lines(title, style), notes, style)
        top += head
        _names(canvas, rows, label, top)
        room = style.width - 2 * style.margin - label - _GAP * len(columns)
        each = room / len(columns)
        widest = max(width(column.title, style.small, bold=True) for column in columns)
        if widest > each + _GAP - 2:
            raise TooNarrowError(f"{style.width_mm:g} mm is too narrow for the {len(columns)} columns of influence")
        for n, column in enumerate(columns):
            left = style.margin + label + _GAP + n * (each + _GAP)
            _column(canvas, column, rows, Box(left, left + each, top, top + tall))
        return canvas.figure


def shown(studies: pd.DataFrame) -> pd.DataFrame:
    """The studies that are drawn: all, or those with the largest Cook's distances, in the order of the table."""
    if len(studies) <= MOST:
        return studies
    largest = studies["cook_d"].astype(float).fillna(-1.0).nlargest(MOST).index
    return studies.loc[studies.index.isin(largest)]


def is_influential(rows: pd.DataFrame) -> np.ndarray:
    """Which rows are called influential, in either of the forms that tables have."""
    return rows["is_infl"].astype(str).str.lower().isin(("true", "yes")).to_numpy()


def _remarks(studies: pd.DataFrame, rows: pd.DataFrame) -> list[str]:
    hidden = len(studies) - len(rows)
    failed = int((rows["status"] != "ok").sum())
    return [
        "Dashed: the cut-offs beyond which a study is called influential (for residuals: an outlier).",
        f"Not shown: {plural(hidden, 'study', 'studies')} with smaller Cook's distances." if hidden else "",
        f"{plural(failed, 'study', 'studies')} cannot be left out; the table says why." if failed else "",
    ]


def _names(canvas: Canvas, rows: pd.DataFrame, room: float, top: float) -> None:
    style = canvas.style
    for n, (row, bold) in enumerate(zip(rows.to_dict("records"), is_influential(rows), strict=True)):
        if n % 2 == 0:
            canvas.band(
                style.margin, style.width - style.margin, top + n * style.row, top + (n + 1) * style.row, style.band
            )
        name = shorten(text(row, "unit"), room, lambda s: width(s, style.body, bold=True))
        canvas.text(style.margin, top + (n + 0.5) * style.row + 0.35 * style.body, name, bold=bool(bold))


def _column(canvas: Canvas, column: Measure, rows: pd.DataFrame, box: Box) -> None:
    style = canvas.style
    values = pd.to_numeric(rows[column.name]).to_numpy(float, na_value=math.nan)
    finite = [cut for cut in column.cuts if math.isfinite(cut)]
    limits = padded([*values, column.null, *finite], 0.08)
    x = span(PLAIN, *limits, box.right - box.left, style, label="", upright=False)
    axes = draw_panel(canvas, Panel(box, x, Span(max(len(rows), 1), 0.0, Ticks((), ()), "")))
    axes.set_zorder(1)  # above the bands of the rows
    axes.spines["left"].set_visible(False)
    axes.axvline(column.null, color=style.rule, linewidth=style.thin, zorder=1)
    for cut in finite:
        axes.axvline(cut, color=style.muted, linewidth=style.thin, linestyle=(0, (4, 3)), zorder=1)
    known, at = np.isfinite(values), np.arange(len(rows)) + 0.5
    axes.hlines(at[known], column.null, values[known], color=style.faint, linewidth=style.line, zorder=2)
    colours = np.where(is_influential(rows), style.high, style.study)[known]
    axes.scatter(
        values[known], at[known], s=12, c=list(colours), edgecolors=style.paper, linewidths=style.hairline, zorder=3
    )
    canvas.text(
        (box.left + box.right) / 2,
        box.top - 0.5 * style.body,
        column.title,
        bold=True,
        align="center",
        size=style.small,
    )


def influence_alt(studies: pd.DataFrame) -> str:
    """Alternative text of an influence plot.

    Parameters
    ----------
    studies : as for `influence`

    Returns
    -------
    str
        Which studies are influential, with their diagnostics.

    Examples
    --------
    >>> studies = pd.DataFrame({"unit": ["A", "B"], "rstudent": [0.4, 2.14], "dffits": [0.1, 0.9],
    ...     "cook_d": [0.01, 0.7], "cov_r": [1.1, 0.8], "weight": [40, 60], "is_infl": [False, True], "status": "ok"})
    >>> influence_alt(studies)
    "Influence of 2 studies on the pooled estimate. Called influential: B (deleted residual 2.14, Cook's distance \
0.70)."
    """
    require_columns(studies, COLUMNS, "studies")
    flagged = studies[is_influential(studies)].to_dict("records")
    names = [
        f"{row['unit']} (deleted residual {row['rstudent']:.2f}, Cook's distance {row['cook_d']:.2f})"
        for row in flagged
    ]
    said = "; ".join(names) if names else "none"
    return (
        f"Influence of {plural(len(studies), 'study', 'studies')} on the pooled estimate. Called influential: {said}."
    )
