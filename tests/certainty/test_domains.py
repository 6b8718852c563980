"""The rules of certainty, one by one, as docs/certainty.md states them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from metacircuit.certainty import domains
from metacircuit.certainty.domains import Interval
from metacircuit.certainty.levels import LEVELS, level_after
from statsmodels.stats.power import NormalIndPower

NAN = float("nan")


@pytest.mark.parametrize(
    ("shares", "steps", "assessed"),
    [
        ({}, -1, False),
        ({"low": 1.0}, 0, True),
        ({"low": 0.8, "high": 0.2}, 0, True),
        ({"low": 0.75, "high": 0.25}, -1, True),
        ({"low": 0.5, "some": 0.5}, -1, True),
        ({"low": 0.6}, 0, True),
        ({"low": 0.4}, -1, True),
        ({"high": 0.5, "low": 0.5}, -2, True),
    ],
)
def test_risk_of_bias_by_weight(shares, steps, assessed):
    rating = domains.risk_of_bias(shares)
    assert (rating.steps, rating.assessed) == (steps, assessed)


@pytest.mark.parametrize(
    ("pi", "ci", "bound", "steps"),
    [
        ((0.25, 0.9), (0.5, 0.6), 0.2, 0),
        ((0.1, 0.9), (0.4, 0.6), 0.2, -1),
        ((-0.5, 1.5), (0.4, 0.6), 0.2, -2),
        ((-0.15, 0.15), (-0.1, 0.1), 0.2, 0),
        ((0.1, 0.9), (0.1, 0.85), 0.2, 0),  # hardly wider: imprecision says it
        ((-0.1, 0.9), (0.3, 0.5), None, -1),
        ((0.1, 0.9), (0.3, 0.5), None, 0),
        ((NAN, NAN), (0.3, 0.5), 0.2, -1),
    ],
)
def test_inconsistency_by_the_prediction_interval(pi, ci, bound, steps):
    assert domains.inconsistency(Interval(*pi), Interval(*ci), bound, proportion=False).steps == steps


@pytest.mark.parametrize(
    ("ci", "share", "steps"),
    [
        ((0.3, 0.9), 2.0, 0),
        ((0.3, 0.9), 0.5, -1),
        ((0.1, 0.9), 2.0, -1),
        ((-0.3, 0.9), 2.0, -2),
        ((-0.3, 0.9), 0.1, -2),
        ((NAN, NAN), 2.0, -2),
    ],
)
def test_imprecision_by_the_interval_and_the_information(ci, share, steps):
    wanted = domains.optimal_information(0.2, 95, 80)
    assert domains.imprecision(Interval(*ci), 0.2, share * wanted, level=95, power=80).steps == steps


def test_the_optimal_size_is_that_of_one_trial():
    """For a standardised difference with known variance, v = 2 / n a group: statsmodels counts the same people."""
    each = NormalIndPower().solve_power(effect_size=0.2, power=0.8, alpha=0.05)
    assert domains.optimal_information(0.2, 95, 80) * 2 == pytest.approx(each, rel=1e-4)


@pytest.mark.parametrize(("outside", "steps"), [(None, 0), (0.0, 0), (0.24, 0), (0.25, -1), (0.74, -1), (0.75, -2)])
def test_indirectness_by_weight(outside, steps):
    rating = domains.indirectness(outside, "population: adult")
    assert rating.steps == steps
    assert rating.assessed == (outside is not None)


@pytest.mark.parametrize(
    ("tests", "shifts", "few", "steps", "assessed"),
    [
        ([0.01, 0.2], [], False, -1, True),
        ([0.5, 0.2], [0.3, 0.0], False, -1, True),
        ([0.5, 0.2], [-0.3, -0.4], False, 0, True),
        ([0.5, 0.2, 0.01], [0.3, 0.0, 0.1], False, 0, True),
        ([0.01], [0.9], True, 0, False),
        ([], [], False, 0, False),
    ],
)
def test_small_study_effects_by_tests_and_corrections(tests, shifts, few, steps, assessed):
    rating = domains.small_study_effects(np.array(tests), np.array(shifts), few=few, matters=0.2, alpha=0.1)
    assert (rating.steps, rating.assessed) == (steps, assessed)


def test_proportions_are_judged_by_widths():
    narrow, wide = Interval(-1, 0, 0.1), Interval(-1, 0, 0.6)
    assert domains.imprecision(narrow, None, 1, level=95, power=80, proportion=True).steps == 0
    assert domains.imprecision(wide, None, 1, level=95, power=80, proportion=True).steps == -2
    assert domains.inconsistency(wide, narrow, None, proportion=True).steps == -2


@given(st.sampled_from(LEVELS), st.integers(-9, 9))
def test_levels_have_ends(start, steps):
    assert level_after(start, steps) in LEVELS


@given(st.floats(-3, 3), st.floats(0, 3), st.floats(0, 2), st.floats(0, 1))
def test_a_wider_interval_never_allows_fewer_conclusions(lower, width, more, bound):
    upper = lower + width
    narrow = domains.conclusions(Interval(lower, upper), bound)
    assert 1 <= narrow <= domains.conclusions(Interval(lower - more, upper + more), bound) <= 3
