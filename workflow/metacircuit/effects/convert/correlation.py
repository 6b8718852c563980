"""Correlations from t statistics, standardised slopes and the chi-square of a fourfold table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

#: Peterson and Brown calibrated their rule on slopes up to this size.
BETA_RANGE = 0.5


def r_from_t(t: ArrayLike, df: ArrayLike) -> Floats:
    r"""Correlation (partial, if the model has covariates) from the t of its test.

    .. math:: r = \frac{t}{\sqrt{t^2 + df}}

    Parameters
    ----------
    t : array_like
        t statistics.
    df : array_like
        Their degrees of freedom: n - 2, less one for each covariate.

    Returns
    -------
    ndarray
        Correlations.

    References
    ----------
    Aloe and Thompson (2013), Journal of the Society for Social Work and Research 4, 390–405.

    Examples
    --------
    >>> round(float(r_from_t(1.96, 129)), 6)
    0.170055
    """
    t = np.asarray(t, dtype=float)
    return t / np.sqrt(t**2 + np.asarray(df, dtype=float))


def r_from_beta(beta: ArrayLike) -> Floats:
    r"""Correlation imputed from a standardised regression slope.

    .. math:: r = 0.98\,\beta + 0.05\,\lambda, \qquad \lambda = 1 \text{ if } \beta \ge 0 \text{, else } 0

    Parameters
    ----------
    beta : array_like
        Standardised slopes; the rule was calibrated for |beta| up to 0.5.

    Returns
    -------
    ndarray
        Correlations.

    References
    ----------
    Peterson and Brown (2005), Journal of Applied Psychology 90, 175–181.

    Examples
    --------
    >>> r_from_beta([0.3, -0.3]).round(3).tolist()
    [0.344, -0.294]
    """
    beta = np.asarray(beta, dtype=float)
    return 0.98 * beta + 0.05 * (beta >= 0)


def phi_from_chi2(chi2: ArrayLike, n: ArrayLike) -> Floats:
    r"""Absolute phi coefficient of a fourfold table from its chi-square, without continuity correction.

    .. math:: |\phi| = \sqrt{\chi^2(1) / n}

    Parameters
    ----------
    chi2 : array_like
        Pearson's chi-square with one degree of freedom.
    n : array_like
        Numbers of participants in the table.

    Returns
    -------
    ndarray
        |phi|.

    References
    ----------
    Lipsey and Wilson (2001), Practical Meta-Analysis, appendix B.

    Examples
    --------
    >>> round(float(phi_from_chi2(10.643, 52)), 3)
    0.452
    """
    return np.sqrt(np.asarray(chi2, dtype=float) / np.asarray(n, dtype=float))
