r"""The posterior of tau, and the conditional normal posteriors of everything else given tau.

.. math:: y_i \sim N(\theta_i, v_i), \quad \theta_i \sim N(\mu, \tau^2), \quad \mu \sim N(m_0, s_0^2)

Source: Röver (2020), Journal of Statistical Software 93(6), section 2; Gelman et al. (2013), section 5.4.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metacircuit.stats.bayes.grid import Grid, integrate
from metacircuit.stats.bayes.priors import TauPrior

Vector = NDArray[np.float64]

# Matrix entries (points of tau times studies) that are held at a time.
BLOCK = 1_000_000


@dataclass(frozen=True, slots=True)
class MuPrior:
    """Normal prior of mu; an infinite sd is the improper uniform, a zero sd fixes mu at the mean."""

    mean: float = 0.0
    sd: float = np.inf

    @property
    def proper(self) -> bool:
        """Whether it is a probability distribution."""
        return bool(np.isfinite(self.sd))

    @property
    def precision(self) -> float:
        """Inverse variance, zero for the improper prior."""
        return 1 / self.sd**2 if self.proper else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Data and priors.

    Attributes
    ----------
    yi, vi : (k,) estimates and sampling variances.
    tau_prior, mu_prior : the priors.
    """

    yi: Vector
    vi: Vector
    tau_prior: TauPrior
    mu_prior: MuPrior

    def log_likelihood(self, t: Vector) -> Vector:
        """Log-likelihood of log tau = t, mu integrated out; (n,)."""
        return np.concatenate([self._log_likelihood(part) for part in self._blocks(t)])

    def log_posterior(self, t: Vector) -> Vector:
        """Log density of log tau, not normalised; (n,)."""
        return self.log_likelihood(t) + self.tau_prior.log_density(t) + t

    def conditional_mu(self, t: Vector) -> tuple[Vector, Vector]:
        """Mean and standard deviation of mu given log tau = t; (n,) each."""
        parts = [self._conditional_mu(part) for part in self._blocks(t)]
        return np.concatenate([mean for mean, _ in parts]), np.concatenate([sd for _, sd in parts])

    def integrate(self) -> Grid:
        """The posterior of log tau on an adaptive grid."""
        spread = max(float(np.ptp(self.yi)), float(np.sqrt(self.vi.min())))
        scales = [np.sqrt(self.vi.min()), np.sqrt(self.vi.max()), spread, self.tau_prior.scale]
        with np.errstate(divide="ignore"):
            return integrate(self.log_posterior, np.log(scales), upper=float(np.log(self.tau_prior.upper)))

    def _blocks(self, t: Vector) -> list[Vector]:
        size = max(1, BLOCK // len(self.yi))
        return [t[i : i + size] for i in range(0, len(t), size)] or [t]

    def _weights(self, t: Vector) -> Vector:
        """Inverse total variances, (n, k)."""
        return np.exp(-np.logaddexp(np.log(self.vi), 2 * t[:, None]))

    def _conditional_mu(self, t: Vector) -> tuple[Vector, Vector]:
        if self.mu_prior.sd == 0:
            return np.full_like(t, self.mu_prior.mean), np.zeros_like(t)
        w = self._weights(t)
        precision = w.sum(axis=1) + self.mu_prior.precision
        # Around the first estimate: a common shift of all estimates then changes no digit of the spread.
        origin = self.yi[0]
        mean = (w @ (self.yi - origin) + self.mu_prior.precision * (self.mu_prior.mean - origin)) / precision
        return origin + mean, 1 / np.sqrt(precision)

    def _log_likelihood(self, t: Vector) -> Vector:
        w, k = self._weights(t), len(self.yi)
        mean, sd = self._conditional_mu(t)
        quadratic = (w * (self.yi - mean[:, None]) ** 2).sum(axis=1)
        value = -0.5 * (k * np.log(2 * np.pi) - np.log(w).sum(axis=1) + quadratic)
        if self.mu_prior.sd == 0:
            return value
        if not self.mu_prior.proper:
            return value + 0.5 * np.log(2 * np.pi) + np.log(sd)
        distance = (mean - self.mu_prior.mean) / self.mu_prior.sd
        return value + np.log(sd) - np.log(self.mu_prior.sd) - 0.5 * distance**2
