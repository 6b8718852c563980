"""Limit meta-analysis: the mean that studies of infinite precision would show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ADJUSTMENTS = ("beta0", "betalim", "mulim")


@dataclass(frozen=True, slots=True, eq=False)
class Limit:
    """The adjusted estimate and the parts of the model.

    Attributes
    ----------
    estimate, se : the adjusted mean. alpha_r, beta_r : intercept (small-study effect) and slope of the radial plot.
    Q_small, Q_resid : Q that a small-study effect explains, and the rest. G2 : share of unexplained variation, 0 to 1.
    y_limit : (k,) effects shrunk to their expectation at infinite precision.
    """

    estimate: float
    se: float
    alpha_r: float
    beta_r: float
    Q_small: float
    Q_resid: float
    G2: float
    y_limit: np.ndarray


def limit_meta(y: np.ndarray, v: np.ndarray, tau2: float, adjust: str = "beta0") -> Limit:
    """Fit y_i = beta + sqrt(v_i + tau2) (alpha + e_i), and let v go to zero.

    beta0: beta + tau alpha, the expectation of a study without sampling error. The limit effects
    beta + sqrt(tau2 / (v_i + tau2)) (y_i - beta) are pooled with an intercept (betalim) or without (mulim).

    Parameters
    ----------
    y, v : (k,), k > 2, with differing v. tau2 : of the random-effects model. adjust : beta0, betalim or mulim.

    Source
    ------
    Rücker, Schwarzer, Carpenter, Binder & Schumacher (2011) Biostatistics 12, 122-142.

    Example
    -------
    >>> result = limit_meta(np.array([0.1, 0.2, 0.5, 0.7]), np.array([0.01, 0.02, 0.05, 0.1]), 0.01)
    >>> round(result.estimate, 3)
    -0.037
    """
    k, tau = y.size, np.sqrt(tau2)
    root = 1 / np.sqrt(v + tau2)
    alpha_r, beta_r, _ = _line(root, y * root)
    y_limit = beta_r + tau * root * (y - beta_r)
    x_limit = 1 / np.sqrt(v)
    _, beta_l, left = _line(x_limit, y_limit * x_limit)
    whole = ((y_limit * x_limit - (y_limit * x_limit).mean()) ** 2).sum()
    Q = (_centred(y, 1 / v) ** 2 / v).sum()
    Q_resid = float(_line(x_limit, y * x_limit)[2])
    if adjust == "beta0":
        spread = np.var(root, ddof=1) * (k - 1)
        estimate = beta_r + tau * alpha_r
        se = np.sqrt((1 + tau2 * np.mean(root**2) - 2 * tau * root.mean()) / spread)
    elif adjust == "betalim":
        estimate, se = beta_l, 1 / np.sqrt(np.var(x_limit, ddof=1) * (k - 1))
    else:
        estimate, se = np.average(y_limit, weights=1 / v), 1 / np.sqrt((1 / v).sum())
    G2 = float(left / whole) if whole > 0 else np.nan
    return Limit(float(estimate), float(se), alpha_r, beta_r, float(Q) - Q_resid, Q_resid, G2, y_limit)


def _line(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """Intercept, slope and residual sum of squares of the least squares line."""
    dx = x - x.mean()
    slope = float((dx * y).sum() / (dx**2).sum())
    intercept = float(y.mean() - slope * x.mean())
    return intercept, slope, float(((y - intercept - slope * x) ** 2).sum())


def _centred(y: np.ndarray, w: np.ndarray) -> np.ndarray:
    return y - (w * y).sum() / w.sum()
