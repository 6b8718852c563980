"""Weight functions: how likely an effect with a given p-value is to be published, relative to a reference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

# (p-values (n,), parameters (m,)) -> log weight (n,) and its derivatives by the parameters (m, n).
LogWeight = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True, slots=True)
class WeightFunction:
    """A family of weight functions.

    Attributes
    ----------
    log_weight : the function and its derivatives.
    start, lower, upper, null : (m,) first value, smallest and largest allowed value, and value without selection.
    pval_min : p-values are taken into [pval_min, 1 - pval_min], where the function would grow without limit.
    cuts : p-values at which the function is not smooth.
    """

    log_weight: LogWeight
    start: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    null: np.ndarray
    pval_min: float = 0.0
    cuts: tuple[float, ...] = ()


# An upper limit keeps weights finite when the data do not bound them; metafor's default.
LARGEST = 100.0
SMALLEST_BETA = 1e-5
SMALLEST_P = 1e-5
SMOOTH = ("beta", "halfnorm", "negexp", "logistic", "power")


def smooth_weight(kind: str, steps: tuple[float, ...]) -> WeightFunction:
    """The weight function of a model with a smooth decline.

    beta: p^(d1 - 1) (1 - p)^(d2 - 1); halfnorm: exp(-d p^2); negexp: exp(-d p); logistic: 2 / (1 + exp(d p));
    power: (1 - p)^d. With a step alpha the last four are 1 for p <= alpha and continuous there; beta takes two steps,
    between which p is held.

    Source: Citkowicz & Vevea (2017) Psychol Methods 22, 28-41 (beta); Preston, Ashby & Smyth (2004) J Eval Clin Pract
    10, 415-422 (the others).
    """
    if kind == "beta":
        low, high = steps or (0.0, 1.0)
        return WeightFunction(
            lambda p, d: _beta(np.clip(p, low, high), d),
            np.ones(2),
            np.full(2, SMALLEST_BETA),
            np.full(2, LARGEST),
            np.ones(2),
            SMALLEST_P,
            tuple(s for s in (low, high) if 0 < s < 1),
        )
    alpha = steps[0] if steps else 0.0
    shape = {"halfnorm": _half_normal, "negexp": _negative_exponential, "logistic": _logistic, "power": _power}[kind]

    def log_weight(p: np.ndarray, d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        value, slope = shape(p, d[0])
        at_alpha, slope_at_alpha = shape(np.array([alpha]), d[0])
        free = p > alpha
        return np.where(free, value - at_alpha, 0.0), np.where(free, slope - slope_at_alpha, 0.0)[None, :]

    return WeightFunction(
        log_weight,
        np.ones(1),
        np.zeros(1),
        np.full(1, LARGEST),
        np.zeros(1),
        SMALLEST_P if kind == "power" else 0.0,
        (alpha,) if alpha else (),
    )


def _beta(p: np.ndarray, d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    log_p, log_q = np.log(p), np.log1p(-p)
    return (d[0] - 1) * log_p + (d[1] - 1) * log_q, np.stack([log_p, log_q])


def _half_normal(p: np.ndarray, d: float) -> tuple[np.ndarray, np.ndarray]:
    return -d * p**2, -(p**2)


def _negative_exponential(p: np.ndarray, d: float) -> tuple[np.ndarray, np.ndarray]:
    return -d * p, -p


def _logistic(p: np.ndarray, d: float) -> tuple[np.ndarray, np.ndarray]:
    grown = np.logaddexp(0.0, d * p)
    return np.log(2) - grown, -p * np.exp(d * p - grown)


def _power(p: np.ndarray, d: float) -> tuple[np.ndarray, np.ndarray]:
    log_q = np.log1p(-p)
    return d * log_q, log_q
