"""Log-likelihood, deviance and information criteria of a univariate fit."""

from dataclasses import dataclass

import numpy as np

from .linear import Sample, project

LOG_2PI = float(np.log(2 * np.pi))


@dataclass(frozen=True, slots=True)
class FitStatistics:
    """ll, deviance, AIC, BIC and AICc under ML or REML."""

    ll: float
    dev: float
    AIC: float
    BIC: float
    AICc: float


def fit_statistics(data: Sample, tau2: float, rss: float, parameters: int) -> dict[str, FitStatistics]:
    """Fit statistics of one data set at tau2, under "ML" and under "REML".

    ML: l = -1/2 [k log 2 pi + sum log(vi + tau2) + rss]; the deviance is against the saturated model.
    REML: l = -1/2 [(k-p) log 2 pi - log|X'X| + sum log(vi + tau2) + log|X'WX| + rss]; the deviance is -2 l.
    AIC = -2 l + 2 q, BIC = -2 l + q log n, AICc = -2 l + 2 q n / (n - q - 1) with q parameters and n = k (ML) or k -
    p (REML); in AICc n is at least q + 2.

    Source
    ------
    Harville (1974) Biometrika 61, 383-385, eq. 7; Hurvich & Tsai (1989) Biometrika 76, 297-307 (AICc).
    """
    k, p = int(data.k[0]), data.p
    log_variances = float(data.log_variances(np.array([tau2]))[0])
    saturated = -0.5 * (k * LOG_2PI + float(data.log_variances(np.zeros(1))[0]))
    ll_ml = -0.5 * (k * LOG_2PI + log_variances + rss)
    log_xx = float(project(data.Y, data.present.astype(float), data.X).log_det[0])
    log_xwx = float(data.project(tau2).log_det[0])
    ll_reml = -0.5 * ((k - p) * LOG_2PI - log_xx + log_variances + log_xwx + rss)
    return {
        "ML": _criteria(ll_ml, 2 * (saturated - ll_ml) if k > p else 0.0, parameters, k),
        "REML": _criteria(ll_reml, -2 * ll_reml, parameters, k - p),
    }


def _criteria(ll: float, deviance: float, parameters: int, n: int) -> FitStatistics:
    size = max(n, parameters + 2)
    bic = -2 * ll + parameters * float(np.log(n)) if n > 0 else np.nan
    return FitStatistics(
        ll, deviance, -2 * ll + 2 * parameters, bic, -2 * ll + 2 * parameters * size / (size - parameters - 1)
    )
