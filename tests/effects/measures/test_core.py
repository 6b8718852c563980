"""The exact small-sample correction, and what the formulas share."""

import numpy as np
import pytest
from metacircuit.effects.measures.core import hedges_correction, variance, weighted_mean

# A ratio of gamma functions at half-integers, in closed form.
EXACT = 1e-13


@pytest.mark.parametrize(
    ("m", "closed_form"),
    [
        (2, 1 / np.sqrt(np.pi)),
        (3, np.sqrt(np.pi / 6)),
        (4, np.sqrt(2 / np.pi)),
        (5, 0.75 * np.sqrt(np.pi) / np.sqrt(2.5)),
    ],
)
def test_correction_in_closed_form(m, closed_form):
    assert hedges_correction(m) == pytest.approx(closed_form, rel=EXACT)


def test_correction_is_smooth_where_the_series_takes_over():
    below, above = hedges_correction([999.999999, 1000.000001])
    slope = 3 / (4 * 1000**2)
    assert above - below == pytest.approx(slope * 2e-6, rel=0.2)


def test_correction_of_a_million_degrees_of_freedom_keeps_its_digits():
    # 1 - 3/(4m) - 7/(32m^2), the terms beyond are below 1e-18.
    assert hedges_correction(1e6) == pytest.approx(1 - 0.75e-6 - 7 / 32 * 1e-12, rel=1e-15)


def test_correction_does_not_exist_at_one_degree_of_freedom():
    assert np.isnan(hedges_correction([1, 0.5, 0, -3, np.nan])).all()


def test_weighted_mean_leaves_out_what_is_unknown():
    assert weighted_mean(np.array([1.0, 3.0, np.nan, 8.0]), np.array([1.0, 3.0, 9.0, np.nan])) == 2.5
    assert np.isnan(weighted_mean(np.array([np.nan]), np.array([1.0])))


def test_unknown_variance_type_lists_the_known_ones():
    with pytest.raises(ValueError, match="Allowed: LS, UB"):
        variance("LS9", {"LS": lambda: 1.0, "UB": lambda: 2.0})
