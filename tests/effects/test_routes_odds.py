"""Routes to odds, hazard, rate and risk ratios."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metacircuit.effects.harmonise import harmonise

REFERENCE = Path(__file__).parents[1] / "reference"
ESCALC = json.loads((REFERENCE / "escalc.json").read_text())["cases"]
CONVERT = json.loads((REFERENCE / "convert.json").read_text())["cases"]
CLOSED_FORM = 1e-10  # formulas without iteration agree to rounding
PRINTED_4 = 0.00006  # half a unit of the last printed digit, and a little


def _one(measure="OR", /, *, options=None, **cells):
    return harmonise(pd.DataFrame([{"effect_id": "x", **cells}]), measure, **(options or {})).iloc[0]


def _table(data):
    a, b, c, d = (np.asarray(data[name], dtype=float) for name in ("ai", "bi", "ci", "di"))
    return pd.DataFrame({"events1": a, "total1": a + b, "events2": c, "total2": c + d})


@pytest.mark.parametrize("measure", ["OR", "RR", "RD", "AS", "PETO", "ZPHI"])
def test_counts_equal_escalc(measure):
    (case,) = (c for c in ESCALC if c["measure"] == measure and not c["options"])
    found = harmonise(_table(case["data"]), "ZCOR" if measure == "ZPHI" else measure)
    np.testing.assert_allclose(found["yi"], case["yi"], rtol=CLOSED_FORM)
    np.testing.assert_allclose(found["vi"], case["vi"], rtol=CLOSED_FORM)


def test_a_zero_cell_gets_one_half_as_in_metafor():
    # metafor 3.8-1: escalc("OR", ai=0, n1i=20, ci=5, n2i=20)
    found = _one(events1=0, total1=20, events2=5, total2=20)
    assert found["yi"] == pytest.approx(-2.67748013501753, rel=CLOSED_FORM)
    assert found["vi"] == pytest.approx(2.29511479865532, rel=CLOSED_FORM)
    assert found["flags"] == "own_sign; zero_cell"


def test_odds_ratio_with_ci_equals_metafor():
    (case,) = (c for c in CONVERT if "conversion" in c)
    printed = case["input"]
    found = harmonise(pd.DataFrame({"or": printed["or"], "or_lo": printed["lo"], "or_hi": printed["hi"]}), "OR")
    np.testing.assert_allclose(found["yi"], case["yi"], rtol=CLOSED_FORM)
    np.testing.assert_allclose(found["vi"], case["vi"], rtol=CLOSED_FORM)


@pytest.mark.parametrize(("name", "measure"), [("hr", "HR"), ("irr", "IRR"), ("rr", "RR")])
def test_other_ratios_are_pooled_as_such(name, measure):
    found = _one(measure, **{name: 1.4, f"{name}_lo": 1.12, f"{name}_hi": 1.75})
    assert found["yi"] == pytest.approx(np.log(1.4), rel=CLOSED_FORM)
    assert found["vi"] == pytest.approx((np.log(1.75 / 1.12) / 3.919927969080108) ** 2, rel=CLOSED_FORM)


def test_exact_p_gives_the_standard_error():
    # R 4.2.2: qnorm(1 - .003 / 2) = 2.967738
    found = _one(**{"or": 1.912, "p": 0.003, "p_op": "="})
    assert found["route"] == "or.or_p"
    assert np.sqrt(found["vi"]) == pytest.approx(np.log(1.912) / 2.967738, rel=1e-6)
    assert "se_from_p" in found["flags"]


def test_borenstein_d_to_odds_ratio():
    # Borenstein et al. (2009), chapter 7: d = .5 with variance .0205 (n = 100 and 100) is ln OR = .9069, V = .0676.
    found = _one(d=0.5, n1=100, n2=100)
    assert found["route"] == "or.d"
    assert found["yi"] == pytest.approx(0.9069, abs=PRINTED_4)
    assert found["vi"] == pytest.approx(0.0676, abs=0.0003)  # they print d's variance with three digits


def test_means_equal_metafor_d2orl():
    # metafor 3.8-1: escalc("D2ORL", m1i=7, sd1i=2, n1i=50, m2i=9, sd2i=3, n2i=60)
    found = _one(mean1=7, sd1=2, n1=50, mean2=9, sd2=3, n2=60)
    assert found["yi"] == pytest.approx(-1.39818266490912, rel=CLOSED_FORM)
    assert found["vi"] == pytest.approx(0.129514474437593, rel=CLOSED_FORM)


@given(st.floats(0.05, 20), st.floats(0.05, 1.5))
@settings(deadline=None, max_examples=40)
def test_odds_ratio_to_d_and_back(ratio, se):
    half = 1.959963984540054 * se
    cells = {"or": ratio, "or_lo": ratio * np.exp(-half), "or_hi": ratio * np.exp(half)}
    d = _one("SMD", **cells)
    again = _one("OR", d=d["yi"], n1=1000, n2=1000)
    assert again["yi"] == pytest.approx(np.log(ratio), rel=1e-9, abs=1e-12)
    assert d["vi"] * np.pi**2 / 3 == pytest.approx(se**2, rel=1e-9)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"events1": 12, "total1": 10, "events2": 3, "total2": 10}, "events must lie between 0 and the total"),
        ({"events1": -1, "total1": 10, "events2": 3, "total2": 10}, "events must lie between 0 and the total"),
        ({"or": -2.0, "or_lo": 1.0, "or_hi": 3.0}, "must be above 0"),
        ({"or": 2.0, "or_lo": 2.5, "or_hi": 3.0}, "or must lie between or_lo and or_hi"),
        ({"or": 1.0, "p": 0.3, "p_op": "="}, "says nothing about its variance"),
        ({"or": 2.0}, "an exact p (p_op =) is missing"),
        ({"or": 2.0, "or_lo": 1.2}, "or_hi is missing"),
    ],
)
def test_wrong_numbers_say_what_is_wrong(cells, reason):
    found = _one(**cells)
    assert found["status"] == "problem"
    assert reason in found["reason"]
    assert np.isnan(found["yi"])


def test_an_odds_ratio_per_scale_point_is_no_difference_between_groups():
    # ZhangB2023.1: 1.023 (1.008 to 1.038) per point of a scale, P = .003, 2343 patients. No fourfold table of 2343
    # people has a variance below 16/2343 = .0068; this one is .00006.
    cells = {"or": 1.023, "or_lo": 1.008, "or_hi": 1.038, "n_total": 2343, "direction": 1, "contrast": "association"}
    assert "or_per_unit" in _one(**cells)["flags"]
    refused = _one("SMD", **cells)
    assert refused["status"] == "problem"
    assert "per unit of a scale" in refused["reason"]
    assert _one("SMD", **cells, p=0.003, p_op="=")["route"] == "smd.p"
    assert "per unit of a scale" in _one("ZCOR", **cells)["reason"]


@given(st.lists(st.integers(1, 5000), min_size=4, max_size=4))
@settings(deadline=None, max_examples=60)
def test_no_table_of_counts_is_too_precise(cells):
    a, b, c, d = cells
    log_or, half = np.log(a * d / (b * c)), 1.959963984540054 * np.sqrt(sum(1 / x for x in cells))
    printed = {"or": np.exp(log_or), "or_lo": np.exp(log_or - half), "or_hi": np.exp(log_or + half)}
    assert _one("SMD", **printed, n_total=sum(cells))["status"] == "analysed"


def test_a_lopsided_interval_is_flagged_and_used():
    found = _one(**{"or": 3.61, "or_lo": 2.67, "or_hi": 4.48})
    assert found["status"] == "analysed"
    assert "asymmetric_ci" in found["flags"]
