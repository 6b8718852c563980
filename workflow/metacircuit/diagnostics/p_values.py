"""Methods that look at p-values: p-curve and p-uniform*."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.choices import one_of
from metacircuit.models.printing import p_text
from metacircuit.stats.small_study import p_curve, p_uniform

from .effects import effects_of
from .outcome import AT_BOUND, NOT_CONVERGED, NOT_ESTIMABLE, OK, TOO_FEW, closing, few_studies, one_row

SIDES = ("right", "left")
# Limits of the rules of p-curve for evidential value and for its absence.
RULE = 0.05
JOINT_RULE = 0.10


@dataclass(frozen=True, slots=True)
class PCurveResult:
    """p-curve of the significant effects.

    Attributes
    ----------
    curve : all tests (see `stats.small_study.p_curve.PCurve`). evidential : whether the curve is right-skewed by the
        rule; inadequate : whether it is flatter than at 33 % power by the rule. k, k_sig : effects, significant ones.
    """

    curve: p_curve.PCurve
    evidential: bool
    inadequate: bool
    k: int
    k_sig: int
    status: str
    reason: str
    notes: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        tests = {name: getattr(self.curve, name) for name in p_curve.PCurve.__slots__ if name != "k"}
        head = {"k": self.k, "k_sig": self.k_sig, "evidential": self.evidential, "inadequate": self.inadequate}
        return pd.DataFrame([head | tests | {"status": self.status, "reason": self.reason}])

    def __str__(self) -> str:
        c = self.curve
        lines = [f"p-curve ({self.k_sig} significant of {self.k} effects)"]
        if self.status == OK:
            lines += [
                f"Right skew:        full z = {c.z_skew:.4f}, {p_text(c.p_skew)}; half {p_text(c.p_skew_half)}",
                f"Flatter than 33 %: full z = {c.z_flat:.4f}, {p_text(c.p_flat)}; half {p_text(c.p_flat_half)}",
                f"Power {100 * c.power:.0f} % (90 % CI {100 * c.power_lb:.0f} to {100 * c.power_ub:.0f} %)",
                f"Evidential value: {'yes' if self.evidential else 'no'}; "
                f"inadequate or absent: {'yes' if self.inadequate else 'no'}",
            ]
        return "\n".join([*lines, *closing(self)])


def pcurve(x: Any, vi: Any = None, *, sei: Any = None) -> PCurveResult:
    """Test whether the significant p-values come from true effects.

    Evidential value: half curve p < .05, or both curves p < .10. Inadequate: full curve flatter than at 33 % power with
    p < .05, or half curve and binomial test both with p < .10.

    Parameters
    ----------
    x : a model from `rma`, or (k,) effects with `vi` or `sei`; p-values are those of y / sqrt(v), two-sided.

    Returns
    -------
    PCurveResult
        Status not_estimable where no effect is significant.

    Source
    ------
    Simonsohn, Nelson & Simmons (2014, 2015), as in `stats.small_study.p_curve`.

    Example
    -------
    >>> result = pcurve([0.5, 0.8, 0.7, 0.1], [0.04, 0.05, 0.04, 0.03])
    >>> result.k_sig, result.evidential
    (3, True)
    """
    data = effects_of(x, vi, sei, purpose="p-curve", moderators=True)
    curve = p_curve.p_curve(data.yi / data.sei)
    notes = ("p-curve takes effects as independent and its z statistics as those that were tested.",)
    if curve.k == 0:
        reason = f"None of the {data.k} effects is significant at .05: there is no curve."
        return PCurveResult(curve, False, False, data.k, 0, NOT_ESTIMABLE, reason, notes)
    evidential = curve.p_skew_half < RULE or (curve.p_skew_half < JOINT_RULE and curve.p_skew < JOINT_RULE)
    half = curve.p_flat_half < JOINT_RULE and curve.p_binomial_33 < JOINT_RULE
    inadequate = curve.p_flat < RULE or half
    return PCurveResult(curve, bool(evidential), bool(inadequate), data.k, curve.k, OK, "", notes)


@dataclass(frozen=True, slots=True)
class PUniformResult:
    """p-uniform* estimates.

    Attributes
    ----------
    est, ci_lb, ci_ub, L_0, pval_0 : mean, profile limits, likelihood-ratio test of zero.
    tau2, tau2_lb, tau2_ub, L_het, pval_het : the same for heterogeneity. ksig : significant effects. side : looked for.
    """

    est: float
    ci_lb: float
    ci_ub: float
    L_0: float
    pval_0: float
    tau2: float
    tau2_lb: float
    tau2_ub: float
    L_het: float
    pval_het: float
    ll: float
    k: int
    ksig: int
    side: str
    status: str
    reason: str
    notes: tuple[str, ...]

    @property
    def beta(self) -> float:
        """The mean, under the name that other corrections use."""
        return self.est

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        names = ("side", "k", "ksig", "est", "ci_lb", "ci_ub", "L_0", "pval_0", "tau2", "tau2_lb", "tau2_ub")
        return one_row(self, (*names, "L_het", "pval_het", "ll", "status", "reason"))

    def __str__(self) -> str:
        lines = [f"p-uniform* (k = {self.k}, {self.ksig} significant on the {self.side})"]
        if self.status in (OK, AT_BOUND):
            lines.append(f"{self.est:.4f} ({self.ci_lb:.4f} to {self.ci_ub:.4f}), {p_text(self.pval_0)}")
            lines.append(f"tau2 {self.tau2:.4f} ({self.tau2_lb:.4f} to {self.tau2_ub:.4f}), {p_text(self.pval_het)}")
        return "\n".join([*lines, *closing(self)])


def puniform(
    x: Any, vi: Any = None, *, sei: Any = None, side: str | None = None, alpha: float = 0.05
) -> PUniformResult:
    """Mean and heterogeneity by the likelihood of effects given that they are, or are not, significant.

    Parameters
    ----------
    x : a model from `rma` without moderators, or (k,) effects with `vi` or `sei`.
    side : "right" or "left", the direction of the expected effect; by default that of the common-effect mean.
    alpha : level of the two-sided tests of the studies.

    Returns
    -------
    PUniformResult
        Status too_few below two effects, not_converged where the likelihood has no top (then estimates are NaN).

    Source
    ------
    van Aert & van Assen, as in `stats.small_study.p_uniform`.

    Example
    -------
    >>> result = puniform([0.5, 0.6, 0.55, 0.1, 0.3, 0.42], [0.04, 0.05, 0.04, 0.03, 0.05, 0.02])
    >>> result.ksig, round(result.est, 2)
    (4, 0.31)
    """
    if side is not None:
        one_of("side", side, SIDES)
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1, got {alpha!r}.")
    data = effects_of(x, vi, sei, purpose="p-uniform*")
    notes = few_studies(data.k)
    if side is None:
        side = "right" if np.average(data.yi, weights=1 / data.vi) >= 0 else "left"
    if data.k < 2:
        return _nothing(data.k, 0, side, TOO_FEW, "One effect does not determine a mean and a variance.", notes)
    turn = 1.0 if side == "right" else -1.0
    found = p_uniform.p_uniform_star(turn * data.yi, data.vi, alpha=alpha, level=data.level)
    if not found.converged:
        reason = "The likelihood rises without end: the effects lie too close to the threshold of significance."
        return _nothing(data.k, found.ksig, side, NOT_CONVERGED, reason, notes)
    status, reason = OK, ""
    if found.ksig in (0, found.k):
        which = "none" if found.ksig == 0 else "all"
        status, reason = AT_BOUND, f"{which} of the effects are significant: the estimate hangs on the model alone."
    low, high = sorted((turn * found.ci_lb, turn * found.ci_ub))
    rest = found.L_0, found.pval_0, found.tau2, found.tau2_lb, found.tau2_ub, found.L_het, found.pval_het, found.ll
    counts = data.k, found.ksig, side
    return PUniformResult(turn * found.est, low, high, *rest, *counts, status, reason.capitalize(), notes)


def _nothing(k: int, ksig: int, side: str, status: str, reason: str, notes: tuple[str, ...]) -> PUniformResult:
    return PUniformResult(*(np.nan,) * 11, k, ksig, side, status, reason, notes)
