"""Proportions, and the measures that only their own columns give, against metafor."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from metacircuit.effects.harmonise import harmonise

ESCALC = json.loads((Path(__file__).parents[1] / "reference" / "escalc.json").read_text())["cases"]
CLOSED_FORM = 1e-10  # formulas without iteration agree to rounding
NAMES = {"m1i": "mean1", "sd1i": "sd1", "n1i": "n1", "m2i": "mean2", "sd2i": "sd2", "n2i": "n2"}
NAMES |= {"x1i": "events1", "t1i": "time1", "x2i": "events2", "t2i": "time2", "ri": "r", "ni": "n_total"}
PROPORTIONS = ("PLO", "PR", "PLN", "PAS", "PFT")


def _case(measure):
    return next(c for c in ESCALC if c["measure"] == measure and not c["options"])


def _agrees(found, case):
    assert (found["status"] == "analysed").all()
    np.testing.assert_allclose(found["yi"], case["yi"], rtol=CLOSED_FORM)
    np.testing.assert_allclose(found["vi"], case["vi"], rtol=CLOSED_FORM)


@pytest.mark.parametrize("measure", ["MD", "SMDH", "ROM", "VR", "CVR", "IRR", "COR"])
def test_columns_equal_escalc(measure):
    case = _case(measure)
    _agrees(harmonise(pd.DataFrame({NAMES[name]: values for name, values in case["data"].items()}), measure), case)


@pytest.mark.parametrize("measure", PROPORTIONS)
def test_cases_and_total_equal_escalc(measure):
    case = _case(measure)
    _agrees(harmonise(pd.DataFrame({"events1": case["data"]["xi"], "total1": case["data"]["ni"]}), measure), case)


@pytest.mark.parametrize("measure", PROPORTIONS)
def test_proportion_and_total_equal_escalc(measure):
    case = _case(measure)
    x, n = (np.asarray(case["data"][name], dtype=float) for name in ("xi", "ni"))
    found = harmonise(pd.DataFrame({"proportion": x / n, "n_total": n}), measure)
    inner = ~np.isin(x, (0,)) & (x != n)
    np.testing.assert_allclose(found["yi"][inner], np.asarray(case["yi"])[inner], rtol=1e-9)


def test_a_survey_proportion_is_not_rounded_to_a_count():
    # metafor 3.8-1: escalc("PLO", xi=.216*382, ni=382)
    found = harmonise(pd.DataFrame({"proportion": [0.216], "n_total": [382]}), "PLO").iloc[0]
    assert found["yi"] == pytest.approx(-1.28913061266624, rel=CLOSED_FORM)
    assert found["vi"] == pytest.approx(0.0154584812400818, rel=CLOSED_FORM)
    assert found["participants"] == 382


def test_no_case_gets_one_half_as_in_metafor():
    # metafor 3.8-1: escalc("PLO", xi=0, ni=20)
    found = harmonise(pd.DataFrame({"events1": [0], "total1": [20]}), "PLO").iloc[0]
    assert found["yi"] == pytest.approx(-3.71357206670431, rel=CLOSED_FORM)
    assert found["vi"] == pytest.approx(2.04878048780488, rel=CLOSED_FORM)
    assert found["flags"] == "zero_cell"


def test_a_percentage_is_refused():
    found = harmonise(pd.DataFrame({"proportion": [21.6], "n_total": [382]}), "PLO").iloc[0]
    assert found["status"] == "problem"
    assert "divided by 100" in found["reason"]


def test_proportions_have_no_direction():
    sheet = pd.DataFrame({"proportion": [0.2, 0.2], "n_total": [100, 100], "direction": [1, -1], "scale_direction": -1})
    found = harmonise(sheet, "PLO")
    assert found["yi"][0] == found["yi"][1]
    assert set(found["flags"]) == {""}


def test_ratios_of_spread_have_no_direction_but_keep_their_sign():
    sheet = pd.DataFrame(
        {"sd1": [2.0], "n1": [50], "sd2": [3.0], "n2": [50], "direction": [1], "scale_direction": [-1]}
    )
    assert harmonise(sheet, "VR")["yi"][0] == pytest.approx(np.log(2 / 3), rel=CLOSED_FORM)


def test_differences_of_means_follow_the_direction_of_their_scale():
    sheet = pd.DataFrame({"mean1": [69.2], "sd1": 12.0, "n1": 83, "mean2": 60.5, "sd2": 7.3, "n2": 83})
    sheet["scale_direction"] = -1
    assert harmonise(sheet, "MD")["yi"][0] == pytest.approx(-8.7)
