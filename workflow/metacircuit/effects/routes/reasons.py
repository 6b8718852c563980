"""Why a row has no route: the nearest route, what it has and what it lacks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from metacircuit.effects.routes.columns import MADE
from metacircuit.effects.routes.spec import KINDS, Kind, Route

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metacircuit.effects.routes.sheet import Sheet
    from metacircuit.effects.routes.spec import Mask

_FAR = 99
_KINDS = {
    "groups": "a difference between groups",
    "association": "an association",
    "paired": "a change in the same people (contrast pre_post)",
}


def missing_reasons(routes: Sequence[Route], sheet: Sheet, rows: NDArray[np.intp]) -> NDArray[np.object_]:
    """Say for each of these rows which route is nearest and which columns it lacks.

    Parameters
    ----------
    routes : sequence of Route
        In order of preference.
    sheet : Sheet
        The printed numbers.
    rows : ndarray of int
        The rows that no route could take.

    Returns
    -------
    ndarray of str
        One sentence a row.
    """
    taken, kinds = sheet.columns.take(rows), sheet.kinds[rows]
    nearest = np.full(len(rows), -1)
    distance = np.full(len(rows), _FAR)
    lacking = np.zeros(len(rows), dtype=np.int64)
    for position, route in enumerate(routes):
        absent = {need: np.isnan(taken[need]) for need in route.needs}
        statistics = [need for need in route.needs if need not in MADE or need == "exact_p"]
        some = route.serving(kinds) & ~np.logical_and.reduce([absent[need] for need in statistics])
        count = np.sum(_by_stem(absent), axis=0)
        nearer = some & (count < distance)
        nearest[nearer], distance[nearer] = position, count[nearer]
        pattern = np.sum([absent[need].astype(np.int64) << i for i, need in enumerate(route.needs)], axis=0)
        lacking[nearer] = pattern[nearer]
    reasons = np.empty(len(rows), dtype=object)
    for key in sorted({*zip(nearest.tolist(), lacking.tolist(), kinds.tolist(), strict=True)}):
        same = (nearest == key[0]) & (lacking == key[1]) & (kinds == key[2])
        reasons[same] = _sentence(routes, key[0], key[1], KINDS[key[2]])
    return reasons


def _by_stem(absent: Mapping[str, Mask]) -> list[Mask]:
    """What is absent, the same number of both groups counted once: sd1 and sd2 are one thing to look up."""
    stems: dict[str, list[Mask]] = {}
    for need, missing in absent.items():
        stems.setdefault(re.sub("[12]", "", need), []).append(missing)
    return [np.logical_or.reduce(group) for group in stems.values()]


def _sentence(routes: Sequence[Route], position: int, pattern: int, kind: Kind) -> str:
    serving = [route for route in routes if kind in route.serves]
    if not serving:
        return f"{_KINDS[kind]} has no route to {routes[0].measure}"
    if position < 0:
        labels = "; ".join(route.label for route in serving[:5])
        return f"no statistic is printed that leads to {routes[0].measure}, such as: {labels}"
    route = routes[position]
    names = dict.fromkeys(MADE.get(need, need) for i, need in enumerate(route.needs) if pattern >> i & 1)
    return f"{route.label}: {' and '.join(names)} {'is' if len(names) == 1 else 'are'} missing"
