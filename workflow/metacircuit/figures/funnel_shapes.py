"""What stands behind the points of a funnel plot: contours of significance and the region around the estimate."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_hex, to_rgb
from scipy.special import ndtri

from metacircuit.figures.legend import Entry, Sign
from metacircuit.figures.style import Style

_SHADES = (0.95, 0.55, 0.25)
"""How much of the faint colour is mixed into the paper, from the least to the most significant band."""

_STEPS = 120


def contour_colours(levels: Sequence[float], style: Style) -> list[str]:
    """Paper for what is not significant at the lowest level, then one lighter and lighter grey for each level."""
    shades = [_SHADES[min(n, len(_SHADES) - 1)] for n in range(len(levels))]
    return [style.paper, *(_mixed(style.faint, style.paper, share) for share in shades)]


def draw_contours(axes: Axes, null: float, deepest: float, levels: Sequence[float], style: Style) -> None:
    """Bands of two-sided p-values of an estimate tested against `null`, down to the standard error `deepest`."""
    inner, *bands = contour_colours(levels, style)
    axes.set_facecolor(bands[-1])
    for level, colour in reversed(list(zip(levels, [inner, *bands[:-1]], strict=True))):
        reach = quantile(level) * deepest
        corners = [(null, 0.0), (null - reach, deepest), (null + reach, deepest)]
        axes.add_collection(PolyCollection([corners], facecolors=colour, edgecolors="none", zorder=0.2), autolim=False)


def contour_entries(levels: Sequence[float], style: Style) -> list[Entry]:
    """The bands in words."""
    bounds = [_bound(1 - level / 100) for level in levels]
    words = [f"*p* > {bounds[0]}"]
    words += [f"{low} < *p* ≤ {high}" for high, low in pairwise(bounds)]
    words.append(f"*p* ≤ {bounds[-1]}")
    colours = contour_colours(levels, style)
    return [Entry(Sign.AREA, colour, text, marked=True) for colour, text in zip(colours, words, strict=True)]


def draw_region(axes: Axes, estimate: float, tau2: float, deepest: float, level: float, style: Style) -> None:
    """The estimate, and the limits between which `level` per cent of effects are expected without selection."""
    sei = np.linspace(0.0, deepest, _STEPS if tau2 else 2)
    reach = quantile(level) * np.sqrt(sei**2 + tau2)
    sides = [np.column_stack([estimate + side * reach, sei]) for side in (-1, 1)]
    dashes = {"colors": style.overall, "linewidths": style.thin, "linestyles": [(0, (4, 3))], "zorder": 1.5}
    axes.add_collection(LineCollection(sides, **dashes), autolim=False)
    line = [[(estimate, 0.0), (estimate, deepest)]]
    axes.add_collection(LineCollection(line, colors=style.overall, linewidths=style.line, zorder=1.5), autolim=False)


def quantile(level: float) -> float:
    """The normal quantile of a two-sided interval, `level` in per cent."""
    return float(ndtri(0.5 + level / 200.0))


def _bound(p: float) -> str:
    """A bound as .05, with more decimals where it needs them."""
    return f"{p:.6f}".rstrip("0").removeprefix("0").ljust(3, "0")


def _mixed(colour: str, paper: str, share: float) -> str:
    return to_hex(tuple(share * c + (1 - share) * p for c, p in zip(to_rgb(colour), to_rgb(paper), strict=True)))
