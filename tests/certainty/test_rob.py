"""Tools as files, judgements against them, and the overall judgements that follow."""

from pathlib import Path

import pandas as pd
import pytest
from metacircuit.certainty.evidence import overall_levels, shares_of_risk
from metacircuit.certainty.rob import judged
from metacircuit.certainty.tools import parse_tool
from metacircuit.config import UserError

FOLDER = Path(__file__).parents[2] / "config/rob"
TOOLS = {p.stem: parse_tool(p.read_text("utf-8"), source=p.name) for p in sorted(FOLDER.glob("*.yaml"))}

SMALL = "tool: x\ntitle: X\ndomains: [{id: d, label: D}]\njudgements: [{id: low}]\n"


def sheet(*rows):
    columns = ["study_id", "tool", "domain", "judgement", "support"]
    return pd.DataFrame([[*row, "why"] for row in rows], columns=columns, index=range(2, len(rows) + 2))


def study(tool, *judgements, name="A1"):
    return [(name, tool, d.id, j) for d, j in zip(TOOLS[tool].domains, judgements, strict=True)]


def overall(tool, *judgements):
    table = judged(sheet(*study(tool, *judgements)), TOOLS, {"A1"})
    return table[table["domain"] == "overall"].iloc[0]


def test_every_file_is_a_tool_of_its_name():
    assert {"rob2", "robins_i", "quadas_2", "newcastle_ottawa", "own"} <= set(TOOLS)
    assert all(tool.tool == name for name, tool in TOOLS.items())


@pytest.mark.parametrize(
    ("tool", "judgements", "expected", "level"),
    [
        ("rob2", ["low"] * 5, "low", "low"),
        ("rob2", ["low", "some", "low", "low", "low"], "some", "some"),
        ("rob2", ["low", "some", "high", "low", "low"], "high", "high"),
        ("robins_i", ["moderate"] + ["low"] * 6, "moderate", "some"),
        ("robins_i", ["serious", "critical"] + ["low"] * 5, "critical", "high"),
        ("robins_i", ["no information"] + ["low"] * 6, "no information", "unclear"),
        ("quadas_2", ["low", "unclear", "low", "low"], "unclear", "some"),
        ("newcastle_ottawa", ["3", "1", "2"], "good", "low"),
        ("newcastle_ottawa", ["2", "2", "3"], "fair", "some"),
        ("newcastle_ottawa", ["4", "0", "3"], "poor", "high"),
        ("own", ["high", "some", "some", "low", "low"], "high", "high"),
        ("own", ["high", "some", "low", "low", "low"], "some", "some"),
    ],
)
def test_the_overall_judgement_follows_the_tool(tool, judgements, expected, level):
    row = overall(tool, *judgements)
    assert (row["judgement"], row["level"], row["origin"]) == (expected, level, "computed")


def test_people_go_before_the_rule_and_the_difference_is_said():
    rows = [*study("rob2", "low", "some", "some", "some", "low"), ("A1", "RoB2".lower(), "Overall", "High")]
    row = judged(sheet(*rows), TOOLS, {"A1"}).query("domain == 'overall'").iloc[0]
    assert (row["judgement"], row["origin"], row["reason"]) == ("high", "rated", "the tool's rules give some")


def test_a_study_judged_in_part_is_not_assessed():
    table = judged(sheet(("A1", "rob2", "randomisation", "low")), TOOLS, {"A1"})
    row = table.query("domain == 'overall'").iloc[0]
    assert row["status"] == "not_assessed"
    assert "measurement" in row["reason"]
    assert overall_levels(table) == {}


def test_all_problems_are_named_at_once():
    rows = sheet(
        ("Smith2020", "rob2", "randomisation", "low"),
        ("A1", "rob3", "randomisation", "low"),
        ("A1", "rob2", "randomization", "low"),
        ("A1", "rob2", "randomisation", "lwo"),
        ("A1", "rob2", "measurement", "low"),
        ("A1", "rob2", "measurement", "high"),
    )
    with pytest.raises(UserError) as caught:
        judged(rows, TOOLS, {"A1", "Smith2021"})
    said = caught.value.messages
    assert len(said) == 5
    nearest = ("'Smith2021'", "'rob2'", "'randomisation'", "'low'", "")
    for message, row, near in zip(said, (2, 3, 4, 5, 7), nearest, strict=True):
        assert f"row {row}" in message
        assert near in message
    with pytest.raises(UserError, match="no column judgement"):
        judged(rows.drop(columns="judgement"), TOOLS, {"A1"})


def test_the_worst_of_two_tools_counts():
    rows = [*study("rob2", *["low"] * 5), *study("own", *["high"] * 5)]
    levels = overall_levels(judged(sheet(*rows), TOOLS, {"A1"}))
    assert levels == {"A1": "high"}
    assert shares_of_risk(pd.Series({"A1": 0.4, "B2": 0.6}), levels) == {"high": 0.4, "some": 0.0, "low": 0.0}


def test_no_sheet_is_no_judgement():
    assert judged(None, TOOLS, {"A1"}).empty


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("tool: [", "not YAML"),
        ("- a", "not a tool"),
        ("tool: x\ntitle: X\ndomains: []\njudgements: [{id: low}]", "domains"),
        (
            "tool: x\ntitle: X\ndomains: [{id: d, label: D}]\njudgements: [{id: low}]\noverall: [{judgement: lo}]",
            "'lo'",
        ),
        ("tool: x\ntitle: X\nextra: 1\ndomains: [{id: d, label: D}]\njudgements: [{id: low}]", "extra"),
    ],
)
def test_a_wrong_tool_is_a_message(text, part):
    with pytest.raises(UserError) as caught:
        parse_tool(text, source="x.yaml")
    assert any(part in message for message in caught.value.messages)
