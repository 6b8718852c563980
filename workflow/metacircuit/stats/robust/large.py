r"""CR2 for large clusters in linear cost, where the working covariance is a diagonal plus low rank.

The adjusted columns are :math:`G = (\Phi S)^{-1/2} X M` with :math:`S = \Phi - X M X'`. The inverse square root is a sum of shifted
inverses over quadrature nodes on an ellipse,

.. math:: A^{-1/2} \approx \frac{2 K' \sqrt{m}}{\pi N} \sum_{j=1}^{N} \frac{\mathrm{dn}_j}{\mathrm{cn}_j^2}\,(A + s_j I)^{-1},
              \quad s_j = m\,\frac{\mathrm{sn}_j^2}{\mathrm{cn}_j^2}

and every :math:`\Phi S + s I` is again a diagonal plus low rank, solved by Woodbury's identity: nothing is n × n. The error falls
like exp(-2π²N / (log κ + 3)) with κ the condition number. Source: Hale, Higham and Trefethen (2008), SIAM Journal on Numerical
Analysis 46:2505, eq. 4.1 (method 3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

# Clusters below this size are faster with a dense eigendecomposition.
LARGE = 250
# A leverage this near 1 makes the shifted inverses lose their digits: such a cluster stays dense.
TOP_LEVERAGE = 1 - 1e-6
DIGITS = 36.0


@dataclass(frozen=True, slots=True)
class LowRank:
    """Φ = diag(d) + U diag(c) U' with d > 0 and c >= 0: (n,), (n, r), (r,)."""

    d: np.ndarray
    U: np.ndarray
    c: np.ndarray

    def times(self, B: np.ndarray) -> np.ndarray:
        """Φ B."""
        return self.d[:, None] * B + self.U @ (self.c[:, None] * (self.U.T @ B))


def adjusted_large(Phi: LowRank, X: np.ndarray, information: np.ndarray, bread: np.ndarray) -> np.ndarray | None:
    """G (n, p) of CR2 for one cluster; None where the cluster has too much leverage for this way.

    Parameters
    ----------
    Phi : working covariance.
    X, information : (n, p) design and (p, p) X'Φ⁻¹X of the cluster.
    bread : (p, p) M.
    """
    root = np.linalg.cholesky(bread)
    leverage = float(np.linalg.eigvalsh(root.T @ information @ root)[-1])
    if leverage > TOP_LEVERAGE or (Phi.c < 0).any():
        return None
    low = Phi.d.min() ** 2 * (1 - leverage)
    high = (Phi.d.max() + float(np.sum(Phi.c * np.einsum("nr,nr->r", Phi.U, Phi.U)))) ** 2
    shifts, weights = _nodes(low, high)
    B = X @ bread
    UU = Phi.U.T @ Phi.U
    left = np.column_stack([Phi.U, Phi.d[:, None] * Phi.U, Phi.times(X)])
    right = np.column_stack([Phi.U, Phi.d[:, None] * Phi.U, X])
    r = Phi.U.shape[1]
    middle = np.zeros((left.shape[1], left.shape[1]))
    middle[:r, :r] = Phi.c[:, None] * UU * Phi.c
    middle[:r, r : 2 * r] = middle[r : 2 * r, :r] = np.diag(Phi.c)
    middle[2 * r :, 2 * r :] = -bread
    G = np.zeros_like(B)
    for shift, weight in zip(shifts, weights, strict=True):
        E = (Phi.d**2 + shift)[:, None]
        small = np.linalg.solve(np.eye(len(middle)) + (right.T @ (left / E)) @ middle, right.T @ (B / E))
        G += weight * (B - left @ (middle @ small)) / E
    return G


def _nodes(low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Shifts and weights for the inverse square root of a matrix with eigenvalues in [low, high]."""
    ratio = low / high
    n = int(np.ceil(DIGITS * (3 - np.log(ratio)) / (2 * np.pi**2))) + 2
    half = special.ellipkm1(ratio)
    t = (np.arange(n) + 0.5) * half / n
    sn, cn, dn, _ = special.ellipj(t, 1 - ratio)
    return low * (sn / cn) ** 2, 2 * half * np.sqrt(low) / (np.pi * n) * dn / cn**2
