"""Tests of one stratum: its effect, its heterogeneity, the number of its studies, and a moderator within it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.claims.certainty import rating
from metacircuit.claims.evidence import NAN, Evidence
from metacircuit.claims.joint import kind_of, slope
from metacircuit.claims.rows import Results, is_narrowed, rows_of, shown
from metacircuit.config.errors import UserError
from metacircuit.models.analysis import estimate_row, fit_cell
from metacircuit.models.mv_total import total_interval
from metacircuit.models.pooling.che import NAME as CHE
from metacircuit.models.pooling.che import fit_che
from metacircuit.models.strata import OVERALL, Stratum, strata_of

if TYPE_CHECKING:
    from metacircuit.claims.schema import Claim


def of_stratum(claim: Claim, results: Results) -> Evidence:
    """The pooled effect of one stratum: read from the estimates, or fitted where the claim is about a part of it."""
    found = _row(claim, results)
    if isinstance(found, str):
        return _without(found, claim, results)
    row, _ = found
    numbers = {name: _number(row, name) for name in ("estimate", "se", "pval", "ci_lb", "ci_ub", "pi_lb", "pi_ub")}
    return Evidence(**numbers, **_common(row, claim, results))


def of_heterogeneity(claim: Claim, results: Results) -> Evidence:
    """The standard deviation of true effects in one stratum, with its interval."""
    found = _row(claim, results)
    if isinstance(found, str):
        return _without(found, claim, results)
    row, rows = found
    lower, upper, how = _number(row, "tau2_lb"), _number(row, "tau2_ub"), "interval of τ² as in the table of estimates"
    if not np.isfinite(lower) and row["model"] == CHE:
        known = rows[rows["yi"].notna()]
        lower, upper = total_interval(fit_che(known, results.spec.model))
        how = "profile likelihood of the total variance, between and within studies"
    common = _common(row, claim, results) | {"certainty": "", "method": f"{row['model']}; {how}", "notes": ()}
    tau = np.sqrt(np.array([_number(row, "tau2"), lower, upper]))
    return Evidence(estimate=float(tau[0]), ci_lb=float(tau[1]), ci_ub=float(tau[2]), **common)


def of_count(claim: Claim, results: Results) -> Evidence:
    """How many studies have an estimate in one stratum; none where no row has its word."""
    rows = _stratum_rows(claim, results)
    known = rows[rows["status"] == "analysed"]
    studies = float(known["study_id"].nunique())
    return Evidence(
        estimate=studies,
        k=float(len(known)),
        studies=studies,
        level=results.spec.model.level,
        method="count of the studies that are analysed",
        notes=(shown(rows),) if len(rows) > len(known) else (),
    )


def of_moderator(claim: Claim, results: Results) -> Evidence:
    """The change of the effect with a number that is coded for each row."""
    column, per = str(claim.contrast.moderator), claim.contrast.per
    rows = _stratum_rows(claim, results) if claim.contrast.stratum else rows_of(claim, results)[0]
    if column not in rows or not pd.api.types.is_numeric_dtype(rows[column]):
        raise UserError(f"claims: {claim.id}: {column!r} is not a column of numbers in effects/{claim.analysis}.csv.")
    known = results.recipe.rows(rows)
    known = known[known["yi"].notna()]
    used = known[known[column].notna()].reset_index(drop=True)
    studies = used["study_id"].nunique()
    least = results.spec.model.min_studies + 1
    if studies < least or used[column].nunique() < 2:
        lacks = f"{studies} studies with a value of {column}" if studies < least else f"{column} does not vary"
        return Evidence(missing=(f"{lacks}; a slope needs {least} studies and two values",))
    found, method = slope(used, column, kind_of(results.recipe), results.spec.model)
    scaled = {name: float(getattr(found, name)[0]) * per for name in ("estimate", "se", "ci_lb", "ci_ub")}
    lost = len(known) - len(used)
    return Evidence(
        **scaled,
        pval=float(found.pval[0]),
        level=results.spec.model.level,
        k=float(len(used)),
        studies=float(studies),
        method=method,
        notes=(f"{lost} effects without a value of {column} are left out",) if lost else (),
    )


def _row(claim: Claim, results: Results) -> tuple[dict, pd.DataFrame] | str:
    """The estimate of the claim's stratum and its rows, or why there is none."""
    stratum, rows = claim.contrast.stratum, _stratum_rows(claim, results)
    if is_narrowed(claim):
        own = Stratum(claim.grouping, str(stratum), str(stratum), rows)
        recipe = results.recipe.without_intervals_of_components()
        row = estimate_row(fit_cell(own, recipe, results.spec), results.spec)
    else:
        table = results.estimates
        match = table[(table["grouping"] == claim.grouping) & (table["stratum"] == stratum)]
        if match.empty:
            return "no row of the analysis has this stratum"
        row = match.iloc[0].to_dict()
    return (row, rows) if row["status"] == "ok" else str(row["reason"])


def _stratum_rows(claim: Claim, results: Results) -> pd.DataFrame:
    """The rows of the claim's stratum, bounds among them."""
    rows, grouping = rows_of(claim, results)
    if grouping == OVERALL:
        return rows
    found = {s.name: s.rows for s in strata_of(rows, (grouping,), results.words) if s.grouping == grouping}
    return found.get(str(claim.contrast.stratum), rows.iloc[:0])


def _without(reason: str, claim: Claim, results: Results) -> Evidence:
    rows = _stratum_rows(claim, results)
    known = rows[rows["status"] == "analysed"]
    studies, least = known["study_id"].nunique(), results.spec.model.min_studies
    lacks = f"at least {least} studies; found: {shown(rows)}" if studies < least else reason
    return Evidence(k=float(len(known)), studies=float(studies), missing=(lacks,))


def _common(row: dict, claim: Claim, results: Results) -> dict[str, object]:
    test = f", {row['test']}" if row.get("test") else ""
    return {
        "level": _number(row, "level"),
        "k": _number(row, "k"),
        "studies": _number(row, "studies"),
        "tau": float(np.sqrt(_number(row, "tau2"))),
        "certainty": rating(claim, results, claim.contrast.strata),
        "method": f"{row['model']}{test}",
        "notes": (str(row["reason"]),) if row.get("reason") else (),
    }


def _number(row: dict, name: str) -> float:
    value = row.get(name)
    return NAN if value is None or value == "" else float(value)
