"""Selection models of dependent effects: the same estimates, with errors from clusters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.rma_mv import RMAMV
from metacircuit.stats.selection.climb import Limits
from metacircuit.stats.selection.fit import cluster_covariance, covariance, maximise_resamples

from .dependent import clusters_of, sampling_variances
from .effects import Effects, effects_of
from .outcome import TOO_FEW
from .selmodel_result import SelModel, table

# Sandwich errors without a small-sample correction of their own tend to be too small below some such number.
FEW_CLUSTERS = 20
FEWEST_DRAWS = 50


def clustered_effects(x: Any, vi: Any, sei: Any, cluster: Any) -> tuple[Effects, np.ndarray | None]:
    """The effects, and their (k,) cluster codes; None where all are independent.

    Raises
    ------
    ValueError
        For labels that are missing or of the wrong number.
    """
    if isinstance(x, RMAMV):
        inputs = x.fit.inputs
        options = {"method": "ML", "test": "z"}
        data = Effects(inputs.y, sampling_variances(x), inputs.X, None, options, x.level)
        labels = clusters_of(x)
    else:
        data = effects_of(x, vi, sei, purpose="The selection model", moderators=True)
        labels = None
    if cluster is None:
        return data, labels
    labels = pd.factorize(np.asarray(cluster))[0]
    if labels.size != data.k or (labels < 0).any():
        raise ValueError(f"cluster must be {data.k} labels without missing values, one for each effect.")
    return data, labels


def cluster_robust(result: SelModel, box: Limits, labels: np.ndarray) -> SelModel:
    """The result with sandwich errors; likelihood-ratio tests, which take effects as independent, are left out."""
    J = int(labels.max()) + 1
    V, free = covariance(result.data, result.theta, box)
    robust = cluster_covariance(result.data, result.theta, V, free, labels)
    notes = [*result.notes, "Likelihood-ratio tests and AIC take effects as independent: they are not given."]
    if J < FEW_CLUSTERS:
        few = f"With {J} clusters (fewer than {FEW_CLUSTERS})"
        notes.append(f"{few} sandwich errors tend to be too small: compare with bootstrap=.")
    changed = replace(result, **table(result.data, box, result.theta, robust, result.level), **_no_likelihood_tests())
    if J < 2:
        reason = "One cluster leaves no cluster-robust standard errors."
        changed = replace(changed, status=TOO_FEW, reason=reason)
    return replace(changed, inference="cluster-robust", n_clusters=J, notes=tuple(notes))


def bootstrapped(result: SelModel, box: Limits, labels: np.ndarray, replicates: int, seed: int | None) -> SelModel:
    """The result with standard deviations and percentile limits over resamples of whole clusters.

    Source: Pustejovsky, Citkowicz & Joshi (2025), as in `cluster_covariance` (percentile intervals).
    """
    data, theta = result.data, result.theta
    J = int(labels.max()) + 1
    if J < 2:
        reason = "One cluster cannot be resampled."
        return replace(result, status=TOO_FEW, reason=reason, inference="cluster bootstrap", n_clusters=J)
    random = np.random.default_rng(seed)
    times = np.array([np.bincount(random.integers(0, J, J), minlength=J) for _ in range(replicates)])[:, labels]
    times = times[[np.linalg.matrix_rank(data.X[drawn > 0]) == data.p for drawn in times]]
    found, converged = maximise_resamples(data, box, _starts(data.p, theta, box), times)
    draws = found[converged]
    notes = [*result.notes, "Likelihood-ratio tests and AIC take effects as independent: they are not given."]
    notes.append(f"{replicates} resamples of {J} clusters, seed {seed}; {replicates - len(draws)} could not be fitted.")
    if len(draws) < max(FEWEST_DRAWS, replicates // 2):
        reason = f"Only {len(draws)} of {replicates} resamples could be fitted: the bootstrap says nothing."
        nothing = np.full((theta.size, theta.size), np.nan)
        changed = replace(result, **table(data, box, theta, nothing, result.level), **_no_likelihood_tests())
        return replace(changed, status="not_estimable", reason=reason, inference="cluster bootstrap", n_clusters=J)
    V = np.atleast_2d(np.cov(draws.T))
    V[~box.free] = V[:, ~box.free] = np.nan
    tail = (100 - result.level) / 2
    low, high = np.percentile(draws, [tail, 100 - tail], axis=0)
    p = data.p
    limits = {
        "ci_lb": low[:p], "ci_ub": high[:p], "ci_lb_tau2": float(low[p]), "ci_ub_tau2": float(high[p]),
        "ci_lb_delta": _estimated(low, box)[p + 1 :], "ci_ub_delta": _estimated(high, box)[p + 1 :],
    }  # fmt: skip
    changed = replace(result, **table(data, box, theta, V, result.level) | limits, **_no_likelihood_tests())
    return replace(changed, inference="cluster bootstrap", n_clusters=J, notes=tuple(notes), draws=draws)


def _estimated(values: np.ndarray, box: Limits) -> np.ndarray:
    """Limits of estimated parameters; known ones have none."""
    return np.where(box.free, values, np.nan)


def _starts(p: int, theta: np.ndarray, box: Limits) -> list[np.ndarray]:
    """The estimate, and one away from its bounds, where a resample may have its top."""
    inside = theta.copy()
    inside[p] = max(theta[p], 1e-3)
    inside[p + 1 :] = np.clip(theta[p + 1 :], 0.2, 5.0)
    return [np.clip(inside, box.lower, box.upper)] if np.allclose(inside, theta) else [theta, inside]


def _no_likelihood_tests() -> dict[str, float]:
    names = ("LRT", "LRTp", "LRT_tau2", "LRTp_tau2", "AIC", "BIC", "AICc")
    return dict.fromkeys(names, np.nan)
