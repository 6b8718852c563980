"""What the diagnostics of a stratum look at: its effects, their model, and one effect a study beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.models.pooling.che import fit_che, study_means
from metacircuit.models.pooling.univariate import fit_univariate
from metacircuit.models.rma_mv import RMAMV

if TYPE_CHECKING:
    from metacircuit.config import Model
    from metacircuit.models.rma import RMA


@dataclass(frozen=True, slots=True)
class Subject:
    """The effects of a stratum under the model of its analysis.

    Attributes
    ----------
    rows : DataFrame
        One row an effect: study_id, study_label, yi, vi, and what else the sheet has.
    fit : RMA or RMAMV
        The model of these effects; of proportions, the model of their logits.
    studies : DataFrame
        One row a study: study_id, study_label, yi, vi (of dependent effects, their mean as the model weights them).
    independent : RMA
        The model of `studies`, for methods that know no dependence; where no study has two effects, `fit` itself.
    """

    rows: pd.DataFrame
    fit: RMA | RMAMV
    studies: pd.DataFrame
    independent: RMA

    @property
    def dependent(self) -> bool:
        """Whether the model knows of several effects in a study."""
        return isinstance(self.fit, RMAMV)

    @property
    def effects_are(self) -> str:
        """What the methods that know dependence are given."""
        return "effects, CR2" if self.dependent else "effects"

    @property
    def studies_are(self) -> str:
        """What the methods that do not are given."""
        return "study means" if self.dependent else "effects"


def subject_of(rows: pd.DataFrame, model: Model, *, dependent: bool) -> Subject:
    """Fit the models that the diagnostics of a stratum start from.

    Parameters
    ----------
    rows : DataFrame
        study_id, study_label, yi, vi; every row with an estimate.
    model : Model
        The analysis's model.
    dependent : bool
        Whether the analysis is pooled by CHE.

    Returns
    -------
    Subject
    """
    rows = rows.reset_index(drop=True)
    if not dependent:
        labelled = rows.assign(study_label=_distinct(rows))
        fit = fit_univariate(labelled, model, slab=labelled["study_label"])
        return Subject(rows, fit, labelled[["study_id", "study_label", "yi", "vi"]], fit)
    fit = fit_che(rows, model)
    names = rows.groupby("study_id", sort=True)["study_label"].first()
    means = study_means(rows, model.rho, fit).assign(study_label=lambda m: m["study_id"].map(names))
    independent = fit_univariate(means, model, slab=means["study_label"])
    return Subject(rows, fit, means[["study_id", "study_label", "yi", "vi"]], independent)


def _distinct(rows: pd.DataFrame) -> pd.Series:
    """Names of the rows: of the study, and where it has several, the effect's own id."""
    labels = rows["study_label"].astype(str)
    return labels.where(~rows["study_id"].duplicated(keep=False), labels + " (" + rows["effect_id"].astype(str) + ")")


def column(rows: pd.DataFrame, name: str) -> np.ndarray | None:
    """A column of numbers, if every row has one."""
    if name not in rows:
        return None
    values = pd.to_numeric(rows[name], errors="coerce").to_numpy(float)
    return values if len(values) and np.isfinite(values).all() else None
