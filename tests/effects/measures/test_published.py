"""Worked examples that are printed in books and papers, to the digits that are printed there."""

import numpy as np
import pytest
from metacircuit.effects.escalc import escalc
from metacircuit.effects.measures.correlations import cor, zcor
from metacircuit.effects.measures.paired import smcc_from_d
from metacircuit.effects.measures.single_means import standardized_mean
from metacircuit.effects.measures.two_means import cohen_d, md, smd, smd_from_d
from metacircuit.effects.measures.two_proportions import log_odds_ratio, log_risk_ratio, risk_difference
from metacircuit.effects.measures.variability import rom

# Borenstein, Hedges, Higgins & Rothstein (2009), Introduction to Meta-Analysis, chapter 4: two groups of 50.
GROUPS = (103, 5.5, 50, 100, 4.5, 50)
# The same book, chapter 5: 5 of 100 and 10 of 100 died.
TABLE = (5, 95, 10, 90)


def test_mean_difference():
    effect = md(*GROUPS)
    assert effect.yi == pytest.approx(3.0)
    assert effect.vi == pytest.approx(1.0100, abs=5e-5)
    assert md(*GROUPS, vtype="HO").vi == pytest.approx(1.0100, abs=5e-5)


def test_standardized_mean_difference():
    assert cohen_d(*GROUPS) == pytest.approx(0.5970, abs=5e-5)
    uncorrected = smd(*GROUPS, correct=False)
    assert uncorrected.vi == pytest.approx(0.0418, abs=5e-5)
    book = smd(*GROUPS, vtype="LS2")
    assert book.yi == pytest.approx(0.5924, abs=5e-5)
    assert book.vi == pytest.approx(0.0411, abs=5e-5)


def test_response_ratio():
    effect = rom(61.515, 19.475, 10, 51.015, 19.475, 10, correct=False)
    assert effect.yi == pytest.approx(0.1871, abs=1e-4)
    assert effect.vi == pytest.approx(0.0246, abs=5e-5)


@pytest.mark.parametrize(
    ("function", "yi", "vi"),
    [(log_risk_ratio, -0.6932, 0.2800), (log_odds_ratio, -0.7472, 0.3216), (risk_difference, -0.0500, 0.00138)],
)
def test_binary_outcomes(function, yi, vi):
    effect = function(*TABLE)
    assert effect.yi == pytest.approx(yi, abs=1e-4)
    assert effect.vi == pytest.approx(vi, abs=5e-5)


def test_correlation():
    # Chapter 6: r = .50 in 100 people.
    assert cor(0.5, 100).vi == pytest.approx(0.0057, abs=5e-5)
    assert zcor(0.5, 100).yi == pytest.approx(0.5493, abs=5e-5)
    assert zcor(0.5, 100).vi == pytest.approx(0.0103, abs=5e-5)


class TestMistakesThatWerePublished:
    """Variances that a well-known package computed from 2020 on: a sum that was a difference, a missing bracket."""

    def test_variance_of_a_mean_difference_adds(self):
        # 2²/10 + 3²/10, by hand; the mistake gave 2²/10 - 3²/10, below zero.
        assert md(0, 2, 10, 0, 3, 10).vi == pytest.approx(1.3)

    def test_variance_of_d_divides_by_twice_the_sample(self):
        # 1/20 + 1/20 + 0.5²/(2·40), by hand; the mistake gave 4.66.
        assert smd_from_d(0.5, 20, 20, correct=False).vi == pytest.approx(0.103125)

    def test_variance_of_one_sample_d(self):
        # 1/20 + 0.5²/(2·20), by hand; the mistake gave 5.76.
        assert standardized_mean(0.5, 1, 20, correct=False).vi == pytest.approx(0.05625)
        assert smcc_from_d(0.5, 20, correct=False).vi == pytest.approx(0.05625)


COLUMNS = {"m1i": [103], "sd1i": [5.5], "n1i": [50], "m2i": [100], "sd2i": [4.5], "n2i": [50]}


class TestDefinitions:
    def test_borenstein_multiplies_the_variance_by_j_squared(self):
        ours, book = escalc("SMD", **COLUMNS), escalc("SMD", definition="borenstein", **COLUMNS)
        assert ours["yi"][0] == book["yi"][0] == pytest.approx(0.5924, abs=5e-5)
        assert (ours["vi"][0], book["vi"][0]) == (pytest.approx(0.0418, abs=5e-5), pytest.approx(0.0411, abs=5e-5))

    def test_borenstein_pools_the_spread_of_a_response_ratio(self):
        two = {"m1i": [61.515], "sd1i": [19.475], "n1i": [10], "m2i": [51.015], "sd2i": [19.475], "n2i": [10]}
        book = escalc("ROM", definition="borenstein", **two)
        assert book["yi"][0] == pytest.approx(0.1871, abs=1e-4)
        assert book["vi"][0] == pytest.approx(0.0246, abs=5e-5)

    def test_a_named_variance_type_keeps_its_formula(self):
        for definition in ("metafor-5", "borenstein", "metafor-3.8"):
            np.testing.assert_allclose(
                escalc("SMD", vtype="UB", definition=definition, **COLUMNS), escalc("SMD", vtype="UB", **COLUMNS)
            )
