"""Mixtures of normal distributions: the marginal posteriors of mu, of a new effect and of the effect of a study."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

Vector = NDArray[np.float64]

# Components below this share cannot change a printed digit.
NEGLIGIBLE = 1e-17
TOLERANCE = 1e-14


@dataclass(frozen=True, slots=True, eq=False)
class NormalMixture:
    """Weights that sum to one, means and standard deviations; (n,) each."""

    weights: Vector
    means: Vector
    sds: Vector

    @classmethod
    def of(cls, weights: Vector, means: Vector, sds: Vector) -> "NormalMixture":
        """Drop the components without weight."""
        kept = weights > NEGLIGIBLE
        return cls(weights[kept] / weights[kept].sum(), means[kept], sds[kept])

    @property
    def mean(self) -> float:
        """Expectation."""
        return float(self.weights @ self.means)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return float(np.sqrt(self.weights @ (self.sds**2 + (self.means - self.mean) ** 2)))

    def density(self, x: ArrayLike) -> Vector:
        """Density at x."""
        z = self._standardised(x)
        return (np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)) @ (self.weights / self.sds)

    def cdf(self, x: ArrayLike) -> Vector:
        """P(X <= x)."""
        return ndtr(self._standardised(x)) @ self.weights

    def survival(self, x: ArrayLike) -> Vector:
        """P(X > x), without cancellation."""
        return ndtr(-self._standardised(x)) @ self.weights

    def quantile(self, p: float) -> float:
        """The value below which X lies with probability p."""
        if p <= 0 or p >= 1:
            return -np.inf if p <= 0 else np.inf
        # The quantiles of the components enclose that of the mixture.
        ends = self.means + self.sds * ndtri(p)
        low, high = self._shrink(ends.min()), self._shrink(ends.max())
        # Ends that differ from the root only by rounding may lie on one side of it.
        if high - low <= TOLERANCE or self._excess(low, p) >= 0:
            return self._stretch(low)
        if self._excess(high, p) <= 0:
            return self._stretch(high)
        return self._stretch(brentq(self._excess, low, high, args=(p,), xtol=TOLERANCE, rtol=1e-14, maxiter=500))

    def mode(self) -> float:
        """Where the density is highest."""
        grid = np.linspace(self._shrink(self.quantile(0.001)), self._shrink(self.quantile(0.999)), 201)
        i = int(np.argmax(self.density(self._stretch(grid))))
        low, high = grid[max(i - 1, 0)], grid[min(i + 1, len(grid) - 1)]
        if self._slope(low) <= 0 or self._slope(high) >= 0:
            return self._stretch(grid[i])
        return self._stretch(brentq(self._slope, low, high, xtol=TOLERANCE, rtol=1e-14))

    def _excess(self, s: float, p: float) -> float:
        """cdf - p, from the smaller tail."""
        x = self._stretch(s)
        return float(self.cdf(x)) - p if p <= 0.5 else (1 - p) - float(self.survival(x))

    def _slope(self, s: float) -> float:
        z = self._standardised(self._stretch(s))
        return float(-(z * np.exp(-0.5 * z**2)) @ (self.weights / self.sds**2))

    # Roots are sought in s with x = centre + unit sinh(s): near the centre in units of the distribution, far out in its
    # orders of magnitude, which heavy tails need.
    def _shrink(self, x: float) -> float:
        i = np.argmax(self.weights)
        return np.arcsinh((x - self.means[i]) / self.sds[i])

    def _stretch(self, s: float) -> float:
        i = np.argmax(self.weights)
        return self.means[i] + self.sds[i] * np.sinh(s)

    def _standardised(self, x: ArrayLike) -> Vector:
        return (np.asarray(x, float)[..., None] - self.means) / self.sds
