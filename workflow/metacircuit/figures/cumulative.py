"""Cumulative plots: the pooled estimate as one study after the other joins."""

import pandas as pd
from matplotlib.figure import Figure

from metacircuit.figures.listing import Listing, estimate_lines, listing
from metacircuit.figures.result import Writer, pooled_interval, require_columns, value
from metacircuit.figures.scales import scale_for
from metacircuit.figures.style import DEFAULT, Style
from metacircuit.wording import count

COLUMNS = ("label", "k", "estimate", "ci_lb", "ci_ub")

_K = "Studies"


def cumulative(
    estimates: pd.DataFrame,
    *,
    measure: str,
    title: str = "",
    note: str = "",
    level: float = 95.0,
    style: Style = DEFAULT,
) -> Figure:
    """A cumulative plot on one page, as high as it needs to be (for SVG and PNG).

    Each line is the pooled estimate of the study that it names and all above it; the dashed line is the last.

    Parameters
    ----------
    estimates : in the order in which studies join: label (of the study that joins), k (studies so far), estimate,
        ci_lb, ci_ub (analysis scale), and where refits can fail status ("ok" or else) and reason
    measure : metafor code, which decides the natural scale
    title : set above the columns; journals want it in the caption instead
    note : a sentence below the figure, such as what the order is
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
    >>> estimates = pd.DataFrame({"label": ["Plener 2012", "+ Osuch 2014"], "k": [1, 2], "estimate": [0.6, 0.5],
    ...                           "ci_lb": [0.1, 0.2], "ci_ub": [1.1, 0.8]})
    >>> len(cumulative(estimates, measure="SMD").axes)
    1
    """
    return _listing(estimates, measure, title, note, level, style).figure()


def cumulative_pages(
    estimates: pd.DataFrame,
    *,
    measure: str,
    title: str = "",
    note: str = "",
    level: float = 95.0,
    style: Style = DEFAULT,
) -> list[Figure]:
    """The same plot on pages no higher than the style allows (for PDF); parameters and errors as `cumulative`."""
    return _listing(estimates, measure, title, note, level, style).pages()


def _listing(estimates: pd.DataFrame, measure: str, title: str, note: str, level: float, style: Style) -> Listing:
    require_columns(estimates, COLUMNS, "estimates")
    scale, rows = scale_for(measure), estimates.to_dict("records")
    intervals = [pooled_interval(row) for row in rows]
    # The last interval is typical of what the figure is read for; the first are those of single studies.
    writer = Writer.suiting(scale, intervals[len(intervals) // 2 :])
    known = [interval for interval in intervals if interval.drawable]
    return listing(
        estimate_lines(rows, writer, [{_K: count(value(row, "k"))} for row in rows]),
        scale,
        first="Study added",
        headings=(_K,),
        reference=known[-1] if known else None,
        title=title,
        notes=[note],
        level=level,
        style=style,
    )
