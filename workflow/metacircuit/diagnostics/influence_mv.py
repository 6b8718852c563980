r"""What each study, or each effect, does to a multilevel model.

With (i) for the model without the rows of group i, refitted; X_i, r_i = y_i - X_i b(i) and M_i(i) the design, the
deleted residuals and the marginal covariance of these rows, the latter from the components without them; and c the mean
over the rows:

.. math:: S_i = M_i^{(i)} + X_i\,\mathrm{Var}(b_{(i)})\,X_i', \qquad
          \mathrm{rstudent}_i = \frac{c'r_i}{\sqrt{c'S_ic}}, \qquad X^2_i = r_i'S_i^{-1}r_i

.. math:: D_i = (b - b_{(i)})'\,\mathrm{Var}(b)^{-1}(b - b_{(i)}), \qquad
          \mathrm{COVRATIO}_i = |\mathrm{Var}(b_{(i)})| / |\mathrm{Var}(b)|

.. math:: \mathrm{DFFITS}_i = \frac{c'X_i(b - b_{(i)})}{\sqrt{h_i\, c'M_i^{(i)}c}}, \quad
          h_i = \frac{c'X_i\mathrm{Var}(b)X_i'c}{c'M_ic}, \qquad
          \mathrm{DFBETAS}_{ij} = \frac{(b - b_{(i)})_j}{\sqrt{[(X'M_{(i)}^{-1}X)^{-1}]_{jj}}}

M(i) in the last one covers all rows. For one row a group and one random effect a row these are the diagnostics of
Viechtbauer and Cheung (2010), and of metafor for `rma.uni`; with more they are metafor's for `rma.mv`, where it has
them (it has no DFFITS, no covariance ratio, and for a study X2 alone).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from metacircuit.models.choices import one_of
from metacircuit.models.mv_fit import Fit, residual_heterogeneity
from metacircuit.models.mv_inputs import Inputs
from metacircuit.models.mv_profile import component_names
from metacircuit.models.mv_result import RMAMV
from metacircuit.stats.distributions import chi2_p
from metacircuit.stats.multilevel.blocks import Blocks
from metacircuit.stats.multilevel.crossed import CrossedFactor
from metacircuit.stats.multilevel.terms import add_covariance

from .refits import Grouping, grouping, refits, undefined

COLUMNS = ("k", "rstudent", "X2", "X2p", "dffits", "cook_d", "cov_r", "QE_del", "hat", "weight")


@dataclass(frozen=True, slots=True, eq=False)
class InfluenceMV:
    """Case diagnostics, one entry a study or an effect.

    Attributes
    ----------
    label, k : (g,) what was left out, and how many effects it has.
    rstudent : (g,) standardised deleted residual, of the mean of the group's effects. X2, X2p : joint test of all of
        its residuals, with k degrees of freedom.
    dffits, cook_d, cov_r, QE_del : (g,). dfbs : (g, p). components_del : name -> (g,) variances and correlations.
    hat : (g,) leverages, summed over the group. weight : percent, share of the diagonal of the weight matrix.
    weight_rowsum : percent, the weight that the group has in the average; only in models without moderators.
    is_infl : |dffits| > 3 sqrt(p / (g - p)), or the chi2(p) area below cook_d is above one half, or hat > 3 p / g, or
        any |dfbs| > 1.
    rstudent_effect : (k,) standardised residual of every effect, its group left out.
    status, reason : (g,) how each refit went. notes : what concerns all rows.
    """

    label: tuple[str, ...]
    names: tuple[str, ...]
    k: np.ndarray
    rstudent: np.ndarray
    X2: np.ndarray
    X2p: np.ndarray
    dffits: np.ndarray
    cook_d: np.ndarray
    cov_r: np.ndarray
    QE_del: np.ndarray
    hat: np.ndarray
    weight: np.ndarray
    weight_rowsum: np.ndarray | None
    dfbs: np.ndarray
    components_del: dict[str, np.ndarray]
    is_infl: np.ndarray
    rstudent_effect: np.ndarray
    unit: str
    status: tuple[str, ...]
    reason: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def sigma2_del(self) -> np.ndarray:
        """(g, m) the components without each group, in the order of `components_del`."""
        return np.column_stack([*self.components_del.values(), np.empty((len(self.label), 0))])

    def to_frame(self) -> pd.DataFrame:
        """One row a study or effect; columns dfbs_COEFFICIENT and COMPONENT_del."""
        frame = pd.DataFrame({self.unit: self.label} | {name: getattr(self, name) for name in COLUMNS})
        if self.weight_rowsum is not None:
            frame["weight_rowsum"] = self.weight_rowsum
        for j, name in enumerate(self.names):
            frame[f"dfbs_{name}"] = self.dfbs[:, j]
        for name, values in self.components_del.items():
            frame[f"{name}_del"] = values
        return frame.assign(is_infl=self.is_infl, status=self.status, reason=self.reason)

    def __str__(self) -> str:
        table = self.to_frame().drop(columns="reason").to_string(index=False, float_format="%.4f")
        said = [f"{label}: {why}" for label, why in zip(self.label, self.reason, strict=True) if why]
        return "\n".join([f"Influence by {self.unit}", table, *said, *self.notes])


def influence_mv(model: RMAMV, *, by: str = "study", cluster: object = None, slab: object = None) -> InfluenceMV:
    """Which studies, or effects, are outliers, and which of them move the result; formulas at the top of the module.

    Parameters
    ----------
    model : from `rma_mv`. by : "study" or "effect".
    cluster : (k,) labels of the studies, if the model was not told them. slab : (k,) labels of the effects.

    Returns
    -------
    InfluenceMV
        Rows that cannot be refitted have NaN, a status and the reason.

    Raises
    ------
    TypeError
        For another kind of model.
    ValueError
        For an unknown word, or labels of another length.

    Source
    ------
    Viechtbauer & Cheung (2010) Res Synth Methods 1, 112-125, eqs. 6-14; Belsley, Kuh & Welsch (1980).

    Example
    -------
    >>> from metacircuit.models.rma_mv import rma_mv
    >>> y, v = [0.1, 0.3, 0.5, 0.2, 0.7, 0.6], [0.02, 0.03, 0.02, 0.04, 0.03, 0.05]
    >>> fit = rma_mv(y, v, study=["a", "a", "b", "b", "c", "d"], rho=0.6)
    >>> influence_mv(fit).rstudent.round(1)
    array([-1.8, -0.3,  1.4,  0.6])
    """
    if not isinstance(model, RMAMV):
        raise TypeError(f"influence_mv takes a model from rma_mv; got {type(model).__name__}. Use fit.influence().")
    one_of("by", by, ("study", "effect"))
    groups = grouping(model, by, cluster, slab)
    found = refits(model, groups.without)
    g, p, inputs = len(groups.labels), model.p, model.fit.inputs
    values = np.full((g, 7 + p + len(component_names(model.fit))), np.nan)
    each = np.full(model.k, np.nan)
    for i, refit in enumerate(found):
        if refit.fit is not None:
            rows = np.flatnonzero(groups.codes == i)
            values[i], each[rows] = _deleted(model, refit.fit, rows)
    rstudent, X2, X2p, dffits, cook_d, cov_r, QE_del = values[:, :7].T
    dfbs, components = values[:, 7 : 7 + p], values[:, 7 + p :]
    hat, weight, rowsum = _full(model, groups)
    with np.errstate(invalid="ignore"):
        is_infl = (
            (np.abs(dffits) > (3 * np.sqrt(p / (g - p)) if g > p else np.inf))
            | (chi2_p(cook_d, p) < 0.5)
            | (hat > 3 * p / g)
            | (np.abs(dfbs) > 1).any(axis=1)
        )
    return InfluenceMV(
        label=groups.labels,
        names=inputs.names,
        k=np.bincount(groups.codes, minlength=g),
        rstudent=rstudent,
        X2=X2,
        X2p=X2p,
        dffits=dffits,
        cook_d=cook_d,
        cov_r=cov_r,
        QE_del=QE_del,
        hat=hat,
        weight=weight,
        weight_rowsum=rowsum,
        dfbs=dfbs,
        components_del={name: components[:, j] for j, (name, *_) in enumerate(component_names(model.fit))},
        is_infl=is_infl,
        rstudent_effect=each,
        unit=by,
        status=tuple(refit.status for refit in found),
        reason=tuple(refit.reason for refit in found),
        notes=undefined(model),
    )


def marginal(inputs: Inputs, rows: np.ndarray, Gs: list[np.ndarray]) -> np.ndarray:
    """The marginal covariance (n, n) of some rows at the covariances Gs of the random terms."""
    sampling = inputs.sampling
    M = sampling.dense(rows)[None] if isinstance(sampling, Blocks) else sampling.values(rows[None])
    for term, G in zip(inputs.terms, Gs, strict=True):
        add_covariance(M, rows[None], term, G)
    return M[0]


def _deleted(model: RMAMV, without: Fit, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All diagnostics of one group that need the refit, and the standardised residuals of its effects."""
    inputs, full, part = model.fit.inputs, model.fit.solution, without.solution
    X, n = inputs.X[rows], len(rows)
    c = np.full(n, 1 / n)
    M, M_del = (marginal(inputs, rows, fit.covariances) for fit in (model.fit, without))
    S = M_del + X @ part.vb @ X.T
    r = inputs.y[rows] - X @ part.beta
    change = full.beta - part.beta
    x = c @ X
    X2 = float(r @ np.linalg.pinv(S, hermitian=True) @ r)
    leverage = (x @ full.vb @ x) / (c @ M @ c)
    all_rows = model.fit.model.solve(without.optimum.theta).vb
    reported = without.reported()
    with np.errstate(divide="ignore", invalid="ignore"):
        numbers = [
            (c @ r) / np.sqrt(c @ S @ c),
            X2,
            float(chi2_p(X2, n)),
            (x @ change) / np.sqrt(leverage * (c @ M_del @ c)),
            change @ np.linalg.solve(full.vb, change),
            np.linalg.det(part.vb) / np.linalg.det(full.vb),
            residual_heterogeneity(without).QE,
            *(change / np.sqrt(np.diag(all_rows))),
            *(reported[t][kind == "rho"][i] for _, t, kind, i in component_names(without)),
        ]
        return np.array(numbers), r / np.sqrt(np.diag(S))


def _full(model: RMAMV, groups: Grouping) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Leverages and weights of the groups in the model of all effects."""
    fit = model.fit
    leverage = np.einsum("kp,pq,kq->k", fit.inputs.X, fit.solution.vb, fit.solution.WX)

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(groups.codes, values, minlength=len(groups.labels))

    diagonal = _weights(fit)
    plain = model.p == 1 and bool((fit.inputs.X == 1).all())
    rowsum = total(100 * fit.solution.WX[:, 0] / fit.solution.WX.sum()) if plain else None
    return total(leverage), total(100 * diagonal / diagonal.sum()), rowsum


def _weights(fit: Fit) -> np.ndarray:
    """(k,) diagonal of the inverse of the marginal covariance."""
    factor = fit.model.engine.factor(fit.covariances)
    if isinstance(factor, CrossedFactor):
        lost = factor.BZ.multiply(factor.BZ @ factor.inverse).sum(axis=1)
        return factor.base.diagonal() - np.asarray(lost).ravel()
    return factor.diagonal()
