"""`aggregate`: the effects of a study (or any cluster) become one, the other columns follow."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from metacircuit.models.choices import one_of
from metacircuit.stats.aggregate import Aggregated, SingularClusterError, aggregate_cs, aggregate_dense

STRUCTURES = ("ID", "CS", "CAR", "CS+CAR", "CS*CAR")


def aggregate(
    data: Any,
    vi: Any = None,
    *,
    cluster: Any = None,
    rho: float | ArrayLike | Mapping[Any, float] | None = None,
    struct: str = "CS",
    weighted: bool = True,
    yi: Any = "yi",
    time: Any = None,
    obs: Any = None,
    phi: float | ArrayLike | Mapping[Any, float] | None = None,
    V: Any = None,
    addk: bool = False,
    fun: Mapping[str, Callable[[pd.Series], Any]] | None = None,
) -> pd.DataFrame:
    r"""Aggregate effects within clusters.

    .. math:: \bar y_j = \frac{1' V_j^{-1} y_j}{1' V_j^{-1} 1}, \quad v_j = \frac{1}{1' V_j^{-1} 1}

    and with `weighted=False` the plain mean, with variance :math:`1' V_j 1 / k_j^2`.

    Parameters
    ----------
    data : a data frame, or the (k,) estimates themselves (then `vi` holds their variances).
    vi, yi, cluster, time, obs : columns by name, or (k,) arrays. `cluster` is required.
    rho : correlation of the sampling errors within a cluster: one number, one for each cluster in order of
        appearance, or a mapping from cluster to number. Required when `struct` contains CS.
    struct : "ID" (independent), "CS" (one correlation), "CAR" (phi to the power of the time between two effects),
        "CS+CAR", "CS*CAR" (rho between different `obs`, times phi to the power of the time between).
    weighted : inverse-covariance weights (True) or equal weights.
    phi : autocorrelation, for the CAR structures.
    V : sampling covariance instead of `struct`: (k, k) matrix, a list of blocks in the order of the clusters, or what
        `vcalc` returns.
    addk : add the column `ki`, the number of effects.
    fun : how other columns are aggregated: {"numeric": f, "logical": f, "other": f}. Default: the mean, the mean, and
        the most frequent value (of several, the last in order).

    Returns
    -------
    pandas.DataFrame
        One row a cluster, in order of first appearance, with the columns of `data` (or cluster, yi, vi). Rows whose
        estimate or variance is missing are left out of their cluster; `.attrs["omitted"]` holds their positions.

    Raises
    ------
    ValueError
        For a missing or unknown column, structure or correlation, or a cluster whose covariance has no inverse.

    Source: Gleser and Olkin (2009), The Handbook of Research Synthesis, eq. 19.19; Borenstein et al. (2009), eq. 24.2.

    >>> aggregate([0.2, 0.4, 0.1], [0.04, 0.04, 0.09], cluster=["a", "a", "b"], rho=0.5).round(3).values.tolist()
    [['a', 0.3, 0.03], ['b', 0.1, 0.09]]
    """
    frame, names, groups = _frame(data, yi, vi, cluster)
    y, v = (pd.to_numeric(frame[name]).to_numpy(float) for name in names)
    one_of("struct", struct, STRUCTURES)
    present = ~(np.isnan(y) | np.isnan(v))
    if not present.any():
        raise ValueError("There is nothing to aggregate: every effect has a missing estimate or variance.")
    if (v[present] < 0).any():
        raise ValueError(
            f"Sampling variances must not be negative: row {int(np.flatnonzero(v < 0)[0])} holds {v[v < 0][0]:g}."
        )
    kept, codes = frame[present], pd.factorize(groups[present])[0]
    labels = pd.unique(groups[present])
    try:
        if V is None and struct in ("ID", "CS"):
            correlation = 0.0 if struct == "ID" else _by_cluster("rho", rho, struct, groups, labels, (-1, 1))
            result = aggregate_cs(y[present], v[present], codes, correlation, weighted=weighted)
        else:
            columns = {k: _values(frame, x)[present] for k, x in {"time": time, "obs": obs}.items() if x is not None}
            rows = _rows(codes)
            if V is None:
                blocks = _autoregressive(v[present], rows, struct, columns, rho, phi, groups, labels)
            else:
                blocks = _given(V, present, rows)
            result = aggregate_dense(y[present], blocks, rows, weighted=weighted)
    except SingularClusterError as error:
        raise ValueError(str(error).replace(f"number {error.position + 1}", f"'{labels[error.position]}'")) from None
    table = _columns(kept, codes, names, result, fun or {})
    if addk:
        table["ki"] = result.ki
    table.attrs["omitted"] = np.flatnonzero(~present).tolist()
    return table


def _frame(data: Any, yi: Any, vi: Any, cluster: Any) -> tuple[pd.DataFrame, tuple[str, str], np.ndarray]:
    """The data frame to aggregate, the names of its yi and vi, and the cluster of each row."""
    if cluster is None:
        raise ValueError("Say which effects belong together: cluster= takes a column name or an array.")
    if not isinstance(data, pd.DataFrame):
        estimates, variances = data if vi is None and isinstance(data, tuple) and len(data) == 2 else (data, vi)
        if variances is None:
            raise ValueError("Give the sampling variances as the second argument: aggregate(yi, vi, cluster=...).")
        data = pd.DataFrame({"cluster": np.asarray(cluster), "yi": np.asarray(estimates), "vi": np.asarray(variances)})
        return data, ("yi", "vi"), _complete(data["cluster"])
    frame, names = data.copy(), []
    for given, name in ((yi, "yi"), ("vi" if vi is None else vi, "vi")):
        if not isinstance(given, str):
            frame[name] = np.asarray(given)
        names.append(given if isinstance(given, str) else name)
        _values(frame, names[-1])
    return frame, (names[0], names[1]), _complete(pd.Series(_values(frame, cluster)))


def _complete(groups: pd.Series) -> np.ndarray:
    if groups.isna().any():
        raise ValueError(f"cluster must not have missing values: row {int(np.flatnonzero(groups.isna())[0])} has one.")
    return groups.to_numpy()


def _values(frame: pd.DataFrame, given: Any) -> np.ndarray:
    """A column by its name, or the array itself."""
    if not isinstance(given, str):
        if len(given) != len(frame):
            raise ValueError(f"An array has {len(given)} values where the data have {len(frame)} rows.")
        return np.asarray(given)
    if given not in frame.columns:
        known = [str(c) for c in frame.columns]
        raise ValueError(f"There is no column {given!r}. Columns: {', '.join(known)}.{_nearest(given, known)}")
    return frame[given].to_numpy()


def _nearest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(str(word), known, n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def _by_cluster(name: str, value: Any, struct: str, groups: np.ndarray, labels: np.ndarray, span: tuple) -> np.ndarray:
    """One correlation for each cluster that is left."""
    if value is None:
        raise ValueError(
            f"struct={struct!r} needs {name}: how strongly the sampling errors within a cluster are correlated."
        )
    everyone = pd.unique(groups)
    if isinstance(value, Mapping):
        missing = [label for label in labels if label not in value]
        if missing:
            raise ValueError(f"{name} has no value for cluster '{missing[0]}'.")
        each = np.array([float(value[label]) for label in labels])
    else:
        each = np.asarray(value, float)
        if each.ndim and len(each) != len(everyone):
            raise ValueError(f"{name} has {len(each)} values for {len(everyone)} clusters: give one, or one for each.")
        each = np.broadcast_to(each, len(everyone))[pd.Index(everyone).get_indexer(labels)]
    if not ((each >= span[0]) & (each <= span[1])).all():
        raise ValueError(
            f"{name} must lie between {span[0]} and {span[1]}; got {each[(each < span[0]) | (each > span[1])][0]:g}."
        )
    return each


def _rows(codes: np.ndarray) -> list[np.ndarray]:
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.cumsum(np.bincount(codes))[:-1])


def _autoregressive(
    v: np.ndarray, rows: list, struct: str, columns: dict, rho: Any, phi: Any, groups: np.ndarray, labels: np.ndarray
) -> list[np.ndarray]:
    """One covariance matrix a cluster for the structures with time."""
    for needed in ("time", "obs") if struct == "CS*CAR" else ("time",):
        if needed not in columns:
            raise ValueError(f"struct={struct!r} needs {needed}=: a column name or an array.")
    decay = _by_cluster("phi", phi, struct, groups, labels, (0, 1))
    common = _by_cluster("rho", rho, struct, groups, labels, (-1, 1)) if struct != "CAR" else np.zeros(len(labels))
    blocks = []
    for j, row in enumerate(rows):
        t = columns["time"][row].astype(float)
        r = decay[j] ** np.abs(t[:, None] - t)
        if struct == "CS*CAR":
            o = columns["obs"][row]
            r = r * np.where(o[:, None] == o, 1.0, common[j])
        else:
            r = common[j] + (1 - common[j]) * r
        np.fill_diagonal(r, 1.0)
        s = np.sqrt(v[row])
        blocks.append(r * np.outer(s, s))
    return blocks


def _given(V: Any, present: np.ndarray, rows: list[np.ndarray]) -> list[np.ndarray]:
    """The block of each cluster from a user's covariance."""
    from metacircuit.stats.multilevel.blocks import as_blocks  # noqa: PLC0415 - only a user's own V needs it

    blocks = as_blocks(V, len(present))
    where = np.flatnonzero(present)
    return [blocks.dense(where[row]) for row in rows]


def _columns(
    frame: pd.DataFrame, codes: np.ndarray, names: tuple[str, str], result: Aggregated, fun: Mapping[str, Callable]
) -> pd.DataFrame:
    """One row a cluster: the aggregated estimates, every other column reduced by its kind, constants as they are."""
    out = {}
    for name in frame.columns:
        column = frame[name].reset_index(drop=True)
        if name in names:
            out[name] = result.yi if name == names[0] else result.vi
        elif not fun and not pd.DataFrame({"code": codes, "x": column}).drop_duplicates()["code"].duplicated().any():
            out[name] = column.groupby(codes).first().astype(column.dtype)
        elif pd.api.types.is_bool_dtype(column):
            out[name] = column.astype(float).groupby(codes).agg(fun.get("logical", "mean")).to_numpy()
        elif pd.api.types.is_numeric_dtype(column):
            out[name] = column.groupby(codes).agg(fun.get("numeric", "mean")).to_numpy()
        elif "other" in fun:
            out[name] = column.groupby(codes).agg(fun["other"]).to_numpy()
        else:
            out[name] = _most_frequent(column, codes)
    return pd.DataFrame(out)


def _most_frequent(column: pd.Series, codes: np.ndarray) -> pd.Series:
    """The most frequent value of each cluster; of equally frequent ones the last in order; missing if all are."""
    seen = pd.DataFrame({"code": codes, "value": column}).dropna()
    counts = seen.groupby(["code", "value"], observed=True, sort=True).size().reset_index(name="n")
    winners = counts.sort_values("n", kind="stable").groupby("code")["value"].last()
    return winners.reindex(range(codes.max() + 1)).astype(column.dtype).reset_index(drop=True)
