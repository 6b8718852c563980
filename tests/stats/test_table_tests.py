"""Tests of 2x2 tables, apart from any reference program."""

import numpy as np
import pytest
from metacircuit.stats.mantel_haenszel import odds_ratio
from metacircuit.stats.peto import peto
from metacircuit.stats.table_tests import association_tests, homogeneity


def tables(*rows):
    return np.array(rows, float).T


def test_tables_with_one_odds_ratio_are_homogeneous():
    # Odds ratio 2 in both.
    a, b, c, d = tables([20, 10, 10, 10], [40, 30, 20, 30])
    log_or, _ = odds_ratio(a, b, c, d)
    assert log_or == pytest.approx(np.log(2), rel=1e-12)
    same = homogeneity(a, b, c, d, log_or)
    assert pytest.approx(0, abs=1e-12) == same.BD
    assert pytest.approx(0, abs=1e-12) == same.TA


def test_expected_counts_at_an_odds_ratio_of_one_are_those_of_the_margins():
    a, b, c, d = tables([3, 7, 9, 11], [5, 15, 8, 2])
    n1, m, n = a + b, a + c, a + b + c + d
    expected = n1 * m / n
    variance = 1 / (1 / expected + 1 / (n1 - expected) + 1 / (m - expected) + 1 / (n - n1 - m + expected))
    assert pytest.approx(((a - expected) ** 2 / variance).sum(), rel=1e-12) == homogeneity(a, b, c, d, 0.0).BD


def test_one_table_is_the_chi_squared_test():
    a, b, c, d = 12.0, 5.0, 6.0, 14.0
    n = a + b + c + d
    pearson = n * (a * d - b * c) ** 2 / ((a + b) * (c + d) * (a + c) * (b + d))
    mantel_haenszel, cochran = association_tests(*tables([a, b, c, d]), correct=False)
    assert cochran == pytest.approx(pearson, rel=1e-12)
    assert mantel_haenszel == pytest.approx(pearson * (n - 1) / n, rel=1e-12)


def test_balanced_tables_without_association_have_a_peto_log_odds_ratio_of_zero():
    fit = peto(*tables([5, 15, 5, 15], [8, 2, 8, 2]))
    assert fit.beta == pytest.approx(0, abs=1e-15)
    assert pytest.approx(0, abs=1e-15) == fit.QE
    assert fit.k_pos == 2


def test_an_association_without_outcome_is_not_tested():
    assert np.isnan(association_tests(*tables([0, 5, 0, 5]))).all()
