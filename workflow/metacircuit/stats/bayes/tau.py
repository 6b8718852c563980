"""The marginal posterior of tau as a distribution: density, probabilities, quantiles, moments."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq, minimize_scalar

from metacircuit.stats.bayes.grid import Grid, partial_mass
from metacircuit.stats.bayes.posterior import Model

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class TauPosterior:
    """Posterior of tau under a model, integrated on a grid of log tau."""

    model: Model
    grid: Grid

    @property
    def tail(self) -> float:
        """a with density ~ tau^-a for large tau: the likelihood adds a power for each study, less one if mu is free."""
        studies = len(self.model.yi) - (not self.model.mu_prior.proper)
        return self.model.tau_prior.tail + studies

    def has_moment(self, order: int) -> bool:
        """Whether E(tau^order) is finite."""
        return bool(self.tail > order + 1)

    @property
    def mean(self) -> float:
        """Expectation; infinite where the tail is too heavy."""
        return float(self.grid.weights @ np.exp(self.grid.nodes)) if self.has_moment(1) else np.inf

    @property
    def sd(self) -> float:
        """Standard deviation; infinite where the tail is too heavy."""
        if not self.has_moment(2):
            return np.inf
        return float(np.sqrt(self.grid.weights @ (np.exp(self.grid.nodes) - self.mean) ** 2))

    def density(self, tau: ArrayLike) -> Vector:
        """Posterior density; zero below zero and beyond the support."""
        x = np.asarray(tau, float)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.log(np.maximum(x, 0.0)).ravel()
        model = self.model
        log_density = model.log_likelihood(t) + model.tau_prior.log_density(t) - self.grid.log_total
        return np.where(x < 0, 0.0, np.exp(log_density).reshape(x.shape))

    def cdf(self, tau: ArrayLike) -> Vector:
        """P(tau <= x)."""
        x = np.asarray(tau, float)
        values = [partial_mass(self.model.log_posterior, self.grid, np.log(v)) if v > 0 else 0.0 for v in x.ravel()]
        return np.array(values).reshape(x.shape)

    def quantile(self, p: float) -> float:
        """The value below which tau lies with probability p."""
        if p <= 0:
            return 0.0
        if p >= 1:
            return float(self.model.tau_prior.upper)
        i = int(np.searchsorted(self.grid.below, p, side="right")) - 1
        low, high = self.grid.edges[i], self.grid.edges[i + 1]

        def excess(t: float) -> float:
            return partial_mass(self.model.log_posterior, self.grid, t) - p

        if excess(high) <= 0 or i == len(self.grid.mass):
            return float(np.exp(high))
        return float(np.exp(brentq(excess, low, high, xtol=1e-14, rtol=1e-14)))

    def mode(self) -> float:
        """Where the density is highest, which may be zero."""
        t = self.grid.nodes
        heights = np.log(self.density(np.exp(t)))
        best = int(np.argmax(heights))
        if self.density(0.0) >= np.exp(heights[best]):
            return 0.0
        low, high = t[max(best - 1, 0)], min(t[min(best + 1, len(t) - 1)], np.log(self.model.tau_prior.upper))
        found = minimize_scalar(
            lambda x: -float(np.log(self.density(np.exp(x)))),
            bounds=(low, high),
            method="bounded",
            options={"xatol": 1e-12},
        )
        # A density that still rises at the end of its support is highest there.
        candidates = np.exp(np.array([found.x, high]))
        return float(candidates[np.argmax(self.density(candidates))])
