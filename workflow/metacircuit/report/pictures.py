"""The figures as the page carries them: plain while there is room, compressed when there is less, else linked."""

from __future__ import annotations

import base64
import gzip
from typing import TYPE_CHECKING

from metacircuit.figures.captions import KINDS, caption_of
from metacircuit.report.coding import readable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from metacircuit.report.sources import Drawing

_FIRST = ("forest", "map")
DIAGNOSTIC = {
    "funnel": "Funnel plot with contours of significance",
    "comparison": "Corrections for small-study effects and selection, side by side",
    "leave_one_out": "The estimate without each study",
    "cumulative": "The estimate as the studies came in",
    "influence": "Influence of each study",
    "baujat": "Heterogeneity against influence (Baujat)",
    "gosh": "Subsets of the studies (GOSH)",
    "specification": "Specification curve: the estimate under other choices",
}
REVIEW = {
    "prisma": "Flow of the studies (PRISMA 2020)",
    "rob_traffic": "Risk of bias, study by study",
    "rob_summary": "Risk of bias, weighted",
}


def pictures(drawings: Iterable[Drawing], room: int) -> dict[str, list[dict[str, str]]]:
    """Fit the figures into a page: forest plots and maps come before diagnostics.

    A compressed figure needs the page's scripts to be seen, a plain one does not. So all figures are counted as
    compressed first; what room is left makes them plain, one after the other. What has no room at all is linked.

    Parameters
    ----------
    drawings : iterable of Drawing
        In the order in which they are shown.
    room : int
        Bytes that the figures may take.

    Returns
    -------
    dict of str to list of dict
        By analysis: name, caption, alt, path, and of `source` (a data address) and `packed` (SVG in gzip in base64)
        one, or neither.
    """
    drawings = list(drawings)
    order = sorted(range(len(drawings)), key=lambda i: _kind(drawings[i]) not in _FIRST)
    packed, plain = {}, {}
    for i in order:
        text = _base64(gzip.compress(drawings[i].svg, compresslevel=9, mtime=0))
        if len(text) <= room:
            packed[i] = text
            room -= len(text)
    for i in order:
        address = "data:image/svg+xml;base64," + _base64(drawings[i].svg)
        if i in packed and len(address) - len(packed[i]) <= room:
            room -= len(address) - len(packed.pop(i))
            plain[i] = address
    shown: dict[str, list[dict[str, str]]] = {}
    for i, drawing in enumerate(drawings):
        figure = _figure(drawing) | {"source": plain.get(i, ""), "packed": packed.get(i, "")}
        shown.setdefault(drawing.analysis, []).append(figure)
    return shown


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _kind(drawing: Drawing) -> str:
    return drawing.name.partition("_")[0]


def _figure(drawing: Drawing) -> dict[str, str]:
    name = drawing.name
    caption = (
        DIAGNOSTIC.get(name) or REVIEW.get(name) or (caption_of(name) if _kind(drawing) in KINDS else readable(name))
    )
    path = f"figures/{drawing.analysis}/{name}"
    return {"name": name, "alt": drawing.alt, "caption": caption, "path": path}
