"""One model of several strata together: their differences, and the test of any combinations of their means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.claims.evidence import NAN, Difference
from metacircuit.models.contrasts import contrasts
from metacircuit.models.pooling.che import contrast_che, fit_che
from metacircuit.models.pooling.glmm import contrast_glmm, fit_glmm
from metacircuit.models.rma import rma
from metacircuit.stats.wald import Omnibus, omnibus, wald_tests

if TYPE_CHECKING:
    from metacircuit.config import Model
    from metacircuit.models.pooling.choose import Recipe
    from metacircuit.models.rma import RMA
    from metacircuit.models.strata import Stratum

_USUAL = "t with"
"""How the inference of a coefficient begins that was tested as all are."""


@dataclass(frozen=True, slots=True)
class Linear:
    """Estimates of combinations of coefficients, one entry a combination; `df` is infinite where the test is normal."""

    estimate: np.ndarray
    se: np.ndarray
    df: np.ndarray
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wald:
    """A joint test: F on df1 and df2, or a chi-square on df1 (df2 NaN)."""

    stat: float
    df1: float
    df2: float
    pval: float
    note: str = ""


def kind_of(recipe: Recipe) -> str:
    """The model that compares strata: che, glmm or univariate."""
    return {contrast_che: "che", contrast_glmm: "glmm"}.get(recipe.contrast, "univariate")


def stacked(strata: Sequence[Stratum]) -> pd.DataFrame:
    """The rows of several strata below each other; a study may stand in several."""
    rows = pd.concat([stratum.rows.assign(stratum=stratum.name) for stratum in strata], ignore_index=True)
    return rows[rows["yi"].notna()].reset_index(drop=True)


def differences(strata: Sequence[Stratum], kind: str, model: Model) -> list[Difference]:
    r"""Every difference between two strata, from one model with a mean for each stratum and common variances.

    .. math:: y_{ij} = \mu_{s} + u_j + w_{ij} + e_{ij}, \qquad \delta = \mu_s - \mu_t

    Parameters
    ----------
    strata : sequence of Stratum
        At least two.
    kind : str
        "che" (CR2 errors with Satterthwaite degrees of freedom, a wild bootstrap below 4 of them), "univariate" or
        "glmm".
    model : Model
        Of the analysis.

    Returns
    -------
    list of Difference
        Earlier stratum less later one. Intervals are not adjusted for their number; the joint test guards that.
    """
    rows, found = stacked(strata), []
    for j in range(1, len(strata)):
        names = [strata[j].name, *(s.name for n, s in enumerate(strata) if n != j)]
        against = _against_first(rows, names, kind, model)
        for i in range(j):
            at = names.index(strata[i].name) - 1
            numbers = (float(column[at]) for column in (against.estimate, against.se, against.df, against.pval))
            label = f"{strata[i].label} − {strata[j].label}"
            limits = float(against.ci_lb[at]), float(against.ci_ub[at])
            estimate, se, df, pval = numbers
            df = df if np.isfinite(df) else NAN
            note = against.notes[at] if against.notes and not against.notes[at].startswith(_USUAL) else ""
            found.append(Difference(strata[i].name, strata[j].name, label, estimate, se, df, pval, *limits, note))
    return found


def combinations(strata: Sequence[Stratum], C: np.ndarray, kind: str, model: Model) -> tuple[Linear, Wald]:
    """Combinations C (q, m) of the means of m strata: each by itself, and the test that all are zero.

    The rows of C may depend on each other; the joint test is on as many degrees of freedom as do not.
    """
    rows, names = stacked(strata), [s.name for s in strata]
    independent = _independent(C)
    if kind == "che":
        fit = fit_che(_ordered(rows, names), model, mods="~ stratum - 1").robust("CR2")
        found, test = fit.contrast(C), fit.wald(independent)
        wald = Wald(test.F, test.df_num, test.df_denom, test.pval, test.inference)
        return Linear(found.estimate, found.se, found.df, found.pval, found.ci_lb, found.ci_ub), wald
    if kind == "glmm":
        glmm = fit_glmm(rows, model, _indicators(rows, names))
        means = np.column_stack([np.ones(len(names)), np.vstack([np.zeros(len(names) - 1), np.eye(len(names) - 1)])])
        beta, vb = means @ glmm.beta, means @ glmm.vb @ means.T
        joint = omnibus(independent @ beta, independent @ vb @ independent.T, ddf=glmm.dfs)
        return _linear(C @ beta, C @ vb @ C.T, float(glmm.dfs), model.level), _wald(joint)
    fit = _rma(_ordered(rows, names), "~ stratum - 1", model)
    each = contrasts(fit, C)
    joint = contrasts(fit, independent)
    df = np.full(len(C), each.dfs)
    wald = Wald(joint.QM, joint.QMdf[0], _finite(joint.QMdf[1]), joint.QMp)
    return Linear(each.estimate, each.se, df, each.pval, each.ci_lb, each.ci_ub), wald


def slope(rows: pd.DataFrame, column: str, kind: str, model: Model) -> tuple[Linear, str]:
    """The change of the effect with one unit of a numeric column, and how it was tested."""
    if kind == "che":
        fit = fit_che(rows, model, mods=f"~ {column}").robust("CR2")
        last = [a[-1:] for a in (fit.beta, fit.se, fit.df, fit.pval, fit.ci_lb, fit.ci_ub)]
        return Linear(*last), f"CHE with {column}, CR2: {fit.inference[-1]}"
    if kind == "glmm":
        glmm = fit_glmm(rows, model, rows[[column]].to_numpy(float))
        found = _linear(glmm.beta[-1:], glmm.vb[-1:, -1:], float(glmm.dfs), model.level)
        return found, f"binomial–normal GLMM with {column}"
    uni = _rma(rows, f"~ {column}", model)
    df = np.array([uni.dfs])
    last = [a[-1:] for a in (uni.beta, uni.se)]
    return Linear(*last, df, uni.pval[-1:], uni.ci_lb[-1:], uni.ci_ub[-1:]), f"random effects with {column}"


def _against_first(rows: pd.DataFrame, names: list[str], kind: str, model: Model) -> Linear:
    """Each stratum less the first one."""
    if kind == "che":
        fit = fit_che(_ordered(rows, names), model, mods="~ stratum").robust("CR2")
        own = [a[1:] for a in (fit.beta, fit.se, fit.df, fit.pval, fit.ci_lb, fit.ci_ub)]
        return Linear(*own, tuple(fit.inference[1:]))
    if kind == "glmm":
        glmm = fit_glmm(rows, model, _indicators(rows, names))
        return _linear(glmm.beta[1:], glmm.vb[1:, 1:], float(glmm.dfs), model.level)
    uni = _rma(_ordered(rows, names), "~ stratum", model)
    df = np.full(len(names) - 1, uni.dfs)
    return Linear(uni.beta[1:], uni.se[1:], df, uni.pval[1:], uni.ci_lb[1:], uni.ci_ub[1:])


def _ordered(rows: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Strata as a factor whose first level is the one that the others are compared with."""
    return rows.assign(stratum=pd.Categorical(rows["stratum"], categories=names, ordered=False))


def _indicators(rows: pd.DataFrame, names: list[str]) -> np.ndarray:
    return np.column_stack([(rows["stratum"] == name).to_numpy(float) for name in names[1:]])


def _rma(rows: pd.DataFrame, mods: str, model: Model) -> RMA:
    y, v = rows["yi"].to_numpy(float), rows["vi"].to_numpy(float)
    return rma(y, v, mods=mods, data=rows, method=model.method, test=model.test, level=model.level)


def _linear(estimate: np.ndarray, variance: np.ndarray, df: float, level: float) -> Linear:
    found = wald_tests(estimate, np.atleast_2d(variance), df, level)
    return Linear(estimate, found.se, np.full(len(estimate), df), found.pval, found.ci_lb, found.ci_ub)


def _independent(C: np.ndarray) -> np.ndarray:
    """As many orthonormal combinations as the rows of C span."""
    _, sizes, right = np.linalg.svd(np.atleast_2d(C), full_matrices=False)
    return right[sizes > 1e-9 * sizes[0]]


def _wald(joint: Omnibus) -> Wald:
    return Wald(float(joint.stat), float(joint.df[0]), _finite(joint.df[1]), float(joint.pval))


def _finite(x: float) -> float:
    return float(x) if np.isfinite(x) else NAN
