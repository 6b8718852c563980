"""Rows of the design at which a fitted model is read off: new moderators and the levels of factors."""

from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from metacircuit.stats.formula import INTERCEPT
from metacircuit.stats.formula_tokens import nearest

if TYPE_CHECKING:
    from .result import RMA

# A row is estimable if its part in the null space of the design is below this share of it.
ESTIMABLE = 1e-8


def design_rows(fit: "RMA", newmods: Any) -> np.ndarray:
    """The rows (m, p) for new moderators: a mapping or DataFrame, or numbers (q,), (m, q) without the intercept.

    Raises
    ------
    ValueError
        If columns are missing or too many, or the prediction is not determined because columns were dropped.
    """
    moderators = [name for name in fit.full_names if name != INTERCEPT]
    if isinstance(newmods, Mapping | pd.DataFrame) and fit.design is not None:
        rows = fit.design.for_new(newmods)
    else:
        if isinstance(newmods, Mapping | pd.DataFrame):
            newmods = _named_columns(newmods, moderators)
        rows = np.asarray(newmods, float)
        rows = rows.reshape(-1, 1) if rows.ndim < 2 and len(moderators) == 1 else np.atleast_2d(rows)
        if rows.shape[1] != len(moderators) or not moderators:
            raise ValueError(
                f"newmods has {rows.shape[1]} columns, the model has {len(moderators)} moderators"
                f"{': ' + ', '.join(moderators) if moderators else ''}."
            )
        rows = np.column_stack([np.ones(len(rows)), rows]) if INTERCEPT in fit.full_names else rows
    return keep(fit, rows)


def _named_columns(newmods: Any, names: list[str]) -> np.ndarray:
    frame = pd.DataFrame([newmods] if all(np.isscalar(value) for value in dict(newmods).values()) else newmods)
    if missing := [name for name in names if name not in frame]:
        raise ValueError(f"newmods has no column {missing[0]!r}. {nearest(missing[0], frame.columns)}")
    return frame[names].to_numpy(float)


def keep(fit: "RMA", rows: np.ndarray) -> np.ndarray:
    """The columns that the model kept, once it is certain that the dropped ones do not matter."""
    if len(fit.null_space):
        outside = np.abs(rows @ fit.null_space.T).max(axis=1) > ESTIMABLE * np.abs(rows).max(axis=1)
        if outside.any():
            dropped = "; ".join(f"{name}: {why}" for name, why in fit.dropped.items())
            row = int(np.flatnonzero(outside)[0]) + 1
            raise ValueError(f"Row {row} cannot be predicted: the data do not determine all coefficients ({dropped}).")
    return rows[:, list(fit.kept)]


def level_rows(fit: "RMA", term: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """One row (m, p) for each level of a factor: other factors averaged with equal weights, numbers at their means.

    Source
    ------
    Searle, Speed & Milliken (1980) American Statistician 34, 216-221.
    """
    design = fit.design
    if design is None:
        raise ValueError("Marginal means need a model built by a formula: mods='~ factor', data=table.")
    if term not in design.levels:
        raise ValueError(f"{term!r} is not a factor of the model. {nearest(term, design.levels)}")
    grid = pd.DataFrame(list(product(*design.levels.values())), columns=list(design.levels))
    rows = design.for_new(grid.assign(**{name: mean for name, mean in fit.means.items() if name not in grid}))
    levels = design.levels[term]
    averaged = np.array([rows[(grid[term] == level).to_numpy()].mean(axis=0) for level in levels])
    return keep(fit, averaged), levels
