"""What a selection model is told: p-values that end intervals, and known weights."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.stats.selection.likelihood import SelectionData


def p_steps(kind: str, steps: Any) -> tuple[float, ...]:
    """Increasing p-values; those of a step function end with 1."""
    if steps is None:
        return (0.025, 1.0) if kind == "stepfun" else ()
    values = np.unique(np.atleast_1d(np.asarray(steps, float)))
    if not np.isfinite(values).all() or (values < 0).any() or (values > 1).any():
        raise ValueError(f"steps are p-values between 0 and 1, got {steps!r}.")
    if kind == "beta":
        if values.size != 2:
            raise ValueError(f"type='beta' takes two steps, the smallest and the largest p-value; got {steps!r}.")
        return tuple(float(s) for s in values)
    if values[0] == 0:
        raise ValueError(f"The lowest step must be above 0, got {steps!r}.")
    inner = [float(s) for s in values if s < 1]
    if kind != "stepfun":
        if len(inner) != 1:
            raise ValueError(f"type={kind!r} takes one step below 1; got {steps!r}.")
        return tuple(inner)
    if not inner:
        raise ValueError("A step function needs at least one step below 1.")
    return (*inner, 1.0)


def known_deltas(delta: Any, m: int, kind: str) -> np.ndarray:
    """(m,) fixed parameters, NaN for the others."""
    values = np.full(m, np.nan)
    if delta is not None:
        given = np.atleast_1d(np.asarray([np.nan if d is None else d for d in np.atleast_1d(delta)], float))
        if given.size not in (1, m):
            raise ValueError(f"delta must be one number or {m} of them (NaN for those to estimate), got {delta!r}.")
        values[:] = given
        if (values < 0).any() or (kind == "beta" and (values == 0).any()):
            raise ValueError(f"delta must not be negative (and above zero for beta), got {delta!r}.")
    if kind == "stepfun" and np.isnan(values[0]):
        values[0] = 1.0
    return values


def interval_table(model: SelectionData, steps: tuple[float, ...]) -> pd.DataFrame:
    """How many effects lie in each interval of p-values."""
    if not model.counts.size:
        return pd.DataFrame(columns=["interval", "k"])
    ends = (0.0, *steps)
    names = [f"{a:g} < p <= {b:g}" for a, b in pairwise(ends)]
    return pd.DataFrame({"interval": names, "k": model.counts})
