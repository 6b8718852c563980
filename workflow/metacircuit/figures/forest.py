"""Forest plots: every study, the pooled estimate of each stratum, and the overall result."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from metacircuit.figures.forest_columns import Column
from metacircuit.figures.forest_page import draw_page
from metacircuit.figures.forest_plan import USUAL, plan_forest
from metacircuit.figures.forest_table import MOST_ROWS
from metacircuit.figures.style import DEFAULT, Style, isolated


def forest(
    rows: pd.DataFrame,
    estimates: pd.DataFrame,
    contrast: pd.DataFrame | None = None,
    *,
    measure: str | None = None,
    title: str = "",
    x_label: str | None = None,
    favours: tuple[str, str] = ("", ""),
    note: str = "",
    columns: Sequence[str] = USUAL,
    left: Sequence[str | Column] | None = None,
    right: Sequence[str | Column] | None = None,
    sort: str | Sequence[str] | None = None,
    group: str | None = None,
    strata_only: bool = False,
    most_rows: int = MOST_ROWS,
    level: float = 95.0,
    style: Style = DEFAULT,
) -> Figure:
    """A forest plot on one page, as high as it needs to be (for SVG and PNG).

    Squares are studies, their area the weight within the stratum; diamonds are pooled estimates, bars below them
    prediction intervals; an arrow head says that an interval goes on beyond the axis.

    Parameters
    ----------
    rows : combined rows of one grouping: stratum, study_label, yi, ci_lb, ci_ub (analysis scale), and effects,
        participants and weight (per cent within the stratum) where there are
    estimates : the estimates of that grouping in the order of display, and the row of the grouping "overall"
    contrast : the between-group test of the grouping (one row: QM, df1, df2, pval)
    measure : metafor code, which decides the natural scale; by default the column `measure` of `estimates`
    title : set above the columns; journals want it in the caption instead
    x_label : label of the axis; by default the name of the measure, "" for none
    favours : what values below and above "no effect" mean, as ("less dysfunction", "more dysfunction")
    note : a sentence below the figure
    columns : which of effects, participants and weight to show beside the estimate; one without content is left out
        anyway, and a page too narrow for all three has as many as it has room for
    left, right : instead, the columns at each side of the plot, from left to right: effects, participants, weight,
        estimate, any column of `rows`, or a `Column` with a heading, a template or dots for judgements
    sort : columns of `rows` to sort studies by within a stratum, each with a minus sign for the other direction; by
        default their order in the table
    group : a column of `rows` whose words become headings within each stratum
    strata_only : leave the studies out: one line a stratum
    most_rows : with more rows than this the strata alone are shown, and a sentence says so
    level : confidence level in per cent, for the headings
    style : sizes and colours

    Returns
    -------
    matplotlib.figure.Figure
        One Axes: x is the analysis scale, y the distance from the top of the page in points.

    Raises
    ------
    ValueError
        For tables without the columns above, an unknown measure, or a page too narrow for its columns.

    Examples
    --------
    >>> rows = pd.DataFrame({"stratum": ["overall"], "study_label": ["Plener 2012"], "yi": [0.6],
    ...                      "ci_lb": [0.1], "ci_ub": [1.1]})
    >>> estimates = pd.DataFrame({"grouping": ["overall"], "stratum": ["overall"], "label": ["All"],
    ...                           "status": ["too_few"], "estimate": [None], "ci_lb": [None], "ci_ub": [None]})
    >>> figure = forest(rows, estimates, measure="SMD")
    >>> round(25.4 * figure.get_figwidth())
    180
    """
    with isolated():
        plan = plan_forest(
            rows,
            estimates,
            contrast,
            measure=measure,
            title=title,
            x_label=x_label,
            favours=favours,
            note=note,
            columns=columns,
            left=left,
            right=right,
            sort=sort,
            group=group,
            strata_only=strata_only,
            most_rows=most_rows,
            level=level,
            style=style,
        )
        return draw_page(plan, plan.lines, first=True, last=True)


def forest_pages(
    rows: pd.DataFrame, estimates: pd.DataFrame, contrast: pd.DataFrame | None = None, **options: object
) -> list[Figure]:
    """The same forest plot on pages no higher than the style allows (for PDF).

    Every page has the headings and the axis. A stratum that runs on has its name repeated; no page ends with the
    name of a stratum, and none begins with a pooled estimate.

    Parameters
    ----------
    rows, estimates, contrast, options : as for `forest`

    Returns
    -------
    list of matplotlib.figure.Figure

    Raises
    ------
    ValueError
        As `forest`.
    """
    with isolated():
        plan = plan_forest(rows, estimates, contrast, **options)  # type: ignore[arg-type]
        pages = plan.pages()
        last = len(pages) - 1
        return [draw_page(plan, lines, first=n == 0, last=n == last) for n, lines in enumerate(pages)]
