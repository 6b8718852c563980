"""The likelihood of selection models: derivatives, probabilities, and what must not change it."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metacircuit.stats.selection.fit import covariance, default_starts, limits, maximise, maximise_resamples
from metacircuit.stats.selection.likelihood import contributions, hessian, log_likelihood, selection_data
from metacircuit.stats.selection.steps import step_likelihood
from metacircuit.stats.selection.support import smooth_support, step_support
from scipy.integrate import quad
from scipy.special import ndtr, ndtri

RNG = np.random.default_rng(20)
Y, V = RNG.normal(0.3, 0.4, 25), RNG.uniform(0.01, 0.2, 25)
# z at the p-values where a weight function has a step, a kink or its clipping.
P = np.array([1e-5, 0.025, 0.05, 0.5, 1 - 1e-5])
CUTS = sorted({*ndtri(P), *-ndtri(P), *ndtri(P / 2), *-ndtri(P / 2)})
X = np.column_stack([np.ones(25), RNG.normal(size=25)])
MODELS = {
    "stepfun": ((0.025, 0.5, 1.0), [1.0, 0.6, 0.3]),
    "beta": ((), [0.8, 1.3]),
    "halfnorm": ((), [1.5]),
    "negexp": ((0.05,), [2.0]),
    "logistic": ((), [3.0]),
    "power": ((), [0.7]),
}
ALTERNATIVES = ("greater", "less", "two.sided")

# Central differences with h = 1e-6: an error of h^2, and rounding of 1e-16 / h.
DIFFERENCES = 1e-6
# quad's own goal.
QUADRATURE = 1e-9
# The same terms, added in another order.
SAME_SUM = 1e-11


def model(kind, alternative):
    return selection_data(Y, V, X, kind, MODELS[kind][0], alternative), np.r_[0.2, -0.1, 0.05, MODELS[kind][1]]


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize("kind", MODELS)
def test_the_gradient_is_the_slope(kind, alternative):
    data, theta = model(kind, alternative)
    _, gradient = log_likelihood(data, theta)
    for j in range(theta.size):
        step = 1e-6 * np.eye(theta.size)[j]
        slope = (log_likelihood(data, theta + step)[0] - log_likelihood(data, theta - step)[0]) / 2e-6
        assert gradient[j] == pytest.approx(slope, rel=DIFFERENCES, abs=DIFFERENCES * 10)


@pytest.mark.parametrize("kind", MODELS)
def test_the_hessian_is_the_slope_of_the_gradient(kind):
    data, theta = model(kind, "greater")
    free = np.arange(theta.size)
    H = hessian(data, theta, free)
    for j in free:
        step = 1e-6 * np.eye(theta.size)[j]
        column = (log_likelihood(data, theta + step)[1] - log_likelihood(data, theta - step)[1]) / 2e-6
        assert H[j] == pytest.approx(column, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_step_functions_at_many_points_are_the_sum_of_the_effects(alternative):
    data, theta = model("stepfun", alternative)
    points = np.vstack([theta, theta + 0.1, [*theta[:2], 0.0, *theta[3:]], [*theta[:5], 0.0]])
    times = np.random.default_rng(3).integers(0, 3, (4, Y.size)).astype(float)
    got = step_likelihood(data).at(points, times)
    for t in range(3):
        ll, score = contributions(data, points[t])
        assert got.ll[t] == pytest.approx(times[t] @ ll, rel=SAME_SUM)
        assert got.gradient[t] == pytest.approx(times[t] @ score, rel=SAME_SUM, abs=SAME_SUM)
    assert (step_likelihood(data).at(points, times, order=0).ll == got.ll).all()
    # Effects in an interval of weight zero are impossible.
    assert got.ll[3] == -np.inf
    assert (got.gradient[3] == 0).all()


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_the_curvature_of_step_functions_is_the_slope_of_the_gradient(alternative):
    data, theta = model("stepfun", alternative)
    H = step_likelihood(data).at(theta[None], order=2).hessian[0]
    # Two step lengths, extrapolated, have nine digits.
    assert pytest.approx(hessian(data, theta, np.arange(theta.size)), rel=1e-8, abs=1e-8) == H


def test_resamples_of_weights_are_resamples_of_rows():
    random = np.random.default_rng(8)
    data, box, found = fit(Y, V)
    times = random.multinomial(Y.size, np.full(Y.size, 1 / Y.size), 6)
    theta, converged = maximise_resamples(data, box, [found.theta, np.array([0.1, 0.05, 1.0, 0.5])], times)
    assert converged.all()
    for t, drawn in zip(theta, times, strict=True):
        rows = np.repeat(np.arange(Y.size), drawn)
        _, _, alone = fit(Y[rows], V[rows])
        assert log_likelihood(data.rows(rows), t)[0] == pytest.approx(alone.ll, abs=1e-9)
    none, _ = maximise_resamples(data, box, [found.theta], times[:0])
    assert none.shape == (0, 4)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize("kind", MODELS)
def test_published_effects_have_a_density_that_integrates_to_one(kind, alternative):
    _, theta = model(kind, alternative)
    steps = MODELS[kind][0]

    def density(y):
        data = selection_data(np.array([y]), V[:1], X[:1], kind, steps, alternative)
        return float(np.exp(contributions(data, theta)[0][0]))

    sd = np.sqrt(V[0])
    cuts = [x * sd for x in CUTS]
    far = 12 * np.sqrt(V[0] + theta[2])
    edges = [-far, *cuts, far]
    total = sum(quad(density, a, b, epsabs=1e-12, limit=200)[0] for a, b in itertools.pairwise(edges))
    assert total == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("two_sided", [False, True])
def test_the_points_carry_all_probability(two_sided):
    m, r = np.array([-3.0, 0.0, 0.7, 5.0]), np.array([1.0, 1.2, 3.0, 1.5])
    for support in (step_support(np.array([0.01, 0.2, 1.0]), two_sided), smooth_support(1e-5, (0.05,), two_sided)):
        mass, by_m, by_r2 = support.probabilities(m, r)
        assert mass.sum(axis=1) == pytest.approx(np.ones(4), abs=QUADRATURE)
        assert by_m.sum(axis=1) == pytest.approx(np.zeros(4), abs=QUADRATURE)
        assert by_r2.sum(axis=1) == pytest.approx(np.zeros(4), abs=QUADRATURE)


@pytest.mark.parametrize("kind", ["halfnorm", "negexp", "logistic", "power"])
@pytest.mark.parametrize("two_sided", [False, True])
def test_the_normalising_constant_is_the_integral(kind, two_sided):
    alternative = "two.sided" if two_sided else "greater"
    data = selection_data(Y, V, X, kind, (), alternative)
    for d in (0.3, 5.0, 100.0):
        w = np.exp(data.weight.log_weight(data.support.p, np.array([d]))[0])
        got = float((data.support.probabilities(np.array([0.8]), np.array([1.4]))[0] @ w)[0])

        def integrand(z, d=d):
            p = 2 * ndtr(-abs(z)) if two_sided else ndtr(-z)
            p = min(max(p, data.weight.pval_min), 1 - max(data.weight.pval_min, 1e-16))
            weight = np.exp(data.weight.log_weight(np.array([p]), np.array([d]))[0][0])
            return float(weight * np.exp(-0.5 * ((z - 0.8) / 1.4) ** 2) / (1.4 * np.sqrt(2 * np.pi)))

        edges = np.concatenate([[-12.0], np.linspace(-4.5, 4.5, 19), [13.0]])
        want = sum(quad(integrand, a, b, epsabs=1e-13)[0] for a, b in itertools.pairwise(edges))
        assert got == pytest.approx(want, rel=1e-7)


@pytest.mark.parametrize("kind", MODELS)
def test_looking_the_other_way_is_looking_at_the_mirror_image(kind):
    steps, delta = MODELS[kind]
    up = selection_data(-Y, V, X, kind, steps, "greater")
    down = selection_data(Y, V, X, kind, steps, "less")
    theta = np.r_[0.2, -0.1, 0.05, delta]
    mirrored = np.r_[-0.2, 0.1, 0.05, delta]
    assert log_likelihood(up, mirrored)[0] == pytest.approx(log_likelihood(down, theta)[0], rel=1e-13)


@pytest.mark.parametrize("kind", MODELS)
def test_no_selection_is_the_random_effects_model(kind):
    data, theta = model(kind, "greater")
    theta = np.r_[theta[:3], data.weight.null]
    total, e = V + theta[2], Y - X @ theta[:2]
    plain = -0.5 * (np.log(2 * np.pi * total) + e**2 / total).sum()
    assert log_likelihood(data, theta)[0] == pytest.approx(plain, rel=1e-9)


def fit(y, v, kind="stepfun", steps=(0.025, 1.0)):
    data = selection_data(y, v, np.ones((y.size, 1)), kind, steps, "greater")
    known = np.array([1.0, *[np.nan] * (data.m - 1)]) if kind == "stepfun" else np.full(data.m, np.nan)
    box = limits(data, None, known)
    mean = np.array([np.average(y, weights=1 / v)])
    return data, box, maximise(data, box, default_starts(data, mean, float(np.var(y))))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 100.0))
def test_units_do_not_matter(seed, unit):
    random = np.random.default_rng(seed)
    v = random.uniform(0.01, 0.2, 20)
    y = random.normal(0.3, np.sqrt(v + 0.03))
    _, _, one = fit(y, v)
    _, _, other = fit(unit * y, unit**2 * v)
    assert other.ll == pytest.approx(one.ll - 20 * np.log(unit), abs=1e-7)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_no_random_point_is_higher(seed):
    random = np.random.default_rng(seed)
    v = random.uniform(0.01, 0.2, 15)
    y = random.normal(0.3, np.sqrt(v + 0.03))
    data, _, found = fit(y, v)
    assert found.converged
    for _ in range(200):
        other = np.r_[random.normal(0.2, 0.3), random.exponential(0.1), 1.0, np.exp(random.normal(0, 2)).clip(0, 100)]
        assert log_likelihood(data, other)[0] <= found.ll + 1e-9


def test_the_score_vanishes_at_the_maximum_and_the_information_is_positive():
    data, box, found = fit(Y, V)
    V_, free = covariance(data, found.theta, box)
    assert np.abs(found.gradient[free] * np.sqrt(np.diag(V_)[free])).max() < 1e-5
    assert (np.linalg.eigvalsh(V_[np.ix_(free, free)]) > 0).all()


def test_selection_that_was_made_is_found_again():
    random = np.random.default_rng(5)
    v = random.uniform(0.01, 0.1, 20_000)
    y = random.normal(0.2, np.sqrt(v + 0.02))
    kept = (y > 1.959964 * np.sqrt(v)) | (random.random(y.size) < 0.3)
    data, box, found = fit(y[kept], v[kept])
    V_, _ = covariance(data, found.theta, box)
    truth = np.array([0.2, 0.02, 1.0, 0.3])
    z = (found.theta - truth)[[0, 1, 3]] / np.sqrt(np.diag(V_)[[0, 1, 3]])
    assert np.abs(z).max() < 4
