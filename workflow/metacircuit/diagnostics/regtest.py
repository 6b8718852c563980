"""Egger's regression test in all its variants, for independent and for dependent effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.choices import one_of
from metacircuit.models.printing import p_text
from metacircuit.models.rma_mv import RMAMV
from metacircuit.stats.distributions import critical, two_sided_p
from metacircuit.stats.linear import sample
from metacircuit.stats.rank import dependent_columns

from .dependent import MultilevelEgger, egger_mv
from .effects import Effects, effects_of
from .outcome import NOT_ESTIMABLE, OK, TOO_FEW, closing, few_studies, one_row

MODELS = ("rma", "lm")
PREDICTORS = ("sei", "vi", "ni", "ninv", "sqrtni", "sqrtninv")
# Predictors that vanish for a study of infinite size: there the intercept is the limit estimate.
VANISHING = ("sei", "vi", "ninv", "sqrtninv")


@dataclass(frozen=True, slots=True, eq=False)
class RegTest:
    """The slope on the predictor, its test, and the limit estimate.

    Attributes
    ----------
    model, predictor : which variant. zval, pval, dfs : test of the slope, dfs infinite for z; stat is zval.
    slope, se : the slope. est, ci_lb, ci_ub : effect at the predictor's zero; NaN where that has no meaning.
    beta : (p + 1,) all coefficients. k : effects. status, reason, notes : how it went.
    """

    model: str
    predictor: str
    zval: float
    pval: float
    dfs: float
    slope: float
    se: float
    est: float
    ci_lb: float
    ci_ub: float
    beta: np.ndarray
    k: int
    level: float
    status: str
    reason: str
    notes: tuple[str, ...]

    @property
    def stat(self) -> float:
        """The test statistic, under the name that other results use."""
        return self.zval

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        names = ("model", "predictor", "k", "zval", "dfs", "pval", "slope", "se", "est", "ci_lb", "ci_ub")
        return one_row(self, (*names, "status", "reason"))

    def __str__(self) -> str:
        kind = {"rma": "meta-regression", "lm": "weighted regression with multiplicative dispersion"}[self.model]
        letter = "z" if np.isinf(self.dfs) else f"t({self.dfs:g})"
        lines = [f"Regression test for funnel plot asymmetry ({kind}, predictor {self.predictor}, k = {self.k})"]
        if self.status == OK:
            lines.append(f"{letter} = {self.zval:.4f}, {p_text(self.pval)}")
            if not np.isnan(self.est):
                lines.append(
                    f"Limit estimate {self.est:.4f} ({self.level:g} % CI {self.ci_lb:.4f} to {self.ci_ub:.4f})"
                )
        return "\n".join([*lines, *closing(self)])


def regtest(
    x: Any, vi: Any = None, *, sei: Any = None, ni: Any = None, model: str = "rma", predictor: str = "sei"
) -> RegTest | MultilevelEgger:
    """Test whether effects depend on the precision of their study.

    y_i = b0 + b1 predictor_i + ...: model "rma" keeps the model's heterogeneity (additive), "lm" weighs by 1 / vi and
    scales the errors by the residual variance (multiplicative, Egger's own). For a model from `rma_mv` the multilevel
    Egger test with CR2 errors is done (`egger_mv`).

    Parameters
    ----------
    x : a model from `rma` (its moderators stay in) or `rma_mv`; or (k,) effects with `vi` or `sei`.
    ni : (k,) sample sizes, for the predictors made of them.
    model : "rma" or "lm".
    predictor : "sei", "vi", "ni", "ninv", "sqrtni" or "sqrtninv".

    Returns
    -------
    RegTest
        With status too_few or not_estimable, and the reason, where there is no test.

    Raises
    ------
    ValueError
        For unknown words, or sample sizes that are missing or not positive.

    Source
    ------
    Egger et al. (1997) BMJ 315, 629-634; Sterne & Egger (2005) in Publication Bias in Meta-Analysis, chapter 6.

    Example
    -------
    >>> print(regtest([0.1, 0.2, 0.5, 0.9, 0.8], [0.01, 0.02, 0.05, 0.1, 0.08], model="lm"))
    Regression test for funnel plot asymmetry (weighted regression with multiplicative dispersion, predictor sei, k = 5)
    t(3) = 15.2087, p = .0006
    Limit estimate -0.2824 (95 % CI -0.4058 to -0.1590)
    Note: With 5 effects (fewer than 10) the test has hardly any power: a large p-value means nothing.
    """
    one_of("model", model, MODELS)
    one_of("predictor", predictor, PREDICTORS)
    if isinstance(x, RMAMV):
        return egger_mv(x, predictor=predictor, ni=ni)
    data = effects_of(x, vi, sei, purpose="The regression test", moderators=True)
    values = predictor_values(predictor, data.vi, ni)
    X = np.column_stack([data.X, values])
    p = X.shape[1]
    refused = _refusal(X, predictor)
    if refused is not None:
        return _without(model, predictor, data, *refused)
    if model == "rma":
        fit = data.refit(data.yi, data.vi, X)
        beta, se, zval, pval, dfs = fit.beta, fit.se, float(fit.stat[-1]), float(fit.pval[-1]), fit.dfs
        limits = fit.ci_lb[0], fit.ci_ub[0]
    else:
        beta, se, dfs = _multiplicative(data, X)
        zval = float(beta[-1] / se[-1]) if se[-1] > 0 else np.nan
        pval = float(two_sided_p(zval, dfs))
        half = critical(data.level, dfs) * se[0]
        limits = beta[0] - half, beta[0] + half
    at_zero = p == 2 and data.intercept_only and predictor in VANISHING
    est = (float(beta[0]), float(limits[0]), float(limits[1])) if at_zero else (np.nan,) * 3
    notes = few_studies(data.k)
    slope, error = float(beta[-1]), float(se[-1])
    return RegTest(
        model, predictor, zval, pval, float(dfs), slope, error, *est, beta, data.k, data.level, OK, "", notes
    )


def predictor_values(predictor: str, vi: np.ndarray, ni: Any = None) -> np.ndarray:
    """The (k,) values of a predictor of precision.

    Raises
    ------
    ValueError
        If sample sizes are needed and missing, or not positive.
    """
    if predictor in ("sei", "vi"):
        return np.sqrt(vi) if predictor == "sei" else vi
    if ni is None:
        raise ValueError(f"predictor={predictor!r} needs the sample sizes: pass ni=, one number for each effect.")
    n = np.asarray(ni, float)
    if n.shape != vi.shape or not np.isfinite(n).all() or (n <= 0).any():
        raise ValueError(f"ni must be {vi.size} numbers above zero, one for each effect.")
    return {"ni": n, "ninv": 1 / n, "sqrtni": np.sqrt(n), "sqrtninv": 1 / np.sqrt(n)}[predictor]


def _refusal(X: np.ndarray, predictor: str) -> tuple[str, str] | None:
    """Why there is no test; None if there is one."""
    k, p = X.shape
    if k <= p:
        return TOO_FEW, f"{k} effects leave no degrees of freedom for {p} coefficients."
    names = (*(f"x{j}" for j in range(p - 1)), predictor)
    reason = dependent_columns(X, names).get(predictor)
    return None if reason is None else (NOT_ESTIMABLE, f"The predictor {predictor} tells nothing: {reason}.")


def _without(model: str, predictor: str, data: Effects, status: str, reason: str) -> RegTest:
    nothing = (np.nan,) * 8
    beta = np.full(data.X.shape[1] + 1, np.nan)
    return RegTest(model, predictor, *nothing, beta, data.k, data.level, status, reason, few_studies(data.k))


def _multiplicative(data: Effects, X: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Coefficients, standard errors and df of weighted least squares with an estimated scale."""
    fit = sample(data.yi, data.vi, X).project()
    df = float(X.shape[0] - X.shape[1])
    return fit.beta[0], np.sqrt(fit.rss[0] / df * np.diag(fit.vb()[0])), df
