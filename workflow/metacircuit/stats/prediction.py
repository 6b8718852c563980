"""Prediction intervals: where the true effect of a new study lies."""

import numpy as np

from .coefficients import coefficients
from .distributions import critical
from .formula_tokens import nearest
from .linear import Sample
from .weighted_chi2 import weighted_chi2_cdf

PI_TYPES = ("default", "Riley", "t", "simple", "bootstrap")
# The confidence distribution of tau2 is tabulated on this many points and interpolated.
GRID = 1000


def prediction_interval(
    pred: np.ndarray, se: np.ndarray, tau2: float, *, level: float, dfs: float, k: int, p: int, pi_type: str = "default"
) -> tuple[np.ndarray, np.ndarray, float]:
    """pred -/+ c sqrt(se^2 + tau2), with c from the distribution that the type names.

    "default": the distribution of the model's test (normal for z, else t with its dfs). "Riley": t(k - p - 1). "t":
    t(k - p). "simple": the default c, without se^2. Degrees of freedom are at least 1.

    Parameters
    ----------
    pred, se : (m,) predicted values and standard errors. level : in percent. dfs : of the model's test, inf for z.

    Returns
    -------
    lower (m,), upper (m,), degrees of freedom.

    Source
    ------
    Higgins, Thompson & Spiegelhalter (2009) JRSS A 172, 137-159, eq. 12; Riley, Higgins & Deeks (2011) BMJ 342, d549.
    """
    if pi_type not in PI_TYPES:
        raise ValueError(f"Unknown pi_type {pi_type!r}. {nearest(pi_type, PI_TYPES)}")
    used = {"Riley": max(1.0, k - p - 1.0), "t": max(1.0, float(k - p))}.get(pi_type, dfs)
    half = critical(level, used) * np.sqrt(tau2 + (0.0 if pi_type == "simple" else se**2))
    return pred - half, pred + half, used


def bootstrap_prediction(data: Sample, *, level: float, draws: int, seed: int) -> tuple[float, float]:
    """The parametric bootstrap interval from the confidence distribution of tau2; intercept-only models.

    tau2* is drawn from H(tau2) = P(Q > q | tau2), the exact distribution of Cochran's Q; then
    theta_new = mu(tau2*) + z tau* - t sqrt(v(tau2*)), with z standard normal, t from t(k - 1) and the Hartung-Knapp
    variance v. The limits are quantiles of theta_new.

    Parameters
    ----------
    data : one data set with k >= 2. level : in percent. draws : number of draws. seed : of the generator.

    Source
    ------
    Nagashima, Noma & Furukawa (2019) Stat Methods Med Res 28, 1689-1702, sec. 3 (algorithm 1).
    """
    rng = np.random.default_rng(seed)
    tau2 = _draw_tau2(data, rng.uniform(size=draws))
    fit = coefficients(data.rows(np.zeros(draws, int)), tau2, "knha")
    t = rng.standard_t(float(data.k[0] - 1), size=draws)
    new = fit.beta[:, 0] + rng.standard_normal(draws) * np.sqrt(tau2) - t * fit.se[:, 0]
    tail = (1 - level / 100) / 2
    lower, upper = np.quantile(new, [tail, 1 - tail])
    return float(lower), float(upper)


def _draw_tau2(data: Sample, uniform: np.ndarray) -> np.ndarray:
    """Draws of tau2 from its confidence distribution, by inverting a table of it."""
    w = 1 / data.V[0]
    P = data.project()
    root = np.sqrt(w)
    matrix = np.diag(w) - (root * P.Q[0]).T @ (root * P.Q[0])

    def above(tau2: np.ndarray) -> np.ndarray:
        """H(tau2) = P(Q > q | tau2)."""
        s = np.sqrt(data.V[0] + tau2[:, None])
        eigenvalues = np.linalg.eigvalsh(s[:, :, None] * matrix * s[:, None, :])[:, data.p :]
        return 1 - weighted_chi2_cdf(np.broadcast_to(P.rss, tau2.shape), eigenvalues)

    largest = max(float(np.median(data.V)), 1e-300)
    while above(np.array([largest]))[0] < uniform.max():
        largest *= 4
    grid = np.concatenate([[0.0], np.geomspace(1e-4 * float(data.V.min()), largest, GRID)])
    height = np.maximum.accumulate(above(grid))
    return np.interp(uniform, height, grid) * (uniform > height[0])
