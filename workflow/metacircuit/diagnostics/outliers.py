"""Screening for outliers by stated rules, and the estimate without those that each rule finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.choices import one_of
from metacircuit.models.rma import RMA
from metacircuit.models.rma_mv import RMAMV
from metacircuit.stats.distributions import chi2_quantile, critical
from metacircuit.stats.multilevel.engines import linked, sampling_blocks

from .influence_mv import influence_mv
from .refit_table import INFERENCE, RefitTable, multilevel_table, univariate_table
from .refits import Grouping, grouping

RULES = ("rstudent", "ci", "cook_d")


@dataclass(frozen=True, slots=True, eq=False)
class Outliers:
    """What was screened, by which rules, and what becomes of the estimate.

    Attributes
    ----------
    table : one row a study or effect: its label, k effects, own estimate with its interval, rstudent, cook_d; one
        column of booleans a rule (out_rstudent, out_ci, out_cook_d); status, reason.
    rules : name -> the rule in words, with its cut-off.
    sensitivity : the model of all effects and without the outliers of each rule, and of any.
    notes : rules that could not be used, and why.
    """

    table: pd.DataFrame
    rules: dict[str, str]
    sensitivity: RefitTable
    unit: str
    notes: tuple[str, ...]

    def flagged(self, rule: str | None = None) -> tuple[str, ...]:
        """Labels of the outliers of one rule, or of any."""
        if rule is not None:
            one_of("rule", rule, self.rules)
        columns = [f"out_{name}" for name in ([rule] if rule else self.rules)]
        return tuple(self.table.loc[self.table[columns].any(axis=1), self.unit])

    def to_frame(self) -> pd.DataFrame:
        """One row a study or effect."""
        return self.table.copy()

    def __str__(self) -> str:
        lines = [f"Outliers by {self.unit}"]
        for name, said in self.rules.items():
            lines.append(f"{said}: {', '.join(self.flagged(name)) or 'none'}")
        return "\n".join([*lines, *self.notes, "", str(self.sensitivity)])


def outliers(
    model: RMA | RMAMV,
    *,
    by: str | None = None,
    rstudent: float = 1.96,
    cook_d: float | None = None,
    cluster: Any = None,
    slab: Any = None,
    inference: str = "CR2",
) -> Outliers:
    """Flag studies or effects by three rules, and refit the model without them.

    The rules: the standardised deleted residual is beyond +-1.96; the confidence interval of the study lies wholly
    outside the interval of the pooled estimate; Cook's distance is above the median of chi2(p). None of them is a
    reason to leave a study out: they say where to look.

    Parameters
    ----------
    model : from `rma` (by effect) or `rma_mv` (by study, if not said otherwise).
    by : "study" or "effect", for `rma_mv`.
    rstudent, cook_d : cut-offs. cluster, slab : (k,) labels of studies and effects, for `rma_mv`.
    inference : for `rma_mv` "CR2" or "model", of the pooled interval and the refits.

    Returns
    -------
    Outliers
        Rows whose refit failed have a status and a reason, and are not flagged by the rules that need it.

    Raises
    ------
    TypeError
        For another kind of model.
    ValueError
        For a cut-off that is not above zero, or an unknown word.

    Source
    ------
    Viechtbauer & Cheung (2010) Res Synth Methods 1, 112-125; Harrer, Cuijpers, Furukawa & Ebert (2021), Doing
    Meta-Analysis with R, section 5.4 (intervals).

    Example
    -------
    >>> from metacircuit.models.rma import rma
    >>> y, v = [0.1, 0.15, 0.12, 0.09, 0.14, 0.11, 2.0], [0.01] * 7
    >>> found = outliers(rma(y, v, slab=list("abcdefg")))
    >>> found.flagged("rstudent"), found.sensitivity.estimate[[0, 1], 0].round(3).tolist()
    (('g',), [0.387, 0.118])
    """
    one_of("inference", inference, INFERENCE)
    for name, value in (("rstudent", rstudent), ("cook_d", cook_d)):
        if value is not None and not value > 0:
            raise ValueError(f"{name}={value!r} is a cut-off: it must be above zero.")
    if isinstance(model, RMAMV):
        unit = by or "study"
        one_of("by", unit, ("study", "effect"))
        groups = grouping(model, unit, cluster, slab)
        studies = groups.codes if unit == "study" else grouping(model, "study", cluster).codes
    elif isinstance(model, RMA):
        groups = Grouping(np.arange(model.k), model.slab, "effect")
        studies = groups.codes
    else:
        raise TypeError(f"outliers takes a model from rma or rma_mv; got {type(model).__name__}.")
    cut = float(chi2_quantile(0.5, model.p)) if cook_d is None else float(cook_d)
    table = _diagnosed(model, groups, cluster, slab)
    rules = {
        "rstudent": f"Deleted residual beyond +-{rstudent:g}",
        "ci": f"{model.level:g} % interval outside the pooled one",
        "cook_d": f"Cook's distance above {cut:.4g}" + (f" (median of chi2({model.p}))" if cook_d is None else ""),
    }
    notes: tuple[str, ...] = ()
    with np.errstate(invalid="ignore"):
        flags = {"rstudent": np.abs(table["rstudent"]) > rstudent, "cook_d": table["cook_d"] > cut}
    everything = _refitted(model, np.ones((1, model.k), bool), ("all effects",), studies, inference)
    plain = model.p == 1 and model.names == ("intrcpt",)
    lower, upper = float(everything.ci_lb[0, 0]), float(everything.ci_ub[0, 0])
    if plain and np.isfinite([lower, upper]).all():
        flags["ci"] = (table["ci_lb"] > upper) | (table["ci_ub"] < lower)
    else:
        why = everything.reason[0] if plain else "with moderators there is no one pooled estimate."
        notes = (f"The rule of the intervals was not used: {why}",)
    rules = {name: rules[name] for name in RULES if name in flags}
    for name in rules:
        table[f"out_{name}"] = np.asarray(flags[name], bool)
    out = {name: table[f"out_{name}"].to_numpy() for name in rules}
    out["any"] = np.any(list(out.values()), axis=0)
    keep = np.array([np.ones(model.k, bool), *(~flag[groups.codes] for flag in out.values())])
    labels = ("all effects", *(f"without outliers by {name}" for name in rules), "without outliers by any rule")
    told = [c for c in table if c not in ("status", "reason")]
    sensitivity = _refitted(model, keep, labels, studies, inference)
    return Outliers(table[[*told, "status", "reason"]], rules, sensitivity, groups.unit, notes)


def _refitted(
    model: RMA | RMAMV, keep: np.ndarray, labels: tuple[str, ...], studies: np.ndarray, inference: str
) -> RefitTable:
    title = "Estimates with and without outliers"
    if isinstance(model, RMAMV):
        return multilevel_table(model, keep, labels, title, "effects", studies, inference)
    return univariate_table(model, keep, labels, title, "effects", studies)


def _diagnosed(model: RMA | RMAMV, groups: Grouping, cluster: Any, slab: Any) -> pd.DataFrame:
    """Own estimates with intervals, deleted residuals and Cook's distances of the groups."""
    estimate, variance = own_estimates(model, groups)
    half = critical(model.level) * np.sqrt(variance)
    table = pd.DataFrame({groups.unit: groups.labels, "k": np.bincount(groups.codes)})
    table = table.assign(estimate=estimate, ci_lb=estimate - half, ci_ub=estimate + half)
    if isinstance(model, RMAMV):
        found = influence_mv(model, by=groups.unit, cluster=cluster, slab=slab)
        return table.assign(rstudent=found.rstudent, cook_d=found.cook_d, status=found.status, reason=found.reason)
    without = univariate_table(model, groups.without, groups.labels, "", "left_out", groups.codes)
    table = table.assign(rstudent=np.nan, cook_d=np.nan, status=without.status, reason=without.reason)
    if model.k > model.p:
        found = model.influence()
        table = table.assign(rstudent=found.rstudent, cook_d=found.cook_d)
    return table


def own_estimates(model: RMA | RMAMV, groups: Grouping) -> tuple[np.ndarray, np.ndarray]:
    """(g,) average of each group's own effects, weighted by their sampling covariance, and its variance."""
    if isinstance(model, RMA):
        return model.yi, model.vi
    inputs = model.fit.inputs
    estimate, variance = (np.full(len(groups.labels), np.nan) for _ in range(2))
    blocks = sampling_blocks(inputs.sampling, linked(inputs.sampling, []))
    for j in range(len(groups.labels)):
        rows = np.flatnonzero(groups.codes == j)
        V = blocks.dense(rows)
        w = np.linalg.pinv(V, hermitian=True).sum(axis=1)
        if w.sum() > 0:
            w = w / w.sum()
            estimate[j], variance[j] = w @ inputs.y[rows], w @ V @ w
    return estimate, variance
