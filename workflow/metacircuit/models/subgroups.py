"""Subgroup models: one average effect a group, with tau2 in common or each group's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.stats.formula_columns import row_list
from metacircuit.stats.wald import omnibus

from .choices import one_of
from .contrasts import contrasts
from .printing import coefficient_table, p_text
from .rma import rma
from .univariate.result import RMA

TAU2_MODELS = ("separate", "common")


@dataclass(frozen=True, slots=True, eq=False)
class Subgroups:
    """The groups and the test of their difference.

    Attributes
    ----------
    levels : the groups.
    table : one row a group: k, estimate, se, stat, pval, ci_lb, ci_ub, dfs, tau2, I2, QE, QEp, status.
    QM, QMdf, QMp : the test that all groups have the same average effect; NaN with fewer than two groups.
    fits : level -> its own model ("separate"), or the one joint model under every level ("common").
    tau2_model : "separate" or "common". notes : what is undefined and why.
    """

    levels: tuple[str, ...]
    table: pd.DataFrame
    QM: float
    QMdf: tuple[int, float]
    QMp: float
    fits: dict[str, RMA]
    tau2_model: str
    notes: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row a group."""
        return self.table.copy()

    def __str__(self) -> str:
        m, dfs = self.QMdf
        test = f"QM({m})" if np.isinf(dfs) else f"F({m}, {dfs:g})"
        return "\n".join(
            [
                f"Subgroups ({self.tau2_model} tau2)",
                coefficient_table(self.table),
                f"Difference between groups: {test} = {self.QM:.4f}, {p_text(self.QMp)}",
                *self.notes,
            ]
        )


def subgroups(yi: Any, vi: Any, group: Sequence, *, tau2: str = "separate", **model: Any) -> Subgroups:
    """Average effects of groups of studies, and the test that they are equal.

    "separate": a model in each group; QM = sum_j (theta_j - mean)^2 / se_j^2 with inverse-variance mean, chi2(m - 1).
    "common": one model with a coefficient for each group and the same tau2; Wald test, F with Knapp-Hartung.

    Parameters
    ----------
    yi, vi : (k,) estimates and variances. group : (k,) labels. tau2 : "separate" or "common".
    model : method, test, level, precision, slab as in `rma`.

    Returns
    -------
    Subgroups

    Raises
    ------
    ValueError
        If a label is missing, lengths differ, or an argument of `rma` is wrong.

    Source
    ------
    Borenstein et al. (2009) Introduction to Meta-Analysis, ch. 19; Rubio-Aparicio et al. (2020) (common or separate).

    Example
    -------
    >>> found = subgroups([0.1, 0.2, 0.6, 0.7], [0.05] * 4, ["a", "a", "b", "b"])
    >>> found.table["estimate"].round(3).tolist(), round(found.QMp, 4)
    ([0.15, 0.65], 0.0253)
    """
    one_of("tau2", tau2, TAU2_MODELS)
    if refused := {"mods", "data", "scale", "weights", "btt"} & set(model):
        raise TypeError(f"subgroups does not take {', '.join(sorted(refused))}; use rma for such models.")
    labels = pd.Series(list(group), dtype=object)
    if labels.isna().any():
        raise ValueError(
            f"group is missing in {row_list(labels.isna().to_numpy())}. Label these rows or leave them out."
        )
    y, v = np.asarray(yi, float), np.asarray(vi, float)
    if not len(labels) == y.size == v.size:
        raise ValueError(f"group has {len(labels)} labels, yi {y.size} and vi {v.size} values; they must agree.")
    labels = labels.astype(str)
    levels = tuple(sorted(set(labels)))
    masks = [(labels == level).to_numpy() for level in levels]
    slab = model.pop("slab", None)
    own = {}
    for level, rows in zip(levels, masks, strict=True):
        own[level] = rma(y[rows], v[rows], slab=None if slab is None else np.array(slab)[rows], **model)
    if tau2 == "separate":
        return _separate(levels, own)
    indicators = pd.DataFrame(dict(zip(levels, np.array(masks, float), strict=True)))
    return _common(own, rma(y, v, mods=indicators, intercept=False, slab=slab, **model))


def _separate(levels: tuple[str, ...], own: dict[str, RMA]) -> Subgroups:
    """Each group its own model."""
    rows = []
    for level, fit in own.items():
        row = {name: getattr(fit, name)[0] for name in ("beta", "se", "stat", "pval", "ci_lb", "ci_ub")}
        rows.append({"group": level, "k": fit.k, **row, **_spread(fit, fit.tau2, fit.dfs)})
    table = pd.DataFrame(rows).rename(columns={"beta": "estimate"})
    estimate, se = table["estimate"].to_numpy(), table["se"].to_numpy()
    notes = [f"{level}: {note}" for level, fit in own.items() for note in fit.notes]
    usable = np.isfinite(se) & (se > 0)
    QM, QMp = np.nan, np.nan
    if len(levels) > 1 and usable.all():
        differences = np.eye(len(levels))[1:] - np.eye(len(levels))[0]
        joint = omnibus(differences @ estimate, differences @ np.diag(se**2) @ differences.T)
        QM, QMp = joint.stat, joint.pval
    elif len(levels) > 1:
        unknown = ", ".join(np.array(levels)[~usable])
        notes.append(f"The groups cannot be compared: no standard error in {unknown}. A common tau2 may allow it.")
    else:
        notes.append("There is one group only: nothing to compare.")
    return Subgroups(levels, table, QM, (len(levels) - 1, np.inf), QMp, own, "separate", tuple(notes))


def _common(own: dict[str, RMA], joint: RMA) -> Subgroups:
    """One model with a coefficient for each group; Q is each group's own."""
    levels = tuple(own)
    rows = []
    for j, level in enumerate(levels):
        row = {name: getattr(joint, name)[j] for name in ("beta", "se", "stat", "pval", "ci_lb", "ci_ub")}
        rows.append({"group": level, "k": own[level].k, **row, **_spread(own[level], joint.tau2, joint.dfs)})
    table = pd.DataFrame(rows).rename(columns={"beta": "estimate"}).assign(status=joint.status)
    notes = list(joint.notes)
    QM, QMdf, QMp = np.nan, (0, joint.dfs), np.nan
    if len(levels) > 1:
        test = contrasts(joint, np.eye(len(levels))[1:] - np.eye(len(levels))[0])
        QM, QMdf, QMp = test.QM, test.QMdf, test.QMp
    else:
        notes.append("There is one group only: nothing to compare.")
    return Subgroups(levels, table, QM, QMdf, QMp, dict.fromkeys(levels, joint), "common", tuple(notes))


def _spread(fit: RMA, tau2: float, dfs: float) -> dict[str, Any]:
    """Heterogeneity within a group."""
    I2 = 100 * tau2 / (tau2 + fit.s2) if fit.s2 > 0 and not fit.tau2_fixed else fit.I2
    return {"dfs": dfs, "tau2": tau2, "I2": I2, "QE": fit.QE, "QEp": fit.QEp, "status": fit.status}
