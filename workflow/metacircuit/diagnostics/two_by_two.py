"""Peters' and Harbord's regression tests for 2x2 tables, where log odds ratios depend on their own standard errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.printing import p_text
from metacircuit.stats.distributions import two_sided_p
from metacircuit.stats.linear import sample

from .outcome import NOT_ESTIMABLE, OK, TOO_FEW, closing, few_studies, one_row


@dataclass(frozen=True, slots=True)
class TableTest:
    """Slope on the predictor with its t test; k tables were used."""

    test: str
    slope: float
    se: float
    stat: float
    dfs: float
    pval: float
    k: int
    status: str
    reason: str
    notes: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        return one_row(self, ("test", "k", "slope", "se", "stat", "dfs", "pval", "status", "reason"))

    def __str__(self) -> str:
        lines = [f"{self.test}'s test for funnel plot asymmetry (k = {self.k})"]
        if self.status == OK:
            lines.append(f"t({self.dfs:g}) = {self.stat:.4f}, {p_text(self.pval)}")
        return "\n".join([*lines, *closing(self)])


def peters(ai: Any, bi: Any, ci: Any, di: Any) -> TableTest:
    """Regress the log odds ratio on 1 / N, with weights 1 / (1 / events + 1 / non-events).

    Half a count is added to the odds ratio of tables with an empty cell; those without events, or without non-events,
    are left out.

    Parameters
    ----------
    ai, bi, ci, di : (k,) counts: events and non-events in group 1, and in group 2.

    Returns
    -------
    TableTest

    Raises
    ------
    ValueError
        For counts that are missing, negative, or of different lengths.

    Source
    ------
    Peters et al. (2006) JAMA 295, 676-680.

    Example
    -------
    >>> peters([4, 6, 3, 62], [119, 300, 228, 13536], [11, 29, 11, 248], [128, 274, 209, 12619]).dfs
    2.0
    """
    a, b, c, d, notes = _tables(ai, bi, ci, di)
    empty = 0.5 * ((a == 0) | (b == 0) | (c == 0) | (d == 0))
    y = np.log((a + empty) * (d + empty) / ((b + empty) * (c + empty)))
    return _regress("Peters", y, 1 / (a + c) + 1 / (b + d), 1 / (a + b + c + d), notes)


def harbord(ai: Any, bi: Any, ci: Any, di: Any) -> TableTest:
    """Regress Z / V on 1 / sqrt(V) with weights V: Z the efficient score of the log odds ratio, V its variance.

    Z = a - n1 m / N, V = n1 n2 m (N - m) / (N^2 (N - 1)).

    Parameters
    ----------
    ai, bi, ci, di : (k,) counts: events and non-events in group 1, and in group 2.

    Returns
    -------
    TableTest

    Raises
    ------
    ValueError
        For counts that are missing, negative, or of different lengths.

    Source
    ------
    Harbord, Egger & Sterne (2006) Stat Med 25, 3443-3457.

    Example
    -------
    >>> harbord([4, 6, 3, 62], [119, 300, 228, 13536], [11, 29, 11, 248], [128, 274, 209, 12619]).dfs
    2.0
    """
    a, b, c, d, notes = _tables(ai, bi, ci, di)
    n1, n2, m = a + b, c + d, a + c
    N = n1 + n2
    Z = a - n1 * m / N
    V = n1 * n2 * m * (N - m) / (N**2 * (N - 1))
    return _regress("Harbord", Z / V, 1 / V, 1 / np.sqrt(V), notes)


def _tables(*counts: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, tuple[str, ...]]:
    """Counts of the tables that say something, and a note on those left out."""
    cells = [np.atleast_1d(np.asarray(values, float)) for values in counts]
    if len({cell.shape for cell in cells}) != 1 or cells[0].ndim != 1:
        raise ValueError("ai, bi, ci and di must have one count for each table.")
    if any((~np.isfinite(cell) | (cell < 0)).any() for cell in cells):
        raise ValueError("Counts must be numbers not below zero; leave tables with missing counts out.")
    a, b, c, d = cells
    use = (a + c > 0) & (b + d > 0) & (a + b > 0) & (c + d > 0)
    left_out = int((~use).sum())
    note = f"{left_out} table(s) without events, without non-events or with an empty group were left out."
    return a[use], b[use], c[use], d[use], (note,) if left_out else ()


def _regress(test: str, y: np.ndarray, v: np.ndarray, x: np.ndarray, notes: tuple[str, ...]) -> TableTest:
    """Weighted least squares of y on x with weights 1 / v and an estimated scale; the test of the slope."""
    k = y.size
    notes = (*few_studies(k), *notes)
    if k < 3:
        reason = f"{k} table(s) leave no degrees of freedom for a line."
        return TableTest(test, *(np.nan,) * 5, k, TOO_FEW, reason, notes)
    if np.ptp(x) <= 1e-9 * np.abs(x).max():
        reason = "All tables have the same precision: they show no small-study effects."
        return TableTest(test, *(np.nan,) * 5, k, NOT_ESTIMABLE, reason, notes)
    fit = sample(y, v, np.column_stack([np.ones(k), x])).project()
    se = float(np.sqrt(fit.rss[0] / (k - 2) * fit.vb()[0, 1, 1]))
    slope = float(fit.beta[0, 1])
    stat = slope / se if se > 0 else np.nan
    return TableTest(test, slope, se, stat, float(k - 2), float(two_sided_p(stat, k - 2)), k, OK, "", notes)
