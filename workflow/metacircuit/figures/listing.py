"""Lists of pooled estimates that are drawn like a forest plot: one line an estimate, with columns at the right."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from matplotlib.figure import Figure

from metacircuit.figures.canvas import Canvas
from metacircuit.figures.forest_axis import Axis, axis_for, draw_axis, foot
from metacircuit.figures.forest_columns import BUILT_IN, ESTIMATE
from metacircuit.figures.forest_layout import Placed, clear_over, is_overall, place
from metacircuit.figures.forest_marks import Mark, draw_marks, draw_references
from metacircuit.figures.forest_plan import BODY_PADDING, HEADER_PADDING, Plan
from metacircuit.figures.forest_slots import Columns, columns_for, is_bold, size_of
from metacircuit.figures.forest_table import Kind, Line
from metacircuit.figures.result import Interval, Row, Writer, pooled_interval, text, without_full_stop
from metacircuit.figures.scales import Scale
from metacircuit.figures.sheet import note_lines, sheet, title_lines
from metacircuit.figures.style import LEAST_MM, Style, TooNarrowError, isolated
from metacircuit.figures.typeface import width

_STATUS = "status"
_OK = "ok"


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of estimates ready to be drawn.

    Parameters
    ----------
    plan : lines, positions, axis and notes, as of a forest plot
    first : heading above the labels
    right : right edges of the columns of numbers, by heading
    reference : the estimate that all others are compared with
    """

    plan: Plan
    first: str
    right: Mapping[str, float]
    reference: Interval | None

    def figure(self) -> Figure:
        """All lines on one page, as high as it needs to be (for SVG and PNG)."""
        with isolated():
            return _page(self, self.plan.lines, first=True, last=True)

    def pages(self) -> list[Figure]:
        """The lines on pages no higher than the style allows (for PDF)."""
        with isolated():
            pages = self.plan.pages()
            last = len(pages) - 1
            return [_page(self, lines, first=n == 0, last=n == last) for n, lines in enumerate(pages)]


def listing(
    lines: Sequence[Line],
    scale: Scale,
    *,
    first: str,
    headings: Sequence[str] = (),
    reference: Interval | None,
    title: str,
    notes: Iterable[str],
    level: float,
    style: Style,
) -> Listing:
    """Plan a list of estimates.

    Parameters
    ----------
    lines : of kind STUDY, POOLED or REMARK; their cells are named by the headings
    headings : of the columns right of the estimates, in order; a narrow page has as many as it has room for

    Raises
    ------
    ValueError
        Where the page is too narrow.
    """
    heading = f"{scale.heading} {style.brackets[0]}{level:g}% CI{style.brackets[2]}"
    cells, inner, where = _fitting(lines, headings, heading, style)
    right, edge = {}, inner.width - inner.margin
    for name, cell in cells.items():
        edge += style.gutter + cell
        right[name] = edge
    axis = axis_for(lines, scale, *where.plot, style)
    plan = Plan(
        lines=tuple(place(lines, where, style)),
        columns=where,
        axis=axis,
        foot=foot(axis, scale.label, ("", ""), style),
        heading=heading,
        title=title_lines(title, style),
        notes=note_lines([*notes, _arrow_heads(lines, axis)], style),
        style=style,
    )
    return Listing(plan, first, right, reference)


def _fitting(
    lines: Sequence[Line], headings: Sequence[str], heading: str, style: Style
) -> tuple[dict[str, float], Style, Columns]:
    """The widths of the columns that have room, the style of the page without them, and the positions on it."""
    cells = {name: _widest([name, *(line.cells.get(name, "") for line in lines)], style) for name in headings}
    # The columns stand beyond the edge of a forest plot that is narrower by their width.
    taken = sum(cell + style.gutter for cell in cells.values())
    inner = replace(style, width_mm=max(style.width_mm * (1 - taken / style.width), LEAST_MM))
    try:
        return cells, inner, columns_for(lines, (), (BUILT_IN[ESTIMATE],), heading, inner)
    except TooNarrowError:
        if headings:
            return _fitting(lines, headings[:-1], heading, style)
        raise TooNarrowError(
            f"{style.width_mm:g} mm is too narrow for a list of estimates: take a wider style"
        ) from None


def estimate_lines(rows: Iterable[Row], writer: Writer, cells: Iterable[Mapping[str, str]] = ()) -> list[Line]:
    """A line for each estimate; one that failed, or that must not be trusted, is followed by the reason.

    Parameters
    ----------
    rows : label, estimate, ci_lb, ci_ub, and where there are some status and reason
    writer : writes the estimates
    cells : the texts of the number columns of each row, by heading
    """
    lines: list[Line] = []
    columns = list(cells)
    for n, row in enumerate(rows):
        interval, status = pooled_interval(row), text(row, _STATUS) or _OK
        reason = without_full_stop(text(row, "reason")) or ("" if status == _OK else status.replace("_", " "))
        remarked = status != _OK
        shown = {_STATUS: status} | dict(columns[n] if columns else {})
        label = text(row, "label")
        lines.append(Line(Kind.STUDY, label, "", shown, interval, writer.parts(interval), keep=remarked))
        if remarked:
            lines.append(Line(Kind.REMARK, reason[:1].upper() + reason[1:]))
    return lines


def _page(shown: Listing, lines: Sequence[Placed], *, first: bool, last: bool) -> Figure:
    """Draw one page."""
    plan = shown.plan
    style, body = plan.style, sum(placed.height for placed in lines)
    content = plan.header_height + 2 * BODY_PADDING + body + plan.foot.height
    canvas, y = sheet(content, plan.title if first else (), plan.notes if last else (), style)
    top = _header(canvas, shown, y)
    marks = _lines(canvas, shown, lines, top + BODY_PADDING)
    bottom = top + body + 2 * BODY_PADDING
    axes = draw_axis(canvas, plan.axis, top, bottom, plan.foot)
    reference = None if shown.reference is None else Mark(Line(Kind.POOLED, "", interval=shown.reference), bottom)
    draw_references(axes, plan.axis, (top, bottom), reference, style)
    draw_marks(axes, [mark for mark in marks if not _is_grey(mark.line)], plan.axis, style)
    draw_marks(axes, [mark for mark in marks if _is_grey(mark.line)], plan.axis, replace(style, study=style.unpooled))
    return canvas.figure


def _header(canvas: Canvas, shown: Listing, y: float) -> float:
    """Column headings between two rules; returns where the lines begin."""
    style, plan = canvas.style, shown.plan
    left, right = style.margin, style.width - style.margin
    baseline = y + HEADER_PADDING + style.row / 2 + 0.36 * style.body
    canvas.rule(left, right, y, style.rule, style.line)
    canvas.text(left, baseline, shown.first, bold=True)
    canvas.text(plan.columns.heading, baseline, plan.heading, align="right", bold=True)
    for name, edge in shown.right.items():
        canvas.text(edge, baseline, name, align="right", bold=True)
    canvas.rule(left, right, y + plan.header_height, style.rule, style.hairline)
    return y + plan.header_height


def _lines(canvas: Canvas, shown: Listing, lines: Sequence[Placed], y: float) -> list[Mark]:
    """Write the lines one below the other; returns what is to be drawn beside them."""
    style, marks = canvas.style, []
    for n, placed in enumerate(lines):
        line, size = placed.line, size_of(placed.line, style)
        start = y + (0.35 * style.row if is_overall(line) else 0.0)
        if n and is_overall(line):
            canvas.rule(style.margin, style.width - style.margin, start - 1, style.faint, style.hairline)
        colour = style.muted if line.kind is Kind.REMARK or _is_grey(line) else style.ink
        clear_over(canvas, placed, y)
        for m, string in enumerate(placed.label):
            baseline = start + style.row / 2 + 0.36 * size + m * size * style.leading
            canvas.text(style.margin, baseline, string, size=size, bold=is_bold(line), color=colour)
        _numbers(canvas, shown, line, start + style.row / 2 + 0.36 * style.body, colour)
        marks.append(Mark(line, start + style.row / 2))
        y += placed.height
    return marks


def _numbers(canvas: Canvas, shown: Listing, line: Line, baseline: float, colour: str) -> None:
    """The estimate of a line and what stands right of it."""
    style, bold = canvas.style, is_bold(line)
    for name, edge in shown.right.items():
        canvas.text(edge, baseline, line.cells.get(name, ""), align="right", bold=bold, color=colour)
    if line.written is None:
        return
    opening, between, closing = style.brackets
    marks = (("", ""), (opening, between.rstrip()), ("", closing))
    for column, string, (before, after) in zip(shown.plan.columns.written, line.written, marks, strict=True):
        if line.interval is not None and not line.interval.drawable and before + after:
            continue
        edge = column.edge(string, style.body, bold=bold) + width(after, style.body, bold=bold)
        canvas.text(edge, baseline, before + string + after, align="right", bold=bold, color=colour)


def _is_grey(line: Line) -> bool:
    return line.cells.get(_STATUS, _OK) != _OK


def _widest(strings: Iterable[str], style: Style) -> float:
    return max(width(string, style.body, bold=True) for string in strings)


def _arrow_heads(lines: Iterable[Line], axis: Axis) -> str:
    intervals = [line.interval for line in lines if line.interval and line.interval.drawable]
    beyond = any(interval.lower < axis.low or interval.upper > axis.high for interval in intervals)
    return "Arrow heads: the interval goes on beyond the axis." if beyond else ""
