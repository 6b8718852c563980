"""The result of a univariate model."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.mv_fit import Fit
from metacircuit.models.robust import robust
from metacircuit.models.robust_result import RobustMV
from metacircuit.stats.fit_statistics import FitStatistics
from metacircuit.stats.formula import INTERCEPT, Design
from metacircuit.stats.linear import Sample, sample

from .confint import HeterogeneityInterval, confint
from .influence import Influence, LeaveOneOut, influence, leave1out
from .multilevel import as_multilevel
from .predict import Prediction, predict
from .text import describe, frame


@dataclass(frozen=True, slots=True, eq=False)
class RMA:
    """A fitted univariate model; vectors have one entry for each of the p coefficients.

    Attributes
    ----------
    beta, se, stat, pval, ci_lb, ci_ub : (p,) coefficients, their tests and intervals; `zval` is `stat`.
    vb : (p, p) covariance of the coefficients. names : the p names. dfs : of the tests, inf for z.
    tau2, se_tau2, I2 (percent), H2, R2 (percent; None without moderators) : heterogeneity.
    QE, QEp : test of residual heterogeneity. QM, QMdf, QMp : joint test of the moderators; F if the test uses t.
    fit_stats : "ML" and "REML" -> ll, dev, AIC, BIC, AICc. k, p, m : effects, coefficients, coefficients tested by QM.
    s2w : the factor of the Knapp-Hartung covariance. s2 : the typical sampling variance behind I2.
    converged, iterations, status, notes, dropped : how the fit went, what is undefined and why, columns left out and
    why.
    yi, vi, X, slab, weights : what was analysed. full_names, kept, null_space, means, design : where X comes from.
    """

    beta: np.ndarray
    se: np.ndarray
    stat: np.ndarray
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    vb: np.ndarray
    names: tuple[str, ...]
    dfs: float
    tau2: float
    se_tau2: float
    tau2_fixed: bool
    I2: float
    H2: float
    R2: float | None
    s2: float
    QE: float
    QEp: float
    QM: float
    QMdf: tuple[int, float]
    QMp: float
    fit_stats: dict[str, FitStatistics]
    s2w: float
    k: int
    p: int
    m: int
    tested: tuple[int, ...]
    method: str
    test: str
    level: float
    precision: str
    converged: bool
    iterations: int
    status: str
    notes: tuple[str, ...]
    dropped: dict[str, str]
    yi: np.ndarray = field(repr=False)
    vi: np.ndarray = field(repr=False)
    X: np.ndarray = field(repr=False)
    slab: tuple[str, ...] = field(repr=False)
    weights: np.ndarray | None = field(repr=False)
    full_names: tuple[str, ...] = field(repr=False)
    kept: tuple[int, ...] = field(repr=False)
    null_space: np.ndarray = field(repr=False)
    means: dict[str, float] = field(repr=False)
    design: Design | None = field(repr=False)

    @property
    def zval(self) -> np.ndarray:
        """The test statistics, under metafor's name."""
        return self.stat

    @property
    def intercept_only(self) -> bool:
        """Whether the model has no moderators."""
        return self.names == (INTERCEPT,)

    @property
    def tau(self) -> float:
        """The between-study standard deviation."""
        return float(np.sqrt(self.tau2))

    @property
    def criterion(self) -> FitStatistics:
        """Fit statistics of the likelihood that goes with the method: REML for REML, else ML."""
        return self.fit_stats["REML" if self.method == "REML" else "ML"]

    @property
    def ll(self) -> float:
        return self.criterion.ll

    @property
    def AIC(self) -> float:
        return self.criterion.AIC

    @property
    def BIC(self) -> float:
        return self.criterion.BIC

    @property
    def AICc(self) -> float:
        return self.criterion.AICc

    def sample(self) -> Sample:
        """The data as the numerical routines take them."""
        return sample(self.yi, self.vi, self.X)

    def refit_options(self) -> dict[str, Any]:
        """What a refit on other data needs to be the same model (for `stats.batch.fit_many`)."""
        return {
            "method": self.method,
            "test": self.test,
            "weights": self.weights,
            "tau2": self.tau2 if self.tau2_fixed else None,
            "precision": self.precision,
        }

    def predict(self, newmods: Any = None, **options: Any) -> Prediction:
        """Predicted effects with confidence and prediction intervals; see `univariate.predict.predict`."""
        return predict(self, newmods, **options)

    def confint(self, type: str = "QP", **options: Any) -> HeterogeneityInterval:
        """Interval for tau2, tau, I2 and H2: "QP", "PL", "J" or "BJ"; see `univariate.confint.confint`."""
        return confint(self, type, **options)

    def influence(self) -> Influence:
        """Outlier and influence diagnostics; see `univariate.influence.influence`."""
        return influence(self)

    def leave1out(self, cluster: Sequence | None = None) -> LeaveOneOut:
        """The model without each effect, or each cluster; see `univariate.influence.leave1out`."""
        return leave1out(self, cluster)

    @property
    def fit(self) -> Fit:
        """The same model in the shape of a multilevel one, as robust inference takes it."""
        return as_multilevel(self)

    def robust(self, cluster: Any, kind: str = "CR2", **options: Any) -> RobustMV:
        """Tests that hold if effects of one cluster depend on each other; see `models.robust.robust`."""
        return robust(self, kind, cluster=cluster, **options)

    def to_frame(self) -> pd.DataFrame:
        """One row a coefficient, with the model's tau2, I2, Q and test beside it."""
        return frame(self)

    def __str__(self) -> str:
        return describe(self)
