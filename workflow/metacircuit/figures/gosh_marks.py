"""The marks of a GOSH plot: a circle for each subset or, where there are many, their density; and histograms."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from metacircuit.figures.style import Style

MOST_POINTS = 1500
"""More subsets than this are drawn as a density: a million circles are no picture, and no file either."""

_BINS = 70
_CELL = 1.2
_FAINTEST = 0.22


@dataclass(frozen=True, slots=True, eq=False)
class Cloud:
    """The subsets of one GOSH plot.

    Parameters
    ----------
    k, estimate, I2 : (s,) size, estimate (analysis scale) and I² (per cent) of each subset
    without : (s,) whether a subset leaves out the study singled out; None where there is none
    """

    k: np.ndarray
    estimate: np.ndarray
    I2: np.ndarray
    without: np.ndarray | None

    @property
    def classes(self) -> list[np.ndarray]:
        """Rows with the study and rows without it, or all rows."""
        return [np.ones(self.k.size, bool)] if self.without is None else [~self.without, self.without]


def class_colours(cloud: Cloud, style: Style) -> tuple[str, ...]:
    """A colour for each class of subsets."""
    return (style.study,) if cloud.without is None else (style.low, style.high)


def draw_subsets(axes: Axes, cloud: Cloud, size: tuple[float, float], style: Style) -> None:
    """Draw the subsets into a panel of a given width and height in points."""
    if cloud.k.size > MOST_POINTS:
        _density(axes, cloud, size, style)
        return
    diameter = 4.2 if cloud.k.size <= 200 else 2.6
    # Neither class may hide the other: subsets are drawn in the order of the table.
    colours = np.array([to_rgb(colour) for colour in class_colours(cloud, style)])
    which = np.zeros(cloud.k.size, int) if cloud.without is None else cloud.without.astype(int)
    looks = {"s": diameter**2, "c": colours[which], "alpha": 0.65, "linewidths": 0}
    axes.scatter(cloud.estimate, cloud.I2, marker="o", **looks, zorder=3)


def _density(axes: Axes, cloud: Cloud, size: tuple[float, float], style: Style) -> None:
    """Cells that are darker the more subsets they hold, in the colour of the class that is there more often."""
    bounds = [axes.get_xlim(), axes.get_ylim()]
    bins = [max(1, round(length / _CELL)) for length in size]
    counts = np.array(
        [np.histogram2d(cloud.estimate[rows], cloud.I2[rows], bins=bins, range=bounds)[0].T for rows in cloud.classes]
    )
    totals = np.maximum(counts.sum(axis=(1, 2), keepdims=True), 1)
    shares = counts / totals
    everywhere = shares.sum(axis=0)
    weights = shares / np.where(everywhere > 0, everywhere, 1.0)
    colours = np.array([to_rgb(colour) for colour in class_colours(cloud, style)])
    held = counts.sum(axis=0)
    opacity = _FAINTEST + (1 - _FAINTEST) * np.log1p(held) / np.log1p(max(held.max(), 1.0))
    image = np.dstack([np.tensordot(weights, colours, axes=(0, 0)), np.where(held > 0, opacity, 0.0)])
    extent = (*bounds[0], *bounds[1])
    axes.imshow(image, extent=extent, origin="lower", aspect="auto", interpolation="none", zorder=2)


def draw_bars(axes: Axes, cloud: Cloud, values: np.ndarray, style: Style, *, upright: bool) -> None:
    """The distribution of one quantity in each class, beside or above the panel; the highest bar fills the room."""
    limits = axes.get_ylim() if upright else axes.get_xlim()
    edges = np.linspace(*limits, _BINS + 1)
    heights = [np.histogram(values[rows], bins=edges)[0] for rows in cloud.classes]
    most = max((counts.max() for counts in heights), default=0) or 1
    looks = {"fill": True, "alpha": 0.4, "linewidth": 0, "zorder": 2}
    for counts, colour in zip(heights, class_colours(cloud, style), strict=True):
        orientation = "horizontal" if upright else "vertical"
        axes.stairs(counts / most, edges, orientation=orientation, color=colour, **looks)
        # Empty bins have no outline: it would lie on the axis.
        outline = {"fill": False, "color": colour, "linewidth": style.thin, "zorder": 3}
        axes.stairs(np.where(counts > 0, counts / most, np.nan), edges, orientation=orientation, **outline)
    axes.spines["bottom" if upright else "left"].set_visible(False)
