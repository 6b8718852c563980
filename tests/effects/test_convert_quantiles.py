import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metacircuit.effects.convert.quantiles import Quantiles, moments_from_quantiles

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "convert.json").read_text())
CLOSED_FORM = 1e-10  # formulas without iteration agree to rounding
NAN = float("nan")


def _moments(**printed):
    return moments_from_quantiles(Quantiles(*(printed.get(name, NAN) for name in Quantiles._fields)))


@pytest.mark.parametrize("case", [c for c in REFERENCE["cases"] if "mean" in c])
def test_moments_equal_metafor(case):
    numbers = {key: NAN if value is None else value for key, value in case["input"].items()}
    numbers["minimum"], numbers["maximum"] = numbers.pop("min"), numbers.pop("max")
    found = _moments(**numbers)
    assert float(found.mean) == pytest.approx(case["mean"], rel=CLOSED_FORM)
    assert float(found.sd) == pytest.approx(case["sd"], rel=CLOSED_FORM)


def test_skewness_of_the_reference_summaries():
    # By hand from Shi et al. (2023): 0.276 < 0.318; 0.184 < 0.335; 0.621 > 0.346 (metafor then needs test=FALSE).
    assert not _moments(minimum=2.0, median=12.5, maximum=31.0, n=40.0).skewed
    assert not _moments(q1=11.0, median=15.2, q3=21.3, n=62.0).skewed
    assert _moments(minimum=5.1, q1=9.2, median=13.3, q3=19.9, maximum=40.2, n=75.0).skewed


def test_all_three_scenarios_of_the_reference_are_there():
    assert sum("mean" in case for case in REFERENCE["cases"]) == 3


@pytest.mark.parametrize(
    "printed",
    [
        {"median": 10.0, "n": 40.0},
        {"q1": 8.0, "median": 10.0, "n": 40.0},
        {"q1": 8.0, "median": 10.0, "q3": 12.0, "n": 4.0},
        {"q1": 8.0, "q3": 12.0, "n": 40.0},
    ],
    ids=["median alone", "one quartile", "n below 5", "no median"],
)
def test_too_little_gives_nothing(printed):
    found = _moments(**printed)
    assert np.isnan(found.mean)
    assert np.isnan(found.sd)


def test_a_long_right_tail_is_called_skewed():
    assert _moments(q1=1.0, median=2.0, q3=12.0, n=100.0).skewed
    assert _moments(minimum=0.0, median=2.0, maximum=60.0, n=100.0).skewed
    assert _moments(minimum=0.0, q1=1.0, median=2.0, q3=12.0, maximum=60.0, n=100.0).skewed


@pytest.mark.parametrize("n", [25.0, 100.0, 400.0])
def test_critical_value_of_the_quartile_test(n):
    # Shi et al. (2023): |q1 + q3 - 2m| / (q3 - q1) against 2.65 / sqrt(n) - 6 / n^2, here at 99 % and 101 % of it.
    critical = 2.65 / np.sqrt(n) - 6 / n**2
    for share, expected in ((0.99, False), (1.01, True)):
        assert bool(_moments(q1=-1.0, median=-share * critical, q3=1.0, n=n).skewed) is expected


@given(
    st.tuples(st.floats(-50, 50), st.floats(0.1, 30), st.floats(0.1, 30)),
    st.floats(-100, 100),
    st.floats(0.01, 20),
    st.integers(5, 500),
)
@settings(deadline=None)
def test_a_change_of_unit_changes_the_moments_alike(quartiles, shift, unit, n):
    median, below, above = quartiles
    here = _moments(q1=median - below, median=median, q3=median + above, n=n)
    there = _moments(
        q1=shift + unit * (median - below), median=shift + unit * median, q3=shift + unit * (median + above), n=n
    )
    assert float(there.mean) == pytest.approx(shift + unit * float(here.mean), abs=1e-8)
    assert float(there.sd) == pytest.approx(unit * float(here.sd), rel=1e-6)


def test_large_normal_samples_come_back():
    # Quantiles of a normal distribution with mean 20 and SD 4: the estimates converge on them.
    found = _moments(q1=20 - 0.6744898 * 4, median=20.0, q3=20 + 0.6744898 * 4, n=100_000.0)
    assert float(found.mean) == pytest.approx(20)
    assert float(found.sd) == pytest.approx(4, rel=1e-4)
