"""The legend of a plot: small samples with their words, set one after the other like a paragraph."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from metacircuit.figures.canvas import Canvas, Colour, marked_width
from metacircuit.figures.style import Style
from metacircuit.figures.typeface import width

_SAMPLE, _GAP, _BETWEEN = 11.0, 3.5, 9.5
_LINE_HEIGHT = 1.6


class Sign(Enum):
    """What a sample looks like."""

    DOT = "a filled circle"
    RING = "an open circle"
    AREA = "a filled rectangle"
    LINE = "a line"
    DASHES = "a dashed line"


@dataclass(frozen=True, slots=True)
class Entry:
    """A sample and its words; *stars* set a symbol in italics where they are `marked`."""

    sign: Sign
    colour: Colour
    words: str
    marked: bool = False

    def width(self, style: Style) -> float:
        """The width of the words in points."""
        return marked_width(self.words, style.small) if self.marked else width(self.words, style.small)


def arrange(entries: Sequence[Entry], style: Style) -> list[list[Entry]]:
    """Break the legend into lines."""
    rows: list[list[Entry]] = [[]]
    used, room = 0.0, style.width - 2 * style.margin
    for entry in entries:
        needed = _SAMPLE + _GAP + entry.width(style)
        if rows[-1] and used + needed > room:
            rows.append([])
            used = 0.0
        rows[-1].append(entry)
        used += needed + _BETWEEN
    return rows if entries else []


def legend_height(rows: Sequence[Sequence[Entry]], style: Style) -> float:
    """The height of the legend with the space above it in points."""
    return len(rows) * style.small * _LINE_HEIGHT + 4 * bool(rows)


def draw_legend(canvas: Canvas, rows: Sequence[Sequence[Entry]], y: float) -> None:
    """Draw the legend from `y` downwards."""
    style = canvas.style
    for n, row in enumerate(rows):
        x, middle = style.margin, y + 4 + (n + 0.5) * style.small * _LINE_HEIGHT
        for entry in row:
            _sample(canvas, entry, x, middle)
            words = x + _SAMPLE + _GAP
            write = canvas.marked_text if entry.marked else canvas.text
            write(words, middle + 0.36 * style.small, entry.words, size=style.small, color=style.muted)
            x = words + entry.width(style) + _BETWEEN


def _sample(canvas: Canvas, entry: Entry, x: float, middle: float) -> None:
    style = canvas.style
    match entry.sign:
        case Sign.DOT:
            canvas.circle(x + _SAMPLE / 2, middle, 4.4, face=entry.colour, edge=entry.colour)
        case Sign.RING:
            canvas.circle(x + _SAMPLE / 2, middle, 4.4, face=style.paper, edge=entry.colour)
        case Sign.AREA:
            canvas.band(x, x + _SAMPLE, middle - 3, middle + 3, entry.colour)
            corners = [(x, middle - 3), (x + _SAMPLE, middle - 3), (x + _SAMPLE, middle + 3), (x, middle + 3)]
            canvas.lines([[*corners, corners[0]]], style.faint, style.hairline)
        case _:
            weight = style.line
            canvas.lines([[(x, middle), (x + _SAMPLE, middle)]], entry.colour, weight, dashed=entry.sign is Sign.DASHES)
