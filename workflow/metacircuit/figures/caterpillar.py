"""Caterpillar plots: all effects in the order of their size, with the pooled estimate behind them."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metacircuit.figures import strip
from metacircuit.figures.canvas import Canvas
from metacircuit.figures.chart import joined
from metacircuit.figures.forest_axis import Axis, draw_axis, foot
from metacircuit.figures.legend import Entry, Sign, arrange, draw_legend, legend_height
from metacircuit.figures.result import (
    Interval,
    Row,
    Writer,
    is_pooled,
    not_pooled,
    pooled_interval,
    prediction_interval,
    require_columns,
    text,
)
from metacircuit.figures.scales import Scale, scale_for
from metacircuit.figures.sheet import note_lines, sheet, title_lines
from metacircuit.figures.style import DEFAULT, Style, isolated
from metacircuit.figures.typeface import shorten, width
from metacircuit.stats.distributions import critical
from metacircuit.wording import plural

NAMED = 40
"""Most effects that have their names beside them; a forest plot is the list of more."""

_PITCH, _TALL, _LEAST = 9.0, 300.0, 0.9
_CLOSE = 2.0
_ABOVE, _POOLED = 4.0, 16.0


@dataclass(frozen=True, slots=True, eq=False)
class Crawl:
    """The effects in the order of their size: names, estimates and limits (analysis scale)."""

    names: tuple[str, ...]
    yi: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    def side(self, null: float | None) -> np.ndarray:
        """-1, 0 or 1: the interval lies below "no effect", includes it, or lies above."""
        if null is None:
            return np.zeros(len(self.yi), int)
        return (self.lower > null).astype(int) - (self.upper < null).astype(int)


def crawl_of(effects: pd.DataFrame, level: float) -> tuple[Crawl, int]:
    """The effects that have a variance, smallest first, and the number of those that have none."""
    require_columns(effects, ("study_label", "yi", "vi"), "effects")
    yi, vi = (pd.to_numeric(effects[name]).to_numpy(float, na_value=math.nan) for name in ("yi", "vi"))
    usable = np.flatnonzero(np.isfinite(yi) & np.isfinite(vi) & (vi >= 0))
    # Equal effects stand in the order of their precision, so that the order never depends on that of the rows.
    order = usable[np.lexsort((vi[usable], yi[usable]))]
    names = [text(row, "study_label") for row in effects.to_dict("records")]
    half = critical(level) * np.sqrt(vi[order])
    crawl = Crawl(tuple(names[n] for n in order), yi[order], yi[order] - half, yi[order] + half)
    return crawl, len(effects) - len(usable)


def caterpillar(
    effects: pd.DataFrame,
    *,
    measure: str,
    overall: Row | None = None,
    favours: tuple[str, str] = ("", ""),
    title: str = "",
    note: str = "",
    level: float = 95.0,
    style: Style = DEFAULT,
) -> Figure:
    """A caterpillar plot: effects with their intervals ``yi ± z sqrt(vi)``, smallest at the top.

    Dark intervals leave "no effect" out. Behind them stand the pooled estimate (line), its confidence interval (darker
    band) and the prediction interval (lighter band). Up to forty effects have their names.

    Parameters
    ----------
    effects : study_label, yi, vi (analysis scale)
    measure : metafor code, which decides the natural scale
    overall : the row of the pooled estimate: status, estimate, ci_lb, ci_ub, pi_lb, pi_ub; None draws the effects alone
    favours : what values below and above "no effect" mean
    title : set above the plot; journals want it in the caption instead
    note : a sentence below the figure
    level : confidence level in per cent
    style : sizes and colours

    Returns
    -------
    matplotlib.figure.Figure
        One Axes: x is the analysis scale, y the distance from the top of the page in points.

    Raises
    ------
    ValueError
        For a table without these columns, or an unknown measure.

    Examples
    --------
    >>> effects = pd.DataFrame({"study_label": ["Plener 2012", "Osuch 2014"], "yi": [0.6, 0.2], "vi": [0.09, 0.04]})
    >>> len(caterpillar(effects, measure="SMD").axes)
    1
    """
    scale = scale_for(measure)
    crawl, lost = crawl_of(effects, level)
    with isolated():
        return _draw(crawl, lost, scale, overall, favours, title, note, level, style)


def _draw(
    crawl: Crawl,
    lost: int,
    scale: Scale,
    overall: Row | None,
    favours: tuple[str, str],
    title: str,
    note: str,
    level: float,
    style: Style,
) -> Figure:
    k = len(crawl.yi)
    named = 0 < k <= NAMED
    pitch = _PITCH if named else min(_PITCH, max(_LEAST, _TALL / max(k, 1)))
    room = min(max((width(name, style.small) for name in crawl.names), default=0.0), 0.34 * style.width) * named
    pooled = pooled_interval(overall) if overall is not None and is_pooled(overall) else None
    prediction = prediction_interval(overall) if pooled is not None else Interval(math.nan, math.nan, math.nan)
    intervals = [Interval(*map(float, each)) for each in zip(crawl.yi, crawl.lower, crawl.upper, strict=True)]
    ends = (style.margin + room + style.gutter * named + strip.ARROW, style.width - style.margin - 2 - strip.ARROW)
    behind = [i for i in (pooled, prediction) if i is not None]
    axis = strip.robust_axis(intervals, behind, scale, ends, style)
    under = foot(axis, scale.label, favours, style)
    shown = [i for i in (*intervals, *behind) if i.drawable]
    entries = arrange(_legend(crawl, scale, pooled, prediction, level, style), style)
    notes = [note, _result(overall, pooled, prediction, scale, intervals, level), _remarks(k, shown, axis, lost)]
    body = k * pitch + 2 * _ABOVE + _POOLED * (pooled is not None)
    lines = note_lines(notes, style)
    canvas, top = sheet(body + under.height + legend_height(entries, style), title_lines(title, style), lines, style)
    bottom = top + body
    axes = draw_axis(canvas, axis, top, bottom, under)
    strip.column(axes, prediction, axis, (top, bottom), strip.tint(style.prediction, style.paper, 0.28), 0.2)
    if pooled is not None:
        strip.column(axes, pooled, axis, (top, bottom), strip.tint(style.prediction, style.paper, 0.75), 0.3)
        strip.upright(axes, pooled.estimate, axis, (top, bottom), style.overall, style.thin)
        strip.diamonds(axes, [(pooled, bottom - _POOLED / 2)], axis, style.overall, 4.2)
    strip.upright(axes, scale.null, axis, (top, bottom), style.rule, style.thin)
    heights = top + _ABOVE + (np.arange(k) + 0.5) * pitch
    _effects(axes, crawl, heights, pitch, scale, axis, style)
    if named:
        _names(canvas, crawl, heights, room)
    draw_legend(canvas, entries, bottom + under.height)
    return canvas.figure


def _effects(
    axes: Axes, crawl: Crawl, heights: np.ndarray, pitch: float, scale: Scale, axis: Axis, style: Style
) -> None:
    """Interval lines and estimates, dark where the interval leaves no effect out."""
    side = crawl.side(scale.null)
    weight, diameter = min(style.line, 0.72 * pitch), min(3.6, max(1.3, 0.62 * pitch))
    pale = style.study if scale.null is None else style.unpooled
    for rows, colour in ((side == 0, pale), (side != 0, style.study)):
        found = [tuple(map(float, s)) for s in zip(crawl.lower[rows], crawl.upper[rows], heights[rows], strict=True)]
        strip.lines(axes, found, axis, weight, colour, 2)
        strip.arrow_heads(axes, found, axis, colour, min(1.0, max(0.3, pitch / _PITCH)))
        inside = rows & (crawl.yi >= axis.low) & (crawl.yi <= axis.high)
        # Where the lines nearly touch, the estimates need a colour of their own.
        looks = {"c": style.overall if pitch < _CLOSE else colour, "s": diameter**2, "linewidths": 0}
        axes.scatter(crawl.yi[inside], heights[inside], **looks, zorder=3, clip_on=False)


def _names(canvas: Canvas, crawl: Crawl, heights: np.ndarray, room: float) -> None:
    style = canvas.style
    for name, y in zip(crawl.names, heights, strict=True):
        fitting = shorten(name, room + 0.5, lambda s: width(s, style.small))
        canvas.text(style.margin, float(y) + 0.34 * style.small, fitting, size=style.small)


def _legend(
    crawl: Crawl, scale: Scale, pooled: Interval | None, prediction: Interval, level: float, style: Style
) -> list[Entry]:
    side = crawl.side(scale.null)
    words = f"effect with {level:g}% CI"
    entries = []
    if scale.null is not None and (side != 0).any():
        entries.append(Entry(Sign.DOT, style.study, f"{words} that leaves out “no effect”"))
    if (side == 0).any():
        plain = scale.null is None or not (side != 0).any()
        colour = style.study if scale.null is None else style.unpooled
        entries.append(Entry(Sign.DOT, colour, words if plain else "that includes it"))
    if pooled is not None:
        entries.append(Entry(Sign.AREA, strip.tint(style.prediction, style.paper, 0.75), f"{level:g}% CI of the mean"))
    if prediction.drawable:
        lighter = strip.tint(style.prediction, style.paper, 0.28)
        entries.append(Entry(Sign.AREA, lighter, f"{level:g}% prediction interval"))
    return entries


def _result(
    overall: Row | None,
    pooled: Interval | None,
    prediction: Interval,
    scale: Scale,
    effects: list[Interval],
    level: float,
) -> str:
    """The pooled estimate in words."""
    if overall is None:
        return ""
    if pooled is None:
        return not_pooled(overall, len(effects)) + "."
    writer = Writer.suiting(scale, [pooled])
    heading = "" if scale.heading == "%" else f"{scale.heading} "
    sentence = f"Pooled estimate: {heading}{writer.sentence(pooled, level)}"
    if prediction.drawable:
        sentence += f"; prediction interval {writer.value(prediction.lower)} to {writer.value(prediction.upper)}"
    return sentence + "."


def _remarks(k: int, shown: list[Interval], axis: Axis, lost: int) -> str:
    return joined(
        "No effects." if k == 0 else "",
        "Arrow heads: the interval goes on beyond the axis." if strip.beyond(shown, axis) else "",
        f"Not shown: {plural(lost, 'row')} without an effect or its variance." if lost else "",
    )
