"""Many subsets at once find the maxima that one fit at a time finds."""

import numpy as np
import pytest
from metacircuit.models.rma_mv import rma_mv
from metacircuit.stats.multilevel.subsets import subset_variances

# Both searches end where the likelihood changes by less than its rounding.
SAME_MAXIMUM = {"rel": 2e-6, "abs": 2e-8}


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


def test_other_engines_are_refused():
    y, v, study, _ = data(7, k=20, J=5)
    V = np.diag(v) + 0.001 * (study[:, None] == study)
    model = rma_mv(y, V, study=study).fit
    with pytest.raises(TypeError, match="closed form"):
        subset_variances(model.model, model.optimum.theta**2, np.ones((1, 20), bool))
