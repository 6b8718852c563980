"""Peto's one-step odds ratio: observed minus expected events, for rare outcomes in balanced groups."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Peto:
    """Pooled log odds ratio, its standard error, Q and the number of tables that carry information."""

    beta: float
    se: float
    QE: float
    k_pos: int


def peto(ai: NDArray[np.float64], bi: NDArray[np.float64], ci: NDArray[np.float64], di: NDArray[np.float64]) -> Peto:
    r"""Pool 2x2 tables by Peto's method.

    .. math:: \hat\theta = \frac{\sum (a_i - E_i)}{\sum V_i}, \quad
              E_i = \frac{n_{1i} m_i}{N_i}, \quad V_i = \frac{n_{1i} n_{2i} m_i (N_i - m_i)}{N_i^2 (N_i - 1)}

    Parameters
    ----------
    ai, bi, ci, di : (k,) arrays
        Events and non-events of group 1 and group 2; :math:`m_i = a_i + c_i`.

    Returns
    -------
    Peto
        NaN with `k_pos` 0 when one of the two outcomes never occurs.

    Source: Yusuf, Peto, Lewis, Collins and Sleight (1985), appendix.

    >>> fit = peto(*np.array([[4.0, 6], [119, 300], [11, 29], [128, 274]]))
    >>> round(fit.beta, 4), round(fit.se, 4)
    (-1.2401, 0.2912)
    """
    n1, n2, events, others = ai + bi, ci + di, ai + ci, bi + di
    n = n1 + n2
    informative = (events > 0) & (others > 0) & (n1 > 0) & (n2 > 0)
    if not informative.any():
        return Peto(np.nan, np.nan, np.nan, 0)
    n1, n2, events, others, n = (x[informative] for x in (n1, n2, events, others, n))
    deviation = ai[informative] - n1 * events / n
    V = (n1 / n) * (n2 / n) * events * others / (n - 1)
    beta = deviation.sum() / V.sum()
    QE = (V * (deviation / V - beta) ** 2).sum()
    return Peto(float(beta), float(np.sqrt(1 / V.sum())), float(QE), int(informative.sum()))
