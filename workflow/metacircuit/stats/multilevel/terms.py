"""Random-effects terms: which rows share an effect, and how strongly each row feels it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from metacircuit.stats.multilevel.structures import Structure


@dataclass(frozen=True, slots=True)
class Term:
    """Random effects u_o ~ N(0, G) for each outer level o; row i feels `design[i]' u_outer[i]`.

    Attributes
    ----------
    name : how the user wrote it: "study", "study/es", "outcome | trial".
    outer : (k,) int, the outer level of each row, 0 … n_outer - 1.
    design : (k, q) float; one column of ones for an intercept, indicators of the inner levels, or 1 and x for a slope.
    structure : the covariance G of the q effects.
    levels : the q names of the effects.
    """

    name: str
    outer: np.ndarray
    design: np.ndarray
    structure: Structure
    levels: tuple[str, ...] = ()

    @property
    def q(self) -> int:
        """Effects an outer level has."""
        return self.design.shape[1]

    @property
    def n_outer(self) -> int:
        """Number of outer levels."""
        return int(self.outer.max()) + 1 if len(self.outer) else 0

    @property
    def is_intercept(self) -> bool:
        """One variance, felt alike by every row."""
        return self.q == 1 and bool((self.design == 1.0).all())

    def indicator(self) -> sparse.csr_matrix:
        """The (k, n_outer q) design of the term."""
        k, q = self.design.shape
        columns = self.outer[:, None] * q + np.arange(q)
        rows = np.repeat(np.arange(k), q)
        return sparse.csr_matrix((self.design.ravel(), (rows, columns.ravel())), shape=(k, self.n_outer * q))


def intercept(name: str, outer: np.ndarray) -> Term:
    """One random intercept a level of `outer`."""
    return Term(name, outer, np.ones((len(outer), 1)), Structure("ID", 1), (name,))


def add_covariance(values: np.ndarray, rows: np.ndarray, term: Term, G: np.ndarray) -> None:
    """Add Z G Z' of one term to (m, n, n) blocks of the given rows, in place."""
    if term.n_outer == len(term.outer):
        n = rows.shape[1]
        z = term.design[rows]
        values[:, np.arange(n), np.arange(n)] += np.einsum("mnu,uv,mnv->mn", z, G, z)
        return
    same = term.outer[rows][:, :, None] == term.outer[rows][:, None, :]
    if term.q == 1 and term.is_intercept:
        values += G[0, 0] * same
        return
    z = term.design[rows]
    values += (z @ G) @ z.transpose(0, 2, 1) * same
