"""Worst-case sensitivity to publication bias: s-values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.choices import one_of
from metacircuit.models.rma import rma
from metacircuit.models.rma_mv import RMAMV
from metacircuit.stats.small_study.worst_case import (
    Corrected,
    affirmative,
    ratio_for_estimate,
    ratio_for_limit,
    weighted_mean,
    worst_case,
)

from .dependent import clusters_of, sampling_variances
from .effects import effects_of
from .outcome import NOT_ESTIMABLE, OK, closing, one_row

FAVOURS = ("positive", "negative")


@dataclass(frozen=True, slots=True)
class SValue:
    """How strong selection for affirmative results would have to be.

    Attributes
    ----------
    s_est, s_ci : publication ratios that move the estimate, and the nearer confidence limit, to q; infinite where no
        ratio does (robust to any such selection), 1 where it is there without selection.
    estimate, se, df, ci_lb, ci_ub : unadjusted; worst, worst_se, worst_df, worst_lb, worst_ub : the mean of the
        nonaffirmative effects alone. k, k_affirmative, n_clusters : counts. q, favour : what was asked.
    """

    s_est: float
    s_ci: float
    estimate: float
    se: float
    df: float
    ci_lb: float
    ci_ub: float
    worst: float
    worst_se: float
    worst_df: float
    worst_lb: float
    worst_ub: float
    q: float
    favour: str
    k: int
    k_affirmative: int
    n_clusters: int
    status: str
    reason: str
    notes: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        return one_row(self, [name for name in self.__slots__ if name != "notes"])

    def __str__(self) -> str:
        counts = f"{self.k_affirmative} affirmative of {self.k} effects, {self.n_clusters} clusters"
        lines = [f"Worst case ({counts}; q = {self.q:g})"]
        if self.status == OK:
            lines += [
                f"Unadjusted {self.estimate:.4f} ({self.ci_lb:.4f} to {self.ci_ub:.4f})",
                f"Worst case {self.worst:.4f} ({self.worst_lb:.4f} to {self.worst_ub:.4f})",
                f"s-values: estimate {_ratio_text(self.s_est)}, confidence limit {_ratio_text(self.s_ci)}",
            ]
        return "\n".join([*lines, *closing(self)])


def svalue(
    x: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    cluster: Any = None,
    q: float = 0.0,
    favour: str | None = None,
    alpha: float = 0.05,
    level: float = 95.0,
) -> SValue:
    """Ask how much more likely affirmative results must be to be published for the mean to be q or less.

    Affirmative: significant (two-sided alpha) in the favoured direction. Effects are weighted 1 / (v + tau2), the
    others also by the ratio; errors are CR2 over clusters.

    Parameters
    ----------
    x : a model from `rma` without moderators or from `rma_mv` (its clusters are used); or (k,) effects with `vi` or
        `sei`.
    cluster : (k,) labels of effects that belong together. q : the value to reach, towards zero.
    favour : "positive" or "negative"; by default the sign of the unadjusted mean. level : in percent.

    Returns
    -------
    SValue
        Status not_estimable where all effects are affirmative, or none.

    Source
    ------
    Mathur & VanderWeele (2020) JRSS C 69, 1091-1119.

    Example
    -------
    >>> result = svalue([0.5, 0.6, 0.55, 0.1, -0.2, 0.3], [0.04, 0.05, 0.04, 0.03, 0.05, 0.04])
    >>> result.k_affirmative, result.s_est
    (3, inf)
    """
    if favour is not None:
        one_of("favour", favour, FAVOURS)
    if isinstance(x, RMAMV):
        if x.names != ("intrcpt",):
            raise ValueError(f"s-values are defined for models without moderators; this one has {', '.join(x.names)}.")
        y, v, labels = x.fit.inputs.y, sampling_variances(x), clusters_of(x)
    else:
        data = effects_of(x, vi, sei, purpose="The s-value")
        y, v, labels = data.yi, data.vi, np.arange(data.k)
    if cluster is not None:
        labels = pd.factorize(np.asarray(cluster))[0]
        if labels.size != y.size or (labels < 0).any():
            raise ValueError(f"cluster must be {y.size} labels without missing values, one for each effect.")
    # The heterogeneity of the unadjusted model only shapes the weights.
    tau2 = rma(y, v, precision="exact").tau2
    if favour is None:
        favour = "positive" if np.average(y, weights=1 / (v + tau2)) >= 0 else "negative"
    turn = 1.0 if favour == "positive" else -1.0
    y, goal = turn * y, turn * q
    favoured = affirmative(y, v, alpha)
    J = int(labels.max()) + 1
    counts = q, favour, y.size, int(favoured.sum()), J
    naive = weighted_mean(y, v, tau2, labels, 1.0, favoured, level)
    if favoured.all() or not favoured.any():
        which = "All" if favoured.all() else "None"
        reason = f"{which} of the {y.size} effects are affirmative: there are no two kinds to weigh against each other."
        return SValue(np.nan, np.nan, *_turned(naive, turn), *(np.nan,) * 5, *counts, NOT_ESTIMABLE, reason, ())
    worst = worst_case(y, v, tau2, labels, favoured, level)
    notes = ()
    if naive.estimate <= goal:
        notes = (f"The unadjusted mean is at {q:g} or beyond it already.",)
    s_est = 1.0 if naive.estimate <= goal else max(1.0, ratio_for_estimate(y, v, tau2, favoured, goal))
    if np.isnan(naive.ci_lb):
        s_ci, notes = np.nan, (*notes, "One cluster leaves no robust standard error.")
    else:
        s_ci = ratio_for_limit(y, v, tau2, labels, favoured, goal, level)
    return SValue(s_est, s_ci, *_turned(naive, turn), *_turned(worst, turn), *counts, OK, "", notes)


def _turned(mean: Corrected, turn: float) -> tuple[float, float, float, float, float]:
    low, high = sorted((turn * mean.ci_lb, turn * mean.ci_ub))
    return turn * mean.estimate, mean.se, mean.df, low, high


def _ratio_text(ratio: float) -> str:
    return "not possible" if np.isinf(ratio) else f"{ratio:.2f}"
