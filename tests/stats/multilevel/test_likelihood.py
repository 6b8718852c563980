"""The likelihood and its gradient: against the definition written out with k × k matrices, and finite differences."""

import numpy as np
import pytest
from metacircuit.stats.multilevel import engines
from metacircuit.stats.multilevel.compound import CompoundEngine, CompoundSampling
from metacircuit.stats.multilevel.crossed import CrossedEngine
from metacircuit.stats.multilevel.dense import DenseEngine
from metacircuit.stats.multilevel.likelihood import likelihood
from metacircuit.stats.multilevel.optimise import maximise
from metacircuit.stats.multilevel.structures import STRUCTS, Structure
from metacircuit.stats.multilevel.terms import Term, intercept

EXACT = 1e-9  # two ways to compute one number
SLOPE = 1e-6  # central differences

K, STUDIES = 30, 8
RANDOM = np.random.default_rng(4)
STUDY = np.concatenate([np.arange(STUDIES), RANDOM.integers(0, STUDIES, K - STUDIES)])
VI = RANDOM.uniform(0.05, 0.4, K)
X = np.column_stack([np.ones(K), RANDOM.normal(size=K)])
Y = RANDOM.normal(size=K)
INNER = RANDOM.integers(0, 3, K)
YEAR = RANDOM.integers(0, 4, K)


def inner_term(kind):
    """Three inner levels within studies, or intercept and slopes of two moderators."""
    design = np.column_stack([X, RANDOM.normal(size=K)]) if kind in ("GEN", "GDIAG") else np.eye(3)[INNER]
    return Term(f"inner | study {kind}", STUDY, design, Structure(kind, 3, (0.0, 1.0, 2.5)), ("a", "b", "c"))


def definition(terms, theta, rho, reml):
    """log-likelihood from M itself."""
    s = np.sqrt(VI)
    M = np.where(STUDY[:, None] == STUDY, rho * np.outer(s, s), 0.0) + np.diag((1 - rho) * VI)
    at = 0
    for t in terms:
        G, _ = t.structure.covariance(theta[at : at + t.structure.n_free])
        at += t.structure.n_free
        M += np.where(t.outer[:, None] == t.outer, t.design @ G @ t.design.T, 0.0)
    W = np.linalg.inv(M)
    b = np.linalg.solve(X.T @ W @ X, X.T @ W @ Y)
    r = Y - X @ b
    ll = -0.5 * (K * np.log(2 * np.pi) + np.linalg.slogdet(M)[1] + r @ W @ r)
    if reml:
        extra = 2 * np.log(2 * np.pi) + np.linalg.slogdet(X.T @ X)[1] - np.linalg.slogdet(X.T @ W @ X)[1]
        ll += 0.5 * extra
    return ll


def check(terms, rho, engine, reml=True):
    model = likelihood(Y, X, terms, engine, reml=reml)
    theta = np.concatenate([t.structure.start(0.4) for t in terms]) * np.linspace(0.8, 1.2, model.n_free)
    ll, slope = model.value_and_gradient(theta)
    assert ll == pytest.approx(definition(terms, theta, rho, reml), rel=EXACT)
    for i in range(model.n_free):
        h = np.zeros(model.n_free)
        h[i] = 1e-5
        difference = (model.value(theta + h) - model.value(theta - h)) / 2e-5
        assert slope[i] == pytest.approx(difference, rel=SLOPE, abs=SLOPE)


THREE = [intercept("study", STUDY), intercept("study/es", np.arange(K))]
YEARS = intercept("year", YEAR)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("rho", [0.0, 0.6, 0.999, -0.05])
def test_closed_form(rho, reml):
    sampling = CompoundSampling(VI, STUDY, rho)
    for terms in (THREE, THREE[:1], THREE[1:]):
        engine = engines.choose_engine(sampling, terms)
        assert isinstance(engine, CompoundEngine)
        check(terms, rho, engine, reml)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("kind", STRUCTS)
def test_dense_blocks(kind, reml):
    terms = [inner_term(kind), THREE[1]]
    engine = engines.choose_engine(CompoundSampling(VI, STUDY, 0.6), terms)
    assert isinstance(engine, DenseEngine)
    check(terms, 0.6, engine, reml)


@pytest.mark.parametrize("terms", [[*THREE, YEARS], [YEARS, *THREE], [inner_term("UN"), YEARS]])
@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_crossed_factors(terms, rho, monkeypatch):
    monkeypatch.setattr(engines, "NUMBERS_PER_EFFECT", 0)
    engine = engines.choose_engine(CompoundSampling(VI, STUDY, rho), terms)
    assert isinstance(engine, CrossedEngine)
    check(terms, rho, engine)


def test_the_optimum_has_no_slope():
    for terms in (THREE, [inner_term("HCS")], [inner_term("UN")]):
        model = likelihood(Y, X, terms, engines.choose_engine(CompoundSampling(VI, STUDY, 0.3), terms))
        best = maximise(model)
        assert best.converged
        slope = model.value_and_gradient(best.theta)[1]
        inside = ~model.is_sd | (best.theta > 0)
        assert np.abs(slope[inside]).max(initial=0) < 1e-4


def test_a_variance_at_zero_has_a_likelihood_that_falls():
    # Equal effects but for sampling error: dl/d(sigma2) is negative at zero, and the estimate is exactly zero.
    y = 0.2 + 0.01 * RANDOM.normal(size=K)
    model = likelihood(y, X, THREE, engines.choose_engine(CompoundSampling(VI, STUDY, 0.3), THREE))
    best = maximise(model)
    assert best.theta.tolist() == [0.0, 0.0]
    for i in range(2):
        h = np.zeros(2)
        h[i] = 0.05
        assert model.value(best.theta + h) < best.ll


@pytest.mark.parametrize("kind", STRUCTS)
def test_structures(kind):
    structure = Structure(kind, 3, (0.0, 1.0, 2.5))
    x = structure.start(0.5) * np.linspace(0.9, 1.3, structure.n_free)
    G, dG = structure.covariance(x)
    tau2, rho = structure.report(x)
    assert np.linalg.eigvalsh(G)[0] >= -1e-12
    assert len(tau2) == structure.n_tau
    assert len(rho) == structure.n_rho
    for i in range(structure.n_free):
        h = np.zeros(structure.n_free)
        h[i] = 1e-6
        difference = (structure.covariance(x + h)[0] - structure.covariance(x - h)[0]) / 2e-6
        np.testing.assert_allclose(dG[i], difference, atol=1e-8)
    np.testing.assert_allclose(structure.covariance(structure.nearest(G, 0.0))[0], G, atol=1e-9)
    flipped = np.where(np.arange(structure.n_free) == 0, -x, x)
    settled = structure.canonical(flipped)
    assert (settled[: structure.n_tau] >= 0).all()
    np.testing.assert_allclose(structure.covariance(settled)[0], structure.covariance(flipped)[0], atol=1e-12)


def test_correlations_are_reported_in_metafors_order():
    structure = Structure("UN", 3)
    G = np.array([[1.0, 0.2, 0.3], [0.2, 1.0, 0.6], [0.3, 0.6, 1.0]])
    assert structure.report(structure.nearest(G, 0.0))[1] == pytest.approx([0.2, 0.3, 0.6])
