"""Clusters, shared controls, and SDs that follow from a test, from quantiles, or from before and after."""

import numpy as np
import pandas as pd
import pytest
from metacircuit.effects.escalc import escalc
from metacircuit.effects.harmonise import harmonise
from metacircuit.effects.routes import ROUTES

CLOSED_FORM = 1e-10  # formulas without iteration agree to rounding
PRINTED = 5e-3  # the Handbook prints two digits


def _one(measure="SMD", /, *, options=None, **cells):
    return harmonise(pd.DataFrame([{"effect_id": "x", **cells}]), measure, **(options or {})).iloc[0]


def _codes(found):
    return set(found["flags"].split("; ")) - {""}


def _pair(found):
    return [found["yi"], found["vi"]]


MEANS = {"mean1": 12.0, "sd1": 3.0, "mean2": 10.0, "sd2": 3.5}
TRIAL = {"n1": 295, "n2": 330}
# Cochrane Handbook 23.1.5: 295 and 330 people in clusters of 29.8 with an ICC of 0.02; the design effect is 1.576.
CLUSTERS = {"icc": 0.02, "cluster_size": 29.8}
DE = 1.576


# Clusters


def test_counts_of_the_handbook_are_divided_by_its_design_effect():
    # Handbook 23.1.5: 63/295 and 84/330 become 40.0/187.2 and 53.3/209.4.
    found = _one("OR", events1=63, total1=295, events2=84, total2=330, **CLUSTERS)
    cells = [63 / DE, (295 - 63) / DE, 84 / DE, (330 - 84) / DE]
    assert cells[0] == pytest.approx(40.0, abs=0.1)
    assert cells[2] == pytest.approx(53.3, abs=0.1)
    assert found["yi"] == pytest.approx(np.log(63 * 246 / (232 * 84)), rel=CLOSED_FORM)
    assert found["vi"] == pytest.approx(sum(1 / cell for cell in cells), rel=1e-9)
    assert _codes(found) == {"clustered", "own_sign"}
    assert found["inputs"].endswith("icc=0.02; cluster_size=29.8")


def test_means_get_effective_sizes():
    found = _one(**MEANS, **TRIAL, **CLUSTERS)
    sizes = {"n1i": TRIAL["n1"] / DE, "n2i": TRIAL["n2"] / DE}
    expected = escalc("SMD", m1i=12, sd1i=3, m2i=10, sd2i=3.5, **sizes).iloc[0]
    # The SDs are pooled with the printed sizes; the two weightings differ by almost nothing.
    np.testing.assert_allclose(_pair(found), expected, rtol=1e-4)
    assert found["participants"] == sum(TRIAL.values())


def test_a_t_is_read_with_the_people_that_it_was_computed_from():
    found = _one(t=2.5, **TRIAL, **CLUSTERS)
    d = 2.5 * np.sqrt(1 / 295 + 1 / 330)
    expected = escalc("SMD", di=d, n1i=295 / DE, n2i=330 / DE).iloc[0]
    np.testing.assert_allclose(_pair(found), expected, rtol=CLOSED_FORM)


@pytest.mark.parametrize(
    ("measure", "cells"),
    [
        ("OR", {"or": 2.8, "or_lo": 1.5, "or_hi": 5.0}),
        ("SMD", {"g": 0.5, "g_lo": 0.2, "g_hi": 0.8}),
        ("HR", {"hr": 2.8, "p": 0.01}),
        ("ZCOR", {"t": 2.5, "df2": 60, "contrast": "association"}),
    ],
)
def test_a_printed_variance_is_multiplied(measure, cells):
    plain, clustered = _one(measure, **cells), _one(measure, **cells, **CLUSTERS)
    assert clustered["yi"] == plain["yi"]
    assert clustered["vi"] == pytest.approx(DE * plain["vi"], rel=CLOSED_FORM)
    assert "clustered" in _codes(clustered)


@pytest.mark.parametrize("measure", [m for m in ROUTES if m not in {"HR", "COR", "ZCOR"}])
def test_a_design_effect_of_one_changes_nothing(measure):
    cells = MEANS | {"events1": 12, "total1": 40, "events2": 9, "total2": 41, "time1": 90, "time2": 80}
    plain = _one(measure, **cells, n1=40, n2=41)
    same = _one(measure, **cells, n1=40, n2=41, icc=0.3, cluster_size=1, control_arms=1)
    assert plain["status"] == "analysed"
    assert _pair(same) == _pair(plain)


def test_half_of_what_clusters_need_is_said_and_not_used():
    plain, half = _one(**MEANS, **TRIAL), _one(**MEANS, **TRIAL, icc=0.02)
    assert _pair(half) == _pair(plain)
    assert "clusters_unknown" in _codes(half)
    assert "only one is known" in half["assumptions"]


@pytest.mark.parametrize(
    "wrong", [{"icc": 1.2, "cluster_size": 9}, {"icc": 0.1, "cluster_size": 0.5}, {"control_arms": 0}]
)
def test_impossible_designs_are_refused(wrong):
    found = _one(**MEANS, **TRIAL, **wrong)
    assert found["status"] == "problem"
    assert "icc must lie between 0 and 1, cluster_size and control_arms be at least 1" in found["reason"]


# A shared control


def test_a_shared_control_is_divided_among_its_comparisons():
    found = _one(d=0.5, n1=40, n2=60, control_arms=3)
    expected = escalc("SMD", di=0.5, n1i=40, n2i=20).iloc[0]
    np.testing.assert_allclose(_pair(found), expected, rtol=CLOSED_FORM)
    assert "shared_control" in _codes(found)
    assert found["inputs"] == "d=0.5; n1=40; n2=60; control_arms=3"


def test_events_of_a_shared_control_are_divided_too():
    found = _one("RR", events1=10, total1=40, events2=12, total2=60, control_arms=2)
    expected = escalc("RR", ai=10, n1i=40, ci=6, n2i=30).iloc[0]
    np.testing.assert_allclose(_pair(found), expected, rtol=CLOSED_FORM)


def test_a_printed_interval_cannot_be_divided_and_says_so():
    cells = {"or": 2.8, "or_lo": 1.5, "or_hi": 5.0}
    found = _one("OR", **cells, control_arms=2)
    assert _pair(found) == _pair(_one("OR", **cells))
    assert "shared_control_kept" in _codes(found)


def test_designs_do_not_touch_a_change_or_a_proportion_through_a_control():
    change = {"contrast": "pre_post", "d": 0.5, "n_pairs": 30}
    assert _pair(_one(**change, control_arms=2)) == _pair(_one(**change))
    share = {"events1": 9, "total1": 30}
    assert _pair(_one("PLO", **share, control_arms=2)) == _pair(_one("PLO", **share))


# SDs from a test


def test_the_sd_of_the_handbook_follows_from_its_p():
    # Handbook 6.5.2.3: a difference of 3.8 with p = 0.008 in 25 and 22 people is an SD of 4.68, and an SE of 1.37.
    cells = {"mean1": 13.8, "mean2": 10.0, "p": 0.008, "n1": 25, "n2": 22}
    found = _one("MD", **cells)
    assert found["route"] == "md.means_p"
    assert found["yi"] == pytest.approx(3.8, rel=CLOSED_FORM)
    assert np.sqrt(found["vi"]) == pytest.approx(1.37, abs=PRINTED)
    assert "sd_from_test" in _codes(found)


def test_means_give_a_p_its_sign():
    cells = {"mean1": 10.0, "mean2": 13.8, "p": 0.008, "n1": 25, "n2": 22}
    found, without = _one(**cells), _one(p=0.008, n1=25, n2=22, direction=-1)
    assert (found["route"], without["route"]) == ("smd.means_p", "smd.p")
    np.testing.assert_allclose(_pair(found), _pair(without), rtol=CLOSED_FORM)


def test_t_and_means_give_back_the_difference_that_t_was_made_from():
    sizes = {"n1": 25, "n2": 22}
    t = 2.0 / (3.0 * np.sqrt(1 / 25 + 1 / 22))
    found = _one("MD", mean1=12.0, mean2=10.0, t=t, **sizes)
    expected = _one("MD", mean1=12.0, sd1=3.0, mean2=10.0, sd2=3.0, **sizes)
    assert found["route"] == "md.means_t"
    np.testing.assert_allclose(_pair(found), _pair(expected), rtol=CLOSED_FORM)


# SDs from quantiles


@pytest.mark.parametrize("measure", ["SMD", "MD", "SMDH", "ROM"])
def test_quartiles_beside_means_give_sds(measure):
    # Wan et al. (2014), equation 16, at n = 62: the quartiles of the example of convert.sd_from_iqr.
    sd = 10.3 / (2 * 0.658769)
    cells = {"mean1": 16.0, "q1_1": 11.0, "q3_1": 21.3, "mean2": 14.0, "q1_2": 9.0, "q3_2": 19.3, "n1": 62, "n2": 62}
    found = _one(measure, **cells)
    expected = _one(measure, mean1=16.0, sd1=sd, mean2=14.0, sd2=sd, n1=62, n2=62)
    assert found["route"] == f"{measure.lower()}.means_iqr"
    np.testing.assert_allclose(_pair(found), _pair(expected), rtol=2e-2)
    assert "sd_from_quantiles" in _codes(found)


def test_ranges_beside_means_give_sds():
    cells = {"mean1": 16.0, "min1": 2.0, "max1": 31.0, "mean2": 14.0, "min2": 2.0, "max2": 31.0, "n1": 40, "n2": 40}
    found = _one("MD", **cells)
    assert found["route"] == "md.means_range"
    # The example of convert.sd_from_range: 6.7243 at n = 40.
    assert found["vi"] == pytest.approx(2 * 6.7243**2 / 40, rel=1e-4)


def test_a_median_that_shows_skewness_closes_the_way():
    cells = {"mean1": 16.0, "q1_1": 11.0, "median1": 11.2, "q3_1": 21.3, "n1": 62}
    cells |= {"mean2": 14.0, "q1_2": 9.0, "median2": 9.2, "q3_2": 19.3, "n2": 62}
    found = _one(**cells)
    assert found["status"] == "problem"
    assert "skewed" in found["reason"]


def test_quantiles_tell_all_the_cells_that_they_read():
    cells = {
        "q1_1": 11.0,
        "median1": 15.2,
        "q3_1": 21.3,
        "n1": 62,
        "q1_2": 9.0,
        "median2": 14.0,
        "q3_2": 19.0,
        "n2": 60,
    }
    found = _one(**cells)
    assert found["route"] == "smd.quantiles"
    read = dict(part.split("=") for part in found["inputs"].split("; "))
    assert {name: float(value) for name, value in read.items()} == cells
    assert _pair(_one(**{name: float(value) for name, value in read.items()})) == _pair(found)
    assert (
        "q1_2 and q3_2 (or min2 and max2) is missing"
        in _one(median1=3, median2=2, q1_1=1, q3_1=4, n1=9, n2=9)["reason"]
    )


# Before and after


def test_sds_before_and_after_give_that_of_the_change():
    # Handbook 6.5.2.8: SDs of 6.4 and 7.1 with a correlation of 0.78 give 4.5 (more exactly 4.53).
    cells = {f"sd{i}_{when}": sd for i in (1, 2) for when, sd in (("pre", 6.4), ("post", 7.1))}
    found = _one("MD", mean1=-3.0, mean2=-1.0, **cells, r_pre_post=0.78, n1=30, n2=30)
    sd = np.sqrt(6.4**2 + 7.1**2 - 2 * 0.78 * 6.4 * 7.1)
    assert sd == pytest.approx(4.53, abs=PRINTED)
    assert found["route"] == "md.means_change"
    assert found["vi"] == pytest.approx(2 * sd**2 / 30, rel=CLOSED_FORM)
    assert "change_scores" in _codes(found)


PAIRED = {"contrast": "pre_post", "mean1": 20.0, "sd1": 6.0, "mean2": 16.0, "sd2": 5.0, "n1": 30}


def test_a_printed_correlation_takes_the_place_of_the_assumed_one():
    found = _one(**PAIRED, r_pre_post=0.7)
    assumed = _one(**PAIRED, options={"pre_post_r": 0.7})
    assert _pair(found) == _pair(assumed)
    assert _codes(found) == {"paired_known_r", "own_sign"}
    assert "r_pre_post=0.7" in found["inputs"]
    assert _codes(assumed) == {"paired", "own_sign"}


def test_the_sd_of_the_change_has_the_correlation():
    spread = np.sqrt(6.0**2 + 5.0**2 - 2 * 0.7 * 6.0 * 5.0)
    found = _one(**PAIRED, sd_change=spread)
    np.testing.assert_allclose(_pair(found), _pair(_one(**PAIRED, r_pre_post=0.7)), rtol=CLOSED_FORM)
    assert "sd1=6; sd_change=" in found["inputs"]
    again = dict(part.split("=") for part in found["inputs"].split("; "))
    redone = _one(contrast="pre_post", **{name: float(value) for name, value in again.items()})
    np.testing.assert_allclose(_pair(redone), _pair(found), rtol=CLOSED_FORM)


def test_sds_that_do_not_belong_together_are_refused():
    found = _one(**PAIRED, sd_change=40.0)
    assert found["status"] == "problem"
    assert "correlation of before and after must lie between -1 and 1" in found["reason"]


def test_clusters_reduce_the_pairs():
    found = _one(contrast="pre_post", d=0.5, n_pairs=100, icc=0.25, cluster_size=5)
    expected = escalc("SMCR", m1i=0.5, sd1i=1, m2i=0, ri=0.5, ni=50).iloc[0]
    np.testing.assert_allclose(_pair(found), expected, rtol=CLOSED_FORM)


# Every new column is told, and the number follows again from what is told


@pytest.mark.parametrize(
    ("measure", "cells"),
    [
        ("SMD", {**MEANS, **TRIAL, **CLUSTERS, "control_arms": 2}),
        ("OR", {"events1": 63, "total1": 295, "events2": 84, "total2": 330, **CLUSTERS, "control_arms": 3}),
        ("MD", {"mean1": 12, "mean2": 10, "t": 2.5, **TRIAL, **CLUSTERS}),
        ("ZCOR", {"r": 0.3, "n_total": 90, **CLUSTERS}),
        ("PLO", {"events1": 9, "total1": 30, **CLUSTERS}),
        ("SMD", {"contrast": "pre_post", "t": 2.5, "n1": 40, "r_pre_post": 0.6, **CLUSTERS}),
        ("SMD", {"contrast": "pre_post", "t": 2.5, "n1": 40, "sd1": 3.0, "sd2": 4.0, "sd_change": 3.0}),
        ("OR", {"contrast": "pre_post", "events1": 9, "total1": 30, "events2": 15, "total2": 30, "r_pre_post": 0.6}),
    ],
)
def test_a_number_follows_again_from_the_cells_that_are_told(measure, cells):
    found = _one(measure, **cells)
    assert found["status"] == "analysed"
    told = {name: float(value) for name, value in (part.split("=") for part in found["inputs"].split("; "))}
    words = {"contrast": cells["contrast"]} if "contrast" in cells else {}
    assert told.keys() == cells.keys() - words.keys()
    np.testing.assert_allclose(_pair(_one(measure, **told, **words)), _pair(found), rtol=CLOSED_FORM)
