"""L'Abbé plots: the risk in one group against the risk in the other, study by study."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from metacircuit.figures.chart import Direction, chart, dots, joined
from metacircuit.figures.legend import Entry, Sign
from metacircuit.figures.panel import padded
from metacircuit.figures.point_labels import draw_names, place_names
from metacircuit.figures.result import Writer, require_columns, text
from metacircuit.figures.scales import scale_for
from metacircuit.figures.style import DEFAULT, Style, isolated
from metacircuit.wording import plural

COLUMNS = ("study_label", "events1", "total1", "events2", "total2")
MEASURES = ("OR", "PETO", "RR", "RD")

_LARGEST, _SMALLEST = 15.0, 2.6
_SHAPE, _SIDE, _NAMED = 0.8, 330.0, 12

_PERCENT = scale_for("PR")


@dataclass(frozen=True, slots=True, eq=False)
class Risks:
    """(k,) names, proportions of group 1 and 2, and participants."""

    names: tuple[str, ...]
    first: np.ndarray
    second: np.ndarray
    people: np.ndarray
    lost: int


def risks(studies: pd.DataFrame) -> Risks:
    """The proportions of the studies that have counts in both groups."""
    require_columns(studies, COLUMNS, "studies")
    events1, total1, events2, total2 = (
        pd.to_numeric(studies[name]).to_numpy(float, na_value=math.nan) for name in COLUMNS[1:]
    )
    with np.errstate(invalid="ignore"):
        usable = (
            (total1 > 0) & (total2 > 0) & (events1 >= 0) & (events2 >= 0) & (events1 <= total1) & (events2 <= total2)
        )
    names = [text(row, "study_label") for row in studies.to_dict("records")]
    return Risks(
        tuple(name for name, ok in zip(names, usable, strict=True) if ok),
        events1[usable] / total1[usable],
        events2[usable] / total2[usable],
        total1[usable] + total2[usable],
        int((~usable).sum()),
    )


def labbe(
    studies: pd.DataFrame,
    *,
    measure: str,
    estimate: float = math.nan,
    groups: tuple[str, str] = ("Group 1", "Group 2"),
    title: str = "",
    note: str = "",
    style: Style = DEFAULT,
) -> Figure:
    """A L'Abbé plot; on the dotted diagonal both groups have the same risk.

    The solid line is where all studies would lie with the pooled effect: ``p1 = OR p2 / (1 - p2 + OR p2)`` for odds
    ratios, ``p1 = RR p2`` for risk ratios and ``p1 = p2 + RD`` for risk differences.

    Parameters
    ----------
    studies : study_label, events1, total1, events2, total2
    measure : "OR", "PETO", "RR" or "RD", of the estimate
    estimate : pooled estimate on the analysis scale (log odds or risk ratio, risk difference); NaN draws no line
    groups : the names of group 1 (y axis) and group 2 (x axis)
    title : set above the plot; journals want it in the caption instead
    note : a sentence below the figure
    style : sizes and colours

    Returns
    -------
    matplotlib.figure.Figure
        One Axes: x is the proportion in group 2, y that in group 1, between 0 and 1.

    Raises
    ------
    ValueError
        For a table without these columns, or another measure.

    Source
    ------
    L'Abbé, Detsky & O'Rourke (1987) Ann Intern Med 107, 224-233.

    Examples
    --------
    >>> studies = pd.DataFrame({"study_label": ["Plener 2012"], "events1": [12], "total1": [40], "events2": [20],
    ...                         "total2": [41]})
    >>> len(labbe(studies, measure="OR", estimate=-0.7).axes)
    1
    """
    expected = expected_risk(measure, estimate)
    scale, found = scale_for(measure), risks(studies)
    both = np.concatenate([found.first, found.second])
    low, high = padded(both, 0.08, 0.5)
    low, high = (max(low, 0.0), min(high, 1.0)) if len(both) else (0.0, 1.0)
    # Near zero or one the plot begins or ends there.
    low, high = (0.0 if low < 0.3 * high else low), (1.0 if 1 - high < 0.25 * (1 - low) else high)
    pooled = math.isfinite(estimate)
    with isolated():
        second = Direction(_PERCENT, low, high, f"{groups[1]} with the event, %")
        first = Direction(_PERCENT, low, high, f"{groups[0]} with the event, %")
        entries = [
            Entry(Sign.DOT, style.study, "study, area by participants"),
            Entry(Sign.DASHES, style.muted, "no difference"),
        ]
        if pooled:
            unit = "" if scale.heading == "%" else f" {scale.heading}"
            value = Writer(scale, scale.decimals).value(estimate)
            entries.append(Entry(Sign.LINE, style.overall, f"pooled{unit} {value}"))
        lost = plural(found.lost, "row")
        remarks = joined(
            "" if len(found.first) else "No study prints counts of both groups.",
            f"Not shown: {lost} without counts of both groups." if found.lost else "",
        )
        options = {"shape": min(_SHAPE, _SIDE / style.width), "square": True, "frame": True}
        made = chart(second, first, style=style, title=title, notes=[note, remarks], entries=entries, **options)
        ends = np.array([low, high])
        dashes = {"colors": style.muted, "linewidths": style.thin, "linestyles": [(0, (4, 3))], "zorder": 1}
        made.axes.add_collection(LineCollection([np.column_stack([ends, ends])], **dashes), autolim=False)
        if pooled:
            x = np.linspace(low, high, 201)
            y = expected(x)
            seen = (y >= low) & (y <= high)
            line = np.column_stack([x[seen], y[seen]])
            looks = {"colors": style.overall, "linewidths": 1.2, "zorder": 1.5}
            made.axes.add_collection(LineCollection([line], **looks), autolim=False)
        k = len(found.people)
        largest = _LARGEST if k <= 60 else max(5.0, _LARGEST * (60 / k) ** 0.4)
        share = found.people / found.people.max(initial=1.0)
        diameter = np.maximum(largest * np.sqrt(share), _SMALLEST)
        order = np.argsort(-diameter, kind="stable")
        colour = (*to_rgb(style.study), 0.6)
        dots(made.axes, found.second[order], found.first[order], diameter[order], [colour] * k, style)
        points = made.panel.points(found.second, found.first)
        radius = float(np.median(diameter)) / 2 + 1 if k else 0.0
        placed = place_names(points, found.names, list(order), made.panel.box, style, radius=radius, most=_NAMED)
        draw_names(made.canvas, placed)
        return made.canvas.figure


def expected_risk(measure: str, estimate: float) -> Callable[[np.ndarray], np.ndarray]:
    """The risk of group 1 that a pooled effect expects, as a function of the risk of group 2.

    Examples
    --------
    >>> round(float(expected_risk("OR", math.log(2))(np.array(0.5))), 4), float(expected_risk("RD", 0.1)(np.array(0.5)))
    (0.6667, 0.6)
    """
    code = measure.upper()
    if code not in MEASURES:
        raise ValueError(f"a L'Abbé plot shows {', '.join(MEASURES)}, not {measure!r}")
    if code == "RD":
        return lambda p: p + estimate
    ratio = math.exp(min(estimate, 700.0)) if math.isfinite(estimate) else math.nan
    if code == "RR":
        return lambda p: ratio * p
    return lambda p: ratio * p / (1 - p + ratio * p)
