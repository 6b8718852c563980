"""A published estimate on the measure of an analysis."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from metacircuit.effects.convert.wald import variance_from_ci
from metacircuit.effects.measures.proportions import arcsine_proportion, log_proportion, logit_proportion
from metacircuit.effects.measures.scale_changes import LOGISTIC

Floats = NDArray[np.float64]


class Converted(NamedTuple):
    """An estimate with its interval and standard error on another measure, and how it came there."""

    estimate: float
    lower: float
    upper: float
    se: float
    route: str


class _Way(NamedTuple):
    route: str
    change: Callable[[Floats], Floats]


def _as_it_is(x: Floats) -> Floats:
    return x


_LINEAR = ("SMD", "SMDH", "MD", "RD", "COR", "PR", "AS", "SMCC", "SMCR")
_RATIOS = ("OR", "PETO", "RR", "HR", "IRR", "ROM", "VR", "CVR")
_WAYS: dict[tuple[str, str], _Way] = {
    **{(m, m): _Way("as printed", _as_it_is) for m in _LINEAR},
    **{(m, m): _Way("log", np.log) for m in _RATIOS},
    ("PETO", "OR"): _Way("log", np.log),
    ("OR", "PETO"): _Way("log", np.log),
    ("PR", "PLO"): _Way("logit", lambda p: logit_proportion(p, 1 - p).yi),
    ("PR", "PLN"): _Way("log", lambda p: log_proportion(p, 1 - p).yi),
    ("PR", "PAS"): _Way("arcsine of the root", lambda p: arcsine_proportion(p, 1 - p).yi),
    ("COR", "ZCOR"): _Way("Fisher's z", np.arctanh),
    ("OR", "SMD"): _Way("log odds ratio × √3/π", lambda r: np.log(r) / LOGISTIC),
    ("SMD", "OR"): _Way("SMD × π/√3", lambda d: d * LOGISTIC),
}


def convert(
    estimate: float, lower: float, upper: float, *, theirs: str, ours: str, reverse: bool = False, level: float = 95
) -> Converted:
    r"""Bring a published estimate to the measure of an analysis, with the standard error that its interval implies.

    .. math:: y = f(\hat\theta), \qquad se = \frac{f(U) - f(L)}{2 z_{1-\alpha/2}}

    Parameters
    ----------
    estimate, lower, upper : float
        As printed: ratios and proportions on their natural scale.
    theirs, ours : str
        Measures by metafor's codes.
    reverse : bool
        The published estimate counts the other way.
    level : float
        Of the printed interval, in percent.

    Returns
    -------
    Converted

    Raises
    ------
    ValueError
        If no function leads from one measure to the other, a number is missing or impossible, or the estimate lies
        outside its interval.

    Notes
    -----
    Odds ratios and standardised mean differences: Chinn (2000), Statistics in Medicine 19:3127 (logistic distribution).

    Examples
    --------
    >>> found = convert(3.03, 2.56, 3.59, theirs="OR", ours="SMD")
    >>> round(found.estimate, 4), round(found.se, 4)
    (0.6112, 0.0476)
    >>> convert(2.04, 1.46, 2.61, theirs="SMCC", ours="SMD")
    Traceback (most recent call last):
    ...
    ValueError: no conversion leads from SMCC to SMD
    """
    way = _WAYS.get((theirs.upper(), ours))
    if way is None:
        raise ValueError(f"no conversion leads from {theirs or 'a measure that is not coded'} to {ours}")
    printed = np.array([estimate, lower, upper], dtype=float)
    if np.isnan(printed).any():
        raise ValueError("the estimate or a limit of its interval is not printed")
    if not lower <= estimate <= upper:
        raise ValueError(f"the printed estimate {estimate:g} lies outside its interval {lower:g} to {upper:g}")
    with np.errstate(all="ignore"):
        y = np.asarray(way.change(printed), dtype=float)
    if not np.isfinite(y).all() or not y[1] < y[2]:
        raise ValueError(f"the printed numbers cannot be brought to {ours}")
    route = f"{way.route}, sign turned" if reverse else way.route
    y = -y[[0, 2, 1]] if reverse else y
    return Converted(*(float(x) for x in y), float(np.sqrt(variance_from_ci(y[1], y[2], level))), route)
