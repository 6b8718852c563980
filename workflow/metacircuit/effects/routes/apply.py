"""Trying routes in order: each row takes the first that it has the numbers for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from metacircuit.effects.routes.conditions import EFFECTIVE
from metacircuit.effects.routes.flags import bit
from metacircuit.effects.routes.orientation import orient
from metacircuit.effects.routes.spec import ON_REQUEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metacircuit.effects.routes.columns import Columns
    from metacircuit.effects.routes.sheet import Sheet
    from metacircuit.effects.routes.spec import Floats, Mask, Options, Route

_SIZE_FLAGS = {
    "group1": ("assumed_equal_groups", "derived_group_size", "totals_as_n", "n_from_df"),
    "exact_group1": ("derived_group_size", "totals_as_n"),
    "total": ("n_from_df",),
}
_CLUSTER_FLAGS = ("clustered", "clusters_unknown")
_NO_SIGN = "it has no sign of its own, and direction is missing"
_NO_VARIANCE = "the numbers give no finite estimate with a variance above 0"
_ON_REQUEST = "it is taken as an odds ratio only on request ({})"


@dataclass(slots=True)
class Ledger:
    """What is known of each row so far. `route` is a position in the routes tried, -1 for none yet."""

    size: int
    yi: Floats = field(init=False)
    vi: Floats = field(init=False)
    route: NDArray[np.int64] = field(init=False)
    bits: NDArray[np.int64] = field(init=False)
    reason: NDArray[np.object_] = field(init=False)

    def __post_init__(self) -> None:
        """Start with nothing known."""
        self.yi = np.full(self.size, np.nan)
        self.vi = np.full(self.size, np.nan)
        self.route = np.full(self.size, -1, dtype=np.int64)
        self.bits = np.zeros(self.size, dtype=np.int64)
        self.reason = np.full(self.size, "", dtype=object)

    def refuse(self, rows: NDArray[np.intp], route: Route, reason: str) -> None:
        """Note why a route was not taken, unless an earlier one left its reason."""
        first = rows[self.reason[rows] == ""]
        self.reason[first] = f"{route.label}: {reason}"

    def enter(self, rows: NDArray[np.intp], position: int, found: Estimates, good: Mask) -> None:
        """Enter the good ones of the estimates of some rows."""
        self.yi[rows], self.vi[rows] = found.yi[good], found.vi[good]
        self.bits[rows], self.route[rows] = found.bits[good], position


class Estimates(NamedTuple):
    """What a route gives for its rows: oriented, with flags, and where it fails."""

    yi: Floats
    vi: Floats
    bits: NDArray[np.int64]
    unsound: Mask
    signless: Mask


def try_routes(routes: Sequence[Route], sheet: Sheet, options: Options, open_: Mask) -> Ledger:
    """Give each open row the estimate of the first route that it can take.

    Parameters
    ----------
    routes : sequence of Route
        In order of preference, all of one measure.
    sheet : Sheet
        The printed numbers.
    options : Options
        What the caller decided.
    open_ : ndarray of bool
        The rows to try.

    Returns
    -------
    Ledger
        Oriented yi, vi, the position of the route, its flags; or the reason of the first route that was refused.
    """
    c = sheet.columns
    ledger = Ledger(c.size)
    todo = open_.copy()
    for position, route in enumerate(routes):
        rows = np.flatnonzero(todo & route.serving(sheet.kinds) & route.present(c))
        rows = _keeping_rules(route, c, rows, ledger)
        if route.option and not getattr(options, route.option):
            ledger.refuse(rows, route, _ON_REQUEST.format(ON_REQUEST[route.option]))
            continue
        if not rows.size:
            continue
        found = _estimates(route, c.take(rows), sheet.size_bits[rows], options)
        ledger.refuse(rows[found.unsound], route, _NO_VARIANCE)
        ledger.refuse(rows[found.signless], route, _NO_SIGN)
        good = ~(found.unsound | found.signless)
        ledger.enter(rows[good], position, found, good)
        todo[rows[good]] = False
    return ledger


def _keeping_rules(route: Route, c: Columns, rows: NDArray[np.intp], ledger: Ledger) -> NDArray[np.intp]:
    for rule in (EFFECTIVE, *route.rules):
        if not rows.size:
            break
        holds = rule.holds(c.take(rows))
        ledger.refuse(rows[~holds], route, rule.otherwise)
        rows = rows[holds]
    return rows


def _estimates(route: Route, c: Columns, size_bits: NDArray[np.int64], options: Options) -> Estimates:
    with np.errstate(all="ignore"):
        yi, vi = (np.broadcast_to(np.asarray(x, dtype=float), (c.size,)) for x in route.estimate(c, options))
        if not route.by_sizes:
            vi = vi / c["share1"]
    unsound = ~(np.isfinite(yi) & np.isfinite(vi) & (vi > 0))
    oriented = orient(yi, c, route.measure, route.sign)
    relevant = bit(*_CLUSTER_FLAGS, *(code for need in route.needs for code in _SIZE_FLAGS.get(need, ())))
    bits = oriented.bits | (size_bits & relevant) | bit(*route.flags)
    if route.compares:
        shared = "shared_control" if route.by_sizes else "shared_control_kept"
        bits |= np.where(size_bits & bit("shared_control"), bit(shared), 0)
    for code, applies in route.notices:
        bits = bits | np.where(applies(c), bit(code), 0)
    return Estimates(oriented.yi, vi, bits, unsound, oriented.signless & ~unsound)
