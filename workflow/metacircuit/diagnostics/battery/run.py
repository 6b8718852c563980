"""All diagnostics of an analysis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.diagnostics.battery.asymmetry import asymmetry
from metacircuit.diagnostics.battery.columns import COLUMNS, HEAD, NATURAL
from metacircuit.diagnostics.battery.corrected import corrected, uncorrected
from metacircuit.diagnostics.battery.readings import reading
from metacircuit.diagnostics.battery.refitted import (
    FEWEST,
    baujat_rows,
    cumulative_rows,
    influence_rows,
    leave_one_out_rows,
    outlier_rows,
)
from metacircuit.diagnostics.battery.subject import Subject, subject_of
from metacircuit.diagnostics.battery.subsets import gosh_tables, seed_of
from metacircuit.diagnostics.outcome import FEW_STUDIES
from metacircuit.effects.natural import natural_scale
from metacircuit.models.pooling.choose import kind_of, recipe_for
from metacircuit.models.strata import OVERALL, strata_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from metacircuit.config import DiagnoseSlice


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """The tables of an analysis, by name; COLUMNS has their columns."""

    tables: dict[str, pd.DataFrame]


def diagnose(
    effects: pd.DataFrame,
    estimates: pd.DataFrame,
    spec: DiagnoseSlice,
    words: Mapping[str, pd.DataFrame],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Diagnostics:
    """Look for influence, small-study effects and selection, overall and in every stratum of a single factor.

    Parameters
    ----------
    effects : DataFrame
        effects/ANALYSIS.csv, and perhaps columns of the studies to order them by.
    estimates : DataFrame
        estimates/ANALYSIS.csv.
    spec : DiagnoseSlice
        Groupings, model and what is asked.
    words : mapping of str to DataFrame
        Vocabularies.
    progress : function of (done, total), optional
        Called after each stratum.

    Returns
    -------
    Diagnostics
        A stratum that was not pooled has one row a table, with the reason. Effects by effect, GOSH and its clusters
        are of all studies together.
    """
    taken = effects[effects["status"].isin(("analysed", "bound"))]
    recipe = recipe_for(taken, spec.measure, spec.model)
    dependent = kind_of(taken, spec.measure, spec.model) == "che"
    factors = tuple(grouping for grouping in spec.groupings if ":" not in grouping)
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in COLUMNS}
    strata = list(strata_of(taken, factors, words))
    for n, stratum in enumerate(strata):
        rows = recipe.rows(stratum.rows)
        pooled = _pooled(estimates, stratum.grouping, stratum.name)
        known = rows[rows["yi"].notna()]
        why = _not_diagnosed(pooled, known)
        if why:
            found = {
                name: pd.DataFrame([{"status": why[0], "reason": why[1]}]) for name in COLUMNS if name not in _GOSH
            }
        else:
            subject = subject_of(known, spec.model, dependent=dependent)
            found = _tables(subject, pooled, spec, overall=stratum.grouping == OVERALL)
        head = dict(zip(HEAD, (spec.analysis, stratum.grouping, stratum.name, stratum.label), strict=True))
        for name, table in found.items():
            parts[name].append(table if name in _GOSH else table.assign(**head))
        if progress:
            progress(n + 1, len(strata))
    return Diagnostics({name: _joined(parts[name], columns) for name, columns in COLUMNS.items()})


_GOSH = ("gosh", "gosh_clusters")


def _pooled(estimates: pd.DataFrame, grouping: str, stratum: str) -> dict[str, object]:
    here = estimates[(estimates["grouping"] == grouping) & (estimates["stratum"].astype(str) == stratum)]
    return here.iloc[0].to_dict()


def _not_diagnosed(pooled: Mapping[str, object], rows: pd.DataFrame) -> tuple[str, str] | None:
    """Status and reason of a stratum in which there is nothing to diagnose."""
    if pooled["status"] != "ok":
        return str(pooled["status"]), str(pooled["reason"])
    studies = rows["study_id"].nunique()
    if studies < FEWEST:
        return "too_few", f"{studies} studies; the diagnostics need {FEWEST}"
    return None


def _tables(
    subject: Subject, pooled: Mapping[str, object], spec: DiagnoseSlice, *, overall: bool
) -> dict[str, pd.DataFrame]:
    cumulative, order = cumulative_rows(subject, spec.measure, spec.diagnosis.order)
    left_out = [leave_one_out_rows(subject, spec.measure, "study").assign(by="study")]
    if overall and subject.dependent:
        left_out.append(leave_one_out_rows(subject, spec.measure, "effect").assign(by="effect"))
    methods = _methods(subject, pooled, spec)
    few = methods["few"].iloc[0]
    said = reading(methods.rename(columns={"method_label": "label"}), 1 - spec.model.level / 100)
    tables = {
        "influence": influence_rows(subject),
        "leave_one_out": pd.concat(left_out, ignore_index=True),
        "cumulative": cumulative.assign(order=order),
        "baujat": baujat_rows(subject),
        "outliers": outlier_rows(subject, spec.measure),
        "corrections": methods,
        "readings": pd.DataFrame(
            [{"studies": methods["studies"].max(), "few": few, "sentence": said, "status": "ok", "reason": ""}]
        ),
    }
    if overall:
        subsets, clusters = gosh_tables(subject, spec.diagnosis.gosh_subsets, f"gosh/{spec.analysis}")
        tables |= {"gosh": subsets, "gosh_clusters": clusters}
    return tables


def _methods(subject: Subject, pooled: Mapping[str, object], spec: DiagnoseSlice) -> pd.DataFrame:
    """Tests and corrections side by side, the uncorrected estimate first."""
    seed = seed_of(f"selection/{spec.analysis}/{pooled['grouping']}/{pooled['stratum']}")
    every = pooled["grouping"] == OVERALL or subject.studies["study_id"].nunique() >= FEW_STUDIES
    rows = [
        uncorrected(subject, pooled),
        *corrected(subject, every=every, bootstrap=spec.diagnosis.bootstrap, seed=seed),
        *asymmetry(subject, spec.measure),
    ]
    table = pd.DataFrame(rows).rename(columns={"label": "method_label"})
    transform = natural_scale(spec.measure)[1]
    natural = dict(zip(NATURAL, ("estimate", "ci_lb", "ci_ub"), strict=True))
    return table.assign(**{name: transform(table[of].to_numpy(float)) for name, of in natural.items()})


def _joined(parts: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    rows = [row for part in parts for row in part.to_dict("records")]
    return pd.DataFrame(rows, columns=list(columns))
