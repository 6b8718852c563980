"""Where the pages of a forest plot end: which lines belong together, and what is repeated at the top of a page."""

from collections.abc import Sequence
from dataclasses import replace

from metacircuit.figures.forest_layout import Placed, placed_line
from metacircuit.figures.forest_slots import Columns
from metacircuit.figures.forest_table import Kind, Line
from metacircuit.figures.style import Style

CONTINUED = " (continued)"

_HEADS = (Kind.GROUP, Kind.SUBHEAD)
_RESULTS = (Kind.POOLED, Kind.SPREAD, Kind.REMARK)


def kept_together(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Mark where a page must not end: a heading keeps two studies below it, a result two above, the end stays whole."""
    kinds = [line.kind for line in lines]
    kept = []
    for n, line in enumerate(lines):
        begins = any(kind in _HEADS for kind in kinds[max(0, n - 1) : n + 1])
        ends = line.kind is Kind.STUDY and any(kind in _RESULTS for kind in kinds[n + 1 : n + 3])
        closes = any(other.kind in _RESULTS and not other.group for other in lines[n + 1 : n + 2])
        followed = line.kind is Kind.POOLED and (not line.brief or kinds[n + 1 : n + 2] == [Kind.SPREAD])
        split = line.kind is Kind.SPREAD and not line.label
        kept.append(replace(line, keep=begins or ends or closes or followed or split))
    return tuple(kept)


def paginate(placed: Sequence[Placed], room: Sequence[float], cols: Columns, style: Style) -> list[list[Placed]]:
    """Fill pages of a given room; a stratum that runs on has its heading repeated.

    Parameters
    ----------
    room : height for lines on the first page and on the others, in points
    """
    pages: list[list[Placed]] = [[]]
    used = 0.0
    for block in _blocks(placed):
        height = sum(item.height for item in block)
        if pages[-1] and used + height > room[min(len(pages) - 1, 1)]:
            pages.append(_continuation(block[0].line, cols, style))
            used = sum(item.height for item in pages[-1])
        pages[-1].extend(block)
        used += height
    return pages


def _blocks(placed: Sequence[Placed]) -> list[list[Placed]]:
    """Lines that belong on one page."""
    blocks: list[list[Placed]] = []
    joined = False
    for item in placed:
        if joined:
            blocks[-1].append(item)
        else:
            blocks.append([item])
        joined = item.line.keep
    return blocks


def _continuation(first: Line, cols: Columns, style: Style) -> list[Placed]:
    """The repeated heading of the stratum that a page starts in the middle of."""
    if not first.group or first.brief or first.kind is Kind.GROUP:
        return []
    return [placed_line(Line(Kind.GROUP, first.group + CONTINUED, first.group), cols, style)]
