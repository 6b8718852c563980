"""Rows of two sheets are paired by id or by what they say."""

import pandas as pd
import pytest
from metacircuit.config.errors import UserError
from metacircuit.extraction.pairs import pair_rows

FIRST = pd.DataFrame(
    {
        "effect_id": ["a.1", "a.2", "a.3", "b.1"],
        "study_id": ["a", "a", "a", "b"],
        "region": ["insula", "amygdala", "caudate", "insula"],
        "t": [2.1, -3.4, 1.9, 2.1],
        "row": [2, 3, 4, 5],
    }
)
COLUMNS = ("region", "t")


def test_rows_without_ids_are_paired_within_their_study():
    second = pd.DataFrame(
        {
            "effect_id": "",
            "study_id": ["a", "a", "c"],
            "region": ["Amygdala", "insula", "insula"],
            "t": [-3.4, 2.7, 2.1],
        }
    ).assign(row=[2, 3, 4])
    pairs, alone = pair_rows(FIRST, second, COLUMNS)
    assert pairs[["effect_id", "row_second", "by", "likeness"]].to_numpy().tolist() == [
        ["a.1", 3, "likeness", 0.5],
        ["a.2", 2, "likeness", 1.0],
    ]
    assert alone[["sheet", "row", "study_id"]].to_numpy().tolist() == [["first", 4, "a"], ["second", 4, "c"]]


def test_an_id_wins_over_likeness():
    second = FIRST.iloc[[0]].assign(effect_id="a.2")
    assert pair_rows(FIRST, second, COLUMNS)[0][["effect_id", "by"]].to_numpy().tolist() == [["a.2", "effect_id"]]


def test_two_rows_as_like_are_called_ambiguous():
    first = FIRST.assign(region="insula", t=1.0)
    second = first.iloc[[0]].assign(effect_id="")
    assert pair_rows(first, second, COLUMNS)[0]["ambiguous"].tolist() == ["yes"]


def test_an_id_that_stands_twice_is_refused():
    with pytest.raises(UserError, match=r"a\.1 more than once"):
        pair_rows(FIRST, FIRST.iloc[[0, 0]], COLUMNS)
