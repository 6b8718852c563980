"""Which robust inference is reported, and why; the wild bootstrap."""

import numpy as np
import pandas as pd
import pytest
from metacircuit.models.rma_mv import rma_mv
from metacircuit.models.robust import robust


def simulated(studies, seed=3):
    random = np.random.default_rng(seed)
    study = np.repeat(range(studies), 3)
    v = random.uniform(0.02, 0.2, len(study))
    y = 0.4 + 0.3 * random.normal(size=studies)[study] + random.normal(size=len(study)) * np.sqrt(v)
    return pd.DataFrame(
        {"y": y, "v": v, "study": study, "x": random.normal(size=len(study)), "late": (study < 2) * 1.0}
    )


def fitted(studies, mods=None):
    return rma_mv("y", "v", study="study", rho=0.6, mods=mods, data=simulated(studies))


def test_enough_degrees_of_freedom_keep_the_t_distribution():
    result = fitted(20).robust("CR2")
    assert result.df[0] > 4
    assert result.inference == ("t with Satterthwaite degrees of freedom",)
    assert result.bootstrap == ""
    assert np.isnan(result.pval_bootstrap).all()
    assert result.pval == pytest.approx(result.pval_t)


def test_few_degrees_of_freedom_bring_the_bootstrap_and_the_reason():
    result = fitted(20, "~ late").robust("CR2")
    assert result.df[1] < 4 < result.df[0]
    assert result.inference[0].startswith("t with")
    assert result.inference[1].startswith("wild cluster bootstrap, since there are 1.")
    assert "fewer than 4" in result.inference[1]
    assert "Rademacher weights, 1999 replicates" in result.bootstrap
    assert result.pval[1] == result.pval_bootstrap[1] != result.pval_t[1]
    assert "wild cluster bootstrap" in str(result)


def test_few_clusters_get_webb_weights():
    assert "Webb" in fitted(5).robust("CR2").bootstrap


def test_the_seed_alone_decides_the_draws():
    fit = fitted(5)
    first, again, other = (fit.robust("CR2", seed=s) for s in (1, 1, 2))
    assert first.pval.tolist() == again.pval.tolist()
    assert first.ci_lb.tolist() == again.ci_lb.tolist()
    assert first.pval.tolist() != other.pval.tolist()


def test_the_bootstrap_interval_inverts_the_bootstrap_test():
    data = simulated(12)
    result = fitted(12).robust("CR2", bootstrap=True)
    for bound in (result.ci_lb[0], result.ci_ub[0]):
        shifted = rma_mv(data["y"] - bound, data["v"], study=data["study"], rho=0.6).robust("CR2", bootstrap=True)
        assert shifted.pval[0] == pytest.approx(0.05, abs=0.005)


def test_with_many_clusters_the_bootstrap_agrees_with_t():
    result = fitted(60).robust("CR2", bootstrap=True, replicates=9999)
    wild, width = result.ci_ub - result.ci_lb, result.ci_ub_t - result.ci_lb_t
    assert wild == pytest.approx(width, rel=0.05)


def test_the_joint_test_says_what_it_is():
    plenty = fitted(40, "~ x").robust("CR2").wald("x")
    assert plenty.inference.startswith("HTZ")
    assert plenty.pval == plenty.pval_htz
    scarce = fitted(20, "~ late").robust("CR2").wald("late")
    assert scarce.inference.startswith("wild cluster bootstrap, since")
    assert scarce.pval == scarce.pval_bootstrap
    assert "F(1," in str(scarce)


def test_one_contrast_is_the_square_of_its_t():
    result = fitted(40, "~ x").robust("CR2")
    test = result.wald("x")
    assert pytest.approx(result.stat[1] ** 2) == test.F
    assert test.df_denom == pytest.approx(result.df[1])
    assert test.pval == pytest.approx(result.pval[1])


def test_other_kinds_count_clusters():
    for kind in ("CR0", "CR1", "CR1p"):
        result = fitted(20, "~ x").robust(kind)
        assert result.df.tolist() == [18.0, 18.0]
        assert "clusters minus coefficients" in result.inference[0]
        assert pytest.approx(result.stat[1] ** 2) == result.wald("x").F


def test_unknown_words_are_named():
    fit = fitted(5)
    with pytest.raises(ValueError, match="Did you mean 'CR2'"):
        fit.robust("cr2")
    with pytest.raises(ValueError, match="'auto', True, False"):
        fit.robust(bootstrap="never")
    with pytest.raises(ValueError, match="no term and no coefficient"):
        fit.robust().wald("circuit")


def test_the_function_takes_the_result():
    fit = fitted(8)
    assert robust(fit, "CR2").se == pytest.approx(fit.robust("CR2").se)


def test_crossed_factors_need_clusters_by_name():
    data = simulated(10).assign(year=lambda d: np.arange(len(d)) % 4)
    fit = rma_mv("y", "v", random=["~ 1 | study", "~ 1 | year"], data=data)
    with pytest.raises(ValueError, match="cluster= takes an array"):
        fit.robust()
