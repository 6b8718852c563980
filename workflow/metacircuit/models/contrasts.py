"""Linear combinations of the coefficients of a univariate model: contrasts, marginal means, pairwise comparisons."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.stats.coefficients import wald
from metacircuit.stats.distributions import critical, two_sided_p

from .choices import one_of
from .printing import coefficient_table, p_text
from .univariate.reference import level_rows
from .univariate.result import RMA

ADJUSTMENTS = ("none", "holm")


@dataclass(frozen=True, slots=True, eq=False)
class Contrasts:
    """Estimated combinations L beta, (q,) each.

    Attributes
    ----------
    names, estimate, se, stat, pval, ci_lb, ci_ub : one entry a combination; pval is adjusted as `adjust` says, the
        intervals are not.
    dfs : of the tests, inf for z. QM, QMdf, QMp : the joint test that all are zero (NaN if they depend on each other).
    """

    names: tuple[str, ...]
    estimate: np.ndarray
    se: np.ndarray
    stat: np.ndarray
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    dfs: float
    QM: float
    QMdf: tuple[int, float]
    QMp: float
    adjust: str
    level: float

    def to_frame(self) -> pd.DataFrame:
        """One row a combination."""
        columns = ("estimate", "se", "stat", "pval", "ci_lb", "ci_ub")
        return pd.DataFrame({"term": self.names, **{name: getattr(self, name) for name in columns}})

    def __str__(self) -> str:
        adjusted = "" if self.adjust == "none" else f"; p-values adjusted by {self.adjust.capitalize()}"
        reference = "z" if np.isinf(self.dfs) else f"t({self.dfs:g})"
        title = f"Contrasts ({reference} tests, {self.level:g} % intervals{adjusted})"
        return "\n".join(
            [title, coefficient_table(self.to_frame()), f"All zero: QM = {self.QM:.4f}, {p_text(self.QMp)}"]
        )


def contrasts(
    fit: RMA, L: Any, *, names: Sequence[str] | None = None, adjust: str = "none", level: float | None = None
) -> Contrasts:
    """Estimate and test L beta.

    Var(L beta) = L vb L'; each row against z or t as the model's test, all rows together by a Wald test.

    Parameters
    ----------
    fit : the model.
    L : (p,) or (q, p) weights of the coefficients.
    names : q labels. adjust : "none" or "holm". level : in percent; default the model's.

    Returns
    -------
    Contrasts

    Raises
    ------
    ValueError
        If L does not have p columns or a word is unknown.

    Source
    ------
    Holm (1979) Scand J Stat 6, 65-70.

    Example
    -------
    >>> from metacircuit.models.rma import rma
    >>> table = {"g": ["a", "a", "b", "b", "c", "c"]}
    >>> fit = rma([0.1, 0.2, 0.5, 0.6, 0.3, 0.1], [0.1] * 6, mods="~ g - 1", data=table, method="EE")
    >>> contrasts(fit, [[-1, 1, 0]], names=["b - a"]).estimate.round(3)
    array([0.4])
    """
    one_of("adjust", adjust, ADJUSTMENTS)
    L = np.atleast_2d(np.asarray(L, float))
    if L.shape[1] != fit.p:
        raise ValueError(f"L has {L.shape[1]} columns, the model {fit.p} coefficients: {', '.join(fit.names)}.")
    level = fit.level if level is None else level
    estimate, vb = L @ fit.beta, L @ fit.vb @ L.T
    se = np.sqrt(np.diag(vb))
    with np.errstate(divide="ignore", invalid="ignore"):
        stat = estimate / se
        pval = two_sided_p(stat, fit.dfs) if fit.dfs > 0 else np.full(len(L), np.nan)
    half = critical(level, fit.dfs) * se if fit.dfs > 0 else np.full(len(L), np.nan)
    QM, QMp = wald(estimate, vb, fit.dfs)
    labels = tuple(names) if names is not None else tuple(_label(row, fit.names) for row in L)
    return Contrasts(
        names=labels,
        estimate=estimate,
        se=se,
        stat=stat,
        pval=holm(pval) if adjust == "holm" else pval,
        ci_lb=estimate - half,
        ci_ub=estimate + half,
        dfs=fit.dfs,
        QM=QM,
        QMdf=(len(L), fit.dfs),
        QMp=QMp,
        adjust=adjust,
        level=level,
    )


def marginal_means(fit: RMA, term: str, *, level: float | None = None) -> Contrasts:
    """The average effect at each level of a factor; other factors weigh equally, numbers stand at their means.

    Raises
    ------
    ValueError
        If the model has no such factor, or a mean is not determined by the data.
    """
    rows, levels = level_rows(fit, term)
    return contrasts(fit, rows, names=levels, level=level)


def pairwise(fit: RMA, term: str, *, adjust: str = "holm", level: float | None = None) -> Contrasts:
    """Differences between all levels of a factor, second minus first, p-values adjusted together."""
    rows, levels = level_rows(fit, term)
    pairs = list(combinations(range(len(levels)), 2))
    if not pairs:
        raise ValueError(f"{term!r} has one level only: there is nothing to compare.")
    names = [f"{levels[b]} - {levels[a]}" for a, b in pairs]
    return contrasts(fit, [rows[b] - rows[a] for a, b in pairs], names=names, adjust=adjust, level=level)


def holm(pval: np.ndarray) -> np.ndarray:
    """Holm's step-down p-values: the j-th smallest of q times (q - j + 1), never falling, at most 1; NaN stays NaN.

    >>> holm(np.array([0.01, 0.04, 0.03]))
    array([0.03, 0.06, 0.06])
    """
    adjusted = np.full(pval.shape, np.nan)
    known = np.flatnonzero(~np.isnan(pval))
    order = known[np.argsort(pval[known], kind="stable")]
    factors = np.arange(order.size, 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(pval[order] * factors))
    return adjusted


def _label(row: np.ndarray, names: tuple[str, ...]) -> str:
    """A combination written out: `gb - ga`, `intrcpt + 2*x`."""
    words = ""
    for weight, name in zip(row, names, strict=True):
        if weight:
            sign = ("-" if weight < 0 else "") if not words else (" - " if weight < 0 else " + ")
            words += f"{sign}{'' if abs(weight) == 1 else f'{abs(weight):g}*'}{name}"
    return words or "0"
