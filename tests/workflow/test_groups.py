"""The groups of the shipped review against R, and what the certainty of its evidence says."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

REFERENCE = Path(__file__).parents[1] / "reference/nssi_groups.json"
# R's optimisers of the variances stop this far from the optimum; closed forms given them agree further.
R_STOPS_SHORT = 2e-5


@pytest.fixture(scope="module")
def expected():
    """tests/reference/nssi_groups.R, run on results/nssi/effects."""
    return json.loads(REFERENCE.read_text("utf-8"))["expected"]


def rows_of(project, name):
    return pd.read_csv(project / "results/nssi" / name, keep_default_na=True)


def test_the_interaction_is_what_clubsandwich_gives(shipped, expected):
    row = rows_of(shipped, "heterogeneity/neural/interaction.csv").iloc[0]
    want = expected["interaction"]["neural"]
    for name in ("df1", "df2", "sigma2_study_additive", "sigma2_effect_additive", "sigma2_study", "sigma2_effect"):
        assert row[name] == pytest.approx(want[name], rel=R_STOPS_SHORT, abs=1e-7), name
    # Below zero degrees of freedom there is no HTZ test, in R neither.
    assert want["pval_htz"] is None
    assert np.isnan(row["pval_htz"])
    assert row["test"] == "permutation of studies"


def test_an_interaction_that_has_an_htz_test_is_what_clubsandwich_gives(shipped, expected):
    from metacircuit.config import HeterogeneitySlice, parse_settings
    from metacircuit.diagnostics.heterogeneity.interaction import interaction

    text = (shipped / "config/nssi.yaml").read_text("utf-8")
    spec = HeterogeneitySlice.of(parse_settings(text, source="nssi.yaml"), "severity")
    effects = rows_of(shipped, "effects/severity.csv").fillna({"disorder": "", "circuit": ""})
    row = interaction(effects, "disorder:circuit", spec)
    want = expected["interaction"]["severity"]
    for name, value in want.items():
        assert row[name] == pytest.approx(value, rel=R_STOPS_SHORT, abs=1e-7), name
    assert row["test"] == "permutation of studies"


def test_a_difference_and_its_equivalence_are_what_clubsandwich_gives(shipped, expected):
    table = rows_of(shipped, "heterogeneity/neural/equivalence.csv")
    row = table[(table["first"] == "borderline_personality_disorder") & (table["second"] == "depressive_disorder")]
    for name, value in expected["difference"].items():
        assert row.iloc[0][name] == pytest.approx(value, rel=R_STOPS_SHORT), name
    assert row.iloc[0]["verdict"] == "inconclusive"


@pytest.mark.parametrize(("analysis", "factor"), [("neural", "disorder"), ("severity", "circuit")])
def test_variances_by_group_are_what_metafor_gives(shipped, expected, analysis, factor):
    table = rows_of(shipped, f"heterogeneity/{analysis}/variances.csv")
    table = table[(table["factor"] == factor) & table["tau2"].notna()]
    scale, diagonal = (part.set_index("stratum") for _, part in table.groupby(table["model"].str.startswith("CHE")))
    want = expected["variances"][f"{analysis}_{factor}"]
    boundary = scale["status"].iloc[0] == "boundary"
    assert boundary == (min(want["tau2"]) < 1e-9)
    for i, word in enumerate(want["levels"]):
        # Where a variance is zero R's log link stops on the way to it.
        assert scale.loc[word, "tau2"] == pytest.approx(want["tau2"][i], rel=1e-4, abs=1e-9)
        assert diagonal.loc[word, "tau2"] == pytest.approx(want["diag_tau2"][i], rel=1e-4, abs=1e-7)
        if not boundary:
            assert scale.loc[word, "tau2_lb"] == pytest.approx(want["tau2_lb"][i], rel=1e-4)
            assert scale.loc[word, "tau2_ub"] == pytest.approx(want["tau2_ub"][i], rel=1e-4)
    assert scale["LRT"].iloc[0] == pytest.approx(want["LRT"], rel=R_STOPS_SHORT)
    assert diagonal["LRT"].iloc[0] == pytest.approx(want["diag_LRT"], rel=R_STOPS_SHORT)
    if not boundary:
        assert scale["QS"].iloc[0] == pytest.approx(want["QS"], rel=R_STOPS_SHORT)


def test_every_cell_of_the_map_has_a_power(shipped):
    power = rows_of(shipped, "heterogeneity/neural/power.csv")
    cells = power[power["grouping"] == "disorder:circuit"]
    assert len(cells) == 11 * 5
    assert cells["status"].isin({"ok", "enough"}).all()
    assert (cells["power_then"] >= 0.8).all()
    assert "further studies" in (shipped / "results/nssi/figures/neural/map_disorder-circuit.txt").read_text("utf-8")


def test_the_certainty_of_every_pooled_stratum_is_judged_and_bias_is_not_invented(shipped):
    table = rows_of(shipped, "certainty.csv")
    pooled = table[table["status"] == "ok"]
    assert set(pooled["risk_of_bias"]) == {"not assessed"}
    assert (pooled["risk_of_bias_steps"] == -1).all()
    assert pooled["final"].isin({"very low", "low"}).all()
    assert pooled["override"].isna().all()
    left = table[table["status"] != "ok"]
    assert left["reason"].notna().all()
    assert left["final"].isna().all()
    findings = rows_of(shipped, "tables/findings.csv")
    analyses = {"neural", "psychosocial", "severity", "prevalence", "treatment", "treatment_variance"}
    assert set(findings["analysis"]) == analyses
    assert len(rows_of(shipped, "prisma.csv")) == 42
