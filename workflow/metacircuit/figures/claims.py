"""Claims and their verdicts: each estimate with its intervals against the zone of effects too small to matter."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from metacircuit.figures.canvas import Canvas
from metacircuit.figures.claims_rows import VERDICTS, ClaimRow, claim_rows, limits, written
from metacircuit.figures.forest_axis import Axis, draw_axis, foot
from metacircuit.figures.result import Interval, Row, text
from metacircuit.figures.scales import Scale, choose_ticks
from metacircuit.figures.sheet import note_lines, sheet, title_lines
from metacircuit.figures.style import DEFAULT, Style, isolated
from metacircuit.figures.tick_candidates import even
from metacircuit.figures.typeface import width, wrap
from metacircuit.wording import plural

MARKERS = {"supported": "^", "contradicted": "v", "inconclusive": "o", "not testable": "x"}

_LABEL = "Multiples of the smallest effect of interest"
_NOTE = (
    "Grey zone: effects smaller than the smallest effect of interest. Dark line: confidence interval; pale line:"
    " prediction interval; where a line ends in an arrow head it goes on. Of a claim about several comparisons, the"
    " deciding one is drawn; of a claim about heterogeneity, τ; of a claim about a number of studies, that number."
)
_SCALE = Scale(_LABEL, "", "multiples", 0.0, float, float, even)
_STATEMENT, _WRITTEN, _VERDICT = 0.40, 0.165, 0.135
_PADDING, _HEADER, _TOPIC = 4.0, 15.0, 13.0
_MARK = 5.0


def colours_of(style: Style) -> dict[str, str]:
    """The colour of each verdict in a style; the shape tells them apart where the colour does not."""
    colours = (style.group, style.bad, style.muted, style.unpooled)
    return dict(zip(VERDICTS, colours, strict=True))


@dataclass(frozen=True, slots=True)
class _Placed:
    row: ClaimRow
    statement: tuple[str, ...]
    height: float
    opens: bool


def claims_figure(claims: pd.DataFrame, *, title: str = "", style: Style = DEFAULT) -> Figure:
    """A row for each claim: what is claimed, the evidence, and the verdict by colour and shape, on one sheet.

    Parameters
    ----------
    claims : results/REVIEW/claims.csv
    title : set above the rows
    style : sizes and colours

    Returns
    -------
    matplotlib.figure.Figure
        One Axes: x in multiples of the smallest effect of interest, y the distance from the top of the page in points.

    Raises
    ------
    ValueError
        For a table that lacks a column, or a verdict that is not known.
    """
    with isolated():
        placed = _place(claim_rows(claims), style)
        return _page(placed, limits([p.row for p in placed]), title, style)


def claims_pages(claims: pd.DataFrame, *, title: str = "", style: Style = DEFAULT) -> list[Figure]:
    """The same on pages no higher than the style allows."""
    with isolated():
        placed = _place(claim_rows(claims), style)
        span = limits([p.row for p in placed])
        room = style.page_height - 110.0
        pages: list[list[_Placed]] = [[]]
        for item in placed:
            used = sum(other.height for other in pages[-1])
            if pages[-1] and used + item.height > room:
                pages.append([])
            pages[-1].append(item)
        return [_page(page, span, title if n == 0 else "", style) for n, page in enumerate(pages)]


def claims_alt(claims: pd.DataFrame) -> str:
    """Alternative text: the verdicts counted, then each claim that could be tested with its numbers.

    Examples
    --------
    >>> claims_alt(pd.DataFrame({"id": ["a.b"], "statement": ["Less is more."], "source": ["a"], "topic": ["evidence"],
    ...     "test": ["count"], "direction": ["negative"], "scale": ["studies"], "sesoi": [10.0], "estimate": [3.0],
    ...     "ci_lb": [None], "ci_ub": [None], "pi_lb": [None], "pi_ub": [None], "level": [95.0], "studies": [3.0],
    ...     "verdict": ["supported"]}))
    'Verdicts on 1 claim: 1 supported. Less is more. Supported, 3 studies.'
    """
    rows = claims.to_dict("records")
    counts = [(verdict, sum(text(row, "verdict") == verdict for row in rows)) for verdict in VERDICTS]
    summary = ", ".join(f"{n} {verdict}" for verdict, n in counts if n)
    told = [_told(row) for row in rows if text(row, "verdict") != "not testable"]
    return " ".join([f"Verdicts on {plural(len(rows), 'claim')}: {summary or 'none'}.", *told])


def _told(row: Row) -> str:
    shown = written(row)
    return f"{text(row, 'statement')} {text(row, 'verdict').capitalize()}{f', {shown}' if shown else ''}."


def _place(rows: Sequence[ClaimRow], style: Style) -> list[_Placed]:
    room = _STATEMENT * style.width - style.margin - style.gutter
    placed, topic = [], None
    for row in rows:
        lines = wrap(row.statement, room, lambda s: width(s, style.small))
        opens = row.topic != topic
        height = (len(lines) + 1) * style.small * style.leading + _PADDING + _TOPIC * opens
        placed.append(_Placed(row, lines, height, opens))
        topic = row.topic
    return placed


def _page(placed: Sequence[_Placed], span: tuple[float, float], title: str, style: Style) -> Figure:
    right = style.width - style.margin
    left_plot = _STATEMENT * style.width
    right_plot = right - (_WRITTEN + _VERDICT) * style.width - style.gutter
    unit = (span[1] - span[0]) / (right_plot - left_plot)
    ticks = choose_ticks(_SCALE, *span, room=lambda label: (width(label, style.small) + 8.0) * unit)
    axis = Axis(*span, left_plot, right_plot, ticks, 0.0)
    under = foot(axis, _LABEL, ("", ""), style)
    body = sum(item.height for item in placed)
    notes = note_lines([_NOTE], style)
    canvas, top = sheet(_HEADER + body + 4.0 + under.height, title_lines(title, style), notes, style)
    _header(canvas, top, left_plot, right)
    y = top + _HEADER
    axes = draw_axis(canvas, axis, y, y + body + 4.0, under)
    axes.axvspan(max(-1.0, span[0]), min(1.0, span[1]), color=style.faint, alpha=0.45, zorder=0.1, linewidth=0)
    axes.axvline(0.0, color=style.rule, linewidth=style.thin, zorder=0.6)
    for item in placed:
        if item.opens:
            canvas.text(style.margin, y + 9.5, item.row.topic.capitalize(), bold=True)
            y += _TOPIC
        _draw(canvas, axes, item, y, axis, right)
        y += item.height - _TOPIC * item.opens
    return canvas.figure


def _header(canvas: Canvas, top: float, left_plot: float, right: float) -> None:
    style = canvas.style
    canvas.rule(style.margin, right, top, style.rule, style.line)
    write = partial(canvas.text, bold=True)
    write(style.margin, top + 10.0, "Claim")
    write(left_plot, top + 10.0, "Evidence")
    write(right - _VERDICT * style.width - style.gutter, top + 10.0, "Estimate [CI]", align="right")
    write(right - _VERDICT * style.width + 9.0, top + 10.0, "Verdict")
    canvas.rule(style.margin, right, top + _HEADER - 1, style.rule, style.hairline)


def _draw(canvas: Canvas, axes: Axes, item: _Placed, y: float, axis: Axis, right: float) -> None:
    """One claim from its upper edge downwards."""
    style, row, colour = canvas.style, item.row, colours_of(canvas.style)[item.row.verdict]
    step = style.small * style.leading
    for n, line in enumerate((*item.statement, row.claimed)):
        shade = style.ink if n < len(item.statement) else style.muted
        canvas.text(style.margin, y + (n + 1) * step, line, size=style.small, color=shade)
    middle = y + (item.height - _PADDING - _TOPIC * item.opens) / 2 + 1.5
    baseline = middle + 0.36 * style.small
    verdict = right - _VERDICT * style.width
    word = style.ink if row.verdict in VERDICTS[:2] else style.muted
    canvas.text(verdict - style.gutter, baseline, row.written or "–", size=style.small, align="right")
    canvas.text(verdict + 9.0, baseline, row.verdict, size=style.small, color=word, bold=row.verdict in VERDICTS[:2])
    _sign(canvas, verdict + 3.5, middle, row.verdict)
    canvas.rule(style.margin, right, y + item.height - _TOPIC * item.opens - 0.5, style.faint, style.hairline)
    _bar(axes, row.prediction, middle, axis, style.prediction, 2.6)
    _bar(axes, row.interval, middle, axis, colour, 1.2)
    if axis.low <= row.interval.estimate <= axis.high:
        face = style.paper if row.verdict == "inconclusive" else colour
        axes.plot(
            [row.interval.estimate],
            [middle],
            MARKERS[row.verdict],
            color=colour,
            markerfacecolor=face,
            ms=_MARK,
            zorder=4,
        )


def _sign(canvas: Canvas, x: float, y: float, verdict: str) -> None:
    """The shape of a verdict beside its word."""
    r, colour = 2.6, colours_of(canvas.style)[verdict]
    match verdict:
        case "supported" | "contradicted":
            tip = -r if verdict == "supported" else r
            corners = np.array([(x, y + tip), (x - r, y - tip * 0.8), (x + r, y - tip * 0.8), (x, y + tip)])
            canvas.polygon(corners, colour)
        case "inconclusive":
            canvas.circle(x, y, 2 * r - 0.6, face=canvas.style.paper, edge=colour)
        case _:
            canvas.lines([[(x - r, y - r), (x + r, y + r)], [(x - r, y + r), (x + r, y - r)]], colour, 0.9)


def _bar(axes: Axes, interval: Interval, y: float, axis: Axis, colour: str, weight: float) -> None:
    """A line from limit to limit, with an arrow head where it goes on beyond the axis."""
    if np.isnan([interval.lower, interval.upper]).any() or interval.lower > axis.high or interval.upper < axis.low:
        return
    low, high = max(interval.lower, axis.low), min(interval.upper, axis.high)
    axes.add_collection(
        LineCollection([[(low, y), (high, y)]], colors=colour, linewidths=weight, zorder=3 - weight / 4), autolim=False
    )
    for beyond, at, marker in (
        (interval.lower < axis.low, axis.low, "<"),
        (interval.upper > axis.high, axis.high, ">"),
    ):
        if beyond:
            axes.plot([at], [y], marker, color=colour, ms=3.2, clip_on=False, zorder=3 - weight / 4, markeredgewidth=0)
