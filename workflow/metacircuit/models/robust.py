"""Robust results of a model: coefficients whose tests hold even if the working covariance is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.choices import one_of
from metacircuit.models.mv_estimates import t_quantile
from metacircuit.models.mv_fit import Fit
from metacircuit.models.mv_random import column_of, nested_codes
from metacircuit.models.robust_result import RobustMV, degrees, why_bootstrap
from metacircuit.stats.distributions import two_sided_p
from metacircuit.stats.multilevel.engines import linked
from metacircuit.stats.robust.sandwich import KINDS, Sandwich, sandwich
from metacircuit.stats.robust.wild import draw, wild_interval, wild_p


def robust(
    model: Any,
    kind: str = "CR2",
    *,
    cluster: Any = None,
    bootstrap: str | bool = "auto",
    replicates: int = 1999,
    seed: int = 1,
    level: float | None = None,
) -> RobustMV:
    """Cluster-robust inference for a fitted univariate or multilevel model.

    The working covariance is the model's: vi + tau2 for `rma`, all random effects and V for `rma_mv`. With own weights
    in `rma` the estimate is not the efficient one, for which CR2 and its degrees of freedom are made: CR0, CR1 and
    CR1p are then available.

    Parameters
    ----------
    model : what `rma` or `rma_mv` returned.
    kind : CR0, CR1, CR1p or CR2.
    cluster : (k,) clusters, as many as the effects that the model was given or used; the studies if not given.
    bootstrap : "auto" for the wild cluster bootstrap where there are fewer than 4 degrees of freedom, True for always,
        False for never.
    replicates, seed : of the bootstrap.
    level : confidence in percent; the model's if not given.

    Raises
    ------
    ValueError
        For an unknown kind, clusters that a random effect or a sampling covariance crosses, or no way to tell the
        clusters.

    Source: Pustejovsky and Tipton (2018), JBES 36:672 (CR2); Cameron, Gelbach and Miller (2008), REStat 90:414
    (bootstrap).

    >>> from metacircuit.models.rma_mv import rma_mv
    >>> y, v = [0.1, 0.3, 0.5, 0.2, 0.7], [0.02, 0.03, 0.02, 0.04, 0.03]
    >>> fit = rma_mv(y, v, study=["a", "a", "b", "b", "c"], rho=0.6)
    >>> robust(fit, "CR2", bootstrap=False).df.round(2).tolist()
    [1.94]
    """
    one_of("kind", kind, KINDS)
    if bootstrap not in ("auto", True, False):
        raise ValueError(f"bootstrap={bootstrap!r} is not known; it can be 'auto', True, False.")
    fit = _fit_of(model)
    if kind == "CR2" and getattr(model, "weights", None) is not None:
        raise ValueError("CR2 is defined for inverse-variance weights; this model has its own. Use kind='CR1p'.")
    level = model.level if level is None else level
    inputs, solution = fit.inputs, fit.solution
    labels = _clusters(fit, cluster)
    bread = sandwich(
        inputs.X, solution.WX, solution.residual, solution.vb, labels, kind, fit.working(labels), fit.low_rank(labels)
    )
    V, beta, p = bread.vcov, solution.beta, len(solution.beta)
    df = degrees(bread, np.eye(p))
    # A coefficient whose scores vanish (one cluster only) has no robust variance at all, not one of zero.
    none = ~(np.diag(V) > 1e-20 * np.diag(solution.vb)) | ~(df > 0)
    se = np.where(none, np.nan, np.sqrt(np.maximum(np.diag(V), 0.0)))
    df = np.where(none, np.nan, df)
    stat, half = beta / se, t_quantile(level, df) * se
    pval, lower, upper = two_sided_p(stat, df), beta - half, beta + half
    boot_p, low, high, said = np.full(p, np.nan), lower.copy(), upper.copy(), []
    weights = None
    for i in range(p):
        why = "" if none[i] else why_bootstrap(df[i], bootstrap)
        if none[i]:
            said.append(_why_none(bread, i))
            continue
        if why:
            weights = draw(bread.n_clusters, replicates, seed) if weights is None else weights
            boot_p[i] = wild_p(bread, np.eye(p)[[i]], beta, weights)
            low[i], high[i] = wild_interval(bread, np.eye(p)[i], beta, weights, level)
        form = "Satterthwaite" if kind == "CR2" else "clusters minus coefficients as"
        open_end = (
            "" if np.isfinite([low[i], high[i]]).all() else "; its interval has no bound, so few are the clusters"
        )
        said.append(f"wild cluster bootstrap, since {why}{open_end}" if why else f"t with {form} degrees of freedom")
    note = ""
    if weights is not None:
        drawn = f"{weights.kind} weights, {weights.replicates} replicates"
        note = f"Wild cluster bootstrap: {drawn}, restricted residuals, seed {seed}."
    return RobustMV(
        names=inputs.names,
        beta=beta,
        se=se,
        stat=stat,
        df=df,
        pval=np.where(np.isnan(boot_p), pval, boot_p),
        ci_lb=low,
        ci_ub=high,
        pval_t=pval,
        ci_lb_t=lower,
        ci_ub_t=upper,
        pval_bootstrap=boot_p,
        inference=tuple(said),
        vb=V,
        kind=kind,
        n_clusters=bread.n_clusters,
        bootstrap=note,
        level=level,
        _fit=fit,
        _sandwich=bread,
        _boot=(bootstrap, replicates, seed),
    )


def _fit_of(model: Any) -> Fit:
    """The multilevel form of the model."""
    fit = getattr(model, "fit", None)
    if not isinstance(fit, Fit):
        raise TypeError(f"robust() takes what rma or rma_mv returned, not {type(model).__name__}.")
    return fit


def _why_none(bread: Sandwich, i: int) -> str:
    """Why a coefficient has no robust test."""
    if bread.n_clusters == 1:
        return "not available: there is one cluster, and nothing to compare it with"
    if not degrees(bread, np.eye(len(bread.bread))[[i]])[0] > 0:
        return f"not available: {bread.n_clusters} clusters leave no degrees of freedom for it"
    return "not available: the residuals of every cluster sum to zero, so the robust variance is zero"


def _clusters(fit: Fit, cluster: Any) -> np.ndarray:
    """Clusters that no covariance of the model crosses."""
    inputs = fit.inputs
    smallest = linked(inputs.sampling, list(inputs.terms))
    if cluster is None:
        if inputs.study is None and len(smallest) > 1 and smallest.max() in (0, len(smallest) - 1):
            linked_how = "All effects are" if smallest.max() == 0 else "No effect is"
            raise ValueError(
                "Say which effects belong together: cluster= takes an array, one label for each effect. "
                f"({linked_how} linked with others by the model.)"
            )
        labels = smallest if inputs.study is None else inputs.study
    else:
        if isinstance(cluster, str):
            raise ValueError(f"cluster takes one label for each effect, such as data[{cluster!r}]; got a text.")
        given = pd.Series(list(cluster)).to_numpy()
        given = given[inputs.rows] if len(given) > len(inputs.rows) else given
        column = column_of("cluster", given, None, len(inputs.rows))
        if column.isna().any():
            raise ValueError("cluster must not have missing values.")
        labels = nested_codes([column])
    owner = np.full(smallest.max() + 1, -1)
    owner[smallest] = labels
    if (owner[smallest] != labels).any():
        row = int(inputs.rows[np.flatnonzero(owner[smallest] != labels)[0]])
        raise ValueError(
            f"The clusters cut through the model's covariance (row {row} is linked with another cluster by a "
            f"random effect or by V). "
            "Use clusters that hold every random effect and every sampling covariance."
        )
    return labels
