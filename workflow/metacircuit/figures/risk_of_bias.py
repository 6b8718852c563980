"""The risk of bias as traffic lights: a dot for each study and domain."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from metacircuit.figures.canvas import Canvas
from metacircuit.figures.forest_dots import draw_dot
from metacircuit.figures.risk_plan import Risks, risks_of
from metacircuit.figures.sheet import note_lines, sheet, title_lines
from metacircuit.figures.style import DEFAULT, Style, TooNarrowError, isolated
from metacircuit.figures.typeface import shorten, width

_ROW, _LEAST_CELL, _MOST_CELL = 12.0, 15.0, 46.0
_KEY = 15.0


def traffic_light(
    table: pd.DataFrame,
    *,
    domains: pd.DataFrame | None = None,
    judgements: pd.DataFrame | None = None,
    labels: Mapping[str, str] | None = None,
    title: str = "",
    note: str = "",
    style: Style = DEFAULT,
    paged: bool = True,
) -> list[Figure]:
    """A dot for each study and domain, on as many pages as needed; a sign in the dot says the same without colour.

    Parameters
    ----------
    table : study_id, domain, judgement
    domains : id, label of the tool's domains in order; by default those of the table
    judgements : id, kind (fine, doubtful, bad, worst, unknown), label; by default the words of RoB 2, ROBINS-I,
        RoB 1 and QUADAS-2
    labels : names of the studies by id
    title : set above the figure; journals want it in the caption instead
    note : a sentence below the figure
    style : sizes and colours
    paged : whether to break it into pages; else it is one page, as high as it needs to be

    Returns
    -------
    list of matplotlib.figure.Figure
        Pages no higher than the style allows.

    Raises
    ------
    ValueError
        For a table without these columns, an unknown judgement, or one cell judged twice.
    TooNarrowError
        Where the page has no room for the domains.

    Source
    ------
    McGuinness & Higgins (2021) Res Synth Methods 12, 55-61.

    Examples
    --------
    >>> table = pd.DataFrame({"study_id": ["a", "a"], "domain": ["D1", "D2"], "judgement": ["low", "high"]})
    >>> len(traffic_light(table))
    1
    """
    found = risks_of(table, domains, judgements, labels)
    with isolated():
        names = max((width(label, style.body) for _, label in found.studies), default=0.0)
        left_room = min(max(names, width(style.source, style.body, bold=True)), 0.42 * style.width)
        room = style.width - 2 * style.margin - left_room - style.gutter
        cell = min(_MOST_CELL, room / max(len(found.domains), 1))
        if cell < _LEAST_CELL:
            raise TooNarrowError(
                f"{style.width_mm:g} mm is too narrow for {len(found.domains)} domains of the risk of bias"
            )
        codes, legend = _headings(found, cell, style)
        notes = note_lines([note, legend], style)
        heading = title_lines(title, style)
        header = style.body * style.leading + 7
        around = (
            2 * style.margin
            + header
            + key_height(found, style)
            + 1.35 * (style.title * len(heading) + style.small * len(notes))
            + 10
        )
        most = max(1, int((style.page_height - around) // _ROW))
        most = most if paged else max(1, len(found.studies))
        starts = range(0, max(len(found.studies), 1), most)
        pages = []
        for start in starts:
            rows = found.studies[start : start + most]
            body = header + _ROW * len(rows)
            canvas, top = sheet(body + key_height(found, style), () if start else heading, notes, style)
            left = style.margin + left_room + style.gutter
            _grid(canvas, found, rows, codes, (left, cell, top, header))
            draw_key(canvas, found, top + body)
            pages.append(canvas.figure)
        return pages


def _headings(found: Risks, cell: float, style: Style) -> tuple[list[str], str]:
    """The domains above the columns, as D1, D2 … with a legend where their names have no room."""
    names = [label for _, label in found.domains]
    if all(width(name, style.body, bold=True) <= cell - 3 for name in names):
        return names, ""
    codes = []
    for n, (key, _) in enumerate(found.domains):
        own = "All" if key.lower() == "overall" else f"D{n + 1}"
        codes.append(own)
    return codes, "; ".join(f"{code}: {name}" for code, name in zip(codes, names, strict=True)) + "."


def _grid(canvas: Canvas, found: Risks, rows: Sequence[tuple[str, str]], codes: Sequence[str], place: tuple) -> None:
    """The headings and the dots."""
    style, (left, cell, top, header) = canvas.style, place
    right = left + cell * len(codes)
    baseline = top + style.body + 1
    canvas.text(style.margin, baseline, style.source, bold=True)
    for n, code in enumerate(codes):
        canvas.text(left + (n + 0.5) * cell, baseline, code, align="center", bold=True)
    canvas.rule(style.margin, right, top + header - 2, style.rule, style.hairline)
    for m, (study, label) in enumerate(rows):
        y = top + header + (m + 0.5) * _ROW
        if m:
            canvas.rule(style.margin, right, y - _ROW / 2, style.band, style.hairline)
        fitting = shorten(label, left - style.gutter - style.margin + 0.5, lambda s: width(s, style.body))
        canvas.text(style.margin, y + 0.36 * style.body, fitting)
        for n, (domain, _) in enumerate(found.domains):
            judged = found.judgements.get((study, domain))
            if judged is not None:
                draw_dot(canvas, left + (n + 0.5) * cell, y, judged[1])


def _entries(found: Risks, style: Style) -> list[list[tuple[str, str]]]:
    """The legend in rows: (kind, word)."""
    rows: list[list[tuple[str, str]]] = [[]]
    used = 0.0
    for kind, word in found.words.items():
        wide = width(word, style.small) + 24
        if rows[-1] and used + wide > style.width - 2 * style.margin:
            rows.append([])
            used = 0.0
        rows[-1].append((kind, word))
        used += wide
    return rows


def key_height(found: Risks, style: Style) -> float:
    """The height of the legend in points."""
    return len(_entries(found, style)) * _KEY + 3 if found.words else 0.0


def draw_key(canvas: Canvas, found: Risks, y: float) -> None:
    """What the dots mean."""
    style = canvas.style
    for n, row in enumerate(_entries(found, style)):
        x, middle = style.margin + 6, y + 3 + (n + 0.5) * _KEY
        for kind, word in row:
            draw_dot(canvas, x, middle, kind)
            canvas.text(x + 8, middle + 0.36 * style.small, word, size=style.small, color=style.muted)
            x += width(word, style.small) + 24
