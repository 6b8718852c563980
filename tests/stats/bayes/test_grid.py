"""Quadrature of densities whose integrals are known."""

import numpy as np
import pytest
from metacircuit.stats.bayes.grid import integrate, partial_mass
from metacircuit.stats.bayes.informative import FAMILIES
from metacircuit.stats.bayes.mixture import NormalMixture
from metacircuit.stats.bayes.priors import (
    exponential,
    half_cauchy,
    half_normal,
    half_t,
    log_normal,
    log_t,
    uniform,
)
from scipy.special import gammaln

PRIORS = [
    half_normal(0.5),
    half_normal(1e-6),
    half_cauchy(1e4),
    half_t(0.3, 4),
    exponential(2.0),
    uniform(7.0),
    log_normal(-1.3, 0.9),
    log_t(-1.7, 1.3, 5),
    *(family.prior("general", "") for family in FAMILIES.values()),
]


@pytest.mark.parametrize("prior", PRIORS, ids=lambda prior: prior.label)
def test_every_proper_prior_integrates_to_one(prior):
    grid = integrate(lambda t: prior.log_density(t) + t, np.array([np.log(prior.scale)]), float(np.log(prior.upper)))
    # A log-t with 5 degrees of freedom keeps 1e-11 of its mass beyond the largest floating-point squares.
    assert grid.log_total == pytest.approx(0.0, abs=1e-10)


@pytest.mark.parametrize("width", [1e-6, 1e-3, 1.0, 30.0])
@pytest.mark.parametrize("centre", [-50.0, 0.3, 80.0])
def test_a_normal_density_of_any_width(width, centre):
    grid = integrate(lambda x: -0.5 * ((x - centre) / width) ** 2, np.array([0.0]))
    assert grid.log_total == pytest.approx(np.log(width * np.sqrt(2 * np.pi)), abs=1e-9)
    assert grid.weights @ grid.nodes == pytest.approx(centre, abs=1e-9 * max(1.0, width))
    assert partial_mass(lambda x: -0.5 * ((x - centre) / width) ** 2, grid, centre) == pytest.approx(0.5, abs=1e-9)


def test_two_peaks():
    def log_density(x):
        return np.logaddexp(-0.5 * ((x + 20) / 0.01) ** 2, np.log(3) - 0.5 * ((x - 5) / 0.01) ** 2)

    grid = integrate(log_density, np.array([-20.0, 5.0]))
    assert partial_mass(log_density, grid, 0.0) == pytest.approx(0.25, abs=1e-10)


def test_an_asymmetric_density():
    # exp(a x - exp(x)) integrates to the gamma function of a.
    grid = integrate(lambda x: 3.7 * x - np.exp(x), np.array([0.0]))
    assert grid.log_total == pytest.approx(gammaln(3.7), abs=1e-12)


def test_nothing_to_integrate():
    with pytest.raises(FloatingPointError, match="zero or infinite"):
        integrate(lambda x: np.full_like(x, -np.inf), np.array([0.0]))


def test_a_mixture_of_one_is_the_normal():
    normal = NormalMixture.of(np.array([1.0]), np.array([3.0]), np.array([2.0]))
    assert normal.quantile(0.975) == pytest.approx(3 + 2 * 1.959963984540054, rel=1e-12)
    assert normal.mode() == pytest.approx(3.0, abs=1e-7)
    assert (normal.mean, normal.sd) == (3.0, 2.0)


def test_a_mixture_over_many_orders_of_magnitude():
    sds = np.geomspace(1e-8, 1e8, 33)
    mixture = NormalMixture.of(np.full(33, 1 / 33), np.zeros(33), sds)
    for p in (0.01, 0.3, 0.5, 0.99):
        assert mixture.cdf(mixture.quantile(p)) == pytest.approx(p, abs=1e-10)


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_published_tables_are_complete(family):
    assert all(len(row) == len(family.comparisons) for row in family.table.values())
    assert all(-6.5 < location < 0 < scale < 3 for row in family.table.values() for location, scale in row)
