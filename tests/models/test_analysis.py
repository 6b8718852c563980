"""An analysis as the pipeline fits it, against metafor's numbers and the rules for thin strata."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from metacircuit.config import FitSlice
from metacircuit.models.analysis import fit_analysis
from metacircuit.models.sensitivity import vary

REFERENCE = json.loads((Path(__file__).parents[1] / "reference/rma_uni.json").read_text(encoding="utf-8"))["cases"]
DATASETS = REFERENCE[0]["datasets"]
# metafor stops its REML iterations when tau2 changes by less than 1e-5; its estimates then agree to about this.
ITERATIVE = 1e-5


def effects_of(name: str, **columns: object) -> pd.DataFrame:
    data = DATASETS[name]
    k = len(data["yi"])
    return pd.DataFrame(
        {
            "effect_id": [f"e{i:02}" for i in range(k)],
            "study_id": [f"s{i:02}" for i in range(k)],
            "sample_id": [f"s{i:02}" for i in range(k)],
            "study_label": [f"Study {i}" for i in range(k)],
            "participants": 50.0,
            "yi": data["yi"],
            "vi": data["vi"],
            "status": "analysed",
            "reason": "",
        }
        | columns
    )


def spec(groupings: tuple[str, ...] = (), measure: str = "OR", **model: object) -> FitSlice:
    return FitSlice(
        analysis="a", measure=measure, groupings=groupings, model={"method": "REML", "test": "knha"} | model
    )


def expected(dataset: str) -> dict:
    case = next(
        c
        for c in REFERENCE[1:]
        if c["dataset"] == dataset and c["method"] == "REML" and c["test"] == "knha" and not c["mods"]
    )
    return case["expect"]


@pytest.mark.parametrize("dataset", sorted(DATASETS))
def test_the_overall_row_is_what_metafor_gives(dataset):
    row = fit_analysis(effects_of(dataset), spec(), {}).estimates.iloc[0]
    want = expected(dataset)
    for ours, theirs in {
        "estimate": "beta",
        "se": "se",
        "ci_lb": "ci_lb",
        "ci_ub": "ci_ub",
        "tau2": "tau2",
        "I2": "I2",
        "QE": "QE",
    }.items():
        np.testing.assert_allclose(row[ours], np.ravel(want[theirs])[0], rtol=5 * ITERATIVE, atol=1e-7, err_msg=ours)
    assert row["status"] == "ok"
    np.testing.assert_allclose(row["natural"], np.exp(row["estimate"]), rtol=1e-12)


def test_a_study_with_several_effects_makes_it_a_che_model_with_clubsandwichs_numbers():
    """rma.mv(yi, V, random = ~ 1 | study/es) with rho = .6, CR2 and Satterthwaite df: clubSandwich 0.6."""
    reference = json.loads((Path(__file__).parents[1] / "reference/rma_mv.json").read_text(encoding="utf-8"))["cases"]
    data = reference[0]["datasets"]["assink2016"]
    k = len(data["yi"])
    effects = pd.DataFrame(
        {
            "study_id": [f"s{i:03}" for i in data["study"]],
            "sample_id": [f"s{i:03}" for i in data["study"]],
            "study_label": [f"Study {i}" for i in data["study"]],
            "participants": np.full(k, np.nan),
            "yi": data["yi"],
            "vi": data["vi"],
            "status": "analysed",
            "reason": "",
        }
    )
    pooled = fit_analysis(effects, spec(measure="SMD", rho=0.6), {})
    row = pooled.estimates.iloc[0]
    (case,) = [c for c in reference[1:] if c["id"] == "assink2016/che_0.6"]
    want = case["expect"]
    assert (row["model"], row["k"], row["studies"]) == ("CHE", k, len(set(data["study"])))
    np.testing.assert_allclose(row["estimate"], np.ravel(want["beta"])[0], rtol=ITERATIVE)
    np.testing.assert_allclose(row["se"], np.ravel(want["CR2"]["se"])[0], rtol=1e-4)
    np.testing.assert_allclose(row["df"], np.ravel(want["CR2"]["df"])[0], rtol=1e-3)
    np.testing.assert_allclose(row["sigma2_study"] + row["sigma2_effect"], row["tau2"], rtol=1e-12)
    studies = pooled.combined
    np.testing.assert_allclose(np.average(studies["yi"], weights=studies["weight"]), row["estimate"], rtol=1e-8)


def test_proportions_are_pooled_by_their_counts():
    """rma.glmm(measure = "PLO", xi, ni) for the first such data set of the reference."""
    reference = json.loads((Path(__file__).parents[1] / "reference/counts.json").read_text(encoding="utf-8"))["cases"]
    case = next(c for c in reference if c["id"].startswith("glmm"))
    x, n = (np.array(case["data"][name], float) for name in ("xi", "ni"))
    effects = effects_of("bcg").iloc[:0].reindex(range(len(x)))
    p = (x + 0.5) / (n + 1)
    effects = effects.assign(
        study_id=[f"s{i:02}" for i in range(len(x))],
        sample_id=[f"s{i:02}" for i in range(len(x))],
        study_label="S",
        status="analysed",
        events1=x,
        participants=n,
        yi=np.log(p / (1 - p)),
        vi=1 / (x + 0.5) + 1 / (n - x + 0.5),
    )
    row = fit_analysis(effects, spec(measure="PLO", test="z"), {}).estimates.iloc[0]
    # lme4 stops short of the maximum; metafor's digits hold to this.
    np.testing.assert_allclose(row["estimate"], np.ravel(case["expect"]["beta"])[0], rtol=1e-4)
    np.testing.assert_allclose(row["tau2"], np.ravel(case["expect"]["tau2"])[0], rtol=1e-3)
    assert row["model"] == "binomial–normal GLMM"


def test_a_thin_stratum_is_a_row_with_its_reason():
    factor = ["many"] * 11 + ["few"] * 2
    words = {"factor": pd.DataFrame({"id": ["few", "many", "none"], "label": ["Few", "Many", "None"]})}
    pooled = fit_analysis(effects_of("bcg", factor=factor), spec(("factor",)), words)
    rows = pooled.estimates[pooled.estimates["grouping"] == "factor"].set_index("stratum")
    assert list(rows.index) == ["few", "many"]
    assert (rows.loc["few", "status"], rows.loc["few", "reason"]) == ("too_few", "2 studies; at least 3 are pooled")
    assert np.isnan(rows.loc["few", "estimate"])
    assert rows.loc["many", "status"] == "ok"
    assert pooled.contrasts.iloc[0]["status"] == "too_few"
    assert "1 of its strata has enough studies" in pooled.contrasts.iloc[0]["reason"]


def test_rows_without_a_word_are_shown_as_not_coded_and_bounds_as_empty():
    factor = [""] * 4 + ["a"] * 8 + ["b"]
    effects = effects_of("bcg", factor=factor)
    effects.loc[12, "status"] = "bound"
    rows = fit_analysis(effects, spec(("factor",)), {}).estimates.set_index("stratum")
    assert rows.loc["not_coded", "status"] == "not_coded"
    assert rows.loc["not_coded", "k"] == 4
    assert (rows.loc["b", "status"], rows.loc["b", "k"]) == ("empty", 0)
    assert rows.loc["overall", "k"] == 12


def test_the_test_between_strata_is_metafors_mixed_effects_model():
    """rma(yi, vi, mods = ~ factor(alloc), data = dat, test = "knha") for dat.bcg, measure RR, metafor 3.8."""
    alloc = ["random"] * 4 + ["alternate"] * 2 + ["random"] * 3 + ["systematic"] * 4
    row = fit_analysis(effects_of("bcg", alloc=alloc), spec(("alloc",), min_studies=2), {}).contrasts.iloc[0]
    assert (row["groups"], row["df1"], row["df2"]) == (3, 2, 10)
    np.testing.assert_allclose(
        row[["QM", "pval", "tau2"]].astype(float), [0.9662199856, 0.4133840434, 0.3615028559], rtol=ITERATIVE
    )


def test_a_prediction_interval_is_never_narrower_than_the_confidence_interval():
    """Also where the confidence interval is that of the wild bootstrap, with few studies."""
    data = DATASETS["bcg"]
    effects = pd.concat([effects_of("bcg"), effects_of("bcg").assign(yi=np.array(data["yi"]) + 0.1)], ignore_index=True)
    for studies in (2, 3, 4, 6, 13):
        few = effects[effects["study_id"].isin(sorted(set(effects["study_id"]))[:studies])]
        row = fit_analysis(few, spec(measure="SMD", min_studies=2), {}).estimates.iloc[0]
        assert row["pi_lb"] <= row["ci_lb"] <= row["estimate"] <= row["ci_ub"] <= row["pi_ub"]


def test_rho_is_varied_only_where_the_model_has_one():
    once = effects_of("bcg")
    twice = pd.concat([once, once.assign(effect_id=once["effect_id"] + "b", yi=once["yi"] + 0.2)], ignore_index=True)
    for effects, choices in ((once, set()), (twice, {"rho"})):
        for kind in ("auto", "univariate"):
            tables = fit_analysis(effects, spec(kind=kind), {})
            varied = vary(effects, spec(kind=kind), {}, tables.estimates)
            assert set(varied["choice"]) == (choices if kind == "auto" else set())


def test_weights_add_up_within_each_pooled_stratum():
    effects = effects_of("bcg", factor=["a"] * 6 + ["b"] * 7)
    weights = fit_analysis(effects, spec(("factor",)), {}).combined.groupby(["grouping", "stratum"])["weight"].sum()
    np.testing.assert_allclose(weights, 100, rtol=1e-12)
