"""The correlations behind `vcalc`: from constructs, groups and times, or from columns that hold them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

Correlate = Callable[[np.ndarray], np.ndarray]


def column(name: str, value: Any, data: Any) -> np.ndarray:
    """An array, or the column of that name."""
    if not isinstance(value, str):
        return np.atleast_1d(np.asarray(value))
    if data is None:
        raise ValueError(f"{name}={value!r} is a column name, but there is no data= to look it up in.")
    if value not in data:
        raise ValueError(f"{name}={value!r}: there is no such column. Columns: {', '.join(map(str, data))}.")
    return np.asarray(data[value])


def from_design(given: dict[str, np.ndarray], k: int, rho: Any, phi: float | None) -> Correlate:
    """The correlation of (m, n) rows from constructs, groups and times."""
    if "time1" in given and phi is None:
        raise ValueError("time1= needs phi=: the autocorrelation for a distance in time of 1.")
    decay = 1.0 if "time1" not in given else float(phi)
    if abs(decay) > 1:
        raise ValueError(f"phi must lie between -1 and 1; got {phi:g}.")
    within, between = _pair(rho, "obs" in given, "type" in given)
    ones = np.ones(k)
    obs, obs_rho = _levels("obs", given.get("obs"), within, k)
    kind, type_rho = _levels("type", given.get("type"), between, k)
    g1, g2 = given.get("grp1", ones), given.get("grp2", 2 * ones)
    codes = pd.factorize(np.concatenate([g1.astype(object), g2.astype(object)]))[0]
    t1 = given.get("time1", ones).astype(float)
    t2 = given.get("time2", t1).astype(float)
    w1 = given.get("w1", ones).astype(float)
    w2 = given.get("w2", w1).astype(float)
    for name, w in (("w1", w1), ("w2", w2)):
        if not (w > 0).all():
            raise ValueError(
                f"{name} must be positive: row {int(np.flatnonzero(~(w > 0))[0])} holds {w[~(w > 0)][0]:g}."
            )
    sides = ((codes[:k], t1, w1), (codes[k:], t2, w2))

    def overlap(a: tuple, b: tuple, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        same = a[0][i] == b[0][j]
        return same * decay ** np.abs(a[1][i] - b[1][j]) / np.sqrt(a[2][i] * b[2][j])

    def contrast(i: np.ndarray, j: np.ndarray) -> np.ndarray:
        return sum((1 if g == h else -1) * overlap(sides[g], sides[h], i, j) for g in (0, 1) for h in (0, 1))

    def correlate(rows: np.ndarray) -> np.ndarray:
        i, j = np.broadcast_arrays(rows[:, :, None], rows[:, None, :])
        size = contrast(rows, rows)
        if not (size > 0).all():
            row = int(rows[~(size > 0)][0])
            raise ValueError(f"Row {row} compares a group with itself: grp1, grp2, time1 and time2 must not all agree.")
        construct = np.where(kind[i] == kind[j], obs_rho[obs[i], obs[j]], type_rho[kind[i], kind[j]])
        return construct * contrast(i, j) / np.sqrt(size[:, :, None] * size[:, None, :])

    return correlate


def _pair(rho: Any, has_obs: bool, has_type: bool) -> tuple[Any, Any]:
    """The correlations within and between constructs."""
    if not (has_obs or has_type):
        return 0.0, 0.0
    named = "obs and type" if has_obs and has_type else "obs" if has_obs else "type"
    if rho is None:
        raise ValueError(f"{named} given, so rho= is needed: how strongly their sampling errors are correlated.")
    if has_obs and has_type:
        if isinstance(rho, pd.DataFrame) or np.ndim(rho) == 0 or len(rho) != 2:
            raise ValueError(
                "With both obs= and type=, rho= is a pair: the correlation within, and between constructs."
            )
        return rho[0], rho[1]
    if isinstance(rho, (list, tuple)) and len(rho) == 1:
        rho = rho[0]
    return (rho, 0.0) if has_obs else (0.0, rho)


def _levels(name: str, values: np.ndarray | None, rho: Any, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Integer codes of a variable, and the correlation between its levels."""
    codes, found = pd.factorize(np.ones(k) if values is None else values, sort=True)
    if isinstance(rho, pd.DataFrame):
        labels = list(map(str, rho.index))
        missing = [x for x in found if str(x) not in labels]
        if missing:
            raise ValueError(f"rho has no row for {name} {missing[0]!r}; it has {', '.join(labels)}.")
        at = [labels.index(str(x)) for x in found]
        matrix = rho.to_numpy(float)[np.ix_(at, at)]
    elif np.ndim(rho) == 2:
        matrix = np.asarray(rho, float)
        if matrix.shape != (len(found), len(found)):
            raise ValueError(
                f"rho for {name} has shape {matrix.shape}, but there are {len(found)} levels: "
                f"{', '.join(map(str, found))}."
            )
    else:
        if np.size(rho) != 1:
            raise ValueError(f"rho for {name} must be one number or a square matrix with a row for each level.")
        matrix = np.full((len(found), len(found)), float(np.ravel(rho)[0]))
    if np.abs(matrix).max() > 1 or not np.allclose(matrix, matrix.T):
        raise ValueError(f"rho for {name} must be symmetric with correlations between -1 and 1.")
    matrix = matrix.copy()
    np.fill_diagonal(matrix, 1.0)
    return codes, matrix


def from_columns(rvars: Sequence[str], data: Any, labels: np.ndarray) -> Correlate:
    """The correlation of (m, n) rows from columns that hold each cluster's matrix."""
    if data is None:
        raise ValueError("rvars= needs data=: the table with those columns.")
    table = np.column_stack([column("rvars", name, data).astype(float) for name in rvars])
    largest = int(np.bincount(labels).max())
    if largest != table.shape[1]:
        raise ValueError(
            f"rvars names {table.shape[1]} columns, but the largest cluster has {largest} effects: they must agree."
        )

    def correlate(rows: np.ndarray) -> np.ndarray:
        lower = np.tril(table[rows][:, :, : rows.shape[1]])
        return lower + np.tril(lower, -1).transpose(0, 2, 1)

    return correlate
