"""What becomes of the model of a stratum without each study, as they come in, and which of them stand out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.diagnostics.battery.columns import INFLUENCE, NATURAL, REFIT
from metacircuit.diagnostics.baujat import baujat
from metacircuit.diagnostics.cumulative import PRECISION, cumul
from metacircuit.diagnostics.influence_mv import influence_mv
from metacircuit.diagnostics.leave_out import leave_out
from metacircuit.diagnostics.outliers import outliers
from metacircuit.effects.natural import natural_scale

if TYPE_CHECKING:
    from metacircuit.diagnostics.battery.subject import Subject
    from metacircuit.diagnostics.refit_table import RefitTable

# Fewer cannot be left out one by one.
FEWEST = 3


def influence_rows(subject: Subject) -> pd.DataFrame:
    """Influence by study: unit, the diagnostics, and whether the study is called influential."""
    if not subject.dependent:
        frame = subject.fit.influence().to_frame().rename(columns={"slab": "unit", "dfbs_intrcpt": "dfbs"})
        return _said(frame.assign(status="ok", reason=""))
    found = influence_mv(subject.fit)
    frame = found.to_frame().rename(columns={"study": "unit", "dfbs_intrcpt": "dfbs"})
    frame = frame.assign(tau2_del=found.sigma2_del.sum(axis=1), unit=_names(subject, frame["unit"]))
    return _said(frame)


def _said(frame: pd.DataFrame) -> pd.DataFrame:
    words = np.where(frame["is_infl"], "yes", "no")
    return frame.assign(is_infl=words)[["unit", *INFLUENCE, "status", "reason"]]


def leave_one_out_rows(subject: Subject, measure: str, by: str) -> pd.DataFrame:
    """The estimate without each study, or each effect."""
    slab = subject.rows["effect_id"].astype(str).to_numpy() if subject.dependent and by == "effect" else None
    table = leave_out(subject.fit, by=by, slab=slab) if subject.dependent else leave_out(subject.fit)
    return _refits(subject, table, measure, named=by == "study")


def cumulative_rows(subject: Subject, measure: str, order: str) -> tuple[pd.DataFrame, str]:
    """The estimate as studies join, and what the order is; studies without a value in the column come last."""
    values = pd.to_numeric(subject.rows[order], errors="coerce") if order in subject.rows else None
    if order == PRECISION or values is None or values.isna().all():
        return _refits(subject, cumul(subject.fit), measure), "precision, the most precise study first"
    last = float(values.max()) + 1
    table = cumul(subject.fit, values.fillna(last).to_numpy())
    missing = subject.rows.loc[values.isna(), "study_id"].nunique()
    said = order.replace("_", " ")
    return _refits(subject, table, measure), f"{said}; {missing} without it come last" if missing else said


def baujat_rows(subject: Subject) -> pd.DataFrame:
    """Contribution to heterogeneity (x) and influence on the estimate (y)."""
    frame = baujat(subject.fit).to_frame()
    frame = frame.rename(columns={frame.columns[0]: "unit"})
    return frame.assign(unit=_names(subject, frame["unit"])) if subject.dependent else frame


def outlier_rows(subject: Subject, measure: str) -> pd.DataFrame:
    """A row a rule: which studies it flags, and the estimate without them; the first row is of all studies."""
    found = outliers(subject.fit)
    codes = ["all", *found.rules, "any"]
    texts = found.rules | {"all": "All studies", "any": "Any of these rules"}
    flagged = [() if code == "all" else found.flagged(None if code == "any" else code) for code in codes]
    names = dict(zip(*_labels(subject), strict=True)) if subject.dependent else {}
    frame = _refits(subject, found.sensitivity, measure, named=False).drop(columns="unit")
    frame.insert(0, "rule", codes)
    frame.insert(1, "rule_text", [texts[code] for code in codes])
    frame.insert(2, "flagged", ["; ".join(names.get(unit, unit) for unit in units) for units in flagged])
    return frame


def _refits(subject: Subject, table: RefitTable, measure: str, *, named: bool = True) -> pd.DataFrame:
    """Refits under the columns that all of these tables share."""
    frame = table.to_frame().rename(columns={table.kind: "unit"})
    components = list(table.components)
    frame["tau2"] = frame[components].sum(axis=1, min_count=1)
    if subject.dependent and named:
        frame["unit"] = _names(subject, frame["unit"])
    transform = natural_scale(measure)[1]
    for name, of in zip(NATURAL, ("estimate", "ci_lb", "ci_ub"), strict=True):
        frame[name] = transform(frame[of].to_numpy(float))
    frame["df"] = frame["df"].where(np.isfinite(frame["df"]))
    return frame[["unit", *REFIT, *NATURAL, "status", "reason"]]


def _labels(subject: Subject) -> tuple[list[str], list[str]]:
    return subject.studies["study_id"].astype(str).tolist(), subject.studies["study_label"].astype(str).tolist()


def _names(subject: Subject, units: pd.Series) -> pd.Series:
    """Studies by the names that figures use."""
    names = dict(zip(*_labels(subject), strict=True))
    return units.map(lambda unit: names.get(unit, unit))
