r"""The (restricted) likelihood of the multilevel model and its gradient.

.. math:: y = X\beta + \sum_t Z_t u_t + e, \quad M = V + \sum_t Z_t (I \otimes G_t) Z_t'

With P = M⁻¹ - M⁻¹X(X'M⁻¹X)⁻¹X'M⁻¹ and r = Py, for any parameter of G_t

.. math:: \frac{\partial \ell}{\partial\theta} = -\tfrac12 \mathrm{tr}(P\,\dot M) + \tfrac12 r'\dot M r

under REML (ML has M⁻¹ in place of P in the trace). Both parts need only q × q sums over the outer levels of the term,
whatever algebra stands behind M. Source: Harville (1977), JASA 72:320, eqs. 3.7 and 5.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse

from metacircuit.stats.multilevel.compound import NotPositiveDefinite
from metacircuit.stats.multilevel.engines import Engine
from metacircuit.stats.multilevel.terms import Term

LOG_2PI = float(np.log(2 * np.pi))


@dataclass(frozen=True, slots=True)
class Solution:
    """Generalised least squares at fixed covariances, with M⁻¹X, y - Xb, M⁻¹(y - Xb) and (y - Xb)'M⁻¹(y - Xb)."""

    beta: np.ndarray
    vb: np.ndarray
    ll: float
    residual: np.ndarray
    weighted_residual: np.ndarray
    WX: np.ndarray
    quadratic: float


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The likelihood of one model; its parameters are those of the structures of `terms`, one after the other.

    X is kept as Q R: the likelihood is computed with the orthonormal Q and the residuals of ordinary least squares,
    so that neither the scale of a moderator nor a large mean costs digits.
    """

    Q: np.ndarray
    R: np.ndarray
    y: np.ndarray
    shift: np.ndarray
    terms: tuple[Term, ...]
    Zt: tuple[sparse.csr_matrix, ...]
    engine: Engine
    reml: bool

    @property
    def n_free(self) -> int:
        """Number of free parameters."""
        return sum(t.structure.n_free for t in self.terms)

    @property
    def is_sd(self) -> np.ndarray:
        """(n_free,) which parameters are standard deviations (the others are angles)."""
        flags = [[True] * t.structure.n_tau + [False] * t.structure.n_rho for t in self.terms]
        return np.array([f for part in flags for f in part], dtype=bool)

    def split(self, theta: np.ndarray) -> list[np.ndarray]:
        """The parameters of each term."""
        return np.split(theta, np.cumsum([t.structure.n_free for t in self.terms])[:-1])

    def canonical(self, theta: np.ndarray) -> np.ndarray:
        """The same covariances with standard deviations that are not negative."""
        parts = (
            [t.structure.canonical(x) for t, x in zip(self.terms, self.split(theta), strict=True)] if self.terms else []
        )
        return np.concatenate([np.empty(0), *parts])

    def covariances(self, theta: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """G and dG of each term."""
        parts = self.split(theta) if self.terms else []
        return [t.structure.covariance(x) for t, x in zip(self.terms, parts, strict=True)]

    def value(self, theta: np.ndarray) -> float:
        """The log-likelihood; minus infinity where M has no inverse."""
        return self.value_and_gradient(theta, gradient=False)[0]

    def value_and_gradient(self, theta: np.ndarray, *, gradient: bool = True) -> tuple[float, np.ndarray]:
        """The log-likelihood and its gradient at `theta` (n_free,)."""
        Gs = self.covariances(theta)
        try:
            factor = self.engine.factor([G for G, _ in Gs])
            W = factor.solve(np.column_stack([self.Q, self.y]))
            ll, half, _, r = self._value(factor.logdet, W)
        except (NotPositiveDefinite, linalg.LinAlgError):
            return -np.inf, np.zeros(len(theta))
        if not gradient or not np.isfinite(ll):
            return ll, np.zeros(len(theta))
        # A triangular solve would wake all threads of the linear algebra library for nothing.
        lost = W[:, :-1] @ np.linalg.inv(half).T if self.reml else np.zeros((len(r), 0))
        felt = np.column_stack([lost, r])
        slopes = []
        for position, (term, Zt, (_, dG)) in enumerate(zip(self.terms, self.Zt, Gs, strict=True)):
            C = (Zt @ felt).reshape(term.n_outer, term.q, -1)
            trace = factor.gram(position) - np.einsum("oum,ovm->uv", C[:, :, :-1], C[:, :, :-1])
            fit = np.einsum("ou,ov->uv", C[:, :, -1], C[:, :, -1])
            slopes.append(0.5 * np.einsum("auv,uv->a", dG, fit - trace))
        return ll, np.concatenate(slopes) if slopes else np.empty(0)

    def _value(self, logdet: float, W: np.ndarray) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
        """ll, the Cholesky factor of Q'WQ, the coefficients of Q, and M⁻¹ times the residuals."""
        k, p = self.Q.shape
        half = linalg.cholesky(self.Q.T @ W[:, :-1], lower=True) if p else np.zeros((0, 0))
        b = linalg.cho_solve((half, True), self.Q.T @ W[:, -1]) if p else np.empty(0)
        r = W[:, -1] - W[:, :-1] @ b
        fit = (self.y - self.Q @ b) @ r
        ll = -0.5 * (k * LOG_2PI + logdet + fit)
        if self.reml:
            ll += 0.5 * p * LOG_2PI - np.log(np.diag(half)).sum()
        return float(ll), half, b, r

    def solve(self, theta: np.ndarray) -> Solution:
        """Coefficients, their covariance and the residuals at `theta`."""
        factor = self.engine.factor([G for G, _ in self.covariances(theta)])
        W = factor.solve(np.column_stack([self.Q, self.y]))
        ll, half, b, r = self._value(factor.logdet, W)
        root = np.linalg.solve(self.R, np.linalg.inv(half).T)
        residual = self.y - self.Q @ b
        beta = np.linalg.solve(self.R, b) + self.shift
        return Solution(beta, root @ root.T, ll, residual, r, W[:, :-1] @ self.R, float(residual @ r))


def likelihood(y: np.ndarray, X: np.ndarray, terms: list[Term], engine: Engine, *, reml: bool = True) -> Likelihood:
    """The likelihood of y (k,) with full-rank design X (k, p)."""
    Q, R = np.linalg.qr(X)
    b = Q.T @ y
    shift = np.linalg.solve(R, b) if X.shape[1] else np.empty(0)
    return Likelihood(Q, R, y - Q @ b, shift, tuple(terms), tuple(t.indicator().T.tocsr() for t in terms), engine, reml)
