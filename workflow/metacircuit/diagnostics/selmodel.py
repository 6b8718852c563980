"""Selection models: effects corrected for the probability that they were published."""

from __future__ import annotations

from typing import Any

import numpy as np

from metacircuit.models.choices import one_of
from metacircuit.models.rma import RMA
from metacircuit.stats.distributions import chi2_p
from metacircuit.stats.selection.climb import Limits
from metacircuit.stats.selection.fit import Optimum, covariance, default_starts, limits, maximise
from metacircuit.stats.selection.likelihood import SelectionData, log_likelihood, selection_data
from metacircuit.stats.selection.metafor_path import metafor_stop
from metacircuit.stats.selection.weights import SMOOTH
from metacircuit.stats.tau2 import COMMON_EFFECT

from .effects import Effects
from .outcome import AT_BOUND, NOT_CONVERGED, OK, TOO_FEW
from .selmodel_arguments import interval_table, known_deltas, p_steps
from .selmodel_clusters import bootstrapped, cluster_robust, clustered_effects
from .selmodel_result import SelModel, table

TYPES = ("stepfun", *SMOOTH)
PRECISIONS = ("metafor", "exact")
# An early stop is not followed if it loses this much log-likelihood, and is mentioned from the second number on.
LARGEST_LOSS = 0.01
VISIBLE_LOSS = 1e-5
ALTERNATIVES = ("greater", "less", "two.sided")


def selmodel(
    x: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    type: str = "stepfun",
    alternative: str = "greater",
    steps: Any = None,
    delta: Any = None,
    cluster: Any = None,
    bootstrap: int = 0,
    seed: int | None = None,
    precision: str = "metafor",
) -> SelModel:
    """Fit a random-effects model together with a weight function of the p-values, by maximum likelihood.

    Parameters
    ----------
    x : a model from `rma` (moderators stay in; refitted by ML unless it is a common-effect model), from `rma_mv`, or
        (k,) effects with `vi` or `sei`.
    type : "stepfun" (weights by interval), "beta", "halfnorm", "negexp", "logistic", "power".
    alternative : which p-values were selected on: "greater", "less", "two.sided".
    steps : p-values that end the intervals of a step function, 1 added: [.025] is the three-parameter model, [.025, .5]
        the four-parameter model; .025 if not given. For the others the p-value up to which nothing is selected out; for
        beta two p-values, outside which p is held.
    delta : (m,) known selection parameters, NaN where they are estimated (the first of a step function is 1).
    cluster : (k,) labels of effects that depend on each other; for `rma_mv` the studies if not given. The estimates
        stay (a composite likelihood), the errors become cluster-robust.
    bootstrap, seed : number of resamples of clusters for bootstrap errors and percentile limits instead, and the seed
        that they need.
    precision : "metafor" ends the search for a step function where metafor's default optimiser ends, so that its digits
        are met; "exact" is the maximum of the likelihood, from several starts. Where metafor stops 0.01 or more below
        the maximum the maximum is used, and a note says so.

    Returns
    -------
    SelModel
        Weights are kept in [0, 100] as in metafor. Status at_bound where one lies there (an interval without effects or
        all effects on one side): the estimate is the best in that range. Status too_few with fewer effects than
        parameters. Never a missing number without a reason.

    Raises
    ------
    ValueError
        For unknown words, steps outside (0, 1], or a delta of the wrong length or sign.

    Source
    ------
    Hedges (1992) Stat Sci 7, 246-255; Vevea & Hedges (1995) Psychometrika 60, 419-435; see `stats.selection.weights`.
    Dependent effects: Pustejovsky, Citkowicz & Joshi (2025), see `stats.selection.fit.cluster_covariance`.

    Example
    -------
    >>> y = [0.31, 0.62, 0.45, 0.18, 0.51, 0.77, -0.05, 0.39, 0.12, 0.55]
    >>> v = [0.02, 0.06, 0.04, 0.03, 0.05, 0.09, 0.04, 0.03, 0.02, 0.05]
    >>> result = selmodel(y, v, steps=[0.025])
    >>> result.beta.round(3), round(result.LRT, 2)
    (array([0.058]), 11.05)
    """
    if isinstance(type, str) and type == "logist":
        type = "logistic"
    one_of("type", type, TYPES)
    one_of("alternative", alternative, ALTERNATIVES)
    one_of("precision", precision, PRECISIONS)
    data, labels = clustered_effects(x, vi, sei, cluster)
    if bootstrap and (labels is None or seed is None):
        raise ValueError("bootstrap= resamples clusters: pass cluster= (or a model from rma_mv) and seed=.")
    if data.options.get("weights") is not None:
        raise ValueError("A selection model has its own weights: fit rma without weights=.")
    cuts = p_steps(type, steps)
    naive = _without_selection(data, precision)
    model = selection_data(data.yi, data.vi, data.X, type, cuts, alternative)
    known = known_deltas(delta, model.m, type)
    fixed_tau2 = naive.tau2 if naive.tau2_fixed or naive.method in COMMON_EFFECT else None
    box = limits(model, fixed_tau2, known)
    shell = {
        "type": type, "alternative": alternative, "steps": cuts, "ptable": interval_table(model, cuts),
        "names": naive.names, "k": data.k, "level": data.level, "method": naive.method, "inference": "model",
        "n_clusters": data.k, "data": model,
    }  # fmt: skip
    parms = int(box.free.sum())
    if data.k < parms:
        reason = (
            f"{data.k} effects do not determine {parms} parameters. Use fewer steps, or a model with one parameter."
        )
        return _nothing(model, parms, shell, reason, naive.fit_stats["ML"].ll)
    like_metafor = precision == "metafor" and type == "stepfun"
    found, early = _optimum(model, box, naive, like_metafor)
    homogeneous = None
    if fixed_tau2 is None:
        homogeneous = _optimum(model, limits(model, 0.0, known), naive, like_metafor)[0].ll
    result = _result(model, box, found, naive, homogeneous, shell, early)
    if labels is None or not found.converged:
        return result
    return bootstrapped(result, box, labels, bootstrap, seed) if bootstrap else cluster_robust(result, box, labels)


def _without_selection(data: Effects, precision: str) -> RMA:
    """The same model by maximum likelihood, or without heterogeneity if it has none."""
    method = data.options["method"]
    method = method if method in COMMON_EFFECT else "ML"
    return data.refit(data.yi, data.vi, data.X, method=method, precision=precision)


def _optimum(model: SelectionData, box: Limits, naive: RMA, like_metafor: bool) -> tuple[Optimum, tuple[str, ...]]:
    """The maximum, or the point near it where metafor stops; with a note where the two differ visibly."""
    top = maximise(model, box, default_starts(model, naive.beta, naive.tau2))
    stop = metafor_stop(model, box, naive.beta, naive.tau2) if like_metafor and top.converged else None
    if stop is None:
        return top, ()
    ll, gradient = log_likelihood(model, stop)
    loss = top.ll - ll
    if loss > LARGEST_LOSS:
        return top, (f"metafor's search ends {loss:.2g} below the maximum of the log-likelihood; this is the maximum.",)
    note = ()
    if loss > VISIBLE_LOSS:
        at_top = ", ".join(f"{b:.4f}" for b in top.theta[: model.p])
        note = (f"The search ends where metafor's does; the maximum, {loss:.1g} higher, has beta {at_top}.",)
    return Optimum(stop, ll, gradient, True, top.iterations, top.tops), note


def _result(
    model: SelectionData,
    box: Limits,
    found: Optimum,
    naive: RMA,
    homogeneous: float | None,
    shell: dict[str, Any],
    early: tuple[str, ...] = (),
) -> SelModel:
    """Standard errors, tests and status of a fitted model."""
    p = model.p
    V, free = covariance(model, found.theta, box)
    parms, k, ll0 = int(box.free.sum()), model.y.size, naive.fit_stats["ML"].ll
    estimated = box.free[p + 1 :]
    LRT, LRTdf = max(0.0, 2 * (found.ll - ll0)), int(estimated.sum())
    LRT_tau2 = np.nan if homogeneous is None else max(0.0, 2 * (found.ll - homogeneous))
    effective = max(k, parms + 2)
    status, reason = _status(model, box, found)
    notes = (*early, *_notes(model, V, found, free, box))
    return SelModel(
        **table(model, box, found.theta, V, shell["level"]),
        LRT_tau2=LRT_tau2,
        LRTp_tau2=np.nan if np.isnan(LRT_tau2) else float(chi2_p(LRT_tau2, 1)),
        ll=found.ll,
        ll0=ll0,
        LRT=LRT,
        LRTdf=LRTdf,
        LRTp=float(chi2_p(LRT, LRTdf)) if LRTdf else np.nan,
        AIC=-2 * found.ll + 2 * parms,
        BIC=-2 * found.ll + parms * np.log(k),
        AICc=-2 * found.ll + 2 * parms * effective / (effective - parms - 1),
        parms=parms,
        converged=found.converged,
        iterations=found.iterations,
        status=status,
        reason=reason,
        notes=notes,
        theta=found.theta,
        free=free,
        **shell,
    )


def _status(model: SelectionData, box: Limits, found: Optimum) -> tuple[str, str]:
    """Whether the top was found, and whether it is one."""
    if not found.converged:
        return NOT_CONVERGED, f"The likelihood was still rising after {found.iterations} steps."
    p = model.p
    delta, free = found.theta[p + 1 :], box.free[p + 1 :]
    if model.counts.size:
        words = [f"interval {j + 1}" for j in np.flatnonzero(model.counts == 0)]
        if words:
            empty = " and ".join(words)
            return AT_BOUND, f"No effect lies in {empty}: its weight, or that of the others, has no estimate."
    ends = [f"Delta {j + 1} = {delta[j]:g}" for j in range(model.m) if free[j] and _on_bound(delta[j], box, p + 1 + j)]
    return (AT_BOUND, f"{', '.join(ends)} lies on the bound of what is allowed.") if ends else (OK, "")


def _on_bound(value: float, box: Limits, j: int) -> bool:
    return bool(value <= box.lower[j] + 1e-6 or value >= box.upper[j] - 1e-6)


def _notes(model: SelectionData, V: np.ndarray, found: Optimum, free: np.ndarray, box: Limits) -> tuple[str, ...]:
    notes = []
    if found.tops > 1:
        notes.append(f"The likelihood has {found.tops} tops; the highest one is reported.")
    if np.isnan(V[free, free]).any():
        notes.append("The information matrix is singular: there are no standard errors.")
    if box.free[model.p] and found.theta[model.p] == 0:
        notes.append("tau2 is estimated as 0; standard errors take it as known.")
    if model.counts.size and 0 < model.counts.min() < 4:
        few = model.counts.min()
        notes.append(f"Only {few} effect(s) lie in one of the intervals: its weight is hardly determined.")
    return tuple(notes)


def _nothing(model: SelectionData, parms: int, shell: dict[str, Any], reason: str, ll0: float) -> SelModel:
    """A result without estimates, and why."""
    theta = np.full(model.p + 1 + model.m, np.nan)
    V = np.full((theta.size, theta.size), np.nan)
    edge = Limits(np.full(theta.size, -np.inf), np.full(theta.size, np.inf))
    missing = dict.fromkeys(("LRT_tau2", "LRTp_tau2", "ll", "LRT", "LRTp", "AIC", "BIC", "AICc"), np.nan)
    return SelModel(
        **table(model, edge, theta, V, shell["level"]), **missing, ll0=ll0, LRTdf=0, parms=parms, converged=False,
        iterations=0, status=TOO_FEW, reason=reason, notes=(), theta=theta, free=np.empty(0, int), **shell,
    )  # fmt: skip
