"""The weighted chi-squared distribution where it is known in closed form."""

import numpy as np
import pytest
from metacircuit.stats.weighted_chi2 import weighted_chi2_cdf
from scipy.special import chdtr

CLOSE = 1e-12  # the claim of the docstring


@pytest.mark.parametrize("n", [1, 2, 5, 30, 200, 2000])
def test_equal_weights_are_chi_squared(n):
    x = n * np.array([1e-4, 0.01, 0.3, 0.9, 1.0, 1.1, 2.0, 30.0])
    np.testing.assert_allclose(weighted_chi2_cdf(2.5 * x, np.full(n, 2.5)), chdtr(n, x), atol=CLOSE)


@pytest.mark.parametrize("pairs", [[1.0, 3.0, 9.0], [1e-4, 1e-2, 1.0, 30.0]])
def test_pairs_of_weights_are_mixtures_of_exponentials(pairs):
    a = np.array(pairs)
    share = np.array([np.prod([a_i / (a_i - a_j) for a_j in a if a_j != a_i]) for a_i in a])
    x = np.array([1e-3, 0.1, 1.0, 5.0, 20.0, 200.0])
    expected = 1 - (share * np.exp(-x[:, None] / (2 * a))).sum(axis=1)
    np.testing.assert_allclose(weighted_chi2_cdf(x, np.repeat(a, 2)), expected, atol=CLOSE)


def test_nothing_lies_below_zero():
    assert weighted_chi2_cdf(np.array([-1.0, 0.0]), np.array([1.0, 2.0])).tolist() == [0.0, 0.0]
