"""The estimators of the page against metafor, clubSandwich and the package, in a real browser."""

import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from metacircuit.config import Model
from metacircuit.models.pooling.che import pool_che
from metacircuit.models.pooling.glmm import pool_glmm
from metacircuit.models.pooling.univariate import pool_univariate
from metacircuit.report.embed import POOLING
from metacircuit.report.payload import _REPLICATES, _SEED
from scipy import special

REFERENCE = Path(__file__).parents[1] / "reference"
# What the page promises.
AGREE = 1e-6
# Closed forms, and R's own iterations repeated step by step.
CLOSED = 1e-10
# lme4's optimiser, behind metafor's GLMM, stops this near to the optimum.
LME4 = 1e-4
FIELDS = ("estimate", "se", "pval", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "tau2")


@pytest.fixture(scope="module")
def js(browser):
    """A page with the estimators alone; calls return what they return in Python."""
    page = browser.new_page()
    root = files("metacircuit.report") / "templates/pooling"
    page.add_script_tag(content="\n".join((root / f"{name}.js").read_text("utf-8") for name in POOLING))
    yield lambda expression, argument=None: page.evaluate(expression, argument)
    page.close()


def rows_of(study, yi, vi, events=None, people=None) -> list[dict]:
    blank = [None] * len(yi)
    columns = (
        study,
        map(float, yi),
        map(float, vi),
        blank if events is None else events,
        blank if people is None else people,
    )
    return [
        dict(zip(("study", "yi", "vi", "events", "people"), row, strict=True)) for row in zip(*columns, strict=True)
    ]


def pooled(js, rows: list[dict], kind: str, model: Model) -> dict:
    """Pool many sets of rows at once would hide which differs: one call a set."""
    state = np.random.default_rng(_SEED).bit_generator.state["state"]
    bootstrap = {"state": str(state["state"]), "inc": str(state["inc"]), "replicates": _REPLICATES}
    told = {name: getattr(model, name) for name in ("method", "test", "rho", "level", "min_studies")} | {"kind": kind}
    return js("([rows, model, bootstrap]) => Pool.pool(rows, model, bootstrap)", [rows, told, bootstrap])


def reference(name: str) -> tuple[dict, dict]:
    cases = {case["id"]: case for case in json.loads((REFERENCE / f"{name}.json").read_text("utf-8"))["cases"]}
    return cases, cases["datasets"]["datasets"] if "datasets" in cases else {}


@pytest.mark.parametrize("dataset", ["konstantopoulos2011", "assink2016"])
@pytest.mark.parametrize("rho", [0.4, 0.6, 0.8])
def test_che_and_cr2_are_metafors_and_club_sandwichs(js, dataset, rho):
    cases, data = reference("rma_mv")
    want, d = cases[f"{dataset}/che_{rho}"]["expect"], data[dataset]
    found = pooled(js, rows_of(list(map(str, d["study"])), d["yi"], d["vi"]), "che", Model(rho=rho))
    assert found["estimate"] == pytest.approx(want["beta"], abs=AGREE)
    assert found["sigma2"] == pytest.approx(want["sigma2"], abs=5 * AGREE)  # where R's optimiser stops
    if "CR2" in want:
        assert found["se"] == pytest.approx(want["CR2"]["se"], abs=AGREE)
        assert found["df"] == pytest.approx(want["CR2"]["df"], rel=AGREE)
        assert found["pval"] == pytest.approx(want["CR2"]["p"], abs=AGREE)


@pytest.mark.parametrize("method", ["EE", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM"])
@pytest.mark.parametrize("test", ["z", "knha"])
def test_independent_effects_are_metafors(js, method, test):
    cases, data = reference("rma_uni")
    want, d = cases[f"bcg/{method}/{test}/1"]["expect"], data["bcg"]
    study = [str(i) for i in range(len(d["yi"]))]
    found = pooled(js, rows_of(study, d["yi"], d["vi"]), "univariate", Model(method=method, test=test))
    for field, name in (("estimate", "beta"), ("se", "se"), ("tau2", "tau2"), ("I2", "I2"), ("ci_lb", "ci_lb")):
        assert found[field] == pytest.approx(want[name], rel=CLOSED, abs=CLOSED), field


def test_proportions_are_metafors(js):
    case = reference("counts")[0]["glmm/PLO"]
    x, n = np.array(case["data"]["xi"], float), np.array(case["data"]["ni"], float)
    rows = rows_of([str(i) for i in range(len(x))], 0 * x, 0 * x + 1, x.tolist(), n.tolist())
    found, want = pooled(js, rows, "glmm", Model(test="z")), case["expect"]
    assert found["estimate"] == pytest.approx(want["beta"], abs=LME4)
    assert found["se"] == pytest.approx(want["se"], abs=LME4)
    assert found["tau2"] == pytest.approx(want["tau2"], abs=LME4)


def made(seed: int, sizes: list[int]) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    study = np.repeat([f"s{j}" for j in range(len(sizes))], sizes)
    k = len(study)
    vi = rng.uniform(0.01, 0.3, k)
    yi = np.repeat(rng.normal(0.3, 0.4, len(sizes)), sizes) + rng.normal(0, 0.2, k) + rng.normal(0, np.sqrt(vi))
    people = rng.integers(5, 400, k).astype(float)
    events = np.round(people * special.expit(yi)).clip(0, people)
    return pd.DataFrame({"study_id": study, "yi": yi, "vi": vi, "participants": people, "events1": events})


SHAPES = {
    "many studies": [1, 2, 3, 4, 5] * 6,
    "one large study": [40, 1, 2, 1, 3],
    "few studies: bootstrap with Webb's weights": [3, 2, 4],
    "unequal studies: bootstrap with Rademacher's weights": [60, *[1] * 12],
    "one effect a study": [1] * 9,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_page_pools_dependent_effects_as_the_package_does(js, shape):
    for seed, model in ((1, Model()), (2, Model(rho=0.0, method="ML")), (3, Model(rho=0.9, level=90))):
        frame = made(seed, SHAPES[shape])
        if "Rademacher" in shape:
            frame.loc[frame["study_id"] == "s0", "vi"] /= 3000
            frame.loc[frame["study_id"] != "s0", "vi"] *= 30
        want = pool_che(frame, model, intervals=False)
        found = pooled(js, rows_of(frame["study_id"], frame["yi"], frame["vi"]), "che", model)
        assert ("bootstrap" in found["reason"]) == ("bootstrap" in want.note)
        assert "bootstrap" in want.note or "bootstrap" not in shape
        for field in (*FIELDS, "df", "I2"):
            assert found[field] == pytest.approx(getattr(want, field), rel=AGREE, abs=AGREE), (field, seed)


@pytest.mark.parametrize("method", ["EE", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM"])
def test_the_page_pools_independent_effects_as_the_package_does(js, method):
    for seed, test in enumerate(("z", "t", "knha", "adhoc")):
        frame, model = made(seed, [1] * (4 + seed)), Model(method=method, test=test)
        # Small variances: where metafor's stopping rule is too coarse, the package goes on.
        frame["vi"] /= 500 if seed == 2 else 1
        want = pool_univariate(frame, model)
        found = pooled(js, rows_of(frame["study_id"], frame["yi"], frame["vi"]), "univariate", model)
        for field in (*FIELDS, "I2"):
            value = getattr(want, field)
            if np.isnan(value):
                assert np.isnan(found[field])
            else:
                assert found[field] == pytest.approx(value, rel=AGREE, abs=AGREE), (field, test)


@pytest.mark.parametrize("seed", range(4))
def test_the_page_pools_proportions_as_the_package_does(js, seed):
    frame, model = made(seed, [1] * (3, 8, 20, 40)[seed]), Model(test="z" if seed == 1 else "knha")
    want = pool_glmm(frame, model)
    rows = rows_of(frame["study_id"], frame["yi"], frame["vi"], frame["events1"], frame["participants"])
    found = pooled(js, rows, "glmm", model)
    for field in FIELDS:
        assert found[field] == pytest.approx(getattr(want, field), rel=AGREE, abs=AGREE), field


def test_proportions_without_heterogeneity(js):
    frame = pd.DataFrame(
        {"yi": 0.0, "vi": 1.0, "study_id": list("abcd"), "participants": 100.0, "events1": [50.0, 49, 51, 50]}
    )
    want = pool_glmm(frame, Model())
    found = pooled(js, rows_of(list("abcd"), [0] * 4, [1] * 4, [50, 49, 51, 50], [100] * 4), "glmm", Model())
    assert found["tau2"] == want.tau2 == 0
    assert found["se"] == pytest.approx(want.se, abs=AGREE)


def test_too_few_studies_and_studies_without_spread_have_a_reason(js):
    few = pooled(js, rows_of(["a", "b"], [0.1, 0.2], [0.1, 0.1]), "che", Model())
    assert (few["status"], few["reason"]) == ("too_few", "2 studies; at least 3 are pooled")
    same = pooled(js, rows_of(list("abc"), [0.5] * 3, [0.1] * 3), "che", Model())
    assert same["status"] == "not_estimable"
    assert same["reason"]
    never = pooled(js, rows_of(list("abc"), [0] * 3, [1] * 3, [0] * 3, [9] * 3), "glmm", Model())
    assert never["status"] == "not_estimable"


def test_tails_and_quantiles(js):
    x, df = np.meshgrid([1e-6, 0.3, 1, 2.5, 8, 40], [0.7, 1, 3.3, 12, 250.5, np.inf])
    pairs = [[float(a), None if np.isinf(b) else float(b)] for a, b in zip(x.ravel(), df.ravel(), strict=True)]
    got = js("pairs => pairs.map(([x, df]) => Distributions.twoSidedP(x, df ?? Infinity))", pairs)
    finite = np.where(np.isinf(df), 1.0, df)
    want = 2 * np.where(np.isinf(df), special.ndtr(-x), special.stdtr(finite, -x)).ravel()
    assert got == pytest.approx(want.tolist(), rel=CLOSED)
    levels = js("pairs => pairs.map(([_, df]) => Distributions.critical(95, df ?? Infinity))", pairs)
    want = np.where(np.isinf(df), special.ndtri(0.975), special.stdtrit(finite, 0.975)).ravel()
    assert levels == pytest.approx(want.tolist(), rel=CLOSED)


def test_the_generator_is_numpys(js):
    state = np.random.default_rng(1).bit_generator.state["state"]
    code = """([state, inc]) => { const g = Generator.pcg64(state, inc);
        return [Array.from({length: 41}, () => g.below(2)), Array.from({length: 41}, () => g.below(3))]; }"""
    random = np.random.default_rng(1)
    want = [random.integers(0, n, 41).tolist() for n in (2, 3)]
    assert js(code, [str(state["state"]), str(state["inc"])]) == want
