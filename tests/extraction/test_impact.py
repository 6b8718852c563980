"""A disagreement's effect on the estimates is that of fitting the model again by hand."""

import metacircuit as mc
import pandas as pd
import pytest
from metacircuit.config import FitSlice, HarmoniseSlice, parse_settings
from metacircuit.extraction.compare import compare
from metacircuit.extraction.impact import ALL, Question, Review, impact_of
from metacircuit.sheets.review import load_review

CONFIG = """
review: tiny
title: Tiny
summary: Two correlations
data: data
analyses:
  r: {title: Correlations, measure: ZCOR, groupings: [group], model: {test: z}}
"""
SHEET = "effect_id,study_id,r,n_total,group,outcome\n" + "".join(
    f"{s}.1,{s},{r},{n},{g},fear\n"
    for s, r, n, g in [("a", 0.1, 40, "x"), ("b", 0.5, 90, "x"), ("c", 0.3, 60, "x"), ("d", 0.2, 80, "y")]
)
FIT = 1e-8  # the same estimator on the same numbers; the sheet's are exact


@pytest.fixture(scope="module")
def impact(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    (folder / "effects.csv").write_text(SHEET)
    sheets = load_review(folder, vocabularies={})
    settings = parse_settings(CONFIG, source="tiny.yaml")
    questions = {"r": Question(HarmoniseSlice.of(settings, "r"), FitSlice.of(settings, "r"))}
    first = sheets.effects
    second = first.copy()
    second.loc[1, "r"], second.loc[3, "group"], second.loc[0, "outcome"] = -0.5, "x", "anger"
    work = compare(first, second, {"r": "number", "group": "coded", "outcome": "text"})[1]
    review = Review(sheets.studies, {}, {}, questions)
    return impact_of(first, work, second.set_index("effect_id", drop=False), review)


def _pooled(r, n):
    es = mc.escalc("ZCOR", ri=r, ni=n)
    return mc.rma(es.yi, es.vi, method="REML", test="z").beta[0]


def test_a_number_moves_the_strata_that_it_is_in(impact):
    rows = impact[impact["column"] == "r"]
    assert rows["grouping"].tolist() == ["overall", "group"]
    before, after = _pooled([0.1, 0.5, 0.3, 0.2], [40, 90, 60, 80]), _pooled([0.1, -0.5, 0.3, 0.2], [40, 90, 60, 80])
    assert rows["change"].iloc[0] == pytest.approx(after - before, rel=FIT)


def test_a_word_moves_a_row_from_one_stratum_to_another(impact):
    rows = impact[impact["column"] == "group"].set_index("stratum")
    assert rows[["k_first", "k_second"]].to_numpy().tolist() == [[3, 4], [1, 0]]
    assert rows.loc["y", "status_second"] == "empty"
    assert "overall" not in rows.index


def test_a_text_changes_nothing_and_says_so(impact):
    (row,) = impact[impact["column"] == "outcome"].to_dict("records")
    assert row["reason"] == "the pooled effect is the same with either value"


def test_all_second_values_at_once(impact):
    row = impact[(impact["effect_id"] == ALL) & (impact["stratum"] == "x")].iloc[0]
    both = _pooled([0.1, -0.5, 0.3, 0.2], [40, 90, 60, 80]) - _pooled([0.1, 0.5, 0.3], [40, 90, 60])
    assert row["change"] == pytest.approx(both, rel=FIT)
    assert pd.notna(row["natural_second"])
