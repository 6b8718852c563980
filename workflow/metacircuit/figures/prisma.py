"""PRISMA 2020 flow diagrams: how many records were found, screened and excluded, and what became of the results."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from metacircuit.figures.alt_flow import UNSEARCHED, difference
from metacircuit.figures.canvas import Canvas
from metacircuit.figures.flow_plan import GAP, PAD, Box, Tier, tiers
from metacircuit.figures.sheet import note_lines, sheet, title_lines
from metacircuit.figures.strip import tint
from metacircuit.figures.style import DEFAULT, Style, isolated
from metacircuit.figures.typeface import shorten, width

_PHASE, _AFTER = 13.0, 6.0
_HEAD = 3.2


@dataclass(frozen=True, slots=True)
class Foot:
    """A box that has been drawn, and where it ends."""

    box: Box
    bottom: float


def prisma(flow: pd.DataFrame, *, title: str = "", note: str = "", style: Style = DEFAULT) -> Figure:
    """A flow diagram after PRISMA 2020, continued to the analyses.

    A stage that was not counted has no box. On a narrow page other methods of the search stand below the databases.

    Parameters
    ----------
    flow : lane, box, item, n, unit, as `metacircuit.tables.flow.flow` makes it
    title : set above the diagram; journals want it in the caption instead
    note : a sentence below the figure
    style : sizes and colours

    Returns
    -------
    matplotlib.figure.Figure
        Without axes.

    Raises
    ------
    ValueError
        For a table without these columns.

    Source
    ------
    Page, McKenzie, Bossuyt, et al. (2021) BMJ 372, n71.

    Examples
    --------
    >>> flow = pd.DataFrame([("sheets", "extracted", "", 3, "studies"), ("sheets", "extracted", "", 9, "results")],
    ...                     columns=["lane", "box", "item", "n", "unit"])
    >>> round(25.4 * prisma(flow).get_figwidth())
    180
    """
    with isolated():
        left = style.margin + _PHASE + _AFTER
        groups = tiers(flow, style, left)
        heights = [[tier.height(style) for tier in group] for group in groups]
        content = sum(sum(group) + GAP * len(group) for group in heights) - GAP if groups else style.row
        searched = bool(flow["lane"].isin(("databases", "other")).any())
        notes = note_lines([note, difference(flow), "" if searched else UNSEARCHED], style)
        canvas, y = sheet(content, title_lines(title, style), notes, style)
        phases: list[tuple[str, float, float]] = []
        ends: list[Foot] = []
        for group, sizes in zip(groups, heights, strict=True):
            lanes: dict[float, Foot] = {}
            for tier, height in zip(group, sizes, strict=True):
                _tier(canvas, tier, y, height)
                for box in (box for box in tier.boxes if box.lines and not tier.heading):
                    above = [lanes[box.left]] if box.left in lanes else ends if group is groups[-1] else []
                    top, bottom = _spot(box, y, height, style)
                    _join(canvas, above, box, (y, top), left - _AFTER / 2)
                    lanes[box.left] = Foot(box, bottom)
                if tier.phase:
                    phases.append((tier.phase, y, y + height))
                y += height + GAP
            # All ways of the search end in what is included.
            ends += lanes.values()
        _phases(canvas, phases)
        return canvas.figure


def _spot(box: Box, y: float, height: float, style: Style) -> tuple[float, float]:
    """Top and bottom of a box in the middle of its tier."""
    own = box.height(style)
    top = y + (height - own) / 2
    return top, top + own


def _tier(canvas: Canvas, tier: Tier, y: float, height: float) -> None:
    """The boxes of a tier, and arrows to what drops out."""
    style = canvas.style
    for box, out in zip(tier.boxes, tier.outs, strict=True):
        if box.lines:
            top, bottom = _spot(box, y, height, style)
            _box(canvas, box, top, bottom - top, heading=tier.heading, side=False)
        if out is not None:
            top, bottom = _spot(out, y, height, style)
            _box(canvas, out, top, bottom - top, heading=False, side=True)
            middle = y + height / 2
            if box.lines and out.name != "previous":
                _arrow(canvas, (box.right, middle), (out.left, middle), style)
            elif box.lines:
                _arrow(canvas, (out.left, middle), (box.right, middle), style)


def _box(canvas: Canvas, box: Box, y: float, height: float, *, heading: bool, side: bool) -> None:
    style = canvas.style
    face = tint(style.prediction, style.paper, 0.45) if heading else style.paper
    edge = style.faint if side else style.rule
    patch = Rectangle((box.left, y), box.right - box.left, height, facecolor=face, edgecolor=edge, zorder=0.6)
    patch.set_linewidth(0.0 if heading else style.thin)
    patch.set_transform(canvas.points)
    canvas.figure.add_artist(patch)
    size = style.small
    baseline = y + (height - len(box.lines) * size * 1.28) / 2 + 0.98 * size
    for line in box.lines:
        x = (
            (box.left + box.right - width(line.text, size, bold=line.bold)) / 2
            if heading
            else box.left + PAD + line.indent
        )
        colour = style.muted if line.indent else style.ink
        canvas.text(x, baseline, line.text, size=size, bold=line.bold, color=colour)
        baseline += size * 1.28


def _join(canvas: Canvas, above: Sequence[Foot], box: Box, at: tuple[float, float], beside: float) -> None:
    """Arrows from the boxes above; one that is not the last of its column goes round the others at the left.

    `at` is where the tier of the box begins, and the box itself.
    """
    style, (tier, top) = canvas.style, at
    end = (box.left + box.right) / 2
    for source in above:
        x = (source.box.left + source.box.right) / 2
        below = [other for other in above if other.bottom > source.bottom + 1 and other.box.left == source.box.left]
        if below:
            turn, start = top + 8, source.bottom - 8
            path = [(source.box.left, start), (beside, start), (beside, turn)]
            canvas.lines([path], style.rule, style.thin)
            _arrow(canvas, (beside, turn), (box.left, turn), style)
        elif box.left < x < box.right:
            _arrow(canvas, (x, source.bottom), (x, top), style)
        else:
            turn = tier - GAP / 2
            canvas.lines([[(x, source.bottom), (x, turn), (end, turn)]], style.rule, style.thin)
            _arrow(canvas, (end, turn), (end, top), style)


def _arrow(canvas: Canvas, start: tuple[float, float], end: tuple[float, float], style: Style) -> None:
    """A straight arrow, level or upright."""
    (x0, y0), (x1, y1) = start, end
    level = abs(y1 - y0) < 1e-9
    sign = (1 if x1 > x0 else -1) if level else 1
    tail = (x1 - sign * _HEAD, y1) if level else (x1, y1 - _HEAD)
    canvas.lines([[start, tail]], style.rule, style.thin)
    half = 0.55 * _HEAD
    wings = [(tail[0], y1 - half), (tail[0], y1 + half)] if level else [(x1 - half, tail[1]), (x1 + half, tail[1])]
    head = Polygon([end, *wings], closed=True, facecolor=style.rule, edgecolor="none", zorder=0.7)
    head.set_transform(canvas.points)
    canvas.figure.add_artist(head)


def _phases(canvas: Canvas, phases: Sequence[tuple[str, float, float]]) -> None:
    """The phases at the left, upright, each as high as its tiers."""
    style = canvas.style
    merged: list[tuple[str, float, float]] = []
    for name, top, bottom in phases:
        if merged and merged[-1][0] == name:
            merged[-1] = (name, merged[-1][1], bottom)
        else:
            merged.append((name, top, bottom))
    for name, start, end in merged:
        # A phase of one low box reaches into the gaps above and below it.
        missing = width(name, style.small, bold=True) + 3 - (end - start)
        reach = min(max(missing / 2, 0.0), GAP / 2 - 1)
        top, bottom = start - reach, end + reach
        canvas.band(style.margin, style.margin + _PHASE, top, bottom, tint(style.prediction, style.paper, 0.45))
        fitting = shorten(name, bottom - top - 2, lambda s: width(s, style.small, bold=True))
        x = style.margin + _PHASE / 2 + 0.36 * style.small
        canvas.text(x, (top + bottom) / 2, fitting, size=style.small, align="center", bold=True, rotation=90)
