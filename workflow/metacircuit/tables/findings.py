"""The summary of findings: what is estimated, how certain it is, and why not more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from metacircuit.tables.summary import effect_text, prediction_text
from metacircuit.wording import count

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = (
    *("analysis", "title", "grouping", "stratum", "label", "studies", "k", "participants"),
    *("effect", "prediction", "certainty", "why", "override"),
)
_SYMBOLS = {"high": "⊕⊕⊕⊕", "moderate": "⊕⊕⊕◯", "low": "⊕⊕◯◯", "very low": "⊕◯◯◯"}
_NAMES = {
    "risk_of_bias": "risk of bias",
    "inconsistency": "inconsistency",
    "indirectness": "indirectness",
    "imprecision": "imprecision",
    "small_study_effects": "small-study effects",
}
_FACTORS_OF_A_MAIN_STRATUM = 1


def findings(certainty: pd.DataFrame, estimates: Mapping[str, pd.DataFrame], titles: Mapping[str, str]) -> pd.DataFrame:
    """Put estimates and certainty side by side.

    Parameters
    ----------
    certainty : DataFrame
        certainty.csv.
    estimates : mapping of str to DataFrame
        estimates/ANALYSIS.csv.
    titles : mapping of str to str
        Of the analyses.

    Returns
    -------
    DataFrame
        `COLUMNS`: the overall stratum of each analysis and the strata of its single factors, where they are pooled.
    """
    known = {
        (row["analysis"], row["grouping"], row["stratum"]): row
        for frame in estimates.values()
        for row in frame.to_dict("records")
    }
    main = certainty[
        (certainty["status"] == "ok") & (certainty["grouping"].str.count(":") < _FACTORS_OF_A_MAIN_STRATUM)
    ]
    rows = [
        _row(row, known[row["analysis"], row["grouping"], row["stratum"]], titles) for row in main.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(judged: dict, estimate: dict, titles: Mapping[str, str]) -> dict[str, object]:
    return {
        "analysis": judged["analysis"],
        "title": titles[judged["analysis"]],
        "grouping": judged["grouping"],
        "stratum": judged["stratum"],
        "label": judged["label"],
        "studies": judged["studies"],
        "k": judged["k"],
        "participants": judged["participants"],
        "effect": effect_text(estimate),
        "prediction": prediction_text(estimate),
        "certainty": judged["final"],
        "why": why(judged),
        "override": _override(judged),
    }


def why(judged: Mapping[str, object]) -> str:
    """Where the computed level starts, and what lowers it."""
    lowered = [
        f"{name} −{-int(float(judged[f'{domain}_steps']))} ({judged[f'{domain}_reason']})"
        for domain, name in _NAMES.items()
        if float(judged[f"{domain}_steps"]) < 0
    ]
    return f"starts at {judged['start']} (design: {judged['design']}); " + (
        "; ".join(lowered) if lowered else "nothing lowers it"
    )


def _override(judged: Mapping[str, object]) -> str:
    if not judged["override"]:
        return ""
    return f"{judged['override']}, by {judged['override_by']}: {judged['override_reason']}"


def findings_page(title: str, table: pd.DataFrame) -> str:
    """The summary of findings as a page of its own; text from the data is escaped."""
    environment = Environment(
        loader=PackageLoader("metacircuit.tables"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    parts = [
        {
            "title": part["title"].iloc[0],
            "lines": [
                row
                | {
                    "symbol": _SYMBOLS[row["certainty"]],
                    "studies": count(row["studies"]),
                    "participants": count(row["participants"]),
                }
                for row in part.to_dict("records")
            ],
        }
        for _, part in table.groupby("analysis", sort=False)
    ]
    return environment.get_template("findings.html").render(title=title, parts=parts)
