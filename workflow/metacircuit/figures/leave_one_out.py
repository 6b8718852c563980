"""Leave-one-out plots: the pooled estimate again and again, each time without one study."""

import math
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure

from metacircuit.figures.forest_table import Kind, Line
from metacircuit.figures.listing import Listing, estimate_lines, listing
from metacircuit.figures.result import Interval, Row, Writer, pooled_interval, require_columns, text, value
from metacircuit.figures.scales import scale_for
from metacircuit.figures.style import DEFAULT, Style
from metacircuit.wording import number, variance

COLUMNS = ("label", "estimate", "ci_lb", "ci_ub")
ALL = "All studies"

_TAU2, _I2 = "τ²", "I², %"
_MOST_NAMES = 5


def leave_one_out(
    estimates: pd.DataFrame,
    *,
    measure: str,
    overall: Mapping[str, object] | None = None,
    title: str = "",
    note: str = "",
    level: float = 95.0,
    style: Style = DEFAULT,
) -> Figure:
    """A leave-one-out plot on one page, as high as it needs to be (for SVG and PNG).

    Each line is the pooled estimate without the study that it names; the diamond and the dashed line are the estimate
    of all studies.

    Parameters
    ----------
    estimates : label (of the study left out), estimate, ci_lb, ci_ub (analysis scale); tau2 and I2 (per cent) where the
        model has them; status ("ok" or else) and reason where refits can fail
    measure : metafor code, which decides the natural scale
    overall : the same numbers of all studies
    title : set above the columns; journals want it in the caption instead
    note : a sentence below the figure
    level : confidence level in per cent, for the heading
    style : sizes and colours

    Returns
    -------
    matplotlib.figure.Figure
        One Axes: x is the analysis scale, y the distance from the top of the page in points.

    Raises
    ------
    ValueError
        For a table without these columns, an unknown measure, or a page too narrow.

    Examples
    --------
    >>> estimates = pd.DataFrame({"label": ["Plener 2012", "Osuch 2014"], "estimate": [0.4, 0.5], "ci_lb": [0.1, 0.2],
    ...                           "ci_ub": [0.7, 0.8], "tau2": [0.02, 0.0], "I2": [35.1, 0.0]})
    >>> len(leave_one_out(estimates, measure="SMD").axes)
    1
    """
    return _listing(estimates, measure, overall, title, note, level, style).figure()


def leave_one_out_pages(
    estimates: pd.DataFrame,
    *,
    measure: str,
    overall: Mapping[str, object] | None = None,
    title: str = "",
    note: str = "",
    level: float = 95.0,
    style: Style = DEFAULT,
) -> list[Figure]:
    """The same plot on pages no higher than the style allows (for PDF); parameters and errors as `leave_one_out`."""
    return _listing(estimates, measure, overall, title, note, level, style).pages()


def turning(estimates: pd.DataFrame, overall: Row | None, null: float | None) -> list[str]:
    """The studies without which the interval reaches "no effect" although that of all studies does not, or the reverse.

    Examples
    --------
    >>> one = pd.DataFrame({"label": ["A", "B"], "estimate": [0.3, 0.2], "ci_lb": [0.1, -0.1], "ci_ub": [0.5, 0.5]})
    >>> turning(one, {"estimate": 0.3, "ci_lb": 0.1, "ci_ub": 0.5}, 0.0)
    ['B']
    """
    if overall is None or null is None or not pooled_interval(overall).drawable:
        return []
    reached = _reaches(pooled_interval(overall), null)
    rows = [row for row in estimates.to_dict("records") if pooled_interval(row).drawable]
    return [text(row, "label") for row in rows if _reaches(pooled_interval(row), null) != reached]


def turning_sentence(estimates: pd.DataFrame, overall: Row | None, null: float | None) -> str:
    """The same in words; empty where no study turns the result."""
    names = turning(estimates, overall, null)
    if not names or overall is None or null is None:
        return ""
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    change = "no longer includes" if _reaches(pooled_interval(overall), null) else "includes"
    each = "any one of " if len(names) > 1 else ""
    return f"Without {each}{'; '.join(names[:_MOST_NAMES])}{more} the interval {change} “no effect”."


def _reaches(interval: Interval, null: float) -> bool:
    return interval.lower <= null <= interval.upper


def _listing(
    estimates: pd.DataFrame,
    measure: str,
    overall: Row | None,
    title: str,
    note: str,
    level: float,
    style: Style,
) -> Listing:
    require_columns(estimates, COLUMNS, "estimates")
    scale, rows = scale_for(measure), estimates.to_dict("records")
    writer = Writer.suiting(scale, [pooled_interval(row) for row in rows])
    lines = estimate_lines(rows, writer, [_cells(row) for row in rows])
    if overall is not None:
        if lines:
            lines[-1] = replace(lines[-1], keep=True)
        interval = pooled_interval(overall)
        lines.append(Line(Kind.POOLED, ALL, "", _cells(overall), interval, writer.parts(interval)))
    return listing(
        lines,
        scale,
        first="Study left out",
        headings=[name for name in (_TAU2, _I2) if any(line.cells.get(name) for line in lines)],
        reference=None if overall is None else pooled_interval(overall),
        title=title,
        notes=[note, turning_sentence(estimates, overall, scale.null)],
        level=level,
        style=style,
    )


def _cells(row: Row) -> dict[str, str]:
    tau2, spread = value(row, "tau2"), value(row, "I2")
    return {_TAU2: "" if math.isnan(tau2) else variance(tau2), _I2: "" if math.isnan(spread) else number(spread, 1)}
