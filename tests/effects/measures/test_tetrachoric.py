"""The tetrachoric correlation: the exact maximum, metafor's stop near it, and the border."""

import numpy as np
import pytest
from metacircuit.effects.escalc import escalc
from metacircuit.effects.measures.descent import hessian, nelder_mead
from metacircuit.effects.measures.problems import UndefinedEffectWarning
from metacircuit.effects.measures.tetrachoric import bivariate_normal_cdf, tetrachoric

# How far R's simplex search stops from the maximum.
SIMPLEX = 1e-4


@pytest.mark.parametrize("rho", [-0.999, -0.6, 0.0, 0.3, 0.95])
def test_bivariate_normal_at_the_origin(rho):
    # Sheppard (1899): the quadrant probability is 1/4 + arcsin(rho)/(2 pi).
    assert bivariate_normal_cdf(0.0, 0.0, rho) == pytest.approx(0.25 + np.arcsin(rho) / (2 * np.pi), abs=1e-14)


def test_bivariate_normal_of_independent_variables_is_a_product():
    # Phi(-1) = 0.15865525393145707, Phi(0.5) = 0.6914624612740131.
    expected = 0.15865525393145707 * 0.6914624612740131
    assert bivariate_normal_cdf(-1.0, 0.5, 0.0) == pytest.approx(expected, abs=1e-15)


def test_bivariate_normal_against_mvtnorm():
    # R: mvtnorm 1.1-3, pmvnorm(upper = c(-0.4, 1.1), corr = matrix(c(1, .7, .7, 1), 2)) and (1.3, 0.2; -.85)
    found = bivariate_normal_cdf(np.array([-0.4, 1.3]), np.array([1.1, 0.2]), np.array([0.7, -0.85]))
    np.testing.assert_allclose(found, MVTNORM, rtol=1e-13)


MVTNORM = [0.3414945380063261, 0.4826386317741557]


@pytest.mark.parametrize("rho", [-0.95, -0.4, 0.0, 0.2, 0.8, 0.99])
def test_exact_maximum_recovers_the_correlation_that_made_the_table(rho):
    row, column = 0.3, -0.5
    low_low = bivariate_normal_cdf(row, column, rho)
    low_row, low_column = bivariate_normal_cdf(row, 38.0, rho), bivariate_normal_cdf(38.0, column, rho)
    table = 1000 * np.array([low_low, low_row - low_low, low_column - low_low, 1 - low_row - low_column + low_low])
    assert tetrachoric(*table, vtype="ML").yi == pytest.approx(rho, abs=1e-9)


def test_exact_maximum_is_at_least_as_likely_as_metafors():
    a, b, c, d = (
        np.array([29.0, 16, 21, 25]),
        np.array([51.0, 42, 66, 74]),
        np.array([6.0, 26, 2, 1]),
        np.array([65.0, 43, 79, 69]),
    )
    exact, path = tetrachoric(a, b, c, d, vtype="ML"), tetrachoric(a, b, c, d)
    np.testing.assert_allclose(path.yi, exact.yi, rtol=SIMPLEX)
    np.testing.assert_allclose(path.vi, exact.vi, rtol=SIMPLEX)


def test_swapping_rows_flips_the_sign():
    there, back = tetrachoric(29, 51, 6, 65, vtype="ML"), tetrachoric(6, 65, 29, 51, vtype="ML")
    assert back.yi == pytest.approx(-there.yi, abs=1e-12)
    assert back.vi == pytest.approx(there.vi, rel=1e-9)


def test_an_empty_cell_sits_at_the_border_without_variance():
    with pytest.warns(UndefinedEffectWarning, match=r"2 rows \(0, 1\)"):
        found = escalc("RTET", ai=[0, 3], bi=[20, 0], ci=[2, 1], di=[18, 9])
    assert found["yi"].tolist() == [-1, 1]
    assert found["vi"].isna().all()
    inside = escalc("RTET", ai=[0, 3], bi=[20, 0], ci=[2, 1], di=[18, 9], add=0.5)
    assert (inside["yi"].abs() < 1).all()
    assert (inside["vi"] > 0).all()


def test_simplex_finds_the_valley_of_rosenbrock():
    found = nelder_mead(lambda x: float((1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2), np.array([-1.2, 1.0]))
    # R 4.2.2: optim(c(-1.2, 1), function(x) (1 - x[1])^2 + 100 * (x[2] - x[1]^2)^2)$par
    np.testing.assert_allclose(found, [1.000260138725670, 1.000505999303765], rtol=1e-9)


def test_second_differences_of_a_quadratic_are_exact():
    matrix = np.array([[4.0, 1.0], [1.0, 3.0]])
    np.testing.assert_allclose(hessian(lambda x: float(x @ matrix @ x) / 2, np.array([0.3, -0.2])), matrix, atol=1e-8)
