"""Forest plots: every study, the pooled estimate of each stratum, and the overall result."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from metacircuit.figures.canvas import Canvas
from metacircuit.figures.forest_axis import draw_axis
from metacircuit.figures.forest_layout import Placed, indent, is_bold, is_overall, size_of
from metacircuit.figures.forest_marks import Mark, draw_marks, draw_references
from metacircuit.figures.forest_plan import BODY_PADDING, HEADER_PADDING, Plan, plan_forest
from metacircuit.figures.forest_table import NUMBER_COLUMNS, Kind, Line
from metacircuit.figures.style import DEFAULT, Style, isolated
from metacircuit.figures.typeface import width

_FIRST_COLUMN = "Study"
_PREDICTION = "PI"


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
    columns: Sequence[str] = tuple(NUMBER_COLUMNS),
    sort: str | None = None,
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
    columns : which of effects, participants and weight to show; one without content is left out anyway
    sort : the column of `rows` to sort studies by within a stratum; by default their order in the table
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
            sort=sort,
            level=level,
            style=style,
        )
        return _page(plan, plan.lines, first=True, last=True)


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
        return [_page(plan, lines, first=n == 0, last=n == last) for n, lines in enumerate(pages)]


def _page(plan: Plan, lines: Sequence[Placed], *, first: bool, last: bool) -> Figure:
    """Draw one page."""
    style = plan.style
    body = sum(placed.height for placed in lines)
    canvas = Canvas.blank(style.width, body + plan.around(first=first, last=last), style)
    y = style.margin
    if first:
        for n, string in enumerate(plan.title):
            baseline = y + style.title * (1 + n * style.leading)
            canvas.text(style.margin, baseline, string, size=style.title, bold=True)
        y += plan.title_height
    top = _header(canvas, plan, y)
    marks = _lines(canvas, plan, lines, top + BODY_PADDING)
    bottom = top + body + 2 * BODY_PADDING
    axes = draw_axis(canvas, plan.axis, top, bottom, plan.foot)
    # The overall estimate is a line of one page, the last, and a reference on all of them.
    here = [mark for mark in marks if is_overall(mark.line)]
    elsewhere = [Mark(placed.line, bottom) for placed in plan.lines if is_overall(placed.line)]
    draw_references(axes, plan.axis, (top, bottom), next(iter(here + elsewhere), None), style)
    draw_marks(axes, marks, plan.axis, style)
    if last:
        y = bottom + plan.foot.height + 5
        for n, string in enumerate(plan.notes):
            baseline = y + style.small + n * style.small * style.leading
            canvas.text(style.margin, baseline, string, size=style.small, color=style.muted)
    return canvas.figure


def _header(canvas: Canvas, plan: Plan, y: float) -> float:
    """Column headings between two rules; returns where the lines begin."""
    style, where = plan.style, plan.columns
    left, right = style.margin, style.width - style.margin
    baseline = y + HEADER_PADDING + _baseline(style, style.body)
    canvas.rule(left, right, y, style.rule, style.line)
    canvas.text(left, baseline, _FIRST_COLUMN, bold=True)
    for name, edge in (where.left | where.right).items():
        canvas.text(edge, baseline, NUMBER_COLUMNS[name], align="right", bold=True)
    canvas.text(where.heading, baseline, plan.heading, align="right", bold=True)
    bottom = y + plan.header_height
    canvas.rule(left, right, bottom, style.rule, style.hairline)
    return bottom


def _lines(canvas: Canvas, plan: Plan, lines: Sequence[Placed], y: float) -> list[Mark]:
    """Write the lines one below the other; returns what is to be drawn beside them."""
    style, marks = canvas.style, []
    for n, placed in enumerate(lines):
        line = placed.line
        # A heading and the overall result stand closer to what follows than to what precedes them.
        extra = placed.height - style.row - (len(placed.label) - 1) * size_of(line, style) * style.leading
        start = y + (extra if line.kind is Kind.GROUP or is_overall(line) else 0.0)
        if n and is_overall(line):
            canvas.rule(style.margin, style.width - style.margin, start - 1, style.faint, style.hairline)
        _label(canvas, placed, start)
        _numbers(canvas, plan, line, start)
        marks.append(Mark(line, start + style.row / 2))
        y += placed.height
    return marks


def _label(canvas: Canvas, placed: Placed, y: float) -> None:
    """The text at the left of a line."""
    style, line = canvas.style, placed.line
    size = size_of(line, style)
    x = style.margin + indent(line, style)
    colour = style.muted if line.kind in (Kind.SPREAD, Kind.REMARK) else style.ink
    for n, string in enumerate(placed.label):
        baseline = y + _baseline(style, size) + n * size * style.leading
        if line.marked:
            canvas.marked_text(x, baseline, string, size=size, color=colour)
        else:
            canvas.text(x, baseline, string, size=size, bold=is_bold(line), color=colour)


def _numbers(canvas: Canvas, plan: Plan, line: Line, y: float) -> None:
    """The number columns and the estimate of a line."""
    style, where = canvas.style, plan.columns
    baseline, bold = y + _baseline(style, style.body), is_bold(line)
    for name, edge in (where.left | where.right).items():
        canvas.text(edge, baseline, line.cells.get(name, ""), align="right", bold=bold)
    if line.written is None:
        return
    estimate, lower, upper = line.written
    prediction = line.kind is Kind.SPREAD
    colour = style.muted if prediction else style.ink
    of_estimate, of_lower, of_upper = where.written
    if prediction:
        canvas.text(of_estimate.right, baseline, _PREDICTION, align="right", color=colour)
    else:
        canvas.text(of_estimate.edge(estimate, style.body, bold=bold), baseline, estimate, align="right", bold=bold)
    for column, string, before, after in ((of_lower, lower, "[", ","), (of_upper, upper, "", "]")):
        edge = column.edge(string, style.body, bold=bold) + width(after, style.body, bold=bold)
        canvas.text(edge, baseline, before + string + after, align="right", bold=bold, color=colour)


def _baseline(style: Style, size: float) -> float:
    """From the top of a row to its baseline: capitals stand in the middle."""
    return style.row / 2 + 0.36 * size
