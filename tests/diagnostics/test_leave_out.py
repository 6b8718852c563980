"""Leaving out studies and effects, for univariate and multilevel models."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
from metacircuit.diagnostics.leave_out import leave_out
from metacircuit.models.rma import rma
from metacircuit.models.rma_mv import rma_mv

REFERENCE = Path(__file__).parents[1] / "reference"
UNIVARIATE = json.loads((REFERENCE / "diagnostics.json").read_text("utf-8"))["cases"]
DATASETS = json.loads((REFERENCE / "rma_mv.json").read_text("utf-8"))["cases"][0]["datasets"]
ASSINK = {column: np.array(values) for column, values in DATASETS["assink2016"].items()}

ITERATIVE = 1e-6
# metafor's optimiser (nlminb) leaves sigma2 a few 1e-7 from the maximum.
OPTIMISER = {"rel": 3e-6, "abs": 1e-7}
# The same maximum, reached from elsewhere.
SAME_MAXIMUM = {"rel": 1e-6, "abs": 1e-8}

# metafor 3.8-1 and clubSandwich, R 4.2.2, s <- dat.assink2016 without the study or row:
# V <- vcalc(vi, cluster = study, obs = esid, rho = 0.6, data = s); g <- rma.mv(yi, V, random = ~ 1 | study/esid,
# data = s); coef_test(g, vcov = "CR2", cluster = s$study): estimate, SE, df, p; conf_int the same way; sigma2; QE.
STUDY = {
    "1": [3.77083275684e-01, 1.05051185524e-01, 1.36682434236e01, 3.06386009617e-03, 1.51256746578e-01,
          6.02909804790e-01, 9.28456651630e-02, 1.60399253949e-01, 7.23923139819e02],
    "11": [2.67161508136e-01, 6.68042783010e-02, 1.13542029251e01, 1.96379433423e-03, 1.20683978198e-01,
           4.13639038074e-01, 5.66774785328e-03, 1.48001427003e-01, 5.94697952483e02],
    "16": [3.81287156940e-01, 9.70552136820e-02, 1.37287512337e01, 1.56808119439e-03, 1.72737914587e-01,
           5.89836399292e-01, 8.19423208368e-02, 1.11410936817e-01, 5.04178330192e02],
}  # fmt: skip
EFFECT = {
    "1": [3.61633955530e-01, 9.71886290430e-02, 1.45653973407e01, 2.14423926157e-03, 8.20351545165e-02,
          1.51155969665e-01, 7.31001306808e02],
    "40": [3.73064589662e-01, 9.72004556634e-02, 1.45307230172e01, 1.70002048521e-03, 8.00283402306e-02,
           1.56171843680e-01, 7.36415573414e02],
}  # fmt: skip


@pytest.mark.parametrize("case", UNIVARIATE, ids=lambda case: case["id"])
def test_univariate_as_metafor(case):
    got = leave_out(rma(case["data"]["yi"], case["data"]["vi"]))
    for name in ("estimate", "se", "pval", "ci_lb", "ci_ub"):
        if name in case["leave1out"]:
            assert getattr(got, name)[:, 0] == pytest.approx(case["leave1out"][name], rel=ITERATIVE, abs=1e-12), name
    assert set(got.status) == {"ok"}


def test_leaving_out_a_study_with_cr2():
    got = leave_out(rma_mv(ASSINK["yi"], ASSINK["vi"], study=ASSINK["study"], rho=0.6)).to_frame()
    names = ["estimate", "se", "df", "pval", "ci_lb", "ci_ub", "sigma2 [study]", "sigma2 [study/effect]", "QE"]
    for label, wanted in STUDY.items():
        row = got[got["left_out"] == label].iloc[0]
        assert row[names].tolist() == pytest.approx(wanted, **OPTIMISER)
    assert len(got) == 17
    assert set(got["status"]) == {"ok"}


def test_leaving_out_an_effect_with_cr2():
    model = rma_mv(ASSINK["yi"], ASSINK["vi"], study=ASSINK["study"], rho=0.6)
    got = leave_out(model, by="effect").to_frame()
    names = ["estimate", "se", "df", "pval", "sigma2 [study]", "sigma2 [study/effect]", "QE"]
    for label, wanted in EFFECT.items():
        assert got[got["left_out"] == label].iloc[0][names].tolist() == pytest.approx(wanted, **OPTIMISER)
    assert got["studies"].eq(17).sum() == 100 - (np.bincount(ASSINK["study"]) == 1).sum()


MODELS = {
    "blocks": {"V": np.diag(ASSINK["vi"][:30]) + 0.001 * (ASSINK["study"][:30, None] == ASSINK["study"][:30])},
    "crossed": {"V": ASSINK["vi"][:30], "random": ["~ 1 | study", "~ 1 | lab"]},
    "structured": {"V": ASSINK["vi"][:30], "random": "~ lab | study", "struct": "DIAG"},
    "maximum likelihood": {"V": ASSINK["vi"][:30], "study": "study", "method": "ML", "rho": 0.3},
}


@pytest.mark.parametrize("name", MODELS)
def test_a_row_is_the_model_fitted_without_the_rows(name):
    options = dict(MODELS[name])
    V = options.pop("V")
    data = {"study": ASSINK["study"][:30], "lab": np.array(list("xyz"))[np.arange(30) % 3]}
    if "random" not in options:
        options["study"] = "study"
    n = 12 if name == "structured" else 20
    V, y = (V[:n] if V.ndim == 1 else V[:n, :n]), ASSINK["yi"][:n]
    data = {column: values[:n] for column, values in data.items()}
    got = leave_out(
        rma_mv(y, V, data=data, **options), by="effect", cluster=np.arange(n) if name == "crossed" else None,
        inference="model",
    )  # fmt: skip
    for i in (0, 9, n - 1):
        rest = np.arange(n) != i
        less = {column: values[rest] for column, values in data.items()}
        wanted = rma_mv(y[rest], V[rest] if V.ndim == 1 else V[np.ix_(rest, rest)], data=less, **options)
        row = [got.estimate[i, 0], got.se[i, 0], got.pval[i, 0], got.QE[i], got.I2[i], *got.sigma2[i]]
        numbers = [wanted.beta[0], wanted.se[0], wanted.pval[0], wanted.QE, wanted.I2["total"]]
        assert row == pytest.approx([*numbers, *wanted.components.values()], **SAME_MAXIMUM)


def test_200_effects_in_less_than_a_second():
    rng = np.random.default_rng(1)
    study = np.sort(rng.integers(0, 60, 200))
    vi = rng.uniform(0.02, 0.1, 200)
    yi = 0.3 + rng.normal(0, 0.25, 60)[study] + rng.normal(0, 0.15, 200) + rng.normal(0, np.sqrt(vi))
    model = rma_mv(yi, vi, study=study, rho=0.6)
    start = time.process_time()
    got = leave_out(model)
    assert time.process_time() - start < 1.0
    assert set(got.status) == {"ok"}


def test_univariate_by_study():
    y, v = np.array([0.1, 0.4, 0.3, 0.8]), np.array([0.02, 0.03, 0.05, 0.04])
    got = leave_out(rma(y, v, test="knha"), cluster=["a", "a", "b", "c"])
    wanted = rma(y[2:], v[2:], test="knha")
    assert got.label == ("a", "b", "c")
    assert [got.estimate[0, 0], got.ci_lb[0, 0]] == pytest.approx([wanted.beta[0], wanted.ci_lb[0]], rel=ITERATIVE)


def test_moderators_give_a_row_for_each_coefficient():
    y, v = [0.1, 0.4, 0.3, 0.8, 0.5, 0.2], [0.02, 0.03, 0.05, 0.04, 0.02, 0.03]
    x = [0.0, 0, 0, 0, 0, 1]
    for model in (rma(y, v, mods=x), rma_mv(y, v, study=list("abcdef"), mods=x)):
        got = leave_out(model, inference="model").to_frame()
        assert got.groupby("left_out").size().eq(2).all()
        last = got[got["left_out"].isin(["6", "f"])]
        assert set(last["status"]) == {"not_estimable"}
        assert last["reason"].str.contains("mods: it is zero in all rows").all()
        assert last["estimate"].isna().all()


BAD = {
    "one study": ([0.4], ["a"]),
    "two studies": ([0.4, 0.1], ["a", "b"]),
    "two studies, several effects": ([0.4, 0.1, 0.3, 0.2], ["a", "a", "b", "b"]),
    "one study, several effects": ([0.4, 0.1, 0.3], ["a", "a", "a"]),
}


@pytest.mark.parametrize("by", ["study", "effect"])
@pytest.mark.parametrize("inference", ["CR2", "model"])
@pytest.mark.parametrize("case", BAD)
def test_no_row_without_a_number_or_a_reason(case, inference, by):
    y, study = BAD[case]
    got = leave_out(rma_mv(y, np.full(len(y), 0.05), study=study, rho=0.5), by=by, inference=inference).to_frame()
    numbers = got[["estimate", "se", "pval", "ci_lb", "ci_ub"]].notna().all(axis=1)
    assert (numbers | (got["status"].ne("ok") & got["reason"].str.len().gt(10))).all()


@pytest.mark.parametrize("test", ["z", "knha", "t"])
@pytest.mark.parametrize("k", [1, 2, 3])
def test_few_univariate_effects(k, test):
    got = leave_out(rma([0.4, 0.1, 0.3][:k], [0.05, 0.02, 0.03][:k], test=test)).to_frame()
    assert set(got["status"]) == ({"too_few"} if k < 3 else {"ok"})
    assert got["reason"].str.len().gt(10).eq(got["status"].ne("ok")).all()
    assert k == 1 or got["pval"].notna().all()


def test_what_no_refit_has_is_said_once():
    y, v, study = [0.1, 0.3, 0.2, 0.4, 0.6, 0.2], [0.02, 0.03, 0.05, 0.04, 0.02, 0.03], list("aabbcc")
    assert leave_out(rma_mv(y, v, study=study, rho=1.0)).notes == (
        "V alone has no inverse, so QE and I2 are not defined.",
    )
    assert leave_out(rma_mv(y, v)).notes == ("The model has no random effect, so I2 is not defined.",)


def test_equal_effects_have_no_knapp_hartung_test():
    got = leave_out(rma([0.4, 0.4, 0.4], [0.05, 0.05, 0.05], test="knha")).to_frame()
    assert set(got["status"]) == {"not_estimable"}


def test_wrong_use():
    crossed = {"a": [1, 1, 2, 2], "b": [1, 2, 1, 2]}
    model = rma_mv([0.1, 0.3, 0.2, 0.4], [0.02] * 4, random=["~ 1 | a", "~ 1 | b"], data=crossed)
    with pytest.raises(ValueError, match="cut through the model's covariance"):
        leave_out(model, cluster=[1, 1, 2, 2])
    with pytest.raises(TypeError, match="rma or rma_mv; got float"):
        leave_out(0.3)
    with pytest.raises(ValueError, match="Did you mean 'CR2'"):
        leave_out(model, inference="cr2")
