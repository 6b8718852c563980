"""Posterior densities of a Bayesian meta-analysis: what the data say, and what was believed before."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from metacircuit.figures.chart import Direction, joined
from metacircuit.figures.legend import Entry, Sign
from metacircuit.figures.panel import PLAIN
from metacircuit.figures.panels import Small, panels
from metacircuit.figures.result import require_columns, text, value
from metacircuit.figures.scales import Scale, scale_for
from metacircuit.figures.strip import tint
from metacircuit.figures.style import DEFAULT, Style, isolated

COLUMNS = ("parameter", "value", "density")
NAMES = {"mu": "Average effect (μ)", "theta_new": "Effect of a new study", "tau": "Heterogeneity (τ)"}


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """One posterior: values, density and prior density (NaN where there is none), median and limits."""

    parameter: str
    name: str
    x: np.ndarray
    density: np.ndarray
    prior: np.ndarray
    median: float
    lower: float
    upper: float


def densities_of(table: pd.DataFrame) -> list[Density]:
    """The posteriors in the order in which they first occur."""
    require_columns(table, COLUMNS, "table")
    found = []
    for name, rows in table.groupby("parameter", sort=False):
        ordered = rows.sort_values("value", kind="stable")
        at, density = (pd.to_numeric(ordered[column]).to_numpy(float, na_value=math.nan) for column in COLUMNS[1:])
        none = np.full(len(at), math.nan)
        prior = pd.to_numeric(ordered["prior"]).to_numpy(float, na_value=math.nan) if "prior" in ordered else none
        first = rows.iloc[0].to_dict()
        label = text(first, "label") or NAMES.get(str(name), str(name))
        numbers = (value(first, column) for column in ("median", "ci_lb", "ci_ub"))
        found.append(Density(str(name), label, at, density, prior, *numbers))
    return found


def posterior(
    table: pd.DataFrame,
    *,
    measure: str,
    title: str = "",
    note: str = "",
    level: float = 95.0,
    style: Style = DEFAULT,
) -> Figure:
    """Posterior densities, one panel a parameter, with the interval shaded and the prior dashed.

    Parameters
    ----------
    table : parameter ("mu", "theta_new", "tau" or another), value, density, and where they are known prior, label,
        median, ci_lb, ci_ub; `metacircuit.models.bayes_densities.posterior_densities` makes it
    measure : metafor code: mu and theta_new have their axis on its natural scale, tau on the analysis scale
    title : set above the plots; journals want it in the caption instead
    note : a sentence below the figure, such as the priors
    level : probability of the interval in per cent
    style : sizes and colours

    Returns
    -------
    matplotlib.figure.Figure
        One Axes a parameter: x is the analysis scale, y the density on that scale.

    Raises
    ------
    ValueError
        For a table without these columns, or an unknown measure.

    Examples
    --------
    >>> table = pd.DataFrame({"parameter": "mu", "value": [0.0, 0.5, 1.0], "density": [0.1, 1.5, 0.1]})
    >>> len(posterior(table, measure="SMD").axes)
    1
    """
    scale, found = scale_for(measure), densities_of(table)
    with isolated():
        plots = []
        for one in found:
            own = PLAIN if one.parameter == "tau" else scale
            low, high = (float(one.x.min()), float(one.x.max())) if one.x.size else (0.0, 1.0)
            high = high if high > low else low + 1.0
            most = 1.08 * float(np.nanmax(one.density, initial=0.0)) or 1.0
            label = "τ (analysis scale)" if one.parameter == "tau" else scale.label
            plots.append(Small(one.name, Direction(own, low, high, label), Direction(PLAIN, 0.0, most, "Density")))
        entries = _legend(found, level, style)
        remarks = joined("" if found else "No posterior.")
        canvas, axes = panels(plots, style=style, title=title, notes=[note, remarks], entries=entries)
        for one, place in zip(found, axes, strict=True):
            _draw(place, one, None if one.parameter == "tau" else scale, style)
        return canvas.figure


def _draw(axes: Axes, one: Density, scale: Scale | None, style: Style) -> None:
    """Prior, interval, density and median of one parameter."""
    top = axes.get_ylim()[1]
    if scale is not None and scale.null is not None:
        _line(axes, [(scale.null, 0.0), (scale.null, top)], style.rule, style.hairline, 0.5)
    inside = (one.x >= one.lower) & (one.x <= one.upper)
    if inside.any():
        ends = np.interp([one.lower, one.upper], one.x, one.density)
        x = np.r_[one.lower, one.x[inside], one.upper]
        y = np.r_[ends[0], one.density[inside], ends[1]]
        corners = np.column_stack([np.r_[x, x[::-1]], np.r_[y, np.zeros(len(y))]])
        face = tint(style.prediction, style.paper, 0.55)
        axes.add_collection(PolyCollection([corners], facecolors=face, edgecolors="none", zorder=0.4), autolim=False)
    known = np.isfinite(one.prior)
    if known.any():
        # A prior may rise without bound towards zero; what is above the plot is cut.
        prior = np.column_stack([one.x[known], np.minimum(one.prior[known], 2 * top)])
        _line(axes, prior, style.muted, style.thin, 1.5, dashed=True)
    _line(axes, np.column_stack([one.x, one.density]), style.overall, 1.3, 2)
    if math.isfinite(one.median):
        _line(axes, [(one.median, 0.0), (one.median, np.interp(one.median, one.x, one.density))], style.overall, 0.6, 1)


def _line(axes: Axes, points: object, colour: str, weight: float, zorder: float, *, dashed: bool = False) -> None:
    styles = [(0, (4, 3))] if dashed else ["solid"]
    looks = {"colors": colour, "linewidths": weight, "linestyles": styles, "zorder": zorder}
    axes.add_collection(LineCollection([points], **looks), autolim=False)


def _legend(found: list[Density], level: float, style: Style) -> list[Entry]:
    entries = [Entry(Sign.LINE, style.overall, "posterior, with its median")] if found else []
    if any(math.isfinite(one.lower) and math.isfinite(one.upper) for one in found):
        entries.append(Entry(Sign.AREA, tint(style.prediction, style.paper, 0.55), f"{level:g}% credible interval"))
    if any(np.isfinite(one.prior).any() for one in found):
        entries.append(Entry(Sign.DASHES, style.muted, "prior"))
    return entries
