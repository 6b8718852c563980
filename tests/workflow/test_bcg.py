"""The second shipped review gives what metafor gives on the same trials, from the sheets to the estimates."""

import csv
import re
from pathlib import Path

import pandas as pd
import pytest
from metacircuit.cli.checking import check_review
from metacircuit.config import CheckSlice, DiagnoseSlice, FitSlice, HarmoniseSlice, PlotSlice, parse_settings
from metacircuit.diagnostics.battery.run import diagnose
from metacircuit.effects.prepare import prepare
from metacircuit.models.analysis import fit_analysis
from metacircuit.models.moderator import regress
from metacircuit.sheets.vocabulary import read_vocabulary

ROOT = Path(__file__).parents[2]
NAME = "tuberculosis"
COLUMNS = ["k", "estimate", "se", "ci_lb", "ci_ub", "tau2"]
# REML of the two programs stops at slightly different places; both steps are far below what anyone prints.
REML = 1e-6
# The cumulative estimates are pinned as R prints them, with four decimals.
PRINTED = 5.1e-5
# dat <- escalc("RR", ai=tpos, bi=tneg, ci=cpos, di=cneg, data=dat.bcg); rma(yi, vi, data=dat, test="knha"), then with
# subset=alloc=="random" and "systematic"; metafor 3.8.1
OF_METAFOR = {
    "overall": (13, -0.714532348365, 0.180791745519, -1.10844372300, -0.320620973730, 0.313243325981),
    "random": (7, -0.970964475758, 0.253127564796, -1.590345313909, -0.351583637608, 0.392526549118),
    "systematic": (4, -0.424207342954, 0.364218479318, -1.583313096775, 0.734898410866, 0.400346296814),
}
# cumul(rma(yi, vi, data=dat, test="knha"), order=year), the steps at which no trials share a year; metafor 3.8.1
CUMULATED = {
    1: -0.8893,
    2: -1.3250,
    3: -0.9721,
    4: -1.0011,
    5: -1.1014,
    6: -0.9735,
    7: -0.9013,
    12: -0.7948,
    13: -0.7145,
}


@pytest.fixture(scope="module")
def settings():
    return parse_settings((ROOT / "config/bcg.yaml").read_text("utf-8"), source="config/bcg.yaml")


@pytest.fixture(scope="module")
def words(settings):
    return {name: read_vocabulary(ROOT / path) for name, path in settings.vocabulary.items()}


@pytest.fixture(scope="module")
def checked(settings, words):
    return check_review(ROOT / settings.data, CheckSlice.of(settings), words, ROOT)


@pytest.fixture(scope="module")
def effects(settings, checked):
    return prepare(checked.studies, checked.effects, HarmoniseSlice.of(settings, NAME))


@pytest.fixture(scope="module")
def estimates(settings, words, effects):
    return fit_analysis(effects, FitSlice.of(settings, NAME), words).estimates.set_index("stratum")


def test_nothing_is_wrong_with_the_sheets(checked):
    assert set(checked.problems["severity"]) <= {"note"}


def test_every_trial_is_analysed(effects):
    assert effects["status"].tolist() == ["analysed"] * 13


def test_studies_bear_the_names_of_the_sheet(effects):
    assert effects.set_index("study_id").loc["Ferguson1949", "study_label"] == "Ferguson & Simes 1949"


@pytest.mark.parametrize("stratum", OF_METAFOR)
def test_pooled_as_by_metafor(estimates, stratum):
    assert estimates.loc[stratum, COLUMNS].tolist() == pytest.approx(OF_METAFOR[stratum], abs=REML)


def test_heterogeneity_and_prediction_as_by_metafor(estimates):
    # $I2, $H2, $QE, predict()$pi.lb, $pi.ub of the model of all trials; metafor 3.8.1
    found = estimates.loc["overall", ["I2", "H2", "QE", "pi_lb", "pi_ub"]].tolist()
    expected = [92.2213860750, 12.8557608031, 152.233008082, -1.996016967022, 0.566952270292]
    assert found == pytest.approx(expected, rel=REML)


def test_two_trials_are_shown_and_not_pooled(estimates):
    assert estimates.loc["alternate", ["status", "k"]].tolist() == ["too_few", 2]


def test_the_slope_on_latitude_as_by_metafor(settings, checked, effects):
    spec = PlotSlice.of(settings, NAME)
    assert "latitude" in spec.moderators
    latitude = effects["study_id"].map(checked.studies.set_index("study_id")["latitude"])
    slope = regress(effects.assign(latitude=pd.to_numeric(latitude)), "latitude", spec.model).slope.iloc[0]
    # rma(yi, vi, mods=~ablat, data=dat, test="knha"); metafor 3.8.1
    expected = [-0.0291016609280, -0.0471531327109, -0.0110501891451, 0.0763546947057]
    assert slope[["estimate", "ci_lb", "ci_ub", "tau2"]].tolist() == pytest.approx(expected, abs=REML)


def test_trials_accumulate_by_year_as_in_metafor(settings, words, checked, effects, estimates):
    spec = DiagnoseSlice.of(settings, NAME)
    assert spec.diagnosis.order == "year"
    quick = spec.model_copy(
        update={"groupings": (), "diagnosis": spec.diagnosis.model_copy(update={"gosh_subsets": 0})}
    )
    years = effects["study_id"].map(checked.studies.set_index("study_id")["year"])
    overall = estimates[estimates["grouping"] == "overall"].reset_index()
    table = diagnose(effects.assign(year=years), overall, quick, words).tables["cumulative"].set_index("k")
    assert table.loc[list(CUMULATED), "estimate"].tolist() == pytest.approx(list(CUMULATED.values()), abs=PRINTED)


def test_the_trials_are_those_of_the_source():
    # with(dat.bcg, c(sum(tpos), sum(tpos + tneg), sum(cpos), sum(cpos + cneg))); metafor 3.8.1
    with (ROOT / "data/bcg/effects.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sums = [sum(int(row[name]) for row in rows) for name in ("events1", "total1", "events2", "total2")]
    assert sums == [1065, 191064, 1510, 166283]


def test_it_knows_nothing_of_the_first_review():
    pages = [ROOT / "config/bcg.yaml", *(ROOT / "data/bcg").rglob("*.*")]
    text = "\n".join(page.read_text("utf-8") for page in pages)
    assert not re.search(r"\b(nssi|disorders?|circuits?|self-injury)\b", text, flags=re.IGNORECASE)
