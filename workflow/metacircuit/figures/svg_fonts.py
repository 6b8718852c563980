"""The letters of an SVG, carried in the file: its text stays text, and looks the same where our fonts are absent.

An SVG names the fonts of its text, and a viewer without them takes others. Arial and Helvetica have the widths of
Liberation Sans, so that programs that ignore fonts in a file (Illustrator, Inkscape) show the same lines at the same
places. Browsers use what the file carries: the letters that occur in it, and no others, of each face.
"""

import base64
from collections.abc import Iterable, Mapping
from functools import lru_cache
from io import BytesIO

from fontTools import subset
from fontTools.ttLib import TTFont
from matplotlib.figure import Figure
from matplotlib.text import Text

from metacircuit.figures.typeface import FAMILIES, face_path

_KEPT = ("kern",)

Face = tuple[bool, bool]


def font_faces(figure: Figure) -> str:
    """CSS that carries the letters of a figure, a rule a face; the fallback for Chinese and Japanese has one face.

    Parameters
    ----------
    figure : a figure that has been drawn, or the ticks of its axes have no text yet

    Returns
    -------
    str
        The same for figures with the same letters; empty for a figure without text.
    """
    rules, beyond = [], set()
    for face, letters in sorted(_letters(figure).items()):
        path = face_path(bold=face[0], italic=face[1])
        covered = letters & _coverage(path)
        beyond |= letters - covered
        if covered:
            rules.append(_rule(FAMILIES[0], path, covered, face))
    fallback = face_path(fallback=True)
    covered = beyond & _coverage(fallback)
    if covered:
        rules.append(_rule(FAMILIES[1], fallback, covered, None))
    return "".join(rules)


def _letters(figure: Figure) -> Mapping[Face, set[str]]:
    """The letters of all texts, by face (bold, italic)."""
    found: dict[Face, set[str]] = {}
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip():
            face = (text.get_fontweight() not in (400, "normal"), text.get_fontstyle() == "italic")
            found.setdefault(face, set()).update(text.get_text())
    return found


def _rule(family: str, path: str, letters: Iterable[str], face: Face | None) -> str:
    looks = ""
    if face is not None:
        looks = f"font-weight:{'bold' if face[0] else 'normal'};font-style:{'italic' if face[1] else 'normal'};"
    data = base64.b64encode(_subset(path, frozenset(letters))).decode()
    return f"@font-face{{font-family:'{family}';{looks}src:url(data:font/woff;base64,{data}) format('woff')}}"


@lru_cache(maxsize=8)
def _coverage(path: str) -> frozenset[str]:
    """The letters that a font has."""
    with TTFont(path, lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))


@lru_cache(maxsize=64)
def _subset(path: str, letters: frozenset[str]) -> bytes:
    """A font with these letters alone; without the moment of its making, so that its bytes depend on them alone."""
    options = subset.Options()
    options.hinting = False
    options.layout_features = list(_KEPT)
    options.legacy_kern = True
    options.name_IDs = [1, 2]
    options.drop_tables = [*options.drop_tables, "FFTM"]
    options.notdef_outline = True
    options.recalc_timestamp = False
    with TTFont(path, recalcTimestamp=False) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=sorted(map(ord, letters)))
        cutter.subset(font)
        font.flavor = "woff"  # half the size
        buffer = BytesIO()
        font.save(buffer)
    return buffer.getvalue()
