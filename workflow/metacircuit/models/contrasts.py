"""Linear combinations of the coefficients of a univariate model: contrasts, marginal means, pairwise comparisons."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.stats.rank import dependent_columns
from metacircuit.stats.wald import omnibus, wald_tests

from .choices import one_of
from .mv_estimates import ADJUSTMENTS, adjusted
from .printing import coefficient_table, p_text
from .univariate.reference import level_rows
from .univariate.result import RMA


@dataclass(frozen=True, slots=True, eq=False)
class Contrasts:
    """Estimated combinations L beta, (q,) each.

    Attributes
    ----------
    names, estimate, se, stat, pval, ci_lb, ci_ub : one entry a combination; pval is adjusted as `adjust` says, the
        intervals are not.
    dfs : of the tests, inf for z. QM, QMdf, QMp : the joint test that all are zero, on as many degrees of freedom as
        there are combinations that do not follow from the others.
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
        statistic = f"QM({self.QMdf[0]})" if np.isinf(self.dfs) else f"F({self.QMdf[0]}, {self.dfs:g})"
        title = f"Contrasts ({reference} tests, {self.level:g} % intervals{adjusted})"
        return "\n".join(
            [title, coefficient_table(self.to_frame()), f"All zero: {statistic} = {self.QM:.4f}, {p_text(self.QMp)}"]
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
    names : q labels. adjust : "none", "holm" or "bonferroni". level : in percent; default the model's.

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
    wald = wald_tests(estimate, vb, fit.dfs, level)
    joint = omnibus(estimate, vb, _independent(L), fit.dfs)
    labels = tuple(names) if names is not None else tuple(_label(row, fit.names) for row in L)
    return Contrasts(
        names=labels,
        estimate=estimate,
        se=wald.se,
        stat=wald.stat,
        pval=adjusted(wald.pval, adjust),
        ci_lb=wald.ci_lb,
        ci_ub=wald.ci_ub,
        dfs=fit.dfs,
        QM=joint.stat,
        QMdf=joint.df,
        QMp=joint.pval,
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


def _independent(L: np.ndarray) -> np.ndarray:
    """The first rows that do not follow from those before them."""
    names = tuple(map(str, range(len(L))))
    dependent = dependent_columns(L.T, names)
    return np.array([i for i, name in enumerate(names) if name not in dependent], dtype=int)


def _label(row: np.ndarray, names: tuple[str, ...]) -> str:
    """A combination written out: `gb - ga`, `intrcpt + 2*x`."""
    words = ""
    for weight, name in zip(row, names, strict=True):
        if weight:
            sign = ("-" if weight < 0 else "") if not words else (" - " if weight < 0 else " + ")
            words += f"{sign}{'' if abs(weight) == 1 else f'{abs(weight):g}*'}{name}"
    return words or "0"
