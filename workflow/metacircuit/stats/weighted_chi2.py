"""The distribution of a positive weighted sum of independent chi-squared(1) variables."""

import numpy as np

# Trapezoidal rule: the integrand is a bump of unit width after scaling; this spacing and range reach rounding error.
SPACING = 0.25
STEPS = 128
BISECTIONS = 60


def weighted_chi2_cdf(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """P(sum_j weights_j chi2_1 <= x), to about 1e-12.

    The distribution function is the contour integral of exp(x s) prod_j (1 + 2 weights_j s)^(-1/2) / s, to the right
    of the pole at 0; to the left of it the integral is the distribution function less 1. Below the mean the right
    side is used, above it the left. The trapezoidal rule runs along the parabola s = c + i u - b u^2 through the
    saddle point c, bent as the path of steepest descent around the branch points is.

    Parameters
    ----------
    x : (B,) values.
    weights : (B, n) or (n,) weights; those not above zero add nothing.

    Returns
    -------
    (B,) probabilities; 0 where x <= 0.

    Source
    ------
    Rice (1980) SIAM J Sci Stat Comput 1, 438-448 (saddle point contour); Weideman & Trefethen (2007) Math Comput 76,
    1341-1356 (parabola).

    Example
    -------
    >>> float(weighted_chi2_cdf(np.array([3.841459]), np.array([1.0]))[0].round(6))
    0.95
    """
    x = np.atleast_1d(np.asarray(x, float))
    weights = np.broadcast_to(np.maximum(weights, 0.0), (x.size, np.shape(weights)[-1]))
    positive = x > 0
    # In units of 1 / x, so that the exponential is exp(s).
    unit = weights / np.where(positive, x, 1.0)[:, None]
    below_mean = unit.sum(axis=1) > 1
    c = _saddle_point(unit, below_mean)
    slope = unit / (1 + 2 * unit * c[:, None])
    bend = (slope**3).sum(axis=1) / (2 * (slope**2).sum(axis=1))
    width = 1 / np.sqrt(2 * (slope**2).sum(axis=1) + 1 / c**2)
    u = (SPACING * width)[:, None] * np.arange(STEPS)
    s = c[:, None] + 1j * u - bend[:, None] * u**2
    exponent = s - 0.5 * np.log1p(2 * unit[:, None, :] * s[:, :, None]).sum(axis=2)
    terms = (np.exp(exponent) / s * (1 + 2j * bend[:, None] * u)).real
    value = SPACING * width / np.pi * (terms.sum(axis=1) - 0.5 * terms[:, 0])
    return np.where(positive, np.clip(np.where(below_mean, value, 1 + value), 0.0, 1.0), 0.0)


def _saddle_point(unit: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The root c of 1 - sum_j unit_j / (1 + 2 unit_j c) - 1 / c, which rises on either side of 0."""
    lower = np.where(right, 1.0, -1 / (2 * unit.max(axis=1)))
    upper = np.where(right, 1 + unit.shape[1] / 2, 0.0)
    for _ in range(BISECTIONS):
        c = 0.5 * (lower + upper)
        low = 1 - (unit / (1 + 2 * unit * c[:, None])).sum(axis=1) - 1 / c < 0
        lower, upper = np.where(low, c, lower), np.where(low, upper, c)
    return 0.5 * (lower + upper)
