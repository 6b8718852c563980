"""Prior distributions of the between-study standard deviation tau."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

Vector = NDArray[np.float64]

# tau^-1 times a power of log tau below -1 is just integrable: where tau^-a would tie, the moment exists.
BARELY_INTEGRABLE = 1.0 + 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class TauPrior:
    """A prior density of tau on [0, upper].

    Attributes
    ----------
    label : how it is printed.
    log_density : log density as a function of log tau, a (n,) array; it must accept minus infinity.
    scale : a typical value, where the search for the posterior starts.
    upper : end of the support.
    tail : a with density ~ tau^-a for large tau; infinite for lighter tails. It decides which moments exist.
    proper : whether the density has a finite integral.
    source : publication, for the informative priors.
    """

    label: str
    log_density: Callable[[Vector], Vector]
    scale: float
    upper: float = np.inf
    tail: float = np.inf
    proper: bool = True
    source: str = ""

    def density(self, tau: ArrayLike) -> Vector:
        """Density at tau."""
        with np.errstate(divide="ignore"):
            return np.exp(self.log_density(np.log(np.asarray(tau, float))))


def half_normal(scale: float) -> TauPrior:
    r"""Half-normal: :math:`p(\tau) \propto \exp(-\tau^2 / 2s^2)`.

    >>> round(float(half_normal(0.5).density(0.0)), 6)
    1.595769
    """
    s = _positive("scale", scale)
    constant = 0.5 * np.log(2 / np.pi) - np.log(s)
    return TauPrior(f"half-normal({s:g})", lambda t: constant - 0.5 * np.exp(2 * (t - np.log(s))), s)


def half_t(scale: float, df: float) -> TauPrior:
    r"""Half-Student-t: :math:`p(\tau) \propto (1 + \tau^2 / \nu s^2)^{-(\nu+1)/2}`.

    Source: Gelman (2006), Bayesian Analysis 1, 515-534, section 3.2.

    >>> round(float(half_t(1.0, 1.0).density(0.0)), 6)
    0.63662
    """
    s, nu = _positive("scale", scale), _positive("df", df)
    constant = np.log(2) + gammaln((nu + 1) / 2) - gammaln(nu / 2) - 0.5 * np.log(nu * np.pi) - np.log(s)
    label = f"half-Cauchy({s:g})" if nu == 1 else f"half-t({s:g}, df = {nu:g})"

    def log_density(t: Vector) -> Vector:
        return constant - 0.5 * (nu + 1) * np.logaddexp(0.0, 2 * (t - np.log(s)) - np.log(nu))

    return TauPrior(label, log_density, s, tail=nu + 1)


def half_cauchy(scale: float) -> TauPrior:
    r"""Half-Cauchy: :math:`p(\tau) \propto (1 + \tau^2 / s^2)^{-1}`.

    >>> round(float(half_cauchy(1.0).density(1.0)), 6)
    0.31831
    """
    return half_t(scale, 1.0)


def exponential(scale: float) -> TauPrior:
    r"""Exponential with mean s: :math:`p(\tau) \propto \exp(-\tau / s)`.

    >>> float(exponential(2.0).density(0.0))
    0.5
    """
    s = _positive("scale", scale)
    return TauPrior(f"exponential(mean {s:g})", lambda t: -np.log(s) - np.exp(t - np.log(s)), s)


def uniform(upper: float) -> TauPrior:
    """Uniform on [0, upper]; with an infinite end it is improper, and the data must make the posterior proper.

    >>> uniform(4.0).density(np.array([1.0, 5.0])).tolist()
    [0.25, 0.0]
    """
    if np.isposinf(upper):
        return TauPrior("uniform (improper)", np.zeros_like, 1.0, tail=0.0, proper=False)
    end = _positive("upper", upper)
    return TauPrior(
        f"uniform(0, {end:g})", lambda t: np.where(t <= np.log(end), -np.log(end), -np.inf), end / 2, upper=end
    )


def log_normal(mean: float, sd: float, source: str = "") -> TauPrior:
    r"""Log-normal: :math:`\log\tau \sim N(m, s^2)`.

    >>> round(float(log_normal(0.0, 1.0).density(1.0)), 6)
    0.398942
    """
    m, s = _finite("mean", mean), _positive("sd", sd)

    def log_density(t: Vector) -> Vector:
        return _jacobian(-0.5 * np.log(2 * np.pi) - np.log(s) - 0.5 * ((t - m) / s) ** 2, t)

    return TauPrior(f"log-normal({m:g}, {s:g})", log_density, float(np.exp(m)), source=source)


def log_t(location: float, scale: float, df: float, source: str = "") -> TauPrior:
    r"""Log-Student-t: :math:`(\log\tau - m) / s \sim t_\nu`. No moment exists without data.

    >>> round(float(log_t(0.0, 1.0, 5.0).density(1.0)), 6)
    0.379607
    """
    m, s, nu = _finite("location", location), _positive("scale", scale), _positive("df", df)
    constant = gammaln((nu + 1) / 2) - gammaln(nu / 2) - 0.5 * np.log(nu * np.pi) - np.log(s)

    def log_density(t: Vector) -> Vector:
        return _jacobian(constant - 0.5 * (nu + 1) * np.log1p(((t - m) / s) ** 2 / nu), t)

    return TauPrior(
        f"log-t({m:g}, {s:g}, df = {nu:g})", log_density, float(np.exp(m)), tail=BARELY_INTEGRABLE, source=source
    )


def from_density(density: Callable[[Vector], Vector]) -> TauPrior:
    """A density of tau as a function that takes an array; it is taken to have a light tail.

    >>> from_density(lambda tau: np.exp(-tau)).density(np.array([0.0])).tolist()
    [1.0]
    """

    def log_density(t: Vector) -> Vector:
        with np.errstate(divide="ignore", over="ignore"):
            return np.log(np.asarray(density(np.exp(t)), float))

    return TauPrior("user-defined", log_density, 1.0)


def _jacobian(log_density_of_log_tau: Vector, t: Vector) -> Vector:
    """From the density of log tau to that of tau, with the limit at tau = 0."""
    with np.errstate(invalid="ignore"):
        value = log_density_of_log_tau - t
    # The quadratic of the normal beats the Jacobian, the logarithm of the t does not.
    at_zero = np.where(np.isneginf(log_density_of_log_tau), -np.inf, np.inf)
    return np.where(np.isneginf(t), at_zero, value)


def _positive(name: str, value: float) -> float:
    number = _finite(name, value)
    if number <= 0:
        raise ValueError(f"{name}={value!r} of the tau prior must be above zero")
    return number


def _finite(name: str, value: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name}={value!r} of the tau prior must be a number") from None
    if not np.isfinite(number):
        raise ValueError(f"{name}={value!r} of the tau prior must be finite")
    return number
