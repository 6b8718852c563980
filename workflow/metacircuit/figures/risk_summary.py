"""The risk of bias in bars: the weighted shares of the judgements in each domain, and both figures in words."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from metacircuit.figures.canvas import Canvas
from metacircuit.figures.forest_dots import on
from metacircuit.figures.risk_of_bias import draw_key, key_height
from metacircuit.figures.risk_plan import KINDS, Risks, risks_of
from metacircuit.figures.sheet import note_lines, sheet, title_lines
from metacircuit.figures.style import DEFAULT, Style, isolated
from metacircuit.figures.typeface import width, wrap
from metacircuit.wording import plural

_BAR, _ONE, _TWO = 11.0, 17.0, 20.5


def risk_summary(
    table: pd.DataFrame,
    *,
    weights: Mapping[str, float] | None = None,
    domains: pd.DataFrame | None = None,
    judgements: pd.DataFrame | None = None,
    title: str = "",
    note: str = "",
    style: Style = DEFAULT,
) -> Figure:
    """A bar for each domain: the share of each judgement, by the weight of the studies.

    Parameters
    ----------
    table, domains, judgements, title, note, style : as for `traffic_light`
    weights : of the studies by id, in any unit, such as those of a meta-analysis; a study without one counts nothing.
        None gives every study the same weight.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        As `traffic_light`.

    Examples
    --------
    >>> table = pd.DataFrame({"study_id": ["a", "b"], "domain": ["D1", "D1"], "judgement": ["low", "high"]})
    >>> round(25.4 * risk_summary(table, weights={"a": 30.0, "b": 10.0}).get_figwidth())
    180
    """
    found = risks_of(table, domains, judgements, None)
    shares = _shares(found, weights)
    with isolated():
        labels = [wrap(label, 0.38 * style.width, lambda s: width(s, style.body), 2) for _, label in found.domains]
        room = max((width(line, style.body) for lines in labels for line in lines), default=0.0)
        left, right = style.margin + room + style.gutter, style.width - style.margin - 8
        step = _TWO if any(len(lines) > 1 for lines in labels) else _ONE
        body = step * len(labels) + 4
        axis = 3 + style.small * style.leading + 4
        studies = plural(
            sum(1 for s, _ in found.studies if weights is None or weights.get(s, 0.0) > 0), "study", "studies"
        )
        notes = note_lines(
            [note, f"{studies}; {'weighted' if weights is not None else 'each study counts the same'}."], style
        )
        canvas, top = sheet(body + axis + key_height(found, style), title_lines(title, style), notes, style)
        for n, lines in enumerate(labels):
            middle = top + 2 + (n + 0.5) * step
            first = middle + 0.36 * style.body - (len(lines) - 1) * style.body * 0.55
            for m, line in enumerate(lines):
                canvas.text(
                    style.margin, first + m * style.body * 1.1, line, bold=found.domains[n][0].lower() == "overall"
                )
            _bar(canvas, shares[found.domains[n][0]], left, right, middle)
        bottom = top + body
        canvas.rule(left, right, bottom, style.rule, style.thin)
        for percent in (0, 25, 50, 75, 100):
            x = left + (right - left) * percent / 100
            canvas.lines([[(x, bottom), (x, bottom + 2.5)]], style.rule, style.thin)
            canvas.text(x, bottom + 3 + style.small, f"{percent}%", size=style.small, align="center")
        draw_key(canvas, found, bottom + axis)
        return canvas.figure


def _shares(found: Risks, weights: Mapping[str, float] | None) -> dict[str, dict[str, float]]:
    known = {study: 1.0 for study, _ in found.studies} if weights is None else weights
    known = {study: float(w) for study, w in known.items() if np.isfinite(w) and w > 0}
    return {domain: found.shares(domain, known) for domain, _ in found.domains}


def _bar(canvas: Canvas, shares: Mapping[str, float], left: float, right: float, middle: float) -> None:
    """The shares of one domain side by side, each with its percentage where that has room."""
    style, x = canvas.style, left
    for kind in KINDS:
        if kind not in shares:
            continue
        face, end = getattr(style, kind), x + shares[kind] * (right - left)
        canvas.band(x, end, middle - _BAR / 2, middle + _BAR / 2, face)
        text = f"{100 * shares[kind]:.0f}%"
        if end - x > width(text, style.small) + 4:
            canvas.text(
                (x + end) / 2, middle + 0.36 * style.small, text, size=style.small, align="center", color=on(face)
            )
        if x > left:
            canvas.lines([[(x, middle - _BAR / 2), (x, middle + _BAR / 2)]], style.paper, style.line)
        x = end


def risk_alt(
    table: pd.DataFrame,
    *,
    weights: Mapping[str, float] | None = None,
    domains: pd.DataFrame | None = None,
    judgements: pd.DataFrame | None = None,
) -> str:
    """Alternative text of both figures: the shares of the judgements in each domain.

    Parameters
    ----------
    table, weights, domains, judgements : as for `risk_summary`

    Examples
    --------
    >>> table = pd.DataFrame({"study_id": ["a", "b"], "domain": ["D1", "D1"], "judgement": ["low", "high"]})
    >>> risk_alt(table, weights={"a": 30.0, "b": 10.0})
    'Risk of bias of 2 studies in 1 domain, shares by weight. D1: Low 75%, High 25%.'
    """
    found = risks_of(table, domains, judgements, None)
    shares = _shares(found, weights)
    how = "shares by weight" if weights is not None else "shares of studies"
    studies, areas = plural(len(found.studies), "study", "studies"), plural(len(found.domains), "domain")
    head = f"Risk of bias of {studies} in {areas}, {how}."
    said = [
        f"{label}: {', '.join(f'{found.words[k]} {100 * s:.0f}%' for k, s in shares[domain].items()) or 'not judged'}."
        for domain, label in found.domains
    ]
    return " ".join([head, *said])
