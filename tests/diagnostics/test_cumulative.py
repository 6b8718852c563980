"""Cumulative meta-analysis: metafor's cumul for univariate models, refits by hand for multilevel ones."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from metacircuit.diagnostics.cumulative import cumul
from metacircuit.models.rma import rma
from metacircuit.models.rma_mv import rma_mv

REFERENCE = Path(__file__).parents[1] / "reference"
UNIVARIATE = json.loads((REFERENCE / "diagnostics.json").read_text("utf-8"))["cases"]
BCG = next(case["data"] for case in UNIVARIATE if case["id"] == "bcg")
DATASETS = json.loads((REFERENCE / "rma_mv.json").read_text("utf-8"))["cases"][0]["datasets"]
ASSINK = {column: np.array(values) for column, values in DATASETS["assink2016"].items()}

ITERATIVE = 1e-6
# metafor's optimiser (nlminb) leaves sigma2 a few 1e-7 from the maximum.
OPTIMISER = {"rel": 1e-5, "abs": 1e-7}

# metafor 3.8-1: cumul(rma(yi, vi, data = b, test = "knha"), order = b$year), b the log risk ratios of dat.bcg.
YEARS = [1948, 1949, 1960, 1977, 1973, 1953, 1973, 1980, 1968, 1961, 1974, 1969, 1976]
BY_YEAR = {
    "estimate": [-0.889311333920, -1.325003442245, -0.972079557781, -1.001093695596, -1.101423550059,
        -0.973463876140, -0.901251436421, -0.788565567147, -0.865607471697, -0.785210543787,
        -0.708206256583, -0.794767610948, -0.714532348365],
    "se": [0.570600354893, 0.336820105221, 0.227561621125, 0.185629806567, 0.160915922044, 0.174460303321,
        0.205113138420, 0.205301514565, 0.203327925114, 0.187298391861, 0.185569993540, 0.182295109748,
        0.180791745519],
    "pval": [0.11910203229159, 0.15847419284587, 0.05067243472328, 0.01249351521414, 0.00238410941576,
        0.00254834414665, 0.00459844677466, 0.00636617885623, 0.00277191115517, 0.00233316074482,
        0.00339357463221, 0.00113670043363, 0.00192001508513],
}  # fmt: skip
# metafor 3.8-1 and clubSandwich, studies of dat.assink2016 in the order of min(year), the first 3 and the first 8:
# rma.mv(yi, V, random = ~ 1 | study/esid) with V from vcalc(rho = 0.6), coef_test(vcov = "CR2"); sigma2; QE.
FIRST = ["15", "5", "3", "4", "11", "13", "14", "2"]
BY_COLUMN = {
    3: [0.952545004958, 0.446088531974, 1.950733459308, 0.169476816348, 0.355303325526, 0.234719413588,
        49.875595734292],
    8: [0.5556849951891, 0.1961893751100, 6.5618410825899, 0.0271127090731, 0.1949220923463, 0.1546154125487,
        325.2224366739502],
}  # fmt: skip


@pytest.mark.parametrize("case", UNIVARIATE, ids=lambda case: case["id"])
def test_by_precision_as_metafor(case):
    got, wanted = cumul(rma(case["data"]["yi"], case["data"]["vi"])), case["cumul_by_vi"]
    for name in ("estimate", "se"):
        assert getattr(got, name)[:, 0] == pytest.approx(wanted[name], rel=ITERATIVE, abs=1e-10), name


def test_by_year_with_knapp_hartung_as_metafor():
    data = pd.DataFrame({"year": YEARS})
    got = cumul(rma(BCG["yi"], BCG["vi"], test="knha"), "year", data=data)
    for name, wanted in BY_YEAR.items():
        assert getattr(got, name)[:, 0] == pytest.approx(wanted, rel=3e-6), name
    assert got.status[:2] == ("too_few", "ok")
    assert "tested by z" in got.reason[0]
    assert "by year" in got.title


def test_studies_of_a_multilevel_model():
    model = rma_mv(ASSINK["yi"], ASSINK["vi"], study=ASSINK["study"], rho=0.6)
    got = cumul(model, ASSINK["x"])
    assert list(got.label[:8]) == FIRST
    table = got.to_frame()
    names = ["estimate", "se", "df", "pval", "sigma2 [study]", "sigma2 [study/effect]", "QE"]
    for n, wanted in BY_COLUMN.items():
        assert table.loc[n - 1, names].tolist() == pytest.approx(wanted, **OPTIMISER)
    assert got.estimate[-1, 0] == pytest.approx(model.beta[0], rel=ITERATIVE)
    assert got.status[0] == "too_few"
    assert "one cluster" in got.reason[0]
    assert got.studies.tolist() == list(range(1, 18))


def test_precision_of_a_study_is_that_of_its_average():
    # 1 / (1' V^-1 1) is 0.02 (1 + 0.5) / 2 = 0.015 for two effects correlated by 0.5; then 0.016 and 0.2.
    model = rma_mv([0.1, 0.2, 0.3, 0.4], [0.2, 0.02, 0.02, 0.016], study=["c", "a", "a", "b"], rho=0.5)
    assert cumul(model).label == ("a", "b", "c")
    assert cumul(model, descending=True).label == ("c", "b", "a")


def test_ties_keep_the_order_of_the_data_or_come_in_together():
    fit = rma([0.1, 0.4, 0.3, 0.8], [0.02, 0.03, 0.05, 0.04], method="EE", slab=list("abcd"))
    years = [2002, 2001, 2002, 2001]
    assert cumul(fit, years).label == ("b", "d", "a", "c")
    assert cumul(fit, years, collapse=True).label == ("b + d", "a + c")
    assert cumul(fit, years, collapse=True).k.tolist() == [2, 4]


def test_several_values_in_a_study_are_said():
    fit = rma([0.1, 0.4, 0.3, 0.8], [0.02, 0.03, 0.05, 0.04], method="EE")
    got = cumul(fit, [2003, 2001, 2002, 2002], cluster=["a", "a", "b", "b"])
    assert got.label == ("a", "b")
    assert got.notes == ("Several values within a study (a): it comes in at the smallest.",)


def test_a_moderator_that_does_not_vary_yet():
    x = [0.0, 0, 0, 1, 0, 1]
    fit = rma([0.1, 0.4, 0.3, 0.8, 0.5, 0.2], [0.02, 0.03, 0.05, 0.04, 0.02, 0.03], mods=x)
    got = cumul(fit, [1, 2, 3, 4, 5, 6])
    assert got.status[:3] == ("not_estimable",) * 3
    assert "mods" in got.reason[0]
    assert set(got.status[3:]) == {"ok"}


@pytest.mark.parametrize("k", [1, 2])
def test_few_studies(k):
    y, v = [0.4, 0.1][:k], [0.05, 0.02][:k]
    for model in (rma(y, v, test="knha"), rma_mv(y, v, study=list("ab")[:k])):
        table = cumul(model).to_frame()
        assert len(table) == k
        assert table["estimate"].notna().all()
        assert (table["pval"].notna() | table["reason"].str.len().gt(10)).all()


def test_wrong_use():
    fit = rma([0.1, 0.4], [0.02, 0.03])
    with pytest.raises(ValueError, match="order='yaer' names no column"):
        cumul(fit, "yaer", data=pd.DataFrame({"year": [1, 2]}))
    with pytest.raises(ValueError, match="order has 3 values and the model 2 effects"):
        cumul(fit, [1, 2, 3])
    with pytest.raises(ValueError, match="order is missing for effect 2"):
        cumul(fit, [2001, np.nan])
    with pytest.raises(TypeError, match="rma or rma_mv; got list"):
        cumul([0.1, 0.2])
