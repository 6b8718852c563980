"""`vcalc`: the sampling covariance of effects that share people, kept in blocks by cluster."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from metacircuit.stats.multilevel.blocks import Blocks, Group, renumber, rows_by_size
from metacircuit.stats.nearpd import nearest_correlation

SINGULAR = float(np.finfo(float).eps)
Correlation = float | ArrayLike | pd.DataFrame


class VcalcWarning(UserWarning):
    """A covariance that vcalc built is not positive definite."""


def vcalc(
    vi: Any,
    cluster: Any,
    *,
    subgroup: Any = None,
    obs: Any = None,
    type: Any = None,  # noqa: A002 - metafor's name
    time1: Any = None,
    time2: Any = None,
    grp1: Any = None,
    grp2: Any = None,
    w1: Any = None,
    w2: Any = None,
    data: pd.DataFrame | Mapping | None = None,
    rho: Correlation | Sequence[Correlation] | None = None,
    phi: float | None = None,
    rvars: Sequence[str] | None = None,
    checkpd: bool = True,
    nearpd: bool = False,
) -> Blocks:
    r"""Build the sampling covariance of dependent effects.

    Within a cluster, the correlation of the effects i and j (each a contrast of group 1 at time 1 with group 2 at time 2) is

    .. math:: r_{ij} = \rho_{ij}\,\frac{a_{11} - a_{12} - a_{21} + a_{22}}{\sqrt{c_i c_j}}, \qquad
              a_{gh} = \frac{[\mathrm{grp}_{g,i} = \mathrm{grp}_{h,j}]\;\phi^{|t_{g,i} - t_{h,j}|}}{\sqrt{w_{g,i} w_{h,j}}}

    with :math:`c_i` the value of the fraction's numerator for i with itself, and :math:`\rho_{ij}` 1 for the same construct
    measured once, the within-construct correlation for different `obs` of one `type`, the between-construct one for
    different `type`.

    Parameters
    ----------
    vi : (k,) sampling variances (or a column name, as all that follow when `data` is given).
    cluster : (k,) effects of different clusters are independent.
    subgroup : (k,) splits clusters into independent parts.
    obs, type : (k,) which measurement, of which construct.
    time1, time2 : (k,) numbers; the time points of the two groups of a contrast.
    grp1, grp2 : (k,) the two groups of a contrast; a shared control has one name in several rows.
    w1, w2 : (k,) sizes (or other weights) of the two groups.
    data : where column names are looked up.
    rho : correlation for `obs` or `type`: a number, or a square data frame whose labels are their values (an array is read
        in sorted order of the values); when both are given, a pair: within, between constructs.
    phi : autocorrelation for a distance in time of 1.
    rvars : columns of `data` that hold the correlation matrix of each cluster, lower triangle, row by row.
    checkpd : warn when a block is not positive definite.
    nearpd : replace such a block by the nearest correlation matrix.

    Returns
    -------
    Blocks
        One block a cluster; rows in the order of the data.

    Raises
    ------
    ValueError
        For missing values, wrong lengths, unknown columns, and correlations that are missing or impossible.

    Source: Gleser and Olkin (2009), The Handbook of Research Synthesis, eqs. 19.19 and 19.26; Viechtbauer, metafor's
    documentation of vcalc, for the general form.

    >>> vcalc([0.04, 0.09], ["a", "a"], obs=[1, 2], rho=0.5).dense().round(3).tolist()
    [[0.04, 0.03], [0.03, 0.09]]
    """
    given = {
        name: _column(name, value, data)
        for name, value in dict(
            vi=vi,
            cluster=cluster,
            subgroup=subgroup,
            obs=obs,
            type=type,
            time1=time1,
            time2=time2,
            grp1=grp1,
            grp2=grp2,
            w1=w1,
            w2=w2,
        ).items()
        if value is not None
    }
    k = len(given["cluster"])
    v = np.broadcast_to(given.pop("vi").astype(float), k) if given["vi"].size == 1 else given.pop("vi").astype(float)
    _complete(given, len(v))
    if (v < 0).any():
        raise ValueError(
            f"Sampling variances must not be negative: row {int(np.flatnonzero(v < 0)[0])} holds {v[v < 0][0]:g}."
        )
    labels = pd.factorize(given["cluster"])[0]
    if "subgroup" in given:
        labels = renumber(labels * (k + 1) + pd.factorize(given["subgroup"])[0])
    correlate = _from_columns(rvars, data, labels) if rvars is not None else _from_design(given, k, rho, phi)
    groups = []
    for rows in rows_by_size(labels):
        R = correlate(rows)
        n = np.arange(rows.shape[1])
        R[:, n, n] = 1.0
        if checkpd or nearpd:
            R = _positive(R, rows, given["cluster"], nearpd)
        s = np.sqrt(v[rows])
        groups.append(Group(rows, R * s[:, :, None] * s[:, None, :]))
    return Blocks(k, tuple(groups))


def _column(name: str, value: Any, data: Any) -> np.ndarray:
    """An array, or the column of that name."""
    if not isinstance(value, str):
        return np.atleast_1d(np.asarray(value))
    if data is None:
        raise ValueError(f"{name}={value!r} is a column name, but there is no data= to look it up in.")
    if value not in data:
        raise ValueError(f"{name}={value!r}: there is no such column. Columns: {', '.join(map(str, data))}.")
    return np.asarray(data[value])


def _complete(given: dict[str, np.ndarray], k: int) -> None:
    """Every variable has k values, none missing, numbers where numbers are needed."""
    for name, x in given.items():
        if len(x) != k:
            raise ValueError(f"{name} has {len(x)} values, but there are {k} variances.")
        if pd.isna(x).any():
            raise ValueError(f"{name} must not have missing values: row {int(np.flatnonzero(pd.isna(x))[0])} has one.")
        if name in ("time1", "time2", "w1", "w2") and not np.issubdtype(x.dtype, np.number):
            raise ValueError(f"{name} must be numbers, not {x[0]!r}.")
    for second, first in (("grp2", "grp1"), ("time2", "time1"), ("w2", "w1"), ("time2", "grp2"), ("w2", "grp2")):
        if second in given and first not in given:
            raise ValueError(f"{second} needs {first} beside it.")


def _from_design(given: dict[str, np.ndarray], k: int, rho: Any, phi: float | None) -> Any:
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
                f"rho for {name} has shape {matrix.shape}, but there are {len(found)} levels: {', '.join(map(str, found))}."
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


def _from_columns(rvars: Sequence[str], data: Any, labels: np.ndarray) -> Any:
    """The correlation of (m, n) rows from columns that hold each cluster's matrix."""
    if data is None:
        raise ValueError("rvars= needs data=: the table with those columns.")
    table = np.column_stack([_column("rvars", name, data).astype(float) for name in rvars])
    largest = int(np.bincount(labels).max())
    if largest != table.shape[1]:
        raise ValueError(
            f"rvars names {table.shape[1]} columns, but the largest cluster has {largest} effects: they must agree."
        )

    def correlate(rows: np.ndarray) -> np.ndarray:
        lower = np.tril(table[rows][:, :, : rows.shape[1]])
        return lower + np.tril(lower, -1).transpose(0, 2, 1)

    return correlate


def _positive(R: np.ndarray, rows: np.ndarray, cluster: np.ndarray, repair: bool) -> np.ndarray:
    """Warn of blocks that are not positive definite, or replace them."""
    poor = np.flatnonzero(np.linalg.eigvalsh(R)[:, 0] <= SINGULAR)
    if repair:
        for j in poor:
            R[j] = nearest_correlation(R[j])
    elif len(poor):
        names = ", ".join(str(cluster[rows[j, 0]]) for j in poor[:5])
        message = f"The correlations of cluster {names} are not positive definite. Check them, or use nearpd=True."
        warnings.warn(message, VcalcWarning, stacklevel=3)
    return R
