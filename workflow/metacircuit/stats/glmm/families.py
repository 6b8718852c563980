"""Log-likelihoods of counts as functions of a linear predictor, with their first three derivatives.

Every family holds counts of shape (k, m): k studies with m counts each (one, or one for each of two groups).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln, xlogy

Array = NDArray[np.float64]


class Derivatives(NamedTuple):
    """Log-likelihood and its derivatives by the linear predictor, of the shape of the predictor."""

    value: Array
    first: Array
    second: Array
    third: Array


class Family(Protocol):
    """Counts with a one-parameter distribution.

    `constant` is the part of the log-likelihood without the predictor, `saturated` its highest value for each count,
    and `guess` a predictor near that point.
    """

    constant: Array
    saturated: Array
    guess: Array

    def at(self, eta: Array) -> Derivatives:
        """Log-likelihood without `constant` and derivatives at predictors (..., k, m)."""
        ...

    def slope(self, eta: Array) -> tuple[Array, Array]:
        """The first two of `at` alone."""
        ...


@dataclass(frozen=True, eq=False)
class Binomial:
    """x events of n with the log odds as predictor; x, n : (k, m)."""

    x: Array
    n: Array

    @cached_property
    def constant(self) -> Array:
        """Logarithm of the binomial coefficient."""
        return gammaln(self.n + 1) - gammaln(self.x + 1) - gammaln(self.n - self.x + 1)

    @cached_property
    def saturated(self) -> Array:
        """Log-likelihood at the observed proportion."""
        rest = self.n - self.x
        return self.constant + xlogy(self.x, self.x / self.n) + xlogy(rest, rest / self.n)

    @cached_property
    def guess(self) -> Array:
        """Log odds after half an event is added to both outcomes."""
        return np.log(self.x + 0.5) - np.log(self.n - self.x + 0.5)

    def at(self, eta: Array) -> Derivatives:
        """Log-likelihood without `constant` and derivatives."""
        p = expit(eta)
        variance = self.n * p * expit(-eta)
        value = self.x * eta - self.n * np.logaddexp(0.0, eta)
        return Derivatives(value, self.x - self.n * p, -variance, -variance * (1 - 2 * p))

    def slope(self, eta: Array) -> tuple[Array, Array]:
        """Log-likelihood without `constant` and its first derivative."""
        return self.x * eta - self.n * np.logaddexp(0.0, eta), self.x - self.n * expit(eta)


@dataclass(frozen=True, eq=False)
class Poisson:
    """x events with the log of their expected number as predictor; x : (k, m). Person-time enters as an offset."""

    x: Array

    @cached_property
    def constant(self) -> Array:
        """Logarithm of 1 / x!."""
        return -gammaln(self.x + 1)

    @cached_property
    def saturated(self) -> Array:
        """Log-likelihood at the observed number."""
        return self.constant + xlogy(self.x, self.x) - self.x

    @cached_property
    def guess(self) -> Array:
        """Log of the number after half an event is added."""
        return np.log(self.x + 0.5)

    def at(self, eta: Array) -> Derivatives:
        """Log-likelihood without `constant` and derivatives."""
        # A search may look far beyond any count; there the likelihood is zero for all purposes.
        mean = np.exp(np.minimum(eta, 500.0))
        return Derivatives(self.x * eta - mean, self.x - mean, -mean, -mean)

    def slope(self, eta: Array) -> tuple[Array, Array]:
        """Log-likelihood without `constant` and its first derivative."""
        at = self.at(eta)
        return at.value, at.first
