"""Many subsets at once find the maxima that one fit at a time finds."""

import numpy as np
import pytest
from metacircuit.models.rma_mv import rma_mv
from metacircuit.stats.multilevel.compound import CompoundEngine
from metacircuit.stats.multilevel.crossed import CrossedEngine
from metacircuit.stats.multilevel.dense import DenseEngine
from metacircuit.stats.multilevel.subsets import has_sweep, subset_variances
from metacircuit.stats.vcalc import vcalc

# Both searches end where the likelihood changes by less than its rounding.
SAME_MAXIMUM = {"rel": 2e-6, "abs": 2e-8}
# Two sweeps climb until nothing moves: only rounding is left.
CLIMBED_OUT = 1e-9


def data(seed, k=60, J=15, between=0.3, within=0.2):
    rng = np.random.default_rng(seed)
    study = np.sort(np.concatenate([np.arange(J), rng.integers(0, J, k - J)]))
    v = rng.uniform(0.02, 0.1, k)
    y = 0.3 + rng.normal(0, between, J)[study] + rng.normal(0, within, k) + rng.normal(0, np.sqrt(v))
    return y, v, study, rng.normal(size=k)


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("moderated", [False, True])
@pytest.mark.parametrize("rho", [0.0, 0.6, 0.95, -0.05])
def test_random_subsets(rho, moderated, method):
    y, v, study, x = data(3)
    options = {"rho": rho, "method": method}
    model = rma_mv(y, v, study=study, mods=x if moderated else None, **options).fit
    keep = np.random.default_rng(9).random((5, len(y))) < 0.6
    got, steps = subset_variances(model.model, model.optimum.theta**2, keep)
    for rows, variances in zip(keep, got, strict=True):
        wanted = rma_mv(y[rows], v[rows], study=study[rows], mods=x[rows] if moderated else None, **options)
        assert variances == pytest.approx(wanted.sigma2, **SAME_MAXIMUM)
    assert (steps > 0).all()


@pytest.mark.parametrize(("between", "within"), [(0.0, 0.0), (0.0, 0.3), (0.4, 0.0)])
def test_variances_that_vanish(between, within):
    y, v, study, _ = data(11, between=between, within=within)
    model = rma_mv(y, v, study=study, rho=0.6).fit
    keep = study[None, :] != np.arange(15)[:, None]
    got, _ = subset_variances(model.model, model.optimum.theta**2, keep)
    for rows, variances in list(zip(keep, got, strict=True))[::4]:
        wanted = rma_mv(y[rows], v[rows], study=study[rows], rho=0.6).sigma2
        assert variances == pytest.approx(wanted, **SAME_MAXIMUM)
        assert ((variances == 0) == (wanted == 0)).all()


@pytest.mark.parametrize("random", ["~ 1 | study", "~ 1 | effect"])
def test_models_with_one_variance(random):
    y, v, study, _ = data(5)
    table = {"study": study, "effect": np.arange(len(y))}
    model = rma_mv(y, v, random=random, data=table).fit
    keep = ~np.eye(len(y), dtype=bool)[:4]
    got, _ = subset_variances(model.model, model.optimum.theta**2, keep)
    for rows, variances in zip(keep, got, strict=True):
        less = {name: values[rows] for name, values in table.items()}
        wanted = rma_mv(y[rows], v[rows], random=random, data=less).sigma2
        assert variances == pytest.approx(wanted, **SAME_MAXIMUM)


def test_sweeps_do_not_depend_on_each_other(monkeypatch):
    y, v, study, _ = data(7)
    model = rma_mv(y, v, study=study, rho=0.6).fit
    keep = study[None, :] != np.arange(15)[:, None]
    together, _ = subset_variances(model.model, model.optimum.theta**2, keep)
    monkeypatch.setattr("metacircuit.stats.multilevel.subsets.CHUNK", 100)
    alone, _ = subset_variances(model.model, model.optimum.theta**2, keep)
    assert alone == pytest.approx(together, rel=1e-9, abs=1e-12)


def uneven_blocks(v, study):
    """Sampling covariances without the closed form: the correlation differs from study to study."""
    rho = np.linspace(0.1, 0.8, study.max() + 1)[study]
    V = rho[:, None] * np.sqrt(np.outer(v, v)) * (study[:, None] == study)
    V[np.diag_indices_from(V)] = v
    return V


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("random", ["~ 1 | study", "~ 1 | study/effect", "~ 1 | lab/study/effect"])
def test_a_given_v(random, method):
    y, v, study, x = data(13)
    V = uneven_blocks(v, study)
    table = {"lab": study // 3, "study": study, "effect": np.arange(len(y))}
    model = rma_mv(y, V, mods=x, random=random, data=table, method=method).fit
    assert isinstance(model.model.engine, DenseEngine)
    single = np.arange(len(y)) != 7
    cut = np.random.default_rng(9).random((3, len(y))) < 0.7
    keep = np.vstack([np.ones_like(single), study != 4, single, cut])
    got, _ = subset_variances(model.model, model.optimum.theta**2, keep)
    for rows, variances in zip(keep, got, strict=True):
        less = {name: values[rows] for name, values in table.items()}
        wanted = rma_mv(y[rows], V[np.ix_(rows, rows)], mods=x[rows], random=random, data=less, method=method)
        assert variances == pytest.approx(wanted.sigma2, **SAME_MAXIMUM)


def test_both_ways_to_say_one_correlation():
    y, v, study, x = data(17)
    told = rma_mv(y, v, study=study, rho=0.6, mods=x).fit
    given = rma_mv(y, vcalc(v, study, obs=np.arange(len(y)), rho=0.6), study=study, mods=x).fit
    assert isinstance(told.model.engine, CompoundEngine)
    assert isinstance(given.model.engine, DenseEngine)
    keep = np.vstack([study[None, :] != np.arange(15)[:, None], ~np.eye(len(y), dtype=bool)[:5]])
    wanted, _ = subset_variances(told.model, told.optimum.theta**2, keep)
    got, _ = subset_variances(given.model, given.optimum.theta**2, keep)
    assert got == pytest.approx(wanted, rel=CLIMBED_OUT, abs=CLIMBED_OUT)


@pytest.mark.parametrize(("between", "within"), [(0.0, 0.0), (0.0, 0.3), (0.4, 0.0)])
def test_variances_that_vanish_beside_a_given_v(between, within):
    y, v, study, _ = data(11, between=between, within=within)
    V = uneven_blocks(v, study)
    model = rma_mv(y, V, study=study).fit
    keep = study[None, :] != np.arange(15)[:, None]
    got, _ = subset_variances(model.model, model.optimum.theta**2, keep)
    for rows, variances in list(zip(keep, got, strict=True))[::5]:
        wanted = rma_mv(y[rows], V[np.ix_(rows, rows)], study=study[rows]).sigma2
        assert variances == pytest.approx(wanted, **SAME_MAXIMUM)
        assert ((variances == 0) == (wanted == 0)).all()


def test_a_singular_v_stops_only_the_subsets_that_hold_it():
    y, v, study, _ = data(19)
    V = uneven_blocks(v, study)
    a, b = np.flatnonzero(study == 3)[:2]
    V[[a, b]] = V[:, [a, b]] = 0.0
    V[np.ix_([a, b], [a, b])] = 0.0625
    model = rma_mv(y, V, study=study).fit
    keep = np.vstack([np.ones(len(y), bool), study != 3])
    # Without heterogeneity the covariance of the whole data has no inverse: nothing can climb from there.
    got, _ = subset_variances(model.model, np.zeros(2), keep)
    assert np.isnan(got[0]).all()
    wanted = rma_mv(y[keep[1]], V[np.ix_(keep[1], keep[1])], study=study[keep[1]]).sigma2
    assert got[1] == pytest.approx(wanted, **SAME_MAXIMUM)


def test_large_crossed_factors_are_refused():
    y, v, study, _ = data(7, k=400, J=40)
    table = {"study": study, "year": np.arange(len(y)) % 7}
    model = rma_mv(y, v, random=["~ 1 | study", "~ 1 | year"], data=table).fit
    assert isinstance(model.model.engine, CrossedEngine)
    assert not has_sweep(model.model)
    with pytest.raises(TypeError, match="in blocks"):
        subset_variances(model.model, model.optimum.theta**2, np.ones((1, len(y)), bool))
