"""Equivalence of groups: is a difference as large as the smallest effect of interest excluded?"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from metacircuit.diagnostics.heterogeneity.data import CANNOT, coded, fit_che, labels_of, why_not
from metacircuit.models.robust_result import ENOUGH_DF

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metacircuit.config import HeterogeneitySlice

COLUMNS = (
    *("analysis", "factor", "first", "second", "first_label", "second_label", "studies_first", "studies_second"),
    *("estimate", "se", "df", "stat", "pval", "level", "ci_lb", "ci_ub", "sesoi"),
    *("stat_lower", "pval_lower", "stat_upper", "pval_upper", "pval_tost", "verdict", "status", "reason"),
)


def tost(estimate: float, se: float, df: float, bound: float, level: float) -> dict[str, object]:
    r"""Two one-sided tests that a difference lies between -bound and +bound, and what follows.

    .. math:: t_L = \frac{d + \Delta}{se}, \quad t_U = \frac{d - \Delta}{se}, \quad
              p = \max\{P(T > t_L),\; P(T < t_U)\}

    Parameters
    ----------
    estimate, se, df : float
        The difference, its standard error and the degrees of freedom of t.
    bound : float
        The smallest effect of interest, on the same scale.
    level : float
        In percent: 95 tests each side at 5 %, and gives the 90 % interval that shows the same.

    Returns
    -------
    dict
        The statistics, p-values and interval, and a verdict: equivalent (a difference as large as the bound is
        excluded), relevant (all of the interval lies beyond the bound), inconclusive.

    Notes
    -----
    Source: Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15:657.

    Examples
    --------
    >>> found = tost(0.02, 0.05, 40, 0.2, 95)
    >>> found["verdict"], round(found["pval_tost"], 4)
    ('equivalent', 0.0004)
    """
    alpha = 1 - level / 100
    lower, upper = (estimate + bound) / se, (estimate - bound) / se
    p_lower, p_upper = float(stdtr(df, -lower)), float(stdtr(df, upper))
    reach = float(stdtrit(df, 1 - alpha)) * se
    ci_lb, ci_ub = estimate - reach, estimate + reach
    verdict = "inconclusive"
    if max(p_lower, p_upper) < alpha:
        verdict = "equivalent"
    elif ci_lb > bound or ci_ub < -bound:
        verdict = "relevant"
    return {
        "level": 2 * level - 100,
        "ci_lb": ci_lb,
        "ci_ub": ci_ub,
        "sesoi": bound,
        "stat_lower": lower,
        "pval_lower": p_lower,
        "stat_upper": upper,
        "pval_upper": p_upper,
        "pval_tost": max(p_lower, p_upper),
        "verdict": verdict,
    }


def equivalence(
    effects: pd.DataFrame, factor: str, spec: HeterogeneitySlice, words: Mapping[str, pd.DataFrame]
) -> list[dict[str, object]]:
    """Compare all pairs of words of a factor: second minus first, on CHE with CR2 errors and Satterthwaite df.

    Parameters
    ----------
    effects : DataFrame
        effects/ANALYSIS.csv.
    factor : str
        One of its columns.
    spec : HeterogeneitySlice
        Model, smallest effect of interest and the least number of studies.
    words : mapping of str to DataFrame
        Vocabularies, for labels and order.

    Returns
    -------
    list of dict
        A row of `COLUMNS` a pair. With fewer than 4 degrees of freedom there is no verdict but inconclusive. The
        p-values are those of single pairs.
    """
    rows = coded(effects, [factor])
    labels = labels_of(factor, rows, "a", words)
    counts = rows.groupby("a")["study_id"].nunique()
    kept = [word for word in labels if counts[word] >= spec.model.min_studies]
    robust, names, failed = None, [], {}
    if len(kept) > 1:
        try:
            fit = fit_che(rows[rows["a"].isin(kept)].reset_index(drop=True), spec.model, "~ a - 1")
            robust, names = fit.robust("CR2", bootstrap=False), list(fit.names)
        except CANNOT as error:
            failed = why_not(error)
    out = []
    for first, second in combinations(labels, 2):
        row: dict[str, object] = {
            "analysis": spec.analysis,
            "factor": factor,
            "first": first,
            "second": second,
            "first_label": labels[first],
            "second_label": labels[second],
            "studies_first": int(counts[first]),
            "studies_second": int(counts[second]),
        }
        thin = [labels[word] for word in (first, second) if word not in kept]
        if failed and not thin:
            out.append(row | {"verdict": "not tested"} | failed)
            continue
        if thin or robust is None:
            reason = f"fewer than {spec.model.min_studies} studies: {', '.join(thin)}"
            out.append(row | {"verdict": "not tested", "status": "too_few", "reason": reason})
            continue
        C = np.zeros((1, len(names)))
        C[0, names.index(f"a{first}")], C[0, names.index(f"a{second}")] = -1.0, 1.0
        out.append(row | _compared(robust.contrast(C), spec))
    return out


def _compared(found: object, spec: HeterogeneitySlice) -> dict[str, object]:
    """A difference, its two-sided test and its equivalence test."""
    estimate, se, df, stat, pval = (float(getattr(found, name)[0]) for name in ("estimate", "se", "df", "stat", "pval"))
    row: dict[str, object] = {"estimate": estimate, "se": se, "df": df, "stat": stat, "pval": pval}
    if not (np.isfinite(se) and se > 0 and np.isfinite(df)):
        return row | {"verdict": "not tested", "status": "not_estimable", "reason": "no robust variance"}
    if spec.sesoi is None:
        reason = f"no smallest effect of interest for {spec.measure}; set heterogeneity.sesoi"
        return row | {"verdict": "not tested", "status": "no_sesoi", "reason": reason}
    row |= tost(estimate, se, df, spec.sesoi, spec.model.level)
    if df < ENOUGH_DF:
        reason = f"{df:.2f} degrees of freedom, fewer than {ENOUGH_DF:g}: the t distribution does not hold"
        return row | {"verdict": "inconclusive", "status": "few_df", "reason": reason}
    return row | {"status": "ok", "reason": ""}


def equivalences(effects: pd.DataFrame, spec: HeterogeneitySlice, words: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The rows of every factor of an analysis."""
    rows = [row for factor in spec.factors for row in equivalence(effects, factor, spec, words)]
    return pd.DataFrame(rows, columns=list(COLUMNS))
