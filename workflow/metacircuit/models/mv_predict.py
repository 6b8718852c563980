"""Predictions of the multilevel model, with intervals for the mean and for a new true effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.mv_estimates import Estimates, Source, estimates
from metacircuit.models.mv_fit import Fit
from metacircuit.stats.formula import INTERCEPT, design_matrix
from metacircuit.stats.multilevel.terms import Term


def predict(
    source: Source, fit: Fit, newdata: Any = None, *, levels: Any = None, level: float | None = None
) -> Estimates:
    """Predicted means, with confidence and prediction intervals.

    Parameters
    ----------
    source : the model, or its robust version, whose covariance and degrees of freedom are used.
    fit : the fitted model.
    newdata : a data frame or mapping with the columns of the formula; an array (m, p) of moderators, with or without
        the intercept; None for the observed rows (one row when there is only an intercept).
    levels : the inner level of each prediction, for structures whose variance differs between levels; taken from
        newdata where it has the column.
    level : confidence in percent.

    Returns
    -------
    Estimates
        `pi_lb` and `pi_ub` hold the true effect of a new study (and of a new effect in it); they are missing where a
        variance depends on a level that was not given.
    """
    C, labels = design_rows(fit, newdata)
    return estimates(source, C, labels, level=level, spread=_spread(fit, C, newdata, levels))


def design_rows(fit: Fit, newdata: Any) -> tuple[np.ndarray, list[str]]:
    """The design rows (m, p) of new data."""
    inputs = fit.inputs
    p = inputs.X.shape[1]
    if newdata is None:
        if inputs.names == (INTERCEPT,):
            return np.ones((1, 1)), ["mean"]
        return inputs.X, [str(i) for i in inputs.rows]
    if inputs.design is not None and isinstance(newdata, (pd.DataFrame, Mapping)):
        C = inputs.design.for_new(newdata)[:, inputs.kept_columns]
    else:
        table = newdata[[n for n in inputs.names if n != INTERCEPT]] if isinstance(newdata, pd.DataFrame) else newdata
        C = np.asarray(table, float)
        has_intercept = INTERCEPT in inputs.names
        if C.ndim < 2:
            C = C.reshape(-1, 1) if p - has_intercept == 1 else C.reshape(1, -1)
        if has_intercept and C.shape[1] == p - 1:
            C = np.insert(C, inputs.names.index(INTERCEPT), 1.0, axis=1)
        if C.shape[1] != p:
            raise ValueError(
                f"newdata has {C.shape[1]} columns; the model has the coefficients {', '.join(inputs.names)}."
            )
    return C, [str(i) for i in range(len(C))]


def _spread(fit: Fit, C: np.ndarray, newdata: Any, levels: Any) -> np.ndarray:
    """The variance of true effects at each prediction; NaN where it depends on an unknown level."""
    total = np.zeros(len(C))
    for term, G in zip(fit.inputs.terms, fit.covariances, strict=True):
        if np.ptp(np.diag(G)) == 0 and not _is_slope(term):
            total += G[0, 0]
            continue
        z = _felt(fit, term, C, newdata, levels)
        total += np.nan if z is None else np.einsum("mu,uv,mv->m", z, G, z)
    return total


def _is_slope(term: Term) -> bool:
    return term.structure.kind in ("GEN", "GDIAG")


def _felt(fit: Fit, term: Term, C: np.ndarray, newdata: Any, levels: Any) -> np.ndarray | None:
    """How each prediction feels the effects of one term."""
    inner = term.name.split("|")[0].strip()
    if newdata is None and levels is None and len(C) == len(fit.inputs.y):
        return term.design
    if _is_slope(term):
        if isinstance(newdata, (pd.DataFrame, Mapping)):
            return design_matrix(f"~ {inner}", newdata).X
        if set(term.levels) <= set(fit.inputs.names):
            return C[:, [fit.inputs.names.index(name) for name in term.levels]]
        return None
    if levels is None and isinstance(newdata, (pd.DataFrame, Mapping)) and inner in newdata:
        levels = newdata[inner]
    if levels is None:
        return _from_coefficients(fit, term, C)
    wanted = (
        [levels]
        if isinstance(levels, str) or not isinstance(levels, (Sequence, np.ndarray, pd.Series))
        else list(levels)
    )
    unknown = [w for w in wanted if str(w) not in term.levels]
    if unknown:
        raise ValueError(f"levels: {unknown[0]!r} is not a level of {inner!r}; it has {', '.join(term.levels)}.")
    z = np.zeros((len(wanted), term.q))
    z[np.arange(len(wanted)), [term.levels.index(str(w)) for w in wanted]] = 1.0
    return np.broadcast_to(z, (len(C), term.q)) if len(z) == 1 else z


def _from_coefficients(fit: Fit, term: Term, C: np.ndarray) -> np.ndarray | None:
    """The level that a design row belongs to, where the design tells the levels apart."""
    X = fit.inputs.X
    patterns = {}
    for x, u in {(tuple(x), int(u)) for x, u in zip(X, term.design.argmax(axis=1), strict=True)}:
        patterns.setdefault(x, set()).add(u)
    found = [patterns.get(tuple(x), set()) for x in C]
    if any(len(u) != 1 for u in found):
        return None
    z = np.zeros((len(C), term.q))
    z[np.arange(len(C)), [next(iter(u)) for u in found]] = 1.0
    return z
