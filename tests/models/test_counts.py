"""Mantel–Haenszel and Peto against metafor, and at the edges."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metacircuit.models.counts import rma_mh, rma_peto

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "counts.json").read_text())["cases"]
CLOSED = [case for case in REFERENCE if not case["id"].startswith("glmm")]

# Closed forms: only the order of the sums differs.
CLOSED_FORM = 1e-10
# metafor prints 15 digits; statistics with p-values of 1e-31 lose a few.
PRINTED = 1e-9


def fit(case):
    _, kind, *measure = case["id"].split("/")
    return rma_peto(**case["data"]) if kind == "peto" else rma_mh(**case["data"], measure=measure[0])


def test_all_reference_cases_are_compared():
    assert len(CLOSED) == 8
    assert sum(len(case["expect"]) for case in CLOSED) == 48


@pytest.mark.parametrize("case", CLOSED, ids=lambda case: case["id"])
def test_reference(case):
    result = fit(case)
    for name, expected in case["expect"].items():
        assert np.squeeze(getattr(result, name)) == pytest.approx(expected, rel=CLOSED_FORM), name


# rma.mh(x1i = x1i, t1i = t1i, x2i = x2i, t2i = t2i, data = dat.hart1999), metafor 3.8.
HART = {
    "x1i": [9, 8, 3, 6, 7, 20],
    "t1i": [413, 263, 487, 237, 489, 507],
    "x2i": [19, 19, 13, 9, 23, 50],
    "t2i": [398, 245, 435, 241, 483, 405],
}
RATES = {
    "IRR": {
        "beta": -1.02957459693740,
        "se": 0.162094900339308,
        "QE": 2.96854815463433,
        "QEp": 0.704834957821186,
        "MH": 43.0656382800767,
        "MHp": 5.29338144838552e-11,
        "I2": 0.0,
        "H2": 0.593709630926865,
        "ll": -1.97346703115699,
        "AICc": 6.94693406231398,
    },
    "IRD": {
        "beta": -0.0393513468509710,
        "se": 0.0061049838708695,
        "QE": 12.5320344730479,
        "QEp": 0.0281818885780167,
        "I2": 60.1022482761814,
        "H2": 2.50640689460958,
        "ll": 13.6744794602960,
        "BIC": -25.5571994513640,
    },
}


@pytest.mark.parametrize("measure", RATES)
def test_rates(measure):
    result = rma_mh(**HART, measure=measure)
    for name, expected in RATES[measure].items():
        assert np.squeeze(getattr(result, name)) == pytest.approx(expected, rel=PRINTED, abs=1e-12), name


# The same calls as the reference cases, metafor 3.8, for the statistics that the reference does not hold.
TESTS = {
    "bcg/mh/OR": {
        "MH": 135.688943723906,
        "CO": 135.708714855120,
        "BD": 171.765366579396,
        "TA": 171.756672993871,
        "TAp": 2.08678239453652e-30,
        "I2": 92.6803640448177,
        "H2": 13.6618816307661,
        "AIC": 154.835620691080,
    },
    "collins1985a/mh/OR": {
        "QEp": 0.0542268329760765,
        "MH": 1.37336111365248,
        "MHp": 0.241235236313846,
        "CO": 1.38785692491271,
        "COp": 0.238767347309918,
        "BD": 38.7134635430346,
        "BDp": 0.0213252817668429,
        "TA": 38.7131542298796,
        "I2": 33.9410615542931,
        "k": 25,
        "k_yi": 24,
        "k_pos": 24,
        "ll": -28.1904621532064,
        "BIC": 59.5589781367607,
        "AICc": 58.5627424882309,
    },
    "collins1985a/peto": {
        "QEp": 0.0260590635044594,
        "I2": 39.3261849190446,
        "H2": 1.64815744430399,
        "k_yi": 24,
        "k_pos": 24,
        "ll": -27.5193020884878,
        "AIC": 57.0386041769757,
    },
}


@pytest.mark.parametrize("name", TESTS)
def test_further_statistics(name):
    result = fit(next(case for case in CLOSED if case["id"] == name))
    for field, expected in TESTS[name].items():
        assert getattr(result, field) == pytest.approx(expected, rel=PRINTED), field


def test_columns_of_a_frame_and_group_sizes():
    data = pd.DataFrame({"a": [4, 6], "n1": [123, 306], "c": [11, 29], "n2": [139, 303]})
    by_name = rma_mh("a", ci="c", n1i="n1", n2i="n2", data=data)
    by_value = rma_mh([4, 6], [119, 300], [11, 29], [128, 274])
    assert by_name.beta == by_value.beta


def test_continuity_correction_can_be_left_out():
    with_it, without = (rma_mh([4, 6], [119, 300], [11, 29], [128, 274], correct=c) for c in (True, False))
    assert without.MH > with_it.MH
    assert without.beta == with_it.beta


tables = st.lists(st.tuples(*[st.integers(1, 10_000)] * 4), min_size=2, max_size=8)


@settings(deadline=None, max_examples=50)
@given(tables)
@pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
def test_groups_can_be_exchanged(measure, rows):
    a, b, c, d = np.array(rows, float).T
    one, other = rma_mh(a, b, c, d, measure=measure), rma_mh(c, d, a, b, measure=measure)
    assert one.beta[0] == pytest.approx(-other.beta[0], rel=1e-9, abs=1e-12)
    assert one.se[0] == pytest.approx(other.se[0], rel=1e-9)


@settings(deadline=None, max_examples=50)
@given(tables)
def test_order_of_studies_does_not_matter(rows):
    a, b, c, d = np.array(rows, float).T
    for pool in (rma_mh, rma_peto):
        one, other = pool(a, b, c, d), pool(a[::-1], b[::-1], c[::-1], d[::-1])
        assert one.beta[0] == pytest.approx(other.beta[0], rel=1e-9, abs=1e-12)
        assert pytest.approx(other.QE, rel=1e-6, abs=1e-9) == one.QE


def test_one_study_is_its_own_odds_ratio():
    result = rma_mh([10], [20], [30], [40])
    assert result.beta[0] == pytest.approx(np.log(10 * 40 / (20 * 30)))
    assert (result.QE, result.QEp, result.I2, result.H2) == (0.0, 1.0, 0.0, 1.0)


@pytest.mark.parametrize(
    ("pool", "counts", "reason"),
    [
        (rma_mh, ([0, 0], [10, 20], [0, 0], [10, 20]), "odds ratio"),
        (rma_mh, ([0, 0], [10, 20], [3, 4], [10, 20]), "odds ratio"),
        (rma_peto, ([0, 0], [10, 20], [0, 0], [10, 20]), "never occurs"),
        (rma_peto, ([5, 6], [0, 0], [3, 4], [0, 0]), "never occurs"),
    ],
)
def test_what_cannot_be_estimated_has_a_status_and_a_reason(pool, counts, reason):
    result = pool(*counts)
    assert result.status == "not estimable"
    assert reason in result.reason
    assert "Not estimable" in str(result)
    assert result.to_frame().loc[0, "status"] == "not estimable"


def test_risk_difference_exists_without_events():
    result = rma_mh([0, 0], [10, 20], [0, 0], [12, 22], measure="RD")
    assert result.status == "ok"
    assert (result.beta[0], result.se[0]) == (0.0, 0.0)


def test_incomplete_studies_are_left_out_with_a_note():
    result = rma_mh([4, np.nan, 6], [119, 5, 300], [11, 5, 29], [128, 5, 274])
    assert (result.k, result.k_all) == (2, 3)
    assert "study 2" in result.notes[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ai": [1], "bi": [2], "ci": [3]}, "missing: di"),
        ({"ai": [1, 2], "bi": [2], "ci": [3], "di": [4]}, "differ in length"),
        ({"ai": [-1], "bi": [2], "ci": [3], "di": [4]}, "below zero in study 1"),
        ({"ai": [0], "bi": [0], "ci": [3], "di": [4]}, "group 1 is empty"),
        ({"ai": [5], "n1i": [2], "ci": [3], "di": [4]}, "bi is below zero"),
        ({"ai": ["x"], "bi": [2], "ci": [3], "di": [4]}, "must hold numbers"),
        ({"ai": "events", "bi": [2], "ci": [3], "di": [4]}, "no data="),
        ({"ai": [1], "bi": [2], "ci": [3], "di": [4], "measure": "Or"}, "Did you mean 'OR'"),
        ({"x1i": [1], "x2i": [2], "t1i": [0], "t2i": [4], "measure": "IRR"}, "t1i must be above zero"),
        ({"ai": [np.nan], "bi": [2], "ci": [3], "di": [4]}, "no study has all"),
    ],
)
def test_messages(arguments, message):
    with pytest.raises(ValueError, match=message):
        rma_mh(**arguments)


def test_print_and_predict():
    result = rma_mh([4, 6], [119, 300], [11, 29], [128, 274])
    assert "OR = 0.2414" in str(result)
    assert result.predict(transf="exp").loc[0, "pred"] == pytest.approx(np.exp(result.beta[0]))
