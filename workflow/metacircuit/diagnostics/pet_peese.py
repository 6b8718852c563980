"""PET, PEESE and PET-PEESE, for independent and dependent effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtr

from metacircuit.models.choices import one_of
from metacircuit.models.printing import p_text
from metacircuit.models.rma_mv import RMAMV

from .dependent import clusters_of, sampling_variances, with_moderator
from .effects import Effects, effects_of
from .outcome import NOT_ESTIMABLE, OK, TOO_FEW, closing, few_studies, one_row

MODELS = ("rma", "lm")


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A regression on sei (PET) or vi (PEESE): (2,) intercept and slope with their tests."""

    beta: np.ndarray
    se: np.ndarray
    stat: np.ndarray
    dfs: np.ndarray
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class PetPeese:
    """The two lines, and the one that the rule chooses.

    Attributes
    ----------
    pet, peese : the regressions; None without an estimate. chosen : "PET" or "PEESE".
    beta, se, stat, dfs, pval, ci_lb, ci_ub : corrected estimate, the chosen intercept.
    p_pet : one-sided p of the PET intercept in the direction of the unadjusted mean, which the rule looks at.
    """

    pet: Line | None
    peese: Line | None
    chosen: str
    beta: float
    se: float
    stat: float
    dfs: float
    pval: float
    ci_lb: float
    ci_ub: float
    p_pet: float
    k: int
    n_clusters: int
    errors: str
    status: str
    reason: str
    notes: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """Rows PET, PEESE, PET-PEESE."""
        columns = ("beta", "se", "stat", "dfs", "pval", "ci_lb", "ci_ub")
        rows = []
        for name, line in (("PET", self.pet), ("PEESE", self.peese)):
            nothing = line is None
            rows.append({"method": name} | {c: np.nan if nothing else float(getattr(line, c)[0]) for c in columns})
        rows.append({"method": "PET-PEESE"} | {c: getattr(self, c) for c in columns})
        return pd.DataFrame(rows).assign(k=self.k, chosen=self.chosen, status=self.status, reason=self.reason)

    def row(self) -> pd.DataFrame:
        """One row, of the chosen estimate."""
        names = ("chosen", "k", "beta", "se", "stat", "dfs", "pval", "ci_lb", "ci_ub", "p_pet", "status", "reason")
        return one_row(self, names)

    def __str__(self) -> str:
        lines = [f"PET-PEESE (k = {self.k}; {self.errors})"]
        if self.status == OK:
            lines.append(f"PET intercept: one-sided {p_text(self.p_pet)}, so {self.chosen} is used")
            lines.append(f"{self.beta:.4f} ({self.ci_lb:.4f} to {self.ci_ub:.4f}), {p_text(self.pval)}")
        return "\n".join([*lines, *closing(self)])


def pet_peese(
    x: Any, vi: Any = None, *, sei: Any = None, model: str = "rma", alpha: float = 0.05, cluster: Any = None
) -> PetPeese:
    """The effect of a study without sampling error, from a line in sei (PET) or vi (PEESE).

    PET is biased towards zero where there is an effect, PEESE away from it where there is none: PEESE is used if the
    intercept of PET differs from zero in the direction of the unadjusted mean (one-sided p < alpha).

    Parameters
    ----------
    x : a model from `rma` without moderators, or from `rma_mv` (then CR2 errors); or (k,) effects with `vi` or `sei`.
    model : "rma" (the model's heterogeneity, additive) or "lm" (multiplicative, the original); only for rma.
    alpha : of the rule. cluster : (k,) clusters for a model from `rma_mv`; the studies if not given.

    Returns
    -------
    PetPeese
        Status too_few or not_estimable (equal standard errors) with the reason.

    Source
    ------
    Stanley & Doucouliagos (2014) Res Synth Methods 5, 60-78; Stanley (2017) Soc Psychol Personal Sci 8, 581-591 (rule).

    Example
    -------
    >>> result = pet_peese([0.3, 0.35, 0.5, 0.7, 0.9], [0.01, 0.02, 0.05, 0.1, 0.2])
    >>> result.chosen, round(result.beta, 3)
    ('PET', 0.117)
    """
    one_of("model", model, MODELS)
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1, got {alpha!r}.")
    if isinstance(x, RMAMV):
        return _dependent(x, alpha, cluster)
    data = effects_of(x, vi, sei, purpose="PET-PEESE")
    errors = "multiplicative errors" if model == "lm" else f"tests {data.options['test']}"
    notes = few_studies(data.k)
    refused = _refused(data.k, data.k, data.sei)
    if refused:
        return _nothing(data.k, data.k, errors, *refused, notes)
    pet, peese = (_line(data, model, predictor) for predictor in (data.sei, data.vi))
    direction = float(np.average(data.yi, weights=1 / (data.vi + data.fitted().tau2)))
    return _choose(pet, peese, direction, alpha, data.k, data.k, errors, notes)


def _dependent(fit: RMAMV, alpha: float, cluster: Any) -> PetPeese:
    """With the random effects of the model and CR2 errors."""
    if fit.names != ("intrcpt",):
        raise ValueError(f"PET-PEESE is defined for models without moderators; this one has {', '.join(fit.names)}.")
    v, J = sampling_variances(fit), int(clusters_of(fit).max()) + 1
    notes = few_studies(J)
    refused = _refused(fit.k, J, np.sqrt(v))
    if refused:
        return _nothing(fit.k, J, "CR2", *refused, notes)
    lines = []
    for name, values in (("sei", np.sqrt(v)), ("vi", v)):
        r = with_moderator(fit, values, name, cluster)
        lines.append(Line(r.beta, r.se, r.stat, r.df, r.pval, r.ci_lb, r.ci_ub))
    return _choose(lines[0], lines[1], float(fit.beta[0]), alpha, fit.k, J, "CR2", notes)


def _line(data: Effects, model: str, values: np.ndarray) -> Line:
    """One regression of independent effects."""
    X = np.column_stack([np.ones(data.k), values])
    if model == "rma":
        fit = data.refit(data.yi, data.vi, X)
    else:
        # Knapp-Hartung scaling without tau2 is the multiplicative model.
        fit = data.refit(data.yi, data.vi, X, method="FE", test="knha", tau2=None, weights=None)
    dfs = np.full(2, fit.dfs)
    return Line(fit.beta, fit.se, fit.stat, dfs, fit.pval, fit.ci_lb, fit.ci_ub)


def _choose(
    pet: Line, peese: Line, direction: float, alpha: float, k: int, J: int, errors: str, notes: tuple[str, ...]
) -> PetPeese:
    stat, df = np.sign(direction) * pet.stat[0], pet.dfs[0]
    p = float(ndtr(-stat) if np.isinf(df) else stdtr(df, -stat))
    name, line = ("PEESE", peese) if p < alpha else ("PET", pet)
    fields = ("beta", "se", "stat", "dfs", "pval", "ci_lb", "ci_ub")
    values = (float(getattr(line, field)[0]) for field in fields)
    return PetPeese(pet, peese, name, *values, p, k, J, errors, OK, "", notes)


def _refused(k: int, J: int, sei: np.ndarray) -> tuple[str, str] | None:
    if J < 3:
        return TOO_FEW, f"{k} effects in {J} studies leave no degrees of freedom for a line."
    if np.ptp(sei) <= 1e-9 * sei.max():
        return NOT_ESTIMABLE, f"All standard errors are equal ({sei[0]:g}): there is no line to follow to zero."
    return None


def _nothing(k: int, J: int, errors: str, status: str, reason: str, notes: tuple[str, ...]) -> PetPeese:
    return PetPeese(None, None, "", *(np.nan,) * 8, k, J, errors, status, reason, notes)
