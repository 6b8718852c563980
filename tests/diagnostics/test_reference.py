"""Every case of tests/reference/small_study.json (metafor 5.1) through the public functions."""

import json
from pathlib import Path

import numpy as np
import pytest
from metacircuit.diagnostics.fsn import fsn
from metacircuit.diagnostics.hc import hc
from metacircuit.diagnostics.pet_peese import pet_peese
from metacircuit.diagnostics.ranktest import ranktest
from metacircuit.diagnostics.regtest import regtest
from metacircuit.diagnostics.selmodel import selmodel
from metacircuit.diagnostics.tes import tes
from metacircuit.diagnostics.trimfill import trimfill
from metacircuit.models.rma import rma

REFERENCE = json.loads((Path(__file__).parents[1] / "reference/small_study.json").read_text("utf-8"))
CASES = {case["id"]: case for case in REFERENCE["cases"]}
SELECTION = [(name, key) for name, case in CASES.items() for key in case if key.startswith("selmodel")]

CLOSED = 1e-10
ITERATIVE = 1e-6
# metafor integrates the power over theta -+ 5 tau to a relative tolerance of eps^(1/4) = 1.2e-4; here it is exact.
POWER_INTEGRAL = 2e-5
# metafor finds t0 with uniroot(tol = eps^(1/4) = 1.2e-4); here it is exact.
UNIROOT = 2e-4
# R's search and this one take the same path; rounding is amplified along it.
SAME_PATH = 1e-6
# The maximum and the point where metafor stops agree to this share of a standard error: the likelihood is flat there.
SELECTION_MODEL = 1e-4


def effects(case):
    return np.array(case["data"]["yi"], float), np.array(case["data"]["vi"], float)


@pytest.fixture(params=CASES, name="case")
def _case(request):
    return CASES[request.param]


def fitted(case):
    return rma(*effects(case))


def test_the_reference_is_complete():
    assert len(CASES) == 5
    assert len(SELECTION) == 18


def test_egger_by_meta_regression(case):
    result = regtest(fitted(case))
    assert [result.zval, result.pval] == pytest.approx([case["egger_rma"]["z"], case["egger_rma"]["p"]], rel=ITERATIVE)


def test_egger_by_weighted_regression(case):
    result = regtest(fitted(case), model="lm")
    wanted = [case["egger_lm"][key] for key in ("t", "p", "est")]
    assert [result.zval, result.pval, result.est] == pytest.approx(wanted, rel=CLOSED)


def test_rank_correlation(case):
    result = ranktest(fitted(case))
    assert [result.tau, result.pval] == pytest.approx([case["rank"]["tau"], case["rank"]["p"]], rel=CLOSED)


@pytest.mark.parametrize("estimator", ["L0", "R0"])
def test_trim_and_fill(case, estimator):
    result, wanted = trimfill(fitted(case), estimator=estimator), case[f"trimfill_{estimator}"]
    assert (result.k0, result.side) == (wanted["k0"], wanted["side"])
    got = [result.beta[0], result.se[0], result.tau2]
    assert got == pytest.approx([wanted[key] for key in ("beta", "se", "tau2")], rel=ITERATIVE)


@pytest.mark.parametrize("kind", ["Rosenthal", "Orwin", "Rosenberg"])
def test_fail_safe_n(case, kind):
    assert fsn(*effects(case), type=kind).fsnum == case[f"fsn_{kind}"]


def test_excess_significance(case):
    result, wanted = tes(fitted(case)), case["tes"]
    assert wanted["O"] == result.O
    assert [result.E, result.pval] == pytest.approx([wanted["E"], wanted["pval"]], rel=POWER_INTEGRAL)


def test_henmi_copas(case):
    result, wanted = hc(fitted(case)), case["henmi_copas"]
    assert [result.beta, result.se] == pytest.approx([wanted["beta"], wanted["se"]], rel=CLOSED)
    half = wanted["ci_ub"] - wanted["beta"]
    assert [result.ci_lb, result.ci_ub] == pytest.approx([wanted["ci_lb"], wanted["ci_ub"]], abs=UNIROOT * half)


def test_pet_and_peese(case):
    result = pet_peese(fitted(case))
    for line, wanted in ((result.pet, case["pet"]), (result.peese, case["peese"])):
        assert line.beta == pytest.approx(wanted["beta"], rel=ITERATIVE)
        assert line.se == pytest.approx(wanted["se"], rel=ITERATIVE)


@pytest.mark.parametrize(("name", "key"), SELECTION)
def test_selection_model_with_metafors_digits(name, key):
    case, wanted = CASES[name], CASES[name][key]
    result = selmodel(rma(*effects(case), method="ML"), steps=wanted["steps"], alternative=wanted["alternative"])
    got = [result.beta[0], result.se[0], result.tau2, result.LRT, result.LRTp, result.ll, *result.delta]
    asked = [*(wanted[field] for field in ("beta", "se", "tau2", "LRT", "LRTp", "ll")), *wanted["delta"]]
    assert got == pytest.approx(asked, rel=SAME_PATH)


@pytest.mark.parametrize(("name", "key"), SELECTION)
def test_selection_model_at_the_maximum(name, key):
    case, wanted = CASES[name], CASES[name][key]
    options = {"steps": wanted["steps"], "alternative": wanted["alternative"], "precision": "exact"}
    result = selmodel(*effects(case), **options)
    assert result.converged
    assert result.ll >= wanted["ll"] - 1e-8
    # Given the weights at which metafor stopped, the rest of the likelihood has its maximum where metafor says.
    given = selmodel(*effects(case), delta=wanted["delta"], **options)
    assert given.ll >= wanted["ll"] - 1e-8
    if given.ll < wanted["ll"] + 1e-7:
        assert given.beta[0] == pytest.approx(wanted["beta"], abs=SELECTION_MODEL * wanted["se"])
    if result.ll < wanted["ll"] + 1e-8:
        assert result.beta[0] == pytest.approx(wanted["beta"], abs=SELECTION_MODEL * wanted["se"])
