"""Fail-safe N."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.choices import one_of
from metacircuit.models.rma import RMA
from metacircuit.stats.small_study.failsafe import dilute, orwin, rosenberg, rosenthal, smallest_count
from metacircuit.stats.tau2 import COMMON_EFFECT

from .effects import Effects, effects_of
from .outcome import OK, TOO_FEW, closing, one_row

TYPES = ("Rosenthal", "Orwin", "Rosenberg", "General")


@dataclass(frozen=True, slots=True)
class FSN:
    """How many effects of zero would undo the result.

    Attributes
    ----------
    fsnum : the number; infinite where none would do. type, alpha, target : what "undo" means.
    est, tau2, pval : before; est_fsn, tau2_fsn, pval_fsn : with that many added (General only). NaN where not used.
    """

    fsnum: float
    type: str
    est: float
    tau2: float
    pval: float
    alpha: float
    target: float
    est_fsn: float
    tau2_fsn: float
    pval_fsn: float
    k: int
    status: str
    reason: str
    notes: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        names = ("type", "k", "fsnum", "est", "tau2", "pval", "alpha", "target", "est_fsn", "tau2_fsn", "pval_fsn")
        return one_row(self, (*names, "status", "reason"))

    def __str__(self) -> str:
        lines = [f"Fail-safe N ({self.type}, k = {self.k})"]
        if self.status == OK:
            goal = f"p = {self.alpha:g}" if np.isnan(self.target) else f"an estimate of {self.target:.4f}"
            lines.append(f"{self.fsnum:g} effects of zero would lead to {goal}")
        return "\n".join([*lines, *closing(self)])


def fsn(
    x: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    type: str = "Rosenthal",
    alpha: float = 0.05,
    target: float | None = None,
) -> FSN:
    """Count the effects of zero that would make the pooled result insignificant, or shrink it to a target.

    Parameters
    ----------
    x : (k,) effects with `vi` or `sei`; or a model from `rma` without moderators, for which the type is "General".
    type : "Rosenthal" (sum of z), "Orwin" (mean down to target, half of it by default), "Rosenberg" (common-effect
        z test), "General" (random-effects z test, or target; added effects have the heterogeneity of the others).
    alpha : level. target : estimate to reach, for Orwin and General.

    Returns
    -------
    FSN
        Status too_few for one effect.

    Raises
    ------
    ValueError
        For an unknown type, or an alpha outside (0, 1).

    Source
    ------
    Rosenthal (1979); Orwin (1983); Rosenberg (2005) Evolution 59, 464-468.

    Example
    -------
    >>> fsn([0.5, 0.8, 0.2], [0.04, 0.04, 0.02]).fsnum
    21.0
    """
    one_of("type", type, TYPES)
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1, got {alpha!r}.")
    data = effects_of(x, vi, sei, purpose="Fail-safe N")
    kind = "General" if isinstance(x, RMA) else type
    if data.k < 2:
        nothing = (np.nan,) * 3
        reason = "One effect has no pooled result to undo."
        return FSN(np.nan, kind, *nothing, alpha, *(np.nan,) * 4, data.k, TOO_FEW, reason, ())
    if kind == "General":
        return _general(data, alpha, target)
    if kind == "Orwin":
        found = orwin(data.yi, data.vi, target)
    else:
        found = (rosenthal if kind == "Rosenthal" else rosenberg)(data.yi, data.vi, alpha)
    return FSN(
        found.fsnum, kind, found.est, np.nan, found.pval, alpha, found.target, *(np.nan,) * 3, data.k, OK, "", ()
    )


def _general(data: Effects, alpha: float, target: float | None) -> FSN:
    """The random-effects version."""
    fit = data.refit(data.yi, data.vi, data.X, test="z", weights=None)
    random = fit.method not in COMMON_EFFECT
    est, tau2, pval = float(fit.beta[0]), fit.tau2, float(fit.pval[0])
    goal = np.nan if target is None else float(np.copysign(target, est))

    def after(n: int):
        return dilute(data.yi, data.vi, est, tau2, n, random=random)

    if target is None:
        number = 0.0 if pval >= alpha else smallest_count(lambda n: after(n).pval >= alpha)
    elif target == 0:
        number = np.inf
    else:
        number = 0.0 if abs(goal) >= abs(est) else smallest_count(lambda n: abs(after(n).est) <= abs(goal))
    new = after(int(number)) if 0 < number < np.inf else None
    changed = (est, tau2, pval) if new is None else (new.est, new.tau2, new.pval)
    notes = ("No number of added effects below ten million is enough.",) if np.isinf(number) else ()
    return FSN(number, "General", est, tau2, pval, alpha, goal, *changed, data.k, OK, "", notes)
