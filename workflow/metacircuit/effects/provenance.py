"""The story of each number: the cells it was read from, the formula and its source, the assumptions, the result."""

from __future__ import annotations

import hashlib
import json
import math
import re
from typing import TYPE_CHECKING, Any

from metacircuit.effects.routes.catalogue import ROUTES
from metacircuit.effects.routes.orientation import UNORIENTED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from metacircuit.effects.routes.spec import Route

_INPUT = re.compile(r"(?P<name>\w+)(?P<operator><=|>=|=|<|>)(?P<value>.+)")
# Cells that say how the numbers are to be read: which inequality, and what kind of comparison.
_READ_AS = ("p_op", "contrast")
ORIENTATION = "yi = direction · scale_direction · |yi|"
OWN_SIGN = "yi keeps the sign of its statistic, times scale_direction where it is given"


def records(rows: pd.DataFrame, cells: Mapping[str, Mapping[str, str]], *, analysis: str) -> Iterator[dict[str, Any]]:
    """Tell the story of each row of an analysis that has a result.

    Parameters
    ----------
    rows : DataFrame
        effects/ANALYSIS.csv.
    cells : mapping of str to mapping of str to str
        The printed cells of each effect, by column, with `file`, `sheet` and `row`.
    analysis : str
        Its name.

    Yields
    ------
    dict
        analysis, effect_id, measure, definition, source (file, sheet, row, cells), steps (id, version, formula, source,
        inputs, assumptions), result (status, yi, vi or limits), hash.
    """
    routes = {route.id: route for group in ROUTES.values() for route in group}
    for row in rows[rows["status"].isin(("analysed", "bound"))].to_dict("records"):
        record = _record(row, routes[row["route"]], cells[row["effect_id"]], analysis)
        yield record | {"hash": digest(record)}


def digest(record: Mapping[str, Any]) -> str:
    """Hash a record without its own hash: sixteen hexadecimal digits that change when any part of the story does."""
    told = {name: value for name, value in record.items() if name != "hash"}
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def read_inputs(text: str) -> dict[str, tuple[str, float]]:
    """Read the inputs that harmonisation wrote, as column: (operator, number).

    >>> read_inputs("t=2.5; n1=30; p<0.05")
    {'t': ('=', 2.5), 'n1': ('=', 30.0), 'p': ('<', 0.05)}
    """
    found = (_INPUT.fullmatch(part) for part in text.split("; ") if part)
    return {m["name"]: (m["operator"], float(m["value"])) for m in found if m}


def _record(row: Mapping[str, Any], route: Route, printed: Mapping[str, str], analysis: str) -> dict[str, Any]:
    inputs = read_inputs(row["inputs"])
    told = [part for part in str(row["assumptions"]).split("; ") if part]
    read = {name: number for name, (_, number) in inputs.items() if name not in ("direction", "scale_direction")}
    steps = [
        {
            "id": route.id,
            "version": route.version,
            "formula": route.formula,
            "source": route.source,
            "inputs": read,
            "assumptions": told,
        }
    ]
    if route.measure not in UNORIENTED:
        signs = {name: inputs[name][1] for name in ("direction", "scale_direction") if name in inputs}
        rule = ORIENTATION if "direction" in signs else OWN_SIGN
        steps.append(
            {
                "id": "orient",
                "version": "1",
                "formula": rule,
                "source": "codebook",
                "inputs": signs,
                "assumptions": [],
            }
        )
    names = ("yi", "vi") if row["status"] == "analysed" else ("lower", "upper", "vi")
    return {
        "analysis": analysis,
        "effect_id": row["effect_id"],
        "study_id": row["study_id"],
        "measure": row["measure"],
        "definition": row["definition"],
        "source": {
            "file": printed["file"],
            "sheet": printed["sheet"],
            "row": int(printed["row"]),
            "cells": {name: printed[name] for name in (*inputs, *_READ_AS) if printed.get(name)},
        },
        "steps": steps,
        "result": {"status": row["status"], **{name: _finite(row[name]) for name in names}},
    }


def _finite(value: float) -> float | str | None:
    """JSON has no infinity: an open limit is written as a word."""
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else ("inf" if value > 0 else "-inf")
