"""All routes, in their order of preference, and the table that documents them.

The order of a measure follows four thoughts, and each route says which of them placed it (`Route.why`). First the
numbers that the measure is defined by. Then test statistics that determine the same estimate up to rounding (t, F).
Then effects that authors computed, by definitions that differ. Then conversions: between kinds of outcome, and last
from a p, which is printed with one or two digits.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pandas as pd

from metacircuit.effects.routes.columns import MADE
from metacircuit.effects.routes.correlations import ZCOR_ROUTES
from metacircuit.effects.routes.given import GIVEN_ROUTES
from metacircuit.effects.routes.means import MEANS_ROUTES
from metacircuit.effects.routes.odds import OR_ROUTES
from metacircuit.effects.routes.paired import PAIRED_OR_ROUTES, PAIRED_SMD_ROUTES
from metacircuit.effects.routes.proportions import PROPORTION_ROUTES
from metacircuit.effects.routes.smd import SMD_ROUTES
from metacircuit.effects.routes.spec import ON_REQUEST, Route

#: Routes by measure, in the documented order of preference.
ROUTES: Mapping[str, tuple[Route, ...]] = MappingProxyType(
    {
        "SMD": (*SMD_ROUTES, *PAIRED_SMD_ROUTES),
        "OR": (*OR_ROUTES, *PAIRED_OR_ROUTES),
        "ZCOR": ZCOR_ROUTES,
        **PROPORTION_ROUTES,
        **MEANS_ROUTES,
        **GIVEN_ROUTES,
    }
)


def routes_for(measure: str, order: Sequence[str] | None = None) -> tuple[Route, ...]:
    """Return the routes to a measure, in order of preference.

    Parameters
    ----------
    measure : str
        Code of the measure.
    order : sequence of str, optional
        Names of routes, in the order wanted; routes that it leaves out are not used. By default the documented order.

    Returns
    -------
    tuple of Route

    Raises
    ------
    ValueError
        If the measure has no routes, or `order` is empty, names one that the measure does not have, or one twice.

    Examples
    --------
    >>> [route.id for route in routes_for("PLO")]
    ['plo.counts', 'plo.proportion']
    """
    if measure not in ROUTES:
        raise ValueError(f"No route leads to measure {measure!r}. {_nearest(measure, ROUTES)}")
    routes = ROUTES[measure]
    if order is None:
        return routes
    known = {route.id: route for route in routes}
    if not len(order):
        raise ValueError(f"The order of routes to {measure} is empty. Known: {', '.join(known)}.")
    for name in order:
        if name not in known:
            raise ValueError(f"{name!r} is not a route to {measure}. {_nearest(name, known)}")
    if len(set(order)) < len(order):
        twice = next(name for name in order if list(order).count(name) > 1)
        raise ValueError(f"The order of routes to {measure} names {twice!r} twice; name each once.")
    return tuple(known[name] for name in order)


def route(name: str) -> Route:
    """Return a route by its name.

    Parameters
    ----------
    name : str
        Such as smd.means_sd.

    Returns
    -------
    Route

    Raises
    ------
    ValueError
        If there is none of this name.

    Examples
    --------
    >>> route("or.counts").formula
    'yi = ln(a d / (b c)); vi = 1/a + 1/b + 1/c + 1/d'
    """
    known = {each.id: each for routes in ROUTES.values() for each in routes}
    if name not in known:
        raise ValueError(f"{name!r} is not a route. {_nearest(name, known)}")
    return known[name]


def order_table() -> pd.DataFrame:
    """Write the order of preference as a table for the documentation.

    Returns
    -------
    DataFrame
        measure, rank, route, label, needs, formula, why, source, serves, flags, on_request (the option that must be on,
        by its names in a config and in Python; empty for the others), version.

    Examples
    --------
    >>> order_table().query("measure == 'PLO'")[["rank", "route", "needs"]].values.tolist()
    [[1, 'plo.counts', 'events1, total1 (or n_total)'], [2, 'plo.proportion', 'proportion, total1 (or n_total)']]
    """
    rows = [
        {
            "measure": measure,
            "rank": rank,
            "route": each.id,
            "label": each.label,
            "needs": ", ".join(dict.fromkeys(MADE.get(name, name) for name in each.needs)),
            "formula": each.formula,
            "why": each.why,
            "source": each.source,
            "serves": ", ".join(each.serves),
            "flags": ", ".join(each.flags),
            "on_request": ON_REQUEST.get(each.option, ""),
            "version": each.version,
        }
        for measure, routes in ROUTES.items()
        for rank, each in enumerate(routes, start=1)
    ]
    return pd.DataFrame(rows)


def _nearest(name: str, known: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return (f"Nearest: {close[0]!r}. " if close else "") + f"Known: {', '.join(known)}."
