"""What must hold whatever the numbers: invariances of `rma_mv` and its robust tests."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metacircuit.models.aggregate import aggregate
from metacircuit.models.rma_mv import rma_mv
from metacircuit.stats.multilevel import engines

SAME = 1e-6  # two searches for one optimum agree to the square root of the change in likelihood that ends a search


def simulated(seed, k=40, studies=10):
    random = np.random.default_rng(seed)
    study = np.concatenate([np.arange(studies), random.integers(0, studies, k - studies)])
    v = random.uniform(0.02, 0.3, k)
    x = random.normal(size=k)
    y = 0.3 + 0.2 * x + 0.4 * random.normal(size=studies)[study] + random.normal(size=k) * np.sqrt(v + 0.05)
    return pd.DataFrame({"y": y, "v": v, "study": study, "x": x, "g": np.where(study % 3 == 0, "a", "b")})


def fitted(data, rho=0.6, mods="~ x", **kwargs):
    return rma_mv("y", "v", study="study", rho=rho, mods=mods, data=data, **kwargs)


def numbers(fit, bootstrap=False):
    robust = fit.robust("CR2", bootstrap=bootstrap)
    return np.concatenate([fit.beta, fit.se, robust.se, robust.df, [fit.QE, fit.QM]])


def same(a, b, rtol=SAME):
    np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-9)


seeds = st.integers(0, 10_000)
few = settings(max_examples=5, deadline=None)


@few
@given(seeds)
def test_row_order_does_not_matter(seed):
    data = simulated(seed)
    turned = data.sample(frac=1, random_state=seed).reset_index(drop=True)
    same(numbers(fitted(data)), numbers(fitted(turned)))


@few
@given(seeds)
def test_labels_do_not_matter(seed):
    data = simulated(seed)
    renamed = data.assign(study=[f"study {97 - 3 * s}" for s in data["study"]])
    same(numbers(fitted(data)), numbers(fitted(renamed)))


@few
@given(seeds)
def test_the_sign_of_y_turns_the_sign_of_the_coefficients_alone(seed):
    data = simulated(seed)
    plus, minus = fitted(data), fitted(data.assign(y=-data["y"]))
    same(plus.beta, -minus.beta)
    same(numbers(plus)[2:], numbers(minus)[2:])
    same(plus.sigma2, minus.sigma2, 1e-4)


@few
@given(seeds, st.sampled_from([1e-4, 37.0, 1e5]))
def test_units_scale_through(seed, unit):
    data = simulated(seed)
    one, other = fitted(data), fitted(data.assign(y=data["y"] * unit, v=data["v"] * unit**2))
    same(other.beta, one.beta * unit)
    same(other.se, one.se * unit)
    same(other.sigma2, one.sigma2 * unit**2, 1e-4)
    same(other.robust("CR2", bootstrap=False).df, one.robust("CR2", bootstrap=False).df)


@few
@given(seeds)
def test_the_coding_of_a_factor_does_not_matter(seed):
    data = simulated(seed)
    treatment, cells = fitted(data, mods="~ g"), fitted(data, mods="~ g - 1")
    same(treatment.ll, cells.ll)
    same(treatment.marginal_means("g").estimate, cells.beta)
    a, b = treatment.robust("CR2"), cells.robust("CR2")
    same(a.marginal_means("g").se, b.se)
    same(a.marginal_means("g").df, b.df)
    same(a.pairwise("g").df, a.df[1:])
    same(a.wald("g").F, a.stat[1] ** 2)


@few
@given(seeds)
def test_a_study_split_into_identical_halves_counts_once_under_rho_one(seed):
    # The same estimate with the same error is the same information, however often it is typed.
    data = simulated(seed).drop_duplicates("study")
    halves = pd.concat([data, data.iloc[[2]], data.iloc[[5]]], ignore_index=True)
    whole, split = fitted(data, rho=1), fitted(halves, rho=1)
    same(numbers(whole), numbers(split))
    same(whole.sigma2, split.sigma2, 1e-4)
    assert split.fit.inputs.copies == (len(data), len(data) + 1)
    assert any("repeat another one exactly" in note for note in split.notes)
    one = aggregate(halves, "v", yi="y", cluster="study", rho=1)
    same(one["y"], data["y"])
    same(one["v"], data["v"])


@few
@given(seeds)
def test_identical_halves_in_the_limit_of_rho(seed):
    # Without a random effect for the effect, near-perfect correlation leaves the study where it was.
    data = simulated(seed).drop_duplicates("study")
    halves = pd.concat([data, data.iloc[[2]]], ignore_index=True)
    whole = fitted(data, rho=0.5, random="~ 1 | study")
    split = fitted(halves, rho=1 - 1e-6, random="~ 1 | study")
    # A coefficient may be next to zero: its error is counted in standard errors.
    np.testing.assert_array_less(np.abs(whole.beta - split.beta) / whole.se, 1e-5)
    same(whole.se, split.se, 1e-5)
    same(whole.robust("CR2", bootstrap=False).se, split.robust("CR2", bootstrap=False).se, 1e-5)


@few
@given(seeds)
def test_cr2_is_unbiased_under_the_working_model(seed):
    # The sum over clusters of G'(I - H)Phi(I - H)'G is the model-based covariance itself.
    fit = fitted(simulated(seed))
    s = fit.robust("CR2")._sandwich
    expected = (s.spread - s.pull.transpose(0, 2, 1) @ s.bread @ s.pull).sum(axis=0)
    same(expected, fit.vb, 1e-9)


@few
@given(seeds)
def test_independent_effects_are_the_univariate_model(seed):
    # One effect a study: the two variances have one sum, that of the random-effects model.
    data = simulated(seed).drop_duplicates("study")
    three = fitted(data, rho=None)
    one = rma_mv("y", "v", mods="~ x", random="~ 1 | study", data=data)
    same(three.sigma2.sum(), one.sigma2.sum(), 1e-4)
    same(three.beta, one.beta)
    same(three.ll, one.ll)


def test_structures_are_nested():
    # A structure with more freedom has at least the likelihood of one that it contains; these data have several peaks.
    data = simulated(2).assign(g=np.tile([1, 2, 3, 4], 10))
    ll = {s: rma_mv("y", "v", random="~ g | study", struct=s, data=data).ll for s in ("ID", "DIAG", "HCS", "UN")}
    for small, large in (("ID", "DIAG"), ("DIAG", "HCS"), ("HCS", "UN")):
        assert ll[small] <= ll[large] + 1e-6, (small, large)


@pytest.mark.parametrize("seed", range(2))
def test_crossed_factors_do_not_depend_on_the_algebra(seed, monkeypatch):
    data = simulated(seed, k=60).assign(year=np.random.default_rng(seed).integers(0, 6, 60), es=range(60))
    random = ["~ 1 | study/es", "~ 1 | year"]
    dense = rma_mv("y", "v", random=random, data=data, mods="~ x")
    monkeypatch.setattr(engines, "NUMBERS_PER_EFFECT", 0)
    woodbury = rma_mv("y", "v", random=random, data=data, mods="~ x")
    assert type(woodbury.fit.model.engine).__name__ == "CrossedEngine" != type(dense.fit.model.engine).__name__
    same(dense.ll, woodbury.ll, 1e-9)
    same([*dense.beta, *dense.se], [*woodbury.beta, *woodbury.se])
    same(dense.sigma2, woodbury.sigma2, 1e-4)
