"""Drapery plots: the p-value of every study, and of the pooled estimate, against every true effect."""

import math

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from metacircuit.figures.chart import Direction, chart, joined
from metacircuit.figures.legend import Entry, Sign
from metacircuit.figures.panel import PLAIN
from metacircuit.figures.result import Interval, Row, is_pooled, prediction_interval, require_columns, value
from metacircuit.figures.scales import scale_for
from metacircuit.figures.strip import robust_axis, tint
from metacircuit.figures.style import DEFAULT, Style, isolated
from metacircuit.stats.distributions import critical, two_sided_p
from metacircuit.wording import plural

Y_NAME = "p-value (two-sided)"
_STEPS = 161
_MOST_STEPS = 40_000


def drapery(
    studies: pd.DataFrame,
    *,
    measure: str,
    overall: Row | None = None,
    title: str = "",
    note: str = "",
    level: float = 95.0,
    style: Style = DEFAULT,
) -> Figure:
    """A drapery plot: ``p(θ) = 2 P(T > |estimate - θ| / se)`` for every study (normal) and the pooled estimate.

    Where a curve crosses a height p, there are the limits of its 100(1 - p)% interval: the plot shows the intervals of
    all levels at once.

    Parameters
    ----------
    studies : yi, vi (analysis scale), and where it is known weight
    measure : metafor code, which decides the natural scale
    overall : the row of the pooled estimate: status, estimate, se, df (empty: normal), pi_lb, pi_ub
    title : set above the plot; journals want it in the caption instead
    note : a sentence below the figure
    level : of the interval marked by a dashed line, in per cent
    style : sizes and colours

    Returns
    -------
    matplotlib.figure.Figure
        One Axes: x is the analysis scale, y the p-value.

    Raises
    ------
    ValueError
        For a table without these columns, or an unknown measure.

    Source
    ------
    Rücker & Schwarzer (2021) Res Synth Methods 12, 12-22.

    Examples
    --------
    >>> studies = pd.DataFrame({"yi": [0.6, 0.2], "vi": [0.09, 0.04]})
    >>> len(drapery(studies, measure="SMD").axes)
    1
    """
    scale = scale_for(measure)
    yi, sei, lost = curves_of(studies)
    alpha = 1 - level / 100
    pooled = overall is not None and is_pooled(overall) and value(overall, "se") > 0
    prediction = prediction_interval(overall) if pooled and overall is not None else Interval(*[math.nan] * 3)
    with isolated():
        wide = [Interval(float(y), float(y - 2.6 * s), float(y + 2.6 * s)) for y, s in zip(yi, sei, strict=True)]
        mean = []
        if pooled and overall is not None:
            reach = critical(99.0, pooled_df(overall)) * value(overall, "se")
            middle = value(overall, "estimate")
            mean = [Interval(middle, middle - reach, middle + reach), *([prediction] if prediction.drawable else [])]
        axis = robust_axis(wide, mean, scale, (0.0, style.width), style)
        x = Direction(scale, axis.low, axis.high, scale.label)
        entries = _legend(len(yi), pooled, prediction.drawable, level, style)
        remarks = [
            note,
            joined(
                "No studies." if len(yi) == 0 else "",
                f"Not shown: {plural(lost, 'study', 'studies')} without an effect or its variance." if lost else "",
            ),
        ]
        made = chart(x, Direction(PLAIN, 0.0, 1.0, Y_NAME), style=style, title=title, notes=remarks, entries=entries)
        axes = made.axes
        at = np.linspace(axis.low, axis.high, int(min(_STEPS, max(41, _MOST_STEPS / max(len(yi), 1)))))
        if prediction.drawable:
            low, high = np.clip([prediction.lower, prediction.upper], axis.low, axis.high)
            corners = [[(low, 0), (high, 0), (high, 1), (low, 1)]]
            face = tint(style.prediction, style.paper, 0.3)
            axes.add_collection(PolyCollection(corners, facecolors=face, edgecolors="none", zorder=0.2), autolim=False)
        curves = [_curve(y, s, math.inf, at) for y, s in zip(yi, sei, strict=True)]
        weight = style.thin if len(yi) <= 60 else 0.25
        colour = tint(style.study, style.paper, 0.75 if len(yi) <= 60 else 0.5)
        axes.add_collection(LineCollection(curves, colors=colour, linewidths=weight, zorder=2), autolim=False)
        if scale.null is not None and axis.low <= scale.null <= axis.high:
            null = [[(scale.null, 0.0), (scale.null, 1.0)]]
            axes.add_collection(LineCollection(null, colors=style.rule, linewidths=style.thin, zorder=1), autolim=False)
        line = [[(axis.low, alpha), (axis.high, alpha)]]
        dashes = {"linestyles": [(0, (4, 3))], "linewidths": style.thin, "zorder": 1}
        axes.add_collection(LineCollection(line, colors=style.muted, **dashes), autolim=False)
        if pooled and overall is not None:
            fine = np.linspace(axis.low, axis.high, 401)
            curve = _curve(value(overall, "estimate"), value(overall, "se"), pooled_df(overall), fine)
            axes.add_collection(LineCollection([curve], colors=style.overall, linewidths=1.8, zorder=4), autolim=False)
        return made.canvas.figure


def curves_of(studies: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, int]:
    """Effects and standard errors of the studies that have both, and the number of those that have not."""
    require_columns(studies, ("yi", "vi"), "studies")
    yi, vi = (pd.to_numeric(studies[name]).to_numpy(float, na_value=math.nan) for name in ("yi", "vi"))
    usable = np.isfinite(yi) & np.isfinite(vi) & (vi > 0)
    return yi[usable], np.sqrt(vi[usable]), int((~usable).sum())


def pooled_df(overall: Row) -> float:
    """The degrees of freedom of the pooled estimate; infinite where the test is normal."""
    df = value(overall, "df")
    return math.inf if math.isnan(df) else df


def _curve(estimate: float, se: float, df: float, at: np.ndarray) -> np.ndarray:
    """Points of a p-value function, its peak among them."""
    x = np.sort(np.append(at, estimate)) if at[0] <= estimate <= at[-1] else at
    return np.column_stack([x, two_sided_p((x - estimate) / se, df)])


def _legend(k: int, pooled: bool, predicted: bool, level: float, style: Style) -> list[Entry]:
    entries = [Entry(Sign.LINE, tint(style.study, style.paper, 0.75), plural(k, "study", "studies"))] if k else []
    if pooled:
        entries.append(Entry(Sign.LINE, style.overall, "pooled estimate (thick)"))
    if predicted:
        entries.append(Entry(Sign.AREA, tint(style.prediction, style.paper, 0.3), f"{level:g}% prediction interval"))
    entries.append(Entry(Sign.DASHES, style.muted, f"limits of {level:g}% intervals"))
    return entries
