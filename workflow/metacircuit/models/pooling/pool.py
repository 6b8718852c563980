"""What every model reports of a stratum, and of the differences between strata."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Pool:
    """The pooled effect of a stratum; what a model does not give is NaN.

    Attributes
    ----------
    model, method, test : str
        In words for the tables: the model, the estimator of its variances, the test of its mean.
    estimate, se, stat, df, pval, ci_lb, ci_ub : float
        The mean effect and its inference.
    pi_lb, pi_ub : float
        Prediction interval of the true effect of a new study.
    tau2, tau2_lb, tau2_ub : float
        Total variance of true effects and, where there is one component, its interval.
    sigma2_study, sigma2_effect : float
        Its parts between and within studies, with their intervals.
    I2, H2, QE, QE_df, QEp : float
        Heterogeneity.
    studies : DataFrame
        What a forest plot shows: study_id, effects, yi, vi, weight (percent).
    converged : bool
    note : str
        What a reader must know beside the numbers.
    """

    model: str
    method: str
    test: str
    estimate: float
    se: float
    stat: float
    df: float
    pval: float
    ci_lb: float
    ci_ub: float
    pi_lb: float
    pi_ub: float
    tau2: float
    studies: pd.DataFrame = field(repr=False)
    tau2_lb: float = NAN
    tau2_ub: float = NAN
    sigma2_study: float = NAN
    sigma2_study_lb: float = NAN
    sigma2_study_ub: float = NAN
    sigma2_effect: float = NAN
    sigma2_effect_lb: float = NAN
    sigma2_effect_ub: float = NAN
    I2: float = NAN
    H2: float = NAN
    QE: float = NAN
    QE_df: float = NAN
    QEp: float = NAN
    rho: float = NAN
    converged: bool = True
    note: str = ""

    @property
    def status(self) -> str:
        """ok, not_converged, or not_estimable where there is no standard error."""
        if not self.converged:
            return "not_converged"
        return "ok" if np.isfinite([self.estimate, self.se]).all() else "not_estimable"


@dataclass(frozen=True, slots=True)
class Contrast:
    """The joint test of the differences between strata: an F on df1 and df2, or a chi-square on df1 (df2 NaN)."""

    model: str
    QM: float
    df1: float
    df2: float
    pval: float
    tau2: float
    R2: float = NAN
    converged: bool = True
    note: str = ""


def repeated(rows: pd.DataFrame) -> str:
    """Say how many rows a model takes as independent although they share a study."""
    several = int(rows["study_id"].duplicated().sum())
    return (
        f"{several} further row{'' if several == 1 else 's'} of the same studies, taken as independent"
        if several
        else ""
    )


def percent(weights: np.ndarray) -> np.ndarray:
    """Weights as percent of their sum."""
    return 100 * weights / weights.sum()


def explained(total: float, residual: float) -> float:
    """Percent of the heterogeneity that the strata explain, as metafor's R2; NaN if there is none to explain."""
    return max(0.0, 100 * (total - residual) / total) if total > 0 else NAN
