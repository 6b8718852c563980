"""Radial (Galbraith) plots: standardised effects against their precision, and the slope that pools them."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from metacircuit.figures.chart import Chart, Direction, chart, dots, joined
from metacircuit.figures.legend import Entry, Sign
from metacircuit.figures.panel import PLAIN, padded
from metacircuit.figures.point_labels import draw_names, place_names
from metacircuit.figures.result import require_columns, text
from metacircuit.figures.scales import Scale, choose_ticks, scale_for
from metacircuit.figures.strip import tint
from metacircuit.figures.style import DEFAULT, Style, isolated
from metacircuit.stats.distributions import critical
from metacircuit.wording import plural

_SHAPE = 0.62
_GAP, _SAG, _TICK = 4.0, 9.0, 3.0
_NAMED = 12
_RIGHT = 50.0


@dataclass(frozen=True, slots=True, eq=False)
class Radii:
    """Where the effects stand: precision and standardised effect, with their names."""

    names: tuple[str, ...]
    x: np.ndarray
    z: np.ndarray

    def outside(self, estimate: float, level: float) -> np.ndarray:
        """The effects outside the band around the pooled slope, the farthest first."""
        beyond = np.abs(self.z - estimate * self.x) - critical(level)
        found = np.flatnonzero(beyond > 0)
        return found[np.argsort(-beyond[found], kind="stable")]


def radii(effects: pd.DataFrame, tau2: float) -> tuple[Radii, int]:
    """Precision ``1 / sqrt(vi + tau2)`` and standardised effect of each row, and the number of rows without them."""
    require_columns(effects, ("study_label", "yi", "vi"), "effects")
    yi, vi = (pd.to_numeric(effects[name]).to_numpy(float, na_value=math.nan) for name in ("yi", "vi"))
    total = vi + (0.0 if math.isnan(tau2) else tau2)
    usable = np.isfinite(yi) & np.isfinite(total) & (total > 0)
    names = [text(row, "study_label") for row in effects.to_dict("records")]
    x = 1 / np.sqrt(total[usable])
    return Radii(tuple(n for n, ok in zip(names, usable, strict=True) if ok), x, yi[usable] * x), int((~usable).sum())


def radial(
    effects: pd.DataFrame,
    *,
    measure: str,
    estimate: float = math.nan,
    tau2: float = 0.0,
    title: str = "",
    note: str = "",
    level: float = 95.0,
    style: Style = DEFAULT,
) -> Figure:
    """A radial plot with an arc on which the effect of each point can be read.

    A point stands at ``x = 1 / sqrt(vi + tau2)`` and ``z = yi x``; the line from the origin to it meets the arc at its
    effect. The shaded band is ``estimate x ± z_(1 - α/2)``: without further heterogeneity `level` per cent of the
    points lie in it.

    Parameters
    ----------
    effects : study_label, yi, vi (analysis scale)
    measure : metafor code, which decides the natural scale of the arc
    estimate : pooled estimate (analysis scale); NaN draws no line
    tau2 : of the model; 0 for an equal-effects model
    title : set above the plot; journals want it in the caption instead
    note : a sentence below the figure
    level : of the band in per cent
    style : sizes and colours

    Returns
    -------
    matplotlib.figure.Figure
        One Axes: x is the precision, y the standardised effect.

    Raises
    ------
    ValueError
        For a table without these columns, or an unknown measure.

    Source
    ------
    Galbraith (1988) Technometrics 30, 271-281; metafor's `radial` for the arc.

    Examples
    --------
    >>> effects = pd.DataFrame({"study_label": ["Plener 2012", "Osuch 2014"], "yi": [0.6, 0.2], "vi": [0.09, 0.04]})
    >>> len(radial(effects, measure="SMD", estimate=0.33).axes)
    1
    """
    scale = scale_for(measure)
    found, lost = radii(effects, tau2)
    most = 1.06 * float(found.x.max(initial=0.0)) or 1.0
    z95 = critical(level)
    ends = [-z95, z95] + ([most * estimate - z95, most * estimate + z95] if math.isfinite(estimate) else [])
    low, high = padded([*ends, *found.z], 0.05)
    spread = tau2 > 0
    with isolated():
        x = Direction(PLAIN, 0.0, most, "Precision, 1/√(v + τ²)" if spread else "Precision, 1/SE")
        y = Direction(PLAIN, low, high, "Standardised effect, y/√(v + τ²)" if spread else "Standardised effect, y/SE")
        shown, remark = (
            plural(len(found.x), "effect"),
            f"Not shown: {plural(lost, 'row')} without an effect or its variance.",
        )
        guide = "The line from the origin through a point meets the arc at its effect." if len(found.x) else ""
        entries = [Entry(Sign.DOT, style.study, shown)]
        if math.isfinite(estimate):
            entries.append(Entry(Sign.LINE, style.overall, "pooled estimate"))
            entries.append(Entry(Sign.AREA, _face(style), f"{level:g}% expected within"))
        notes = [note, joined(guide, remark if lost else "")]
        made = chart(x, y, style=style, title=title, notes=notes, entries=entries, shape=_SHAPE, right=_RIGHT)
        if math.isfinite(estimate):
            _band(made, estimate, most, z95, style)
        diameter = 4.6 if len(found.x) <= 60 else max(2.4, 4.6 * (60 / len(found.x)) ** 0.3)
        dots(made.axes, found.x, found.z, diameter, style.study, style)
        if len(found.x):
            _arc(made, scale, most, style)
            _label(made, found, estimate, level, diameter, style)
        return made.canvas.figure


def _face(style: Style) -> str:
    return tint(style.prediction, style.paper, 0.35)


def _band(made: Chart, estimate: float, most: float, half: float, style: Style) -> None:
    """The pooled slope and the band around it."""
    end = most
    corners = [(0.0, -half), (end, end * estimate - half), (end, end * estimate + half), (0.0, half)]
    made.axes.add_collection(
        PolyCollection([corners], facecolors=_face(style), edgecolors="none", zorder=0.3), autolim=False
    )
    line = [[(0.0, 0.0), (end, end * estimate)]]
    made.axes.add_collection(LineCollection(line, colors=style.overall, linewidths=style.line, zorder=1), autolim=False)


def _arc(made: Chart, scale: Scale, most: float, style: Style) -> None:
    """Effects on a shallow arc at the right: where the lines from the origin through the points end."""
    panel, canvas = made.panel, made.canvas
    box = panel.box
    v = np.linspace(-1.0, 1.0, 81)
    across = box.right + _GAP + _SAG * (1 - v**2)
    down = (box.top + box.bottom) / 2 - v * (box.bottom - box.top) / 2
    x = (across - box.left) / (box.right - box.left) * most
    z = panel.y.end + (down - box.top) / (box.bottom - box.top) * (panel.y.start - panel.y.end)
    effects = z / x
    low, high = float(effects[0]), float(effects[-1])
    ticks = choose_ticks(scale, low, high, lambda _: 1.6 * style.small * (high - low) / (box.bottom - box.top))
    canvas.lines([list(zip(across, down, strict=True))], style.rule, style.thin)
    places = [(float(np.interp(at, effects, across)), float(np.interp(at, effects, down))) for at in ticks.at]
    canvas.lines([[(a, d), (a + _TICK, d)] for a, d in places], style.rule, style.thin)
    for (a, d), label in zip(places, ticks.labels, strict=True):
        canvas.text(a + _TICK + 1.5, d + 0.36 * style.small, label, size=style.small)
    canvas.text(style.width - style.margin - 1, (box.top + box.bottom) / 2, scale.heading, align="center", rotation=90)


def _label(made: Chart, found: Radii, estimate: float, level: float, diameter: float, style: Style) -> None:
    """Names of the effects outside the band."""
    if math.isfinite(estimate):
        points = made.panel.points(found.x, found.z)
        order = [int(n) for n in found.outside(estimate, level)]
        place = place_names(points, found.names, order, made.panel.box, style, radius=diameter / 2, most=_NAMED)
        draw_names(made.canvas, place)
