"""`rma_mv` against metafor 5.1 and clubSandwich 0.6 (tests/reference), and against R where the reference is silent."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from metacircuit.models.aggregate import aggregate
from metacircuit.models.rma_mv import rma_mv
from metacircuit.stats.vcalc import vcalc
from scipy.optimize import minimize_scalar

REFERENCE = Path(__file__).parents[1] / "reference"
MULTILEVEL = json.loads((REFERENCE / "rma_mv.json").read_text())["cases"]
DATASETS = MULTILEVEL[0]["datasets"]
FITS = [c for c in MULTILEVEL[1:] if "profile" not in c["id"] and "aggregate" not in c["id"]]
PROFILES = [c for c in MULTILEVEL[1:] if "profile" in c["id"]]
AGGREGATES = [c for c in MULTILEVEL[1:] if "aggregate" in c["id"]]
STRUCTURED = json.loads((REFERENCE / "rma_mv_struct.json").read_text())["cases"]

ITERATIVE = 1e-6  # what depends on variances that R's optimiser found to about seven digits
VARIANCE = 2e-6  # the variances themselves: the likelihood is flat there, R stops where its change is below 1e-8
CLOSED = 1e-9  # what depends on V alone
PROFILE = 1.3e-4  # absolute: metafor's confint.rma.mv stops uniroot at .Machine$double.eps^.25 = 1.22e-4
LL_SLACK = 1e-9  # our log-likelihood may lie below R's by rounding only
R_STOPS = 2e-5  # structures: R's optimiser leaves correlations and weak variances at four to five digits


def close(got, want, rtol, atol=1e-12):
    np.testing.assert_allclose(np.ravel(got), np.ravel(np.array(want, float)), rtol=rtol, atol=atol)


def fit_case(case):
    """The model of one reference case."""
    name, tag = case["id"].split("/")
    data = pd.DataFrame(DATASETS[name])
    mods = "~ x" if tag.endswith("_x") else "~ g" if tag.endswith("_g") else None
    rho = float(tag.split("_")[1]) if tag.startswith("che") else None
    method = "ML" if tag.endswith("ML") else "REML"
    return rma_mv("yi", "vi", study="study", rho=rho, mods=mods, data=data, method=method)


def fit_structured(case):
    """The model of one structured reference case, from R's own words."""
    data, model = pd.DataFrame(case["data"]), case["model"]
    V = data.get("vi")
    if "V_blocks" in case:
        V = [np.array(b) for b in case["V_blocks"]]
    elif "phi" in model:
        V = vcalc("vi", "study", time1="time", phi=0.97, data=data)
    mods = None
    if "yi ~" in model:
        mods = "~" + model.split("yi ~")[1].split(",")[0]
    if "list(" in model:
        random, struct = ["~ 1 | district/school", "~ 1 | year"], "CS"
    else:
        random = "~" + model.split("random = ~")[1].split(",")[0]
        struct = model.split("struct = ")[1]
    method = "ML" if case["id"].endswith("/ML") else "REML"
    return rma_mv("yi", V, mods=mods, data=data, random=random, struct=struct, method=method)


def test_the_reference_is_still_whole():
    assert (len(FITS), len(PROFILES), len(AGGREGATES), len(STRUCTURED)) == (15, 2, 2, 14)


@pytest.mark.parametrize("case", FITS, ids=lambda c: c["id"])
def test_multilevel_fits(case):
    fit, want = fit_case(case), case["expect"]
    assert fit.converged
    assert fit.ll >= want["ll"] - LL_SLACK
    close(fit.ll, want["ll"], ITERATIVE)
    close(fit.beta, want["beta"], ITERATIVE)
    close(fit.se, want["se"], ITERATIVE)
    close(fit.sigma2, want["sigma2"], VARIANCE)
    close(fit.QE, want["QE"], CLOSED)
    close([fit.QM, fit.QMp], [want["QM"], want["QMp"]], 4 * ITERATIVE)
    close([fit.fit_stats["AIC"], fit.fit_stats["BIC"]], [want["AIC"], want["BIC"]], ITERATIVE)
    if "pi_lb" in want:
        prediction = fit.predict()
        close([prediction.pi_lb, prediction.pi_ub], [want["pi_lb"], want["pi_ub"]], ITERATIVE)


@pytest.mark.parametrize("case", FITS, ids=lambda c: c["id"])
def test_robust_tests(case):
    fit, want = fit_case(case), case["expect"]
    for kind in ("CR2", "CR1p"):
        robust = fit.robust(kind, bootstrap=False)
        close(robust.se, want[kind]["se"], ITERATIVE)
        close(robust.pval, want[kind]["p"], 1e-5)
    close(robust.df, [want["CR1p"]["ddf"]] * len(robust.df), 0)
    close(fit.robust("CR2", bootstrap=False).df, want["CR2"]["df"], ITERATIVE)
    if "HTZ" in want:
        test = fit.robust("CR2").wald("g")
        close([test.F, test.df_num, test.df_denom, test.pval_htz], list(want["HTZ"].values()), ITERATIVE)


@pytest.mark.parametrize("case", PROFILES, ids=lambda c: c["id"])
def test_profile_intervals(case):
    data = pd.DataFrame(DATASETS[case["dataset"]])
    fit = rma_mv("yi", "vi", study="study", rho=0.6, data=data)
    table = fit.confint()
    for at, (component, key) in enumerate((("sigma2 [study]", "study"), ("sigma2 [study/effect]", "es"))):
        bounds = table.loc[component, ["estimate", "ci_lb", "ci_ub"]].to_numpy(float)
        close(bounds, case["expect"][key], rtol=1e-9, atol=PROFILE)
        # By definition the profile lies chi2(.95, 1) / 2 below the top at both bounds: searched here in one dimension.
        for bound in bounds[1:]:

            def other(sd, bound=bound, at=at):
                theta = np.array([np.sqrt(bound), sd]) if at == 0 else np.array([sd, np.sqrt(bound)])
                return -fit.fit.model.value(theta)

            found = minimize_scalar(other, bounds=(0, 2), method="bounded", options={"xatol": 1e-12})
            close(fit.ll + found.fun, 3.841458820694124 / 2, ITERATIVE)


@pytest.mark.parametrize("case", AGGREGATES, ids=lambda c: c["id"])
def test_aggregates(case):
    table = aggregate(pd.DataFrame(DATASETS[case["dataset"]]), cluster="study", rho=0.6)
    close(table["yi"], case["expect"]["yi"], 1e-10)
    close(table["vi"], case["expect"]["vi"], 1e-10)


@pytest.mark.parametrize("case", STRUCTURED, ids=lambda c: c["id"])
def test_structured_fits(case):
    fit, want = fit_structured(case), case["expect"]
    assert fit.converged
    assert fit.ll >= want["ll"] - LL_SLACK
    close(fit.ll, want["ll"], ITERATIVE)
    close(fit.QE, want["QE"], CLOSED)
    close(fit.beta, want["beta"], R_STOPS)
    close(fit.se, want["se"], R_STOPS)
    close(fit.QM, want["QM"], 10 * R_STOPS)
    if len(fit.sigma2):
        close(fit.sigma2, want["sigma2"], ITERATIVE, atol=1e-9)
    else:
        close(fit.tau2, want["tau2"], 10 * R_STOPS)
        close(fit.rho, want["rho"] if len(fit.rho) else [], 10 * R_STOPS)


def assink():
    return pd.DataFrame(DATASETS["assink2016"])


def structured(name):
    return fit_structured(next(c for c in STRUCTURED if c["id"] == name))


def test_bivariate_model_as_in_r():
    # rma.mv(yi, V, mods = ~ outcome - 1, random = ~ outcome | trial, struct = "UN"), metafor 3.8-1: fitstats, predict
    # with tau2.levels = 1:2, confint; coef_test and Wald_test of clubSandwich 0.5.8.
    fit = structured("berkey1998/UN/REML")
    stats = [fit.fit_stats[name] for name in ("dev", "AIC", "BIC", "AICc")]
    close(stats, [-7.383535389, 2.616464611, 3.013672320, 32.616464611], ITERATIVE)
    ml = structured("berkey1998/UN/ML").fit_stats
    close(
        [ml[n] for n in ("dev", "AIC", "BIC", "AICc")], [25.662139577, -1.68131377, -0.16838830, 13.31868623], ITERATIVE
    )
    prediction = fit.predict({"outcome": ["AL", "PD"]})
    close(prediction.pi_lb, [-0.7330597802, 0.1118187585], R_STOPS)
    close(prediction.pi_ub, [0.05462913902, 0.59503753093], R_STOPS)
    robust = fit.robust("CR2", bootstrap=False)
    close(robust.se, [0.0891940456845, 0.0581524022571], R_STOPS)
    close(robust.df, [3.80806220652, 3.79088300543], R_STOPS)
    test = robust.wald([[1.0, -1.0]])
    close([test.F, test.df_denom, test.pval_htz], [85.8467571356, 3.70946302985, 0.00107050946499], 10 * R_STOPS)
    table = fit.confint().to_numpy()[:, 1:3].astype(float)
    want = [[0.009489498, 0.206777604], [9.5972956e-05, 0.11144290], [-0.59958282, 1.0]]
    close(table, want, rtol=0, atol=PROFILE)


def test_repeated_measures_as_in_r():
    # struct = "HAR" with V from vcalc(phi = .97); coef_test and Wald_test(constrain_equal(1:4)), clubSandwich 0.5.8.
    robust = structured("ishak2007/HAR/REML").robust("CR2")
    close(robust.se, [1.00758409005, 1.14416904785, 1.04146128894, 1.37394757488], R_STOPS)
    close(robust.df, [33.9587476058, 36.8459589207, 35.7475458708, 20.7670206867], R_STOPS)
    test = robust.wald([[1, -1, 0, 0], [1, 0, -1, 0], [1, 0, 0, -1]])
    close([test.F, test.df_denom, test.pval], [4.39661238451, 14.0348446274, 0.0222616765473], 10 * R_STOPS)


def test_other_models_as_in_r():
    # metafor 3.8-1 and clubSandwich 0.5.8 on assink2016.
    data = assink()
    ce = rma_mv("yi", "vi", study="study", rho=0.6, mods="~ x", random="~ 1 | study", data=data)
    close(ce.beta, [0.2900026273743, -0.0295772800077], ITERATIVE)
    close(ce.se, [0.0748839474424, 0.0139704150959], ITERATIVE)
    close([ce.sigma2[0], ce.ll], [0.0704345742760, -259.4098113274882], ITERATIVE)
    close(ce.robust("CR2").df, [14.35789860153, 8.40706896756], ITERATIVE)

    slopes = rma_mv("yi", "vi", mods="~ x", random="~ x | study", struct="GDIAG", data=data)
    close(slopes.beta, [0.357931382059, -0.0320777568946], R_STOPS)
    close([*slopes.tau2, slopes.ll], [0.03890480008, 0.00379025761427, -108.716543789], R_STOPS)
    free = rma_mv("yi", "vi", mods="~ x", random="~ x | study", struct="GEN", data=data)
    assert free.ll >= -106.003350563 - LL_SLACK
    prediction = slopes.predict({"x": [0.0, 2.0]})
    spread = np.array([0.03890480008, 0.03890480008 + 4 * 0.00379025761427])
    close(prediction.pi_ub - prediction.pred, 1.959963985 * np.sqrt(prediction.se**2 + spread), R_STOPS)
    close(prediction.se[0], 0.0840850951831, R_STOPS)

    lab = data.assign(lab=data["study"] % 5, es=range(len(data)))
    four = rma_mv("yi", "vi", random="~ 1 | lab/study/es", data=lab)
    close(four.sigma2, [0.0, 0.187870254720, 0.111991999119], ITERATIVE, atol=1e-8)
    close([four.ll, four.beta[0]], [-73.6327054474, 0.426799357021], ITERATIVE)
    close(four.robust("CR2", bootstrap=False).df, [3.69837170828], R_STOPS)

    t = rma_mv("yi", "vi", study="study", rho=0.6, mods="~ g", data=data, test="t")
    close([t.QM, t.QMp, *t.pval], [6.857596018, 0.001638245769, 0.1667297224, 0.000503863327, 0.0344508507], R_STOPS)

    three = rma_mv("yi", "vi", study="study", data=data)
    close([three.I2["study"], three.I2["study/effect"]], [58.3057153975, 34.7568589618], ITERATIVE)


def test_robust_kinds_as_in_r():
    # coef_test(vcov = "CR0", "CR1", "CR1p") of the CHE model with x, rho = .6; clubSandwich 0.5.8.
    fit = rma_mv("yi", "vi", study="study", rho=0.6, mods="~ x", data=assink())
    close(fit.robust("CR0").se, [0.0856587924425, 0.0201696550331], ITERATIVE)
    close(fit.robust("CR1").se, [0.0882950622509, 0.0207904045334], ITERATIVE)
    close(fit.robust("CR1p").se, [0.0911907481733, 0.0214722374717], ITERATIVE)


def test_known_covariances_may_come_in_any_form():
    data = assink()
    V = vcalc("vi", "study", obs=range(len(data)), rho=0.6, data=data)
    che = rma_mv("yi", "vi", study="study", rho=0.6, data=data)
    _, first = np.unique(data["study"], return_index=True)
    blocks = [V.dense(rows) for rows in np.split(np.arange(len(data)), np.sort(first)[1:])]
    for form in (V, V.dense(), V.sparse(), blocks):
        fit = rma_mv("yi", form, study="study", data=data)
        close(
            [*fit.beta, *fit.se, *fit.sigma2, fit.ll, fit.QE], [*che.beta, *che.se, *che.sigma2, che.ll, che.QE], 1e-7
        )


def test_blocks_belong_to_studies_also_when_their_rows_are_apart():
    y, v = np.array([0.1, 0.5, 0.3, 0.2, 0.9]), np.array([0.04, 0.02, 0.03, 0.05, 0.02])
    study = np.array(["a", "b", "a", "b", "c"])
    blocks = [np.array([[0.04, 0.01], [0.01, 0.03]]), np.array([[0.02, 0.015], [0.015, 0.05]]), np.array([[0.02]])]
    order = np.argsort(study, kind="stable")
    apart = rma_mv(y, blocks, study=study)
    sorted_ = rma_mv(y[order], blocks, study=study[order])
    close(apart.ll, sorted_.ll, 1e-10)
    assert apart.fit.inputs.sampling.diagonal() == pytest.approx(v)
