"""Sections that stand in the page when their tables do: the claims with their verdicts, and the corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.effects.natural import natural_scale
from metacircuit.wording import degrees, interval, number, p_number, plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metacircuit.config import Settings

VERDICTS = ("supported", "contradicted", "inconclusive", "not testable")
_TEXT = ("id", "statement", "source", "analysis", "certainty", "verdict", "reason")


def claims_section(claims: pd.DataFrame | None, settings: Settings) -> dict[str, object] | None:
    """Write the claims for readers.

    Parameters
    ----------
    claims : DataFrame or None
        claims.csv: id, statement, source, analysis, estimate, ci_lb, ci_ub, sesoi, k, studies, certainty, verdict,
        reason.
    settings : Settings
        For the titles of the analyses.

    Returns
    -------
    dict or None
        `tally` by verdict, in the order of `VERDICTS`, and `rows` as text; None without claims.
    """
    if claims is None or claims.empty:
        return None
    rows = [_claim(row, settings) for row in claims.to_dict("records")]
    found = dict.fromkeys([*VERDICTS, *sorted({row["verdict"] for row in rows} - set(VERDICTS))])
    tally = {verdict: sum(row["verdict"] == verdict for row in rows) for verdict in found}
    return {"rows": rows, "tally": {verdict: n for verdict, n in tally.items() if n}}


def _claim(row: Mapping[str, object], settings: Settings) -> dict[str, str]:
    text = {name: _text(row.get(name)) for name in _TEXT}
    verdict = text["verdict"].replace("_", " ").strip()
    analysis = text["analysis"]
    known = analysis in settings.analyses
    estimate, lower, upper, least, k, studies = (
        _float(row.get(name)) for name in ("estimate", "ci_lb", "ci_ub", "sesoi", "k", "studies")
    )
    evidence = f"{number(estimate, 2)} {interval(lower, upper, 2)}" if pd.notna(estimate) else ""
    basis = [
        plural(k, "effect") if pd.notna(k) else "",
        plural(studies, "study", "studies") if pd.notna(studies) else "",
    ]
    return text | {
        "reason": _plain(text["reason"]),
        "lead": "Missing" if _text(row.get("missing")) else "What would change it",
        "change": _plain(_text(row.get("missing")) or _text(row.get("would_change"))),
        "notes": _text(row.get("notes")),
        "verdict": verdict,
        "kind": verdict.replace(" ", "-") if verdict in VERDICTS else "other",
        "title": settings.analyses[analysis].title if known else analysis,
        "link": analysis if known else "",
        "evidence": evidence,
        "basis": ", ".join(filter(None, basis)),
        "sesoi": f"{least:.4g}" if pd.notna(least) else "",
    }


def corrections_table(corrections: pd.DataFrame, measure: str) -> list[dict[str, str]]:
    """Write the tests of and corrections for small-study effects in all studies, a line a method.

    Parameters
    ----------
    corrections : DataFrame
        diagnostics/ANALYSIS/corrections.csv.
    measure : str
        Code of the measure, for its natural scale.

    Returns
    -------
    list of dict of str
        label, family, given, effect, test, pval and remark.
    """
    factor = 100.0 if natural_scale(measure).name == "proportion" else 1.0
    overall = corrections[corrections["grouping"] == "overall"]
    return [_correction(row, factor) for row in overall.to_dict("records")]


def _correction(row: Mapping[str, object], factor: float) -> dict[str, str]:
    names = ("natural", "natural_lb", "natural_ub", "stat", "df", "pval", "quantity")
    value, lower, upper, stat, df, p, quantity = (_float(row.get(name)) for name in names)
    digits, unit = (1, "%") if factor > 1 else (2, "")
    effect = f"{number(factor * value, digits)}{unit} {interval(factor * lower, factor * upper, digits)}"
    found = f"{number(quantity, 2).removesuffix('.00')} {_text(row.get('quantity_is'))}"
    known = row["status"] == "ok"
    return {
        "label": _text(row.get("method_label")),
        "family": _text(row.get("family")),
        "given": _text(row.get("given")),
        "effect": effect if known and pd.notna(value) else "",
        "test": f"{number(stat, 2)}{f' (df {degrees(df)})' if pd.notna(df) else ''}"
        if known and pd.notna(stat)
        else "",
        "pval": p_number(p) if known and pd.notna(p) else "",
        "remark": ". ".join(
            text.strip().rstrip(".")
            for text in (_text(row.get("reason")), found if pd.notna(quantity) else "", _text(row.get("note")))
            if text.strip()
        ),
        "status": _text(row.get("status")),
    }


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _plain(text: str) -> str:
    """A sentence without the backticks that names have in the files of claims."""
    return text.replace("`", "")


def _float(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")
