"""From printed statistics to one measure: a row in, a row out, each with its route, its inputs and its assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtri

from metacircuit.effects.measures.definitions import DEFINITIONS
from metacircuit.effects.measures.problems import nearest
from metacircuit.effects.routes.apply import Ledger, try_routes
from metacircuit.effects.routes.bounds import Limits, find_limits
from metacircuit.effects.routes.catalogue import ROUTES, routes_for
from metacircuit.effects.routes.flags import codes_of, sentences_of
from metacircuit.effects.routes.printed import inputs_of
from metacircuit.effects.routes.reasons import missing_reasons
from metacircuit.effects.routes.sheet import Sheet, read_sheet
from metacircuit.effects.routes.spec import KINDS, Options, Route

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PROPORTIONS = frozenset({"PLO", "PR", "PLN", "PAS", "PFT"})
_NO_BOUND = "only a bound is known, and none of its numbers leads to {measure}"
_NO_LIMIT = "marked as a bound, but neither a p nor a limit of the effect is printed that leads to {measure}"


def harmonise(
    effects: pd.DataFrame,
    measure: str,
    *,
    order: Sequence[str] | None = None,
    definition: str = "metafor-5",
    treat_ratio_as_or: bool = False,
    pre_post_r: float = 0.5,
) -> pd.DataFrame:
    """Bring every row of a sheet to one measure by the first route that its printed numbers allow.

    yi is oriented: direction · scale_direction · magnitude, so that positive means more dysfunction, a stronger
    association, or more benefit of the treatment.

    Parameters
    ----------
    effects : DataFrame
        One row an effect, with any of the columns `routes.PRINTED`, and p_op, contrast, usable, adjusted, peak.
    measure : str
        SMD, OR, ZCOR, PLO, or another measure that has routes.
    order : sequence of str, optional
        Names of the routes to try, in this order; by default all, in the documented order (`routes.order_table`).
    definition : {"metafor-5", "borenstein", "metafor-3.8"}
        What the formula of the measure is, where these differ, as in `escalc` (`measures.definitions.DIFFERENCES`).
    treat_ratio_as_or : bool
        Take hazard and rate ratios as odds ratios (flagged).
    pre_post_r : float
        Correlation assumed between before and after in the same people, in [-1, 1), where the paper gives none
        (flagged).

    Returns
    -------
    DataFrame
        One row a row of `effects`, in its order and with its index: effect_id, measure, yi, vi, ci_lb, ci_ub (Wald,
        95%), route, inputs, assumptions, flags, participants, lower, upper, status, reason. A status is one of

        - analysed: yi and vi are there;
        - bound: only limits of the effect are known. lower and upper are on the scale of yi, oriented; vi is the
          sampling variance at the limit; yi is missing;
        - problem: no route, with the reason.

    Raises
    ------
    ValueError
        If the measure, a route of `order` or the definition is not known, or a column of numbers holds text.

    Examples
    --------
    >>> sheet = pd.DataFrame({"effect_id": ["a", "b"], "t": [2.5, None], "p": [None, 0.05], "p_op": [None, "<"],
    ...                       "n1": 30, "n2": 30, "direction": [-1, 1], "scale_direction": [-1, 1]})
    >>> found = harmonise(sheet, "SMD")
    >>> found[["status", "route", "yi", "lower"]].round(3).values.tolist()
    [['analysed', 'smd.t', 0.637, nan], ['bound', 'smd.p', nan, 0.51]]
    >>> found["inputs"][0]
    't=2.5; n1=30; n2=30; direction=-1; scale_direction=-1'
    """
    routes = routes_for(measure, order)
    options = _options(definition, treat_ratio_as_or, pre_post_r)
    sheet = read_sheet(effects)
    exact = try_routes(routes, sheet, options, ~sheet.marked)
    limits = find_limits(ROUTES[measure], sheet, options, exact.route < 0)
    analysed, bound = exact.route >= 0, limits.found

    bits = np.where(analysed, exact.bits, limits.ledger.bits) | sheet.remarks
    bits = np.where(analysed | bound, bits, 0)
    half = ndtri(0.975) * np.sqrt(exact.vi)
    names, inputs = _story(routes, exact, limits, sheet)
    return pd.DataFrame(
        {
            "effect_id": effects["effect_id"].to_numpy() if "effect_id" in effects else np.arange(len(effects)),
            "measure": measure,
            "yi": exact.yi,
            "vi": np.where(bound, limits.ledger.vi, exact.vi),
            "ci_lb": exact.yi - half,
            "ci_ub": exact.yi + half,
            "route": names,
            "inputs": inputs,
            "assumptions": sentences_of(bits, pre_post_r=pre_post_r),
            "flags": codes_of(bits),
            "participants": _participants(measure, sheet),
            "lower": limits.lower,
            "upper": limits.upper,
            "status": np.select([analysed, bound], ["analysed", "bound"], "problem").astype(object),
            "reason": _reasons(routes, limits, exact, sheet),
        },
        index=effects.index,
    )


def _options(definition: str, treat_ratio_as_or: bool, pre_post_r: float) -> Options:
    if definition not in DEFINITIONS:
        raise ValueError(
            f"definition={definition!r} is not known. Allowed: {', '.join(DEFINITIONS)}."
            f"{nearest(definition, DEFINITIONS)}"
        )
    if not -1 <= pre_post_r < 1:
        raise ValueError(f"pre_post_r={pre_post_r} is not a correlation that a change can have: -1 <= r < 1.")
    return Options(definition, treat_ratio_as_or, float(pre_post_r))


def _reasons(routes: Sequence[Route], limits: Limits, exact: Ledger, sheet: Sheet) -> NDArray[np.object_]:
    """Empty with a result; else why a route that had its numbers was refused, else what the nearest route lacks."""
    reason = np.full(sheet.columns.size, "", dtype=object)
    lost = np.flatnonzero((exact.route < 0) & ~limits.found)
    reason[lost] = np.where(exact.reason[lost] != "", exact.reason[lost], limits.ledger.reason[lost])
    silent = lost[reason[lost] == ""]
    for tried, seen, which in ((routes, sheet, ~limits.wanted), (limits.routes, limits.sheet, limits.wanted)):
        rows = silent[which[silent]]
        reason[rows] = missing_reasons(tried, seen, rows) if tried else _NO_BOUND.format(measure=routes[0].measure)
    hopeless = lost[sheet.marked[lost] & np.isnan(sheet.columns["p"][lost])]
    reason[hopeless] = _NO_LIMIT.format(measure=routes[0].measure)
    return reason


def _participants(measure: str, sheet: Sheet) -> NDArray[np.float64]:
    """People behind the statistic: both groups, the pairs, or the group whose proportion it is."""
    c = sheet.columns
    if measure in _PROPORTIONS:
        return c["base"]
    people = np.where(sheet.kinds == KINDS.index("paired"), c["pairs"], c["total"])
    return np.where(np.isnan(people), c["base"], people)


def _story(
    routes: Sequence[Route], exact: Ledger, limits: Limits, sheet: Sheet
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Names of the routes taken, and the cells that they read."""
    names = np.full(sheet.columns.size, "", dtype=object)
    inputs = names.copy()
    for tried, ledger in ((routes, exact), (limits.routes, limits.ledger)):
        for position in np.unique(ledger.route[ledger.route >= 0]):
            rows = np.flatnonzero(ledger.route == position)
            names[rows] = tried[position].id
            inputs[rows] = inputs_of(tried[position], sheet.columns.take(rows), sheet.operators[rows])
    return names, inputs
