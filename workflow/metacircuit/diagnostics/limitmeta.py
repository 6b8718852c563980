"""Limit meta-analysis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.choices import one_of
from metacircuit.models.printing import p_text
from metacircuit.stats.distributions import chi2_p, critical, two_sided_p
from metacircuit.stats.small_study.limit import ADJUSTMENTS, limit_meta

from .effects import effects_of
from .outcome import NOT_ESTIMABLE, OK, TOO_FEW, closing, few_studies, one_row


@dataclass(frozen=True, slots=True, eq=False)
class LimitMeta:
    """The mean adjusted for small-study effects.

    Attributes
    ----------
    beta, se, zval, pval, ci_lb, ci_ub : adjusted mean. adjust : which one.
    alpha_r, beta_r : intercept and slope of the radial plot. tau2 : of the random-effects model.
    Q_small, Q_small_p : the part of Q due to small-study effects (chi2, 1 df). Q_resid : the rest (k - 2 df).
    G2 : share of variation that small-study effects and heterogeneity leave unexplained, percent.
    """

    beta: float
    se: float
    zval: float
    pval: float
    ci_lb: float
    ci_ub: float
    adjust: str
    alpha_r: float
    beta_r: float
    tau2: float
    Q_small: float
    Q_small_p: float
    Q_resid: float
    G2: float
    k: int
    status: str
    reason: str
    notes: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        names = ("adjust", "k", "beta", "se", "zval", "pval", "ci_lb", "ci_ub", "alpha_r", "beta_r", "tau2")
        return one_row(self, (*names, "Q_small", "Q_small_p", "Q_resid", "G2", "status", "reason"))

    def __str__(self) -> str:
        lines = [f"Limit meta-analysis ({self.adjust}, k = {self.k})"]
        if self.status == OK:
            lines.append(f"Adjusted {self.beta:.4f} ({self.ci_lb:.4f} to {self.ci_ub:.4f}), {p_text(self.pval)}")
            test = f"Q(1) = {self.Q_small:.4f}, {p_text(self.Q_small_p)}"
            lines.append(f"Small-study effects: {test}; G2 = {self.G2:.1f} %")
        return "\n".join([*lines, *closing(self)])


def limitmeta(x: Any, vi: Any = None, *, sei: Any = None, adjust: str = "beta0") -> LimitMeta:
    """The mean that studies would show if all of them were infinitely precise.

    Parameters
    ----------
    x : a model from `rma` without moderators (its tau2 is used), or (k,) effects with `vi` or `sei`.
    adjust : "beta0" (expectation beta + tau alpha), "betalim", "mulim" (pooled limit effects, with and without
        intercept).

    Returns
    -------
    LimitMeta
        Status too_few below three effects, not_estimable where all standard errors are equal.

    Source
    ------
    Rücker et al. (2011) Biostatistics 12, 122-142.

    Example
    -------
    >>> result = limitmeta([0.1, 0.2, 0.5, 0.7], [0.01, 0.02, 0.05, 0.1])
    >>> result.beta < 0.3
    True
    """
    one_of("adjust", adjust, ADJUSTMENTS)
    data = effects_of(x, vi, sei, purpose="Limit meta-analysis")
    notes = few_studies(data.k)
    fit = data.fitted()
    refused = None
    if data.k < 3:
        refused = TOO_FEW, f"{data.k} effects do not determine a line."
    elif np.ptp(data.sei) <= 1e-9 * data.sei.max():
        refused = NOT_ESTIMABLE, f"All standard errors are equal ({data.sei[0]:g}): they show no small-study effects."
    if refused is not None:
        return LimitMeta(*(np.nan,) * 6, adjust, np.nan, np.nan, fit.tau2, *(np.nan,) * 4, data.k, *refused, notes)
    found = limit_meta(data.yi, data.vi, fit.tau2, adjust)
    z = found.estimate / found.se
    half = critical(data.level) * found.se
    return LimitMeta(
        found.estimate, found.se, z, float(two_sided_p(z)), found.estimate - half, found.estimate + half, adjust,
        found.alpha_r, found.beta_r, fit.tau2, found.Q_small, float(chi2_p(max(0.0, found.Q_small), 1)),
        found.Q_resid, 100 * found.G2, data.k, OK, "", notes,
    )  # fmt: skip
