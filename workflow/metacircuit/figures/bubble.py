"""Bubble plots: effects against a moderator, with the line of a meta-regression and its bands."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from metacircuit.figures.bubble_plan import Bubbles, bubbles
from metacircuit.figures.chart import Chart, Direction, chart, dots, joined
from metacircuit.figures.legend import Entry, Sign
from metacircuit.figures.panel import PLAIN, padded
from metacircuit.figures.point_labels import draw_names, place_names
from metacircuit.figures.scales import Scale, scale_for
from metacircuit.figures.strip import tint
from metacircuit.figures.style import DEFAULT, Style, isolated
from metacircuit.wording import plural

_LARGEST, _SMALLEST = 17.0, 2.6
_NAMED = 8
_REACH = 1.0
_PI, _CI = 0.28, 0.7


def bubble(
    points: pd.DataFrame,
    predictions: pd.DataFrame | None = None,
    *,
    measure: str,
    moderator: str = "",
    title: str = "",
    note: str = "",
    level: float = 95.0,
    style: Style = DEFAULT,
) -> Figure:
    """A bubble plot: circles are effects, their area their weight; line and bands come from a table of predictions.

    Parameters
    ----------
    points : study_label, x (the moderator), yi, vi (analysis scale), and where the model has them weight (any unit;
        without it 1/vi)
    predictions : x, pred, ci_lb, ci_ub, and where the model has them pi_lb, pi_ub (analysis scale)
    measure : metafor code, which decides the natural scale
    moderator : the name of the x axis
    title : set above the plot; journals want it in the caption instead
    note : a sentence below the figure, such as the slope and its test
    level : of the bands in per cent
    style : sizes and colours

    Returns
    -------
    matplotlib.figure.Figure
        One Axes: x is the moderator, y the analysis scale with ticks on the natural scale.

    Raises
    ------
    ValueError
        For a table without these columns, or an unknown measure.

    Source
    ------
    Thompson & Higgins (2002) Stat Med 21, 1559-1573.

    Examples
    --------
    >>> points = pd.DataFrame({"study_label": ["Plener 2012", "Osuch 2014"], "x": [2012, 2014], "yi": [0.6, 0.2],
    ...                        "vi": [0.09, 0.04]})
    >>> line = pd.DataFrame({"x": [2012, 2014], "pred": [0.6, 0.2], "ci_lb": [0.1, -0.1], "ci_ub": [1.1, 0.5]})
    >>> len(bubble(points, line, measure="SMD", moderator="Year").axes)
    1
    """
    scale, found = scale_for(measure), bubbles(points, predictions)
    low, high = _limits(found, scale)
    with isolated():
        across = _across(np.concatenate([found.x, found.line[:, 0]]))
        x = Direction(PLAIN, *across, moderator, grouped=not _years(found.x))
        y = Direction(scale, low, high, scale.label)
        hidden = int(((found.yi < low) | (found.yi > high)).sum())
        remarks = joined(
            "No effects." if not len(found.x) else "",
            f"Beyond the axis: {plural(hidden, 'effect')} (triangles)." if hidden else "",
            f"Not shown: {plural(found.lost, 'row')} without moderator, effect or variance." if found.lost else "",
        )
        legend = _legend(found, level, style)
        made = chart(x, y, style=style, title=title, notes=[note, remarks], entries=legend)
        if scale.null is not None and low <= scale.null <= high:
            null = [[(x.start, scale.null), (x.end, scale.null)]]
            looks = {"colors": style.rule, "linewidths": style.hairline, "zorder": 0.6}
            made.axes.add_collection(LineCollection(null, **looks), autolim=False)
        _bands(made.axes, found, (low, high), style)
        _points(made, found, (low, high), style)
        return made.canvas.figure


def _across(x: np.ndarray) -> tuple[float, float]:
    """Limits of the moderator; one unit at each side of a single value."""
    return (float(x[0]) - 1, float(x[0]) + 1) if x.size and np.ptp(x) == 0 else padded(x, 0.06)


def _years(x: np.ndarray) -> bool:
    """Whether the values of a moderator read as years, which are written without a separator."""
    return bool(x.size and ((x >= 1800) & (x < 2200)).all())


def _limits(found: Bubbles, scale: Scale) -> tuple[float, float]:
    """All lines and confidence bands, the bulk of the points, and no effect unless that would squeeze the rest."""
    values = found.line[:, 1:4]
    inner = [*values[np.isfinite(values)]]
    if found.yi.size:
        first, last = np.quantile(found.yi, [0.1, 0.9])
        reach = _REACH * (last - first)
        inner += [max(found.yi.min(), first - reach), min(found.yi.max(), last + reach)]
    low, high = padded(inner, 0.06, scale.null or 0.0)
    if scale.null is not None and max(high, scale.null) - min(low, scale.null) <= 2 * (high - low):
        low, high = min(low, scale.null - 0.04 * (high - low)), max(high, scale.null + 0.04 * (high - low))
    return low, high


def _bands(axes: Axes, found: Bubbles, ends: tuple[float, float], style: Style) -> None:
    """The prediction band, the confidence band on it, and the line."""
    line = found.line
    for first, share in ((4, _PI), (2, _CI)):
        known = np.isfinite(line[:, first : first + 2]).all(axis=1)
        if known.sum() > 1:
            x, low, high = line[known, 0], *np.clip(line[known, first : first + 2].T, *ends)
            corners = np.column_stack([np.r_[x, x[::-1]], np.r_[low, high[::-1]]])
            face = tint(style.prediction, style.paper, share)
            axes.add_collection(
                PolyCollection([corners], facecolors=face, edgecolors="none", zorder=0.3), autolim=False
            )
    if len(line) > 1:
        looks = {"colors": style.overall, "linewidths": 1.3, "zorder": 2.5}
        axes.add_collection(LineCollection([line[:, :2]], **looks), autolim=False)


def _points(made: Chart, found: Bubbles, ends: tuple[float, float], style: Style) -> None:
    """Circles, the small ones in front; triangles at the edge for effects beyond it; names of the heaviest."""
    k = len(found.x)
    largest = _LARGEST * min(1.0, style.width / 400) if k <= 60 else max(5.0, _LARGEST * (60 / k) ** 0.4)
    diameter = np.maximum(largest * np.sqrt(found.weight), _SMALLEST)
    inside = (found.yi >= ends[0]) & (found.yi <= ends[1])
    order = np.flatnonzero(inside)[np.argsort(-diameter[inside], kind="stable")]
    colour = (*to_rgb(style.study), 0.6)
    dots(made.axes, found.x[order], found.yi[order], diameter[order], [colour] * len(order), style)
    for beyond, sign, edge in ((found.yi > ends[1], "^", ends[1]), (found.yi < ends[0], "v", ends[0])):
        looks = {"marker": sign, "s": 20, "c": style.study, "linewidths": 0, "zorder": 3, "clip_on": False}
        made.axes.scatter(found.x[beyond], np.full(int(beyond.sum()), edge), **looks)
    heaviest = [int(n) for n in np.argsort(-found.weight, kind="stable") if inside[n]]
    on_page = made.panel.points(found.x, np.clip(found.yi, *ends))
    radius = float(np.median(diameter)) / 2 if k else 0.0
    draw_names(
        made.canvas,
        place_names(on_page, found.names, heaviest, made.panel.box, style, radius=radius + 1, most=min(_NAMED, k)),
    )


def _legend(found: Bubbles, level: float, style: Style) -> list[Entry]:
    entries = [Entry(Sign.DOT, style.study, f"effect ({len(found.x):,}), area by weight")]
    if len(found.line) > 1:
        entries.append(Entry(Sign.LINE, style.overall, "meta-regression"))
        entries.append(Entry(Sign.AREA, tint(style.prediction, style.paper, _CI), f"{level:g}% CI"))
    if found.banded:
        entries.append(Entry(Sign.AREA, tint(style.prediction, style.paper, _PI), f"{level:g}% prediction interval"))
    return entries
