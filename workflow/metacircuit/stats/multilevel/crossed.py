r"""Crossed random effects: a base of blocks, and the factors that cut across them by Woodbury's identity.

.. math:: M = B + Z L L' Z', \quad M^{-1} = B^{-1} - B^{-1} Z L\, S^{-1} L' Z' B^{-1},
          \quad S = I + L' Z' B^{-1} Z L, \quad
          |M| = |B|\,|S|

B holds the sampling covariance and every factor that is nested in its blocks; Z the crossed ones, as a sparse matrix.
S has one row for each crossed level, so cost grows with the effects, and with the cube of the crossed levels only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse

from metacircuit.stats.multilevel.compound import CompoundEngine, NotPositiveDefinite
from metacircuit.stats.multilevel.dense import DenseEngine
from metacircuit.stats.multilevel.terms import Term


@dataclass(frozen=True, slots=True)
class CrossedEngine:
    """`base` factors B with the terms `nested` (positions in `terms`); the terms `crossed` come on top."""

    base: CompoundEngine | DenseEngine
    terms: tuple[Term, ...]
    nested: tuple[int, ...]
    crossed: tuple[int, ...]
    Z: sparse.csr_matrix

    def factor(self, Gs: list[np.ndarray]) -> CrossedFactor:
        """M at the covariances Gs, ready to solve with."""
        base = self.base.factor([Gs[i] for i in self.nested])
        scale = np.concatenate([np.full(self.terms[i].n_outer, np.sqrt(Gs[i][0, 0])) for i in self.crossed])
        BZ = base.sparse_solve(self.Z) @ sparse.diags(scale)
        S = np.eye(len(scale)) + (sparse.diags(scale) @ (self.Z.T @ BZ)).toarray()
        try:
            root = linalg.cho_factor(S, lower=True)
        except linalg.LinAlgError as error:
            raise NotPositiveDefinite from error
        logdet = base.logdet + 2 * float(np.log(np.diag(root[0])).sum())
        inverse = linalg.cho_solve(root, np.eye(len(scale)))
        return CrossedFactor(self, base, scale, BZ.tocsr(), inverse, logdet)


@dataclass(frozen=True, slots=True)
class CrossedFactor:
    """M⁻¹ as the base's inverse and a correction of low rank, with `inverse` S⁻¹; `logdet` is log|M|."""

    engine: CrossedEngine
    base: object
    scale: np.ndarray
    BZ: sparse.csr_matrix
    inverse: np.ndarray
    logdet: float

    def solve(self, R: np.ndarray) -> np.ndarray:
        """M⁻¹ R for R (k, m)."""
        return self.base.solve(R) - self.BZ @ (self.inverse @ (self.BZ.T @ R))

    def gram(self, position: int) -> np.ndarray:
        """Sum over levels of Z_o' M⁻¹ Z_o for the term at this position, (q, q)."""
        e = self.engine
        if position in e.nested:
            term = e.terms[position]
            F = term.indicator().T @ self.BZ
            parts = [F[u :: term.q] for u in range(term.q)]
            lost = np.array([[(a.T @ b).multiply(self.inverse).sum() for b in parts] for a in parts])
            return self.base.gram(e.nested.index(position)) - lost
        start = sum(e.terms[i].n_outer for i in e.crossed if i < position)
        own = slice(start, start + e.terms[position].n_outer)
        BZ = self.base.sparse_solve(e.Z[:, own])
        F = (self.BZ.T @ e.Z[:, own]).toarray()
        total = e.Z[:, own].multiply(BZ).sum() - (F * (self.inverse @ F)).sum()
        return np.array([[total]])
