"""All diagnostics of an analysis: what the tables hold, against the functions they come from and against R."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from metacircuit.config import DiagnoseSlice, Model
from metacircuit.config.diagnosis import Diagnosis
from metacircuit.diagnostics.battery.columns import COLUMNS
from metacircuit.diagnostics.battery.run import diagnose
from metacircuit.models.analysis import fit_analysis

# metafor 3.8-1: dat.bcg by escalc("RR"), rma(yi, vi), regtest(), trimfill(), leave1out(), fsn(); printed to six digits.
DIGITS = 2e-5
BCG_YI = [
    *(-0.889311, -1.585389, -1.348073, -1.441551, -0.217547, -0.786116, -1.620898, 0.011952, -0.469418, -1.371345),
    *(-0.339359, 0.445913, -0.017314),
]
BCG_VI = [
    *(0.325585, 0.194581, 0.415368, 0.020010, 0.051210, 0.006906, 0.223017, 0.003962, 0.056434, 0.073025, 0.012412),
    *(0.532506, 0.071405),
]
BCG_YEARS = [1948, 1949, 1960, 1977, 1973, 1953, 1973, 1980, 1968, 1961, 1974, 1969, 1976]


def rows(yi, vi, studies=None, **more) -> pd.DataFrame:
    studies = studies or [f"s{n:02d}" for n in range(len(yi))]
    return pd.DataFrame(
        {
            "effect_id": [f"e{n:02d}" for n in range(len(yi))],
            "study_id": studies,
            "sample_id": studies,
            "study_label": [s.upper() for s in studies],
            "yi": yi,
            "vi": vi,
            "participants": 40.0,
            "status": "analysed",
            "lower": np.nan,
            "upper": np.nan,
            **more,
        }
    )


def tables(frame: pd.DataFrame, measure: str = "SMD", groupings=(), model: Model | None = None, **asked):
    model = model or Model()
    spec = DiagnoseSlice(analysis="a", measure=measure, groupings=groupings, model=model, diagnosis=Diagnosis(**asked))
    estimates = fit_analysis(frame, spec, {}).estimates
    return diagnose(frame, estimates, spec, {}).tables


@pytest.fixture(scope="module")
def bcg() -> dict[str, pd.DataFrame]:
    return tables(rows(BCG_YI, BCG_VI, year=BCG_YEARS), "RR", model=Model(test="z"), gosh_subsets=10_000)


@pytest.fixture(scope="module")
def dependent() -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(5)
    studies = [f"s{n:02d}" for n in range(12) for _ in range(1 + n % 3)]
    vi = rng.uniform(0.02, 0.2, len(studies))
    yi = 0.3 + rng.normal(0, 0.3, 12).repeat([1 + n % 3 for n in range(12)]) + rng.normal(0, np.sqrt(vi))
    group = ["b" if int(s[1:]) > 9 else "a" for s in studies]
    frame = rows(yi, vi, studies, disorder=group, n1=rng.integers(15, 60, len(yi)), n2=25)
    return tables(frame, groupings=("disorder",), gosh_subsets=500)


def test_every_table_has_its_columns_and_no_more(bcg, dependent):
    for found in (bcg, dependent):
        assert {name: tuple(table) for name, table in found.items()} == COLUMNS


@pytest.mark.parametrize(
    ("method", "column", "expected"),
    [
        ("uncorrected", "estimate", -0.714532),
        ("trimfill_l0", "estimate", -0.657083),
        ("fsn_rosenthal", "quantity", 598),
        ("rank", "quantity", 0.025641),
        ("rank", "pval", 0.952362),
        ("egger", "stat", -0.803329),
        ("egger", "pval", 0.421785),
    ],
)
def test_bcg_is_what_metafor_gives(bcg, method, column, expected):
    table = bcg["corrections"].set_index("method")
    assert table.loc[method, column] == pytest.approx(expected, abs=DIGITS * max(1, abs(expected)))


def test_gosh_holds_all_subsets_of_thirteen(bcg):
    assert len(bcg["gosh"]) == 2**13 - 1


def test_cumulative_goes_by_year_and_ends_at_the_estimate(bcg):
    table = bcg["cumulative"]
    assert table["order"].unique().tolist() == ["year"]
    assert table["unit"].tolist()[:3] == ["S00", "S01", "S05"]
    assert table["estimate"].iloc[-1] == pytest.approx(-0.714532, abs=DIGITS)


def test_a_column_without_values_leaves_precision():
    found = tables(rows(BCG_YI, BCG_VI), "RR")["cumulative"]
    assert found["order"].unique().tolist() == ["precision, the most precise study first"]
    assert found["unit"].iloc[0] == "S07"


def test_studies_without_a_year_come_last():
    years = [np.nan if n == 0 else year for n, year in enumerate(BCG_YEARS)]
    found = tables(rows(BCG_YI, BCG_VI, year=years), "RR")["cumulative"]
    assert found["unit"].iloc[-1] == "S00"
    assert found["order"].iloc[0] == "year; 1 without it come last"


def test_dependent_effects_are_left_out_by_study_and_by_effect(dependent):
    table = dependent["leave_one_out"]
    overall = table[table["grouping"] == "overall"]
    assert overall["by"].value_counts().to_dict() == {"effect": 24, "study": 12}


def test_methods_that_know_no_dependence_get_study_means(dependent):
    table = dependent["corrections"].query("grouping == 'overall'").set_index("method")
    assert table.loc["trimfill_l0", ["given", "k"]].tolist() == ["study means", 12]
    assert table.loc["pet_peese", ["given", "k"]].tolist() == ["effects, CR2", 24]
    assert table.loc["3psm", "given"] == "effects, cluster-robust"
    assert table.loc["egger_modified", "status"] == "ok"


def test_a_stratum_that_is_too_small_is_a_row_with_its_reason(dependent):
    for name, table in dependent.items():
        if "grouping" in table:
            small = table[table["stratum"] == "b"]
            assert small["status"].tolist() == ["too_few"], name
            assert small["reason"].iloc[0] == "2 studies; at least 3 are pooled"


def test_few_studies_are_marked_and_the_sentence_says_so(dependent):
    table = tables(rows(BCG_YI[:6], BCG_VI[:6]), "RR")
    assert set(table["corrections"]["few"]) == {"yes"}
    assert "6 studies (fewer than 10)" in table["readings"]["sentence"].iloc[0]
    assert set(dependent["corrections"].query("grouping == 'overall'")["few"]) == {"no"}


def test_the_same_effects_give_the_same_tables(dependent):
    again = tables(rows(BCG_YI, BCG_VI, year=BCG_YEARS), "RR", gosh_subsets=100)
    other = tables(rows(BCG_YI, BCG_VI, year=BCG_YEARS), "RR", gosh_subsets=100)
    for name, table in again.items():
        pd.testing.assert_frame_equal(table, other[name])


def test_odds_ratios_with_counts_are_tested_by_peters_and_harbord():
    events1, events2 = [4, 6, 3, 62, 33, 180], [11, 29, 11, 248, 47, 372]
    total1, total2 = [123, 306, 231, 13598, 5069, 1541], [139, 303, 220, 12867, 5808, 1451]
    counts = dict(zip(("events1", "total1", "events2", "total2"), (events1, total1, events2, total2), strict=True))
    table = tables(rows(BCG_YI[:6], BCG_VI[:6], **counts), "OR")["corrections"].set_index("method")
    assert table.loc[["peters", "harbord"], "status"].tolist() == ["ok", "ok"]


@pytest.mark.parametrize(
    ("yi", "vi"),
    [
        ([0.5, 0.5, 0.5, 0.5], [0.04, 0.04, 0.04, 0.04]),
        ([3.0, 2.8, 3.1, 2.9, 3.3], [0.02, 0.03, 0.01, 0.04, 0.02]),
        ([0.01, -0.02, 0.03, 0.0], [0.2, 0.3, 0.25, 0.4]),
    ],
    ids=["equal effects and precision", "all significant", "none significant"],
)
def test_bad_cases_end_in_a_status(yi, vi):
    for name, table in tables(rows(yi, vi)).items():
        if "status" in table:
            assert table["status"].ne("").all(), name
            failed = table[~table["status"].isin(["ok", "at_bound"])]
            assert failed["reason"].ne("").all(), name
