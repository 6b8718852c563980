"""p-curve: what the distribution of the significant p-values says about the evidence behind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

# Two-sided levels: what is published, and its half, which ambitious p-hacking reaches less.
LEVELS = {"full": 0.05, "half": 0.025}
THIRD = 1 / 3
# Probabilities stay inside the open interval, so that their normal quantiles are finite.
SMALLEST = 2.2e-16
POWERS = (0.051, 0.99)


@dataclass(frozen=True, slots=True)
class PCurve:
    """Stouffer z and p of the tests (full and half curve), the binomial test, and the power behind the curve.

    Attributes
    ----------
    k, k_half : significant effects at .05 and .025.
    z_skew, p_skew, z_skew_half, p_skew_half : right skew, evidence of an effect (z below zero).
    z_flat, p_flat, z_flat_half, p_flat_half : flatter than the curve of 33 % power, no evidence worth having.
    p_binomial, p_binomial_33 : share of p < .025 against one half, and against the share at 33 % power.
    power, power_lb, power_ub : average power of the studies, with 90 % interval.
    """

    k: int
    k_half: int
    z_skew: float
    p_skew: float
    z_skew_half: float
    p_skew_half: float
    z_flat: float
    p_flat: float
    z_flat_half: float
    p_flat_half: float
    p_binomial: float
    p_binomial_33: float
    power: float
    power_lb: float
    power_ub: float


def p_curve(z: np.ndarray) -> PCurve:
    """Test the p-values of z statistics that are significant at .05, two-sided.

    pp = p / level is uniform without an effect; with noncentrality d, pp = (F_d(z) - (1 - power)) / power. Stouffer
    combines the normal quantiles of pp, sum / sqrt(k).

    Parameters
    ----------
    z : (k,) statistics of any sign; those that are not significant are left out.

    Source
    ------
    Simonsohn, Nelson & Simmons (2014) J Exp Psychol Gen 143, 534-547; (2015) J Exp Psychol Gen 144, 1146-1152 (half).

    Example
    -------
    >>> curve = p_curve(np.array([2.1, 3.5, 4.0, 2.9, 0.3]))
    >>> curve.k, round(curve.p_skew, 4)
    (4, 0.0009)
    """
    z = np.abs(np.asarray(z, float))
    shown = {name: z[2 * ndtr(-z) < level] for name, level in LEVELS.items()}
    third = _noncentrality(THIRD)
    tests = {}
    for name, level in LEVELS.items():
        skew = 2 * ndtr(-shown[name]) / level
        tests[name] = (*_stouffer(skew), *_stouffer(_relative(shown[name], third, level)))
    k, k_half = shown["full"].size, shown["half"].size
    share = _tail(float(ndtri(1 - LEVELS["half"] / 2)), third) / THIRD
    power, lower, upper = _power(shown["full"]) if k else (np.nan,) * 3
    return PCurve(
        k,
        k_half,
        *tests["full"][:2],
        *tests["half"][:2],
        *tests["full"][2:],
        *tests["half"][2:],
        _at_least(k_half, k, 0.5),
        _at_most(k_half, k, share),
        power,
        lower,
        upper,
    )


def _tail(critical: float, d: float) -> float:
    """P(|z| > critical) with noncentrality d."""
    return float(ndtr(d - critical) + ndtr(-d - critical))


def _noncentrality(power: float) -> float:
    """The noncentrality at which the two-sided .05 test has this power."""
    critical = float(ndtri(1 - LEVELS["full"] / 2))
    return float(brentq(lambda d: _tail(critical, d) - power, 0.0, 10.0, xtol=1e-14))


def _relative(z: np.ndarray, d: float, level: float) -> np.ndarray:
    """P(a significant statistic is below z) with noncentrality d."""
    reach = _tail(float(ndtri(1 - level / 2)), d)
    return 1 - (ndtr(d - z) + ndtr(-d - z)) / reach


def _stouffer(pp: np.ndarray) -> tuple[float, float]:
    if not pp.size:
        return np.nan, np.nan
    z = float(ndtri(np.clip(pp, SMALLEST, 1 - SMALLEST)).sum() / np.sqrt(pp.size))
    return z, float(ndtr(z))


def _power(z: np.ndarray) -> tuple[float, float, float]:
    """The power whose curve the data fit best (Stouffer z of 0), and those at the 5th and 95th percentile."""
    found = []
    for target in (0.0, ndtri(0.95), ndtri(0.05)):

        def miss(power: float, target: float = float(target)) -> float:
            return _stouffer(_relative(z, _noncentrality(power), LEVELS["full"]))[0] - target

        low, high = (miss(p) for p in POWERS)
        # Stouffer's z falls with the assumed power; outside the range the nearest end is the answer.
        found.append(POWERS[0] if low < 0 else POWERS[1] if high > 0 else float(brentq(miss, *POWERS, xtol=1e-10)))
    return found[0], found[1], found[2]


def _binomial(k: int, p: float) -> np.ndarray:
    chances = np.ones(1)
    for _ in range(k):
        chances = np.convolve(chances, [1 - p, p])
    return chances


def _at_least(x: int, k: int, p: float) -> float:
    return float(_binomial(k, p)[x:].sum()) if k else np.nan


def _at_most(x: int, k: int, p: float) -> float:
    return float(_binomial(k, p)[: x + 1].sum()) if k else np.nan
