"""From a sheet to one measure: orientation, bounds, problems, and the record of each row."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from metacircuit.effects.harmonise import harmonise
from metacircuit.effects.routes import PRINTED, route

CLOSED_FORM = 1e-10  # formulas without iteration agree to rounding
TABLE_5 = 1e-5  # quantiles pinned with seven digits
NSSI = Path(__file__).parents[2] / "data" / "nssi" / "effects.csv"
COLUMNS = ["effect_id", "measure", "yi", "vi", "ci_lb", "ci_ub", "route", "inputs", "assumptions", "flags"]
COLUMNS += ["participants", "lower", "upper", "status", "reason"]


def _one(measure="SMD", /, *, options=None, **cells):
    return harmonise(pd.DataFrame([{"effect_id": "x", **cells}]), measure, **(options or {})).iloc[0]


def _codes(found):
    return set(found["flags"].split("; ")) - {""}


# Orientation

MAGNITUDE = _one(t=2.0, n1=40, n2=40)["yi"]


@pytest.mark.parametrize(
    ("t", "direction", "scale", "sign", "flag"),
    [
        (2.0, 1, 1, 1, None),
        (-2.0, -1, 1, -1, None),
        (-2.0, -1, -1, 1, None),
        (2.0, -1, 1, -1, "printed_unsigned"),
        (2.0, -1, -1, 1, "printed_unsigned"),
        (-2.0, 1, 1, 1, "sign_contradiction"),
        (-2.0, np.nan, 1, -1, "own_sign"),
        (2.0, np.nan, -1, -1, "own_sign"),
        (2.0, 1, np.nan, 1, None),
    ],
)
def test_orientation_is_direction_times_scale(t, direction, scale, sign, flag):
    found = _one(t=t, n1=40, n2=40, direction=direction, scale_direction=scale)
    assert found["yi"] == pytest.approx(sign * MAGNITUDE, rel=CLOSED_FORM)
    assert _codes(found) == ({flag} if flag else set())


def test_a_statistic_without_a_sign_needs_a_direction():
    for cells in ({"f": 4.0, "df1": 1}, {"p": 0.03, "p_op": "="}, {"chi2": 5.0}):
        found = _one(**cells, n1=40, n2=40)
        assert found["status"] == "problem"
        assert "direction is missing" in found["reason"]
        assert _one(**cells, n1=40, n2=40, direction=-1)["yi"] < 0


def test_means_that_contradict_the_direction_are_flagged():
    found = _one(mean1=9, sd1=2, n1=40, mean2=7, sd2=2, n2=40, direction=-1)
    assert found["yi"] < 0
    assert "sign_contradiction" in found["flags"]
    assert "contradicts the direction" in found["assumptions"]


# Bounds


def test_a_p_below_a_limit_leaves_the_side_of_the_direction():
    # R 4.2.2: qt(1 - .05 / 2, 58) = 2.001717; J(58) = 0.98703; d = t sqrt(2 / 30)
    limit = 2.001717 * np.sqrt(2 / 30) * 0.987004
    up = _one(p=0.05, p_op="<", n1=30, n2=30, direction=1)
    down = _one(p=0.05, p_op="<", n1=30, n2=30, direction=1, scale_direction=-1)
    assert (up["status"], up["route"], up["upper"]) == ("bound", "smd.p", np.inf)
    assert up["lower"] == pytest.approx(limit, abs=TABLE_5)
    assert (down["lower"], down["upper"]) == (-np.inf, -up["lower"])
    assert np.isnan(up["yi"])
    assert up["vi"] == pytest.approx(2 / 30 + limit**2 / 120, abs=TABLE_5)
    assert up["inputs"] == "p<0.05; n1=30; n2=30; direction=1"
    assert "p_bound" in up["flags"]


def test_a_p_above_a_limit_leaves_an_interval_around_zero_and_needs_no_direction():
    found = _one(p=0.05, p_op=">", n1=30, n2=30)
    assert found["status"] == "bound"
    assert found["lower"] == -found["upper"]
    assert found["upper"] == pytest.approx(_one(p=0.05, p_op="<", n1=30, n2=30, direction=1)["lower"], rel=CLOSED_FORM)


@pytest.mark.parametrize("operator", ["<", "<=", "≤"])
def test_operators_of_a_bound(operator):
    assert _one(p=0.05, p_op=operator, n1=30, n2=30, direction=1)["status"] == "bound"


def test_a_bound_without_a_direction_is_a_problem():
    found = _one(p=0.05, p_op="<", n1=30, n2=30)
    assert found["status"] == "problem"
    assert "direction is missing" in found["reason"]


def test_an_exact_route_wins_over_a_bound():
    for cells in ({"t": 3.42}, {"r": 0.3}, {"or": 2.0, "or_lo": 0.95, "or_hi": 4.2}):
        assert _one(**cells, p=0.05, p_op="<", n1=60, n2=60, direction=1)["status"] == "analysed"


def test_a_row_marked_as_a_bound_is_one_whatever_else_is_printed():
    found = _one(z=3.591, p=0.004, p_op="=", n1=36, n2=24, direction=1, usable="bound")
    assert (found["status"], found["route"]) == ("bound", "smd.p")
    assert {"p_bound", "p_as_limit"} <= _codes(found)


def test_an_effect_printed_as_a_limit():
    # Tschan et al. (2017) print d >= 0.72 for 14 and 57 patients. R: exp(lgamma(34.5) - lgamma(34)) / sqrt(34.5)
    found = _one(d=0.72, n1=14, n2=57, direction=-1, usable="bound")
    assert found["status"] == "bound"
    assert found["upper"] == pytest.approx(-0.72 * 0.9890726, abs=TABLE_5)
    assert found["lower"] == -np.inf
    assert "printed_limit" in found["flags"]


def test_bounds_of_a_correlation_and_of_an_odds_ratio():
    # R 4.2.2: qt(1 - .01 / 2, 98) = 2.626931; r = t / sqrt(t^2 + 98)
    r = 2.626931 / np.sqrt(2.626931**2 + 98)
    found = _one("ZCOR", p=0.01, p_op="<", n_total=100, direction=1, contrast="association")
    assert found["lower"] == pytest.approx(np.arctanh(r), abs=TABLE_5)
    odds = _one("OR", p=0.01, p_op="<", n1=50, n2=50, direction=1)
    assert odds["lower"] == pytest.approx(2.626931 * np.sqrt(2 / 50) * np.pi / np.sqrt(3), abs=TABLE_5)


# Problems


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({}, "no statistic is printed that leads to SMD"),
        ({"t": 2.0}, "t: n1 and n2 (or n_total) is missing"),
        ({"mean1": 3, "mean2": 2, "n1": 20, "n2": 20}, "means and SDs: sd1 and sd2 are missing"),
        ({"mean1": 3, "sd1": 0, "mean2": 2, "sd2": 1, "n1": 20, "n2": 20}, "sd1 and sd2 must be above 0"),
        ({"t": 2.0, "n1": 1, "n2": 20}, "each group needs at least 2 participants"),
        ({"p": 0.0, "p_op": "=", "n1": 20, "n2": 20, "direction": 1}, "p must be above 0"),
        ({"f": 2.95, "n1": 20, "n2": 20, "direction": 1}, "df1 is missing"),
        ({"f": 2.95, "df1": 2, "n1": 20, "n2": 20, "direction": 1}, "only if df1 is 1"),
        ({"t": 2.0, "usable": "bound", "n1": 9, "n2": 9}, "marked as a bound"),
        ({"p": 0.05, "p_op": "<", "direction": 1}, "n1 and n2 (or n_total) is missing"),
    ],
)
def test_a_problem_says_what_is_wrong(cells, reason):
    found = _one(**cells)
    assert found["status"] == "problem"
    assert reason in found["reason"]
    assert found["route"] == ""
    assert np.isnan([found["yi"], found["vi"], found["lower"], found["upper"]]).all()


def test_a_refused_route_leaves_the_row_to_the_next():
    found = _one(mean1=3, sd1=0, mean2=2, sd2=1, t=2.0, n1=20, n2=20)
    assert (found["route"], found["reason"]) == ("smd.t", "")


def test_text_among_numbers_is_an_error_that_names_the_cell():
    sheet = pd.DataFrame({"effect_id": ["a", "b"], "t": ["2.1", "n.s."], "n1": 20, "n2": 20})
    with pytest.raises(ValueError, match=r"Column 't' must hold numbers, but effect 'b' has 'n.s.'"):
        harmonise(sheet, "SMD")


def test_numbers_written_as_text_are_numbers():
    sheet = pd.DataFrame({"t": ["2.0", ""], "n1": ["40", "40"], "n2": ["40", "40"]}, dtype=object)
    found = harmonise(sheet, "SMD")
    assert found["yi"][0] == MAGNITUDE
    assert found["status"][1] == "problem"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"definition": "hedges"}, r"definition='hedges' is not known. Allowed: metafor-5, borenstein, metafor-3.8"),
        ({"pre_post_r": 1.0}, r"pre_post_r=1.0 is not a correlation that a change can have"),
        ({"order": ["smd.tt"]}, r"Nearest: 'smd.t'"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        _one(t=2.0, n1=20, n2=20, options=options)


# The table


def test_rows_keep_their_order_and_their_index():
    sheet = pd.DataFrame({"effect_id": ["c", "a", "b"], "t": [2.0, np.nan, 1.0], "n1": 20, "n2": 20}, index=[7, 3, 5])
    found = harmonise(sheet, "SMD")
    assert list(found.columns) == COLUMNS
    assert list(found.index) == [7, 3, 5]
    assert list(found["effect_id"]) == ["c", "a", "b"]
    assert list(found["status"]) == ["analysed", "problem", "analysed"]


def test_an_empty_sheet_gives_an_empty_table():
    found = harmonise(pd.DataFrame({"effect_id": [], "t": []}), "SMD")
    assert list(found.columns) == COLUMNS
    assert found.empty


def test_intervals_are_walds():
    found = _one(t=2.0, n1=40, n2=40)
    half = 1.959963984540054 * np.sqrt(found["vi"])
    assert found["ci_lb"] == pytest.approx(found["yi"] - half, rel=CLOSED_FORM)
    assert found["ci_ub"] == pytest.approx(found["yi"] + half, rel=CLOSED_FORM)


def test_inputs_are_as_printed():
    cells = {"mean1": 63.05, "sd1": 14.71, "n1": 18, "mean2": 56.57, "sd2": 13.59, "n2": 18, "t": 1.37}
    assert _one(**cells)["inputs"] == "mean1=63.05; sd1=14.71; mean2=56.57; sd2=13.59; n1=18; n2=18"


def test_an_order_changes_the_route():
    cells = {"t": 5.91, "mean1": 67.09, "sd1": 11.48, "mean2": 53.7, "sd2": 7.12, "n1": 60, "n2": 60}
    assert _one(**cells)["route"] == "smd.means_sd"
    assert _one(**cells, options={"order": ["smd.t", "smd.means_sd"]})["route"] == "smd.t"
    assert _one(**cells, options={"order": ["smd.p"]})["status"] == "problem"


# The shipped review


@pytest.fixture(scope="module")
def sheet():
    return pd.read_csv(NSSI)


@pytest.mark.parametrize("measure", ["SMD", "OR", "ZCOR", "PLO"])
def test_every_row_has_one_outcome(sheet, measure):
    found = harmonise(sheet, measure)
    assert len(found) == len(sheet)
    analysed, bound, problem = (found["status"] == status for status in ("analysed", "bound", "problem"))
    assert (analysed | bound | problem).all()
    assert np.isfinite(found.loc[analysed, ["yi", "vi"]]).all(axis=None)
    assert (found.loc[analysed, "vi"] > 0).all()
    assert found.loc[~analysed, "yi"].isna().all()
    assert (found.loc[bound, "lower"] < found.loc[bound, "upper"]).all()
    assert (found.loc[problem, "reason"] != "").all()
    assert (found.loc[~problem, "reason"] == "").all()


@pytest.mark.parametrize("measure", ["SMD", "OR", "ZCOR", "PLO"])
def test_every_estimate_follows_again_from_its_record(sheet, measure):
    found = harmonise(sheet, measure)
    analysed = found["status"] == "analysed"
    cells = [dict(part.split("=") for part in text.split("; ")) for text in found.loc[analysed, "inputs"]]
    again = pd.DataFrame(cells).astype(float)
    again["contrast"] = sheet.loc[analysed, "contrast"].to_numpy()
    assert set(again.columns) <= {*PRINTED, "contrast"}
    for name, rows in found[analysed].reset_index(drop=True).groupby("route"):
        assert route(name).measure == measure
        redone = harmonise(again.loc[rows.index], measure, order=[name])
        np.testing.assert_allclose(redone["yi"], rows["yi"], rtol=CLOSED_FORM)
        np.testing.assert_allclose(redone["vi"], rows["vi"], rtol=CLOSED_FORM)


def test_known_rows_of_the_shipped_review(sheet):
    found = harmonise(sheet, "SMD").set_index("effect_id")
    # vanderVenne2021.1: t = 3.182 printed unsigned, NSSI lower; d = 3.182 sqrt(1/94 + 1/35) = .6301, J(127) = .99409.
    assert found.loc["vanderVenne2021.1", "yi"] == pytest.approx(-0.6301 * 0.99409, abs=1e-4)
    # Schloss2019.1 prints SEMs: SDs 25.797 and 29.516, pooled 27.622; -5.3 / 27.622, scale reversed, J(40) = .98114.
    assert found.loc["Schloss2019.1", "route"] == "smd.means_se"
    assert found.loc["Schloss2019.1", "yi"] == pytest.approx(5.3 / 27.622 * 0.98114, abs=1e-4)
    # Hayes2016: more self-harm off lithium is printed as a hazard ratio, which SMD takes only on request.
    assert found.loc["Hayes2016.1", "status"] == "problem"
