"""What an orchard plot says, stratum by stratum: result tables in, effects, intervals and texts out. No geometry."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from metacircuit.figures.result import (
    Interval,
    Row,
    Writer,
    is_pooled,
    label_of,
    not_pooled,
    pooled_interval,
    prediction_interval,
    require_columns,
    split_estimates,
    value,
)
from metacircuit.figures.scales import Scale
from metacircuit.wording import plural

ALL = "All studies"


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """One row of an orchard plot.

    Parameters
    ----------
    label : the name of the stratum
    counted : how many effects and studies it has
    yi, sei : (k,) effects and standard errors on the analysis scale
    estimate, prediction : None where nothing was pooled, or no prediction interval is known
    written : estimate and interval as text, or why there is none
    predicted : the prediction interval as text; empty without one
    overall : whether it is the row of all studies
    """

    label: str
    counted: str
    yi: np.ndarray
    sei: np.ndarray
    estimate: Interval | None
    prediction: Interval | None
    written: str
    predicted: str
    overall: bool


def trees(
    effects: pd.DataFrame, estimates: pd.DataFrame, scale: Scale, brackets: tuple[str, str, str] = ("[", ", ", "]")
) -> tuple[list[Tree], int]:
    """The rows of an orchard plot, all studies last, and the number of effects without a value or a variance.

    Parameters
    ----------
    effects : stratum, yi, vi, and where it is known study_id
    estimates : the estimates of one grouping and the overall one
    brackets : what stands before, between and behind two limits
    """
    require_columns(effects, ("stratum", "yi", "vi"), "effects")
    groups, overall = split_estimates(estimates)
    yi, vi = (pd.to_numeric(effects[name]).to_numpy(float, na_value=math.nan) for name in ("yi", "vi"))
    usable = np.isfinite(yi) & np.isfinite(vi) & (vi > 0)
    strata = effects["stratum"].astype(str).to_numpy()
    studies = effects["study_id"].astype(str).to_numpy() if "study_id" in effects else None
    # A study of a stratum that the estimates do not know is shown all the same.
    known = dict(groups) | {name: {"stratum": name} for name in dict.fromkeys(strata) if name not in groups}
    # With an overall row alone, all effects are its own, whatever stratum they name.
    known = {} if not groups and overall is not None else known
    writer = _writer(scale, [*known.values(), *([overall] if overall else [])])
    found = []
    for name, row in known.items():
        rows = usable & (strata == name)
        if rows.any():
            found.append(_tree(row, yi[rows], vi[rows], _count(studies, rows), writer, brackets, overall=False))
    if overall is not None:
        found.append(_tree(overall, yi[usable], vi[usable], _count(studies, usable), writer, brackets, overall=True))
    return found, int((~usable).sum())


def _writer(scale: Scale, rows: list[Row]) -> Writer:
    return Writer.suiting(scale, [pooled_interval(row) for row in rows if is_pooled(row)])


def _count(studies: np.ndarray | None, rows: np.ndarray) -> int | None:
    return None if studies is None else len(set(studies[rows]))


def _tree(
    row: Row,
    yi: np.ndarray,
    vi: np.ndarray,
    studies: int | None,
    writer: Writer,
    brackets: tuple[str, str, str],
    *,
    overall: bool,
) -> Tree:
    known = value(row, "studies")
    studies = studies if studies is not None or math.isnan(known) else int(known)
    counted = plural(len(yi), "effect") + (f", {plural(studies, 'study', 'studies')}" if studies is not None else "")
    label = ALL if overall else label_of(row)
    if not is_pooled(row):
        return Tree(label, counted, yi, np.sqrt(vi), None, None, not_pooled(row, studies or 0), "", overall)
    interval, prediction = pooled_interval(row), prediction_interval(row)
    estimate, lower, upper = writer.parts(interval)
    shown = prediction if prediction.drawable else None
    before, between, behind = brackets
    written = f"{estimate} {before}{lower}{between}{upper}{behind}" if interval.drawable else estimate
    predicted = ""
    if shown is not None:
        _, lowest, highest = writer.parts(shown)
        predicted = f"PI {before}{lowest}{between}{highest}{behind}"
    return Tree(label, counted, yi, np.sqrt(vi), interval, shown, written, predicted, overall)
