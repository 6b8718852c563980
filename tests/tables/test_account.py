"""Rows read = rows analysed + excluded + problems."""

import pandas as pd
import pytest
from metacircuit.config import UserError
from metacircuit.tables.account import account, balance

SHEET = pd.DataFrame(
    {
        "effect_id": ["e1", "e2", "e3", "e4", "e5", "e6"],
        "study_id": ["a", "a", "b", "b", "c", "c"],
        "include": ["yes", "yes", "no", "yes", "yes", "no"],
        "exclude_reason": ["", "", "not our question", "", "", "no group"],
    }
)


def status(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["effect_id", "status", "reason"])


ANALYSES = {
    "second": status(("e1", "problem", "no route"), ("e4", "problem", "no route")),
    "first": status(("e1", "analysed", ""), ("e2", "bound", "only p < .05"), ("e3", "excluded", "not our question")),
}


def test_each_row_has_one_fate_and_the_best_of_its_analyses_counts():
    rows = account(SHEET, ANALYSES).set_index("effect_id")
    assert rows["fate"].to_dict() == {
        "e1": "analysed",
        "e2": "excluded",
        "e3": "excluded",
        "e4": "problem",
        "e5": "excluded",
        "e6": "excluded",
    }
    assert rows.loc["e1", "analyses"] == "first; second"
    assert rows.loc["e5", "reason"] == "no analysis of the config takes this row"
    assert rows.loc["e6", "reason"] == "no group"


def test_the_balance_adds_up():
    found = balance(account(SHEET, ANALYSES), read=6)
    assert (found.analysed, found.excluded, found.problem) == (1, 4, 1)


def test_a_lost_row_stops_the_run():
    with pytest.raises(UserError, match="do not add up: 7 read"):
        balance(account(SHEET, ANALYSES), read=7)


def test_a_bound_that_an_analysis_uses_counts_as_analysed():
    rows = account(SHEET, ANALYSES, {"first": "censored"}).set_index("effect_id")
    assert rows.loc["e2", "fate"] == "analysed"
    unused = account(SHEET, {"first": status(("e2", "bound", ""))}).set_index("effect_id")
    assert unused.loc["e2", "reason"] == "only a bound on the effect is printed"
