"""tau2 of one model, with a second look at where an iteration stopped."""

from dataclasses import dataclass

import numpy as np

from metacircuit.stats import likelihood
from metacircuit.stats.linear import Sample
from metacircuit.stats.tau2 import COMMON_EFFECT, ITERATIVE, estimate_tau2

# A stop is too early if tau2 is off by more than this share of the typical variance of an effect, s2 + tau2 …
LARGEST_SHARE = 0.01
# … or if it is this much below the top of the log-likelihood, far more than early stopping alone can explain.
LARGEST_LOSS = 0.01


@dataclass(frozen=True, slots=True)
class BetweenStudy:
    """tau2, its standard error, and how it was found."""

    tau2: float
    se: float
    fixed: bool
    converged: bool
    iterations: int
    precision: str
    notes: tuple[str, ...] = ()


def between_study_variance(data: Sample, method: str, precision: str, known: float | None = None) -> BetweenStudy:
    """tau2 of one data set: a known value, or an estimate by `method`.

    With precision "metafor" the early stop is compared with the exact solution, and given up with a note where it is
    far from it.
    """
    if known is not None:
        return BetweenStudy(float(known), np.nan, True, True, 0, precision)
    found = _single(data, method, precision)
    if method not in ITERATIVE or data.dfs[0] <= 0:
        return found
    if precision == "metafor":
        exact = _single(data, method, "exact")
        reason = _too_early(data, found, exact, method)
        if reason:
            note = f"tau2 was iterated to the exact {method} solution: {reason}."
            return BetweenStudy(exact.tau2, exact.se, False, exact.converged, exact.iterations, "exact", (note,))
    return found


def _single(data: Sample, method: str, precision: str) -> BetweenStudy:
    estimate = estimate_tau2(data, method, precision)
    value, se = float(estimate.value[0]), float(estimate.se[0])
    fixed = method in COMMON_EFFECT
    return BetweenStudy(value, se, fixed, bool(estimate.converged[0]), int(estimate.iterations[0]), precision)


def _too_early(data: Sample, found: BetweenStudy, exact: BetweenStudy, method: str) -> str:
    """Why metafor's stopping point should not be used, or nothing."""
    if method in ("ML", "REML"):
        both = data.rows(np.array([0, 0]))
        height = likelihood.profile(both, np.array([found.tau2, exact.tau2]), restricted=method == "REML")
        if height[1] - height[0] > LARGEST_LOSS:
            return "metafor's Fisher scoring stops below the top of the likelihood"
    s2 = float((data.dfs / data.project().tr_p)[0])
    if abs(found.tau2 - exact.tau2) > LARGEST_SHARE * (s2 + exact.tau2):
        return f"metafor's stopping rule (steps below 1e-5) is too coarse for sampling variances near {s2:.2g}"
    return ""
