r"""Closed-form algebra for the three-level and the CHE model: a diagonal plus rank two in each study.

.. math:: M_j = D_j + \rho\, s_j s_j' + \sigma_s^2\, 1 1', \quad D_j = (1 - \rho)\,\mathrm{diag}(v_j) + \sigma_e^2 I,
          \quad s_j = \sqrt{v_j}

Write s = m 1 + t with m the D⁻¹-weighted mean of s, so that 1'D⁻¹t = 0, and let τ = t'D⁻¹t, c = 1'D⁻¹1. Woodbury's
identity then needs 2 × 2 inverses whose entries are sums of positive terms, exact also where ρ comes near 1:

.. math:: M^{-1} = D^{-1} - D^{-1}[t\;1]\,K\,[t\;1]'D^{-1}, \quad |M_j| = |D_j|\,\Delta_j, \quad
          \Delta = (1 + \rho\tau)(1 + \sigma_s^2 c) + \rho m^2 c,

.. math:: K = \frac{1}{\Delta}\begin{pmatrix}\rho(1 + \sigma_s^2 c) & \rho m\\
          \rho m & \rho m^2 + \sigma_s^2(1 + \rho\tau)\end{pmatrix}

Everything is a sum within studies, so time and memory are linear in the number of effects (Pustejovsky and Tipton,
2022, Prevention Science 23:425, for the model; Woodbury, 1950, for the identity).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from metacircuit.stats.multilevel.terms import Term


class NotPositiveDefinite(ValueError):  # noqa: N818 - the name of the property
    """The marginal covariance has no inverse at these parameters."""


@dataclass(frozen=True, slots=True)
class CompoundSampling:
    """Sampling covariance with one correlation `rho` within clusters: `vi` (k,), `labels` (k,) int."""

    vi: np.ndarray
    labels: np.ndarray
    rho: float

    def values(self, rows: np.ndarray) -> np.ndarray:
        """The (m, n, n) covariances of (m, n) rows."""
        s = np.sqrt(self.vi[rows])
        out = self.rho * s[:, :, None] * s[:, None, :]
        out *= self.labels[rows][:, :, None] == self.labels[rows][:, None, :]
        n = rows.shape[1]
        out[:, np.arange(n), np.arange(n)] = self.vi[rows]
        return out


@dataclass(frozen=True, slots=True)
class CompoundEngine:
    """Factors M for sampling covariance `sampling`; each term is a random intercept by cluster or by row.

    `of_cluster` and `of_row` are the positions of the term in the model, None where it has none.
    """

    sampling: CompoundSampling
    of_cluster: int | None
    of_row: int | None
    within: sparse.csr_matrix
    across: sparse.csr_matrix

    def factor(self, Gs: list[np.ndarray]) -> CompoundFactor:
        """M at the variances Gs, ready to solve with."""
        v, W, I = self.sampling.vi, self.within, self.across  # noqa: E741 - the indicator matrix of the studies
        study = 0.0 if self.of_cluster is None else float(Gs[self.of_cluster][0, 0])
        effect = 0.0 if self.of_row is None else float(Gs[self.of_row][0, 0])
        # An effect that is alone in its study has nothing to be correlated with.
        rho = np.where(np.diff(W.indptr) > 1, self.sampling.rho, 0.0)
        d = (1 - I @ rho) * v + effect
        if not (d > 0).all():
            raise NotPositiveDefinite
        s = np.sqrt(v)
        c = W @ (1 / d)
        m = (W @ (s / d)) / c
        t = s - I @ m
        tau = W @ (t**2 / d)
        delta = (1 + rho * tau) * (1 + study * c) + rho * m**2 * c
        if not (delta > 0).all():
            raise NotPositiveDefinite
        K = (rho * (1 + study * c) / delta, rho * m / delta, (rho * m**2 + study * (1 + rho * tau)) / delta)
        ones = float(np.sum(c * (1 + rho * tau) / delta))
        logdet = float(np.log(d).sum() + np.log(delta).sum())
        return CompoundFactor(self, d, t, K, ones, logdet)


@dataclass(frozen=True, slots=True)
class CompoundFactor:
    """M⁻¹ as D⁻¹ and three numbers a study; `logdet` is log|M|."""

    engine: CompoundEngine
    d: np.ndarray
    t: np.ndarray
    K: tuple[np.ndarray, np.ndarray, np.ndarray]
    ones: float
    logdet: float

    def solve(self, R: np.ndarray) -> np.ndarray:
        """M⁻¹ R for R (k, m)."""
        W, I = self.engine.within, self.engine.across  # noqa: E741
        DR = R / self.d[:, None]
        k11, k12, k22 = (x[:, None] for x in self.K)
        p, q = W @ (self.t[:, None] * DR), W @ DR
        back = self.t[:, None] * (I @ (k11 * p + k12 * q)) + I @ (k12 * p + k22 * q)
        return DR - back / self.d[:, None]

    def gram(self, position: int) -> np.ndarray:
        """Sum over levels of Z_o' M⁻¹ Z_o for the term at this position, (1, 1)."""
        if position == self.engine.of_cluster:
            return np.array([[self.ones]])
        return np.array([[self.diagonal().sum()]])

    def diagonal(self) -> np.ndarray:
        """The (k,) diagonal of M⁻¹."""
        k11, k12, k22 = (self.engine.across @ x for x in self.K)
        return 1 / self.d - (k11 * self.t**2 + 2 * k12 * self.t + k22) / self.d**2

    def sparse_solve(self, Z: sparse.spmatrix) -> sparse.csr_matrix:
        """M⁻¹ Z for a sparse Z, which stays sparse."""
        W, I = self.engine.within, self.engine.across  # noqa: E741
        D, T = sparse.diags(1 / self.d), sparse.diags(self.t)
        k11, k12, k22 = (sparse.diags(x) for x in self.K)
        DZ = D @ Z
        p, q = W @ (T @ DZ), W @ DZ
        return (DZ - D @ (T @ (I @ (k11 @ p + k12 @ q)) + I @ (k12 @ p + k22 @ q))).tocsr()


def compound_engine(sampling: CompoundSampling, terms: list[Term]) -> CompoundEngine | None:
    """The closed-form engine if the model is one: at most one intercept by row and one by cluster; else None."""
    k, roles = len(sampling.vi), {"cluster": None, "row": None}
    labels = sampling.labels if sampling.rho else None
    for position, term in enumerate(terms):
        if not term.is_intercept:
            return None
        role = "row" if term.n_outer == k else "cluster"
        if roles[role] is not None or (role == "cluster" and labels is not None and not _same(term.outer, labels)):
            return None
        roles[role] = position
        labels = term.outer if role == "cluster" else labels
    labels = np.arange(k) if labels is None else labels
    within = sparse.csr_matrix((np.ones(k), (labels, np.arange(k))), shape=(labels.max() + 1, k))
    return CompoundEngine(sampling, roles["cluster"], roles["row"], within, within.T.tocsr())


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two labellings are one partition."""
    return np.array_equal(a, b) or len(np.unique(np.column_stack([a, b]), axis=0)) == a.max() + 1 == b.max() + 1
