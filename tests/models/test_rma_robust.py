"""Cluster-robust inference for univariate models, beside clubSandwich and metafor."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from metacircuit.models.rma import rma
from metacircuit.models.rma_mv import rma_mv
from metacircuit.models.robust import robust

CASES = json.loads((Path(__file__).parents[1] / "reference" / "diagnostics.json").read_text("utf-8"))["cases"]
BCG = pd.DataFrame(CASES[0]["data"]).rename(columns={"x": "ablat"})
PAIRS = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 6]

# R stops the iteration for tau2 at a relative change of 1e-5, and prints 12 digits of what follows.
ITERATIVE = 1e-6

# sqrt(diag(vcovCR(rma(yi, vi, mods = ~ ablat, data = dat, method = …), cluster = PAIRS, type = …))), metafor 3.8,
# clubSandwich 0.5.8, for the risk ratios of dat.bcg.
SE = {
    ("REML", "CR0"): [0.1085854227010, 0.0042928724115],
    ("REML", "CR1"): [0.11894937085918, 0.00470260611254],
    ("REML", "CR1p"): [0.13298943956098, 0.00525767346953],
    ("REML", "CR2"): [0.15440343845652, 0.00525219503198],
    ("EE", "CR0"): [0.08289401079874, 0.00434794900725],
    ("EE", "CR1"): [0.09080584019093, 0.00476293950031],
    ("EE", "CR1p"): [0.10152401459484, 0.00532512824771],
    ("EE", "CR2"): [0.10767873442929, 0.00579010337754],
}
# coef_test(fit, V, test = "Satterthwaite")$df for CR2
DF = {"REML": [2.87226308359, 3.84078620425], "EE": [1.65575534912, 2.58448958058]}


def fitted(method="REML", **options):
    return rma("yi", "vi", mods="~ ablat", data=BCG, method=method, **options)


@pytest.mark.parametrize(("method", "kind"), SE)
def test_standard_errors_of_clubsandwich(method, kind):
    found = fitted(method).robust(PAIRS, kind, bootstrap=False)
    np.testing.assert_allclose(found.se, SE[method, kind], rtol=ITERATIVE)
    np.testing.assert_allclose(found.df, DF[method] if kind == "CR2" else [4.0, 4.0], rtol=ITERATIVE)


def test_p_values_of_metafor_without_clubsandwich():
    # robust(fit, cluster = PAIRS)$pval: CR1p with clusters minus coefficients
    np.testing.assert_allclose(
        fitted().robust(PAIRS, "CR1p").pval, [0.13161992947707, 0.00520718887142], rtol=ITERATIVE
    )


def test_knapp_hartung_does_not_enter_the_sandwich():
    # robust(rma(yi, vi, data = dat, test = "knha"), cluster = PAIRS, clubSandwich = TRUE): se, dfs, pval; and predict()
    found = rma("yi", "vi", data=BCG, test="knha").robust(PAIRS, bootstrap=False)
    np.testing.assert_allclose(found.se, 0.212125685058, rtol=ITERATIVE)
    np.testing.assert_allclose(found.df, 4.76920844238, rtol=ITERATIVE)
    np.testing.assert_allclose(found.pval, 0.0214263401771, rtol=ITERATIVE)
    new = found.predict()
    np.testing.assert_allclose([new.pi_lb[0], new.pi_ub[0]], [-2.2758, 0.8467], atol=5e-5)  # as printed


def test_joint_test_of_clubsandwich():
    # Wald_test(fit, constrain_zero(1:2), vcov = "CR2", cluster = PAIRS): 18.2, 2, 2.52, 0.0317
    found = fitted().robust(PAIRS, bootstrap=False).wald(["intrcpt", "ablat"])
    assert (round(found.F, 1), found.df_num, round(found.df_denom, 2)) == (18.2, 2, 2.52)
    assert found.pval == pytest.approx(0.0317, abs=5e-5)


def test_own_weights_have_a_sandwich_but_no_cr2():
    # robust(rma(yi, vi, data = dat, mods = ~ ablat, weights = 1:13), cluster = PAIRS)$se
    fit = fitted(weights=np.arange(1, 14))
    np.testing.assert_allclose(fit.robust(PAIRS, "CR1p").se, [0.3918385886484, 0.0135608625023], rtol=ITERATIVE)
    with pytest.raises(ValueError, match="Use kind='CR1p'"):
        fit.robust(PAIRS)


def test_the_multilevel_model_with_the_same_tau2_agrees():
    one, many = (
        rma("yi", "vi", data=BCG, precision="exact"),
        rma_mv("yi", "vi", data=BCG.assign(trial=range(13)), random="~ 1 | trial"),
    )
    np.testing.assert_allclose(
        one.robust(PAIRS, bootstrap=False).vb, many.robust(cluster=PAIRS, bootstrap=False).vb, rtol=1e-5
    )


def test_marginal_means_carry_the_robust_errors():
    table = BCG.assign(g=["a", "b", "c"] * 4 + ["a"])
    found = rma("yi", "vi", mods="~ g + ablat", data=table).robust(PAIRS, bootstrap=False)
    differences = found.pairwise("g", adjust="none")
    assert differences.labels[0] == "b - a"
    assert differences.se[:2] == pytest.approx(found.se[1:3])
    assert differences.df[:2] == pytest.approx(found.df[1:3])


def test_clusters_must_be_said():
    for wrong, message in ((None, "cluster= takes"), ("trial", "one label for each effect"), (PAIRS[:4], "4 values")):
        with pytest.raises(ValueError, match=message):
            fitted().robust(wrong)
    with pytest.raises(ValueError, match="missing"):
        fitted().robust(["a"] * 12 + [np.nan])
    with pytest.raises(TypeError, match="what rma or rma_mv returned"):
        robust(BCG, cluster=PAIRS)


def test_clusters_of_one_are_the_heteroskedasticity_robust_estimator():
    # With each effect a cluster and equal variances, CR2 is HC2: sum of x^2 e^2 / (1 - h), over (x'x)^2.
    y, x = np.array([0.1, 0.5, 0.2, 0.9, 0.4]), np.arange(5.0)
    fit = rma(y, np.full(5, 0.1), mods=x, method="EE")
    X = np.column_stack([np.ones(5), x])
    bread = np.linalg.inv(X.T @ X)
    e, h = y - X @ bread @ X.T @ y, np.diag(X @ bread @ X.T)
    expected = bread @ (X.T * (e**2 / (1 - h))) @ X @ bread
    np.testing.assert_allclose(fit.robust(range(5), bootstrap=False).vb, expected, rtol=1e-10)


def test_what_cannot_be_said_is_said():
    one = rma([0.1, 0.5, 0.2], [0.1] * 3).robust(["a"] * 3)
    assert np.isnan(one.pval[0])
    assert one.inference == ("not available: there is one cluster, and nothing to compare it with",)
    two = rma([0.1, 0.5, 0.2], [0.1] * 3).robust(["a", "a", "b"])
    assert not np.isfinite(two.ci_lb[0])
    assert "no bound" in two.inference[0]
    with pytest.raises(ValueError, match=r"between 1\.0e-12 and 1\.0e\+06"):
        rma([0.1, 0.4], [1e-12, 1e6], mods=[0, 1]).robust([1, 2])
