"""Published estimates on our measures, and what the comparison says."""

import math

import numpy as np
import pandas as pd
import pytest
from metacircuit.claims.published import COLUMNS, compare, no_comparison
from metacircuit.claims.scale import convert
from metacircuit.config import UserError
from metacircuit.config.comparison import Comparison

Z = 1.959963984540054
SHEET = pd.DataFrame(
    {
        "published_id": ["a.1", "b.1", "c.1", "d.1"],
        "first_author": ["Fox", "not shown", "", "Lu"],
        "year": [2015.0, 2025.0, 2020.0, 2023.0],
        "topic": ["risk", "therapy", "change", "short"],
        "k": [20.0, np.nan, 3.0, 6.0],
        "measure": ["OR", "SMD", "SMCC", "SMD"],
        "estimate": [2.0, -0.4, 0.3, 1.86],
        "ci_lo": [1.5, -0.7, 0.1, -2.72],
        "ci_hi": [8 / 3, -0.1, 0.5, -0.99],
    }
)


@pytest.mark.parametrize(
    ("numbers", "theirs", "ours", "wanted"),
    [
        ((2.0, 1.5, 8 / 3), "OR", "OR", math.log(2)),
        ((2.0, 1.5, 8 / 3), "OR", "SMD", math.log(2) * math.sqrt(3) / math.pi),
        ((0.5, 0.2, 0.8), "SMD", "OR", 0.5 * math.pi / math.sqrt(3)),
        ((0.2, 0.1, 0.3), "PR", "PLO", math.log(0.25)),
        ((0.2, 0.1, 0.3), "PR", "PAS", math.asin(math.sqrt(0.2))),
        ((0.5, 0.2, 0.7), "COR", "ZCOR", 0.5 * math.log(3)),
        ((0.5, 0.2, 0.8), "SMD", "SMD", 0.5),
    ],
)
def test_conversions_are_the_textbook_ones(numbers, theirs, ours, wanted):
    found = convert(*numbers, theirs=theirs, ours=ours)
    assert found.estimate == pytest.approx(wanted, rel=1e-12)
    assert found.se == pytest.approx((found.upper - found.lower) / (2 * Z), rel=1e-12)
    turned = convert(*numbers, theirs=theirs, ours=ours, reverse=True)
    assert (turned.estimate, turned.lower, turned.upper) == (-found.estimate, -found.upper, -found.lower)


@pytest.mark.parametrize(
    ("numbers", "theirs", "ours", "said"),
    [
        ((0.3, 0.1, 0.5), "SMCC", "SMD", "no conversion leads from SMCC to SMD"),
        ((0.3, 0.1, 0.5), "", "SMD", "a measure that is not coded"),
        ((0.3, math.nan, 0.5), "SMD", "SMD", "not printed"),
        ((1.86, -2.72, -0.99), "SMD", "SMD", "outside its interval"),
        ((0.3, 0.0, 0.5), "PR", "PLO", "cannot be brought to PLO"),
        ((-2.0, -3.0, -1.0), "OR", "SMD", "cannot be brought to SMD"),
    ],
)
def test_what_cannot_be_converted_says_why(numbers, theirs, ours, said):
    with pytest.raises(ValueError, match=said):
        convert(*numbers, theirs=theirs, ours=ours)


@pytest.fixture
def results(results_of, effects):
    return results_of(effects({("bpd", "pain"): 0.8, ("mdd", "pain"): 0.1}))


def test_each_published_estimate_has_its_row(results):
    wanted = {
        "a.1": Comparison(analysis="neural", grouping="disorder", stratum="bpd"),
        "c.1": Comparison(analysis="neural"),
        "d.1": Comparison(analysis="neural", reverse=True),
    }
    table = compare(SHEET, wanted, results)
    assert tuple(table.columns) == COLUMNS
    assert list(table["status"]) == ["ok", "not_mapped", "not_comparable", "not_comparable"]
    assert list(table["citation"]) == ["Fox 2015", "b.1", "c.1", "Lu 2023"]
    row = table.iloc[0]
    ours = results["neural"].estimates.query("stratum == 'bpd'").iloc[0]
    se = math.log(8 / 3 / 1.5) / (2 * Z) * math.sqrt(3) / math.pi
    assert row["z"] == pytest.approx((ours["estimate"] - row["published"]) / math.hypot(ours["se"], se))
    # Welch and Satterthwaite, with a published standard error that counts as known.
    assert row["difference_df"] == pytest.approx((ours["se"] ** 2 + se**2) ** 2 / (ours["se"] ** 4 / ours["df"]))
    assert 0 < row["pval"] < 1


def test_ours_that_is_not_pooled_leaves_theirs_to_be_shown(results):
    wanted = {"b.1": Comparison(analysis="neural", grouping="disorder", stratum="anx", reverse=True)}
    row = compare(SHEET, wanted, results).iloc[1]
    assert (row["published"], row["status"]) == (0.4, "no_estimate")


def test_a_published_estimate_that_is_not_in_the_sheet_is_named(results):
    with pytest.raises(UserError, match=r"Did you mean 'a\.1'"):
        compare(SHEET, {"a.2": Comparison(analysis="neural")}, results)
    assert no_comparison().empty
