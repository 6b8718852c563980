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
from metacircuit.stats.vcalc_correlation import column, from_columns, from_design

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
    type: Any = None,
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

    Within a cluster, the correlation of the effects i and j (each a contrast of group 1 at time 1 with group 2 at
    time 2) is

    .. math:: r_{ij} = \rho_{ij}\,\frac{a_{11} - a_{12} - a_{21} + a_{22}}{\sqrt{c_i c_j}}

    .. math:: a_{gh} = \frac{[g_i = h_j]\;\phi^{|t_{g,i} - t_{h,j}|}}{\sqrt{w_{g,i} w_{h,j}}}, \qquad g, h \in \{1, 2\}

    with :math:`c_i` the value of the fraction's numerator for i with itself, and :math:`\rho_{ij}` 1 for the same
    construct measured once, the within-construct correlation for different `obs` of one `type`, the between-construct
    one for different `type`.

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
    rho : correlation for `obs` or `type`: a number, or a square data frame whose labels are their values (an array is
        read in sorted order of the values); when both are given, a pair: within, between constructs.
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
    variables = {
        **{"vi": vi, "cluster": cluster, "subgroup": subgroup, "obs": obs, "type": type},
        **{"time1": time1, "time2": time2, "grp1": grp1, "grp2": grp2, "w1": w1, "w2": w2},
    }
    given = {name: column(name, value, data) for name, value in variables.items() if value is not None}
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
    correlate = from_columns(rvars, data, labels) if rvars is not None else from_design(given, k, rho, phi)
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
