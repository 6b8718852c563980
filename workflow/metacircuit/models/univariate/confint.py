"""Confidence intervals for the amount of heterogeneity."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.models.choices import one_of
from metacircuit.stats.heterogeneity import i2_h2
from metacircuit.stats.tau2_intervals import jackson, profile_likelihood, q_profile

if TYPE_CHECKING:
    from .result import RMA

TYPES = ("QP", "PL", "J", "BJ")


@dataclass(frozen=True, slots=True, eq=False)
class HeterogeneityInterval:
    """Estimate, lower and upper limit of tau2, tau, I2 (percent) and H2; the last three follow from tau2."""

    tau2: float
    tau2_ci: tuple[float, float]
    tau_ci: tuple[float, float]
    I2_ci: tuple[float, float]
    H2_ci: tuple[float, float]
    I2: float
    H2: float
    type: str
    level: float
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Rows tau2, tau, I2, H2; columns estimate, ci_lb, ci_ub."""
        rows = {
            "tau2": (self.tau2, *self.tau2_ci),
            "tau": (float(np.sqrt(self.tau2)), *self.tau_ci),
            "I2": (self.I2, *self.I2_ci),
            "H2": (self.H2, *self.H2_ci),
        }
        return pd.DataFrame.from_dict(rows, orient="index", columns=["estimate", "ci_lb", "ci_ub"])

    def __str__(self) -> str:
        title = f"Heterogeneity with {self.level:g} % limits ({self.type})"
        return "\n".join([title, self.to_frame().to_string(float_format="%.4f"), *self.notes])


def confint(fit: "RMA", type: str = "QP", *, level: float | None = None) -> HeterogeneityInterval:
    """Interval for tau2 by Q-profile (QP), profile likelihood (PL; ML and REML), or generalised Q with weights 1 /
    sei (J) or 1 / vi (BJ).

    Parameters
    ----------
    fit : a random-effects model with k > p. type : QP, PL, J or BJ. level : in percent; default the model's.

    Raises
    ------
    ValueError
        For common-effect models, a known tau2, k = p, an unknown type, or PL with another method.

    Source
    ------
    See `metacircuit.stats.tau2_intervals`.

    Example
    -------
    >>> from metacircuit.models.rma import rma
    >>> interval = confint(rma([0.1, 0.4, 0.3, 0.8], [0.02, 0.03, 0.05, 0.04], precision="exact"))
    >>> [round(limit, 4) for limit in interval.tau2_ci]
    [0.0, 1.1714]
    """
    level = fit.level if level is None else level
    one_of("type", type, TYPES)
    if fit.tau2_fixed:
        raise ValueError("tau2 was not estimated in this model, so there is no interval for it.")
    if fit.k <= fit.p:
        raise ValueError(f"{fit.k} effects and {fit.p} coefficients leave no degrees of freedom for heterogeneity.")
    data = fit.sample()
    if type == "QP":
        limits = q_profile(data, level, stop_near=fit.tau2 if fit.precision == "metafor" else None)
    elif type == "PL":
        if fit.method not in ("ML", "REML"):
            raise ValueError(f"type='PL' needs a likelihood: fit with method='REML' or 'ML', not {fit.method!r}.")
        limits = profile_likelihood(data, fit.tau2, level, restricted=fit.method == "REML")
    else:
        limits = jackson(data, level, 1 / fit.vi if type == "BJ" else None)
    notes = ()
    if limits[1] == 0:
        notes = ("The effects differ less than sampling error alone would let them: the interval is the null set {0}.",)
    bounds = np.array(limits)
    I2, H2 = i2_h2(bounds, fit.s2)
    point_I2, point_H2 = i2_h2(fit.tau2, fit.s2)
    return HeterogeneityInterval(
        tau2=fit.tau2,
        tau2_ci=limits,
        tau_ci=_pair(np.sqrt(bounds)),
        I2_ci=_pair(I2),
        H2_ci=_pair(H2),
        I2=float(point_I2),
        H2=float(point_H2),
        type=type,
        level=level,
        notes=notes,
    )


def _pair(values: np.ndarray) -> tuple[float, float]:
    return float(values[0]), float(values[1])
