"""Fitting the distinct models of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.diagnostics.multiverse import one_by_one, univariate
from metacircuit.diagnostics.multiverse.outcomes import COLUMNS, TOO_FEW, empty
from metacircuit.wording import plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metacircuit.config import Model
    from metacircuit.diagnostics.multiverse.evidence import Evidence
    from metacircuit.diagnostics.multiverse.one_by_one import Progress
    from metacircuit.diagnostics.multiverse.specifications import Plan


def fit_models(
    todo: Plan, evidence: Mapping[str, Evidence], model: Model, most: int, progress: Progress | None = None
) -> pd.DataFrame:
    """Fit every distinct model.

    Parameters
    ----------
    todo : Plan
        Models and row sets.
    evidence : mapping of str to Evidence
        By conversion.
    model : Model
        Test, level and the fewest studies of the main analysis.
    most : int
        How many models are fitted that need an iteration of their own.
    progress : function of (done, total), optional
        Called after each of those.

    Returns
    -------
    DataFrame
        A row a model: k, studies, estimate, se, ci_lb, ci_ub, pval, tau2, status, reason.
    """
    models = todo.models
    found = empty(models.index)
    enough = pd.Series(False, index=models.index)
    for conversion, group in models.groupby("conversion", sort=False):
        table = evidence[conversion]
        masks = todo.row_sets[conversion][group["row_set"]]
        # A study that is known by bounds alone counts towards no estimate but one at its bound.
        counted = np.where(group["engine"].eq("censored").to_numpy()[:, None], masks & table.exact, masks)
        studies = (table.counts(counted) > 0).sum(axis=1)
        enough[group.index] = studies >= model.min_studies
        found.loc[group.index, "k"], found.loc[group.index, "studies"] = masks.sum(axis=1), studies
        many = enough[group.index].to_numpy() & group["engine"].isin(univariate.ENGINES).to_numpy()
        if many.any():
            fitted = univariate.fit_univariate(table, masks[many], group[many], model)
            found.loc[fitted.index, list(COLUMNS)] = fitted
    found.loc[~enough, "status"] = TOO_FEW
    found.loc[~enough, "reason"] = [_too_few(n, model) for n in found.loc[~enough, "studies"]]
    slow = models[enough & models["engine"].isin(one_by_one.ENGINES)]
    if len(slow):
        fitted = one_by_one.fit_one_by_one(evidence, todo.row_sets, slow, model, most, progress)
        found.loc[fitted.index, list(COLUMNS)] = fitted[list(COLUMNS)]
    return found


def _too_few(studies: int, model: Model) -> str:
    return f"{plural(studies, 'study', 'studies')}; at least {model.min_studies} are pooled"
