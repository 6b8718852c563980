"""What an estimate matrix says, cell by cell, and how its columns are broken into blocks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from metacircuit.figures.evidence_grid import CROSS, Cell, Grid, Word, grid_of
from metacircuit.figures.forest_axis import Axis
from metacircuit.figures.result import OVERALL, Interval, Row, Writer, is_pooled, pooled_interval, value
from metacircuit.figures.scales import Scale
from metacircuit.figures.strip import robust_axis
from metacircuit.figures.style import Style
from metacircuit.figures.typeface import width, wrap
from metacircuit.wording import plural

ALL = "\0all"
"""The id of the row and of the column with all studies; no word of a vocabulary can be it."""

_LABEL = 0.2
_LEAST_LABEL, _PAD = 48.0, 9.0
_INTERVAL = 11.0


@dataclass(frozen=True, slots=True)
class Block:
    """Some columns and rows of the matrix, which stand together."""

    rows: Sequence[Word]
    columns: Sequence[Word]


@dataclass(frozen=True, slots=True)
class Matrix:
    """An estimate matrix in words and numbers, with its geometry.

    Parameters
    ----------
    grid : rows and columns that have studies, the margins among them, and their cells
    left : left edge of the first column; cell, row : width and height of a cell
    stacked : whether the limits stand below the estimate
    headings, labels : lines of the names of columns and rows, by id
    axis : of a column that begins at zero
    empty : labels of words without studies
    """

    grid: Grid
    left: float
    cell: float
    row: float
    stacked: bool
    headings: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, tuple[str, ...]]
    axis: Axis
    per_block: int
    empty: tuple[str, ...]

    def blocks(self, room: float | None, header: float) -> list[Block]:
        """The matrix in blocks of as many columns as have room, and of rows no higher than `room` together."""
        most = len(self.grid.rows) if room is None else max(1, int((room - header) // self.row))
        across = range(0, len(self.grid.columns), self.per_block)
        down = range(0, len(self.grid.rows), max(most, 1))
        return [
            Block(self.grid.rows[r : r + most], self.grid.columns[c : c + self.per_block]) for c in across for r in down
        ]


def matrix_of(
    cells: pd.DataFrame,
    rows: pd.DataFrame | None,
    columns: pd.DataFrame | None,
    margins: pd.DataFrame | None,
    scale: Scale,
    style: Style,
) -> Matrix:
    """Plan an estimate matrix; parameters as `metacircuit.figures.matrix.matrix`."""
    grid, empty = _trimmed(_with_margins(grid_of(cells, rows, columns, margins, scale), cells, margins, scale))
    body = [cell for cell in grid.cells.values() if cell.written is not None]
    estimates = [cell.written[0] for cell in body if cell.written]
    before, between, behind = style.brackets
    limits = [f"{before}{cell.written[1]}{between}{cell.written[2]}{behind}" for cell in body if cell.written]
    size = style.small
    one_line = max((width(f"{e} {i}", size) for e, i in zip(estimates, limits, strict=True)), default=30.0) + _PAD
    two_lines = max((width(s, size) for s in (*estimates, *limits)), default=26.0) + _PAD
    counts = max((width(plural(c.studies, "study", "studies"), size) for c in grid.cells.values()), default=0.0) + _PAD
    longest = max((width(word.label, style.body) for word in grid.rows), default=0.0)
    label = min(longest, max(_LABEL * style.width, _LEAST_LABEL))
    left = style.margin + label + style.gutter
    room = style.width - style.margin - left
    stacked = room / max(len(grid.columns), 1) < max(one_line, counts)
    least = max(two_lines if stacked else one_line, counts)
    per_block = max(1, min(len(grid.columns), int(room // least)))
    # Blocks of about equal size look better than a full one and a remainder.
    blocks = -(-len(grid.columns) // per_block) if grid.columns else 1
    per_block = max(1, -(-len(grid.columns) // blocks))
    cell = min(room / per_block, 2.2 * one_line)
    names = {w.id: wrap(w.label, cell - 4, lambda s: width(s, style.body, bold=True), 4) for w in grid.columns}
    labels = {w.id: wrap(w.label, label + 0.5, lambda s: width(s, style.body), 4) for w in grid.rows}
    text_lines = 3 if stacked else 2
    row = _INTERVAL + text_lines * 1.18 * size + 4.0
    row = max(row, max((len(lines) for lines in labels.values()), default=1) * style.body * style.leading + 4.0)
    axis = _axis(grid, scale, (4.0, cell - 4.0), style)
    return Matrix(grid, left, cell, row, stacked, names, labels, axis, per_block, empty)


def _axis(grid: Grid, scale: Scale, ends: tuple[float, float], style: Style) -> Axis:
    """An axis for intervals of a usual width: a few very wide ones end in arrow heads and leave room for the others."""
    pooled = [cell.estimate for cell in grid.cells.values() if cell.estimate is not None and cell.estimate.drawable]
    usual = float(np.median([i.upper - i.lower for i in pooled])) if pooled else 0.0
    shown = [Interval(i.estimate, max(i.lower, i.estimate - usual), min(i.upper, i.estimate + usual)) for i in pooled]
    return robust_axis([], shown, scale, ends, style)


def _with_margins(grid: Grid, cells: pd.DataFrame, margins: pd.DataFrame | None, scale: Scale) -> Grid:
    """The grid with a last row and column of all studies, where the estimates of the single groupings are known."""
    if margins is None or cells.empty:
        return grid
    down, across = str(cells["grouping"].iloc[0]).split(CROSS, 1)
    records = margins.to_dict("records")
    found = {(str(row["grouping"]), str(row["stratum"])): row for row in records}
    shown = [pooled_interval(row) for row in records if is_pooled(row)]
    writer = Writer.suiting(scale, shown)
    added: dict[tuple[str, str], Cell] = {}
    for word in grid.rows:
        _add(added, (word.id, ALL), found.get((down, word.id)), writer)
    for word in grid.columns:
        _add(added, (ALL, word.id), found.get((across, word.id)), writer)
    if not added:
        return grid
    _add(added, (ALL, ALL), found.get((OVERALL, OVERALL)), writer)
    total = added[ALL, ALL].studies if (ALL, ALL) in added else 0
    rewritten = {
        pair: replace(cell, written=None if cell.estimate is None else writer.parts(cell.estimate))
        for pair, cell in grid.cells.items()
    }
    last = Word(ALL, "All", total)
    return replace(grid, rows=(*grid.rows, last), columns=(*grid.columns, last), cells=rewritten | added)


def _add(cells: dict[tuple[str, str], Cell], pair: tuple[str, str], row: Row | None, writer: Writer) -> None:
    if row is None or not value(row, "studies") > 0:
        return
    interval = pooled_interval(row) if is_pooled(row) else None
    cells[pair] = Cell(int(value(row, "studies")), interval, None if interval is None else writer.parts(interval))


def _trimmed(grid: Grid) -> tuple[Grid, tuple[str, ...]]:
    """Without the words that no cell has, and the labels of these."""
    used = [{pair[side] for pair in grid.cells} for side in (0, 1)]
    rows = tuple(word for word in grid.rows if word.id in used[0])
    columns = tuple(word for word in grid.columns if word.id in used[1])
    lost = [word.label for word in grid.rows if word.id not in used[0]]
    lost += [word.label for word in grid.columns if word.id not in used[1]]
    return replace(grid, rows=rows, columns=columns), tuple(lost)
