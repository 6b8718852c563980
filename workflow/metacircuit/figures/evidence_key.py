"""What the bubbles of an evidence map mean: colours of estimates, areas of numbers of studies, and their legend."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from matplotlib.colors import LinearSegmentedColormap

from metacircuit.figures.canvas import Canvas
from metacircuit.figures.evidence_grid import Grid, strongest
from metacircuit.figures.scales import Scale, choose_ticks
from metacircuit.figures.style import Style
from metacircuit.figures.typeface import width, wrap

LEGEND_HEIGHT = 44.0
GAP_MARK = 2.6
"""Diameter of the open dot where there is no estimate."""

BOUNDS_MARK = 4.4
"""The side of the open square where there are bounds only."""

_BUBBLE, _SMALLEST_BUBBLE = 19.0, 3.0
_FULL_BUBBLE = 8
_BAR, _BAR_STEPS = 110.0, 100
_GAP, _PITCH, _BAR_BELOW = 11.0, 20.0, 26.0
_LEAST_WORDS, _BAR_ROOM = 200.0, 1.35


@dataclass(frozen=True, slots=True)
class Key:
    """What bubbles mean: the colours of estimates from `low` to `high` (analysis scale), the area of `most` studies.

    The largest bubble stands for `most` studies, or for more where no cell has many.
    """

    low: float
    high: float
    colours: LinearSegmentedColormap
    most: int

    def of(self, estimate: float) -> tuple[float, float, float, float]:
        """The colour of an estimate; beyond the ends it stays the colour of the end."""
        return self.colours(min(max((estimate - self.low) / (self.high - self.low), 0.0), 1.0))

    def diameter(self, studies: int) -> float:
        """Area in proportion to the number of studies, but never too small to be seen."""
        return max(_BUBBLE * (studies / max(self.most, _FULL_BUBBLE)) ** 0.5, _SMALLEST_BUBBLE)


def key_for(grid: Grid, scale: Scale, style: Style) -> Key:
    """Two colours that meet at "no effect"; one that deepens where there is no such value."""
    most = max((cell.studies for cell in grid.cells.values()), default=1)
    if scale.null is None:
        values = [cell.estimate.estimate for cell in grid.pooled if cell.estimate is not None] or [0.0, 1.0]
        low, high = min(values), max(values)
        pad = 0.0 if high > low else 0.5
        return Key(low - pad, high + pad, _colours([style.middle, style.low]), most)
    reach = strongest(grid.pooled, scale.null)
    return Key(scale.null - reach, scale.null + reach, _colours([style.low, style.middle, style.high]), most)


def _colours(stops: list[str]) -> LinearSegmentedColormap:
    return LinearSegmentedColormap.from_list("evidence", stops, N=256)


Mark = Callable[[Canvas, float, float], None]
Entry = tuple[float, str, Mark]
"""A sample with its width and its word."""


def draw_bounds(canvas: Canvas, x: float, y: float) -> None:
    """The mark of a cell that has bounds only: an open square."""
    half, colour = BOUNDS_MARK / 2, canvas.style.unpooled
    corners = [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]
    canvas.lines([[*corners, corners[0]]], colour, canvas.style.line)


def legend_height(grid: Grid, key: Key, style: Style) -> float:
    """The room that the legend needs: in a narrow figure its words take several lines, and the colours stand below."""
    rows = len(_flow(_entries(grid, key, style), style))
    return LEGEND_HEIGHT + (rows - 1) * _PITCH + (_BAR_BELOW if _is_narrow(style) and grid.pooled else 0.0)


def draw_legend(canvas: Canvas, grid: Grid, scale: Scale, key: Key, y: float) -> None:
    """What area, colour, hatching, the square and the open dot mean."""
    style = canvas.style
    middle = y + 0.55 * LEGEND_HEIGHT
    size, bar = style.small, middle
    for n, row in enumerate(_flow(_entries(grid, key, style), style)):
        x = style.margin
        for sample, label, mark in row:
            mark(canvas, x + sample / 2, middle + n * _PITCH)
            canvas.text(x + sample + 3, middle + n * _PITCH + 0.36 * size, label, size=size, color=style.muted)
            x += _entry_width(sample, label, style)
        bar = middle + n * _PITCH + _BAR_BELOW if _is_narrow(style) else middle
    if grid.pooled:
        _colour_bar(canvas, scale, key, bar)


def _is_narrow(style: Style) -> bool:
    """Whether the words have no room beside the colours."""
    return _words_room(style, beside=True) < _LEAST_WORDS


def _words_room(style: Style, *, beside: bool) -> float:
    return style.width - 2 * style.margin - (_BAR_ROOM * _BAR + _GAP if beside else 0.0)


def _entries(grid: Grid, key: Key, style: Style) -> list[Entry]:
    """Bubbles of three sizes, and the marks of cells without an estimate."""
    numbers = sorted({1, max(1, round(key.most / 4)), key.most})
    found: list[Entry] = []
    for studies in numbers:
        diameter = key.diameter(studies)
        noun = "" if studies < numbers[-1] else " studies" if studies > 1 else " study"
        found.append((diameter, f"{studies:,}{noun}", partial(_bubble, diameter, style.faint)))
    found.append((9.0, "too few studies to pool", _hatched))
    if grid.bounds:
        found.append((BOUNDS_MARK, "bounds only", draw_bounds))
    return [*found, (GAP_MARK, "no usable estimate", _gap)]


def _bubble(diameter: float, face: str, canvas: Canvas, x: float, y: float) -> None:
    canvas.circle(x, y, diameter, face=face)


def _hatched(canvas: Canvas, x: float, y: float) -> None:
    canvas.circle(x, y, 9.0, face=canvas.style.paper, hatch=canvas.style.unpooled)


def _gap(canvas: Canvas, x: float, y: float) -> None:
    canvas.circle(x, y, GAP_MARK, face="none", edge=canvas.style.unpooled)


def _entry_width(sample: float, label: str, style: Style) -> float:
    return sample + 3 + width(label, style.small) + _GAP


def _flow(entries: list[Entry], style: Style) -> list[list[Entry]]:
    """Entries in as many lines as they need."""
    room = _words_room(style, beside=not _is_narrow(style))
    rows: list[list[Entry]] = [[]]
    used = 0.0
    for entry in entries:
        taken = _entry_width(entry[0], entry[1], style)
        if rows[-1] and used + taken - _GAP > room:
            rows.append([])
            used = 0.0
        rows[-1].append(entry)
        used += taken
    return rows


def _colour_bar(canvas: Canvas, scale: Scale, key: Key, middle: float) -> None:
    """The colours with ticks on the natural scale and the name of the measure."""
    style = canvas.style
    right = style.width - style.margin - 6
    left, unit = right - _BAR, (key.high - key.low) / _BAR
    step = _BAR / _BAR_STEPS
    for n in range(_BAR_STEPS):
        colour = key.of(key.low + (n + 0.5) * step * unit)
        # Each strip runs under the next, or hairlines of paper show between them.
        canvas.band(left + n * step, min(left + (n + 2) * step, right), middle - 3, middle + 3, colour)
    ticks = choose_ticks(scale, key.low, key.high, lambda label: (width(label, style.small) + 8) * unit)
    for at, label in zip(ticks.at, ticks.labels, strict=True):
        x = left + (at - key.low) / unit
        canvas.lines([[(x, middle + 3), (x, middle + 5.5)]], style.rule, style.hairline)
        canvas.text(x, middle + 6.5 + style.small, label, size=style.small, align="center")
    name = wrap(scale.label, 1.7 * _BAR, lambda s: width(s, style.small), 1)[0]
    canvas.text(right, middle - 6, name, size=style.small, align="right", color=style.muted)
