"""The routes from printed numbers to a measure, in their order."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from typing import get_args

import numpy as np
import pandas as pd
from metacircuit.config.analysis import Measure
from metacircuit.effects.convert import change, clusters, correlation, families, quantiles, significance, spread, wald
from metacircuit.effects.harmonise import harmonise
from metacircuit.effects.routes import FLAGS, ROUTES, Options, order_table, route
from metacircuit.effects.routes.orientation import UNORIENTED

from facts.markdown import code, codes, section, table, title

LEADING = ("SMD", "OR", "ZCOR", "PLO")
CONVERSIONS = (spread, quantiles, significance, wald, correlation, families, change, clusters)
EXAMPLES: dict[str, dict[str, object]] = {
    "means 12 and 10, SDs 3 and 3.5, t = 2.4": {"mean1": 12, "sd1": 3, "mean2": 10, "sd2": 3.5, "t": 2.4},
    "t = 2.4; group 1 lower, where low is bad": {"t": 2.4, "direction": -1, "scale_direction": -1},
    "F(1, 60) = 5.76, no direction": {"f": 5.76, "df1": 1, "direction": np.nan},
    "OR 2.8 [1.0, 7.8]": {"or": 2.8, "or_lo": 1.0, "or_hi": 7.8},
    "OR 1.03 [1.01, 1.05]": {"or": 1.03, "or_lo": 1.01, "or_hi": 1.05},
    "p < .05": {"p": 0.05, "p_op": "<"},
}


def examples() -> str:
    """Bring a few rows of 30 and 32 people to SMD, as the pipeline does."""
    same = {"n1": 30, "n2": 32, "direction": 1, "scale_direction": 1}
    sheet = pd.DataFrame([same | {"effect_id": text} | numbers for text, numbers in EXAMPLES.items()])
    return table(
        ("printed", "status", "route", "yi", "vi", "limits", "flags, or the reason"),
        [
            (
                *(r["effect_id"], r["status"], code(r["route"]), number(r["yi"]), number(r["vi"]), limits(r)),
                codes(r["flags"].split("; ")) if r["flags"] else r["reason"],
            )
            for r in harmonise(sheet, "SMD").to_dict("records")
        ],
        right=(3, 4),
    )


def number(value: float, digits: int = 3) -> str:
    """Write a number, and nothing where there is none."""
    return "" if np.isnan(value) else f"{value:.{digits}f}"


def limits(row: dict[str, float]) -> str:
    """Write the limits of a row."""
    low, high = row["lower"], row["upper"]
    if np.isnan(low):
        return ""
    return f"{'-∞' if np.isinf(low) else f'{low:.3f}'} to {'∞' if np.isinf(high) else f'{high:.3f}'}"


def in_use() -> str:
    """Say which measures a config may name, which a program, and which have no direction."""
    return (
        f"A config may name {codes(get_args(Measure))}; in Python, `metacircuit.effects.harmonise.harmonise` takes\n"
        f"{codes(ROUTES)}.\n"
        f"Not oriented by direction: {codes(sorted(UNORIENTED))}."
    )


def routes_to(measures: Sequence[str]) -> str:
    """Write the routes to some measures: their order, then their formulas."""
    return f"{_order(measures)}\n\n{_formulas(measures)}"


def _order(measures: Sequence[str]) -> str:
    rows = order_table()
    return table(
        ("", "route", "from", "what must be printed", "rows", "why there"),
        [
            (r["rank"], code(r["route"]), _label(r), r["needs"], r["serves"], r["why"])
            for r in rows[rows["measure"].isin(measures)].to_dict("records")
        ],
        right=(0,),
    )


def _label(row: dict[str, str]) -> str:
    return row["label"] + (" (on request)" if route(row["route"]).option else "")


def _formulas(measures: Sequence[str]) -> str:
    return table(
        ("route", "formula", "source", "flags"),
        [
            (code(r.id), code(r.formula), r.source, codes([*r.flags, *(f"{name}?" for name, _ in r.notices)]))
            for measure in measures
            for r in ROUTES[measure]
        ],
    )


def flags() -> str:
    """Write what each flag says."""
    r = Options().pre_post_r
    said = [(code(flag.code), flag.sentence.format(pre_post_r=r), "yes" if flag.assumption else "") for flag in FLAGS]
    return table(("flag", "what it says", "assumption"), said)


def conversions() -> str:
    """List the conversions that programs may call, with their sources."""
    return table(
        ("function", "what it gives", "source"),
        [
            (code(f"{module.__name__.rpartition('.')[2]}.{name}"), title(f), section(f, "References"))
            for module in CONVERSIONS
            for name, f in vars(module).items()
            if inspect.isfunction(f) and f.__module__ == module.__name__ and not name.startswith("_")
        ],
    )


BLOCKS: dict[str, Callable[[], str]] = {
    "routes-examples": examples,
    "routes-in-use": in_use,
    **{f"routes-{measure.lower()}": partial(routes_to, (measure,)) for measure in LEADING},
    "routes-others": partial(routes_to, tuple(measure for measure in ROUTES if measure not in LEADING)),
    "flags": flags,
    "conversions": conversions,
}
