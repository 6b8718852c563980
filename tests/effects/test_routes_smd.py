"""Each route to the standardised mean difference, against metafor and published examples."""

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
NAMES = {"m1i": "mean1", "sd1i": "sd1", "n1i": "n1", "m2i": "mean2", "sd2i": "sd2", "n2i": "n2"}
NAMES |= {"ti": "t", "di": "d", "ri": "r", "pi": "p", "ni": "n_total"}


def _sheet(data):
    """Columns of escalc as columns of a sheet; a signed p becomes p and direction."""
    sheet = pd.DataFrame({NAMES[name]: np.asarray(values, dtype=float) for name, values in data.items()})
    if "p" in sheet:
        sheet["direction"] = np.sign(sheet["p"])
        sheet["p"] = sheet["p"].abs()
        sheet["p_op"] = "="
    return sheet


def _one(measure="SMD", /, *, options=None, **cells):
    return harmonise(pd.DataFrame([{"effect_id": "x", **cells}]), measure, **(options or {})).iloc[0]


@pytest.mark.parametrize(
    "case",
    [c for c in ESCALC if c["measure"] == "SMD" and not c["options"]],
    ids=lambda c: next(iter(c["data"])),
)
def test_routes_equal_escalc(case):
    found = harmonise(_sheet(case["data"]), "SMD")
    assert (found["status"] == "analysed").all()
    np.testing.assert_allclose(found["yi"], case["yi"], rtol=QUANTILE)
    np.testing.assert_allclose(found["vi"], case["vi"], rtol=QUANTILE)


def test_every_input_form_of_escalc_is_compared():
    assert sum(c["measure"] == "SMD" and not c["options"] for c in ESCALC) == 5


def test_borenstein_definition():
    # Borenstein et al. (2009), chapter 4: means 103 and 100, SDs 5.5 and 4.5, n = 50 and 50: g = .5924, V = .0411.
    cells = {"mean1": 103, "sd1": 5.5, "n1": 50, "mean2": 100, "sd2": 4.5, "n2": 50}
    found = _one(**cells, options={"definition": "borenstein"})
    assert found["yi"] == pytest.approx(0.5924, abs=PRINTED_4)
    assert found["vi"] == pytest.approx(0.0411, abs=PRINTED_4)


MEANS = {"mean1": 7, "sd1": 2, "n1": 50, "mean2": 9, "sd2": 3, "n2": 60}
# metafor 3.8-1: escalc("SMD", m1i=7, sd1i=2, n1i=50, m2i=9, sd2i=3, n2i=60)
MEANS_G, MEANS_V = -0.765490820423445, 0.0393301948309965


def _statistics_of_means():
    pooled = np.sqrt((49 * 4 + 59 * 9) / 108)
    t = (7 - 9) / (pooled * np.sqrt(1 / 50 + 1 / 60))
    return {"t": t, "f": t**2, "df1": 1, "d": -2 / pooled, "r": t / np.sqrt(t**2 + 108)}


@pytest.mark.parametrize(
    ("route", "cells"),
    [
        ("smd.means_sd", MEANS),
        ("smd.means_se", {"mean1": 7, "se1": 2 / np.sqrt(50), "n1": 50, "mean2": 9, "se2": 3 / np.sqrt(60), "n2": 60}),
        ("smd.t", {"t": _statistics_of_means()["t"], "n1": 50, "n2": 60}),
        ("smd.f", {"f": _statistics_of_means()["f"], "df1": 1, "n1": 50, "n2": 60, "direction": -1}),
        ("smd.d", {"d": _statistics_of_means()["d"], "n1": 50, "n2": 60}),
        ("smd.g", {"g": MEANS_G, "n1": 50, "n2": 60}),
        ("smd.r_groups", {"r": _statistics_of_means()["r"], "n1": 50, "n2": 60}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_routes_to_the_same_comparison_agree_with_metafor(route, cells):
    found = _one(**cells)
    assert found["route"] == route
    assert found["yi"] == pytest.approx(MEANS_G, rel=CLOSED_FORM)
    assert found["vi"] == pytest.approx(MEANS_V, rel=CLOSED_FORM)


def test_means_with_cis():
    # The t quantile that the limits were made with comes from R 4.2.2: qt(.975, 49), qt(.975, 59).
    half1, half2 = 2.0095752371292 * 2 / np.sqrt(50), 2.0009953780883 * 3 / np.sqrt(60)
    cells = {"mean1_lo": 7 - half1, "mean1_hi": 7 + half1, "mean2_lo": 9 - half2, "mean2_hi": 9 + half2}
    found = _one(mean1=7, mean2=9, n1=50, n2=60, **cells)
    assert found["route"] == "smd.means_ci"
    assert found["yi"] == pytest.approx(MEANS_G, rel=QUANTILE)


def test_z_and_p_of_one_test_agree():
    by_p = _one(p=0.006, p_op="=", n1=60, n2=60, direction=1)
    by_z = _one(z=2.7477813854449926, n1=60, n2=60, direction=1)  # R: qnorm(.006 / 2, lower.tail = FALSE)
    assert (by_p["route"], by_z["route"]) == ("smd.p", "smd.z")
    assert by_z["yi"] == pytest.approx(by_p["yi"], rel=QUANTILE)
    assert "rank_test" in by_z["flags"]


def test_counts_equal_metafor_or2dl():
    # metafor 3.8-1: escalc("OR2DL", ai=28, n1i=81, ci=12, n2i=86); and with an empty cell, ai=0, n1i=20, ci=5, n2i=20.
    found = _one(events1=28, total1=81, events2=12, total2=86)
    assert found["route"] == "smd.counts"
    assert found["yi"] == pytest.approx(0.651158591919508, rel=CLOSED_FORM)
    assert found["vi"] == pytest.approx(0.0460289139064339, rel=CLOSED_FORM)
    empty = _one(events1=0, total1=20, events2=5, total2=20)
    assert empty["yi"] == pytest.approx(-1.47617216535301, rel=CLOSED_FORM)
    assert empty["vi"] == pytest.approx(0.697631243984408, rel=CLOSED_FORM)
    assert "zero_cell" in empty["flags"]
    assert "zero_cell" not in found["flags"]


def test_borenstein_odds_ratio_to_d():
    # Borenstein et al. (2009), chapter 7: ln OR = .9069 with variance .0676 is d = .5000 with variance .0205.
    half = 1.959963984540054 * np.sqrt(0.0676)
    found = _one(**{"or": np.exp(0.9069), "or_lo": np.exp(0.9069 - half), "or_hi": np.exp(0.9069 + half)})
    assert found["route"] == "smd.or_ci"
    assert found["yi"] == pytest.approx(0.5, abs=PRINTED_4)
    assert found["vi"] == pytest.approx(0.0205, abs=PRINTED_4)


def test_correlation_of_continuous_variables():
    # Borenstein et al. (2009), chapter 7: r = .5 (n = 98) is d = 1.1547, V = .0550; J(96) = .99218.
    found = _one(r=0.5, n_total=98, contrast="association")
    assert found["route"] == "smd.r"
    assert found["yi"] == pytest.approx(1.1547 * 0.99218, abs=0.0002)
    assert found["vi"] == pytest.approx(0.0550 * 0.99218**2, abs=0.0002)


def test_a_correlation_within_an_association_is_not_point_biserial():
    assert _one(r=0.5, n1=40, n2=60, contrast="association")["route"] == "smd.r"
    assert _one(r=0.5, n1=40, n2=60, contrast="nssi_vs_clinical")["route"] == "smd.r_groups"


def test_an_effect_without_group_sizes_takes_its_interval_or_its_p():
    half = 1.959963984540054 * 0.3
    by_ci = _one(d=0.8, d_lo=0.8 - half, d_hi=0.8 + half, direction=1)
    assert (by_ci["route"], by_ci["yi"]) == ("smd.d_ci", 0.8)
    assert by_ci["vi"] == pytest.approx(0.09, rel=CLOSED_FORM)
    by_p = _one(d=-1.24, p=0.004, p_op="=", direction=-1)
    assert (by_p["route"], by_p["yi"]) == ("smd.d_p", -1.24)
    assert by_p["vi"] == pytest.approx((1.24 / 2.878161739095484) ** 2, rel=QUANTILE)  # R: qnorm(1 - .004 / 2)


def test_only_a_total_is_split_evenly_and_says_so():
    found = _one(t=2.0, n_total=80)
    even = _one(t=2.0, n1=40, n2=40)
    assert found["yi"] == even["yi"]
    assert found["vi"] == even["vi"]
    assert "assumed_equal_groups" in found["flags"]
    assert "equal size" in found["assumptions"]
    assert "assumed_equal_groups" not in even["flags"]


def test_a_group_size_follows_from_the_total():
    found = _one(t=2.0, n1=30, n_total=80)
    assert found["yi"] == _one(t=2.0, n1=30, n2=50)["yi"]
    assert "derived_group_size" in found["flags"]


def test_degrees_of_freedom_stand_in_for_n_and_are_compared_with_it():
    assert "n_from_df" in _one(t=2.0, df2=78)["flags"]
    assert "df_differs" in _one(t=2.122, df2=114, n1=94, n2=35)["flags"]
    assert "df_differs" not in _one(t=3.182, df2=127, n1=94, n2=35)["flags"]


def test_ratios_are_odds_ratios_only_on_request():
    cells = {"hr": 1.4, "hr_lo": 1.12, "hr_hi": 1.74, "direction": 1}
    refused = _one(**cells)
    assert refused["status"] == "problem"
    assert "treat_ratio_as_or" in refused["reason"]
    taken = _one(**cells, options={"treat_ratio_as_or": True})
    assert taken["route"] == "smd.hr_ci"
    assert taken["yi"] == pytest.approx(np.log(1.4) * np.sqrt(3) / np.pi, rel=CLOSED_FORM)
    assert {"hr_as_or", "converted_or"} <= set(taken["flags"].split("; "))


def test_medians_of_symmetric_scores_give_the_difference_of_means():
    cells = {"q1_1": 8, "median1": 10, "q3_1": 12, "q1_2": 6, "median2": 8, "q3_2": 10, "n1": 60, "n2": 60}
    found = _one(**cells)
    assert found["route"] == "smd.quantiles"
    # R 4.2.2: d = 2 / (4 / (2 * qnorm((.75 * 60 - .125) / 60.25))), J = exp(lgamma(59) - lgamma(58.5)) / sqrt(59)
    assert found["yi"] == pytest.approx(0.6582563145578577 * 0.9936283148689962, rel=CLOSED_FORM)
    assert "moments_from_quantiles" in found["flags"]


def test_skewed_quantiles_are_refused_and_another_route_is_taken():
    cells = {"q1_1": 1, "median1": 2, "q3_1": 12, "q1_2": 1, "median2": 2, "q3_2": 12, "n1": 60, "n2": 60}
    refused = _one(**cells)
    assert refused["status"] == "problem"
    assert "skewed" in refused["reason"]
    assert _one(**cells, z=2.2)["route"] == "smd.z"


statistic = st.floats(0.05, 8)
size = st.integers(4, 400)


@given(statistic, size, size)
@settings(deadline=None, max_examples=40)
def test_swapping_groups_flips_the_sign_and_keeps_the_variance(t, n1, n2):
    here, there = _one(t=t, n1=n1, n2=n2), _one(t=-t, n1=n2, n2=n1)
    assert there["yi"] == pytest.approx(-here["yi"], rel=CLOSED_FORM)
    assert there["vi"] == pytest.approx(here["vi"], rel=CLOSED_FORM)


@given(st.tuples(st.floats(-50, 50), st.floats(-50, 50)), st.tuples(st.floats(0.5, 20), st.floats(0.5, 20)), size, size)
@settings(deadline=None, max_examples=40)
def test_t_of_the_means_gives_the_g_of_the_means(means, sds, n1, n2):
    (m1, m2), (sd1, sd2) = means, sds
    pooled = np.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / (n1 + n2 - 2))
    t = (m1 - m2) / (pooled * np.sqrt(1 / n1 + 1 / n2))
    by_means, by_t = _one(mean1=m1, sd1=sd1, mean2=m2, sd2=sd2, n1=n1, n2=n2), _one(t=t, n1=n1, n2=n2)
    assert by_t["yi"] == pytest.approx(by_means["yi"], rel=1e-9, abs=1e-12)
    assert by_t["vi"] == pytest.approx(by_means["vi"], rel=1e-9)
