"""GOSH plots: the estimate and I² of all subsets of the studies, with and without the most influential one."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from metacircuit.figures.gosh_marks import Cloud, class_colours, draw_bars, draw_subsets
from metacircuit.figures.legend import Entry, Sign, arrange, draw_legend, legend_height
from metacircuit.figures.panel import PLAIN, Box, Panel, Span, bottom_room, draw_panel, left_room, padded, span
from metacircuit.figures.result import require_columns
from metacircuit.figures.scales import Scale, Ticks, scale_for
from metacircuit.figures.sheet import note_lines, sheet, title_lines
from metacircuit.figures.style import DEFAULT, Style, isolated
from metacircuit.figures.typeface import shorten, width
from metacircuit.wording import plural

_TAIL = 0.0005
_SHAPE, _BESIDE, _GAP = 0.42, 62.0, 5.0


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
        notes = note_lines([note, _account(len(subsets), cloud, limits)], style)
        tall = _SHAPE * style.width
        y = span(PLAIN, -2.0, 102.0, tall, style, label="I², %", upright=True)
        left, right = style.margin + left_room(y, style), style.width - style.margin - _BESIDE - _GAP
        x = span(scale, *limits, right - left, style, label=scale.label, upright=False)
        content = _BESIDE + _GAP + tall + bottom_room(style) + legend_height(entries, style)
        canvas, top = sheet(content, title_lines(title, style), notes, style)
        box = Box(left, right, top + _BESIDE + _GAP, top + _BESIDE + _GAP + tall)
        draw_subsets(draw_panel(canvas, Panel(box, x, y)), cloud, (right - left, tall), style)
        count = Span(0.0, 1.05, Ticks((), ()), "")
        above = Panel(Box(left, right, top, top + _BESIDE), Span(*limits, x.ticks, ""), count)
        beside = Panel(
            Box(right + _GAP, right + _GAP + _BESIDE, box.top, box.bottom), count, Span(-2.0, 102.0, y.ticks, "")
        )
        draw_bars(draw_panel(canvas, above, x_ticks=False), cloud, cloud.estimate, style, upright=False)
        draw_bars(draw_panel(canvas, beside, y_ticks=False), cloud, cloud.I2, style, upright=True)
        draw_legend(canvas, entries, box.bottom + bottom_room(style))
        return canvas.figure


def cloud_of(subsets: pd.DataFrame) -> Cloud:
    """The subsets that have an estimate and I²."""
    require_columns(subsets, ("k", "estimate", "I2"), "subsets")
    k, estimate, spread = (subsets[name].to_numpy(float, na_value=np.nan) for name in ("k", "estimate", "I2"))
    usable = np.isfinite(estimate) & np.isfinite(spread)
    without = subsets["without"].to_numpy(bool)[usable] if "without" in subsets else None
    return Cloud(k[usable], estimate[usable], spread[usable], without)


def _limits(estimates: np.ndarray, scale: Scale) -> tuple[float, float]:
    """All estimates, unless a handful of subsets would stretch the axis to more than half as much again."""
    around = scale.null or 0.0
    if estimates.size == 0:
        return padded([], around=around)
    bulk = np.quantile(estimates, [_TAIL, 1 - _TAIL])
    widened = np.clip(estimates, *(bulk + 0.25 * np.ptp(bulk) * np.array([-1, 1])))
    return padded(widened, around=around)


def _legend(cloud: Cloud, study: str, style: Style) -> list[Entry]:
    """Which colour is which."""
    if cloud.without is None:
        return []
    name = shorten(study or "the study singled out", 0.35 * style.width, lambda s: width(s, style.small))
    words = (f"subsets with {name}", f"subsets without {name}")
    return [Entry(Sign.DOT, colour, text) for colour, text in zip(class_colours(cloud, style), words, strict=True)]


def _account(rows: int, cloud: Cloud, limits: tuple[float, float]) -> str:
    """How many subsets there are, and how many of them the figure does not show."""
    if cloud.k.size == 0:
        return "No subsets."
    most = int(cloud.k.max())
    share = f"All {rows:,} subsets of {plural(most, 'study', 'studies')}."
    sentences = [share if rows == 2.0**most - 1 else f"{rows:,} subsets of up to {plural(most, 'study', 'studies')}."]
    beyond = int(((cloud.estimate < limits[0]) | (cloud.estimate > limits[1])).sum())
    if beyond:
        sentences.append(f"Beyond the axis: {plural(beyond, 'subset')}.")
    if rows > cloud.k.size:
        sentences.append(f"Not shown: {plural(rows - cloud.k.size, 'subset')} without a result.")
    return " ".join(sentences)
