"""The Henmi-Copas interval beside the model's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.stats.small_study.henmi_copas import henmi_copas

from .effects import effects_of
from .outcome import OK, TOO_FEW, closing, one_row


@dataclass(frozen=True, slots=True)
class HC:
    """Common-effect estimate with an interval that allows for heterogeneity; *_rma are the model's own numbers."""

    beta: float
    se: float
    ci_lb: float
    ci_ub: float
    tau2: float
    beta_rma: float
    se_rma: float
    ci_lb_rma: float
    ci_ub_rma: float
    tau2_rma: float
    method: str
    method_rma: str
    k: int
    level: float
    status: str
    reason: str
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Rows: the model, and Henmi and Copas."""
        rows = [
            (self.method_rma, self.tau2_rma, self.beta_rma, self.se_rma, self.ci_lb_rma, self.ci_ub_rma),
            (self.method, self.tau2, self.beta, self.se, self.ci_lb, self.ci_ub),
        ]
        frame = pd.DataFrame(rows, columns=["method", "tau2", "estimate", "se", "ci_lb", "ci_ub"])
        return frame.assign(analysis=["rma", "hc"], status=[OK, self.status], reason=["", self.reason])

    def __str__(self) -> str:
        table = self.to_frame().set_index("analysis").drop(columns=["status", "reason"])
        lines = [f"Henmi and Copas ({self.level:g} % limits, k = {self.k})", table.to_string(float_format="%.4f")]
        return "\n".join([*lines, *closing(self)])

    def row(self) -> pd.DataFrame:
        """One row, of the adjusted estimate alone."""
        return one_row(self, ("k", "beta", "se", "ci_lb", "ci_ub", "tau2", "status", "reason"))


def hc(x: Any, vi: Any = None, *, sei: Any = None) -> HC:
    """An interval that publication bias widens less than that of a random-effects model.

    Bias makes small studies too large; common-effect weights give them least. The interval is built around that
    estimate, with a distribution of the test statistic that allows for heterogeneity (DerSimonian-Laird).

    Parameters
    ----------
    x : a model from `rma` without moderators, or (k,) effects with `vi` or `sei`.

    Returns
    -------
    HC
        Status too_few for one effect.

    Source
    ------
    Henmi & Copas (2010) Stat Med 29, 2969-2983.

    Example
    -------
    >>> result = hc([0.1, 0.4, 0.3, 0.8], [0.02, 0.03, 0.05, 0.04])
    >>> round(result.beta, 4), result.ci_lb < result.beta < result.ci_ub
    (0.3455, True)
    """
    data = effects_of(x, vi, sei, purpose="The Henmi-Copas method")
    fit = data.fitted()
    own = float(fit.beta[0]), float(fit.se[0]), float(fit.ci_lb[0]), float(fit.ci_ub[0]), fit.tau2
    if data.k < 2:
        reason = "One effect says nothing about heterogeneity."
        return HC(*(np.nan,) * 5, *own, "DL", fit.method, data.k, data.level, TOO_FEW, reason)
    found = henmi_copas(data.yi, data.vi, data.level)
    values = float(found.beta), float(found.se), float(found.ci_lb), float(found.ci_ub), found.tau2
    return HC(*values, *own, "DL", fit.method, data.k, data.level, OK, "")
