"""Egger's test and PET-PEESE for dependent effects: precision as a moderator, cluster-robust errors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.choices import one_of
from metacircuit.models.mv_fit import fit_inputs
from metacircuit.models.mv_inputs import Inputs
from metacircuit.models.printing import p_text
from metacircuit.models.rma_mv import RMAMV
from metacircuit.models.robust_result import RobustMV
from metacircuit.stats.multilevel.engines import linked, sampling_blocks
from metacircuit.stats.rank import dependent_columns

from .outcome import NOT_ESTIMABLE, OK, TOO_FEW, closing, few_studies, one_row

PREDICTORS = ("sei", "vi", "modified_sei", "ni", "ninv", "sqrtni", "sqrtninv")
# Predictors that are zero for a study of infinite size, where the intercept is the limit estimate.
VANISHING = ("sei", "vi", "modified_sei", "ninv", "sqrtninv")


@dataclass(frozen=True, slots=True, eq=False)
class MultilevelEgger:
    """The slope on the predictor in a multilevel model, tested over clusters.

    Attributes
    ----------
    predictor : sei, vi, or modified_sei. slope, se, zval, dfs, pval : CR2 test (zval is the t statistic).
    est, ci_lb, ci_ub : the effect at the predictor's zero. k, n_clusters : effects, clusters.
    inference : which p-value is reported, and why. robust : all robust coefficients; None without an estimate.
    """

    predictor: str
    slope: float
    se: float
    zval: float
    dfs: float
    pval: float
    est: float
    ci_lb: float
    ci_ub: float
    k: int
    n_clusters: int
    level: float
    inference: str
    robust: RobustMV | None
    status: str
    reason: str
    notes: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        names = ("predictor", "k", "n_clusters", "zval", "dfs", "pval", "slope", "se", "est", "ci_lb", "ci_ub")
        return one_row(self, (*names, "inference", "status", "reason"))

    def __str__(self) -> str:
        counts = f"{self.k} effects, {self.n_clusters} clusters"
        lines = [f"Multilevel Egger test (predictor {self.predictor}; {counts}; CR2)"]
        if self.status == OK:
            lines.append(f"t({self.dfs:.2f}) = {self.zval:.4f}, {p_text(self.pval)}   [{self.inference}]")
            lines.append(f"Limit estimate {self.est:.4f} ({self.level:g} % CI {self.ci_lb:.4f} to {self.ci_ub:.4f})")
        return "\n".join([*lines, *closing(self)])


def egger_mv(
    fit: RMAMV, *, predictor: str = "sei", n1i: Any = None, n2i: Any = None, ni: Any = None, cluster: Any = None
) -> MultilevelEgger:
    """Test for small-study effects among dependent effects.

    The model's random effects and sampling covariances stay; the predictor joins its moderators; CR2 errors with
    Satterthwaite degrees of freedom (a wild cluster bootstrap below 4). The standard error of a standardised mean
    difference holds the effect itself, which makes the ordinary test reject too often: "modified_sei" is
    sqrt(1 / n1 + 1 / n2), which does not.

    Parameters
    ----------
    fit : from `rma_mv`.
    predictor : "sei", "vi", "modified_sei" (needs n1i and n2i), "ni", "ninv", "sqrtni", "sqrtninv" (need ni).
    n1i, n2i, ni : group sizes and sample sizes, one for each effect that the model used (or was given).
    cluster : (k,) clusters; the studies if not given.

    Returns
    -------
    MultilevelEgger

    Raises
    ------
    ValueError
        For an unknown predictor, or sizes that are missing or not positive.

    Source
    ------
    Pustejovsky & Rodgers (2019) Res Synth Methods 10, 57-71; Rodgers & Pustejovsky (2021) Psychol Methods 26,
    141-160.

    Example
    -------
    >>> from metacircuit.models.rma_mv import rma_mv
    >>> y, v = [0.1, 0.3, 0.5, 0.2, 0.7, 0.9, 0.4], [0.02, 0.03, 0.02, 0.04, 0.06, 0.09, 0.05]
    >>> fit = rma_mv(y, v, study=list("aabbcde"), rho=0.6)
    >>> egger_mv(fit).dfs < 7
    True
    """
    one_of("predictor", predictor, PREDICTORS)
    inputs = fit.fit.inputs
    values = _precision(inputs, predictor, n1i, n2i, ni)
    k, p = inputs.X.shape
    X = np.column_stack([inputs.X, values])
    clusters = int(np.unique(_labels(inputs)).size)
    reason = dependent_columns(X, (*inputs.names, predictor)).get(predictor)
    notes = few_studies(clusters)
    if k <= p + 1 or clusters <= p + 1:
        why = f"{k} effects in {clusters} clusters leave no degrees of freedom for {p + 1} coefficients."
        return _nothing(predictor, fit, clusters, TOO_FEW, why, notes)
    if reason is not None:
        return _nothing(
            predictor, fit, clusters, NOT_ESTIMABLE, f"The predictor {predictor} tells nothing: {reason}.", notes
        )
    found = with_moderator(fit, values, predictor, cluster)
    at_zero = inputs.names == ("intrcpt",) and predictor in VANISHING
    limit = (float(found.beta[0]), float(found.ci_lb[0]), float(found.ci_ub[0])) if at_zero else (np.nan,) * 3
    return MultilevelEgger(
        predictor, float(found.beta[-1]), float(found.se[-1]), float(found.stat[-1]), float(found.df[-1]),
        float(found.pval[-1]), *limit, k, found.n_clusters, fit.level, found.inference[-1], found, OK, "", notes,
    )  # fmt: skip


def with_moderator(fit: RMAMV, values: np.ndarray, name: str, cluster: Any = None) -> RobustMV:
    """CR2 results of the model with one more moderator, the last coefficient."""
    inputs = fit.fit.inputs
    p = inputs.X.shape[1]
    wider = replace(
        inputs,
        X=np.column_stack([inputs.X, values]),
        names=(*inputs.names, name),
        design=None,
        kept_columns=tuple(range(p + 1)),
        term_columns={**inputs.term_columns, name: [p]},
        null_space=np.empty((0, p + 1)),
    )
    # Robust results follow from `fit` alone; the model's own tests, which are replaced, are never looked at.
    return replace(fit, fit=fit_inputs(wider, reml=fit.method == "REML")).robust("CR2", cluster=cluster)


def sampling_variances(fit: RMAMV) -> np.ndarray:
    """(k,) variances of the sampling errors."""
    sampling = fit.fit.inputs.sampling
    return np.asarray(sampling_blocks(sampling, linked(sampling, [])).diagonal(), float)


def clusters_of(fit: RMAMV) -> np.ndarray:
    """(k,) codes 0 ... J - 1 of the studies, or of the smallest clusters that nothing crosses."""
    return np.unique(_labels(fit.fit.inputs), return_inverse=True)[1]


def _labels(inputs: Inputs) -> np.ndarray:
    return inputs.study if inputs.study is not None else linked(inputs.sampling, list(inputs.terms))


def _precision(inputs: Inputs, predictor: str, n1i: Any, n2i: Any, ni: Any) -> np.ndarray:
    """(k,) values of the predictor."""
    if predictor in ("sei", "vi"):
        v = np.asarray(sampling_blocks(inputs.sampling, linked(inputs.sampling, [])).diagonal(), float)
        return np.sqrt(v) if predictor == "sei" else v
    if predictor == "modified_sei":
        n1, n2 = _sizes("n1i", n1i, inputs, predictor), _sizes("n2i", n2i, inputs, predictor)
        return np.sqrt(1 / n1 + 1 / n2)
    n = _sizes("ni", ni, inputs, predictor)
    return {"ni": n, "ninv": 1 / n, "sqrtni": np.sqrt(n), "sqrtninv": 1 / np.sqrt(n)}[predictor]


def _sizes(name: str, given: Any, inputs: Inputs, predictor: str) -> np.ndarray:
    if given is None:
        raise ValueError(f"predictor={predictor!r} needs {name}=, one number for each effect.")
    n = np.asarray(given, float)
    k = inputs.y.size
    n = n[inputs.rows] if n.size > k and n.size > inputs.rows.max() else n
    if n.shape != (k,) or not np.isfinite(n).all() or (n <= 0).any():
        raise ValueError(f"{name} must be {k} numbers above zero, one for each effect.")
    return n


def _nothing(predictor: str, fit: RMAMV, clusters: int, status: str, reason: str, notes: tuple) -> MultilevelEgger:
    return MultilevelEgger(predictor, *(np.nan,) * 8, fit.k, clusters, fit.level, "", None, status, reason, notes)
