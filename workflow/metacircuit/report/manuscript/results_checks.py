"""What the results say of the checks: other assumptions, studies left out, and small-study effects."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from metacircuit.report.manuscript.forms import PROPORTION, effect, natural_digits, reading_of, value_of
from metacircuit.report.manuscript.markup import listed, markdown, one_line, reason_of
from metacircuit.wording import degrees, number, p_value, plural

if TYPE_CHECKING:
    import pandas as pd

    from metacircuit.report.manuscript.sources import Quoted

    Row = dict[str, float | str]

_BOUNDS = {
    "leave_out": "leaving out the results with a bound only",
    "at_bound": "taking them at the bound",
    "censored": "entering them as censored observations",
}
# Of the methods, those that a text tells; the table of corrections and numbers.json have them all.
_TESTS = ("egger", "egger_modified", "peters", "harbord", "rank", "tes")
# The worst case is a bound on the estimate, not a correction of it.
_BOUND = "worst_case"
_SHOWN = ("trimfill_l0", "pet_peese", "3psm", "hc")
_MANY = 6  # names in a sentence; more are counted


def robustness(name: str, sources: Quoted) -> str:
    """Write how far the overall estimate depends on assumptions, single studies and small studies.

    Parameters
    ----------
    name : str
        The analysis.
    sources : Quoted
        Its tables; those of the diagnostics may be missing.

    Returns
    -------
    str
        Paragraphs of Markdown; empty if nothing was checked.
    """
    scale = reading_of(sources.estimates[name])
    refits = overall_rows(sources.leave_one_out[name])
    methods = [row | scale for row in overall_rows(sources.corrections[name]).to_dict("records")]
    readings = [markdown(text) for text in overall_rows(sources.readings[name])["sentence"] if one_line(text)]
    paragraphs = {
        "Other assumptions": [
            *_sensitivity(overall_rows(sources.sensitivity[name]).to_dict("records")),
            _multiverse(sources.shares[name], sources.estimates[name].iloc[0].to_dict()),
        ],
        "Single studies": [
            _influence(overall_rows(sources.influence[name])),
            _leave_one_out([row | scale for row in refits[refits["by"] == "study"].to_dict("records")]),
        ],
        "Small studies": [*_small_studies(methods), *readings],
    }
    told = {head: " ".join(filter(None, said)) for head, said in paragraphs.items()}
    return "\n\n".join(f"*{head}.* {text}" for head, text in told.items() if text)


def overall_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a diagnostic table that speak of all studies."""
    return table[table["grouping"] == "overall"]


def _multiverse(shares: pd.DataFrame, pooled: Row) -> str:
    told = [one_line(text) for text in shares["text"] if one_line(text)] if "text" in shares else []
    # The summary speaks of the scale on which the model was fitted.
    modelled = value_of(pooled, "estimate") == value_of(pooled, "natural") or pooled["status"] != "ok"
    scale = "" if modelled else ", on the scale of the model"
    return f"Under other choices{scale}: {markdown(told[0])}" if told else ""


def _sensitivity(rows: list[Row]) -> list[str]:
    rhos = [row for row in rows if row["choice"] == "rho"]
    bounds = [row for row in rows if row["choice"] == "bounds"]
    told = []
    pooled = [row for row in rhos if row["status"] == "ok"]
    if pooled:
        values = sorted(float(row["value"]) for row in pooled)
        told.append(
            f"With assumed correlations within studies from {values[0]:g} to {values[-1]:g}, the pooled estimate was"
            f" {natural_range(pooled)}."
        )
    if bounds:
        said = [
            f"{_BOUNDS[str(row['value'])]} gave {markdown(effect(row))}"
            if row["status"] == "ok"
            else f"{_BOUNDS[str(row['value'])]} gave no estimate ({markdown(reason_of(row))})"
            for row in bounds
        ]
        text = listed(said)
        told.append(text[:1].upper() + text[1:] + ".")
    return told


def natural_range(rows: list[Row]) -> str:
    """The range of the estimates of some rows, on the natural scale.

    >>> row = {"scale": "proportion", "natural": 0.3, "natural_lb": 0.25, "natural_ub": 0.35}
    >>> natural_range([row, row | {"natural": 0.35}])
    'between 30.0% and 35.0%'
    """
    ordered = sorted(rows, key=lambda row: value_of(row, "natural"))
    ends = (ordered[0], ordered[-1])
    decimals = max(natural_digits(row)[1] for row in ends)
    factor, _, unit = natural_digits(ends[0])
    texts = [f"{number(value_of(row, 'natural') * factor, decimals)}{unit}" for row in ends]
    return texts[0] if texts[0] == texts[1] else f"between {texts[0]} and {texts[1]}"


def _influence(influence: pd.DataFrame) -> str:
    known = influence[influence["status"] == "ok"]
    if known.empty:
        return ""
    labels = [markdown(unit) for unit in known.loc[known["is_infl"] == "yes", "unit"]]
    total = plural(len(known), "study", "studies")
    if not labels:
        return f"None of {total} was influential by the deletion diagnostics."
    named = f": {listed(labels)}" if len(labels) <= _MANY else ""
    verb = "was" if len(labels) == 1 else "were"
    return f"{len(labels)} of {total} {verb} influential by the deletion diagnostics{named}."


def _leave_one_out(rows: list[Row]) -> str:
    pooled = [row for row in rows if row["status"] == "ok"]
    if not pooled:
        return ""
    ps = np.array([value_of(row, "pval") for row in pooled])
    ends = [p for p in (np.nanmin(ps), np.nanmax(ps)) if isfinite(p)] if np.isfinite(ps).any() else []
    span = " to ".join(dict.fromkeys(p_value(p, "*p*") for p in ends))
    told = f" ({span})" if span and pooled[0]["scale"] != PROPORTION else ""
    failed = len(rows) - len(pooled)
    rest = f" Without {plural(failed, 'study', 'studies')} in turn nothing could be estimated." if failed else ""
    return f"Leaving out one study at a time gave pooled estimates {natural_range(pooled)}{told}.{rest}"


def _small_studies(rows: list[Row]) -> list[str]:
    known = {str(row["method"]): row for row in rows if row["status"] == "ok"}
    corrected = [
        row for row in known.values() if row["family"] == "correction" and effect(row) and row["method"] != _BOUND
    ]
    asked = [_test(known[name]) for name in _TESTS if name in known and isfinite(value_of(known[name], "pval"))]
    told = [f"Tests for small-study effects: {'; '.join(asked)}."] if asked else []
    shown = [row for row in corrected if row["method"] in _SHOWN]
    if shown:
        said = [f"{markdown(row['method_label'])}, {markdown(effect(row))}" for row in shown]
        told.append(f"Estimates corrected for them: {'; '.join(said)}.")
    if len(corrected) > len(shown):
        told.append(f"All {len(corrected)} corrected estimates were {natural_range(corrected)}.")
    reasons: dict[str, list[str]] = {}
    for row in rows:
        if row["status"] != "ok":
            reasons.setdefault(reason_of(row), []).append(markdown(row["method_label"]) or "any of the methods")
    if reasons:
        missing = [f"{listed(labels)} ({markdown(reason)})" for reason, labels in reasons.items()]
        told.append(f"Not possible: {'; '.join(missing)}.")
    return told


def _test(row: Row) -> str:
    stat, df, p = (value_of(row, name) for name in ("stat", "df", "pval"))
    shown = f"*t*({degrees(df)})" if isfinite(df) else "*z*"
    told = f"{shown} = {number(stat, 2)}, " if isfinite(stat) else ""
    return f"{markdown(row['method_label'])}, {told}{p_value(p, '*p*')}"
