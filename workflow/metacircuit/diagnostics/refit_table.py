"""A row for each refit: the estimate, its test, the heterogeneity that is left, and how the refit went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from metacircuit.models.mv_estimates import estimates
from metacircuit.models.mv_fit import heterogeneity_share, residual_heterogeneity
from metacircuit.models.mv_profile import component_names
from metacircuit.models.mv_result import RMAMV
from metacircuit.models.printing import coefficient_table
from metacircuit.models.univariate.result import RMA
from metacircuit.stats.batch import ManyFits, fit_many
from metacircuit.stats.distributions import critical
from metacircuit.stats.rank import dependent_columns

from .outcome import NOT_CONVERGED, NOT_ESTIMABLE, OK, TOO_FEW
from .refits import Refit, refits, undefined

INFERENCE = ("CR2", "model")
TESTS = ("estimate", "se", "df", "stat", "pval", "ci_lb", "ci_ub")


@dataclass(frozen=True, slots=True, eq=False)
class RefitTable:
    """Refits of one model, one entry each.

    Attributes
    ----------
    title, kind : what was done; the column that says for which refit ("left_out", "added").
    label : (g,) the study or effect. term : the p coefficients.
    k, studies : (g,) effects and studies in the refit.
    estimate, se, df, stat, pval, ci_lb, ci_ub : (g, p); df is infinite for z. level : of confidence, in percent.
    components : name -> (g,) variances and correlations ("tau2" for a univariate model). I2 (percent), QE : (g,).
    inference : "CR2", or the test of the model. status, reason : (g,) how each refit went; numbers that could not be
        had are NaN and the row says why. notes : what concerns all rows.
    """

    title: str
    kind: str
    label: tuple[str, ...]
    term: tuple[str, ...]
    k: np.ndarray
    studies: np.ndarray
    estimate: np.ndarray
    se: np.ndarray
    df: np.ndarray
    stat: np.ndarray
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    level: float
    components: dict[str, np.ndarray]
    I2: np.ndarray
    QE: np.ndarray
    inference: str
    status: tuple[str, ...]
    reason: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.label)

    @property
    def sigma2(self) -> np.ndarray:
        """(g, m) the components as one array, in the order of `components`."""
        return np.column_stack([*self.components.values(), np.empty((len(self), 0))])

    def to_frame(self) -> pd.DataFrame:
        """One row a refit; with moderators one row a refit and coefficient."""
        p = len(self.term)
        frame = pd.DataFrame({self.kind: np.repeat(np.array(self.label, object), p)})
        if p > 1:
            frame["term"] = [*self.term] * len(self)
        frame["k"], frame["studies"] = np.repeat(self.k, p), np.repeat(self.studies, p)
        for name in TESTS:
            frame[name] = getattr(self, name).ravel()
        for name, values in {**self.components, "I2": self.I2, "QE": self.QE}.items():
            frame[name] = np.repeat(values, p)
        frame["status"], frame["reason"] = np.repeat(self.status, p), np.repeat(self.reason, p)
        return frame

    def __str__(self) -> str:
        table = self.to_frame().drop(columns=["stat", "reason"])
        said = [f"{label}: {why}" for label, why in zip(self.label, self.reason, strict=True) if why]
        return "\n".join([f"{self.title} ({self.inference})", coefficient_table(table), *said, *self.notes])


def univariate_table(
    model: RMA, keep: np.ndarray, labels: Sequence[str], title: str, kind: str, codes: np.ndarray | None = None
) -> RefitTable:
    """A model from `rma` refitted to the effects `keep` (g, k); `codes` (k,) say which study an effect belongs to."""
    options = model.refit_options()
    fitted = fit_many(model.yi, model.vi, model.X, mask=keep, **options)
    single = (fitted.k == 1) & (fitted.dfs <= 0)
    if single.any() and model.p == 1:
        # One effect has no degrees of freedom for t; `rma` tests it by z, and so do its refits.
        alone = fit_many(model.yi, model.vi, model.X, mask=keep[single], **(options | {"test": "z"}))
        fitted = _overwritten(fitted, single, alone)
    crit = np.array([critical(model.level, df) if df > 0 else np.nan for df in fitted.dfs])[:, None]
    told = [_univariate_status(model, rows, fitted, g) for g, rows in enumerate(keep)]
    df = np.where(fitted.dfs > 0, fitted.dfs, np.nan)
    return RefitTable(
        title=title,
        kind=kind,
        label=tuple(labels),
        term=model.names,
        k=keep.sum(axis=1),
        studies=_distinct(np.arange(model.k) if codes is None else codes, keep),
        estimate=fitted.beta,
        se=fitted.se,
        df=np.repeat(df[:, None], model.p, axis=1),
        stat=fitted.stat,
        pval=np.where(df[:, None] > 0, fitted.pval, np.nan),
        ci_lb=fitted.beta - crit * fitted.se,
        ci_ub=fitted.beta + crit * fitted.se,
        level=model.level,
        components={"tau2": fitted.tau2},
        I2=fitted.I2,
        QE=fitted.QE,
        inference=model.test,
        status=tuple(status for status, _ in told),
        reason=tuple(reason for _, reason in told),
    )


def _overwritten(fitted: ManyFits, where: np.ndarray, other: ManyFits) -> ManyFits:
    columns = {name: getattr(fitted, name).copy() for name in ("se", "stat", "pval", "vb", "dfs", "s2w")}
    for name, values in columns.items():
        values[where] = getattr(other, name)
    return replace(fitted, **columns)


def _univariate_status(model: RMA, rows: np.ndarray, fitted: ManyFits, g: int) -> tuple[str, str]:
    """How one refit went."""
    k = int(rows.sum())
    if k == 0:
        return TOO_FEW, "No effect is left."
    if not np.isfinite(fitted.beta[g]).all():
        reasons = dependent_columns(model.X[rows], model.names)
        said = "; ".join(f"{name}: {why}" for name, why in reasons.items()) or "the weights of the rest are zero"
        return NOT_ESTIMABLE, f"A coefficient cannot be estimated from these effects ({said})."
    if not fitted.converged[g]:
        return NOT_CONVERGED, f"The iterations for tau2 ({model.method}) did not converge."
    if k <= model.p:
        tested = "it is tested by z" if k == 1 and model.p == 1 else "there are no degrees of freedom for t"
        how = f", and {tested}" if model.test != "z" else ""
        effects = "One effect is" if k == 1 else f"{k} effects are"
        s = "s" * (model.p > 1)
        return TOO_FEW, f"{effects} left for {model.p} coefficient{s}: heterogeneity cannot be estimated{how}."
    if not (fitted.se[g] > 0).all():
        return NOT_ESTIMABLE, "The standard error is zero: these effects agree exactly, so there is no test."
    return OK, ""


def multilevel_table(
    model: RMAMV,
    keep: np.ndarray,
    labels: Sequence[str],
    title: str,
    kind: str,
    codes: np.ndarray,
    inference: str = "CR2",
) -> RefitTable:
    """A model from `rma_mv` refitted to the effects `keep` (g, k), tested by CR2 with clusters `codes` (k,)."""
    if inference == "CR2":
        # Clusters that a random effect crosses are refused here, once, and not as a failure of every refit.
        model.robust("CR0", cluster=codes, bootstrap=False)
    names = [name for name, *_ in component_names(model.fit)]
    rows = [_row(model, found, codes[kept], inference) for found, kept in zip(refits(model, keep), keep, strict=True)]
    tests = np.array([row[0] for row in rows]).reshape(len(rows), len(TESTS), model.p)
    spread = np.array([row[1] for row in rows]).reshape(len(rows), len(names) + 2)
    return RefitTable(
        title,
        kind,
        tuple(labels),
        model.names,
        keep.sum(axis=1),
        _distinct(codes, keep),
        *tests.transpose(1, 0, 2),
        level=model.level,
        components=dict(zip(names, spread.T[:-2], strict=True)),
        I2=spread[:, -2],
        QE=spread[:, -1],
        inference="CR2, Satterthwaite" if inference == "CR2" else model.test,
        status=tuple(row[2] for row in rows),
        reason=tuple(row[3] for row in rows),
        notes=undefined(model),
    )


def _row(model: RMAMV, found: Refit, codes: np.ndarray, inference: str) -> tuple[np.ndarray, list[float], str, str]:
    """Tests (7, p), components with I2 and QE, status and reason of one refit."""
    nothing, status, reason = np.full(model.p, np.nan), found.status, found.reason
    if found.fit is None:
        n = len(component_names(model.fit))
        return np.tile(nothing, (len(TESTS), 1)), [np.nan] * (n + 2), status, reason
    fit, k = found.fit, found.fit.inputs.y.size
    residual = residual_heterogeneity(fit)
    I2 = heterogeneity_share(fit, residual).get("total", np.nan if k > model.p else 0.0)
    reported = fit.reported()
    components = [float(reported[t][kind == "rho"][i]) for _, t, kind, i in component_names(fit)]
    beta = fit.solution.beta
    if inference == "CR2":
        tested = replace(model, fit=fit).robust("CR2", cluster=codes, bootstrap=False)
        tests = [tested.beta, tested.se, tested.df, tested.stat, tested.pval, tested.ci_lb, tested.ci_ub]
        if (lost := np.flatnonzero(~np.isfinite(tested.pval))).size:
            said = f"The CR2 test of {model.names[lost[0]]} is {tested.inference[lost[0]]}."
            status, reason = TOO_FEW if status == OK else status, f"{reason} {said}".strip()
    elif model.test == "t" and k <= model.p:
        tests = [beta, np.sqrt(np.diag(fit.solution.vb)), *[nothing] * 5]
    else:
        ddf = float(k - model.p) if model.test == "t" else np.inf
        source = replace(model, beta=beta, vb=fit.solution.vb, ddf=ddf)
        e = estimates(source, np.eye(model.p), model.names)
        tests = [e.estimate, e.se, e.df, e.stat, e.pval, e.ci_lb, e.ci_ub]
    return np.array(tests), [*components, I2, residual.QE], status, reason


def _distinct(codes: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """(g,) how many studies each refit has."""
    member = codes[:, None] == np.arange(codes.max() + 1)
    return ((keep.astype(float) @ member) > 0).sum(axis=1)
