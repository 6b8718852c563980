"""Estimate matrices: the pooled effect and its interval in every cell of two crossed factors."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metacircuit.figures import strip
from metacircuit.figures.canvas import Canvas
from metacircuit.figures.chart import joined
from metacircuit.figures.evidence_grid import Cell
from metacircuit.figures.matrix_plan import ALL, Block, Matrix, matrix_of
from metacircuit.figures.panel import bottom_room
from metacircuit.figures.result import the_measure
from metacircuit.figures.scales import Scale, scale_for
from metacircuit.figures.sheet import note_lines, sheet, title_lines
from metacircuit.figures.style import DEFAULT, Style, isolated
from metacircuit.figures.typeface import properties, width
from metacircuit.wording import plural

_BETWEEN = 14.0
_SQUARE = 3.4
_TICK = 2.5


def matrix(
    cells: pd.DataFrame,
    *,
    rows: pd.DataFrame | None = None,
    columns: pd.DataFrame | None = None,
    margins: pd.DataFrame | None = None,
    measure: str | None = None,
    title: str = "",
    note: str = "",
    level: float = 95.0,
    style: Style = DEFAULT,
) -> Figure:
    """A matrix of estimates on one page: a point with its interval in each cell, all on the same axis, and the numbers.

    Columns that have no room stand in a further block below. Rows and columns without studies are named in the note.

    Parameters
    ----------
    cells : estimates of one crossed grouping (grouping "disorder:circuit", strata "ptsd:pain_processing")
    rows, columns : vocabularies (id, label) in the order of display
    margins : estimates with the single groupings and overall: a last row and column of all studies
    measure : metafor code; by default the column `measure` of `cells`
    title : set above the matrix; journals want it in the caption instead
    note : a sentence below the figure
    level : confidence level in per cent, for the note
    style : sizes and colours

    Returns
    -------
    matplotlib.figure.Figure
        One Axes a column of a block: x is the analysis scale, y the distance from the top of the page in points.

    Raises
    ------
    ValueError
        For tables without these columns, or cells of more than one crossed grouping.

    Examples
    --------
    >>> cells = pd.DataFrame({"grouping": ["disorder:circuit"], "stratum": ["ptsd:pain"], "label": ["PTSD × Pain"],
    ...     "status": ["ok"], "studies": [4], "estimate": [0.4], "ci_lb": [0.1], "ci_ub": [0.7]})
    >>> len(matrix(cells, measure="SMD").axes)
    1
    """
    return _figures(cells, rows, columns, margins, measure, title, note, level, style, paged=False)[0]


def matrix_pages(
    cells: pd.DataFrame,
    *,
    rows: pd.DataFrame | None = None,
    columns: pd.DataFrame | None = None,
    margins: pd.DataFrame | None = None,
    measure: str | None = None,
    title: str = "",
    note: str = "",
    level: float = 95.0,
    style: Style = DEFAULT,
) -> list[Figure]:
    """The same matrix on pages no higher than the style allows (for PDF); parameters and errors as `matrix`."""
    return _figures(cells, rows, columns, margins, measure, title, note, level, style, paged=True)


def _figures(
    cells: pd.DataFrame,
    rows: pd.DataFrame | None,
    columns: pd.DataFrame | None,
    margins: pd.DataFrame | None,
    measure: str | None,
    title: str,
    note: str,
    level: float,
    style: Style,
    *,
    paged: bool,
) -> list[Figure]:
    scale = scale_for(the_measure(cells, measure))
    with isolated():
        plan = matrix_of(cells, rows, columns, margins, scale, style)
        heading, notes = title_lines(title, style), note_lines([note, *_remarks(plan, scale, level)], style)
        around = 2 * style.margin + 1.4 * (style.title * len(heading) + style.small * len(notes)) + 10
        blocks = plan.blocks(style.page_height - around if paged else None, _frame(plan, plan.grid.columns, style))
        pages = _packed(plan, blocks, style, style.page_height - around) if paged else [blocks]
        figures = []
        for n, page in enumerate(pages):
            heights = [_height(plan, block, style) for block in page]
            content = sum(heights) + _BETWEEN * (len(page) - 1)
            last = n == len(pages) - 1
            canvas, y = sheet(content, () if n else heading, notes if last else (), style)
            for block, height in zip(page, heights, strict=True):
                _block(canvas, plan, block, y)
                y += height + _BETWEEN
            figures.append(canvas.figure)
        return figures


def _packed(plan: Matrix, blocks: list[Block], style: Style, room: float) -> list[list[Block]]:
    """Blocks on pages, as many as have room."""
    pages: list[list[Block]] = [[]]
    used = 0.0
    for block in blocks:
        height = _height(plan, block, style) + _BETWEEN
        if pages[-1] and used + height - _BETWEEN > room:
            pages.append([])
            used = 0.0
        pages[-1].append(block)
        used += height
    return pages


def _remarks(plan: Matrix, scale: Scale, level: float) -> list[str]:
    shown = [cell.estimate for cell in plan.grid.cells.values() if cell.estimate is not None]
    what = f"{scale.label} with {level:g}% CI; the axis is the same in all columns." if shown else "No pooled estimate."
    arrows = "Arrow heads: the interval goes on beyond the axis." if strip.beyond(shown, plan.axis) else ""
    return [joined(what, arrows), f"No studies: {'; '.join(plan.empty)}." if plan.empty else ""]


def _header(plan: Matrix, columns: tuple, style: Style) -> float:
    most = max((len(plan.headings[word.id]) for word in columns), default=1)
    return most * style.body * style.leading + 5


def _frame(plan: Matrix, columns: tuple, style: Style) -> float:
    """The height of a block besides its rows."""
    return _header(plan, columns, style) + bottom_room(style, label=False)


def _height(plan: Matrix, block: Block, style: Style) -> float:
    return _frame(plan, block.columns, style) + plan.row * len(block.rows)


def _block(canvas: Canvas, plan: Matrix, block: Block, y: float) -> None:
    """Headings, rows and the axes below the columns."""
    style = canvas.style
    top = y + _header(plan, block.columns, style)
    bottom = top + plan.row * len(block.rows)
    right = plan.left + plan.cell * len(block.columns)
    for n, row in enumerate(block.rows):
        start = top + n * plan.row
        if row.id == ALL:
            canvas.band(style.margin, right, start, start + plan.row, style.band)
        canvas.rule(style.margin, right, start, style.rule if n == 0 else style.faint, style.hairline)
        lines = plan.labels[row.id]
        first = start + plan.row / 2 + 0.36 * style.body - (len(lines) - 1) * style.body * style.leading / 2
        for m, string in enumerate(lines):
            canvas.text(style.margin, first + m * style.body * style.leading, string, bold=row.id == ALL)
    canvas.rule(style.margin, right, bottom, style.rule, style.hairline)
    for n, column in enumerate(block.columns):
        x = plan.left + n * plan.cell
        if column.id == ALL:
            canvas.band(x, x + plan.cell, top, bottom, style.band)
        lines = plan.headings[column.id]
        for m, string in enumerate(lines):
            back = (len(lines) - 1 - m) * style.body * style.leading
            canvas.text(x + plan.cell / 2, top - 4 - back, string, bold=True, align="center")
        axes = _axes(canvas, plan, x, top, bottom)
        for m, row in enumerate(block.rows):
            cell = plan.grid.cells.get((row.id, column.id))
            total = ALL in (row.id, column.id)
            _cell(canvas, axes, plan, cell, (x + plan.cell / 2, top + m * plan.row), total=total)


def _axes(canvas: Canvas, plan: Matrix, x: float, top: float, bottom: float) -> Axes:
    """The axis of one column."""
    style, axis = canvas.style, plan.axis
    axes = canvas.axes(x + axis.left, x + axis.right, top, bottom, (axis.low, axis.high))
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks(axis.ticks.at, axis.ticks.labels, fontproperties=properties(style.small), color=style.ink)
    axes.tick_params("x", length=_TICK, width=style.thin, color=style.rule, pad=1.5)
    # A figure draws its axes behind its bands.
    axes.set_zorder(1)
    return axes


def _cell(canvas: Canvas, axes: Axes, plan: Matrix, cell: Cell | None, at: tuple[float, float], *, total: bool) -> None:
    """The interval with its numbers; the number of studies where they were not pooled; a dot where there is none."""
    style, (middle, top) = canvas.style, at
    size = style.small
    if cell is None:
        canvas.circle(middle, top + plan.row / 2, 2.2, face="none", edge=style.unpooled)
        return
    studies = plural(cell.studies, "study", "studies") if cell.studies else "bound only"
    if cell.estimate is None or cell.written is None:
        _line(canvas, middle, top + plan.row / 2 - 0.2 * size, studies)
        _line(canvas, middle, top + plan.row / 2 + 0.98 * size, "not pooled")
        return
    y, colour = top + 7.5, style.overall if total else style.group
    segment = [(cell.estimate.lower, cell.estimate.upper, y)]
    strip.upright(axes, plan.axis.null, plan.axis, (y - 5, y + 4.5), style.rule, style.hairline)
    strip.lines(axes, segment, plan.axis, style.line, colour, 2)
    strip.arrow_heads(axes, segment, plan.axis, colour, 0.85)
    if plan.axis.low <= cell.estimate.estimate <= plan.axis.high:
        looks = {"marker": "D" if total else "s", "s": _SQUARE**2, "c": colour, "linewidths": 0}
        axes.scatter([cell.estimate.estimate], [y], **looks, zorder=3, clip_on=False)
    estimate, lower, upper = cell.written
    before, between, behind = style.brackets
    limits = f"{before}{lower}{between}{upper}{behind}" if cell.estimate.drawable else ""
    lines = [estimate, limits] if plan.stacked else [f"{estimate} {limits}"]
    baseline = top + 12.0
    for string in lines:
        baseline += 1.12 * size
        _line(canvas, middle, baseline, string, ink=True)
    _line(canvas, middle, baseline + 1.12 * size, studies)


def _line(canvas: Canvas, middle: float, baseline: float, string: str, *, ink: bool = False) -> None:
    """Text centred in a cell."""
    style = canvas.style
    x = middle - width(string, style.small) / 2
    canvas.text(x, baseline, string, size=style.small, color=style.ink if ink else style.muted)
