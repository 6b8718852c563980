"""Begg and Mazumdar's rank correlation test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.printing import p_text
from metacircuit.stats.small_study.kendall import kendall

from .effects import effects_of
from .outcome import NOT_ESTIMABLE, OK, TOO_FEW, closing, few_studies, one_row


@dataclass(frozen=True, slots=True)
class RankTest:
    """Kendall's tau-b between standardised effects and variances, and its p-value; `exact` says how that was found."""

    tau: float
    pval: float
    exact: bool
    k: int
    status: str
    reason: str
    notes: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        return one_row(self, ("k", "tau", "pval", "exact", "status", "reason"))

    def __str__(self) -> str:
        lines = [f"Rank correlation test for funnel plot asymmetry (k = {self.k})"]
        if self.status == OK:
            lines.append(f"Kendall's tau = {self.tau:.4f}, {p_text(self.pval)}{' (exact)' if self.exact else ''}")
        return "\n".join([*lines, *closing(self)])


def ranktest(x: Any, vi: Any = None, *, sei: Any = None) -> RankTest:
    """Correlate ranks of (y_i - b) / sqrt(v_i - 1 / sum w), b the common-effect mean, with ranks of v_i.

    Parameters
    ----------
    x : a model from `rma` without moderators, or (k,) effects with `vi` or `sei`.

    Returns
    -------
    RankTest
        Exact without ties; status too_few below three effects, not_estimable where all variances are equal.

    Source
    ------
    Begg & Mazumdar (1994) Biometrics 50, 1088-1101.

    Example
    -------
    >>> result = ranktest([0.1, 0.3, 0.2, 0.9, 0.8], [0.01, 0.02, 0.05, 0.1, 0.08])
    >>> round(result.tau, 2), round(result.pval, 4)
    (0.8, 0.0833)
    """
    data = effects_of(x, vi, sei, purpose="The rank test")
    notes = few_studies(data.k)
    if data.k < 3:
        return RankTest(np.nan, np.nan, False, data.k, TOO_FEW, f"{data.k} effects have no ranks to correlate.", notes)
    w = 1 / data.vi
    centred = (data.yi - (w * data.yi).sum() / w.sum()) / np.sqrt(data.vi - 1 / w.sum())
    tau, p, exact = kendall(centred, data.vi)
    if np.isnan(tau):
        same = "variances" if np.ptp(data.vi) == 0 else "standardised effects"
        return RankTest(tau, p, exact, data.k, NOT_ESTIMABLE, f"All {same} are equal: they have no ranks.", notes)
    return RankTest(tau, p, exact, data.k, OK, "", notes)
