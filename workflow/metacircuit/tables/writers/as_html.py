"""A table as a page of its own, or as a part of another: readable by eye and by screen reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from metacircuit.tables.decimals import lacks
from metacircuit.tables.layout import headings_before, message_place, spanners

if TYPE_CHECKING:
    from metacircuit.tables.decimals import Tail
    from metacircuit.tables.table import Row, Table

# Widths in em of Arial, Helvetica and Liberation Sans, in which the page is set.
_POINT, _DIGIT, _PERCENT = 0.278, 0.556, 0.889


def as_html(table: Table) -> bytes:
    """Write a table as a page that opens in a browser and pastes into a document.

    Parameters
    ----------
    table : Table

    Returns
    -------
    bytes
        A complete page without scripts or addresses; text from the data is escaped.
    """
    return _environment().get_template("table.html").render(table=table, part=html_part(table)).encode("utf-8")


def html_part(table: Table) -> str:
    """Write a table as an HTML element for another page, with its notes; its style is in templates/table.css.

    Parameters
    ----------
    table : Table

    Returns
    -------
    str
    """
    return (
        _environment()
        .get_template("part.html")
        .render(
            table=table,
            columns=[table.columns[i] for i in table.shown],
            spanners=spanners(table) if any(table.columns[i].spanner for i in table.shown) else (),
            bodies=_bodies(table),
            marks={footnote.mark: f"{table.name}-{footnote.mark}" for footnote in table.footnotes},
        )
    )


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("metacircuit.tables"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _bodies(table: Table) -> list[dict[str, object]]:
    """The rows in parts, each below the headings of its groups."""
    missing = lacks(table)
    bodies: list[dict[str, object]] = []
    for r, row in enumerate(table.rows):
        above = headings_before(table, r)
        if above or not bodies:
            bodies.append({"headings": above, "lines": []})
        bodies[-1]["lines"].append({"cells": _cells(table, row, r, missing), "strong": row.strong})
    return bodies


def _cells(table: Table, row: Row, r: int, missing: dict[tuple[int, int], Tail]) -> list[dict[str, object]]:
    place = message_place(table, row)
    cells: list[dict[str, object]] = []
    for at, i in enumerate(table.shown):
        if place and place[0] <= at <= place[1]:
            if at == place[0]:
                cells.append(
                    {"text": row.message, "span": place[1] - at + 1, "side": "message", "pad": "", "marks": ()}
                )
            continue
        lack = missing.get((r, i))
        pad = lack.width(point=_POINT, digit=_DIGIT, percent=_PERCENT) if lack else 0
        cell, column = row.cells[i], table.columns[i]
        cells.append(
            {
                "text": cell.text,
                "span": 1,
                "side": {"decimal": "right"}.get(column.alignment, column.alignment),
                "pad": f"{pad:.3f}" if pad else "",
                "marks": cell.marks,
            }
        )
    return cells
