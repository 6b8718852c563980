"""A definition means the same in a review as in escalc."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from metacircuit.effects.escalc import escalc
from metacircuit.effects.harmonise import harmonise
from metacircuit.effects.measures.definitions import DEFINITIONS, DIFFERENCES
from metacircuit.effects.routes import ROUTES, order_table

CASES = json.loads((Path(__file__).parents[1] / "reference" / "escalc.json").read_text(encoding="utf-8"))["cases"]
CLOSED_FORM = 1e-10  # formulas without iteration agree to rounding
NAMES = {"m1i": "mean1", "sd1i": "sd1", "n1i": "n1", "m2i": "mean2", "sd2i": "sd2", "n2i": "n2"}
MEANS = ("MD", "SMD", "SMDH", "ROM", "VR", "CVR")


@pytest.mark.parametrize("definition", DEFINITIONS)
@pytest.mark.parametrize("measure", MEANS)
def test_a_definition_is_the_one_of_escalc(measure, definition):
    data = next(case["data"] for case in CASES if case["measure"] == measure and not case["options"])
    sheet = pd.DataFrame({NAMES[name]: values for name, values in data.items()})
    found = harmonise(sheet, measure, definition=definition)
    expected = escalc(measure, **data, definition=definition)
    np.testing.assert_allclose(found[["yi", "vi"]], expected, rtol=CLOSED_FORM)


def test_definitions_that_differ_for_a_measure_with_routes_make_a_difference():
    for difference in DIFFERENCES:
        if difference.measure not in ROUTES:
            continue
        row = pd.DataFrame([{"mean1": 12, "sd1": 3, "n1": 9, "mean2": 10, "sd2": 4, "n2": 12}])
        plain = harmonise(row, difference.measure)
        other = harmonise(row, difference.measure, definition=difference.definition)
        assert not np.allclose(plain[["yi", "vi"]], other[["yi", "vi"]], rtol=1e-6), difference


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_a_change_in_the_same_people_has_one_definition_here_and_in_escalc(definition):
    row = pd.DataFrame([{"contrast": "pre_post", "mean1": 20, "mean2": 16, "sd2": 5, "n1": 12, "r_pre_post": 0.7}])
    found = harmonise(row, "SMD", definition=definition)
    expected = escalc("SMCR", m1i=20, sd1i=5, m2i=16, ri=0.7, ni=12, definition=definition)
    np.testing.assert_allclose(found[["yi", "vi"]], expected, rtol=CLOSED_FORM)


def test_every_formula_says_what_vi_is():
    printed = order_table().set_index("route")["formula"]
    silent = [name for name, formula in printed.items() if "vi" not in formula and "both rescaled" not in formula]
    assert silent == []


def test_no_source_names_a_paper_twice_in_the_same_words():
    for source in order_table()["source"]:
        parts = [part.strip() for part in source.split(";")]
        assert len(set(parts)) == len(parts)
        assert all(source.count(paper) <= 1 for paper in ("Hedges (1981)", "Becker (1988)", "Fisher (1921)")), source


def test_the_table_says_which_routes_wait_for_a_switch():
    table = order_table().set_index("route")
    assert table.loc["or.hr_ci", "on_request"] == "conversion.ratios_as_or in the config, treat_ratio_as_or in Python"
    assert table.loc["or.or_ci", "on_request"] == ""
    assert table.loc["smd.paired_g_ci", "label"] == "Hedges' g with 95% CI, before and after"
    assert "q1_1 and q3_1 (or min1 and max1)" in table.loc["smd.quantiles", "needs"]
