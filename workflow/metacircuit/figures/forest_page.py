"""One page of a forest plot, drawn from its plan: nothing is decided here."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from metacircuit.figures.canvas import Canvas
from metacircuit.figures.forest_axis import draw_axis
from metacircuit.figures.forest_columns import judgement
from metacircuit.figures.forest_dots import draw_dot
from metacircuit.figures.forest_layout import Placed, clear_over, is_overall
from metacircuit.figures.forest_marks import Mark, draw_marks, draw_references
from metacircuit.figures.forest_plan import BODY_PADDING, HEADER_PADDING, Plan
from metacircuit.figures.forest_slots import Slot, indent, is_bold, size_of
from metacircuit.figures.forest_table import Kind, Line
from metacircuit.figures.style import Style
from metacircuit.figures.typeface import width

_PREDICTION = "PI"


def draw_page(plan: Plan, lines: Sequence[Placed], *, first: bool, last: bool) -> Figure:
    """Draw some lines of a plan; the first page has the title, the last one the notes."""
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
    """Column headings between two rules, all on the same last line; returns where the lines begin."""
    style, where = plan.style, plan.columns
    left, right = style.margin, style.width - style.margin
    bottom = y + plan.header_height
    baseline = bottom - HEADER_PADDING - style.row + _baseline(style, style.body)
    canvas.rule(left, right, y, style.rule, style.line)
    canvas.text(left, baseline, style.source, bold=True)
    for slot in where.slots:
        x, align = _anchor(slot)
        for n, string in enumerate(reversed(slot.heading)):
            canvas.text(x, baseline - n * style.body * style.leading, string, align=align, bold=True)
    if where.written:
        canvas.text(where.heading, baseline, plan.heading, align="right", bold=True)
    canvas.rule(left, right, bottom, style.rule, style.hairline)
    return bottom


def _anchor(slot: Slot) -> tuple[float, str]:
    """Where the heading of a column stands, and how it is set."""
    if slot.column.show == "dots":
        return (slot.left + slot.right) / 2, "center"
    return (slot.left, "left") if slot.column.show == "text" else (slot.right, "right")


def _lines(canvas: Canvas, plan: Plan, lines: Sequence[Placed], y: float) -> list[Mark]:
    """Write the lines one below the other; returns what is to be drawn beside them."""
    style, marks = canvas.style, []
    for n, placed in enumerate(lines):
        line = placed.line
        # A heading and the overall result stand closer to what follows than to what precedes them.
        above = 0.35 if line.kind is Kind.GROUP or is_overall(line) else 0.15 if line.kind is Kind.SUBHEAD else 0.0
        start = y + above * style.row
        if n and is_overall(line):
            canvas.rule(style.margin, style.width - style.margin, start - 1, style.faint, style.hairline)
        clear_over(canvas, placed, y)
        _label(canvas, placed, start)
        _cells(canvas, plan, placed, start)
        _estimate(canvas, plan, line, start)
        marks.append(Mark(line, start + style.row / 2))
        y += placed.height
    return marks


def _label(canvas: Canvas, placed: Placed, y: float) -> None:
    """The text at the left of a line."""
    style, line = canvas.style, placed.line
    size = size_of(line, style)
    x = style.margin + indent(line, style)
    colour = style.muted if line.kind in (Kind.SPREAD, Kind.REMARK, Kind.SUBHEAD) else style.ink
    italic = line.kind is Kind.SUBHEAD
    for n, string in enumerate(placed.label):
        baseline = y + _baseline(style, size) + n * size * style.leading
        if line.marked:
            canvas.marked_text(x, baseline, string, size=size, color=colour)
        else:
            canvas.text(x, baseline, string, size=size, bold=is_bold(line), italic=italic, color=colour)


def _cells(canvas: Canvas, plan: Plan, placed: Placed, y: float) -> None:
    """The texts, numbers and dots beside the plot."""
    style, bold = canvas.style, is_bold(placed.line)
    for slot in plan.columns.slots:
        strings = placed.cells.get(slot.column.name, ())
        if slot.column.show == "dots" and strings and judgement(strings[0]):
            draw_dot(canvas, (slot.left + slot.right) / 2, y + style.row / 2, judgement(strings[0]))
            continue
        for n, string in enumerate(strings):
            baseline = y + _baseline(style, style.body) + n * style.body * style.leading
            x, align = _anchor(slot)
            if slot.column.show == "number":
                x = slot.decimal.edge(string, style.body, bold=bold)
            canvas.text(x, baseline, string, align=align, bold=bold)


def _estimate(canvas: Canvas, plan: Plan, line: Line, y: float) -> None:
    """The estimate of a line with its limits."""
    style = canvas.style
    if line.written is None or not plan.columns.written:
        return
    baseline, bold = y + _baseline(style, style.body), is_bold(line)
    estimate, lower, upper = line.written
    prediction = line.kind is Kind.SPREAD
    colour = style.muted if prediction else style.ink
    of_estimate, of_lower, of_upper = plan.columns.written
    if prediction:
        canvas.text(of_estimate.right, baseline, _PREDICTION, align="right", color=colour)
    else:
        canvas.text(of_estimate.edge(estimate, style.body, bold=bold), baseline, estimate, align="right", bold=bold)
    opening, between, closing = style.brackets
    between = between.rstrip()
    for column, string, before, after in ((of_lower, lower, opening, between), (of_upper, upper, "", closing)):
        edge = column.edge(string, style.body, bold=bold) + width(after, style.body, bold=bold)
        canvas.text(edge, baseline, before + string + after, align="right", bold=bold, color=colour)


def _baseline(style: Style, size: float) -> float:
    """From the top of a row to its baseline: capitals stand in the middle."""
    return style.row / 2 + 0.36 * size
