import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metacircuit.figures.scales import choose_ticks, scale_for
from metacircuit.figures.tick_candidates import MOST_TICKS

ROUNDTRIP = 1e-9
"""Relative: exp, tanh and the logistic function lose a few bits near their ends."""

MEASURES = ("SMD", "OR", "ZCOR", "PLO", "PR", "PLN", "RR", "COR", "MD", "VR", "GEN")


def tenth(low, high):
    """Labels that take a tenth of the axis each."""
    return lambda _: (high - low) / 10


@pytest.mark.parametrize(
    ("measure", "low", "high", "labels"),
    [
        ("SMD", -0.7, 1.2, ("−0.5", "0.0", "0.5", "1.0")),
        ("SMD", -2.5, 3.0, ("−2", "−1", "0", "1", "2", "3")),
        ("OR", math.log(0.2), math.log(5), ("0.25", "0.5", "1", "2", "4")),
        ("OR", math.log(0.002), math.log(90), ("0.01", "0.1", "1", "10")),
        ("OR", math.log(0.82), math.log(1.18), ("0.85", "0.9", "0.95", "1", "1.05", "1.1", "1.15")),
        ("ZCOR", math.atanh(-0.35), math.atanh(0.7), ("−0.2", "0", "0.2", "0.4", "0.6")),
        ("PLO", math.log(0.1 / 0.9), math.log(0.7 / 0.3), ("10", "20", "30", "40", "50", "60", "70")),
    ],
)
def test_ticks_are_what_a_person_would_choose(measure, low, high, labels):
    assert choose_ticks(scale_for(measure), low, high, tenth(low, high)).labels == labels


@pytest.mark.parametrize("measure", ["SMD", "OR", "ZCOR"])
def test_no_effect_is_a_tick(measure):
    ticks = choose_ticks(scale_for(measure), -1.5, 1.9, tenth(-1.5, 1.9))
    assert 0.0 in ticks.at
    assert ticks.labels[ticks.at.index(0.0)] in ("0", "0.0", "1")


@given(
    measure=st.sampled_from(MEASURES),
    middle=st.floats(-3, 3),
    span=st.floats(0.001, 8),
)
@settings(deadline=None)
def test_ticks_are_on_the_axis_rise_and_are_labelled_with_natural_values(measure, middle, span):
    scale, low, high = scale_for(measure), middle - span / 2, middle + span / 2
    ticks = choose_ticks(scale, low, high, tenth(low, high))
    assert len(ticks.at) == len(ticks.labels) <= MOST_TICKS
    assert all(low <= at <= high for at in ticks.at)
    assert list(ticks.at) == sorted(set(ticks.at))
    assert len(set(ticks.labels)) == len(ticks.labels)
    for at, label in zip(ticks.at, ticks.labels, strict=True):
        written = float(label.replace("−", "-").replace(",", ""))
        assert scale.natural(at) == pytest.approx(written, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("value", [0.05, 0.3, 0.9])
def test_there_and_back(measure, value):
    scale = scale_for(measure)
    assert scale.analysis(scale.natural(value)) == pytest.approx(value, rel=ROUNDTRIP)


@pytest.mark.parametrize(
    ("measure", "analysed", "natural"),
    [
        *[("OR", 0.0, 1.0), ("OR", math.log(3), 3.0), ("ZCOR", 0.5, math.tanh(0.5)), ("SMD", 0.4, 0.4)],
        *[("PLO", 0.0, 50.0), ("PLO", math.log(0.2 / 0.8), 20.0), ("PR", 0.25, 25.0)],
        *[("PAS", math.asin(math.sqrt(0.3)), 30.0), ("PLN", math.log(0.3), 30.0)],
    ],
)
def test_natural_values(measure, analysed, natural):
    assert scale_for(measure).natural(analysed) == pytest.approx(natural, rel=ROUNDTRIP)


def test_a_proportion_has_no_value_of_no_effect():
    assert scale_for("PLO").null is None
    assert scale_for("or").null == 0.0


def test_extreme_limits_do_not_overflow():
    scale = scale_for("OR")
    assert scale.natural(1e6) == math.inf
    assert len(choose_ticks(scale, -2000.0, 2000.0, tenth(-2000, 2000)).at) <= MOST_TICKS
    assert scale_for("PLO").natural(-1e6) == 0.0


def test_an_unknown_measure_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="unknown measure 'ZCOOR'; did you mean 'ZCOR'"):
        scale_for("ZCOOR")
