"""The typefaces of the figures: the same files on every machine, so that a figure has the same bytes everywhere.

Latin, Greek and Cyrillic are set in Liberation Sans (the widths of Arial and Helvetica), Chinese and Japanese in
Droid Sans Fallback. For other scripts matplotlib warns which letters it does not have.
"""

import dataclasses
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.textpath import text_to_path

FAMILIES = ("Liberation Sans", "Droid Sans Fallback")
SVG_FAMILIES = ("Liberation Sans", "Arial", "Helvetica", "Droid Sans Fallback", "sans-serif")
"""What an SVG asks its viewer for: the first is ours, the next two have the same widths."""

ELLIPSIS = "…"

_LATIN = tuple(f"LiberationSans-{face}.ttf" for face in ("Regular", "Bold", "Italic", "BoldItalic"))
_FALLBACK = "DroidSansFallbackFull.ttf"
_IDEOGRAPHS = ("\u2e80", "\ud7ff"), ("\uf900", "\ufaff"), ("\uff00", "\uffef")

Measure = Callable[[str], float]


def register() -> None:
    """Make our fonts known to matplotlib, ahead of fonts of the same name that the machine may have."""
    paths, known = _paths(), fontManager.ttflist
    if known and known[0].fname == paths[0]:
        return
    installed = len(known)
    for path in paths:
        fontManager.addfont(path)
    ours = known[installed:]
    # The fallback has one face. Saying so for each weight and slant keeps matplotlib from warning about the others.
    fallback = next(entry for entry in ours if entry.fname == paths[-1])
    faces = [dataclasses.replace(fallback, weight=w, style=s) for w in (400, 700) for s in ("normal", "italic")]
    known[:] = [*ours, *faces, *known[:installed]]


@lru_cache(maxsize=1)
def _paths() -> tuple[str, ...]:
    folder = Path(str(files(__package__))) / "fonts"
    return tuple(str(folder / name) for name in (*_LATIN, _FALLBACK))


def face_path(*, bold: bool = False, italic: bool = False, fallback: bool = False) -> str:
    """The file of one of our faces."""
    return _paths()[-1 if fallback else bold + 2 * italic]


@lru_cache(maxsize=64)
def _properties(size: float, bold: bool, italic: bool) -> FontProperties:
    return FontProperties(
        family=list(FAMILIES), size=size, weight=700 if bold else 400, style="italic" if italic else "normal"
    )


def properties(size: float, *, bold: bool = False, italic: bool = False) -> FontProperties:
    """The font of a given size in points."""
    register()
    return _properties(size, bold, italic)


@lru_cache(maxsize=65536)
def width(text: str, size: float, *, bold: bool = False, italic: bool = False) -> float:
    """The width of `text` in points.

    Examples
    --------
    >>> width("mm", 10.0) > width("ii", 10.0)
    True
    """
    return float(text_to_path.get_text_width_height_descent(text, properties(size, bold=bold, italic=italic), False)[0])


def shorten(text: str, room: float, measure: Measure) -> str:
    """The longest beginning of `text` that fits into `room` points, with an ellipsis if something was cut.

    Examples
    --------
    >>> shorten("Gardner et al.", 8, len)
    'Gardner…'
    """
    if measure(text) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = measure(text[:middle].rstrip() + ELLIPSIS) <= room
        low, high = (middle, high) if fits else (low, middle - 1)
    return text[:low].rstrip() + ELLIPSIS


def wrap(text: str, room: float, measure: Measure, lines: int | None = None) -> tuple[str, ...]:
    """Break `text` at spaces (and between ideographs) into lines of at most `room` points.

    Examples
    --------
    >>> wrap("pain processing circuit", 12, len)
    ('pain', 'processing', 'circuit')
    >>> wrap("pain processing circuit", 12, len, lines=2)
    ('pain', 'processing…')
    """
    done: list[str] = []
    current = ""
    for token in _tokens(text):
        if not current or measure((current + token).rstrip()) <= room:
            current += token
            continue
        done.append(current.rstrip())
        current = token
    broken = [piece for line in (*done, current.rstrip()) for piece in _force(line, room, measure)]
    if lines is not None and len(broken) > lines:
        rest = _glue(broken[lines - 1], broken[lines])
        # The cut must be visible even where the first of the lost lines would not have fitted anyway.
        broken = [*broken[: lines - 1], shorten(rest + ELLIPSIS * (measure(rest) <= room), room, measure)]
    return tuple(broken)


def _tokens(text: str) -> list[str]:
    """Split so that every token may stand at the start of a line; a space belongs to the token before it."""
    tokens = [""]
    for character in text:
        if character == " ":
            tokens[-1] += character
        elif tokens[-1].endswith((" ", "/", "-", "–")) or _is_ideograph(character) or _is_ideograph(tokens[-1][-1:]):
            tokens.append(character)
        else:
            tokens[-1] += character
    return [token for token in tokens if token]


def _is_ideograph(character: str) -> bool:
    return any(first <= character <= last for first, last in _IDEOGRAPHS) if character else False


def _glue(line: str, following: str) -> str:
    return line + ("" if _is_ideograph(line[-1:]) or line.endswith(("/", "-", "–")) else " ") + following


def _force(line: str, room: float, measure: Measure) -> Sequence[str]:
    """Cut a single word that is wider than the column."""
    pieces = []
    while len(line) > 1 and measure(line) > room:
        cut = next((n for n in range(len(line) - 1, 1, -1) if measure(line[:n]) <= room), 1)
        pieces.append(line[:cut])
        line = line[cut:]
    return [*pieces, line]
