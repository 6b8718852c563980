"""Data at the edge: a result that says what it is, or an error that says what to do; never a silent NaN."""

import numpy as np
import pandas as pd
import pytest
from metacircuit.models.rma_mv import rma_mv

RANDOM = np.random.default_rng(1)
Y = RANDOM.normal(size=12) * 0.5 + 0.3
V = RANDOM.uniform(0.02, 0.2, 12)
STUDY = np.repeat(range(4), 3)
TABLE = pd.DataFrame({"y": Y, "v": V, "study": STUDY, "x": RANDOM.normal(size=12), "c": 5.0, "g": list("ab") * 6})


def check(fit):
    """Numbers where numbers are due, words where they are not."""
    assert np.isfinite([*fit.beta, *fit.se, *fit.sigma2, fit.ll]).all()
    assert fit.status
    robust = fit.robust()
    for p, how in zip(robust.pval, robust.inference, strict=True):
        assert np.isfinite(p) or how.startswith("not available")
    assert str(fit)
    assert str(robust)
    assert len(fit.to_frame()) == fit.p == len(robust.to_frame())
    return fit


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1.0, 1e6])
def test_tiny_and_huge_variances(scale):
    assert check(rma_mv(Y, V * scale, study=STUDY, rho=0.6)).converged


def test_variances_of_eighteen_orders_of_magnitude():
    check(rma_mv(Y, np.resize([1e-12, 1e6, 0.1], 12), study=STUDY, rho=0.6))


@pytest.mark.parametrize("value", [0.0, 0.4, -3e5])
def test_equal_effects_have_no_heterogeneity(value):
    fit = check(rma_mv(np.full(12, value), V, study=STUDY, rho=0.6))
    assert fit.sigma2.tolist() == [0.0, 0.0]
    assert fit.beta[0] == pytest.approx(value, rel=1e-12)
    assert "residuals of every cluster sum to zero" in fit.robust().inference[0]


def test_one_cluster():
    fit = check(rma_mv(Y, V, study=np.zeros(12), rho=0.6))
    assert fit.sigma2[0] == 0.0
    assert any("one level" in note for note in fit.notes)
    assert "there is one cluster" in fit.robust().inference[0]
    assert fit.confint()["status"].iloc[0] == "not estimated: fixed at 0"


def test_clusters_of_one():
    fit = check(rma_mv(Y, V, study=range(12), rho=0.6))
    assert any("only their sum" in note for note in fit.notes)
    assert fit.sigma2.sum() == pytest.approx(
        rma_mv(Y, V, study=range(12), random="~ 1 | s", data={"s": range(12)}).sigma2[0]
    )


@pytest.mark.parametrize("k", [1, 2, 3])
def test_very_few_effects(k):
    fit = check(rma_mv(Y[:k], V[:k], study=range(k), rho=0.6))
    assert fit.k == k
    if k == 1:
        assert fit.se[0] == pytest.approx(np.sqrt(V[0]))
        assert "no residual degrees of freedom" in fit.status


def test_no_residual_degrees_of_freedom():
    assert "k = 2, p = 2" in check(rma_mv(Y[:2], V[:2], study=[1, 2], mods=[1.0, 2.0])).status


def test_a_constant_moderator_is_dropped_with_its_reason():
    fit = check(rma_mv("y", "v", study="study", mods="~ c + x", data=TABLE))
    assert list(fit.dropped) == ["c"]
    assert "constant" in fit.dropped["c"]
    alone = rma_mv("y", "v", study="study", mods="~ x", data=TABLE)
    assert fit.beta == pytest.approx(alone.beta)


def test_collinear_moderators_are_dropped_with_their_reason():
    fit = check(rma_mv("y", "v", study="study", mods="~ x + I(2*x + 1) + g", data=TABLE))
    assert fit.names == ("intrcpt", "x", "gb")
    assert "combination of" in next(iter(fit.dropped.values()))
    assert len(fit.marginal_means("g")) == 2


def test_a_mean_that_cannot_be_estimated_says_so():
    table = TABLE.assign(h=np.where(TABLE["g"] == "a", "u", "v"))
    fit = rma_mv("y", "v", study="study", mods="~ g + h", data=table)
    with pytest.raises(ValueError, match="cannot be estimated: these coefficients were dropped: hv"):
        fit.marginal_means("h")


def test_missing_values_are_left_out_and_listed():
    y, v, table = Y.copy(), V.copy(), TABLE.copy()
    y[3], v[5] = np.nan, np.nan
    table.loc[7, "x"] = np.nan
    fit = check(rma_mv(y, v, study="study", rho=0.5, mods="~ x", data=table))
    assert fit.omitted == {3: "yi is missing", 5: "V is missing", 7: "x is missing"}
    kept = np.delete(np.arange(12), [3, 5, 7])
    whole = rma_mv(
        Y[kept], V[kept], study=STUDY[kept], rho=0.5, mods="~ x", data=TABLE.iloc[kept].reset_index(drop=True)
    )
    assert fit.beta == pytest.approx(whole.beta)
    assert fit.robust(cluster=STUDY).se == pytest.approx(whole.robust().se)


def test_a_large_mean_costs_no_digits():
    plain, shifted = rma_mv(Y, V, study=STUDY, rho=0.5), rma_mv(Y + 1e6, V, study=STUDY, rho=0.5)
    assert shifted.beta[0] - 1e6 == pytest.approx(plain.beta[0], abs=1e-8)
    assert shifted.se == pytest.approx(plain.se, rel=1e-6)


def test_a_zero_variance_is_borne_by_heterogeneity_or_refused():
    v = np.append(0.0, V[1:])
    fit = check(rma_mv(Y, v, study=STUDY))
    assert np.isnan(fit.QE)
    assert any("V alone has no inverse" in note for note in fit.notes)
    with pytest.raises(ValueError, match="row 0 is 0"):
        rma_mv(Y, v)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rho": 1.0, "random": "~ 1 | study", "data": TABLE}, "Use a smaller correlation"),
        ({"rho": -0.9}, "impossible in a study with 3 effects"),
        ({"rho": 1.4}, "between -1 and 1"),
        ({"rho": 0.5, "study": None}, "study= is needed"),
        ({"V": -V}, "row 0"),
        ({"V": V[:5]}, "covers 5 effects, but there are 12"),
        ({"V": np.eye(12) - 0.5 * np.ones((12, 12))}, "not be negative|not positive definite"),
        ({"V": [np.array([[1.0, 0.2], [0.1, 1.0]])] * 6}, "not symmetric"),
        ({"yi": np.append(np.inf, Y[1:])}, "infinite in row 0"),
        ({"yi": np.full(12, np.nan)}, "No effect is left"),
        ({"study": "study"}, "data= is needed"),
        ({"study": "stdy", "data": TABLE}, "Did you mean 'study'"),
        ({"random": "~ 1 | studdy", "data": TABLE}, "Did you mean 'study'"),
        ({"random": "~ 1 + study", "data": TABLE}, "not a random effect"),
        ({"random": "~ g | study", "struct": "UNN", "data": TABLE}, "Did you mean 'UN'"),
        ({"random": "~ g | study", "struct": "AR", "data": TABLE}, "points in time"),
        ({"method": "reml"}, "Did you mean 'REML'"),
        ({"test": "knha"}, "z, t"),
        ({"level": 1.5e3}, "between 0 and 100"),
        ({"effect": range(12), "study": None}, "study= as well"),
        ({"mods": "~ xx", "data": TABLE}, "xx"),
    ],
)
def test_mistakes_are_named(change, message):
    arguments = {"yi": Y, "V": V, "study": STUDY} | change
    with pytest.raises(ValueError, match=message):
        rma_mv(arguments.pop("yi"), arguments.pop("V"), **arguments)


def test_clusters_that_cut_through_a_random_effect_are_refused():
    fit = rma_mv(Y, V, study=STUDY)
    with pytest.raises(ValueError, match="cut through"):
        fit.robust(cluster=range(12))
    assert fit.robust(cluster=STUDY // 2).n_clusters == 2


def test_predictions_know_the_variance_of_their_level():
    fit = rma_mv("y", "v", random="~ g | study", struct="DIAG", data=TABLE, mods="~ g")
    both = fit.predict({"g": ["a", "b"]})
    half = (both.pi_ub - both.pi_lb) / 2
    assert half == pytest.approx(1.959963984540054 * np.sqrt(both.se**2 + fit.tau2))
    assert fit.predict([[0.0], [1.0]]).pi_ub == pytest.approx(both.pi_ub)
    alone = rma_mv("y", "v", random="~ g | study", struct="DIAG", data=TABLE)
    assert alone.predict(levels="b").pi_ub[0] != alone.predict(levels="a").pi_ub[0]
    assert np.isnan(alone.predict().pi_ub[0])
    with pytest.raises(ValueError, match="'z' is not a level"):
        alone.predict(levels="z")
