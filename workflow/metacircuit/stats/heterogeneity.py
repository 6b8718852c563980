"""How much the effects differ: Q, I2, H2, and the share that moderators explain, R2."""

from dataclasses import dataclass

import numpy as np

from .distributions import chi2_p
from .linear import Sample, project
from .tau2 import COMMON_EFFECT


@dataclass(frozen=True, slots=True, eq=False)
class Heterogeneity:
    """QE and its p, I2 in percent, H2, and the typical sampling variance `s2`; each (B,)."""

    QE: np.ndarray
    QEp: np.ndarray
    I2: np.ndarray
    H2: np.ndarray
    s2: np.ndarray


def heterogeneity(data: Sample, tau2: np.ndarray, method: str) -> Heterogeneity:
    """Q with weights 1 / vi, and I2 and H2 from tau2 (or from Q in common-effect models).

    QE = y'Py, chi2(k - p); s2 = (k - p) / tr(P); I2 = 100 tau2 / (tau2 + s2); H2 = (tau2 + s2) / s2.
    With EE, FE, CE: I2 = 100 max(0, (QE - (k - p)) / QE), H2 = QE / (k - p). With k = p: QE = 0, I2 = 0, H2 = 1.

    Source
    ------
    Higgins & Thompson (2002) Stat Med 21, 1539-1558, eq. 9 (s2); Viechtbauer (2010) J Stat Softw 36(3) (I2 from tau2).
    """
    P = data.project()
    dfs = data.dfs.astype(float)
    defined = (dfs > 0) & data.full_rank()
    with np.errstate(divide="ignore", invalid="ignore"):
        QE = np.where(defined, P.rss, 0.0)
        s2 = np.where(defined, dfs / P.tr_p, 0.0)
        if method in COMMON_EFFECT:
            I2, H2 = 100 * np.maximum(0.0, 1 - dfs / QE), QE / dfs
        else:
            I2, H2 = i2_h2(tau2, s2)
        I2 = np.where(defined, np.where(QE > 0, I2, 0.0), 0.0)
        QEp = np.where(defined, chi2_p(QE, np.maximum(dfs, 1)), 1.0)
    return Heterogeneity(QE, QEp, I2, np.where(defined, H2, 1.0), s2)


def i2_h2(tau2: np.ndarray, s2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """I2 = 100 tau2 / (tau2 + s2) and H2 = 1 + tau2 / s2."""
    return 100 * tau2 / (tau2 + s2), 1 + tau2 / s2


def r2_from_tau2(without: float, with_moderators: float) -> float:
    """R2 = 100 max(0, (tau2 without - tau2 with) / tau2 without); 0 if there is nothing to explain.

    Source
    ------
    Raudenbush (2009) in Handbook of Research Synthesis, eq. 16.44; López-López et al. (2014) BJMSP 67, 30-48.
    """
    return 100 * max(0.0, (without - with_moderators) / without) if without > 0 else 0.0


def r2_common_effect(data: Sample, null: Sample, weights: np.ndarray | None = None) -> float:
    """Adjusted R2 of the weighted regression, for common-effect models: 100 max(0, 1 - (QE / (k-p)) / (Q / (k-1))).

    `null` is the same data with the intercept alone; `weights` (k,) replace 1 / vi.
    """

    def mean_square(part: Sample) -> float:
        w = part.weights(np.zeros(1)) if weights is None else np.atleast_2d(weights)
        return float(project(part.Y, w, part.X).rss[0] / part.dfs[0])

    total = mean_square(null)
    return 100 * max(0.0, 1 - mean_square(data) / total) if total > 0 else 0.0
