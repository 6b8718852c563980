"""Rows of which only a bound is known: the limits between which the effect lies.

p < a says that the effect is at least as large as the one whose p is a; p > a, that it is smaller in size. So the limit
is what the route of the exact p gives at a. In a row that is marked as a bound, a printed effect is itself the limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from metacircuit.effects.routes.apply import Ledger, try_routes
from metacircuit.effects.routes.columns import ABOVE, BELOW, EXACT
from metacircuit.effects.routes.flags import bit

if TYPE_CHECKING:
    from metacircuit.effects.routes.sheet import Sheet
    from metacircuit.effects.routes.spec import Floats, Mask, Options, Route


class Limits(NamedTuple):
    """The routes to limits, the sheet that they read, the rows that want limits, and what was found (or NaN)."""

    routes: tuple[Route, ...]
    sheet: Sheet
    wanted: Mask
    ledger: Ledger
    lower: Floats
    upper: Floats

    @property
    def found(self) -> Mask:
        """The rows that have limits."""
        return self.ledger.route >= 0


def find_limits(routes: Sequence[Route], sheet: Sheet, options: Options, open_: Mask) -> Limits:
    """Find the interval of each open row that is marked as a bound or prints only an inequality of p.

    Parameters
    ----------
    routes : sequence of Route
        All routes of the measure.
    sheet : Sheet
        The printed numbers.
    options : Options
        What the caller decided.
    open_ : ndarray of bool
        Rows without an exact estimate.

    Returns
    -------
    Limits
        lower and upper, oriented: (limit, inf) or (-inf, limit) for p below, (-limit, limit) for p above.
    """
    c, marked = sheet.columns, sheet.marked
    above = (sheet.operators == ABOVE) & ~np.isnan(c["p"])
    inequality = np.isin(sheet.operators, (BELOW, ABOVE)) & ~np.isnan(c["p"])
    p = np.where(inequality | (sheet.operators == EXACT), c["p"], np.nan)
    # The interval around 0 of p > a needs no direction; any will do to get its size.
    direction = np.where(above, 1.0, c["direction"])
    at_limit = replace(sheet, columns=c.replaced(exact_p=p, direction=direction))

    effects = tuple(route for route in routes if route.limit)
    by_p = tuple(route for route in routes if route.only_p)
    wanted = open_ & (marked | inequality)
    printed = try_routes(effects, sheet, options, wanted & marked & ~above)
    ledger = try_routes(by_p, at_limit, options, wanted & (printed.route < 0))
    ledger.bits |= np.where(inequality, 0, bit("p_as_limit"))
    ledger.route[ledger.route >= 0] += len(effects)

    own = np.flatnonzero(printed.route >= 0)
    for name in ("yi", "vi", "bits", "route"):
        getattr(ledger, name)[own] = getattr(printed, name)[own]
    ledger.bits[own] |= bit("printed_limit")
    ledger.bits |= bit("p_bound")
    return Limits((*effects, *by_p), at_limit, wanted, ledger, *_interval(ledger, above))


def _interval(ledger: Ledger, above: Mask) -> tuple[Floats, Floats]:
    limit, size = ledger.yi, np.abs(ledger.yi)
    lower = np.where(above, -size, np.where(limit < 0, -np.inf, limit))
    upper = np.where(above, size, np.where(limit < 0, limit, np.inf))
    found = ledger.route >= 0
    return np.where(found, lower, np.nan), np.where(found, upper, np.nan)
