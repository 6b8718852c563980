"""Decisions are checked all at once and carried into the final sheet."""

import pandas as pd
import pytest
from metacircuit.config.errors import UserError
from metacircuit.extraction.compare import WORKLIST
from metacircuit.extraction.decide import Rules, final_sheet, read_decisions
from metacircuit.sheets.columns import EFFECTS
from metacircuit.sheets.words import Words

WORK = pd.DataFrame(
    [
        ["a.1", "n1", "20", "30", "", "", ""],
        ["a.1", "circuit", "pain", "reward", "", "", ""],
        ["a.2", "p", "", "0.05", "", "", ""],
        ["a.2", "p_op", "", "<", "", "", ""],
    ],
    columns=list(WORKLIST),
)
RULES = Rules(
    {"n1": "number", "circuit": "coded", "p": "number", "p_op": "coded"},
    {"circuit": Words.fixed(["pain", "reward"]), "p_op": Words.fixed(["<", "="])},
    {column.name: column for column in EFFECTS},
)


def _filled(*decisions, by="AB", reason="table 2"):
    return WORK.assign(decision=list(decisions), decided_by=by, reason=reason)


def test_the_final_sheet_says_who_decided_what():
    made = read_decisions(WORK, _filled("second", "First", "other: 0.04", "other: ="), RULES)
    printed = pd.DataFrame({"effect_id": ["a.1", "a.2"], "n1": ["20", "25"], "circuit": ["Pain", ""]})
    typed = pd.DataFrame({"effect_id": ["a.1", "a.2"], "p": [None, None], "p_op": ["", ""]}).astype({"p": float})
    sheet = final_sheet(printed, typed, made)
    assert sheet.drop(columns="decided").to_numpy().tolist() == [
        ["a.1", "30", "Pain", "", ""],
        ["a.2", "25", "", "0.04", "="],
    ]
    assert sheet["decided"][0] == "n1: second, by AB (table 2); circuit: first, by AB (table 2)"


def test_a_sign_and_its_number_in_one_cell_are_taken_apart():
    work = WORK.iloc[[3]].assign(first="<", second="=")
    made = read_decisions(work, work.assign(decision="second", decided_by="AB"), RULES)
    typed = pd.DataFrame({"effect_id": ["a.2"], "p": [0.05], "p_op": ["<"]})
    sheet = final_sheet(pd.DataFrame({"effect_id": ["a.2"], "p": ["<.05"]}), typed, made)
    assert sheet[["p", "p_op"]].to_numpy().tolist() == [["0.05", "="]]


def test_everything_wrong_is_listed_at_once():
    filled = _filled("secnd", "other: rewad", "", "second")
    filled.loc[3, "decided_by"] = ""
    filled.loc[4] = ["a.9", "n1", "1", "2", "first", "AB", ""]
    with pytest.raises(UserError) as caught:
        read_decisions(WORK, filled, RULES)
    told = "\n".join(caught.value.messages)
    assert len(caught.value.messages) == 5
    for part in (
        "Did you mean 'second'",
        "Did you mean reward",
        "a.2, p: no decision",
        "decided_by is empty",
        "a.9, n1",
    ):
        assert part in told


def test_a_decision_about_other_values_is_stale():
    filled = _filled("second", "first", "first", "first").iloc[:3]
    filled.loc[0, "second"] = "31"
    with pytest.raises(UserError) as caught:
        read_decisions(WORK, pd.concat([filled, filled.iloc[[1]]]), RULES)
    told = "\n".join(caught.value.messages)
    assert "the second sheet has '30' now" in told
    assert "decided 2 times" in told
    assert "a.2, p_op: no decision. Add its row" in told


@pytest.mark.parametrize(("value", "said"), [("many", "not a number"), ("0.5", "out of range"), ("20.5", "whole")])
def test_a_third_value_must_fit_its_column(value, said):
    with pytest.raises(UserError, match=said):
        read_decisions(WORK.iloc[[0]], _filled(f"other: {value}", "", "", "").iloc[[0]], RULES)


def test_a_third_value_needs_a_reason():
    with pytest.raises(UserError, match="needs a reason"):
        read_decisions(WORK.iloc[[0]], _filled("other: 25", "", "", "", reason="").iloc[[0]], RULES)
