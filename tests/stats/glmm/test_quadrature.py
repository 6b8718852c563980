"""Likelihoods with random effects: gradients, and integrals done another way."""

import numpy as np
import pytest
from metacircuit.stats.glmm.models import binomial, fixed_studies, hypergeometric, one_group, poisson, random_studies
from metacircuit.stats.glmm.quadrature import marginal
from scipy.integrate import dblquad, quad
from scipy.special import comb, expit

RNG = np.random.default_rng(3)
K = 5
X = np.column_stack([np.ones(K), RNG.normal(size=K)])
N = np.array([[10.0, 12], [40, 35], [7, 9], [300, 250], [22, 20]])
EVENTS = np.array([[3.0, 5], [10, 4], [0, 3], [70, 90], [21, 11]])
TIMES = np.log(N)
HALF = np.array([0.5, -0.5])
NOTHING = (np.zeros(K), np.zeros(K))

DESIGNS = {
    "binomial": (one_group(binomial(EVENTS[:, 0], N[:, 0]), np.zeros(K), X, *NOTHING).design, 1),
    "poisson": (one_group(poisson(EVENTS[:, 0]), TIMES[:, 0], X, *NOTHING).design, 1),
    "hypergeometric": (
        one_group(hypergeometric(EVENTS[:, 0], *N.T, EVENTS.sum(axis=1)), np.zeros(K), X, *NOTHING).design,
        1,
    ),
    "fixed studies": (fixed_studies(binomial(EVENTS, N), np.zeros((K, 2)), X, HALF, NOTHING).design, 1),
    "random studies": (random_studies(binomial(EVENTS, N), np.zeros((K, 2)), X, HALF, False).design, 2),
    "correlated": (random_studies(poisson(EVENTS), TIMES, X, HALF, True).design, 3),
}
# Central differences with a step of 1e-6 of a function with 15 digits.
DIFFERENCES = 1e-7


@pytest.mark.parametrize("nodes", [1, 2, 7])
@pytest.mark.parametrize("name", DESIGNS)
def test_gradient_is_that_of_the_approximation(name, nodes):
    design, s = DESIGNS[name]
    point = np.concatenate([RNG.normal(scale=0.3, size=design.p), [0.7, 0.9, -0.4][:s]])
    gamma = RNG.normal(scale=0.3, size=K)

    def ll(theta, own=gamma):
        return marginal(design, theta[: design.p], own, theta[design.p :], nodes).ll

    score = marginal(design, point[: design.p], gamma, point[design.p :], nodes)
    h = 1e-6
    for j, step in enumerate(h * np.eye(len(point))):
        expected = (ll(point + step) - ll(point - step)) / (2 * h)
        np.testing.assert_allclose(score.theta[:, j], expected, rtol=DIFFERENCES, atol=1e-7)
    if design.own is not None:
        expected = (ll(point, gamma + h) - ll(point, gamma - h)) / (2 * h)
        np.testing.assert_allclose(score.gamma, expected, rtol=DIFFERENCES, atol=1e-7)


def normal(u):
    return np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi)


def test_one_random_effect_against_direct_integration():
    design, _ = DESIGNS["binomial"]
    beta, tau = np.array([-0.5, 0.2]), 0.8
    got = marginal(design, beta, np.empty(0), np.array([tau]), 40).ll
    for i in range(K):
        x, n = EVENTS[i, 0], N[i, 0]

        def integrand(u, i=i, x=x, n=n):
            p = expit(X[i] @ beta + tau * u)
            return comb(n, x) * p**x * (1 - p) ** (n - x) * normal(u)

        expected = quad(integrand, -12, 12, epsabs=0, epsrel=1e-12, points=[-1, 0, 1], limit=200)[0]
        assert got[i] == pytest.approx(np.log(expected), rel=1e-9)


def test_hypergeometric_against_its_definition():
    design, _ = DESIGNS["hypergeometric"]
    beta = np.array([0.4, -0.3])
    got = marginal(design, beta, np.empty(0), np.array([0.0]), 1).ll
    for i in range(K):
        (a, _), (n1, n2), m = EVENTS[i], N[i], EVENTS[i].sum()
        support = np.arange(max(0, m - n2), min(n1, m) + 1)
        weight = comb(n1, support) * comb(n2, m - support) * np.exp(support * (X[i] @ beta))
        assert got[i] == pytest.approx(np.log(weight[support == a][0] / weight.sum()), rel=1e-10)


def test_two_random_effects_against_direct_integration():
    design, _ = DESIGNS["correlated"]
    beta, factors = np.array([0.2, -0.1, -1.0]), np.array([0.6, 0.5, -0.3])
    got = marginal(design, beta, np.empty(0), factors, 25).ll
    i = 2
    base = TIMES[i] + np.array([X[i] @ beta[:2], 0.0]) + beta[2]

    def integrand(v, u):
        mean = np.exp(base + factors[0] * u + HALF * (factors[1] * v + factors[2] * u))
        x = EVENTS[i]
        factorial = np.array([1.0, 6.0])
        return np.prod(mean**x * np.exp(-mean) / factorial) * normal(u) * normal(v)

    expected = dblquad(integrand, -8, 8, -8, 8, epsabs=0, epsrel=1e-9)[0]
    assert got[i] == pytest.approx(np.log(expected), rel=1e-8)


@pytest.mark.parametrize("eta", [-400.0, -30.0, 0.0, 30.0, 400.0])
def test_families_are_finite_far_out(eta):
    for design, _ in DESIGNS.values():
        at = design.family.at(np.full(design.offset.shape, eta))
        assert np.isfinite(at.value).all()
        assert np.isfinite(at.first).all()


def test_exact_conditional_estimates_solve_their_equation():
    family = hypergeometric(EVENTS[:, 0], *N.T, EVENTS.sum(axis=1))
    inside = family.inside[:, 0]
    assert inside.tolist() == [True, True, False, True, True]
    slopes = family.at(np.where(family.inside, family.estimates, 0.0)).first
    np.testing.assert_allclose(slopes[inside], 0, atol=1e-9)
    assert family.estimates[2, 0] == -np.inf
