"""Weighted least squares for one or many small data sets at once, by orthogonal projection.

With weights w the model y = X beta + e is projected on Q, an orthonormal basis of W^(1/2) X. All that meta-analysis
asks of the matrix P = W - W X (X'WX)^-1 X'W (its traces, its quadratic forms) then needs sums over k numbers: P is
never built.
"""

from dataclasses import dataclass

import numpy as np

from .rank import COLLINEAR, dependent_columns

# Unequal weights alone may leave little of a column outside the span of the others; below this share it is rounding.
ROUNDING = 1e-14

__all__ = ["Projection", "Sample", "dependent_columns", "project", "sample"]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """B data sets of up to k effects that share a design: absent effects have infinite variance, hence no weight.

    Attributes
    ----------
    Y, V : (B, k) estimates and sampling variances.
    X : (k, p) design, or (B, k, p) if it differs between the data sets.
    present : (B, k) booleans.
    k : (B,) effects present.
    """

    Y: np.ndarray
    V: np.ndarray
    X: np.ndarray
    present: np.ndarray
    k: np.ndarray

    @property
    def p(self) -> int:
        return self.X.shape[-1]

    @property
    def dfs(self) -> np.ndarray:
        """Residual degrees of freedom k - p, (B,)."""
        return self.k - self.p

    def rows(self, which: np.ndarray) -> "Sample":
        """Some of the data sets, by index or boolean mask."""
        everything = which.all() if which.dtype == bool else np.array_equal(which, np.arange(self.k.size))
        if everything:
            return self
        X = self.X if self.X.ndim == 2 else self.X[which]
        return Sample(self.Y[which], self.V[which], X, self.present[which], self.k[which])

    def weights(self, tau2: np.ndarray) -> np.ndarray:
        """Inverse variance weights 1 / (vi + tau2), (B, k)."""
        return 1.0 / (self.V + np.asarray(tau2)[:, None])

    def project(self, tau2: np.ndarray | float = 0.0) -> "Projection":
        """The weighted least squares fit at given between-study variances (B,)."""
        tau2 = np.broadcast_to(np.asarray(tau2, float), self.k.shape)
        return project(self.Y, self.weights(tau2), self.X)

    def full_rank(self) -> np.ndarray:
        """Whether the effects present determine all p coefficients, (B,)."""
        if self.p == 1 and (self.X == 1).all():
            return self.k > 0
        return project(self.Y, self.present.astype(float), self.X, COLLINEAR).full_rank

    def log_variances(self, tau2: np.ndarray) -> np.ndarray:
        """Sum of log(vi + tau2) over the effects present, (B,)."""
        total = np.where(self.present, self.V, 1.0) + np.where(self.present, np.asarray(tau2)[:, None], 0.0)
        return np.log(total).sum(axis=1)


def sample(Y: np.ndarray, V: np.ndarray, X: np.ndarray | None = None, mask: np.ndarray | None = None) -> Sample:
    """Gather one data set (k,) or many (B, k) into a Sample; X None is the intercept alone.

    Parameters
    ----------
    Y, V : (k,) or (B, k), in any combination that broadcasts.
    X : (k, p) or (B, k, p).
    mask : (B, k) booleans, False for the effects to leave out of a data set.
    """
    Y, V = np.atleast_2d(np.asarray(Y, float)), np.atleast_2d(np.asarray(V, float))
    X = np.ones((Y.shape[1], 1)) if X is None else np.asarray(X, float)
    designs = X.shape[:2] if X.ndim == 3 else ()
    shape = np.broadcast_shapes(Y.shape, V.shape, designs, () if mask is None else np.shape(mask))
    present = np.isfinite(V) & np.isfinite(Y)
    present = np.broadcast_to(present if mask is None else present & mask, shape)
    Y = np.where(present, Y, 0.0)
    V = np.where(present, V, np.inf)
    return Sample(Y, V, X, present, present.sum(axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """A weighted fit of B data sets.

    Attributes
    ----------
    w : (B, k) weights.
    Q : (B, p, k) orthonormal rows spanning W^(1/2) X.
    R : (B, p, p) upper triangular with W^(1/2) X = Q' R.
    e : (B, k) weighted residuals W^(1/2) (y - X beta).
    fitted : (B, p) coordinates Q W^(1/2) y.
    full_rank : (B,) whether X has rank p where there is weight.
    """

    w: np.ndarray
    Q: np.ndarray
    R: np.ndarray
    e: np.ndarray
    fitted: np.ndarray
    full_rank: np.ndarray

    @property
    def beta(self) -> np.ndarray:
        """Coefficients (B, p)."""
        return (self.inverse_r() @ self.fitted[:, :, None])[:, :, 0]

    def inverse_r(self) -> np.ndarray:
        """R^-1 (B, p, p); NaN where the rank is deficient."""
        p = self.R.shape[1]
        safe = np.where(self.full_rank[:, None, None], self.R, np.eye(p))
        return np.where(self.full_rank[:, None, None], np.linalg.inv(safe), np.nan)

    def vb(self) -> np.ndarray:
        """(X'WX)^-1, (B, p, p)."""
        inverse = self.inverse_r()
        return inverse @ inverse.swapaxes(1, 2)

    @property
    def rss(self) -> np.ndarray:
        """y'Py, the generalised Q statistic (B,)."""
        return (self.e**2).sum(axis=1)

    @property
    def hat(self) -> np.ndarray:
        """Leverages, the diagonal of X (X'WX)^-1 X'W, (B, k)."""
        return (self.Q**2).sum(axis=1)

    @property
    def remainder(self) -> np.ndarray:
        """1 - hat, (B, k), without cancellation in the model of one column."""
        if self.Q.shape[1] > 1:
            return 1.0 - self.hat
        return _others(self.Q[:, 0] ** 2)

    @property
    def tr_p(self) -> np.ndarray:
        """Trace of P (B,)."""
        return (self.w * self.remainder).sum(axis=1)

    @property
    def tr_pp(self) -> np.ndarray:
        """Trace of PP (B,)."""
        return self.tr_pmpm(np.ones_like(self.w))

    def tr_pm(self, M: np.ndarray) -> np.ndarray:
        """Trace of P M for a diagonal M (B, k)."""
        return (np.where(self.w > 0, M, 0.0) * self.w * self.remainder).sum(axis=1)

    def tr_pmpm(self, M: np.ndarray, N: np.ndarray | None = None) -> np.ndarray:
        """Trace of P M P N for diagonal M and N (N = M if not given): the sum of M_i N_j P_ij^2."""
        m = np.where(self.w > 0, M, 0.0) * self.w
        n = m if N is None else np.where(self.w > 0, N, 0.0) * self.w
        if self.Q.shape[1] == 1:
            h = self.Q[:, 0] ** 2
            return (m * n * self.remainder**2 + m * h * _others(n * h)).sum(axis=1)
        QmQ, QnQ = ((self.Q * d[:, None, :]) @ self.Q.swapaxes(1, 2) for d in (m, n))
        return (m * n).sum(axis=1) - 2 * (m * n * self.hat).sum(axis=1) + (QmQ * QnQ).sum(axis=(1, 2))

    @property
    def ypp_y(self) -> np.ndarray:
        """y'PPy (B,), minus the derivative of y'Py by tau2."""
        return (self.w * self.e**2).sum(axis=1)

    @property
    def yppp_y(self) -> np.ndarray:
        """y'PPPy (B,)."""
        z = self.w * self.e
        return (z**2).sum(axis=1) - ((self.Q @ z[:, :, None]) ** 2).sum(axis=(1, 2))

    @property
    def log_det(self) -> np.ndarray:
        """log |X'WX| (B,)."""
        diagonal = np.diagonal(self.R, axis1=1, axis2=2)
        return 2.0 * np.log(np.where(diagonal > 0, diagonal, 1.0)).sum(axis=1)


def project(Y: np.ndarray, w: np.ndarray, X: np.ndarray, tolerance: float = ROUNDING) -> Projection:
    """Weighted least squares of Y (B, k) on X by Gram-Schmidt, twice over for full orthogonality.

    A column counts as independent if more than the share `tolerance` of it lies outside the span of the earlier ones.

    Source
    ------
    Giraud, Langou, Rozložník & van den Eshof (2005), Numerische Mathematik 101, 87-100 ("twice is enough").
    """
    B, k = w.shape
    p = X.shape[-1]
    root = np.sqrt(w)
    Q, R = np.empty((B, p, k)), np.zeros((B, p, p))
    full_rank = np.ones(B, bool)
    for j in range(p):
        column = root * X[..., j]
        length = np.sqrt((column**2).sum(axis=1))
        for _ in range(2 if j else 0):
            part = (Q[:, :j] @ column[:, :, None])[:, :, 0]
            column = column - (part[:, None, :] @ Q[:, :j])[:, 0]
            R[:, :j, j] += part
        left = np.sqrt((column**2).sum(axis=1))
        independent = left > tolerance * length
        full_rank &= independent
        R[:, j, j] = left
        Q[:, j] = np.where(independent[:, None], column, 0.0) / np.where(independent, left, 1.0)[:, None]
    ys = root * Y
    fitted = (Q @ ys[:, :, None])[:, :, 0]
    e = ys - (fitted[:, None, :] @ Q)[:, 0]
    return Projection(w, Q, R, e, fitted, full_rank)


def _others(values: np.ndarray) -> np.ndarray:
    """For each entry of a row the sum of all the others, without subtraction."""
    left = np.zeros_like(values)
    right = np.zeros_like(values)
    np.cumsum(values[:, :-1], axis=1, out=left[:, 1:])
    np.cumsum(values[:, :0:-1], axis=1, out=right[:, -2::-1])
    return left + right
