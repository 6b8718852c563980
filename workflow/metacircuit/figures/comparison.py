"""Corrected estimates side by side: what each method makes of a funnel that may be incomplete."""

from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure

from metacircuit.figures.forest_table import Kind, Line
from metacircuit.figures.listing import Listing, estimate_lines, listing
from metacircuit.figures.result import Interval, Writer, pooled_interval, require_columns
from metacircuit.figures.scales import scale_for
from metacircuit.figures.style import DEFAULT, Style

COLUMNS = ("method", "label", "estimate", "ci_lb", "ci_ub", "status", "reason")
UNCORRECTED = "uncorrected"
"""The method whose estimate all others are compared with."""


def comparison(
    estimates: pd.DataFrame,
    *,
    measure: str,
    title: str = "",
    note: str = "",
    level: float = 95.0,
    style: Style = DEFAULT,
) -> Figure:
    """A row for each method: the diamond is the uncorrected estimate, grey rows gave no result that can be used.

    Parameters
    ----------
    estimates : method, label, estimate, ci_lb, ci_ub (analysis scale), status, reason; the method "uncorrected" is the
        reference; a row whose status is not "ok" is grey and followed by the reason
    measure : metafor code, which decides the natural scale
    title : set above the columns; journals want it in the caption instead
    note : a sentence below the figure: what the methods can tell with so many studies
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
    >>> estimates = pd.DataFrame({"method": ["uncorrected", "puniform"], "label": ["Uncorrected", "p-uniform*"],
    ...     "estimate": [0.4, None], "ci_lb": [0.2, None], "ci_ub": [0.6, None], "status": ["ok", "not_converged"],
    ...     "reason": ["", "The likelihood has no maximum"]})
    >>> len(comparison(estimates, measure="SMD").axes)
    1
    """
    return _listing(estimates, measure, title, note, level, style).figure()


def _listing(estimates: pd.DataFrame, measure: str, title: str, note: str, level: float, style: Style) -> Listing:
    require_columns(estimates, COLUMNS, "estimates")
    scale, rows = scale_for(measure), estimates.to_dict("records")
    writer = Writer.suiting(scale, [pooled_interval(row) for row in rows if row["status"] == "ok"])
    lines: list[Line] = []
    reference: Interval | None = None
    for row in rows:
        found = estimate_lines([row], writer)
        if row["method"] == UNCORRECTED and row["status"] == "ok":
            reference = found[0].interval
            found = [replace(found[0], kind=Kind.POOLED)]
        lines += found
    grey = bool((estimates["status"] != "ok").any())
    return listing(
        lines,
        scale,
        first="Method",
        reference=reference,
        title=title,
        notes=[note, "Grey: no result, or none to rely on." if grey else ""],
        level=level,
        style=style,
    )
