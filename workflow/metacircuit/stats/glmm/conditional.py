"""The noncentral hypergeometric distribution: events of group 1 given all margins of a 2x2 table."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from metacircuit.stats.glmm.families import Derivatives

Array = NDArray[np.float64]

MAX_STEPS = 100
TOLERANCE = 1e-12
# Tables whose supports together have this many points are evaluated at a time.
BLOCK = 2_000_000


@dataclass(frozen=True, eq=False)
class NoncentralHypergeometric:
    r"""Fisher's distribution of one cell, with the log odds ratio as predictor.

    .. math:: P(a) \propto \binom{n_1}{a} \binom{n_2}{m - a} e^{a \eta}

    Attributes
    ----------
    a, n1, n2, events : (k, 1)
        Events of group 1, group sizes, events of both groups (m); whole numbers.

    Source: McCullagh and Nelder (1989), section 7.3; van Houwelingen, Zwinderman and Stijnen (1993), equation 6.
    """

    a: Array
    n1: Array
    n2: Array
    events: Array

    @cached_property
    def lowest(self) -> Array:
        """Smallest possible cell."""
        return np.maximum(0.0, self.events - self.n2)

    @cached_property
    def highest(self) -> Array:
        """Largest possible cell."""
        return np.minimum(self.n1, self.events)

    @cached_property
    def _starts(self) -> NDArray[np.intp]:
        """Where the support of each table begins in the row of all supports."""
        sizes = (self.highest - self.lowest).astype(int).ravel() + 1
        return np.concatenate([[0], np.cumsum(sizes)[:-1]])

    @cached_property
    def _table(self) -> NDArray[np.intp]:
        """Table of each point of the row."""
        sizes = (self.highest - self.lowest).astype(int).ravel() + 1
        return np.repeat(np.arange(len(sizes)), sizes)

    @cached_property
    def _cell(self) -> Array:
        """Value of each point of the row, less the observed one."""
        position = np.arange(len(self._table)) - self._starts[self._table]
        return (self.lowest - self.a).ravel()[self._table] + position

    @cached_property
    def _log_weight(self) -> Array:
        """Log binomial coefficients of each point of the row, relative to the observed cell."""
        return self._coefficients(self.a.ravel()[self._table] + self._cell) - self._coefficients(
            self.a.ravel()[self._table]
        )

    def _coefficients(self, cell: Array) -> Array:
        n1, n2, m = (x.ravel()[self._table] for x in (self.n1, self.n2, self.events))
        rest = m - cell
        return -(gammaln(cell + 1) + gammaln(n1 - cell + 1) + gammaln(rest + 1) + gammaln(n2 - rest + 1))

    @cached_property
    def constant(self) -> Array:
        """Nothing: the distribution is normalised at every predictor."""
        return np.zeros_like(self.a)

    @cached_property
    def guess(self) -> Array:
        """Log odds ratio after half an event is added to every cell."""
        b, c = self.n1 - self.a, self.events - self.a
        d = self.n2 - c
        return np.log((self.a + 0.5) * (d + 0.5)) - np.log((b + 0.5) * (c + 0.5))

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """Where the observed cell is not at an end of its support, so that its odds ratio is finite."""
        return (self.a > self.lowest) & (self.a < self.highest)

    @cached_property
    def estimates(self) -> Array:
        """Conditional maximum likelihood estimate of each log odds ratio; infinite at the ends of the support."""
        eta = np.where(self.inside, self.guess, 0.0)
        low, high = eta - 40.0, eta + 40.0
        for _ in range(MAX_STEPS):
            at = self.at(eta)
            low, high = np.where(at.first > 0, eta, low), np.where(at.first > 0, high, eta)
            with np.errstate(divide="ignore", invalid="ignore"):
                new = eta - at.first / at.second
            new = np.where((new > low) & (new < high), new, (low + high) / 2)
            moved = np.abs(new - eta)[self.inside]
            eta = np.where(self.inside, new, eta)
            if not len(moved) or moved.max() < TOLERANCE:
                break
        end = np.where(self.a >= self.highest, np.inf, -np.inf)
        end = np.where(self.highest == self.lowest, 0.0, end)
        return np.where(self.inside, eta, end)

    @cached_property
    def saturated(self) -> Array:
        """Log-likelihood at the estimate of each table; zero, in the limit, at the ends of the support."""
        finite = np.where(self.inside, self.estimates, 0.0)
        return np.where(self.inside, self.at(finite).value, 0.0)

    def at(self, eta: Array) -> Derivatives:
        """Log-likelihood and derivatives at predictors (..., k, 1)."""
        return Derivatives(*self._moments(eta, self._cumulants))

    def slope(self, eta: Array) -> tuple[Array, Array]:
        """Log-likelihood and its first derivative."""
        value, first = self._moments(eta, lambda *_: ())
        return value, first

    def _moments(self, eta: Array, higher: Callable[[Array, Array, Array], tuple[Array, ...]]) -> tuple[Array, ...]:
        """Log-likelihood, its derivative and what `higher` gives, block by block."""
        flat = eta.reshape(-1, eta.shape[-2])
        rows = max(1, BLOCK // len(self._table))
        parts = [self._block(flat[i : i + rows], higher) for i in range(0, len(flat), rows)]
        return tuple(np.concatenate(part).reshape(eta.shape) for part in zip(*parts, strict=True))

    def _block(self, eta: Array, higher: Callable[[Array, Array, Array], tuple[Array, ...]]) -> tuple[Array, ...]:
        exponent = self._log_weight + self._cell * eta[:, self._table]
        top = np.maximum.reduceat(exponent, self._starts, axis=1)
        mass = np.exp(exponent - top[:, self._table])
        total = np.add.reduceat(mass, self._starts, axis=1)
        mean = np.add.reduceat(mass * self._cell, self._starts, axis=1) / total
        return (-top - np.log(total), -mean, *higher(mass, total, mean))

    def _cumulants(self, mass: Array, total: Array, mean: Array) -> tuple[Array, Array]:
        """Minus the second and third cumulant."""
        centred = self._cell - mean[:, self._table]
        second = mass * centred**2
        return tuple(-np.add.reduceat(x, self._starts, axis=1) / total for x in (second, second * centred))
