"""The scale coefficients: derivatives and maxima, apart from any reference program."""

import numpy as np
import pytest
from metacircuit.stats import location_scale
from metacircuit.stats.location_scale import fit_scale
from scipy.optimize import approx_fprime

RNG = np.random.default_rng(7)
K = 12
Y, V = RNG.normal(size=K), RNG.uniform(0.05, 0.3, K)
X = np.column_stack([np.ones(K), RNG.normal(size=K)])
Z = np.column_stack([np.ones(K), RNG.normal(size=K), RNG.normal(size=K)])

# Forward differences of a function with 15 digits.
DIFFERENCES = 1e-5


def plain(a, method, link):
    """The log-likelihood from full matrices."""
    tau2 = np.exp(Z @ a) if link == "log" else Z @ a
    W = np.diag(1 / (V + tau2))
    XWX = X.T @ W @ X
    residual = Y - X @ np.linalg.solve(XWX, X.T @ W @ Y)
    ll = -0.5 * (K * np.log(2 * np.pi) + np.log(V + tau2).sum() + residual @ W @ residual)
    if method == "REML":
        ll += np.log(2 * np.pi) + 0.5 * np.linalg.slogdet(X.T @ X)[1] - 0.5 * np.linalg.slogdet(XWX)[1]
    return ll


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize(("link", "a"), [("log", [-1.0, 0.3, -0.2]), ("identity", [0.9, 0.1, 0.1])])
def test_likelihood_and_derivatives(method, link, a):
    a = np.array(a)
    curve = location_scale._curve((Y, V, X), Z, a, method=method, link=link)
    assert curve.ll == pytest.approx(plain(a, method, link), rel=1e-12)
    np.testing.assert_allclose(
        curve.gradient, approx_fprime(a, lambda b: plain(b, method, link)), rtol=DIFFERENCES, atol=1e-5
    )

    def gradient(b):
        return location_scale._curve((Y, V, X), Z, b, method=method, link=link).gradient

    np.testing.assert_allclose(curve.hessian, approx_fprime(a, gradient), rtol=DIFFERENCES, atol=1e-5)


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_the_maximum_is_stationary(method):
    fit = fit_scale(Y, V, X, Z, method=method)
    assert fit.status == "ok"
    at = location_scale._curve((Y, V, X), Z, fit.alpha, method=method, link="log")
    np.testing.assert_allclose(at.gradient, 0, atol=1e-6)


@pytest.mark.parametrize(("smallest", "largest"), [(1e-12, 1e-12), (1e-12, 1e6), (1e6, 1e6)])
def test_extreme_variances_have_a_result_with_a_status(smallest, largest):
    v = np.geomspace(smallest, largest, K)
    fit = fit_scale(Y * np.sqrt(largest), v, X, Z)
    assert fit.status in ("ok", "boundary", "not converged")
    assert np.isfinite(fit.ll)
    assert (fit.status == "ok") or fit.reason


def test_cost_is_linear_in_the_number_of_studies():
    k = 20_000
    y, v = RNG.normal(size=k), RNG.uniform(0.1, 1, k)
    z = np.column_stack([np.ones(k), RNG.normal(size=k)])
    fit = fit_scale(y, v, np.ones((k, 1)), z)
    assert fit.status == "ok"
    # A k x k matrix would have 3.2 GB.
    assert fit.tau2.shape == (k,)
