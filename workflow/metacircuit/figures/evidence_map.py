"""The evidence map: where the studies of two crossed factors are, what they found, and where there are none."""

from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from metacircuit.figures.canvas import Canvas
from metacircuit.figures.evidence_grid import Cell, Grid, grid_of
from metacircuit.figures.evidence_key import GAP_MARK, Key, draw_bounds, draw_legend, key_for, legend_height
from metacircuit.figures.evidence_needs import Needs, needs_of
from metacircuit.figures.result import the_measure
from metacircuit.figures.scales import Scale, scale_for
from metacircuit.figures.sheet import note_lines
from metacircuit.figures.style import DEFAULT, Style, TooNarrowError, isolated
from metacircuit.figures.typeface import width, wrap

_BESIDE, _STACKED = 23.0, 39.0
_ROOM_BESIDE = 50.0
_NEEDS_LINE = 8.0
_NARROWEST_CELL = 14.0


@dataclass(frozen=True, slots=True)
class _Layout:
    """Positions of the map in points."""

    left: float
    top: float
    cell: float
    row: float
    column_labels: tuple[tuple[str, ...], ...]
    upright: bool
    row_labels: tuple[tuple[str, ...], ...]
    totals: float

    @property
    def beside(self) -> bool:
        """Whether cells are wide enough for numbers beside the bubble; else they stand below it."""
        return self.cell >= _ROOM_BESIDE


def evidence_map(
    cells: pd.DataFrame,
    *,
    rows: pd.DataFrame | None = None,
    columns: pd.DataFrame | None = None,
    margins: pd.DataFrame | None = None,
    needs: pd.DataFrame | None = None,
    measure: str | None = None,
    title: str = "",
    style: Style = DEFAULT,
) -> Figure:
    """A grid of bubbles: area is the number of studies, colour the pooled effect.

    A hatched grey bubble has studies, but too few to pool; a square has bounds only; an open dot is a gap: no result.
    Because a diverging colour says nothing on a grey printer, every pooled cell also has its estimate in figures.

    Parameters
    ----------
    cells : estimates of one crossed grouping (grouping "disorder:circuit", strata "ptsd:pain_processing")
    rows, columns : vocabularies (id, label) in the order of display; words without studies are shown as gaps
    margins : estimates with the two single groupings, so that totals count a study once; else cells are added up
    needs : what each cell needs (rows of heterogeneity/ANALYSIS/power.csv), written in it as +n further studies
    measure : metafor code; by default the column `measure` of `cells`
    title : set above the map; journals want it in the caption instead
    style : sizes and colours

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        For tables without these columns, or cells of more than one crossed grouping.

    Examples
    --------
    >>> cells = pd.DataFrame({"grouping": ["disorder:circuit"], "stratum": ["ptsd:pain"], "label": ["PTSD × Pain"],
    ...     "status": ["ok"], "studies": [4], "estimate": [0.4], "ci_lb": [0.1], "ci_ub": [0.7]})
    >>> round(25.4 * evidence_map(cells, measure="SMD").get_figwidth())
    180
    """
    code = the_measure(cells, measure)
    scale = scale_for(code)
    grid = grid_of(cells, rows, columns, margins, scale)
    with isolated():
        return _draw(grid, needs_of(needs, code), scale, title, style)


def _draw(grid: Grid, needs: Needs, scale: Scale, title: str, style: Style) -> Figure:
    heading = wrap(title, style.width - 2 * style.margin, lambda s: width(s, style.title, bold=True)) if title else ()
    layout = _layout(grid, style, len(heading), _NEEDS_LINE * bool(needs.marks))
    bottom = layout.top + layout.row * len(grid.rows)
    total_row = style.row + 3
    key = key_for(grid, scale, style)
    height = bottom + total_row + legend_height(grid, key, style) + style.margin
    notes = _notes(grid, layout, needs, style)
    height += len(notes) * style.small * style.leading
    canvas = Canvas.blank(style.width, height, style)
    for n, string in enumerate(heading):
        baseline = style.margin + style.title * (1 + n * style.leading)
        canvas.text(style.margin, baseline, string, size=style.title, bold=True)
    _frame(canvas, grid, layout, bottom)
    for y, row in enumerate(grid.rows):
        for x, column in enumerate(grid.columns):
            centre = (layout.left + (x + 0.5) * layout.cell, layout.top + (y + 0.5) * layout.row)
            _cell(canvas, grid.cells.get((row.id, column.id)), needs.of((row.id, column.id)), centre, layout, key)
    draw_legend(canvas, grid, scale, key, bottom + total_row)
    first = height - style.margin - 1 - (len(notes) - 1) * style.small * style.leading
    for n, string in enumerate(notes):
        canvas.text(style.margin, first + n * style.small * style.leading, string, size=style.small, color=style.muted)
    return canvas.figure


def _layout(grid: Grid, style: Style, title_lines: int, extra: float) -> _Layout:
    """Columns of equal width in what the row labels and the totals leave."""
    totals = width("Studies", style.body, bold=True) + style.gutter
    longest = max((width(word.label, style.body) for word in grid.rows), default=0.0)
    label_room = min(longest, 0.3 * style.width)
    room = style.width - 2 * style.margin - label_room - style.gutter - totals
    cell = room / max(len(grid.columns), 1)
    if cell < _NARROWEST_CELL:
        found = f"{len(grid.columns)} columns are too many for an evidence map of {style.width_mm:g} mm"
        raise TooNarrowError(f"{found}: write the grouping the other way round, or leave words out of the vocabulary")

    def bold(string: str) -> float:
        return width(string, style.body, bold=True)

    upright = any(bold(part) > cell - 4 for word in grid.columns for part in word.label.split(" "))
    if upright:
        lines = 2 if cell >= 2 * style.body * style.leading else 1
        labels = tuple(wrap(word.label, 0.25 * style.width, bold, lines) for word in grid.columns)
        header = max((bold(line) for lines in labels for line in lines), default=0.0)
    else:
        labels = tuple(wrap(word.label, cell - 4, bold) for word in grid.columns)
        header = max(map(len, labels), default=0) * style.body * style.leading
    row_labels = tuple(wrap(word.label, label_room + 0.5, lambda s: width(s, style.body), 2) for word in grid.rows)
    top = style.margin + title_lines * style.title * style.leading + 4 * bool(title_lines) + header + 6
    return _Layout(
        left=style.margin + label_room + style.gutter,
        top=top,
        cell=cell,
        row=extra + (_BESIDE if cell >= _ROOM_BESIDE else _STACKED + 2 * style.leading * (style.small - DEFAULT.small)),
        column_labels=labels,
        upright=upright,
        row_labels=row_labels,
        totals=style.margin + label_room + style.gutter + cell * len(grid.columns) + totals,
    )


def _frame(canvas: Canvas, grid: Grid, layout: _Layout, bottom: float) -> None:
    """Labels, totals and the lines of the grid."""
    style = canvas.style
    right = layout.left + layout.cell * len(grid.columns)
    middle = 0.36 * style.body
    for n, (word, lines) in enumerate(zip(grid.rows, layout.row_labels, strict=True)):
        y = layout.top + (n + 0.5) * layout.row
        first = y + middle - (len(lines) - 1) * style.body * style.leading / 2
        for m, string in enumerate(lines):
            canvas.text(style.margin, first + m * style.body * style.leading, string)
        colour = style.ink if word.studies else style.muted
        canvas.text(layout.totals, y + middle, f"{word.studies:,}", align="right", color=colour)
    for n, (word, lines) in enumerate(zip(grid.columns, layout.column_labels, strict=True)):
        x = layout.left + (n + 0.5) * layout.cell
        for m, string in enumerate(lines):
            back = (len(lines) - 1 - m) * style.body * style.leading
            if layout.upright:
                shift = (len(lines) - 1) * style.body * style.leading / 2
                canvas.text(x + middle + shift - back, layout.top - 5, string, bold=True, rotation=90)
            else:
                canvas.text(x, layout.top - 5 - back, string, bold=True, align="center")
        colour = style.ink if word.studies else style.muted
        canvas.text(x, bottom + style.row, f"{word.studies:,}", align="center", color=colour)
    canvas.text(layout.totals, layout.top - 5, "Studies", bold=True, align="right")
    canvas.text(style.margin, bottom + style.row, "Studies", bold=True)
    horizontal = [[(style.margin, y), (layout.totals, y)] for y in _edges(layout.top, layout.row, len(grid.rows))]
    vertical = [[(x, layout.top), (x, bottom)] for x in _edges(layout.left, layout.cell, len(grid.columns))]
    canvas.lines(horizontal[1:-1] + vertical[1:-1], style.faint, style.hairline)
    canvas.lines([horizontal[0], horizontal[-1]], style.rule, style.thin)
    canvas.lines([vertical[0], [(right, layout.top), (right, bottom)]], style.faint, style.hairline)


def _edges(start: float, step: float, count: int) -> list[float]:
    return [start + n * step for n in range(count + 1)]


def _cell(canvas: Canvas, cell: Cell | None, need: str, centre: tuple[float, float], layout: _Layout, key: Key) -> None:
    """A bubble with its numbers, or the mark of a gap; below them, what the cell needs."""
    style = canvas.style
    x, y = centre
    beside = layout.beside
    bubble_x, bubble_y = (x - 12, y) if beside else (x, y - 9)
    strings = []
    if cell is None:
        canvas.circle(bubble_x, bubble_y, GAP_MARK, face="none", edge=style.unpooled)
    elif not cell.studies:
        draw_bounds(canvas, bubble_x, bubble_y)
    else:
        pooled = cell.estimate is not None and cell.written is not None
        look = {"face": key.of(cell.estimate.estimate)} if pooled else {"face": style.paper, "hatch": style.unpooled}
        canvas.circle(bubble_x, bubble_y, key.diameter(cell.studies), **look)
        if pooled:
            strings.append((cell.written[0], style.body if beside else style.small, style.ink))
        strings.append((f"k = {cell.studies:,}" if beside else f"({cell.studies:,})", style.small, style.muted))
    strings += [(need, style.small, style.ink)] * bool(need)
    strings = [entry for entry in strings if beside or width(entry[0], entry[1]) < layout.cell - 1]
    align = "left" if beside else "center"
    text_x = x + 1.5 if beside else x
    block = sum(size for _, size, _ in strings) + len(strings) - 1
    baseline = y - block / 2 + 0.8 if beside else y + 2
    for string, size, colour in strings:
        baseline += 0.86 * size + 0.5 * (not beside)
        canvas.text(text_x, baseline, string, size=size, align=align, color=colour)
        baseline += 0.3 * size


def _notes(grid: Grid, layout: _Layout, needs: Needs, style: Style) -> tuple[str, ...]:
    """What a reader cannot guess, broken into lines."""
    sentences = [f"{'k' if layout.beside else 'In brackets'}: number of studies.", *filter(None, [needs.sentence])]
    if not grid.counted_once:
        sentences.append("Totals count a study once in every cell that it is in.")
    return note_lines([" ".join(sentences)], style)
