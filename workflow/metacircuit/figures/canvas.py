"""A page measured in points from its upper left corner, and the few things figures draw on it."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Transform

from metacircuit.figures.plain_text import PlainText
from metacircuit.figures.style import Style
from metacircuit.figures.typeface import properties, width

Point = tuple[float, float]
Colour = str | tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Canvas:
    """A matplotlib figure with a coordinate system in points, y downwards."""

    figure: Figure
    points: Transform
    width: float
    height: float
    style: Style

    @classmethod
    def blank(cls, width_pt: float, height_pt: float, style: Style) -> "Canvas":
        """An empty page; nothing of it is registered with pyplot."""
        figure = Figure(figsize=(width_pt / 72, height_pt / 72), dpi=100, facecolor=style.paper)
        FigureCanvasAgg(figure)
        points = Affine2D().scale(1, -1).translate(0, height_pt).scale(1 / 72) + figure.dpi_scale_trans
        return cls(figure, points, width_pt, height_pt, style)

    def text(
        self,
        x: float,
        baseline: float,
        string: str,
        *,
        size: float | None = None,
        align: str = "left",
        bold: bool = False,
        italic: bool = False,
        color: str | None = None,
        rotation: float = 0.0,
    ) -> Text | None:
        """One line of text on its baseline, taken literally (a $ in a study's name is a $)."""
        if not string.strip():
            return None
        points, color = size or self.style.body, color or self.style.ink
        font = properties(points, bold=bold, italic=italic)
        if not rotation:
            known = width(string, points, bold=bold, italic=italic)
            line = PlainText(x, baseline, string, known, fontproperties=font, ha=align, color=color)
            line.set_transform(self.points)
            return self.figure.add_artist(line)
        return self.figure.text(
            x,
            baseline,
            string,
            transform=self.points,
            fontproperties=font,
            ha=align,
            va="baseline",
            rotation=rotation,
            rotation_mode="anchor",
            color=color,
            parse_math=False,
        )

    def marked_text(self, x: float, baseline: float, markup: str, *, size: float, color: str | None = None) -> None:
        """Text of our own making in which *stars* set a symbol in italics."""
        for string, italic in runs(markup):
            self.text(x, baseline, string, size=size, italic=italic, color=color)
            x += width(string, size, italic=italic)

    def lines(
        self,
        segments: Sequence[Sequence[Point]],
        color: str,
        weight: float,
        *,
        dashed: bool = False,
        above: bool = False,
    ) -> None:
        """Straight lines, below circles or above them."""
        dashes = (0, (4, 3)) if dashed else "solid"
        looks = {"colors": color, "linewidths": weight, "linestyles": [dashes], "zorder": 2.5 if above else 0.5}
        self.figure.add_artist(LineCollection(segments, transform=self.points, **looks))

    def rule(self, x0: float, x1: float, y: float, color: str, weight: float) -> None:
        """A horizontal rule."""
        self.lines([[(x0, y), (x1, y)]], color, weight)

    def band(self, x0: float, x1: float, y0: float, y1: float, color: Colour) -> None:
        """A filled rectangle behind everything."""
        patch = Rectangle((x0, y0), x1 - x0, y1 - y0, facecolor=color, edgecolor="none", zorder=0.1)
        patch.set_transform(self.points)
        self.figure.add_artist(patch)

    def circle(
        self, x: float, y: float, diameter: float, *, face: Colour, edge: Colour | None = None, hatch: str | None = None
    ) -> None:
        """A circle, filled or hatched in a colour."""
        patch = Circle((x, y), diameter / 2, facecolor=face, linewidth=self.style.hairline, zorder=2)
        patch.set_edgecolor(hatch or edge or self.style.rule)
        patch.set_hatch("//////" if hatch else None)
        patch.set_transform(self.points)
        self.figure.add_artist(patch)

    def axes(self, x0: float, x1: float, y0: float, y1: float, xlim: Point) -> Axes:
        """Axes over a part of the page: x in the units of `xlim`, y in points of the page."""
        box = (x0 / self.width, 1 - y1 / self.height, (x1 - x0) / self.width, (y1 - y0) / self.height)
        axes = self.figure.add_axes(box, facecolor="none")
        axes.set_xlim(*xlim)
        axes.set_ylim(y1, y0)
        axes.yaxis.set_visible(False)
        for side in ("left", "right", "top"):
            axes.spines[side].set_visible(False)
        return axes


def runs(markup: str) -> list[tuple[str, bool]]:
    """Split at stars into upright and italic runs.

    Examples
    --------
    >>> runs("*p* = .03")
    [('p', True), (' = .03', False)]
    """
    return [(string, bool(n % 2)) for n, string in enumerate(markup.split("*")) if string]


def marked_width(markup: str, size: float) -> float:
    """The width of text with *stars* in points."""
    return sum(width(string, size, italic=italic) for string, italic in runs(markup))
