"""A Metapsy database with semicolons and decimal commas gives the published estimates by a source of one line."""

import pytest
from metacircuit.effects.harmonise import harmonise
from metacircuit.models.rma import rma

# metafor 3.8-1 on the same file, d <- read.csv2("data.csv"), for each kind of outcome and each disorder:
# rma(.g, sei = .g_se, data = d, subset = …, method = "REML", test = "knha")
# rma(measure = "RR", ai = event_arm1, n1i = totaln_arm1, ci = event_arm2, n2i = totaln_arm2, data = d, …)
ITERATIVE = 1e-6  # tau2 is found by iteration in both


@pytest.fixture
def effects(load):
    return load("metapsy-suicide/data.csv", format="metapsy").effects


def _pooled(rows, measure, order=None):
    made = harmonise(rows, measure, order=order)
    assert (made["status"] == "analysed").all()
    return rma(made["yi"].to_numpy(), made["vi"].to_numpy(), method="REML", test="knha")


def test_ideation_is_pooled_as_published(effects):
    fit = _pooled(effects[effects["outcome"] == "ideation"], "SMD", ["smd.g_ci"])
    assert fit.k == 102
    found = (fit.beta[0], fit.ci_lb[0], fit.ci_ub[0], fit.tau2)
    assert found == pytest.approx((-0.3043970656, -0.4158138298, -0.1929803014, 0.1808560435), abs=ITERATIVE)


def test_attempts_are_pooled_as_published(effects):
    fit = _pooled(effects[effects["outcome"] == "attempts"], "RR")
    assert fit.k == 88
    found = (fit.beta[0], fit.ci_lb[0], fit.ci_ub[0], fit.tau2)
    assert found == pytest.approx((-0.3180142576, -0.4449641382, -0.1910643770, 0.0773648331), abs=ITERATIVE)


@pytest.mark.parametrize(
    ("disorder", "k", "expected"),
    [
        ("Depression", 21, (-0.571598835, -1.056561844, -0.086635827, 0.965076186)),
        ("Borderline", 7, (-0.421482978, -0.920722432, 0.077756475, 0.175527923)),
    ],
)
def test_disorders_are_subgroups(effects, disorder, k, expected):
    rows = effects[(effects["outcome"] == "ideation") & (effects["disorder"] == disorder)]
    fit = _pooled(rows, "SMD", ["smd.g_ci"])
    assert fit.k == k
    assert (fit.beta[0], fit.ci_lb[0], fit.ci_ub[0], fit.tau2) == pytest.approx(expected, abs=ITERATIVE)


def test_every_comparison_is_kept_with_its_row_and_group(load, effects):
    assert len(effects) == 190
    assert effects["row"].tolist() == list(range(2, 192))
    assert {"Depression", "Borderline", "Mixed"} <= set(effects["disorder"])
    assert effects["effect_id"].is_unique


def test_where_sets_rows_aside_and_keeps_them_in_view(load):
    sheets = load("metapsy-suicide/data.csv", format="metapsy", where={"outcome": "ideation"})
    left = sheets.effects[sheets.effects["include"] == "no"]
    assert len(sheets.effects) == 190
    assert len(left) == 88
    assert set(left["exclude_reason"]) == {"left out by source.where: outcome is attempts"}
