"""GOSH plots: the estimate and I² of all subsets of the studies, with and without the most influential one."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from metacircuit.figures.legend import Entry, Sign, arrange, draw_legend, legend_height
from metacircuit.figures.panel import PLAIN, Box, Panel, Span, bottom_room, draw_panel, left_room, padded, span
from metacircuit.figures.result import require_columns
from metacircuit.figures.scales import Scale, Ticks, scale_for
from metacircuit.figures.sheet import note_lines, sheet, title_lines
from metacircuit.figures.style import DEFAULT, Style, isolated
from metacircuit.figures.typeface import shorten, width
from metacircuit.wording import plural

MOST_POINTS = 1500
"""More subsets than this are drawn as a density: a million circles are no picture, and no file either."""

_TAIL = 0.0005
_SHAPE, _ABOVE, _BESIDE, _GAP = 0.42, 62.0, 62.0, 5.0
_BINS, _CELL = 60, 1.6
_FAINTEST = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Cloud:
    """The subsets: (s,) estimates and I², and which of them lack the study; None where no study is singled out."""

    k: np.ndarray
    estimate: np.ndarray
    I2: np.ndarray
    without: np.ndarray | None

    @property
    def parts(self) -> list[np.ndarray]:
        """Rows with the study and rows without it, or all rows."""
        return [np.ones(self.k.size, bool)] if self.without is None else [~self.without, self.without]


def gosh(
    subsets: pd.DataFrame,
    *,
    measure: str,
    study: str = "",
    title: str = "",
    note: str = "",
    style: Style = DEFAULT,
) -> Figure:
    """A GOSH plot: I² against the estimate of each subset, and the distribution of either along its side.

    Parameters
    ----------
    subsets : k, estimate (analysis scale), I2 (per cent), and where one study is singled out `without` (true for the
        subsets that leave it out)
    measure : metafor code, which decides the natural scale
    study : the name of that study
    title : set above the plot; journals want it in the caption instead
    note : a sentence below the figure
    style : sizes and colours

    Returns
    -------
    matplotlib.figure.Figure
        Three Axes: the subsets, the distribution of the estimate above them, that of I² beside them.

    Raises
    ------
    ValueError
        For a table without these columns, or an unknown measure.

    Source
    ------
    Olkin, Dahabreh & Trikalinos (2012) Res Synth Methods 3, 214-223.

    Examples
    --------
    >>> subsets = pd.DataFrame({"k": [1, 1, 2], "estimate": [0.1, 0.5, 0.3], "I2": [0.0, 0.0, 61.0]})
    >>> len(gosh(subsets, measure="SMD").axes)
    3
    """
    scale, cloud = scale_for(measure), cloud_of(subsets)
    limits = _limits(cloud.estimate, scale)
    with isolated():
        entries = arrange(_legend(cloud, study, style), style)
        notes = note_lines([note, _counted(subsets, cloud, limits)], style)
        tall = _SHAPE * style.width
        y = span(PLAIN, -2.0, 102.0, tall, style, label="I², %", upright=True)
        left = style.margin + left_room(y, style)
        right = style.width - style.margin - _BESIDE - _GAP
        x = span(scale, *limits, right - left, style, label=scale.label, upright=False)
        content = _ABOVE + _GAP + tall + bottom_room(style) + legend_height(entries, style)
        canvas, top = sheet(content, title_lines(title, style), notes, style)
        box = Box(left, right, top + _ABOVE + _GAP, top + _ABOVE + _GAP + tall)
        axes = draw_panel(canvas, Panel(box, x, y))
        _subsets(axes, cloud, box, style)
        count = Span(0.0, 1.0, Ticks((), ()), "")
        above, beside = Box(left, right, top, top + _ABOVE), Box(right + _GAP, right + _GAP + _BESIDE, box.top, box.bottom)
        _bars(draw_panel(canvas, Panel(above, x, count), x_ticks=False), cloud, cloud.estimate, style, upright=False)
        _bars(draw_panel(canvas, Panel(beside, count, y), y_ticks=False), cloud, cloud.I2, style, upright=True)
        draw_legend(canvas, entries, box.bottom + bottom_room(style))
        return canvas.figure
