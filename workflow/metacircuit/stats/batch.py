"""Thousands of univariate models in one sweep: what resampling, leave-one-out, GOSH and permutation are made of."""

from dataclasses import dataclass, fields

import numpy as np

from .coefficients import coefficients
from .distributions import two_sided_p
from .heterogeneity import heterogeneity
from .linear import Sample, sample
from .tau2 import estimate_tau2

# Numbers (B x k x p) that one sweep handles at a time; larger sweeps fall out of the processor's cache.
CHUNK = 400_000


@dataclass(frozen=True, slots=True, eq=False)
class ManyFits:
    """B fitted models; arrays are (B,), or (B, p) for coefficients. Data sets that cannot determine beta have NaN
    there.

    Attributes
    ----------
    beta, se, stat, pval : (B, p). vb : (B, p, p). tau2, QE, QEp, I2, H2, s2w, dfs, k, converged : (B,).
    """

    beta: np.ndarray
    se: np.ndarray
    stat: np.ndarray
    pval: np.ndarray
    vb: np.ndarray
    tau2: np.ndarray
    QE: np.ndarray
    QEp: np.ndarray
    I2: np.ndarray
    H2: np.ndarray
    s2w: np.ndarray
    dfs: np.ndarray
    k: np.ndarray
    converged: np.ndarray


def fit_many(
    Y: np.ndarray,
    V: np.ndarray,
    X: np.ndarray | None = None,
    *,
    mask: np.ndarray | None = None,
    method: str = "REML",
    test: str = "z",
    weights: np.ndarray | None = None,
    tau2: float | None = None,
    precision: str = "exact",
) -> ManyFits:
    """Fit the same model to B data sets.

    Parameters
    ----------
    Y, V : (k,) or (B, k) estimates and variances (> 0).
    X : (k, p) or (B, k, p) design; None is the intercept alone.
    mask : (B, k) booleans, False for effects to leave out.
    method, test, precision : as in `rma`. weights : (k,) own weights. tau2 : a known value, not estimated.

    Returns
    -------
    ManyFits

    Example
    -------
    >>> y, v = np.array([0.1, 0.5, 0.9, 0.2]), np.full(4, 0.05)
    >>> leave_one_out = fit_many(y, v, mask=~np.eye(4, dtype=bool))
    >>> leave_one_out.beta[:, 0].round(3)
    array([0.533, 0.4  , 0.267, 0.5  ])
    """
    data = sample(Y, V, X, mask)
    size = max(1, CHUNK // max(1, data.Y.shape[1] * data.p))
    parts = []
    for start in range(0, data.k.size, size):
        part = data.rows(np.arange(start, min(start + size, data.k.size)))
        if tau2 is None:
            estimate = estimate_tau2(part, method, precision)
            parts.append(_fit(part, estimate.value, estimate.converged, method=method, test=test, weights=weights))
        else:
            known, done = np.full(part.k.size, float(tau2)), np.ones(part.k.size, bool)
            parts.append(_fit(part, known, done, method=method, test=test, weights=weights))
    return ManyFits(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(ManyFits)))


def _fit(
    data: Sample, tau2: np.ndarray, converged: np.ndarray, *, method: str, test: str, weights: np.ndarray | None
) -> ManyFits:
    """One sweep, tau2 given."""
    fit = coefficients(data, tau2, test, weights)
    spread = heterogeneity(data, tau2, method)
    unknown = ~data.full_rank()
    beta = np.where(unknown[:, None], np.nan, fit.beta)
    se = np.where(unknown[:, None], np.nan, fit.se)
    with np.errstate(divide="ignore", invalid="ignore"):
        stat = np.where(se > 0, beta / se, np.nan)
        pval = two_sided_p(stat, fit.dfs[:, None])
    return ManyFits(
        beta=beta,
        se=se,
        stat=stat,
        pval=pval,
        vb=np.where(unknown[:, None, None], np.nan, fit.vb),
        tau2=np.where(unknown, np.nan, tau2),
        QE=np.where(unknown, np.nan, spread.QE),
        QEp=np.where(unknown, np.nan, spread.QEp),
        I2=np.where(unknown, np.nan, spread.I2),
        H2=np.where(unknown, np.nan, spread.H2),
        s2w=fit.s2w,
        dfs=fit.dfs,
        k=data.k,
        converged=converged,
    )
