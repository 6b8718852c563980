"""What a robust analysis of a multilevel model reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models import mv_contrasts, mv_predict
from metacircuit.models.mv_estimates import Estimates, estimates
from metacircuit.models.mv_fit import Fit
from metacircuit.models.printing import coefficient_table, p_text
from metacircuit.stats.distributions import f_p
from metacircuit.stats.robust.sandwich import Sandwich
from metacircuit.stats.robust.small_sample import htz, satterthwaite
from metacircuit.stats.robust.wild import draw, wild_p

# Below so many degrees of freedom the t distribution no longer holds for the robust statistic (Tipton, 2015,
# Psychological Methods 20:375).
ENOUGH_DF = 4.0


@dataclass(frozen=True, slots=True)
class JointWald:
    """A joint robust test: `F` on `df_num`, `df_denom`; `pval` is the one to report, `inference` says why this one."""

    F: float
    df_num: int
    df_denom: float
    pval: float
    pval_htz: float
    pval_bootstrap: float
    inference: str

    def __str__(self) -> str:
        return f"F({self.df_num}, {self.df_denom:.2f}) = {self.F:.4f}, {p_text(self.pval)} ({self.inference})"


@dataclass(frozen=True, slots=True)
class RobustMV:
    """Cluster-robust tests of the coefficients.

    Attributes
    ----------
    names, beta, se, stat, df, pval, ci_lb, ci_ub : one entry a coefficient; `pval` and the interval are the ones to
        report.
    pval_t, ci_lb_t, ci_ub_t : from the t distribution with `df` degrees of freedom, whatever is reported.
    pval_bootstrap : from the wild bootstrap, NaN where it was not needed.
    inference : for each coefficient, which p-value and interval are reported, and why.
    vb : (p, p) robust covariance.
    kind, n_clusters, bootstrap : the estimator, the clusters, and the bootstrap that was used ("" for none).
    """

    names: tuple[str, ...]
    beta: np.ndarray
    se: np.ndarray
    stat: np.ndarray
    df: np.ndarray
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    pval_t: np.ndarray
    ci_lb_t: np.ndarray
    ci_ub_t: np.ndarray
    pval_bootstrap: np.ndarray
    inference: tuple[str, ...]
    vb: np.ndarray
    kind: str
    n_clusters: int
    bootstrap: str
    level: float
    _fit: Fit
    _sandwich: Sandwich
    _boot: tuple[str, int, int]

    def contrast_df(self, C: np.ndarray) -> np.ndarray:
        """Degrees of freedom of contrasts C (q, p): Satterthwaite for CR2, else clusters minus coefficients."""
        return degrees(self._sandwich, np.atleast_2d(C))

    def wald(self, terms: Any = None) -> JointWald:
        """Test terms jointly: HTZ for CR2, F with J - p degrees of freedom for the others; all moderators if not said
        which.

        Parameters
        ----------
        terms : names of terms or coefficients, positions, or a matrix of contrasts (q, p).
        """
        C = mv_contrasts.contrast_matrix(self._fit, mv_contrasts.default_terms(self._fit) if terms is None else terms)
        test = htz(self._sandwich, C, self.beta)
        if self.kind != "CR2":
            V, df = C @ self.vb @ C.T, self.n_clusters - len(self.beta)
            F = float(C @ self.beta @ np.linalg.pinv(V, hermitian=True) @ (C @ self.beta)) / len(C)
            p = float(f_p(F, len(C), df)) if df > 0 else np.nan
            return JointWald(
                F, len(C), df, p, np.nan, np.nan, f"F with {df} degrees of freedom, clusters minus coefficients"
            )
        why = why_bootstrap(test.df_denom, self._boot[0])
        boot = np.nan
        if why:
            boot = wild_p(self._sandwich, C, self.beta, draw(self.n_clusters, *self._boot[1:]))
        use = bool(why) and np.isfinite(boot)
        said = f"wild cluster bootstrap, since {why}" if use else "HTZ (approximate Hotelling T-squared)"
        return JointWald(test.F, test.df_num, test.df_denom, boot if use else test.pval, test.pval, boot, said)

    def predict(self, newdata: Any = None, *, levels: Any = None, level: float | None = None) -> Estimates:
        """Predictions with robust errors; see `RMAMV.predict`."""
        return mv_predict.predict(self, self._fit, newdata, levels=levels, level=level)

    def marginal_means(self, term: str, *, level: float | None = None) -> Estimates:
        """The mean of each level of a factor, with robust errors and their degrees of freedom."""
        return mv_contrasts.marginal_means(self, self._fit, term, level=level)

    def pairwise(self, term: str, *, adjust: str = "holm", level: float | None = None) -> Estimates:
        """Differences between all pairs of levels, with robust errors and their degrees of freedom."""
        return mv_contrasts.pairwise(self, self._fit, term, adjust=adjust, level=level)

    def contrast(
        self, C: Any, labels: list[str] | None = None, *, adjust: str = "none", level: float | None = None
    ) -> Estimates:
        """Any linear combinations C (q, p) of the coefficients."""
        C = np.atleast_2d(np.asarray(C, float))
        return estimates(self, C, labels or [f"contrast {i + 1}" for i in range(len(C))], adjust=adjust, level=level)

    def to_frame(self) -> pd.DataFrame:
        """One tidy row a coefficient."""
        fields = ("beta", "se", "stat", "df", "pval", "ci_lb", "ci_ub", "inference")
        return pd.DataFrame({"name": self.names} | {f: getattr(self, f) for f in fields})

    def __str__(self) -> str:
        table = self.to_frame()
        lines = [
            f"Cluster-robust inference ({self.kind}; {self.n_clusters} clusters, {len(self._fit.inputs.y)} effects)",
            "",
        ]
        lines += [coefficient_table(table.drop(columns="inference")), ""]
        lines += [f"{name}: {how}" for name, how in zip(self.names, self.inference, strict=True)]
        if self.bootstrap:
            lines += [self.bootstrap]
        return "\n".join(lines)


def degrees(bread: Sandwich, C: np.ndarray) -> np.ndarray:
    """Degrees of freedom of contrasts: Satterthwaite for CR2, clusters minus coefficients for the others."""
    if bread.kind == "CR2":
        return satterthwaite(bread, C)
    df = bread.n_clusters - len(bread.bread)
    return np.full(len(C), float(df) if df > 0 else np.nan)


def why_bootstrap(df: float, bootstrap: str | bool) -> str:
    """Why the bootstrap is used; empty if it is not."""
    if bootstrap is True:
        return "it was asked for"
    if bootstrap == "auto" and not df >= ENOUGH_DF:
        return f"there are {df:.2f} degrees of freedom, fewer than {ENOUGH_DF:g}"
    return ""
