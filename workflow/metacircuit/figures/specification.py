"""Specification curves: the estimates of all defensible analyses in a row, and the choices behind each below it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from metacircuit.figures.legend import Entry, Sign, arrange, draw_legend, legend_height
from metacircuit.figures.panel import Box, Panel, Span, left_room, padded, span
from metacircuit.figures.result import Interval, Writer
from metacircuit.figures.scales import Scale, Ticks, scale_for
from metacircuit.figures.sheet import note_lines, sheet, title_lines
from metacircuit.figures.specification_marks import Drawing, draw_choices, draw_curve, height_of
from metacircuit.figures.specification_table import Curve, alpha_text, curve_of, summary_of
from metacircuit.figures.style import DEFAULT, Style, isolated
from metacircuit.figures.typeface import width, wrap
from metacircuit.wording import plural

MOST_DRAWN = 600
"""More specifications than a page has room for are drawn in part, evenly along the curve; all of them are counted."""

_CURVE, _GAP = 165.0, 9.0
_LABELS = 0.28
_TAIL = 0.02


def specification(
    specifications: pd.DataFrame,
    *,
    measure: str,
    choices: Sequence[str] | None = None,
    title: str = "",
    note: str = "",
    level: float = 95.0,
    style: Style = DEFAULT,
) -> Figure:
    """A specification curve: sorted estimates with their intervals, and below them which choices they come from.

    Parameters
    ----------
    specifications : one column a choice, and estimate, ci_lb, ci_ub (analysis scale), pval, and perhaps main (true
        for the main analysis); a row without an estimate is counted below the figure
    measure : metafor code, which decides the natural scale
    choices : the columns that are choices, in the order of display; by default all columns that are no result
    title : set above the curve; journals want it in the caption instead
    note : a sentence below the figure
    level : confidence level in per cent
    style : sizes and colours

    Returns
    -------
    matplotlib.figure.Figure
        Two Axes, in both x counts specifications: the curve (y is the analysis scale) and the choices (y is points);
        the second is missing where all specifications choose alike.

    Raises
    ------
    ValueError
        For a table without these columns, or an unknown measure.

    Source
    ------
    Simonsohn, Simmons & Nelson (2020) Nature Human Behaviour 4, 1208-1214.

    Examples
    --------
    >>> table = pd.DataFrame({"rho": [0.4, 0.6, 0.8], "estimate": [0.31, 0.30, 0.28], "ci_lb": [0.1, 0.0, -0.1],
    ...                       "ci_ub": [0.5, 0.6, 0.7], "pval": [0.01, 0.05, 0.12]})
    >>> len(specification(table, measure="SMD").axes)
    2
    """
    scale, curve = scale_for(measure), curve_of(specifications, choices)
    intervals = [Interval(*row) for row in zip(curve.estimate, curve.lower, curve.upper, strict=True)]
    writer, limits = Writer.suiting(scale, intervals), _limits(curve, scale)
    rows = _drawn(curve)
    with isolated():
        y = span(scale, *limits, _CURVE, style, label=scale.label, upright=True)
        heading = f"Median {scale.heading}"
        medians = width(heading, style.small, bold=True)
        left = style.margin + max(_label_room(curve, style), left_room(y, style))
        right = style.width - style.margin - medians - style.gutter
        entries = arrange(_legend(curve, level, style), style)
        notes = note_lines([note, *_remarks(curve, rows.size, limits)], style)
        room = style.width - 2 * style.margin
        lines = wrap(summary_of(curve, scale, writer, level), room, lambda s: width(s, style.body))
        summary, depth = (0.5 + len(lines) * style.leading) * style.body, height_of(curve)
        content = summary + _CURVE + _GAP + depth + legend_height(entries, style)
        canvas, top = sheet(content, title_lines(title, style), notes, style)
        for n, line in enumerate(lines):
            canvas.text(style.margin, top + style.body * (1 + n * style.leading), line)
        x = Span(0.0, float(max(curve.estimate.size, 1)), Ticks((), ()), "")
        start = top + summary
        panel = Panel(Box(left, right, start, start + _CURVE), x, y)
        drawing = Drawing(canvas, curve, rows, writer, curve.significant(level))
        draw_curve(drawing, panel, scale.null)
        below = panel.box.bottom + _GAP
        if curve.choices:
            draw_choices(drawing, Box(left, right, below, below + depth), heading)
        draw_legend(canvas, entries, below + depth)
        return canvas.figure


def _drawn(curve: Curve) -> np.ndarray:
    """Which specifications to draw, the first, the last and the main one among them."""
    count = curve.estimate.size
    even = np.linspace(0, count - 1, min(count, MOST_DRAWN)).round().astype(int)
    return np.unique(even if curve.main is None else np.append(even, curve.main))


def _label_room(curve: Curve, style: Style) -> float:
    """The width of the words of the choices, a long one cut short."""
    words = [word for choice in curve.choices for word in choice.words]
    widest = max((style.indent + width(word, style.small) for word in words), default=0.0)
    names = max((width(choice.name, style.small, bold=True) for choice in curve.choices), default=0.0)
    return min(max(widest, names), _LABELS * style.width) + style.gutter


def _limits(curve: Curve, scale: Scale) -> tuple[float, float]:
    """All estimates and most limits; "no effect", unless it is far away."""
    values = [*curve.estimate]
    for ends in (curve.lower, curve.upper):
        finite = ends[np.isfinite(ends)]
        values += [*np.quantile(finite, [_TAIL, 1 - _TAIL])] if finite.size else []
    low, high = padded(values, 0.04, scale.null or 0.0)
    if scale.null is not None and max(high, scale.null) - min(low, scale.null) <= 3 * (high - low):
        air = 0.03 * (high - low)
        low, high = min(low, scale.null - air), max(high, scale.null + air)
    return low, high


def _legend(curve: Curve, level: float, style: Style) -> list[Entry]:
    """Which colour is which."""
    if not np.isfinite(curve.pval).any():
        return []
    alpha = alpha_text(level)
    entries = [
        Entry(Sign.DOT, style.group, f"*p* < {alpha}", marked=True),
        Entry(Sign.DOT, style.unpooled, f"*p* ≥ {alpha}", marked=True),
        Entry(Sign.DASHES, style.overall, "median"),
    ]
    return entries if curve.main is None else [*entries, Entry(Sign.LINE, style.high, "main analysis")]


def _remarks(curve: Curve, drawn: int, limits: tuple[float, float]) -> list[str]:
    """What a reader cannot see from the figure itself."""
    sentences = []
    if curve.same:
        sentences.append("The same in all: " + "; ".join(f"{name}: {word}" for name, word in curve.same) + ".")
    if drawn < curve.estimate.size:
        sentences.append(f"Drawn: {drawn:,} of them, evenly along the curve; medians and shares are of all.")
    if (curve.lower < limits[0]).any() or (curve.upper > limits[1]).any():
        sentences.append("Some intervals go on beyond the axis.")
    if curve.failed:
        sentences.append(f"Not shown: {plural(curve.failed, 'specification')} without an estimate.")
    return [" ".join(sentences)]
