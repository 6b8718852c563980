"""What the page says of one analysis, as text for its template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.report.findings import corrections_table
from metacircuit.report.pictures import DIAGNOSTIC
from metacircuit.report.sentences import between, headline, method
from metacircuit.tables.page import blocks
from metacircuit.tables.summary import effect_text, headings
from metacircuit.wording import count, interval, number, p_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from metacircuit.config import Settings
    from metacircuit.report.sources import Sources

_CHOICES = {"rho": "correlation within studies", "bounds": "results with a bound only"}
_BOUNDS = {
    "leave_out": "are kept, shown and left out of the pooled estimates",
    "at_bound": "are taken at the bound",
    "censored": "enter the likelihood as censored observations",
}
_STATUS_ORDER = ("analysed", "bound", "excluded", "problem")


def section(settings: Settings, sources: Sources, name: str, shown: Mapping[str, list[dict[str, str]]]) -> dict:
    """Everything the page says of one analysis.

    Parameters
    ----------
    settings : Settings
        The review's config.
    sources : Sources
        The result tables.
    name : str
        The analysis.
    shown : mapping of str to list
        From `pictures`.

    Returns
    -------
    dict
        What `_analysis.html` shows.
    """
    analysis, effects = settings.analyses[name], sources.effects[name]
    drawn = shown.get(name, [])
    return {
        "name": name,
        "title": analysis.title,
        "question": analysis.question,
        "measure": analysis.measure,
        "headline": headline(sources.estimates[name]),
        "method": method(sources.estimates[name].iloc[0], settings.model_of(name)),
        "tests": [between(row) for _, row in sources.contrasts[name].iterrows()],
        "bounds": _BOUNDS[settings.model_of(name).bounds],
        "counts": {status: int((effects["status"] == status).sum()) for status in _STATUS_ORDER},
        "headings": headings(sources.estimates[name]),
        "blocks": blocks(sources.estimates[name]),
        "figures": [figure for figure in drawn if figure["name"] not in DIAGNOSTIC],
        "diagnostics": [figure for figure in drawn if figure["name"] in DIAGNOSTIC],
        "reading": _first(sources.readings[name], "sentence"),
        "multiverse": _first(sources.shares[name], "text"),
        "corrections": corrections_table(sources.corrections[name], analysis.measure),
        "sensitivity": _sensitivity(sources.sensitivity[name]),
        "effects": [
            _effect(row, sources.records.get((name, row["effect_id"]), {}).get("hash", ""))
            for row in effects.to_dict("records")
        ],
    }


def _first(table: pd.DataFrame, column: str) -> str:
    """The sentence of the first row, which is about all studies."""
    return str(table[column].iloc[0]) if len(table) else ""


def _sensitivity(varied: pd.DataFrame) -> list[dict[str, str]]:
    """The overall estimate under each value of each choice."""
    overall = varied[varied["grouping"] == "overall"]
    return [
        {
            "choice": _CHOICES[row["choice"]],
            "value": str(row["value"]).replace("_", " "),
            "model": row["model"],
            "k": count(row["k"]),
            "effect": effect_text(row) if row["status"] == "ok" else row["reason"],
            "pval": p_number(row["pval"]),
            "tau2": number(row["tau2"], 2),
        }
        for row in overall.to_dict("records")
    ]


def _effect(row: dict[str, object], record: str) -> dict[str, str]:
    """One row of the table of effects, as text."""

    def text(column: str) -> str:
        value = row.get(column)
        return value if isinstance(value, str) else ""

    known = row["status"] == "analysed"
    return {
        "effect_id": str(row["effect_id"]),
        "record": record,
        "study": text("study_label"),
        "outcome": text("outcome"),
        "value": f"{row['yi']:.10g}" if known else "",
        "estimate": f"{number(row['yi'], 2)} {interval(row['ci_lb'], row['ci_ub'], 2)}" if known else "",
        "route": text("route"),
        "inputs": text("inputs"),
        "notes": "; ".join(filter(None, (text("assumptions"), text("reason")))),
        "status": text("status"),
    }
