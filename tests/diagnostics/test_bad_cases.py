"""Data that a method cannot use, or only just: a status and a reason, never a traceback or a silent NaN."""

import numpy as np
import pytest
from metacircuit.diagnostics.dependent import egger_mv
from metacircuit.diagnostics.fsn import fsn
from metacircuit.diagnostics.hc import hc
from metacircuit.diagnostics.limitmeta import limitmeta
from metacircuit.diagnostics.p_values import pcurve, puniform
from metacircuit.diagnostics.pet_peese import pet_peese
from metacircuit.diagnostics.ranktest import ranktest
from metacircuit.diagnostics.regtest import regtest
from metacircuit.diagnostics.selmodel import selmodel
from metacircuit.diagnostics.svalue import svalue
from metacircuit.diagnostics.tes import tes
from metacircuit.diagnostics.trimfill import trimfill
from metacircuit.diagnostics.two_by_two import harbord, peters
from metacircuit.models.rma import rma
from metacircuit.models.rma_mv import rma_mv

STATUSES = {"ok", "at_bound", "too_few", "not_estimable", "not_converged"}
METHODS = {
    "regtest": regtest,
    "regtest lm": lambda y, v: regtest(y, v, model="lm"),
    "ranktest": ranktest,
    "trimfill L0": trimfill,
    "trimfill R0": lambda y, v: trimfill(y, v, estimator="R0"),
    "trimfill Q0": lambda y, v: trimfill(y, v, estimator="Q0", side="left"),
    "Rosenthal": fsn,
    "Orwin": lambda y, v: fsn(y, v, type="Orwin"),
    "Rosenberg": lambda y, v: fsn(y, v, type="Rosenberg"),
    "General": lambda y, v: fsn(y, v, type="General"),
    "tes": tes,
    "hc": hc,
    "limit": limitmeta,
    "pet_peese": pet_peese,
    "pet_peese lm": lambda y, v: pet_peese(y, v, model="lm"),
    "pcurve": pcurve,
    "puniform": puniform,
    "svalue": svalue,
    "3PSM": selmodel,
    "4PSM": lambda y, v: selmodel(y, v, steps=[0.025, 0.5]),
    "3PSM two-sided": lambda y, v: selmodel(y, v, steps=[0.05], alternative="two.sided"),
    "beta": lambda y, v: selmodel(y, v, type="beta"),
    "halfnorm": lambda y, v: selmodel(y, v, type="halfnorm"),
    "negexp": lambda y, v: selmodel(y, v, type="negexp"),
    "logistic": lambda y, v: selmodel(y, v, type="logistic"),
    "power": lambda y, v: selmodel(y, v, type="power"),
}
SPREAD = np.array([0.02, 0.03, 0.05, 0.08, 0.04, 0.06, 0.01, 0.1, 0.07, 0.09, 0.025, 0.045])
# The number that each result is asked for, in the order of looking.
MAIN = ("fsnum", "beta", "s_est", "pval")
DATA = {
    "one study": ([0.4], [0.05]),
    "two studies": ([0.4, 0.1], [0.05, 0.02]),
    "three studies": ([0.4, 0.1, 0.3], [0.05, 0.02, 0.03]),
    "two equal studies": ([0.4, 0.4], [0.05, 0.05]),
    "all significant": (3 * np.sqrt(SPREAD) + np.linspace(0, 0.3, 12), SPREAD),
    "none significant": (np.linspace(-0.5, 0.9, 12) * np.sqrt(SPREAD), SPREAD),
    "all significant, negative": (-3 * np.sqrt(SPREAD) - np.linspace(0, 0.3, 12), SPREAD),
    "equal precision": (np.linspace(-0.3, 1.0, 12), np.full(12, 0.04)),
    "equal effects": (np.full(12, 0.3), SPREAD),
    "all zero": (np.zeros(12), SPREAD),
    "one far outlier": (np.r_[np.linspace(0, 0.2, 11), 40.0], SPREAD),
    "tiny variances": (np.linspace(0.1, 0.5, 12), SPREAD * 1e-10),
    "huge variances": (np.linspace(10, 500, 12), SPREAD * 1e8),
}


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("method", METHODS)
def test_every_method_answers(method, name):
    result = METHODS[method](*(np.asarray(values, float) for values in DATA[name]))
    assert result.status in STATUSES
    if result.status == "ok":
        assert result.reason == ""
    else:
        assert result.reason[0].isupper() or result.reason[0].isdigit()
        assert result.reason.endswith(".")
    frame = result.to_frame()
    assert {"status", "reason"} <= set(frame.columns)
    assert str(result)
    value = next((getattr(result, field) for field in MAIN if hasattr(result, field)), 0.0)
    if result.status == "ok":
        assert not np.isnan(value).any()


@pytest.mark.parametrize("method", ["regtest", "regtest lm", "ranktest", "limit", "pet_peese", "trimfill L0"])
def test_equal_precision_shows_no_small_study_effects(method):
    assert METHODS[method](*DATA["equal precision"]).status == "not_estimable"


@pytest.mark.parametrize("method", ["regtest", "regtest lm", "ranktest", "limit", "pet_peese", "3PSM", "4PSM", "beta"])
def test_two_studies_are_too_few(method):
    assert METHODS[method](*DATA["two studies"]).status == "too_few"


def test_a_side_can_be_given_where_the_data_do_not_say():
    result = trimfill(*DATA["equal precision"], side="left")
    assert result.status == "ok"


def test_all_significant_puts_the_step_at_zero():
    result = selmodel(*DATA["all significant"], precision="exact")
    assert result.status == "at_bound"
    assert result.delta[1] == 0
    assert np.isfinite(result.beta).all()
    assert "interval 2" in result.reason


def test_none_significant_puts_the_step_at_its_largest():
    result = selmodel(*DATA["none significant"], precision="exact")
    assert result.status == "at_bound"
    assert result.delta[1] == 100
    assert "interval 1" in result.reason


def test_affirmative_effects_alone_cannot_be_weighed():
    for name in ("all significant", "none significant"):
        result = svalue(*DATA[name])
        assert result.status == "not_estimable"
        assert np.isfinite(result.estimate)


def test_few_studies_are_marked():
    assert any("fewer than 10" in note for note in regtest(*DATA["three studies"]).notes)
    assert not regtest(*DATA["all significant"]).notes


def test_tables_without_a_line():
    assert peters([1], [9], [2], [8]).status == "too_few"
    assert harbord([1, 0, 2, 3], [9, 10, 8, 7], [2, 0, 3, 4], [8, 10, 7, 6]).k == 3
    assert peters([1, 1, 1], [9, 9, 9], [2, 2, 2], [8, 8, 8]).status == "not_estimable"
    with pytest.raises(ValueError, match="not below zero"):
        peters([-1], [9], [2], [8])


@pytest.mark.parametrize("studies", [list("aabb"), list("aaaa")])
def test_few_clusters(studies):
    fit = rma_mv([0.1, 0.3, 0.5, 0.2], [0.02, 0.03, 0.05, 0.04], study=studies, rho=0.5)
    assert egger_mv(fit).status == "too_few"
    assert pet_peese(fit).status == "too_few"
    assert svalue(fit).status in STATUSES
    assert selmodel(fit).status in STATUSES
    assert selmodel(fit, bootstrap=60, seed=1).status in STATUSES


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda y, v: regtest(y, v, predictor="se"), "Did you mean 'sei'"),
        (lambda y, v: regtest(y, v, predictor="ni"), "ni="),
        (lambda y, v: trimfill(y, v, estimator="L1"), "L0, R0, Q0"),
        (lambda y, v: fsn(y, v, type="rosenthal"), "Did you mean 'Rosenthal'"),
        (lambda y, v: fsn(y, v, alpha=5), "between 0 and 1"),
        (lambda y, v: selmodel(y, v, steps=[0.0, 0.5]), "above 0"),
        (lambda y, v: selmodel(y, v, steps=[1.5]), "between 0 and 1"),
        (lambda y, v: selmodel(y, v, type="step"), "Did you mean 'stepfun'"),
        (lambda y, v: selmodel(y, v, delta=[1, -1]), "negative"),
        (lambda y, v: selmodel(y, v, cluster=[1, 2]), "12 labels"),
        (lambda y, v: selmodel(y, v, bootstrap=100), "seed="),
        (lambda y, v: trimfill(rma(y, v, mods=np.arange(12.0))), "without moderators"),
        (lambda y, v: regtest(y, -v), "above zero"),
        (lambda y, v: regtest(rma(y, v), v), "leave vi and sei out"),
    ],
)
def test_wrong_use_is_explained(call, message):
    y, v = DATA["none significant"]
    with pytest.raises(ValueError, match=message):
        call(y, v)


def test_another_model_is_refused():
    fit = rma_mv([0.1, 0.3, 0.5, 0.2], [0.02, 0.03, 0.05, 0.04], study=list("abcd"))
    with pytest.raises(TypeError, match="rma"):
        trimfill(fit)
