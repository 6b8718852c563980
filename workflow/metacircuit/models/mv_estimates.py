"""Linear combinations of coefficients, with whichever covariance and degrees of freedom the model carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from scipy import special

from metacircuit.models.choices import one_of
from metacircuit.models.printing import coefficient_table
from metacircuit.stats.distributions import two_sided_p

ADJUSTMENTS = ("none", "holm", "bonferroni")


class Source(Protocol):
    """What an inference needs: coefficients, their covariance, and the degrees of freedom of contrasts."""

    beta: np.ndarray
    vb: np.ndarray
    level: float

    def contrast_df(self, C: np.ndarray) -> np.ndarray:
        """Degrees of freedom of each row of C (q, p)."""


@dataclass(frozen=True, slots=True)
class Estimates:
    """Estimates with tests and intervals, one row each; `df` is infinite for z; `pi_*` bound a new true effect."""

    labels: tuple[str, ...]
    estimate: np.ndarray
    se: np.ndarray
    stat: np.ndarray
    df: np.ndarray
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    pi_lb: np.ndarray | None = None
    pi_ub: np.ndarray | None = None
    adjust: str = "none"
    status: tuple[str, ...] = ()

    @property
    def pred(self) -> np.ndarray:
        """The estimates, under the name that predictions have."""
        return self.estimate

    def __len__(self) -> int:
        return len(self.estimate)

    def to_frame(self) -> pd.DataFrame:
        """One tidy row an estimate."""
        columns = {"label": self.labels}
        for name in ("estimate", "se", "stat", "df", "pval", "ci_lb", "ci_ub", "pi_lb", "pi_ub"):
            if getattr(self, name) is not None:
                columns[name] = getattr(self, name)
        if any(self.status):
            columns["status"] = self.status
        return pd.DataFrame(columns)

    def __str__(self) -> str:
        note = "" if self.adjust == "none" else f"\np-values adjusted by {self.adjust.capitalize()}'s method."
        return coefficient_table(self.to_frame()) + note


def t_quantile(level: float, df: np.ndarray) -> np.ndarray:
    """Two-sided critical values; normal where df is infinite."""
    upper, df = 0.5 + level / 200, np.asarray(df, float)
    return np.where(np.isinf(df), special.ndtri(upper), special.stdtrit(np.where(np.isinf(df), 1.0, df), upper))


def estimates(
    source: Source,
    C: np.ndarray,
    labels: Sequence[str],
    *,
    level: float | None = None,
    spread: np.ndarray | None = None,
    adjust: str = "none",
) -> Estimates:
    """C b with tests and intervals.

    Parameters
    ----------
    source : the model.
    C : (q, p) combinations.
    labels : q names.
    level : confidence in percent; the model's if not given.
    spread : (q,) variance of true effects around each combination, for prediction intervals.
    adjust : "none", "holm" or "bonferroni", for the p-values.
    """
    one_of("adjust", adjust, ADJUSTMENTS)
    level = source.level if level is None else level
    C = np.atleast_2d(np.asarray(C, float))
    estimate = C @ source.beta
    variance = np.maximum(np.einsum("qp,pr,qr->q", C, source.vb, C), 0.0)
    se, df = np.sqrt(variance), source.contrast_df(C)
    with np.errstate(divide="ignore", invalid="ignore"):
        stat = estimate / se
        half = t_quantile(level, df)
        reach = None if spread is None else half * np.sqrt(variance + spread)
    pval = adjusted(two_sided_p(stat, df), adjust)
    bounds = (None, None) if reach is None else (estimate - reach, estimate + reach)
    lower, upper = estimate - half * se, estimate + half * se
    status = tuple("" if np.isfinite(p) else "no variance or no degrees of freedom left" for p in pval)
    return Estimates(tuple(map(str, labels)), estimate, se, stat, df, pval, lower, upper, *bounds, adjust, status)


def adjusted(pval: np.ndarray, method: str) -> np.ndarray:
    """P-values for several tests.

    >>> adjusted(np.array([0.01, 0.04, 0.03]), "holm").tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(pval, float)
    n = int(np.isfinite(p).sum())
    if method == "none" or n < 2:
        return p
    if method == "bonferroni":
        return np.minimum(p * n, 1.0)
    order = np.argsort(p)
    steps = np.maximum.accumulate(p[order] * np.maximum(n - np.arange(len(p)), 1))
    out = np.empty_like(p)
    out[order] = np.minimum(steps, 1.0)
    return out
