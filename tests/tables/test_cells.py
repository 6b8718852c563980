"""Digits by the uncertainty, real minus signs, and number formats that show what the text says."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metacircuit.tables.cells import decimal, p, text, variance_cell, whole
from metacircuit.tables.digits import MOST_DECIMALS, decimals_by, natural_se


@pytest.mark.parametrize(
    ("se", "decimals"),
    # Two significant digits: 0.14, 0.051, 0.10 (not 0.100), 1.4, 23, 230 (no decimals), 0.0010.
    [(0.139, 2), (0.0512, 3), (0.0996, 2), (1.44, 1), (23.4, 0), (231.0, 0), (0.00098, 5), (0.000996, 4)],
)
def test_two_significant_digits_of_the_standard_error_decide(se, decimals):
    assert decimals_by(se) == decimals


@settings(max_examples=200, deadline=None)
@given(st.floats(1e-9, 1e6))
def test_the_standard_error_itself_then_shows_two_digits(se):
    shown = f"{se:.{decimals_by(se)}f}".replace(".", "").lstrip("0")
    assert len(shown) == 2 or se >= 99.5 or decimals_by(se) == MOST_DECIMALS


def test_the_standard_error_of_an_odds_ratio_is_that_of_its_own_scale():
    assert natural_se("OR", math.log(8), 0.1) == pytest.approx(8 * math.sinh(0.1), rel=1e-12)
    assert natural_se("PLO", 0.0, 0.2) == pytest.approx(1 / (1 + math.exp(-0.2)) - 0.5, rel=1e-12)
    assert math.isnan(natural_se("SMD", math.nan, 0.1))


def test_p_is_never_zero():
    assert [p(x).text for x in (0.0, 1e-300, 0.0009999, 0.001, 0.05, 1.0)] == [
        *["< .001"] * 3,
        ".001",
        ".050",
        "> .999",
    ]


def test_minus_signs_are_minus_signs_and_zero_has_none():
    assert [decimal(x, 2).text for x in (-1.5, -0.004, 0.004, -1234.5)] == ["−1.50", "0.00", "0.00", "−1,234.50"]


def test_what_does_not_exist_has_no_value():
    for cell in (decimal(math.nan, 2), whole(math.nan), p(math.nan), text(None), text(""), text(math.nan)):
        assert cell.value is None
        assert not cell.numeric
    assert (decimal(-math.inf, 2).text, decimal(math.inf, 2).value) == ("−∞", None)


def test_small_variances_keep_two_digits():
    assert [variance_cell(x).text for x in (0.12, 0.0046, 2.1e-9, 0.0)] == ["0.12", "0.0046", "2.1e−9", "0.00"]
