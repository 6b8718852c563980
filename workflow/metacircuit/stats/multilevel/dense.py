"""Block algebra for any structure: each block dense, blocks of one size handled together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from metacircuit.stats.multilevel.blocks import Blocks, Group
from metacircuit.stats.multilevel.compound import NotPositiveDefinite
from metacircuit.stats.multilevel.terms import Term, add_covariance


@dataclass(frozen=True, slots=True)
class DenseEngine:
    """Factors M = V + sum of Z G Z' within the blocks of `sampling`, which hold every random effect of `terms`."""

    sampling: Blocks
    terms: tuple[Term, ...]

    def factor(self, Gs: list[np.ndarray]) -> DenseFactor:
        """M at the covariances Gs, ready to solve with."""
        inverse, logdet = [], 0.0
        for g in self.sampling.groups:
            M = g.values.copy()
            for term, G in zip(self.terms, Gs, strict=True):
                add_covariance(M, g.rows, term, G)
            try:
                L = np.linalg.cholesky(M)
            except np.linalg.LinAlgError as error:
                raise NotPositiveDefinite from error
            logdet += 2 * float(np.log(np.einsum("mii->mi", L)).sum())
            half = np.linalg.inv(L)
            inverse.append(Group(g.rows, half.transpose(0, 2, 1) @ half))
        return DenseFactor(self, Blocks(self.sampling.k, tuple(inverse)), logdet)


@dataclass(frozen=True, slots=True)
class DenseFactor:
    """M⁻¹ in blocks; `logdet` is log|M|."""

    engine: DenseEngine
    inverse: Blocks
    logdet: float

    def solve(self, R: np.ndarray) -> np.ndarray:
        """M⁻¹ R for R (k, m)."""
        out = np.empty_like(R, dtype=float)
        for g in self.inverse.groups:
            out[g.rows] = g.values @ R[g.rows]
        return out

    def gram(self, position: int) -> np.ndarray:
        """Sum over levels of Z_o' M⁻¹ Z_o for the term at this position, (q, q)."""
        term = self.engine.terms[position]
        total = np.zeros((term.q, term.q))
        for g in self.inverse.groups:
            z = term.design[g.rows]
            if term.n_outer == len(term.outer):
                total += np.einsum("mii,miu,miv->uv", g.values, z, z)
                continue
            same = term.outer[g.rows][:, :, None] == term.outer[g.rows][:, None, :]
            total += np.einsum("miu,miv->uv", z, (g.values * same) @ z)
        return total

    def diagonal(self) -> np.ndarray:
        """The (k,) diagonal of M⁻¹."""
        return self.inverse.diagonal()

    def sparse_solve(self, Z: sparse.spmatrix) -> sparse.csr_matrix:
        """M⁻¹ Z for a sparse Z, which stays sparse."""
        return (self.inverse.sparse() @ Z).tocsr()
