"""Which model pools an analysis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from metacircuit.models.pooling.bounds import at_bound, pool_censored
from metacircuit.models.pooling.che import contrast_che, pool_che
from metacircuit.models.pooling.glmm import contrast_glmm, pool_glmm
from metacircuit.models.pooling.univariate import contrast_univariate, pool_univariate

if TYPE_CHECKING:
    import pandas as pd

    from metacircuit.config import Model
    from metacircuit.models.pooling.pool import Contrast, Pool


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an analysis is pooled: which rows, one stratum, and the test between strata."""

    rows: Callable[[pd.DataFrame], pd.DataFrame]
    pool: Callable[[pd.DataFrame, Model], Pool]
    contrast: Callable[[pd.DataFrame, Model], Contrast]
    caveat: str = ""
    has_rho: bool = False

    def without_intervals_of_components(self) -> Recipe:
        """The same estimates without the profile intervals of their variances, which take most of the time."""
        return replace(self, pool=partial(pool_che, intervals=False)) if self.has_rho else self


_MODELS = {
    "univariate": (pool_univariate, contrast_univariate),
    "che": (pool_che, contrast_che),
    "glmm": (pool_glmm, contrast_glmm),
}


def kind_of(rows: pd.DataFrame, measure: str, model: Model) -> str:
    """The kind of model that `recipe_for` pools the estimates with: univariate, che or glmm."""
    if model.kind != "auto":
        return model.kind
    several = rows.loc[rows["status"] == "analysed", "study_id"].duplicated().any()
    return "glmm" if measure == "PLO" else "che" if several else "univariate"


def recipe_for(rows: pd.DataFrame, measure: str, model: Model) -> Recipe:
    """Choose the model of an analysis.

    Parameters
    ----------
    rows : DataFrame
        The effects of the analysis: study_id, status.
    measure : str
        Code of the measure.
    model : Model
        `kind` names a model, or is "auto": proportions get the binomial–normal GLMM, analyses in which a study has
        several effects CHE, and others the univariate model. `bounds` says what becomes of results with a bound only.

    Returns
    -------
    Recipe
        The same for all strata of the analysis.
    """
    kind = kind_of(rows, measure, model)
    pool, contrast = _MODELS[kind]
    if model.bounds == "leave_out":
        return Recipe(_analysed, pool, contrast, has_rho=kind == "che")
    if model.bounds == "at_bound":
        return Recipe(at_bound, pool, contrast, has_rho=kind == "che")
    # The likelihood of bounds has no robust test between strata; the test is that of the estimates.
    return Recipe(_all, pool_censored, contrast, "tested on the printed estimates, without the bounds")


def _analysed(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["status"] == "analysed"]


def _all(rows: pd.DataFrame) -> pd.DataFrame:
    return rows
