"""A page with its title above and its notes below; what stands between them is the figure's own affair."""

from collections.abc import Iterable, Sequence

from metacircuit.figures.canvas import Canvas
from metacircuit.figures.style import Style
from metacircuit.figures.typeface import width, wrap

_UNDER_TITLE, _ABOVE_NOTES = 4.0, 5.0


def title_lines(title: str, style: Style) -> tuple[str, ...]:
    """The title broken into lines; none for an empty title."""
    room = style.width - 2 * style.margin
    return wrap(title, room, lambda s: width(s, style.title, bold=True)) if title.strip() else ()


def note_lines(notes: Iterable[str], style: Style) -> tuple[str, ...]:
    """Notes broken into lines, each on a line of its own; empty ones are left out."""
    room = style.width - 2 * style.margin
    return tuple(line for note in notes if note for line in wrap(note, room, lambda s: width(s, style.small)))


def sheet(content: float, title: Sequence[str], notes: Sequence[str], style: Style) -> tuple[Canvas, float]:
    """A page with room for content of a given height in points; returns it and where the content begins."""
    above = len(title) * style.title * style.leading + _UNDER_TITLE * bool(title)
    below = len(notes) * style.small * style.leading + _ABOVE_NOTES * bool(notes)
    canvas = Canvas.blank(style.width, 2 * style.margin + above + content + below, style)
    for n, string in enumerate(title):
        canvas.text(
            style.margin, style.margin + style.title * (1 + n * style.leading), string, size=style.title, bold=True
        )
    first = style.margin + above + content + _ABOVE_NOTES + style.small
    for n, string in enumerate(notes):
        canvas.text(style.margin, first + n * style.small * style.leading, string, size=style.small, color=style.muted)
    return canvas, style.margin + above
