"""What the bubbles of an evidence map mean: colours of estimates, areas of numbers of studies, and their legend."""

from dataclasses import dataclass

from matplotlib.colors import LinearSegmentedColormap

from metacircuit.figures.canvas import Canvas
from metacircuit.figures.evidence_grid import Grid, strongest
from metacircuit.figures.scales import Scale, choose_ticks
from metacircuit.figures.style import Style
from metacircuit.figures.typeface import width, wrap

LEGEND_HEIGHT = 44.0
GAP_MARK = 2.6
"""Diameter of the open dot where there is no estimate."""

_BUBBLE, _SMALLEST_BUBBLE = 19.0, 3.0
_FULL_BUBBLE = 8
_BAR, _BAR_STEPS = 110.0, 100


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


def draw_legend(canvas: Canvas, grid: Grid, scale: Scale, key: Key, y: float) -> None:
    """What area, colour, hatching and the open dot mean."""
    style = canvas.style
    middle = y + 0.55 * LEGEND_HEIGHT
    x = _sizes(canvas, style.margin, middle, key)
    canvas.circle(x + 5, middle, 9.0, face=style.paper, hatch=style.unpooled)
    x = _entry(canvas, x + 13, middle, "too few studies to pool")
    canvas.circle(x + 5, middle, GAP_MARK, face="none", edge=style.unpooled)
    _entry(canvas, x + 13, middle, "no usable estimate")
    if grid.pooled:
        _colour_bar(canvas, scale, key, middle)


def _entry(canvas: Canvas, x: float, middle: float, label: str) -> float:
    """A word of the legend; returns where the next entry begins."""
    size = canvas.style.small
    canvas.text(x, middle + 0.36 * size, label, size=size, color=canvas.style.muted)
    return x + width(label, size) + 14


def _sizes(canvas: Canvas, x: float, middle: float, key: Key) -> float:
    """Bubbles of three sizes with their numbers of studies; returns where the next entry begins."""
    for studies in sorted({1, max(1, round(key.most / 4)), key.most}):
        diameter = key.diameter(studies)
        canvas.circle(x + diameter / 2, middle, diameter, face=canvas.style.faint)
        x = _entry(canvas, x + diameter + 3, middle, f"{studies:,}") - 8
    return _entry(canvas, x, middle, "studies" if key.most > 1 else "study")


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
