"""Models of counts: Mantel–Haenszel, Peto, and generalised linear mixed models."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from metacircuit.models.choices import one_of
from metacircuit.models.common_effect import CommonEffect
from metacircuit.models.count_inputs import (
    RATES,
    TABLE,
    Counts,
    counts_of,
    double_zero,
    pair,
    study_effects,
    with_added,
)
from metacircuit.models.glmm import rma_glmm
from metacircuit.stats import mantel_haenszel
from metacircuit.stats.distributions import chi2_p
from metacircuit.stats.peto import peto
from metacircuit.stats.table_tests import association_tests, homogeneity, rate_association_test
from metacircuit.stats.wald import wald_tests

__all__ = ["rma_glmm", "rma_mh", "rma_peto"]

ESTIMATORS = {
    "OR": mantel_haenszel.odds_ratio,
    "RR": mantel_haenszel.risk_ratio,
    "RD": mantel_haenszel.risk_difference,
    "IRR": mantel_haenszel.rate_ratio,
    "IRD": mantel_haenszel.rate_difference,
}
WHY_NOT = {
    "OR": "in every table an outcome is absent from a group, so that the odds ratio is 0, infinite or undefined",
    "RR": "one of the groups has no event in any study",
    "RD": "the groups are empty",
    "IRR": "one of the groups has no event in any study",
    "IRD": "the groups have no person-time",
    "PETO": "one of the two outcomes never occurs in any study",
}


def rma_mh(
    ai: ArrayLike | str | None = None,
    bi: ArrayLike | str | None = None,
    ci: ArrayLike | str | None = None,
    di: ArrayLike | str | None = None,
    *,
    n1i: ArrayLike | str | None = None,
    n2i: ArrayLike | str | None = None,
    x1i: ArrayLike | str | None = None,
    x2i: ArrayLike | str | None = None,
    t1i: ArrayLike | str | None = None,
    t2i: ArrayLike | str | None = None,
    measure: str = "OR",
    data: pd.DataFrame | None = None,
    add: float | Sequence[float] = 0.5,
    to: str | Sequence[str] = "only0",
    drop00: bool | Sequence[bool] = True,
    correct: bool = True,
    level: float = 95.0,
) -> CommonEffect:
    """Pool tables or rates by the Mantel–Haenszel method.

    Formulas are with the functions of :mod:`metacircuit.stats.mantel_haenszel`. Zero cells need no correction here: by
    default `add` only touches the estimates of the single studies, which serve Q, I2 and H2.

    Parameters
    ----------
    ai, bi, ci, di : (k,) arrays or column names
        Events and non-events of group 1 and group 2; or ai, ci with the group sizes n1i, n2i.
    x1i, x2i, t1i, t2i : (k,) arrays or column names
        Events and person-times of the two groups, for IRR and IRD.
    measure : "OR", "RR", "RD", "IRR" or "IRD"
        Ratios are on the log scale.
    data : DataFrame, optional
        Where the columns are.
    add, to, drop00
        What is added to which counts ("only0", "all", "if0all", "none"), and whether studies without events (or without
        non-events) in both groups are left out; one value for the single studies, or a second for the pooling.
    correct : bool
        Continuity correction of the tests of association.
    level : float
        Confidence in percent.

    Returns
    -------
    CommonEffect

    Raises
    ------
    ValueError
        If counts are missing, negative or do not fit together.

    Source: Mantel and Haenszel (1959), Journal of the National Cancer Institute 22, 719-748.

    >>> fit = rma_mh([4, 6], [119, 300], [11, 29], [128, 274], measure="RR")
    >>> fit.beta.round(4).tolist(), fit.se.round(4).tolist()
    ([-1.3517], [0.3455])
    """
    one_of("measure", measure, ESTIMATORS)
    given = dict(zip(TABLE + RATES, (ai, bi, ci, di, x1i, x2i, t1i, t2i), strict=True))
    counts = counts_of(measure, given | {"n1i": n1i, "n2i": n2i}, data)
    adds, tos, drops = pair("add", add, 0.0), pair("to", to, "none"), pair("drop00", drop00, False)
    yi, vi = study_effects(measure, counts, adds[0], tos[0], drops[0])
    if drops[1]:
        counts = counts.where(~double_zero(counts), "left out because both groups have no event, or only events")
    pooled = with_added(counts, adds[1], tos[1])
    values = tuple(pooled.columns.values())
    estimate = ESTIMATORS[measure](*values)
    tests = _tests(measure, values, estimate[0], correct)
    return _common(estimate, (yi, vi), counts, method="MH", measure=measure, level=level, **tests)


def rma_peto(
    ai: ArrayLike | str | None = None,
    bi: ArrayLike | str | None = None,
    ci: ArrayLike | str | None = None,
    di: ArrayLike | str | None = None,
    *,
    n1i: ArrayLike | str | None = None,
    n2i: ArrayLike | str | None = None,
    data: pd.DataFrame | None = None,
    level: float = 95.0,
) -> CommonEffect:
    """Pool 2x2 tables by Peto's method: log odds ratios of rare events.

    The formula is with :func:`metacircuit.stats.peto.peto`.

    Parameters
    ----------
    ai, bi, ci, di : (k,) arrays or column names
        Events and non-events of group 1 and group 2; or ai, ci with the group sizes n1i, n2i.
    data : DataFrame, optional
        Where the columns are.
    level : float
        Confidence in percent.

    Returns
    -------
    CommonEffect

    Raises
    ------
    ValueError
        If counts are missing, negative or do not fit together.

    Source: Yusuf, Peto, Lewis, Collins and Sleight (1985), Progress in Cardiovascular Diseases 27, 335-371.

    >>> fit = rma_peto([4, 6], [119, 300], [11, 29], [128, 274])
    >>> fit.beta.round(4).tolist(), fit.se.round(4).tolist()
    ([-1.2401], [0.2912])
    """
    given = dict(zip(TABLE, (ai, bi, ci, di), strict=True)) | {"n1i": n1i, "n2i": n2i}
    counts = counts_of("PETO", given, data)
    fit = peto(*counts.columns.values())
    effects = study_effects("PETO", counts, 0.5, "only0", True)
    asked = {"method": "Peto", "measure": "PETO", "level": level}
    return _common((fit.beta, fit.se), effects, counts, **asked, QE=fit.QE, k_pos=fit.k_pos)


def _tests(measure: str, values: tuple[np.ndarray, ...], beta: float, correct: bool) -> dict[str, Any]:
    """The tests that a measure has beside its estimate."""
    if measure == "IRR":
        MH = rate_association_test(*values, correct)
        return {"MH": MH, "MHp": float(chi2_p(MH, 1))}
    if measure != "OR":
        return {}
    MH, CO = association_tests(*values, correct)
    tests = {"MH": MH, "MHp": float(chi2_p(MH, 1)), "CO": CO, "COp": float(chi2_p(CO, 1))}
    if np.isfinite(beta):
        same = homogeneity(*values, beta)
        p = [float(chi2_p(x, same.k_pos - 1)) if same.k_pos > 1 else np.nan for x in (same.BD, same.TA)]
        tests |= {"BD": same.BD, "BDp": p[0], "TA": same.TA, "TAp": p[1], "k_pos": same.k_pos}
    return tests


def _common(
    estimate: tuple[float, float],
    effects: tuple[np.ndarray, np.ndarray],
    counts: Counts,
    *,
    method: str,
    measure: str,
    level: float,
    QE: float | None = None,
    k_pos: int = 0,
    **tests: float,
) -> CommonEffect:
    """Put the result together."""
    (beta, se), (yi, vi) = estimate, effects
    k_yi = len(yi)
    RSS = float(((yi - beta) ** 2 / vi).sum())
    QE = RSS if QE is None else QE
    df = k_yi - 1
    known = bool(np.isfinite(beta))
    several = known and df > 0
    ll = -0.5 * (k_yi * np.log(2 * np.pi) + np.log(vi).sum() + RSS) if k_yi else np.nan
    wald = wald_tests(np.array([beta]), np.array([[se**2]]), level=level)
    return CommonEffect(
        method=method,
        measure=measure,
        beta=np.array([beta]),
        se=wald.se,
        stat=wald.stat,
        pval=wald.pval,
        ci_lb=wald.ci_lb,
        ci_ub=wald.ci_ub,
        QE=QE if several else (0.0 if known else np.nan),
        QEp=float(chi2_p(QE, df)) if several else (1.0 if known else np.nan),
        I2=max(0.0, 100 * (QE - df) / QE) if several and QE > 0 else (0.0 if known else np.nan),
        H2=QE / df if several else (1.0 if known else np.nan),
        ll=float(ll),
        AIC=float(-2 * ll + 2),
        BIC=float(-2 * ll + np.log(k_yi)) if k_yi else np.nan,
        AICc=float(-2 * ll + 2 * max(k_yi, 3) / (max(k_yi, 3) - 2)),
        k=counts.k,
        k_all=counts.k_all,
        k_yi=k_yi,
        k_pos=k_pos,
        level=level,
        status="ok" if known else "not estimable",
        reason="" if known else WHY_NOT[measure],
        notes=counts.notes,
        **tests,
    )
