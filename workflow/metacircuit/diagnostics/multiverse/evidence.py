"""The effects of an analysis as arrays: what every specification takes its rows from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metacircuit.models.pooling.bounds import at_bound

NEEDED = ("study_id", "yi", "vi")
NUMBERS = ("yi", "vi", "lower", "upper", "participants", "events1")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The rows of which an estimate or a bound is known, K of them in J studies, by study and effect.

    Attributes
    ----------
    rows : DataFrame
        As in effects/ANALYSIS.csv.
    yi, vi : (K,) array
        Estimates, results with a bound only at that bound, and their sampling variances.
    exact : (K,) bool
        Whether there is an estimate.
    study : (K,) int
        Code of the study, 0 … J - 1.
    """

    rows: pd.DataFrame
    yi: NDArray[np.float64]
    vi: NDArray[np.float64]
    exact: NDArray[np.bool_]
    study: NDArray[np.intp]

    @property
    def studies(self) -> int:
        """Number of studies."""
        return int(self.study.max()) + 1 if len(self.study) else 0

    def counts(self, masks: NDArray[np.bool_]) -> NDArray[np.intp]:
        """How many effects of each study (D, J) each of the row sets (D, K) holds."""
        members = np.zeros((len(self.study), self.studies), dtype=np.intp)
        members[np.arange(len(self.study)), self.study] = 1
        return masks.astype(np.intp) @ members


def evidence_of(effects: pd.DataFrame) -> Evidence:
    """Gather the usable rows of an effects table.

    Parameters
    ----------
    effects : DataFrame
        study_id, yi, vi and, where there are bounds, status, lower, upper. Without a status all rows are estimates.

    Returns
    -------
    Evidence

    Raises
    ------
    ValueError
        If a column is missing, or an estimate has no value or no positive variance.
    """
    missing = [column for column in NEEDED if column not in effects]
    if missing:
        raise ValueError(
            f"the effects have no column {', '.join(missing)}; a multiverse needs {', '.join(NEEDED)}"
            " (and status, lower, upper for results with a bound only)."
        )
    rows = effects if "status" in effects else effects.assign(status="analysed")
    rows = rows[rows["status"].isin(("analysed", "bound"))]
    order = [column for column in ("study_id", "effect_id") if column in rows]
    rows = _numeric(rows.sort_values(order, kind="stable", ignore_index=True))
    exact = rows["status"].eq("analysed").to_numpy()
    filled = rows if exact.all() else at_bound(rows)
    yi, vi = filled["yi"].to_numpy(float), filled["vi"].to_numpy(float)
    _check(rows, yi, vi)
    codes = pd.factorize(rows["study_id"], sort=True)[0]
    return Evidence(rows, yi, vi, exact, codes)


def _numeric(rows: pd.DataFrame) -> pd.DataFrame:
    """A column of empty cells comes from disk as text."""
    texts = [name for name in NUMBERS if name in rows and rows[name].dtype == object]
    return rows.assign(**{name: pd.to_numeric(rows[name].replace("", np.nan)) for name in texts})


def _check(rows: pd.DataFrame, yi: NDArray[np.float64], vi: NDArray[np.float64]) -> None:
    wrong = {
        "no study_id": (rows["study_id"].isna() | rows["study_id"].eq("")).to_numpy(),
        "no finite yi": ~np.isfinite(yi),
        "no positive, finite vi": ~(np.isfinite(vi) & (vi > 0)),
    }
    name = rows["effect_id"] if "effect_id" in rows else pd.Series(rows.index.astype(str))
    told = [f"{what}: {', '.join(name[bad].astype(str))}" for what, bad in wrong.items() if bad.any()]
    if told:
        raise ValueError(f"effects marked as analysed or bound have {'; '.join(told)}.")
