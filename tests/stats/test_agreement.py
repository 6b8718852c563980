"""Agreement of raters, against published values and R."""

import numpy as np
import pytest
from metacircuit.stats.agreement import cohen_kappa, icc_agreement

EXACT = 1e-12  # a ratio of whole numbers
R = 1e-10  # twelve printed digits


def _ratings(table):
    pairs = [(str(i), str(j)) for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def test_kappa_is_that_of_cohen_1960():
    # Cohen (1960), table 1: 200 patients, p_o = .70, p_e = .41, kappa = .29 / .59 = .492.
    first, second = _ratings([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    assert cohen_kappa(first, second) == pytest.approx(29 / 59, abs=EXACT)


def test_kappa_of_a_table_by_hand():
    # p_o = 35/50, p_e = (25 * 30 + 25 * 20) / 2500 = .5, kappa = .4
    assert cohen_kappa(*_ratings([[20, 5], [10, 15]])) == pytest.approx(0.4, abs=EXACT)


def test_kappa_is_undefined_with_one_word():
    assert np.isnan(cohen_kappa(["a", "a"], ["a", "a"]))
    assert np.isnan(cohen_kappa([], []))


def test_raters_of_different_units_are_refused():
    with pytest.raises(ValueError, match="first has 1 ratings and second 2"):
        cohen_kappa(["a"], ["a", "b"])


def test_icc_of_shrout_and_fleiss_1979():
    # Table 2; ICC(2,1) = .29 in table 4, limits .02 and .76; mean squares 11.24, 32.49 and 1.02.
    found = icc_agreement([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
    assert [round(x, 2) for x in (found.icc, found.ci_lb, found.ci_ub)] == [0.29, 0.02, 0.76]


def test_icc_of_two_raters():
    # R 4.2.2: mean squares of anova(lm(y ~ unit + rater)), the formulas of McGraw & Wong (1996), qf()
    found = icc_agreement(np.column_stack([[20, 31, 44, 52, 18, 73, np.nan], [20, 13, 45, 52, 17, 70, 4]]))
    assert (found.icc, found.ci_lb, found.ci_ub) == pytest.approx(
        (0.942674287279, 0.698578943479, 0.991580359242), rel=R
    )
    assert found.n == 6


@pytest.mark.parametrize("ratings", [[[1, 2]], [[3, 3], [3, 3]], np.empty((0, 2))])
def test_icc_without_variation_is_missing(ratings):
    assert np.isnan(icc_agreement(ratings).icc)


def test_icc_of_perfect_agreement_is_one():
    assert icc_agreement([[1, 1], [2, 2], [5, 5]]).icc == 1
