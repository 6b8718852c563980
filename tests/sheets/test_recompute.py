"""Recomputed statistics equal those of R; rounding decides what contradicts."""

import numpy as np
import pandas as pd
import pytest
from metacircuit.sheets.problems import render_problems
from metacircuit.sheets.raw import collect
from metacircuit.sheets.recompute import p_of_statistics, t_from_means
from metacircuit.sheets.table import understand

#: The statistics are given with ten decimals, half a unit of which changes p by less than this.
DIGITS = 1e-8


def table(**cells):
    names = ["effect_id", "study_id", *cells]
    return understand(collect([names, ["e", "s", *cells.values()]], name="effects", file="effects.csv"), {})


@pytest.mark.parametrize(
    ("statistic", "cells", "p"),
    [
        # R 4.2: 2 * pt(-2.25, 165); 2 * pt(-3.018, 51); pf(5.801, 1, 63, lower = FALSE); 2 * pnorm(-2.4);
        # pchisq(8.63, 1, lower = FALSE)
        ("t", {"t": "2.25", "df2": "165"}, 0.02577067044),
        ("t", {"t": "-3.018", "n1": "30", "n2": "23"}, 0.00396488441),
        ("f", {"f": "5.801", "df1": "1", "df2": "63"}, 0.01895435976),
        ("z", {"z": "-2.4"}, 0.01639507185),
        ("chi2", {"chi2": "8.63"}, 0.00330671574),
        # t = -0.28 * sqrt(71 / (1 - 0.28^2)); 2 * pt(t, 71)
        ("r", {"r": "-0.28", "n_total": "73"}, 0.01642941310),
    ],
)  # fmt: skip
def test_p_values(statistic, cells, p):
    (found,) = [r for r in p_of_statistics(table(**cells)) if r.column == statistic]
    assert found.p.low[0] < p < found.p.high[0]
    exact = table(**{k: v + "00000000" if k == statistic and "." in v else v for k, v in cells.items()})
    (found,) = [r for r in p_of_statistics(exact) if r.column == statistic]
    assert found.p.low[0] == pytest.approx(p, abs=DIGITS)
    assert found.p.high[0] == pytest.approx(p, abs=DIGITS)


def test_t_of_means_by_hand():
    pooled, welch = t_from_means(table(mean1="10", sd1="2", n1="9", mean2="7", sd2="4", n2="16"))
    sp = np.sqrt((8 * 4 + 15 * 16) / 23)
    assert pooled.low[0] < 3 / (sp * np.sqrt(1 / 9 + 1 / 16)) < pooled.high[0]
    assert welch.low[0] < 3 / np.sqrt(4 / 9 + 1) < welch.high[0]


def test_standard_errors_give_the_same_t_as_their_sds():
    by_sd, _ = t_from_means(table(mean1="28.6", sd1="10.000000", n1="25", mean2="33.9", sd2="20.000000", n2="16"))
    by_se, _ = t_from_means(table(mean1="28.6", se1="2.000000", n1="25", mean2="33.9", se2="5.000000", n2="16"))
    np.testing.assert_allclose(
        [by_se.low, by_se.high], [by_sd.low, by_sd.high], rtol=1e-5
    )  # rounding of the last digit


ROUNDED = [
    # printed t, whether it contradicts means that allow 2.24 to 2.29
    ("2.25", False), ("2.2", False), ("2.3", False), ("2.28", False), ("2.32", True), ("2.19", True),
    ("-2.25", False), ("2", False), ("3", True),
]  # fmt: skip


@pytest.mark.parametrize(("t", "contradicts"), ROUNDED)
def test_what_rounding_explains_is_no_contradiction(check, t, contradicts):
    codes = set(check({"t": t, "p": "", "p_op": "", "direction": ""}).problems["code"])
    assert ("t-against-means" in codes) == contradicts


@pytest.mark.parametrize("change", [{"contrast": "pre_post"}, {"adjusted": "yes"}])
def test_means_say_nothing_about_a_paired_or_adjusted_t(check, change):
    assert "t-against-means" not in set(check({"t": "4.0", "p": "", "p_op": ""} | change).problems["code"])


@pytest.mark.parametrize(
    ("op", "p", "contradicts"),
    [("=", "0.026", False), ("=", "0.03", False), ("=", "0.025", False), ("=", "0.02", False), ("=", "0.04", True),
     ("<", "0.05", False), ("<", "0.01", True), (">", "0.05", True), (">", "0.02", False), ("", "0.026", False),
     ("=", "0.000", True)],
)  # fmt: skip
def test_p_and_its_operator(check, op, p, contradicts):
    assert ("p-against-statistic" in set(check({"p": p, "p_op": op}).problems["code"])) == contradicts


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"or": "2.00", "or_lo": "1.00", "or_hi": "4.00"}, None),
        ({"or": "1.6", "or_lo": "1.2", "or_hi": "2.2"}, None),
        ({"d": "1.00", "d_lo": "0.334", "d_hi": "1.653"}, None),  # exact, from the noncentral t, 20 a group
        ({"r": "0.50", "r_lo": "0.10", "r_hi": "0.76"}, None),  # tanh(atanh(0.5) ± 1.96 / sqrt(n - 3)), n = 22
        ({"r": "0.50", "r_lo": "0.24", "r_hi": "0.76"}, "ci-not-symmetric"),
        ({"or": "2.00", "or_lo": "0.50", "or_hi": "3.50"}, "ci-not-symmetric"),
        ({"or": "1.2", "or_lo": "1.2", "or_hi": "1.4"}, None),
        ({"hr": "1.25", "hr_lo": "1.3", "hr_hi": "1.5"}, "ci-not-symmetric"),  # 1.25 may be all of them
        ({"hr": "1.20", "hr_lo": "1.3", "hr_hi": "1.5"}, "ci-not-around"),
    ],
)
def test_intervals_on_their_scale(load, cells, code):
    cells = {"effect_id": "e", "study_id": "s", "n_total": "40"} | cells
    sheets = load({}, effects_csv=f"{','.join(cells)}\n{','.join(cells.values())}\n")
    assert sheets.problems["code"].tolist() == ([code] if code else [])


def test_the_summary_joins_cells_with_the_same_words(check):
    sheets = check({"disorder": "adhdd"}, {"disorder": "adhdd"}, {"sd1": "0"})
    text = render_problems(sheets.problems)
    assert text.splitlines()[0] == "3 errors."
    assert "error unknown-word (2)" in text
    assert "effects.csv rows 2, 3 column disorder: adhdd is not a word of disorder." in text
    assert "Did you mean adhd?" in text
    assert isinstance(sheets.problems["row"].dtype, pd.Int64Dtype)


def test_a_cell_cannot_write_to_the_terminal_or_run_in_a_spreadsheet(check):
    sheets = check({"disorder": "\x1b[31mred\x07"}, {"t": "=HYPERLINK(1)"}, {"t": "x" * 500})
    values = sheets.problems["value"].tolist()
    assert "[31mred" in values
    assert "'=HYPERLINK(1)" in values
    assert max(map(len, values)) == 60
    assert "\x1b" not in render_problems(sheets.problems)
