"""A cluster view of GOSH: known mixtures, planted outliers, and subsets that say nothing."""

import numpy as np
import pytest
from metacircuit.diagnostics.gosh_clusters import fit_mixture, gosh_clusters
from metacircuit.models.gosh import gosh
from metacircuit.models.rma import rma

SPREAD = np.array([0.02, 0.03, 0.05, 0.08, 0.04, 0.06, 0.01, 0.1, 0.07, 0.09])
QUIET = np.array([0.21, 0.18, 0.25, 0.10, 0.22, 0.30, 0.19, 0.15, 0.24, 0.17])
# Sampling error of a mean of 20,000 draws is 0.007 standard deviations; five of these.
SAMPLING = 0.035


def test_the_mixture_that_made_the_numbers():
    rng = np.random.default_rng(20)
    x = np.concatenate([rng.normal(0.1, 0.05, 20_000), rng.normal(0.6, 0.1, 20_000)])
    got = fit_mixture(x)
    assert got.mean == pytest.approx([0.1, 0.6], abs=0.1 * SAMPLING)
    assert got.sd == pytest.approx([0.05, 0.1], rel=SAMPLING)
    assert got.share == pytest.approx([0.5, 0.5], abs=0.01)
    assert got.separation == pytest.approx(0.5 / np.sqrt((0.05**2 + 0.1**2) / 2), rel=SAMPLING)
    assert got.upper(x)[20_000:].mean() > 0.99


def test_the_mixture_moves_with_the_data():
    rng = np.random.default_rng(5)
    x = np.concatenate([rng.normal(0, 1, 500), rng.normal(6, 1, 300)])
    one, other = fit_mixture(x), fit_mixture(100 * x - 40)
    assert other.mean == pytest.approx(100 * one.mean - 40, rel=1e-4)
    assert other.share == pytest.approx(one.share, rel=1e-4)


@pytest.mark.parametrize("method", ["EE", "DL", "REML"])
def test_an_outlier_drives_the_estimates_apart(method):
    y = QUIET.copy()
    y[6] = 1.5
    got = gosh_clusters(gosh(rma(y, SPREAD, method=method, slab=list("abcdefghij"))))
    assert got.driver == "g" if got.bimodal else method != "EE"
    row = got.table.set_index("slab").loc["g"]
    assert row["phi"] == got.table["phi"].max()
    assert row["shift"] == got.table["shift"].max() > 0.2
    assert row["share"] == pytest.approx(512 / 1023)
    assert row["upper_with"] > 0.9
    assert row["upper_without"] < 0.2


def test_homogeneous_effects_are_one_group():
    got = gosh_clusters(gosh(rma(QUIET, SPREAD, method="EE")))
    assert not got.bimodal
    assert got.driver == ""
    assert got.status == "ok"
    assert "one group" in str(got)


def test_means_with_and_without_a_study():
    result = gosh(rma([0.1, 0.4, 0.3], [0.02, 0.03, 0.05], method="EE"))
    got = gosh_clusters(result).table.iloc[0]
    # Without the first there are {2}, {3} and {2, 3}; the last is (0.4 / 0.03 + 0.3 / 0.05) / (1 / 0.03 + 1 / 0.05).
    assert got["mean_without"] == pytest.approx((0.4 + 0.3 + 0.3625) / 3)
    assert got["share"] == pytest.approx(4 / 7)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_too_few_subsets_are_said(k):
    got = gosh_clusters(gosh(rma(QUIET[:k], SPREAD[:k])))
    assert got.status == "too_few"
    assert f"{2**k - 1} subsets" in got.reason
    assert got.mixture is None
    if k == 1:
        assert got.table.loc[0, "status"] == "not_estimable"
        assert "Every subset" in got.table.loc[0, "reason"]


def test_equal_effects_have_no_groups():
    got = gosh_clusters(gosh(rma(np.full(6, 0.3), SPREAD[:6], method="EE")))
    assert (got.status, got.bimodal) == ("not_estimable", False)


def test_moderators():
    x = [0.0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    result = gosh(rma(QUIET, SPREAD, mods=x, method="EE"))
    with pytest.raises(ValueError, match="say coefficient=, one of intrcpt, mods"):
        gosh_clusters(result)
    got = gosh_clusters(result, coefficient="mods").table
    assert got.loc[3, "status"] == "not_estimable"
    assert got.drop(index=3)["status"].eq("ok").all()


def test_the_same_subsets_give_the_same_groups():
    result = gosh(rma(QUIET, SPREAD), subsets=300, seed=4)
    one, other = gosh_clusters(result), gosh_clusters(result)
    assert one.table.equals(other.table)
    assert one.mixture.ll == other.mixture.ll
