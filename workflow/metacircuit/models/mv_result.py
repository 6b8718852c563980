"""The result of `rma_mv`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models import mv_contrasts, mv_predict
from metacircuit.models.mv_estimates import Estimates, estimates
from metacircuit.models.mv_fit import Fit
from metacircuit.models.mv_profile import component_names, profile_intervals
from metacircuit.models.printing import coefficient_table, p_text
from metacircuit.models.robust import robust
from metacircuit.models.robust_result import RobustMV
from metacircuit.stats.wald import Omnibus, omnibus


@dataclass(frozen=True, slots=True)
class RMAMV:
    """A fitted multilevel or multivariate model.

    Attributes
    ----------
    names, beta, se, stat, pval, ci_lb, ci_ub : one entry a coefficient; vb is the (p, p) covariance.
    sigma2 : variances of the random intercepts, in the order of `sigma2_names`, which have `nlevels` levels.
    tau2, rho : variances and correlations of the first term "inner | outer" (UN: 12, 13, 23 …); gamma2, phi of the
        second.
    components : every variance and correlation by name.
    ll, fit_stats : the (restricted) log-likelihood; ll, dev, AIC, BIC, AICc.
    QE, QE_df, QEp : residual heterogeneity. QM, QM_df, QMp : joint test of the moderators (of the intercept if there
        are none).
    I2 : percent, by level and "total".
    k, p, ddf : effects, coefficients, degrees of freedom of t (infinite for z).
    converged, iterations, status : of the optimiser.
    dropped, omitted, notes : coefficients and rows left out, each with its reason, and what else a reader must know.
    """

    names: tuple[str, ...]
    beta: np.ndarray
    se: np.ndarray
    stat: np.ndarray
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    vb: np.ndarray
    sigma2: np.ndarray
    sigma2_names: tuple[str, ...]
    nlevels: tuple[int, ...]
    tau2: np.ndarray
    rho: np.ndarray
    gamma2: np.ndarray
    phi: np.ndarray
    components: dict[str, float]
    ll: float
    fit_stats: dict[str, float]
    QE: float
    QE_df: int
    QEp: float
    QM: float
    QM_df: tuple[int, float]
    QMp: float
    I2: dict[str, float]
    k: int
    p: int
    ddf: float
    method: str
    test: str
    level: float
    converged: bool
    iterations: int
    status: str
    dropped: dict[str, str]
    omitted: dict[int, str]
    notes: tuple[str, ...]
    fit: Fit

    def contrast_df(self, C: np.ndarray) -> np.ndarray:
        """Degrees of freedom of contrasts: those of the model."""
        return np.full(len(np.atleast_2d(C)), self.ddf)

    def predict(self, newdata: Any = None, *, levels: Any = None, level: float | None = None) -> Estimates:
        """Predicted means with confidence intervals, and prediction intervals for the true effect of a new study.

        Parameters
        ----------
        newdata : data frame or mapping with the formula's columns, or an array (m, p) of moderators; None for the
            observed rows.
        levels : inner level of each prediction, where a variance differs between levels and newdata does not say it.
        level : confidence in percent.
        """
        return mv_predict.predict(self, self.fit, newdata, levels=levels, level=level)

    def confint(self, level: float | None = None) -> pd.DataFrame:
        """Profile-likelihood intervals of every variance and correlation: estimate, ci_lb, ci_ub, status."""
        return profile_intervals(self.fit, self.level if level is None else level)

    def robust(
        self,
        kind: str = "CR2",
        *,
        cluster: Any = None,
        bootstrap: str | bool = "auto",
        replicates: int = 1999,
        seed: int = 1,
    ) -> RobustMV:
        """Cluster-robust tests: see `models.robust.robust`."""
        return robust(self, kind, cluster=cluster, bootstrap=bootstrap, replicates=replicates, seed=seed)

    def wald(self, terms: Any = None) -> Omnibus:
        """Model-based joint test of terms (names, coefficients, positions, or a matrix of contrasts)."""
        C = mv_contrasts.contrast_matrix(self.fit, mv_contrasts.default_terms(self.fit) if terms is None else terms)
        return omnibus(C @ self.beta, C @ self.vb @ C.T, ddf=self.ddf)

    def marginal_means(self, term: str, *, level: float | None = None) -> Estimates:
        """The mean of each level of a factor."""
        return mv_contrasts.marginal_means(self, self.fit, term, level=level)

    def pairwise(self, term: str, *, adjust: str = "holm", level: float | None = None) -> Estimates:
        """Differences between all pairs of levels of a factor."""
        return mv_contrasts.pairwise(self, self.fit, term, adjust=adjust, level=level)

    def contrast(
        self, C: Any, labels: list[str] | None = None, *, adjust: str = "none", level: float | None = None
    ) -> Estimates:
        """Any linear combinations C (q, p) of the coefficients."""
        C = np.atleast_2d(np.asarray(C, float))
        return estimates(self, C, labels or [f"contrast {i + 1}" for i in range(len(C))], adjust=adjust, level=level)

    def fitted(self) -> np.ndarray:
        """(k,) fitted values X b."""
        return self.fit.inputs.X @ self.beta

    def residuals(self) -> np.ndarray:
        """(k,) observed minus fitted."""
        return self.fit.inputs.y - self.fitted()

    def to_frame(self) -> pd.DataFrame:
        """One tidy row a coefficient."""
        fields = ("beta", "se", "stat", "pval", "ci_lb", "ci_ub")
        return pd.DataFrame({"name": self.names} | {f: getattr(self, f) for f in fields})

    def __str__(self) -> str:
        head = f"Multilevel meta-analysis (k = {self.k}; method: {self.method})"
        lines = [head, "", "Variance components"]
        levels = {t.name: t.n_outer for t in self.fit.inputs.terms}
        for name, position, kind, _ in component_names(self.fit):
            value = self.components[name]
            n = levels[self.fit.inputs.terms[position].name]
            lines.append(
                f"  {name:<40} {value:10.4f}" + (f"  sd {np.sqrt(value):8.4f}  levels {n}" if kind == "tau2" else "")
            )
        if len(lines) == 3:
            lines.append("  none")
        if self.I2:
            lines += ["", "I2  " + ", ".join(f"{name} {share:.1f}%" for name, share in self.I2.items())]
        stats = "    ".join(f"{name} {self.fit_stats[name]:.4f}" for name in ("AIC", "BIC", "AICc"))
        lines += ["", f"log-likelihood {self.ll:.4f}    {stats}"]
        lines += ["", f"Residual heterogeneity: QE(df = {self.QE_df}) = {self.QE:.4f}, {p_text(self.QEp)}"]
        if self.names != ("intrcpt",):
            form = f"QM(df = {self.QM_df[0]})" if np.isinf(self.ddf) else f"F({self.QM_df[0]}, {self.QM_df[1]:g})"
            lines += [f"Moderators: {form} = {self.QM:.4f}, {p_text(self.QMp)}"]
        lines += ["", coefficient_table(self.to_frame())]
        if self.status != "converged":
            lines += ["", f"Status: {self.status}"]
        return "\n".join([*lines, *(f"Note: {note}" for note in self.notes)])
