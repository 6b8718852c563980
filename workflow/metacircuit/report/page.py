"""The report: one self-contained page, put together from tables, figures and sentences."""

from __future__ import annotations

import base64
from dataclasses import asdict
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from metacircuit import __version__
from metacircuit.report.sentences import between, headline, method
from metacircuit.tables.account import balance
from metacircuit.tables.page import blocks
from metacircuit.tables.summary import effect_text, headings
from metacircuit.wording import count, interval, number, p_number

if TYPE_CHECKING:
    import pandas as pd

    from metacircuit.config import Settings
    from metacircuit.report.sources import Drawing, Sources

_CHOICES = {"rho": "correlation within studies", "bounds": "results with a bound only"}
_BOUNDS = {
    "leave_out": "are kept, shown and left out of the pooled estimates",
    "at_bound": "are taken at the bound",
    "censored": "enter the likelihood as censored observations",
}
_DIAGNOSTIC = {
    "funnel": "Funnel plot with contours of significance",
    "comparison": "Corrections for small-study effects and selection, side by side",
    "leave_one_out": "The estimate without each study",
    "cumulative": "The estimate as the studies came in",
    "influence": "Influence of each study",
    "baujat": "Heterogeneity against influence (Baujat)",
    "gosh": "Subsets of the studies (GOSH)",
    "specification": "Specification curve: the estimate under other choices",
}
_STATUS_ORDER = ("analysed", "bound", "excluded", "problem")


def build_page(settings: Settings, sources: Sources) -> str:
    """Write the report of a review.

    Parameters
    ----------
    settings : Settings
        The review's config.
    sources : Sources
        The result tables and figures.

    Returns
    -------
    str
        One HTML page that needs no network and no other file; text from the data is escaped.
    """
    environment = Environment(
        loader=PackageLoader("metacircuit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html").render(
        settings=settings,
        version=__version__,
        balance=asdict(balance(sources.rows, read=len(sources.rows))),
        fates=_reasons(sources.rows),
        severities={s: int((sources.problems["severity"] == s).sum()) for s in ("error", "warning", "note")},
        problems=sources.problems.fillna("").to_dict("records"),
        analyses=[_section(settings, sources, name) for name in settings.analyses],
    )


def _reasons(rows: pd.DataFrame) -> list[dict[str, object]]:
    """Why rows were left out, the commonest reason first."""
    out = rows[rows["fate"] != "analysed"]
    counted = out.groupby(["fate", "reason"], dropna=False).size().reset_index(name="rows")
    return counted.sort_values(["rows", "fate", "reason"], ascending=[False, True, True]).fillna("").to_dict("records")


def _section(settings: Settings, sources: Sources, name: str) -> dict[str, object]:
    """Everything the page says of one analysis."""
    analysis, effects = settings.analyses[name], sources.effects[name]
    drawings = [d for d in sources.drawings if d.analysis == name]
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
        "figures": [_figure(d) for d in drawings if d.name not in _DIAGNOSTIC],
        "diagnostics": [_figure(d) for d in drawings if d.name in _DIAGNOSTIC],
        "reading": sources.readings[name]["sentence"].iloc[0],
        "multiverse": sources.shares[name]["text"].iloc[0],
        "sensitivity": _sensitivity(sources.sensitivity[name]),
        "effects": [
            _effect(row, sources.records.get((name, row["effect_id"]), "")) for row in effects.to_dict("records")
        ],
    }


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


def _figure(drawing: Drawing) -> dict[str, str]:
    return {
        "source": f"data:image/svg+xml;base64,{base64.b64encode(drawing.svg).decode()}",
        "alt": drawing.alt,
        "caption": _caption(drawing.name),
        "path": f"figures/{drawing.analysis}/{drawing.name}",
    }


def _caption(name: str) -> str:
    if name in _DIAGNOSTIC:
        return _DIAGNOSTIC[name]
    kind, _, factors = name.partition("_")
    label = {"forest": "Forest plot", "map": "Evidence map"}[kind]
    by = factors.replace("-", " × ").replace("_", " ")
    return label if factors == "overall" else f"{label} by {by}"


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
        "estimate": f"{number(row['yi'], 2)} {interval(row['ci_lb'], row['ci_ub'], 2)}" if known else "",
        "route": text("route"),
        "inputs": text("inputs"),
        "notes": "; ".join(filter(None, (text("assumptions"), text("reason")))),
        "status": text("status"),
    }
