"""Routes to Fisher's z."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metacircuit.effects.harmonise import harmonise

ESCALC = json.loads((Path(__file__).parents[1] / "reference" / "escalc.json").read_text())["cases"]
CLOSED_FORM = 1e-10  # formulas without iteration agree to rounding
QUANTILE = 1e-9  # t quantiles of two libraries
PRINTED_4 = 0.00006  # half a unit of the last printed digit, and a little


def _one(measure="ZCOR", /, **cells):
    return harmonise(pd.DataFrame([{"effect_id": "x", **cells}]), measure).iloc[0]


def _case(measure, first):
    (case,) = (c for c in ESCALC if c["measure"] == measure and next(iter(c["data"])) == first)
    return case


def test_r_equals_escalc():
    case = _case("ZCOR", "ri")
    found = harmonise(pd.DataFrame({"r": case["data"]["ri"], "n_total": case["data"]["ni"]}), "ZCOR")
    np.testing.assert_allclose(found["yi"], case["yi"], rtol=CLOSED_FORM)
    np.testing.assert_allclose(found["vi"], case["vi"], rtol=CLOSED_FORM)


def test_an_interval_of_r_stands_in_for_n():
    # R 4.2.2: cor.test's interval for r = .5, n = 100 is tanh(atanh(.5) -+ qnorm(.975) / sqrt(97)) = .3366433, .6341398
    found = _one(r=0.5, r_lo=0.3366433, r_hi=0.6341398)
    assert found["route"] == "zcor.r_ci"
    assert found["yi"] == pytest.approx(np.arctanh(0.5), rel=CLOSED_FORM)
    assert found["vi"] == pytest.approx(1 / 97, rel=1e-5)


def test_exact_p_equals_escalc():
    case = _case("ZCOR", "pi")
    p = np.asarray(case["data"]["pi"])
    sheet = pd.DataFrame({"p": np.abs(p), "p_op": "=", "direction": np.sign(p), "n_total": case["data"]["ni"]})
    found = harmonise(sheet, "ZCOR")
    assert set(found["route"]) == {"zcor.p"}
    np.testing.assert_allclose(found["yi"], case["yi"], rtol=QUANTILE)
    np.testing.assert_allclose(found["vi"], case["vi"], rtol=CLOSED_FORM)


def test_t_equals_escalc():
    case = _case("COR", "ti")
    found = harmonise(pd.DataFrame({"t": case["data"]["ti"], "n_total": case["data"]["ni"]}), "ZCOR")
    np.testing.assert_allclose(np.tanh(found["yi"]), case["yi"], rtol=CLOSED_FORM)
    np.testing.assert_allclose(found["vi"], 1 / (np.asarray(case["data"]["ni"]) - 3), rtol=CLOSED_FORM)


def test_partial_t_equals_escalc_zpcor():
    case = _case("ZPCOR", "ti")
    data = {name: np.asarray(values, dtype=float) for name, values in case["data"].items()}
    # metafor counts the focal predictor in mi: df = n - m - 1.
    sheet = pd.DataFrame({"t": data["ti"], "n_total": data["ni"], "df2": data["ni"] - data["mi"] - 1})
    found = harmonise(sheet, "ZCOR")
    np.testing.assert_allclose(found["yi"], case["yi"], rtol=CLOSED_FORM)
    np.testing.assert_allclose(found["vi"], case["vi"], rtol=CLOSED_FORM)


def test_borenstein_fisher_z():
    # Borenstein et al. (2009), chapter 6: r = .50, n = 100: z = .5493, V = .0103.
    found = _one(r=0.5, n_total=100)
    assert found["yi"] == pytest.approx(0.5493, abs=PRINTED_4)
    assert found["vi"] == pytest.approx(0.0103, abs=PRINTED_4)


def test_groups_equal_metafor_rpb():
    # metafor 3.8-1: escalc("RPB", m1i=7, sd1i=2, n1i=50, m2i=9, sd2i=3, n2i=60, vtype="ST"), then atanh in R.
    found = _one(mean1=7, sd1=2, n1=50, mean2=9, sd2=3, n2=60)
    assert found["route"] == "zcor.means_sd_groups"
    assert found["yi"] == pytest.approx(-0.378284190693653, rel=CLOSED_FORM)
    assert found["vi"] == pytest.approx(0.00864421460811588, rel=CLOSED_FORM)


def test_borenstein_d_to_r():
    # Borenstein et al. (2009), chapter 7: d = 1.1547, V = .0550 is r = .5000 (equal groups); here by an odds ratio.
    log_or = 1.1547 * np.pi / np.sqrt(3)
    half = 1.959963984540054 * np.sqrt(0.0550) * np.pi / np.sqrt(3)
    found = _one(**{"or": np.exp(log_or), "or_lo": np.exp(log_or - half), "or_hi": np.exp(log_or + half)})
    assert found["route"] == "zcor.or_ci"
    assert np.tanh(found["yi"]) == pytest.approx(0.5, abs=PRINTED_4)
    # They print the variance of r as .0058; Fisher's z has v / (1 - r^2)^2.
    assert found["vi"] * (1 - 0.25) ** 2 == pytest.approx(0.0058, abs=PRINTED_4)


def test_beta_follows_peterson_and_brown_with_the_coded_sign():
    assert np.tanh(_one(beta_std=0.3, n_total=200, direction=1)["yi"]) == pytest.approx(0.98 * 0.3 + 0.05)
    unsigned = _one(beta_std=0.3, n_total=200, direction=-1)
    assert np.tanh(unsigned["yi"]) == pytest.approx(-0.98 * 0.3)
    assert "beta_as_r" in unsigned["flags"]
    assert "beta_out_of_range" in _one(beta_std=0.7, n_total=200)["flags"]


def test_chi_square_is_phi():
    # Balazs et al. (2018) print chi2(1) = 10.643 and phi = .452 for 52 patients.
    found = _one(chi2=10.643, n_total=52, direction=1, contrast="association")
    assert np.tanh(found["yi"]) == pytest.approx(0.452, abs=0.0006)
    assert found["vi"] == pytest.approx(1 / 49)


def test_chi_square_of_counts_is_the_phi_of_counts():
    a, b, c, d = 28, 53, 12, 74
    n = a + b + c + d
    chi2 = n * (a * d - b * c) ** 2 / ((a + b) * (c + d) * (a + c) * (b + d))
    by_counts = _one(events1=a, total1=a + b, events2=c, total2=c + d)
    by_chi2 = _one(chi2=chi2, n_total=n, direction=1, contrast="association")
    assert by_chi2["yi"] == pytest.approx(by_counts["yi"], rel=CLOSED_FORM)


def test_spearman_in_the_notes_is_flagged():
    assert "spearman" in _one(r=0.4, n_total=40, notes="Spearman, within the group")["flags"]
    assert _one(r=0.4, n_total=40, notes="Pearson")["flags"] == "own_sign"


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"r": 1.0, "n_total": 40}, "r must lie between -1 and 1"),
        ({"r": -1.2, "n_total": 40}, "r must lie between -1 and 1"),
        ({"r": 0.4, "n_total": 3}, "more than 3 participants"),
        ({"r": 0.4}, "n_total (or n1 and n2) is missing"),
        ({"f": 3.2, "df1": 3, "df2": 60, "direction": 1, "contrast": "association"}, "only if df1 is 1"),
        ({"f": 3.2, "df1": 1, "df2": 60, "contrast": "association"}, "direction is missing"),
    ],
)
def test_wrong_numbers_say_what_is_wrong(cells, reason):
    found = _one(**cells)
    assert found["status"] == "problem"
    assert reason in found["reason"]


@given(st.floats(-0.95, 0.95), st.integers(4, 300), st.integers(4, 300))
@settings(deadline=None, max_examples=40)
def test_point_biserial_r_to_d_and_back(r, n1, n2):
    d = _one("SMD", r=r, n1=n1, n2=n2)
    again = _one("ZCOR", g=d["yi"], n1=n1, n2=n2)
    assert np.tanh(again["yi"]) == pytest.approx(r, rel=1e-9, abs=1e-12)
