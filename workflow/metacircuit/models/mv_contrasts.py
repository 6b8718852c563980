"""Marginal means, contrasts and pairwise comparisons of the levels of a factor."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.mv_estimates import Estimates, Source, estimates
from metacircuit.models.mv_fit import Fit
from metacircuit.stats.formula_tokens import nearest


def marginal_means(source: Source, fit: Fit, term: str, *, level: float | None = None) -> Estimates:
    """The mean of each level of a factor, other factors averaged with equal weights, numbers held at their means.

    Raises
    ------
    ValueError
        If the model was not built by formula, the term is no factor of it, or a mean cannot be estimated.

    Source: Searle, Speed and Milliken (1980), The American Statistician 34:216.
    """
    C, labels = _means(fit, term)
    return estimates(source, C, labels, level=level)


def pairwise(source: Source, fit: Fit, term: str, *, adjust: str = "holm", level: float | None = None) -> Estimates:
    """Differences between all pairs of levels of a factor (second minus first), p-values adjusted together."""
    C, labels = _means(fit, term)
    pairs = list(combinations(range(len(labels)), 2))
    if not pairs:
        raise ValueError(f"{term!r} has one level only: there is nothing to compare.")
    names = [f"{labels[b]} - {labels[a]}" for a, b in pairs]
    return estimates(source, np.array([C[b] - C[a] for a, b in pairs]), names, level=level, adjust=adjust)


def _means(fit: Fit, term: str) -> tuple[np.ndarray, list[str]]:
    """One row of coefficients' weights for each level of a factor."""
    inputs = fit.inputs
    design = inputs.design
    if design is None:
        raise ValueError("Marginal means need a model built by formula: mods='~ factor', data=table.")
    variables = {v.label: v for t in design.formula.terms for v in t}
    label = next(
        (v.label for v in variables.values() if term in (v.label, v.at.text) and v.label in design.levels), None
    )
    if label is None:
        raise ValueError(f"{term!r} is not a factor of the model. {nearest(term, design.levels)}")
    columns = {variables[factor].at.text: levels for factor, levels in design.levels.items()}
    grid = pd.DataFrame(list(product(*columns.values())), columns=list(columns))
    for name, mean in inputs.numeric_means.items():
        if name not in grid:
            grid[name] = mean
    rows = design.for_new(grid)
    own = grid[variables[label].at.text].astype(str)
    C = np.array([rows[(own == level).to_numpy()].mean(axis=0) for level in design.levels[label]])
    for level, row in zip(design.levels[label], C, strict=True):
        if len(inputs.null_space) and np.abs(inputs.null_space @ row).max() > 1e-8 * max(np.abs(row).max(), 1.0):
            dropped = ", ".join(f"{name} ({why})" for name, why in inputs.dropped.items())
            raise ValueError(
                f"The mean of {term} = {level} cannot be estimated: these coefficients were dropped: {dropped}."
            )
    return C[:, list(inputs.kept_columns)], list(design.levels[label])


def contrast_matrix(fit: Fit, wanted: Any) -> np.ndarray:
    """Coefficients to test: terms or names, their positions, or a matrix (q, p)."""
    inputs = fit.inputs
    p = len(inputs.names)
    if not isinstance(wanted, str) and np.ndim(wanted) == 2:
        C = np.asarray(wanted, float)
        if C.shape[1] != p:
            raise ValueError(
                f"The contrasts have {C.shape[1]} columns; the model has {p} coefficients: {', '.join(inputs.names)}."
            )
        return C
    chosen: list[int] = []
    for item in [wanted] if isinstance(wanted, (str, int, np.integer)) else wanted:
        if isinstance(item, (int, np.integer)) and -p <= item < p:
            chosen.append(int(item) % p)
        elif item in inputs.term_columns:
            chosen += inputs.term_columns[item]
        elif item in inputs.names:
            chosen.append(inputs.names.index(item))
        else:
            raise ValueError(
                f"{item!r} is no term and no coefficient. {nearest(str(item), [*inputs.term_columns, *inputs.names])}"
            )
    if not chosen:
        raise ValueError("There is nothing to test: all coefficients of these terms were dropped.")
    return np.eye(p)[sorted(set(chosen))]


def default_terms(fit: Fit) -> list[str]:
    """All terms but the intercept; the intercept if there is nothing else."""
    terms = [t for t, own in fit.inputs.term_columns.items() if own]
    return [t for t in terms if t != "intrcpt"] or terms
