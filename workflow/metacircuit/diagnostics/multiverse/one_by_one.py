"""Models that are fitted one at a time: CHE, the GLMM of proportions, and estimates together with bounds."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.diagnostics.multiverse.evidence import NUMBERS
from metacircuit.diagnostics.multiverse.outcomes import NO_TEST, NOT_CONVERGED, NOT_ESTIMABLE, NOT_RUN, OK
from metacircuit.diagnostics.multiverse.outcomes import NUMBERS as OUTCOMES
from metacircuit.models.pooling.bounds import pool_censored
from metacircuit.models.pooling.che import pool_che
from metacircuit.models.pooling.glmm import pool_glmm

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from metacircuit.config import Model
    from metacircuit.diagnostics.multiverse.evidence import Evidence
    from metacircuit.models.pooling.pool import Pool

    Progress = Callable[[int, int], None]

ENGINES: dict[str, Callable[[pd.DataFrame, Model], Pool]] = {
    "che": partial(pool_che, intervals=False),
    "glmm": pool_glmm,
    "censored": pool_censored,
}


def fit_one_by_one(
    evidence: Mapping[str, Evidence],
    row_sets: Mapping[str, NDArray[np.bool_]],
    models: pd.DataFrame,
    model: Model,
    most: int,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Fit models in the order of their distance from the main analysis, each distinct data set once.

    Parameters
    ----------
    evidence, row_sets : mappings by conversion
        The rows, and the distinct row sets (D, K).
    models : DataFrame
        conversion, row_set, engine, rho, method, departures.
    model : Model
        The main analysis: level, and tests of the GLMM.
    most : int
        How many models are fitted; the others get the status not_run.
    progress : function of (done, total), optional
        Called after each model.

    Returns
    -------
    DataFrame
        Outcomes by the index of `models`, in its order.
    """
    # Two conversions often agree on the rows that a specification takes: such models are one model.
    known: dict[tuple[object, ...], dict[str, object]] = {}
    found = {}
    for done, (index, row) in enumerate(models.sort_values("departures", kind="stable").iterrows(), start=1):
        table, mask = evidence[row["conversion"]], row_sets[row["conversion"]][row["row_set"]]
        rows = _rows(table, mask, keep_bounds=row["engine"] == "censored")
        key = (row["engine"], row["rho"], row["method"], *_content(rows))
        if key not in known and len(known) < most:
            known[key] = _fit(rows, row["engine"], _settings(model, row))
        found[index] = known.get(key) or _not_run(most)
        found[index] = found[index] | {"k": len(rows), "studies": rows["study_id"].nunique()}
        if progress is not None:
            progress(done, len(models))
    return pd.DataFrame.from_dict(found, orient="index").reindex(models.index)


def _rows(table: Evidence, mask: NDArray[np.bool_], *, keep_bounds: bool) -> pd.DataFrame:
    """The rows of a row set; a result with a bound only stands at it, unless the model knows what a bound is."""
    yi = np.where(table.exact, table.yi, np.nan) if keep_bounds else table.yi
    return table.rows.assign(yi=yi, vi=table.vi)[mask].reset_index(drop=True)


def _content(rows: pd.DataFrame) -> tuple[bytes | tuple[object, ...], ...]:
    """What a model reads of its rows."""
    numbers = [name for name in NUMBERS if name in rows]
    return (tuple(rows["study_id"]), *(rows[c].to_numpy(float).tobytes() for c in numbers))


def _settings(model: Model, row: pd.Series) -> Model:
    changes: dict[str, object] = {"rho": float(row["rho"]), "method": row["method"]} if row["engine"] == "che" else {}
    return model.model_copy(update=changes)


def _fit(rows: pd.DataFrame, engine: str, model: Model) -> dict[str, object]:
    try:
        pool = ENGINES[engine](rows, model)
    except (ValueError, np.linalg.LinAlgError) as error:
        return dict.fromkeys(OUTCOMES, np.nan) | {"status": NOT_ESTIMABLE, "reason": str(error)}
    numbers = {name: float(getattr(pool, name)) for name in OUTCOMES}
    status = OK if pool.converged else NOT_CONVERGED
    if not np.isfinite(numbers["pval"]):
        return numbers | {"status": NO_TEST, "reason": "the effects leave no robust variance to test with"}
    return numbers | {"status": status, "reason": pool.note}


def _not_run(most: int) -> dict[str, object]:
    reason = f"beyond the {most} models that max_models allows to be fitted one at a time"
    return dict.fromkeys(OUTCOMES, np.nan) | {"status": NOT_RUN, "reason": reason}
