"""Influence diagnostics and leave-one-out analyses of a univariate model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.stats import influence as numerics
from metacircuit.stats.coefficients import coefficients
from metacircuit.stats.distributions import chi2_p, critical

if TYPE_CHECKING:
    from .result import RMA

COLUMNS = ("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "QE_del", "hat", "weight")


@dataclass(frozen=True, slots=True, eq=False)
class Influence:
    """Case diagnostics, one entry an effect.

    Attributes
    ----------
    rstudent, dffits, cook_d, cov_r, tau2_del, QE_del, hat, weight (percent) : (k,). dfbs : (k, p).
    is_infl : (k,) whether an effect is called influential: |dffits| > 3 sqrt(p / (k - p)), or the chi2(p) area below
        cook_d is above one half, or hat > 3 p / k, or any |dfbs| > 1.
    slab, names : labels of effects and coefficients. notes : what is undefined and why.
    """

    rstudent: np.ndarray
    dffits: np.ndarray
    cook_d: np.ndarray
    cov_r: np.ndarray
    tau2_del: np.ndarray
    QE_del: np.ndarray
    hat: np.ndarray
    weight: np.ndarray
    dfbs: np.ndarray
    is_infl: np.ndarray
    slab: tuple[str, ...]
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """One row an effect; dfbs columns are named dfbs_COEFFICIENT."""
        columns = {name: getattr(self, name) for name in COLUMNS}
        columns |= {f"dfbs_{name}": self.dfbs[:, j] for j, name in enumerate(self.names)}
        return pd.DataFrame({"slab": self.slab, **columns, "is_infl": self.is_infl})

    def __str__(self) -> str:
        return "\n".join([self.to_frame().to_string(float_format="%.4f", index=False), *self.notes])


@dataclass(frozen=True, slots=True, eq=False)
class LeaveOneOut:
    """The model without each effect or cluster: (g,) for the average effect, (g, p) if there are moderators."""

    estimate: np.ndarray
    se: np.ndarray
    stat: np.ndarray
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    QE: np.ndarray
    QEp: np.ndarray
    tau2: np.ndarray
    I2: np.ndarray
    H2: np.ndarray
    k: np.ndarray
    converged: np.ndarray
    slab: tuple[str, ...]
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def zval(self) -> np.ndarray:
        """The test statistics, under metafor's name."""
        return self.stat

    def to_frame(self) -> pd.DataFrame:
        """One row a refit (and coefficient, if there are moderators)."""
        g, p = len(self.slab), len(self.names)
        frame = pd.DataFrame({"left_out": np.repeat(np.array(self.slab, object), p), "term": [*self.names] * g})
        for name in ("estimate", "se", "stat", "pval", "ci_lb", "ci_ub"):
            frame[name] = getattr(self, name).ravel()
        for name in ("QE", "QEp", "tau2", "I2", "H2", "k"):
            frame[name] = np.repeat(getattr(self, name), p)
        return frame.drop(columns="term") if p == 1 else frame

    def __str__(self) -> str:
        return "\n".join([self.to_frame().to_string(float_format="%.4f", index=False), *self.notes])


def influence(fit: "RMA") -> Influence:
    """Which effects are outliers, and which of them move the result.

    Parameters
    ----------
    fit : a model with more effects than coefficients.

    Raises
    ------
    ValueError
        If k <= p + 1: nothing can be left out.

    Source
    ------
    Viechtbauer & Cheung (2010) Res Synth Methods 1, 112-125; formulas in `metacircuit.stats.influence`.

    Example
    -------
    >>> from metacircuit.models.rma import rma
    >>> influence(rma([0.1, 0.4, 0.3, 0.8], [0.02, 0.03, 0.05, 0.04], precision="exact")).rstudent.round(2)
    array([-1.54,  0.03, -0.27,  2.38])
    """
    _can_delete(fit)
    data = fit.sample()
    full = coefficients(data, np.array([fit.tau2]), fit.test, fit.weights)
    deleted = numerics.deletions(data, **fit.refit_options())
    values = numerics.influence(data, full, fit.tau2, deleted, weights=fit.weights)
    with np.errstate(invalid="ignore"):
        is_infl = (
            (np.abs(values.dffits) > 3 * np.sqrt(fit.p / (fit.k - fit.p)))
            | (chi2_p(values.cook_d, fit.p) < 0.5)
            | (values.hat > 3 * fit.p / fit.k)
            | (np.abs(values.dfbs) > 1).any(axis=1)
        )
    diagnostics = {name: getattr(values, name) for name in (*COLUMNS, "dfbs")}
    return Influence(
        **diagnostics, is_infl=is_infl, slab=fit.slab, names=fit.names, notes=_undefined(deleted, fit.slab)
    )


def leave1out(fit: "RMA", cluster: Sequence | None = None) -> LeaveOneOut:
    """The model refitted without each effect, or without each cluster of effects.

    Parameters
    ----------
    fit : the model. cluster : k labels; effects that share one are left out together.

    Example
    -------
    >>> from metacircuit.models.rma import rma
    >>> leave1out(rma([0.1, 0.4, 0.3, 0.8], [0.02, 0.03, 0.05, 0.04], method="EE")).estimate.round(3)
    array([0.502, 0.326, 0.354, 0.235])
    """
    groups, slab = None, fit.slab
    if cluster is None:
        _can_delete(fit)
    else:
        if len(cluster) != fit.k:
            raise ValueError(f"cluster has {len(cluster)} labels and the model {fit.k} effects.")
        groups, names = pd.factorize(np.asarray(cluster, dtype=object))
        if (groups < 0).any():
            raise ValueError("cluster has missing labels.")
        slab = tuple(str(name) for name in names)
        if len(slab) < 2:
            raise ValueError("cluster has one label: without it no effect is left.")
    refit = numerics.deletions(fit.sample(), groups, **fit.refit_options())
    crit = np.array([critical(fit.level, df) if df > 0 else np.nan for df in refit.dfs])
    half = crit[:, None] * refit.se
    shape = (lambda a: a[:, 0]) if fit.p == 1 else (lambda a: a)
    return LeaveOneOut(
        estimate=shape(refit.beta),
        se=shape(refit.se),
        stat=shape(refit.stat),
        pval=shape(refit.pval),
        ci_lb=shape(refit.beta - half),
        ci_ub=shape(refit.beta + half),
        QE=refit.QE,
        QEp=refit.QEp,
        tau2=refit.tau2,
        I2=refit.I2,
        H2=refit.H2,
        k=refit.k,
        converged=refit.converged,
        slab=slab,
        names=fit.names,
        notes=_undefined(refit, slab),
    )


def _can_delete(fit: "RMA") -> None:
    if fit.k <= fit.p:
        raise ValueError(f"{fit.k} effects for {fit.p} coefficients: no effect can be left out.")


def _undefined(refit: numerics.ManyFits, slab: tuple[str, ...]) -> tuple[str, ...]:
    """A note for refits that cannot be estimated."""
    lost = np.flatnonzero(np.isnan(refit.beta).any(axis=1))
    if not lost.size:
        return ()
    names = ", ".join(slab[i] for i in lost[:5]) + (", …" if lost.size > 5 else "")
    return (f"Without {names} a coefficient cannot be estimated (its moderator is constant): these rows are NaN.",)
