"""Estimates, variances and moderators as `rma` receives them, checked and made into arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.stats.formula import INTERCEPT, Design, design_matrix
from metacircuit.stats.formula_columns import row_list
from metacircuit.stats.formula_tokens import Expression, nearest
from metacircuit.stats.rank import dependent_columns


@dataclass(frozen=True, slots=True, eq=False)
class Moderators:
    """The design of a model.

    Attributes
    ----------
    X, names : (k, p) and p names, without the dropped columns. full_names, kept : all names, and which of them X has.
    dropped : column -> why it was left out. null_space : (d, q) directions that the full design does not determine.
    means : means of the numeric columns in the formula. design : the formula's design, None for numbers.
    """

    X: np.ndarray
    names: tuple[str, ...]
    full_names: tuple[str, ...]
    kept: tuple[int, ...]
    dropped: dict[str, str]
    null_space: np.ndarray
    means: dict[str, float]
    design: Design | None


def estimates(yi: Any, vi: Any, sei: Any, data: Any) -> tuple[np.ndarray, np.ndarray]:
    """yi and vi as arrays; `sei` may stand for vi, and strings name columns of `data`.

    Raises
    ------
    ValueError
        If lengths differ, values are missing or infinite, or a variance is not above zero; rows count from 1.
    """
    if (vi is None) == (sei is None):
        raise ValueError("Give the sampling variances (vi) or the standard errors (sei), one of the two.")
    y = _numbers("yi", yi, data)
    if vi is not None:
        v, name = _numbers("vi", vi, data), "vi"
    else:
        v, name = _numbers("sei", sei, data), "sei"
    if y.size == 0:
        raise ValueError("yi is empty: there is no effect to analyse.")
    if y.size != v.size:
        raise ValueError(f"yi has {y.size} values and {name} has {v.size}; they must have one value for each effect.")
    for label, values in (("yi", y), (name, v)):
        if (bad := ~np.isfinite(values)).any():
            raise ValueError(
                f"{label} is missing or infinite in {row_list(bad)}. Leave these rows out, or fill the values in; "
                "nothing is dropped in silence."
            )
    if (bad := v <= 0).any():
        raise ValueError(
            f"{name} must be above zero; it is not in {row_list(bad)}. An effect without sampling error would get "
            "infinite weight: correct the variance, or leave these rows out."
        )
    return y, v if vi is not None else v**2


def _numbers(name: str, values: Any, data: Any) -> np.ndarray:
    """A vector of floats, from values or from a column of `data`."""
    if isinstance(values, str):
        if data is None or values not in data:
            known = () if data is None else list(data)
            raise ValueError(f"{name}={values!r} names no column of data. {nearest(values, known)}")
        values = data[values]
    try:
        vector = np.asarray(pd.Series(np.ravel(np.asarray(values, dtype=object))).astype(float))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must hold numbers: {error}.") from None
    return vector


def moderators(mods: Any, data: Any, k: int, *, intercept: bool) -> Moderators:
    """The design matrix for `mods`: None, a formula with data, or one or several columns of numbers.

    Columns that repeat others are dropped; `dropped` says which and why.
    """
    design = None
    if mods is None:
        X, names = np.ones((k, 1)), (INTERCEPT,)
        if not intercept:
            raise ValueError("A model without moderators needs its intercept. Give mods, or leave intercept=True.")
    elif isinstance(mods, str):
        if data is None:
            raise ValueError(f"The formula {mods!r} needs data: pass data= with the columns that it names.")
        design = design_matrix(mods, data, intercept=intercept)
        X, names = design.X, design.names
    else:
        X, names = _columns(mods)
        if intercept:
            X, names = np.column_stack([np.ones(len(X)), X]), (INTERCEPT, *names)
    if len(X) != k:
        raise ValueError(f"mods has {len(X)} rows and yi has {k} values; they must have one row for each effect.")
    dropped = dependent_columns(X, names)
    kept = tuple(j for j, name in enumerate(names) if name not in dropped)
    if not kept:
        raise ValueError("No moderator is left: " + "; ".join(f"{name}: {why}" for name, why in dropped.items()) + ".")
    return Moderators(
        X=X[:, kept],
        names=tuple(names[j] for j in kept),
        full_names=names,
        kept=kept,
        dropped=dropped,
        null_space=_null_space(X, kept) if dropped else np.empty((0, len(names))),
        means={} if design is None else _numeric_means(design, data),
        design=design,
    )


def _null_space(X: np.ndarray, kept: tuple[int, ...]) -> np.ndarray:
    """For each dropped column the combination of columns that is zero in all rows."""
    others = [j for j in range(X.shape[1]) if j not in kept]
    shares = np.linalg.lstsq(X[:, kept], X[:, others], rcond=None)[0]
    null = np.zeros((len(others), X.shape[1]))
    null[:, list(kept)] = -shares.T
    null[np.arange(len(others)), others] = 1.0
    return null / np.linalg.norm(null, axis=1, keepdims=True)


def _numeric_means(design: Design, data: Any) -> dict[str, float]:
    """The mean of every numeric column that the formula names."""
    names: set[str] = set()

    def collect(node: Expression) -> None:
        if node.op == "name":
            names.add(node.at.text)
        for part in node.parts:
            collect(part)

    for variable in (v for term in design.formula.terms for v in term):
        if variable.expression is not None:
            collect(variable.expression)
        elif variable.label not in design.levels:
            names.add(variable.label)
    return {name: float(np.mean(np.asarray(data[name], float))) for name in sorted(names)}


def _columns(mods: Any) -> tuple[np.ndarray, tuple[str, ...]]:
    """Moderators given as numbers: (k,), (k, p), a Series or a DataFrame."""
    if isinstance(mods, pd.DataFrame | Mapping):
        names = tuple(str(name) for name in mods)
    elif isinstance(mods, pd.Series) and mods.name is not None:
        names = (str(mods.name),)
    else:
        names = ()
    try:
        X = np.asarray(pd.DataFrame(mods) if isinstance(mods, Mapping) else mods, float)
    except (TypeError, ValueError):
        raise ValueError("mods holds text. Use a formula for factors: mods='~ name', data=table.") from None
    X = X[:, None] if X.ndim == 1 else X
    if not names:
        names = ("mods",) if X.shape[1] == 1 else tuple(f"X{j + 1}" for j in range(X.shape[1]))
    if (bad := ~np.isfinite(X)).any():
        column = int(np.flatnonzero(bad.any(axis=0))[0])
        raise ValueError(f"Moderator {names[column]!r} is missing or infinite in {row_list(bad[:, column])}.")
    return X, names


def labels(slab: Sequence | None, k: int) -> tuple[str, ...]:
    """Study labels; 1, 2, … if none are given."""
    found = tuple(str(label) for label in (range(1, k + 1) if slab is None else slab))
    if len(found) != k:
        raise ValueError(f"slab has {len(found)} labels and yi has {k} values; give one label for each effect.")
    return found


def own_weights(weights: Any, k: int) -> np.ndarray:
    """The user's weights, one for each effect."""
    values = np.asarray(weights, float)
    if values.shape != (k,) or not np.isfinite(values).all() or (values < 0).any() or not values.any():
        raise ValueError(f"weights must be {k} numbers not below zero (one for each effect), not all of them zero.")
    return values
