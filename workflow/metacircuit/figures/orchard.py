"""Orchard plots: every effect of every stratum, with its pooled estimate, confidence and prediction interval."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from metacircuit.figures import strip
from metacircuit.figures.canvas import Canvas
from metacircuit.figures.chart import dots, joined
from metacircuit.figures.forest_axis import draw_axis
from metacircuit.figures.legend import Entry, Sign, arrange, draw_legend, legend_height
from metacircuit.figures.orchard_layout import BAR, Layout, Words, layout, text_height
from metacircuit.figures.orchard_plan import Tree, trees
from metacircuit.figures.result import the_measure
from metacircuit.figures.scales import scale_for
from metacircuit.figures.sheet import note_lines, sheet, title_lines
from metacircuit.figures.style import DEFAULT, Style, isolated
from metacircuit.figures.swarm import swarm
from metacircuit.wording import plural

_SMALLEST = 2.6
_CI, _PI = 2.8, 0.8
_TRUNK = 5.8
_ABOVE = 2.0


def orchard(
    effects: pd.DataFrame,
    estimates: pd.DataFrame,
    *,
    measure: str | None = None,
    favours: tuple[str, str] = ("", ""),
    title: str = "",
    note: str = "",
    level: float = 95.0,
    style: Style = DEFAULT,
) -> Figure:
    """An orchard plot on one page, as high as it needs to be (for SVG and PNG).

    Each small circle is an effect, its area in proportion to 1/SE. Below the effects of a stratum the large circle is
    the pooled estimate, the thick line its confidence interval, the thin line the prediction interval.

    Parameters
    ----------
    effects : a row an effect: stratum, yi, vi (analysis scale), and where it is known study_id
    estimates : the estimates of one grouping and the overall one: grouping, stratum, label, status, reason, estimate,
        ci_lb, ci_ub, pi_lb, pi_ub
    measure : metafor code; by default the column `measure` of `estimates`
    favours : what values below and above "no effect" mean
    title : set above the plot; journals want it in the caption instead
    note : a sentence below the figure
    level : confidence level in per cent, for the legend
    style : sizes and colours

    Returns
    -------
    matplotlib.figure.Figure
        One Axes: x is the analysis scale, y the distance from the top of the page in points.

    Raises
    ------
    ValueError
        For tables without these columns, an unknown measure, or estimates of several groupings.

    Source
    ------
    Nakagawa, Lagisz, O'Dea, Rutkowska, Yang, Noble & Senior (2021) Res Synth Methods 12, 4-12.

    Examples
    --------
    >>> effects = pd.DataFrame({"stratum": ["dep", "dep"], "yi": [0.6, 0.2], "vi": [0.09, 0.04]})
    >>> estimates = pd.DataFrame({"grouping": ["disorder"], "stratum": ["dep"], "label": ["Depression"],
    ...     "status": ["ok"], "estimate": [0.33], "ci_lb": [0.0], "ci_ub": [0.66]})
    >>> len(orchard(effects, estimates, measure="SMD").axes)
    1
    """
    return _figures(effects, estimates, measure, favours, title, note, level, style, paged=False)[0]


def orchard_pages(
    effects: pd.DataFrame,
    estimates: pd.DataFrame,
    *,
    measure: str | None = None,
    favours: tuple[str, str] = ("", ""),
    title: str = "",
    note: str = "",
    level: float = 95.0,
    style: Style = DEFAULT,
) -> list[Figure]:
    """The same plot on pages no higher than the style allows (for PDF); parameters and errors as `orchard`."""
    return _figures(effects, estimates, measure, favours, title, note, level, style, paged=True)


def _figures(
    effects: pd.DataFrame,
    estimates: pd.DataFrame,
    measure: str | None,
    favours: tuple[str, str],
    title: str,
    note: str,
    level: float,
    style: Style,
    *,
    paged: bool,
) -> list[Figure]:
    scale = scale_for(the_measure(estimates, measure))
    found, lost = trees(effects, estimates, scale, style.brackets)
    with isolated():
        plan = layout(found, scale, favours, style)
        entries = arrange(_legend(found, level, style), style)
        lines = note_lines([note, _remarks(plan, lost)], style)
        heading = title_lines(title, style)
        below = plan.foot.height + legend_height(entries, style)
        around = (
            2 * (style.margin + _ABOVE) + below + 1.3 * (style.title * len(heading) + style.small * len(lines)) + 10
        )
        chunks = plan.pages(style.page_height - around) if paged else [range(len(found))]
        pages = []
        for n, rows in enumerate(chunks):
            body = sum(plan.heights[m] for m in rows) + 2 * _ABOVE
            last = n == len(chunks) - 1
            canvas, top = sheet(body + below, () if n else heading, lines if last else (), style)
            axes = draw_axis(canvas, plan.axis, top, top + body, plan.foot)
            strip.upright(axes, scale.null, plan.axis, (top, top + body), style.rule, style.thin)
            y = top + _ABOVE
            for m in rows:
                _row(canvas, axes, plan, m, y, first=m == rows[0])
                y += plan.heights[m]
            draw_legend(canvas, entries, top + body + plan.foot.height)
            pages.append(canvas.figure)
        return pages


def _remarks(plan: Layout, lost: int) -> str:
    """What a reader must know beside the legend."""
    intervals = [i for tree in plan.trees for i in (tree.estimate, tree.prediction) if i is not None]
    outside = any(((tree.yi < plan.axis.low) | (tree.yi > plan.axis.high)).any() for tree in plan.trees)
    return joined(
        "No effects." if not plan.trees else "",
        "Arrow heads: beyond the axis." if outside or strip.beyond(intervals, plan.axis) else "",
        f"Not shown: {plural(lost, 'row')} without an effect or its variance." if lost else "",
    )


def _legend(found: Sequence[Tree], level: float, style: Style) -> list[Entry]:
    entries = [Entry(Sign.DOT, style.study, "effect, larger where more precise")] if found else []
    if any(tree.estimate for tree in found):
        entries.append(Entry(Sign.AREA, style.group, f"pooled estimate with {level:g}% CI"))
    if any(tree.prediction for tree in found):
        entries.append(Entry(Sign.LINE, style.group, f"{level:g}% prediction interval (PI)"))
    return entries


def _row(canvas: Canvas, axes: Axes, plan: Layout, m: int, y: float, *, first: bool) -> None:
    """One stratum: its texts, its effects and its estimate."""
    style, tree, height = canvas.style, plan.trees[m], plan.heights[m]
    middle = y + height / 2
    if not first:
        colour, weight = (style.rule, style.hairline) if tree.overall else (style.faint, style.hairline)
        canvas.rule(style.margin, style.width - style.margin, y, colour, weight)
    _write(canvas, plan.left[m], style.margin, middle)
    _write(canvas, plan.beside[m], plan.right, middle)
    bar = y + height - 2 - BAR / 2
    below = BAR if tree.estimate is not None else 0.0
    _effects(axes, tree, plan, y + (height - below) / 2, height - below, style)
    colour = style.overall if tree.overall else style.group
    if tree.prediction is not None:
        segment = [(tree.prediction.lower, tree.prediction.upper, bar)]
        strip.lines(axes, segment, plan.axis, _PI, colour, 3.4)
        strip.arrow_heads(axes, segment, plan.axis, colour)
    if tree.estimate is not None and tree.estimate.drawable:
        segment = [(tree.estimate.lower, tree.estimate.upper, bar)]
        strip.bars(axes, segment, plan.axis, _CI / 2, colour, 3.5)
        strip.arrow_heads(axes, segment, plan.axis, colour, 1.4)
    if tree.estimate is not None and plan.axis.low <= tree.estimate.estimate <= plan.axis.high:
        dots(axes, tree.estimate.estimate, bar, _TRUNK, colour, style, zorder=4)


def _write(canvas: Canvas, lines: Sequence[Words], x: float, middle: float) -> None:
    """Lines of text centred on the height of a row."""
    baseline = middle - text_height(lines) / 2
    for words in lines:
        baseline += 1.22 * words.size
        colour = canvas.style.muted if words.muted else None
        canvas.text(x, baseline - 0.3 * words.size, words.text, size=words.size, bold=words.bold, color=colour)


def _effects(axes: Axes, tree: Tree, plan: Layout, middle: float, height: float, style: Style) -> None:
    """The effects in a swarm around the middle of the row; those beyond the axis as arrow heads."""
    axis = plan.axis
    inside = (tree.yi >= axis.low) & (tree.yi <= axis.high)
    yi, precision = tree.yi[inside], 1 / tree.sei[inside]
    most = max((1 / other.sei).max(initial=0.0) for other in plan.trees) or 1.0
    diameter = np.maximum(plan.largest * np.sqrt(precision / most), _SMALLEST)
    across = (yi - axis.low) / strip.unit(axis)
    up = swarm(across, diameter / 2, height / 2 - 2)
    colour = (*to_rgb(style.unpooled if tree.estimate is None else style.study), 0.62)
    dots(axes, yi, middle + up, diameter, [colour] * len(yi), style, zorder=2)
    sides = [(float(y), float(y), middle) for y in tree.yi[~inside]]
    strip.arrow_heads(axes, [(min(y, axis.high), max(y, axis.low), z) for y, _, z in sides], axis, style.study, 0.9)
