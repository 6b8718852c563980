"""The numbers that a route read, as the paper prints them: mean1=63.05; sd1=14.71; …"""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from metacircuit.effects.routes.orientation import UNORIENTED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from metacircuit.effects.routes.columns import Columns
    from metacircuit.effects.routes.spec import Mask, Route


def inputs_of(route: Route, c: Columns, operators: NDArray[np.object_]) -> NDArray[np.object_]:
    """Write the cells that a route read, in its order of needs, then the coded directions.

    Parameters
    ----------
    route : Route
        The route that was taken.
    c : Columns
        Its rows.
    operators : ndarray of str
        =, < or > before p.

    Returns
    -------
    ndarray of str
        One text a row.
    """
    seen: dict[str, list[str]] = {}
    for need in (*route.needs, *route.reads, "clusters", *(("control_arms",) if route.compares else ())):
        for name, where in _cells(need, c):
            if name not in seen:
                seen[name] = _written(name, np.where(where, c[name], np.nan), operators)
    if route.measure not in UNORIENTED:
        for name in ("direction", "scale_direction"):
            seen[name] = _written(name, c[name], operators)
    text = np.empty(c.size, dtype=object)
    text[:] = ["".join(row)[:-2] for row in zip(*seen.values(), strict=True)]
    return text


def _written(name: str, values: NDArray[np.float64], operators: NDArray[np.object_]) -> list[str]:
    if name == "p":
        pairs = zip(values.tolist(), operators.tolist(), strict=True)
        return ["" if isnan(v) else f"p{op}{v:.15g}; " for v, op in pairs]
    return ["" if isnan(v) else f"{name}={v:.15g}; " for v in values.tolist()]


def _cells(need: str, c: Columns) -> Iterator[tuple[str, Mask]]:
    """The printed columns behind a need, and the rows in which each was read."""
    every = np.ones(c.size, dtype=bool)
    no1, no2, no_total = (np.isnan(c[name]) for name in ("n1", "n2", "n_total"))
    totals = no1 & no2 & ~np.isnan(c["total1"] + c["total2"])
    if need == "exact_p":
        yield "p", every
    elif need == "clusters":
        yield "icc", every
        yield "cluster_size", every
    elif need in {"width1", "width2"}:
        yield from ((f"{end}{need[-1]}", every) for end in ("min", "q1_", "q3_", "max"))
    elif need == "r_change":
        yield "r_pre_post", every
        yield from ((name, np.isnan(c["r_pre_post"]) & ~np.isnan(c[need])) for name in ("sd1", "sd2", "sd_change"))
    elif need == "base":
        yield "total1", every
        yield "n_total", np.isnan(c["total1"])
        yield "n1", np.isnan(c["total1"]) & no_total
    elif need == "df":
        yield "df2", every
        yield from ((name, where & np.isnan(c["df2"])) for name, where in _cells("total", c))
    elif need == "pairs":
        yield "n_pairs", every
        yield "n1", np.isnan(c["n_pairs"])
        yield "n2", np.isnan(c["n_pairs"])
        yield "n_total", np.isnan(c["n_pairs"]) & no1 & no2
        yield "df2", np.isnan(c["n_pairs"]) & no1 & no2 & no_total
    elif need in {"group1", "group2", "exact_group1", "exact_group2", "total"}:
        yield "n1", every
        yield "n2", every
        yield "total1", totals
        yield "total2", totals
        yield "n_total", (no1 | no2) & ~totals
        yield "df2", (no1 | no2) & ~totals & no_total
    else:
        yield need, every
