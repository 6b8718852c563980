"""Location–scale models against metafor, and at the edges."""

import json
from pathlib import Path

import numpy as np
import pytest
from metacircuit.models.location_scale import fit_location_scale

CASES = json.loads((Path(__file__).parents[1] / "reference" / "location_scale.json").read_text())["cases"]
# metafor stops where the log-likelihood changes by 1e-8 or less: its alpha are then good to about 1e-5 where the
# likelihood is flat, and 1e-6 elsewhere.
SEARCH = 2e-5
# beta and ll do not depend on alpha to first order.
FLAT = 1e-6


def two(z):
    return np.column_stack([np.ones(len(z)), np.asarray(z, float)])


def test_all_reference_cases_are_compared():
    assert len(CASES) == 5
    assert sum(np.size(x) for case in CASES for x in case["expect"].values()) == 35


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_reference(case):
    data, expected = case["data"], case["expect"]
    fit = fit_location_scale(data["yi"], data["vi"], Z=two(data["x"]))
    assert fit.status == "ok"
    np.testing.assert_allclose(fit.beta[0], expected["beta"], rtol=SEARCH, atol=1e-7)
    np.testing.assert_allclose(fit.se[0], expected["se"], rtol=SEARCH)
    np.testing.assert_allclose(fit.alpha, expected["alpha"], rtol=SEARCH, atol=1e-7)
    np.testing.assert_allclose(fit.se_alpha, expected["se_alpha"], rtol=SEARCH)
    assert fit.ll == pytest.approx(expected["ll"], rel=FLAT)
    # The reference is no better a maximum than ours.
    assert fit.ll > expected["ll"] - 1e-9


# d <- dat.bangertdrowns2004[complete cases of meta and length, ];
# rma(yi, vi, mods = ~ meta, scale = ~ length, data = d, …), metafor 3.8.
BANGERT = next(case for case in CASES if case["id"].startswith("bangert"))["data"]
MISSING = (17, 18)
META = [
    1,
    0,
    1,
    0,
    1,
    0,
    1,
    1,
    0,
    0,
    0,
    1,
    1,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    1,
    1,
    1,
    0,
    0,
    0,
    0,
    0,
    1,
    0,
    1,
]
META += [0, 0, 1, 1, 1, 0]
FITS = {
    (): {
        "beta": [0.103391982223, 0.217046047114],
        "se": [0.0539839598642, 0.0909482226635],
        "alpha": [-4.06625960851, 0.0796728124730],
        "se_alpha": [1.09549731533, 0.0796720818029],
        "pval_alpha": [2.05796007721e-04, 0.317306069672],
        "QE": 88.4099942870,
        "QEp": 3.74986090604e-05,
        "QM": 5.69528325807,
        "QMp": 0.0170105668240,
        "QS": 1.00001834202,
        "ll": -13.1797212062,
        "AIC": 34.3594424123,
        "BIC": 41.3101208855,
        "AICc": 35.4405234934,
    },
    (("test", "t"),): {"pval": [0.0622884302307, 0.0215926190919], "pval_alpha": [0.000599436892790, 0.323032901727]},
    (("test", "knha"),): {
        "se": [0.0571978893796, 0.0963628157746],
        "QM": 5.07323287323,
        "QMp": 0.0295834873017,
        "ci_lb": [-0.0120380317734, 0.0225780117671],
        "QSp": 0.323032901727,
    },
    (("method", "ML"),): {
        "beta": [0.101610415496, 0.215452655917],
        "alpha": [-4.31405028693, 0.0885780684439],
        "ll": -12.4965990002,
        "BIC": 40.1299565362,
    },
}


def bangert(**options):
    kept = [i for i in range(46) if i not in MISSING]
    y, v, x = (np.array(BANGERT[name], float)[kept] for name in ("yi", "vi", "x"))
    return fit_location_scale(y, v, two(META), two(x), **options)


@pytest.mark.parametrize("options", FITS)
def test_moderators_of_both_parts(options):
    fit = bangert(**dict(options))
    for name, expected in FITS[options].items():
        np.testing.assert_allclose(getattr(fit, name), expected, rtol=5e-5, err_msg=name)


def test_identity_link_is_at_least_as_likely_as_metafors():
    # rma(…, link = "identity"), metafor 3.8: ll -13.1302288969 at alpha 0.01048834, 0.00329920.
    fit = bangert(link="identity")
    assert fit.status == "ok"
    assert fit.ll >= -13.1302288969
    np.testing.assert_allclose(fit.alpha, [0.0104883353685, 0.00329920418548], rtol=5e-4)
    assert (fit.tau2 >= 0).all()


def test_intercept_only_is_the_random_effects_model():
    import metacircuit as mc

    case = CASES[0]["data"]
    scale = fit_location_scale(case["yi"], case["vi"])
    common = mc.rma(case["yi"], case["vi"], method="REML", test="z")
    # tau2 of the common model is iterated to its own tolerance.
    assert scale.tau2[0] == pytest.approx(common.tau2, rel=1e-6)
    assert scale.ll == pytest.approx(common.ll, rel=1e-10)


def test_units_of_the_predictor_only_change_its_coefficient():
    case = CASES[2]["data"]
    one, other = (fit_location_scale(case["yi"], case["vi"], Z=two(c * np.array(case["x"]))) for c in (1.0, 1e6))
    assert other.alpha[1] * 1e6 == pytest.approx(one.alpha[1], rel=1e-6)
    assert other.ll == pytest.approx(one.ll, rel=1e-12)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_scaling_the_effects_shifts_the_intercept(scale):
    case = CASES[3]["data"]
    y, v = np.array(case["yi"]) * scale, np.array(case["vi"]) * scale**2
    fit, plain = (
        fit_location_scale(y, v, Z=two(case["x"])),
        fit_location_scale(case["yi"], case["vi"], Z=two(case["x"])),
    )
    np.testing.assert_allclose(fit.tau2, plain.tau2 * scale**2, rtol=1e-5)
    np.testing.assert_allclose(fit.alpha[1], plain.alpha[1], rtol=1e-5)


@pytest.mark.parametrize("link", ["log", "identity"])
def test_no_heterogeneity_is_a_status(link):
    y, v = np.full(6, 0.3), np.full(6, 0.01)
    fit = fit_location_scale(y, v, Z=two([1, 2, 3, 4, 5, 6]), link=link)
    assert fit.status == "boundary"
    assert fit.reason in str(fit)
    np.testing.assert_allclose(fit.tau2, 0, atol=1e-10)
    assert fit.beta[0] == pytest.approx(0.3)


def test_collinear_predictor_is_dropped_with_its_name():
    case = CASES[0]["data"]
    Z = np.column_stack([two(case["x"]), 2 * np.array(case["x"])])
    fit = fit_location_scale(case["yi"], case["vi"], Z=Z, names_z=("intrcpt", "year", "twice"))
    assert fit.names_z == ("intrcpt", "year")
    assert "'twice' dropped from the scale part" in fit.notes[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0, 2.0], [1.0]), "each estimate needs its variance"),
        (([1.0, np.nan, 3.0], [1.0, 1.0, 1.0]), "yi must be finite.*row 1"),
        (([1.0, 2.0, 3.0], [1.0, 0.0, 1.0]), "vi must be finite and above zero.*row 1"),
        (([1.0], [1.0]), "1 studies cannot determine"),
        (([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], np.ones((2, 1))), "one row for each of the 3 studies"),
    ],
)
def test_messages(arguments, message):
    with pytest.raises(ValueError, match=message):
        fit_location_scale(*arguments)


def test_unknown_words():
    with pytest.raises(ValueError, match="Did you mean 'REML'"):
        fit_location_scale([1.0, 2.0], [1.0, 1.0], method="REM")


def test_predict():
    fit = bangert()
    shown = fit.predict([[1, 0], [1, 1]], [[1, 15], [1, 15]])
    assert shown["tau2"].to_numpy() == pytest.approx(np.exp(fit.alpha[0] + 15 * fit.alpha[1]))
    assert (shown["pi_lb"] < shown["ci_lb"]).all()
    with pytest.raises(ValueError, match="newscale has 1 columns"):
        fit.predict([[1, 0]], [[1]])
