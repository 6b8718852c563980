"""What can be asked of a fitted model: predictions, intervals, influence, contrasts, subgroups, resampling."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from metacircuit.models.contrasts import contrasts, marginal_means, pairwise
from metacircuit.models.gosh import gosh
from metacircuit.models.mv_estimates import adjusted
from metacircuit.models.permutest import permutest
from metacircuit.models.rma import rma
from metacircuit.models.subgroups import subgroups

FOLDER = Path(__file__).parents[1] / "reference"
DIAGNOSTICS = json.loads((FOLDER / "diagnostics.json").read_text("utf-8"))["cases"]
RESAMPLING = json.loads((FOLDER / "resampling.json").read_text("utf-8"))["cases"]

BCG = pd.DataFrame(DIAGNOSTICS[0]["data"]).rename(columns={"x": "ablat"})
BCG["alloc"] = ["random"] * 4 + ["alternate"] * 2 + ["random"] * 3 + ["systematic"] * 4

ITERATIVE = 1e-6  # relative, as agreed for values that come out of an iteration
PRINTED = 1e-9  # numbers copied from R with 12 digits

# Riley, Higgins & Deeks (2011) BMJ 342, d549: systolic blood pressure, as shipped with the R package pimeta 1.1.4.
SBP = np.array([0.0, 0.10, -0.40, -0.80, -0.63, 0.22, -0.34, -0.51, 0.03, -0.81])
SBP_SE = np.array([0.42347717, 0.21939179, 0.02551067, 0.19898325, 0.30102594, 0.30102594, 0.07142988, 0.10204269])
SBP_SE = np.append(SBP_SE, [0.12245123, 0.30102594])


@pytest.mark.parametrize("case", DIAGNOSTICS, ids=lambda case: case["id"])
def test_influence_and_leave_one_out_of_metafor(case):
    fit = rma(case["data"]["yi"], case["data"]["vi"])
    found = fit.influence()
    for name, values in case["influence"].items():
        np.testing.assert_allclose(getattr(found, name), values, rtol=ITERATIVE, atol=1e-9, err_msg=name)
    found = fit.leave1out()
    for name, values in case["leave1out"].items():
        np.testing.assert_allclose(getattr(found, name), values, rtol=ITERATIVE, atol=1e-9, err_msg=name)


def test_influence_with_moderators_and_knapp_hartung():
    # influence(rma(yi, vi, mods=~ablat+alloc, data=dat, test="knha")), metafor 3.8; the first three effects
    found = rma("yi", "vi", mods="~ ablat + alloc", data=BCG, test="knha").influence()
    expected = {
        "rstudent": [0.417435936178, -0.194553541233, -0.289788087548],
        "dffits": [0.165743719379, -0.0984563167192, -0.0688217131631],
        "cook_d": [0.0320504629794, 0.0165884021323, 0.00632240987873],
        "cov_r": [1.85382789168, 2.42627211627, 1.82009095987],
        "tau2_del": [0.165371409927, 0.173993236635, 0.158723787769],
        "hat": [0.0970902071453, 0.221712031624, 0.0758577496035],
        "weight": [3.78841995598, 5.25165933803, 3.1809939462],
    }
    for name, values in expected.items():
        np.testing.assert_allclose(getattr(found, name)[:3], values, rtol=PRINTED, err_msg=name)
    np.testing.assert_allclose(
        found.dfbs[0], [-0.0217537163159, 0.0377655428816, 0.0792223095391, -0.0228341404821], rtol=PRINTED
    )
    assert not found.is_infl.any()


def test_influence_with_own_weights():
    # influence(rma(yi, vi, data=dat, weights=1:13)), metafor 3.8; the first three effects
    found = rma("yi", "vi", data=BCG, weights=np.arange(1, 14)).influence()
    expected = {
        "rstudent": [-0.441028280153, -1.49072292119, -0.964748824698],
        "dffits": [-0.0186968767679, -0.114707004009, -0.131056881773],
        "cook_d": [0.000366995190184, 0.0125664279812, 0.0174558981259],
        "cov_r": [1.07150054131, 0.993059032932, 1.06796163068],
        "weight": [1.0989010989, 2.1978021978, 3.2967032967],
    }
    for name, values in expected.items():
        np.testing.assert_allclose(getattr(found, name)[:3], values, rtol=PRINTED, err_msg=name)
    np.testing.assert_allclose(found.dfbs[:2, 0], [-0.0186968767679, -0.114707004009], rtol=PRINTED)


def test_leave_one_out_with_knapp_hartung():
    # leave1out(rma(yi, vi, data=dat, test="knha")), metafor 3.8; the first two
    found = rma("yi", "vi", data=BCG, test="knha").leave1out()
    np.testing.assert_allclose(found.se[:2], [0.194002739537, 0.181391941757], rtol=PRINTED)
    np.testing.assert_allclose(found.pval[:2], [0.00385620583725, 0.0041290592176], rtol=PRINTED)
    np.testing.assert_allclose(found.ci_lb[:2], [-1.13408093877, -1.05327217237], rtol=PRINTED)


def test_leaving_out_a_cluster_is_fitting_the_rest():
    fit = rma("yi", "vi", data=BCG)
    found = fit.leave1out(cluster=BCG["alloc"])
    assert found.slab == ("random", "alternate", "systematic")
    rest = BCG[BCG["alloc"] != "alternate"]
    np.testing.assert_allclose(found.estimate[1], rma(rest.yi, rest.vi).beta[0], rtol=1e-12)
    assert found.k.tolist() == [6, 11, 9]


def test_an_effect_that_alone_carries_a_moderator_cannot_be_left_out():
    fit = rma([0.1, 0.4, 0.3, 0.8, 0.2], [0.1] * 5, mods=[0, 0, 0, 0, 1])
    for found in (fit.influence(), fit.leave1out()):
        assert "Without 5" in found.notes[0]
    assert np.isnan(fit.leave1out().estimate[4]).all()
    with pytest.raises(ValueError, match="no effect can be left out"):
        rma([0.1], [0.1]).leave1out()


def test_prediction_interval_types():
    # predict(rma(yi, vi, data=dat), pi.type=…), metafor 3.8
    fit = rma("yi", "vi", data=BCG)
    expected = {
        "Riley": [-2.00837605069, 0.57931135396],
        "t": [-1.99534210089, 0.566277404161],
        "simple": [-1.81148783407, 0.382423137337],
    }
    for pi_type, limits in expected.items():
        found = fit.predict(pi_type=pi_type)
        np.testing.assert_allclose([found.pi_lb[0], found.pi_ub[0]], limits, rtol=PRINTED, err_msg=pi_type)
    exponentiated = fit.predict(transf=np.exp)
    np.testing.assert_allclose(exponentiated.pred, np.exp(fit.beta))


def test_bootstrap_prediction_interval_of_nagashima():
    # pima(y, se, B = 25000), pimeta 1.1.4: -0.8807 to 0.2240
    fit = rma(SBP, SBP_SE**2, method="DL")
    found = fit.predict(pi_type="bootstrap", seed=20190501, draws=200_000)
    monte_carlo = 0.01  # the limits of 25,000 draws vary by about this much
    np.testing.assert_allclose([found.pi_lb[0], found.pi_ub[0]], [-0.8807, 0.2240], atol=monte_carlo)
    again = fit.predict(pi_type="bootstrap", seed=20190501, draws=200_000)
    assert (found.pi_lb, found.pi_ub) == (again.pi_lb, again.pi_ub)
    with pytest.raises(ValueError, match="seed="):
        fit.predict(pi_type="bootstrap")


def test_predictions_by_names_and_by_numbers():
    fit = rma("yi", "vi", mods="~ ablat + alloc", data=BCG)
    by_name = fit.predict({"ablat": [30, 44], "alloc": ["random", "alternate"]})
    by_number = fit.predict([[30, 1, 0], [44, 0, 0]])
    np.testing.assert_allclose(by_name.pred, by_number.pred)
    assert len(fit.predict().pred) == 13
    with pytest.raises(ValueError, match="2 columns, the model has 3"):
        fit.predict([[1, 2]])
    with pytest.raises(ValueError, match="no level"):
        fit.predict({"ablat": [30], "alloc": ["randomised"]})


def test_common_effect_models_have_no_prediction_interval():
    found = rma("yi", "vi", data=BCG, method="EE").predict()
    assert np.isnan(found.pi_lb).all()
    assert "one true effect" in found.notes[0]


@pytest.mark.parametrize(
    ("method", "type", "limits"),
    [
        # confint(fit, type=…, control=list(tol=1e-14)) after control=list(threshold=1e-14), metafor 3.8
        ("REML", "PL", [0.115266105748, 0.964695326514]),
        ("ML", "PL", [0.105077380809, 0.833912476824]),
        ("REML", "QP", [0.119718361141, 1.11147908406]),
    ],
)
def test_exact_intervals_for_tau2(method, type, limits):
    found = rma("yi", "vi", data=BCG, method=method, precision="exact").confint(type)
    np.testing.assert_allclose(found.tau2_ci, limits, rtol=1e-8)
    assert found.to_frame().loc["tau", "ci_ub"] == pytest.approx(np.sqrt(limits[1]))


def test_an_interval_that_is_the_null_set_says_so():
    found = rma([0.3, 0.3001, 0.2999, 0.3], [0.1] * 4).confint()
    assert found.tau2_ci == (0.0, 0.0)
    assert "null set" in found.notes[0]


def test_intervals_that_do_not_exist():
    with pytest.raises(ValueError, match="needs a likelihood"):
        rma("yi", "vi", data=BCG, method="DL").confint("PL")
    with pytest.raises(ValueError, match="no degrees of freedom"):
        rma([0.1], [0.1]).confint()
    with pytest.raises(ValueError, match="QP, PL, J, BJ"):
        rma("yi", "vi", data=BCG).confint("Q")


def test_contrasts():
    # anova(fit, X=rbind(c(0,0,1,0), c(0,0,-1,1))), metafor 3.8
    fit = rma("yi", "vi", mods="~ ablat + alloc", data=BCG, test="knha")
    found = contrasts(fit, [[0, 0, 1, 0], [0, 0, -1, 1]])
    np.testing.assert_allclose(found.estimate, [-0.267491666551, 0.325953640366], rtol=PRINTED)
    np.testing.assert_allclose(found.se, [0.362411214987, 0.321015940625], rtol=PRINTED)
    np.testing.assert_allclose(found.pval, [0.479262979895, 0.336441809692], rtol=PRINTED)
    np.testing.assert_allclose([found.QM, found.QMp], [0.600727887026, 0.568999143162], rtol=PRINTED)
    assert found.names == ("allocrandom", "-allocrandom + allocsystematic")
    with pytest.raises(ValueError, match="2 columns"):
        contrasts(fit, [1, 0])


def test_marginal_means_stand_at_the_mean_of_the_numbers():
    fit = rma("yi", "vi", mods="~ ablat + alloc", data=BCG)
    at_mean = {"ablat": [BCG["ablat"].mean()] * 3, "alloc": ["alternate", "random", "systematic"]}
    np.testing.assert_allclose(marginal_means(fit, "alloc").estimate, fit.predict(at_mean).pred, rtol=1e-12)
    found = pairwise(fit, "alloc")
    assert found.names == ("random - alternate", "systematic - alternate", "systematic - random")
    np.testing.assert_allclose(found.estimate[:2], fit.beta[2:], rtol=1e-12)
    with pytest.raises(ValueError, match="not a factor"):
        marginal_means(fit, "ablat")


def test_pairwise_comparisons_are_jointly_the_test_of_the_factor():
    # Three differences among three levels have two degrees of freedom; the printed line says which test it is.
    fit = rma("yi", "vi", mods="~ alloc", data=BCG, test="knha")
    found = pairwise(fit, "alloc")
    assert found.QMdf == (2, 10.0)
    np.testing.assert_allclose([found.QM, found.QMp], [fit.QM, fit.QMp], rtol=1e-10)
    assert "All zero: F(2, 10) = " in str(found)


def test_the_scale_of_a_moderator_does_not_decide_the_joint_test():
    fit = rma("yi", "vi", mods="~ ablat + alloc", data=BCG)
    for scale in (1e-9, 1e9):
        other = rma("yi", "vi", mods="~ ablat + alloc", data=BCG.assign(ablat=BCG["ablat"] * scale))
        np.testing.assert_allclose(other.QM, fit.QM, rtol=1e-6)


def test_adjustments_of_pairwise_comparisons():
    # p.adjust(p, "holm") and p.adjust(p, "bonferroni") of R 4.2 are these products
    fit = rma("yi", "vi", mods="~ alloc", data=BCG)
    plain = pairwise(fit, "alloc", adjust="none").pval
    rank = np.argsort(np.argsort(plain))
    steps = plain * (3 - rank)
    holm = np.minimum(1.0, [max(steps[rank <= r]) for r in rank])
    np.testing.assert_allclose(pairwise(fit, "alloc").pval, holm, rtol=1e-12)
    np.testing.assert_allclose(pairwise(fit, "alloc", adjust="bonferroni").pval, np.minimum(1.0, 3 * plain))
    with pytest.raises(ValueError, match="holm"):
        pairwise(fit, "alloc", adjust="tukey")


def test_new_moderators_as_a_data_frame():
    fit = rma("yi", "vi", mods="~ ablat + alloc", data=BCG)
    table = pd.DataFrame({"alloc": ["random", "alternate"], "ablat": [30, 44]}, index=[7, 3])
    np.testing.assert_allclose(fit.predict(table).pred, fit.predict([[30, 1, 0], [44, 0, 0]]).pred)
    numbers = rma("yi", "vi", mods=BCG[["ablat"]], data=BCG)
    np.testing.assert_allclose(numbers.predict(table[["ablat"]]).pred, numbers.predict([30, 44]).pred)


def test_printed_results_are_short_and_say_what_they_are():
    fit = rma("yi", "vi", data=BCG[:6])
    shown = str(gosh(fit))
    assert shown.startswith("GOSH: 63 subsets of 6 effects")
    assert len(shown) < 600
    assert "< .0001" in str(subgroups(BCG["yi"], BCG["vi"], BCG["alloc"], method="EE"))


def test_holm():
    # p.adjust(c(.01, .02, .03, .5), "holm"), R 4.2
    np.testing.assert_allclose(adjusted(np.array([0.01, 0.02, 0.03, 0.5]), "holm"), [0.04, 0.06, 0.06, 0.5])


def test_subgroups_with_their_own_tau2():
    # rma(…, subset=alloc==g) and rma(est, sei=se, mods=~factor(1:3), method="FE"), metafor 3.8
    found = subgroups(BCG["yi"], BCG["vi"], BCG["alloc"])
    np.testing.assert_allclose(
        found.table["estimate"], [-0.540792961849, -0.970964475758, -0.424207342954], rtol=PRINTED
    )
    np.testing.assert_allclose(found.table["tau2"], [0.132577039878, 0.392526549118, 0.400346296814], rtol=PRINTED)
    np.testing.assert_allclose(found.table["I2"], [82.0225155667, 89.9342820817, 86.4221318019], rtol=PRINTED)
    np.testing.assert_allclose([found.QM, found.QMp], [1.86144614123, 0.394268523295], rtol=PRINTED)


def test_subgroups_with_a_common_tau2():
    # rma(yi, vi, mods=~alloc-1, test="knha") and the test of mods=~alloc, metafor 3.8
    found = subgroups(BCG["yi"], BCG["vi"], BCG["alloc"], tau2="common", test="knha")
    np.testing.assert_allclose(
        found.table["estimate"], [-0.517955810532, -0.965774034173, -0.428917662877], rtol=PRINTED
    )
    np.testing.assert_allclose(found.table["tau2"], 0.361502855889, rtol=PRINTED)
    np.testing.assert_allclose([found.QM, found.QMp], [0.966219985593, 0.413384043387], rtol=PRINTED)
    assert found.QMdf == (2, 10.0)


def test_a_group_of_one_is_a_row_with_its_reason():
    found = subgroups([0.1, 0.2, 0.9], [0.1] * 3, ["a", "a", "b"], test="knha")
    assert found.table["k"].tolist() == [2, 1]
    assert any(note.startswith("b: One effect") or "b: With 1 effect" in note for note in found.notes)
    alone = subgroups([0.1, 0.2], [0.1] * 2, ["a", "a"])
    assert np.isnan(alone.QM)
    assert "one group only" in alone.notes[-1]
    with pytest.raises(ValueError, match="missing in row 2"):
        subgroups([0.1, 0.2], [0.1] * 2, ["a", None])


@pytest.mark.parametrize("case", [c for c in RESAMPLING if c["id"].startswith("gosh")], ids=lambda case: case["id"])
def test_gosh_of_metafor(case):
    fit = rma(case["data"]["yi"], case["data"]["vi"], method=case["id"].split("/")[1])
    found = gosh(fit)
    assert len(found.QE) == case["sets"]
    assert found.complete
    for name in ("estimate", "I2", "QE"):
        quantiles = np.quantile(getattr(found, name), case["quantile_probs"])
        np.testing.assert_allclose(quantiles, case[f"{name}_quantiles"], rtol=ITERATIVE, atol=1e-9)


def test_gosh_samples_what_it_cannot_enumerate():
    rng = np.random.default_rng(1)
    fit = rma(rng.normal(size=30), rng.uniform(0.1, 0.2, 30), method="DL")
    with pytest.raises(ValueError, match="seed="):
        gosh(fit, subsets=500)
    found = gosh(fit, subsets=500, seed=7)
    assert len(found.QE) == 500
    row = found.include[3]
    np.testing.assert_allclose(found.estimate[3], rma(fit.yi[row], fit.vi[row], method="DL").beta[0], rtol=1e-12)


def test_permutation_test_of_metafor():
    case = next(c for c in RESAMPLING if c["id"].startswith("permutest"))
    found = permutest(rma(case["data"]["yi"], case["data"]["vi"]), exact=True)
    assert found.pval[0] == case["pval"]
    assert found.arrangements == 2**13


def test_permutation_test_with_a_moderator():
    # permutest(rma(yi, vi, mods=~ablat, data=dat[1:7,]), exact=TRUE), metafor 3.8: 0.91703, 0.18380; there 230 of the
    # 2520 refits did not converge and were left out, here all of them count.
    found = permutest(rma("yi", "vi", mods="~ ablat", data=BCG[:7]), exact=True)
    assert found.arrangements == 2520
    np.testing.assert_allclose(found.pval, [0.91703, 0.18380], atol=1e-3)
    drawn = permutest(rma("yi", "vi", mods="~ ablat", data=BCG[:7]), draws=2000, seed=3)
    np.testing.assert_allclose(drawn.pval, found.pval, atol=0.04)  # four standard errors of 2000 draws


def test_permutation_tests_ask_for_a_seed_or_for_fewer_effects():
    rng = np.random.default_rng(1)
    fit = rma(rng.normal(size=30), np.full(30, 0.1))
    with pytest.raises(ValueError, match="refits"):
        permutest(fit, exact=True)
    with pytest.raises(ValueError, match="seed="):
        permutest(fit)


def test_results_print_and_tabulate():
    fit = rma("yi", "vi", mods="~ alloc", data=BCG)
    for result in (fit.predict(), fit.influence(), fit.leave1out(), fit.confint(), pairwise(fit, "alloc")):
        assert str(result)
        assert len(result.to_frame())
