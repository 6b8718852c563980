"""Outlier screening: planted outliers, rules worked by hand, and what cannot be screened."""

import json
from pathlib import Path

import numpy as np
import pytest
from metacircuit.diagnostics.outliers import outliers
from metacircuit.models.rma import rma
from metacircuit.models.rma_mv import rma_mv

REFERENCE = Path(__file__).parents[1] / "reference"
UNIVARIATE = json.loads((REFERENCE / "diagnostics.json").read_text("utf-8"))["cases"]
DATASETS = json.loads((REFERENCE / "rma_mv.json").read_text("utf-8"))["cases"][0]["datasets"]
ASSINK = {column: np.array(values) for column, values in DATASETS["assink2016"].items()}
Y, V = [0.1, 0.15, 0.12, 0.09, 0.14, 0.11, 2.0], [0.01] * 7


@pytest.mark.parametrize("case", UNIVARIATE, ids=lambda case: case["id"])
def test_univariate_rules_on_metafors_diagnostics(case):
    y, v = np.array(case["data"]["yi"], float), np.array(case["data"]["vi"], float)
    model = rma(y, v)
    got, infl = outliers(model).table, case["influence"]
    assert got["out_rstudent"].tolist() == (np.abs(infl["rstudent"]) > 1.96).tolist()
    # The median of chi2 with one degree of freedom.
    assert got["out_cook_d"].tolist() == (np.array(infl["cook_d"]) > 0.454936423).tolist()
    half = 1.959963985 * np.sqrt(v)
    apart = (y - half > model.ci_ub[0]) | (y + half < model.ci_lb[0])
    assert got["out_ci"].tolist() == apart.tolist()


def test_a_planted_outlier_and_the_estimate_without_it():
    got = outliers(rma(Y, V, slab=list("abcdefg")))
    for rule in ("rstudent", "ci", "cook_d"):
        assert "g" in got.flagged(rule)
    table = got.sensitivity.to_frame().set_index("effects")
    assert table.loc["all effects", "estimate"] == pytest.approx(np.mean(Y))
    assert table.loc["without outliers by rstudent", "estimate"] == pytest.approx(np.mean(Y[:6]))
    assert table.loc["without outliers by rstudent", "k"] == 6
    assert got.rules["rstudent"] == "Deleted residual beyond +-1.96"
    assert "0.4549 (median of chi2(1))" in got.rules["cook_d"]
    assert "g" in str(got)


def test_studies_of_a_multilevel_model():
    model = rma_mv(ASSINK["yi"], ASSINK["vi"], study=ASSINK["study"], rho=0.6)
    got = outliers(model, cook_d=0.5)
    # metafor 3.8-1, cooks.distance(fit, cluster = study): 1.086 for study 11, all others below 0.2.
    assert got.flagged("cook_d") == ("11",)
    without = ASSINK["study"] != 11
    alone = rma_mv(ASSINK["yi"][without], ASSINK["vi"][without], study=ASSINK["study"][without], rho=0.6)
    table = got.sensitivity.to_frame().set_index("effects").loc["without outliers by cook_d"]
    robust = alone.robust("CR2", bootstrap=False)
    assert table[["estimate", "se", "pval"]].tolist() == pytest.approx(
        [robust.beta[0], robust.se[0], robust.pval[0]], rel=1e-6
    )


def test_an_estimate_of_a_study_is_its_weighted_average():
    got = outliers(rma_mv([0.2, 0.4, 0.5], [0.02, 0.02, 0.03], study=["a", "a", "b"], rho=0.5), inference="model").table
    assert got["estimate"].tolist() == pytest.approx([0.3, 0.5])
    assert (got["ci_ub"] - got["estimate"]).tolist() == pytest.approx(1.959963985 * np.sqrt([0.015, 0.03]))


def test_intervals_are_not_compared_with_moderators():
    got = outliers(rma(Y, V, mods=np.arange(7.0)))
    assert list(got.rules) == ["rstudent", "cook_d"]
    assert got.notes == ("The rule of the intervals was not used: with moderators there is no one pooled estimate.",)


@pytest.mark.parametrize("k", [1, 2])
def test_few_studies(k):
    for model in (rma(Y[:k], V[:k], test="knha"), rma_mv(Y[:k], V[:k], study=list("ab")[:k])):
        got = outliers(model)
        assert set(got.table["status"]) == {"too_few"}
        assert got.table["reason"].str.len().gt(10).all()
        table = got.sensitivity.to_frame()
        assert (table["pval"].notna() | table["reason"].str.len().gt(10)).all()


def test_every_study_an_outlier():
    got = outliers(rma([0.0, 5.0], [0.01, 0.01], method="EE"))
    last = got.sensitivity.to_frame().iloc[-1]
    assert got.flagged("rstudent") == ("1", "2")
    assert (last["status"], last["reason"], last["k"]) == ("too_few", "No effect is left.", 0)


def test_wrong_use():
    with pytest.raises(ValueError, match="rstudent=0 is a cut-off"):
        outliers(rma(Y, V), rstudent=0)
    with pytest.raises(ValueError, match="rule='cook' is not known"):
        outliers(rma(Y, V)).flagged("cook")
    with pytest.raises(TypeError, match="rma or rma_mv; got dict"):
        outliers({})
