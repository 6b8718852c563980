"""Univariate models of thousands of row sets at once, one effect a study or effects as if they were independent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from metacircuit.diagnostics.multiverse.outcomes import COLUMNS, NO_TEST, NOT_CONVERGED, OK
from metacircuit.stats.aggregate import aggregate_cs
from metacircuit.stats.batch import ManyFits, fit_many

if TYPE_CHECKING:
    from collections.abc import Callable

    from metacircuit.config import Model
    from metacircuit.diagnostics.multiverse.evidence import Evidence

Masks = NDArray[np.bool_]
Array = NDArray[np.float64]

_NO_TEST = "the estimates do not differ at all, so the test has no variance to go by"


@dataclass(frozen=True, slots=True)
class Samples:
    """B data sets of up to n effects: estimates, variances and which are present, (B, n) or broadcast to it."""

    yi: Array
    vi: Array
    present: Masks


def independent(evidence: Evidence, masks: Masks, _rho: Array) -> Samples:
    """All effects of each row set."""
    return Samples(evidence.yi, evidence.vi, masks)


def largest(evidence: Evidence, masks: Masks, _rho: Array) -> Samples:
    """Of each study the effect with the most people; the more precise one, then the first one, where these tie.

    Where no size is printed, precision decides.
    """
    people = -np.inf * np.ones(len(evidence.yi))
    if "participants" in evidence.rows:
        people = np.nan_to_num(pd.to_numeric(evidence.rows["participants"]).to_numpy(float), nan=-np.inf)
    order = np.lexsort((np.arange(len(people)), evidence.vi, -people))
    taken = np.zeros((len(masks), evidence.studies), dtype=bool)
    present = np.zeros_like(masks)
    for row in order:
        study = evidence.study[row]
        present[:, row] = masks[:, row] & ~taken[:, study]
        taken[:, study] |= masks[:, row]
    return Samples(evidence.yi, evidence.vi, present)


def study_means(evidence: Evidence, masks: Masks, rho: Array) -> Samples:
    """The best mean of the effects of each study under the assumed correlation, (B, J)."""
    J = evidence.studies
    at, row = np.nonzero(masks)
    cell, code = np.unique(at * J + evidence.study[row], return_inverse=True)
    mean = aggregate_cs(evidence.yi[row], evidence.vi[row], code.reshape(-1), rho[cell // J])
    yi, vi, present = np.zeros((len(masks), J)), np.ones((len(masks), J)), np.zeros((len(masks), J), dtype=bool)
    yi.flat[cell], vi.flat[cell], present.flat[cell] = mean.yi, mean.vi, True
    return Samples(yi, vi, present)


ENGINES: dict[str, Callable[[Evidence, Masks, Array], Samples]] = {
    "independent": independent,
    "largest": largest,
    "study_means": study_means,
}


def fit_univariate(evidence: Evidence, masks: Masks, models: pd.DataFrame, model: Model) -> pd.DataFrame:
    """Fit many univariate models.

    Parameters
    ----------
    evidence : Evidence
        The rows of one conversion.
    masks : (B, K) bool
        The row set of each model.
    models : DataFrame
        B rows: engine, rho, method.
    model : Model
        Test and level of the main analysis.

    Returns
    -------
    DataFrame
        Outcomes by the index of `models`; each equals `rma` on the same data.
    """
    found = []
    for (engine, method), group in models.groupby(["engine", "method"], sort=False):
        chosen = masks[models.index.get_indexer(group.index)]
        data = ENGINES[engine](evidence, chosen, group["rho"].to_numpy(float))
        fit = fit_many(data.yi, data.vi, mask=data.present, method=method, test=model.test)
        effects = chosen if engine == "study_means" else data.present
        found.append(_outcomes(fit, model.level, effects.sum(axis=1), group.index))
    return pd.concat(found)


def _outcomes(fit: ManyFits, level: float, k: NDArray[np.intp], index: pd.Index) -> pd.DataFrame:
    upper = 0.5 + level / 200
    finite = np.isfinite(fit.dfs)
    reach = np.where(finite, stdtrit(np.where(finite, fit.dfs, 1.0), upper), ndtri(upper)) * fit.se[:, 0]
    tested = np.isfinite(fit.pval[:, 0])
    table = pd.DataFrame(
        {
            "k": k,
            "studies": fit.k,
            "estimate": fit.beta[:, 0],
            "se": np.where(tested, fit.se[:, 0], np.nan),
            "ci_lb": np.where(tested, fit.beta[:, 0] - reach, np.nan),
            "ci_ub": np.where(tested, fit.beta[:, 0] + reach, np.nan),
            "pval": fit.pval[:, 0],
            "tau2": fit.tau2,
            "status": np.select([~fit.converged, ~tested], [NOT_CONVERGED, NO_TEST], OK).astype(object),
            "reason": np.where(tested, "", _NO_TEST).astype(object),
        },
        index=index,
    )
    return table[list(COLUMNS)]
