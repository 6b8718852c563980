"""Pooled estimates written out for people, as the report and its sentences have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.wording import NO_VALUE, count, interval, number, p_number

if TYPE_CHECKING:
    from collections.abc import Mapping

HEADINGS = {
    "label": "Stratum",
    "studies": "Studies",
    "k": "Effects",
    "participants": "Participants",
    "effect": "Estimate [CI]",
    "prediction": "Prediction interval",
    "pval": "p",
    "tau2": "τ²",
    "I2": "I²",
}
_PERCENT = "proportion"


def headings(estimates: pd.DataFrame) -> dict[str, str]:
    """Head the columns of `written`, with the level of the intervals."""
    return HEADINGS | {"effect": f"Estimate [{estimates['level'].iloc[0]:g}% CI]"}


def written(estimates: pd.DataFrame) -> pd.DataFrame:
    """Write the estimates of one analysis or grouping as text, on the natural scale.

    Parameters
    ----------
    estimates : DataFrame
        Rows of estimates/ANALYSIS.csv.

    Returns
    -------
    DataFrame of str
        The columns of `HEADINGS`; a stratum that was not pooled has its reason in place of the estimate.
    """
    return pd.DataFrame([_line(row) for row in estimates.to_dict("records")], columns=list(HEADINGS))


def effect_text(row: Mapping[str, float | str]) -> str:
    """Write an estimate with its interval on the natural scale, proportions as percentages."""
    value, lower, upper = (float(row[name]) for name in ("natural", "natural_lb", "natural_ub"))
    factor, digits, unit = _form(row)
    return f"{number(value * factor, digits)}{unit} {interval(lower * factor, upper * factor, digits)}"


def prediction_text(row: Mapping[str, float | str]) -> str:
    """Write a prediction interval on the natural scale."""
    factor, digits, _ = _form(row)
    return interval(float(row["natural_pi_lb"]) * factor, float(row["natural_pi_ub"]) * factor, digits)


def _form(row: Mapping[str, float | str]) -> tuple[float, int, str]:
    return (100.0, 1, "%") if row["scale"] == _PERCENT else (1.0, 2, "")


def _line(row: dict[str, float | str]) -> dict[str, str]:
    pooled = row["status"] == "ok"
    line = {
        "label": str(row["label"]),
        "studies": count(row["studies"]),
        "k": count(row["k"]),
        "participants": count(row["participants"]),
    }
    if not pooled:
        return line | {"effect": f"not pooled: {row['reason']}"} | dict.fromkeys(list(HEADINGS)[5:], NO_VALUE)
    return line | {
        "effect": effect_text(row),
        "prediction": prediction_text(row),
        # That a proportion differs from one half is nobody's question.
        "pval": NO_VALUE if row["scale"] == _PERCENT else p_number(row["pval"]),
        "tau2": number(row["tau2"], 2),
        "I2": f"{number(row['I2'], 0)}%",
    }
