"""Double coding with one variable a row."""

import csv
from pathlib import Path

import pytest
from metacircuit.config.errors import UserError
from metacircuit.extraction.variables import compare_variables, find_codings

RAW = Path(__file__).parents[3] / "shared/external/interrater/raw.csv"


def test_cells_of_several_lines_and_missing_ones():
    lines = [
        ["Variable", "A1", "A2", "R1", "A3", "A4", ""],
        ["id", "x", "x", "1", "y", "y"],
        ["tools", "1. SANS\n 2. SAPS", "1. sans 2. SAPS", "0", "NA", ""],
        ["age", "30.50", "30.5", "1", "20", "NA"],
    ]
    table, differences = compare_variables(lines)
    assert table[["variable", "both_empty", "compared", "agree", "judged_otherwise"]].to_numpy().tolist() == [
        ["id", 0, 2, 2, 0],
        ["tools", 1, 1, 1, 1],
        ["age", 0, 2, 1, 0],
    ]
    assert differences.to_numpy().tolist() == [["age", "y", "20", "NA", ""]]


@pytest.mark.parametrize("header", [["Variable"], ["Variable", "A1", "R1"], ["Variable", "A1", "A2", "B"]])
def test_a_header_without_pairs_is_refused(header):
    with pytest.raises(UserError, match="Allowed: the variable, then for each study"):
        find_codings(header)


def test_judgements_are_zero_or_one():
    with pytest.raises(UserError, match="age: R1 is 'maybe'"):
        compare_variables([["V", "A1", "A2", "R1"], ["age", "1", "1", "maybe"]])


def test_a_real_double_coding():
    if not RAW.is_file():
        pytest.skip("the real file ../shared/external/interrater/raw.csv is not beside the project")
    with RAW.open(encoding="utf-8-sig", newline="") as file:
        table, _ = compare_variables(list(csv.reader(file)))
    assert len(table) == 53
    assert set(table["studies"]) == {36}
    rows = table.set_index("variable")
    # Counted in the file by hand: the coders of three studies were judged, and differ on the race of one's patients.
    assert rows.loc["patient_Race", ["judged", "judged_agree"]].tolist() == [3, 2]
    assert rows.loc["Year", "percent"] == 100
