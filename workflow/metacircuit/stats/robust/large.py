r"""CR2 for large clusters in linear cost, where the working covariance is a diagonal plus low rank.

The adjusted columns are :math:`G = (\Phi S)^{-1/2} X M` with :math:`S = \Phi - X M X'`. The inverse square root is a
sum of shifted inverses over quadrature nodes on an ellipse,

.. math:: A^{-1/2} \approx \frac{2 K' \sqrt{m}}{\pi N} \sum_{j=1}^{N} \frac{\mathrm{dn}_j}{\mathrm{cn}_j^2}
              \,(A + s_j I)^{-1},
              \quad s_j = m\,\frac{\mathrm{sn}_j^2}{\mathrm{cn}_j^2}

and every :math:`\Phi S + s I` is again a diagonal plus low rank, solved by Woodbury's identity: nothing is n × n. The
error falls like exp(-2π²N / (log κ + 3)) with κ the condition number. Source: Hale, Higham and Trefethen (2008), SIAM
Journal on Numerical Analysis 46:2505, eq. 4.1 (method 3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

# Clusters below this size are faster with a dense eigendecomposition.
LARGE = 24
# A leverage this near 1 makes the shifted inverses lose their digits: such a cluster stays dense.
TOP_LEVERAGE = 1 - 1e-6
DIGITS = 36.0


@dataclass(frozen=True, slots=True)
class LowRank:
    """Φ = diag(d) + U diag(c) U' of m clusters of n rows: d (m, n) positive, U (m, n, r), c (r,) not negative."""

    d: np.ndarray
    U: np.ndarray
    c: np.ndarray

    def times(self, B: np.ndarray) -> np.ndarray:
        """Φ B for B (m, n, p)."""
        return self.d[:, :, None] * B + self.U @ (self.c[:, None] * (_t(self.U) @ B))

    def some(self, which: np.ndarray) -> LowRank:
        """Some of the clusters."""
        return LowRank(self.d[which], self.U[which], self.c)


def within_reach(Phi: LowRank, information: np.ndarray, bread: np.ndarray) -> np.ndarray:
    """(m,) for which clusters the quadrature keeps its digits: those without a leverage of 1.

    Parameters
    ----------
    information : (m, p, p) X'Φ⁻¹X of the clusters; bread : (p, p) M.
    """
    return (_top_leverage(information, bread) < TOP_LEVERAGE) & bool((Phi.c >= 0).all())


def adjusted_large(Phi: LowRank, X: np.ndarray, information: np.ndarray, bread: np.ndarray) -> np.ndarray:
    """G (m, n, p) of CR2 for m clusters of one size.

    Parameters
    ----------
    Phi : working covariances.
    X, information : (m, n, p) designs and (m, p, p) X'Φ⁻¹X.
    bread : (p, p) M.
    """
    top = _top_leverage(information, bread)
    low = Phi.d.min(axis=1) ** 2 * (1 - top)
    high = (Phi.d.max(axis=1) + np.einsum("r,mnr,mnr->m", Phi.c, Phi.U, Phi.U)) ** 2
    shifts, weights = _nodes(low, high)
    B, d, r = X @ bread, Phi.d[:, :, None], Phi.U.shape[2]
    UD = np.concatenate([Phi.U, d * Phi.U], axis=2)
    left, right = np.concatenate([UD, Phi.times(X)], axis=2), np.concatenate([UD, X], axis=2)
    size = left.shape[2]
    middle = np.zeros((len(X), size, size))
    middle[:, :r, :r] = Phi.c[:, None] * (_t(Phi.U) @ Phi.U) * Phi.c
    middle[:, :r, r : 2 * r] = middle[:, r : 2 * r, :r] = np.diag(Phi.c)
    middle[:, 2 * r :, 2 * r :] = -bread
    G = np.zeros_like(B)
    for shift, weight in zip(shifts, weights, strict=True):
        E = d**2 + shift[:, None, None]
        over = _t(right / E)
        small = np.linalg.solve(np.eye(size) + (over @ left) @ middle, over @ B)
        G += weight[:, None, None] * (B - left @ (middle @ small)) / E
    return G


def _t(A: np.ndarray) -> np.ndarray:
    return A.transpose(0, 2, 1)


def _top_leverage(information: np.ndarray, bread: np.ndarray) -> np.ndarray:
    root = np.linalg.cholesky(bread)
    return np.linalg.eigvalsh(root.T @ information @ root)[:, -1]


def _nodes(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shifts and weights (N, m) for the inverse square roots of matrices with eigenvalues in [low, high] (m,)."""
    ratio = low / high
    n = int(np.ceil(DIGITS * (3 - np.log(ratio.min())) / (2 * np.pi**2))) + 2
    half = special.ellipkm1(ratio)
    sn, cn, dn, _ = special.ellipj((np.arange(n)[:, None] + 0.5) * half / n, 1 - ratio)
    return low * (sn / cn) ** 2, 2 * half * np.sqrt(low) / (np.pi * n) * dn / cn**2
