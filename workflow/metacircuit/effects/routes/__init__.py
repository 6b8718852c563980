"""Routes from what a paper prints to a measure: each named and versioned, with its formula, source and assumptions."""

from metacircuit.effects.routes.catalogue import ROUTES, order_table, route, routes_for
from metacircuit.effects.routes.columns import PRINTED
from metacircuit.effects.routes.flags import FLAGS
from metacircuit.effects.routes.spec import Options, Route

__all__ = ["FLAGS", "PRINTED", "ROUTES", "Options", "Route", "order_table", "route", "routes_for"]
