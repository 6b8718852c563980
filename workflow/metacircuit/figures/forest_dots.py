"""Judgements of the risk of bias as dots: a colour, and a sign that says the same without colour."""

from matplotlib.colors import to_rgb

from metacircuit.figures.canvas import Canvas
from metacircuit.figures.forest_columns import SIGNS
from metacircuit.figures.forest_slots import DOT

_ARM = 1.9
"""Half the length of the strokes of a sign, in points."""

_DARK, _PALE = "#111111", "#ffffff"


def draw_dot(canvas: Canvas, x: float, y: float, kind: str) -> None:
    """A dot with its sign.

    Parameters
    ----------
    kind : fine, doubtful, bad, worst or unknown, as in `JUDGEMENTS`
    """
    face = getattr(canvas.style, kind)
    canvas.circle(x, y, DOT, face=face)
    ink = on(face)
    strokes = {
        "+": [[(x - _ARM, y), (x + _ARM, y)], [(x, y - _ARM), (x, y + _ARM)]],
        "−": [[(x - _ARM, y), (x + _ARM, y)]],
        "×": [[(x - 1.4, y - 1.4), (x + 1.4, y + 1.4)], [(x - 1.4, y + 1.4), (x + 1.4, y - 1.4)]],
    }.get(SIGNS[kind])
    if strokes:
        canvas.lines(strokes, ink, 1.0, above=True)
    else:
        size = 6.0
        canvas.text(x, y + 0.36 * size, SIGNS[kind], size=size, align="center", bold=True, color=ink)


def on(face: str) -> str:
    """Black or white, whichever is read better on a colour (relative luminance of WCAG 2.1).

    >>> on("#000000"), on("#f0c545")
    ('#ffffff', '#111111')
    """
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(face)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return _DARK if luminance > 0.179 else _PALE
