"""Every bad input has its code, its place and its message; a good row has none."""

# ruff: noqa: E501 - the table of bad cells reads best with one of them a line

import pandas as pd
import pytest


def found(sheets, code):
    return sheets.problems[sheets.problems["code"] == code]


def test_a_good_row_has_no_problem(check):
    sheets = check({})
    assert sheets.problems.empty
    assert sheets.ok
    assert sheets.rows_read == 1
    assert sheets.effects.loc[0, ["row", "row_problem"]].tolist() == [2, ""]


NO_T = {"t": "", "df2": "", "p": "", "p_op": ""}
ONLY = dict.fromkeys(("mean1", "sd1", "mean2", "sd2", "t", "df2", "p", "p_op"), "")

BAD = [
    # what is typed, the code, its severity, the column, what the message says, what it advises
    ({"n1": "1", "n_total": ""}, "n-below-2", "error", "n1", "n1 is 1", "2 or more"),
    ({"n_total": "0", "n1": "", "n2": ""}, "n-below-2", "error", "n_total", "n_total is 0", "2 or more"),
    ({"sd1": "0"}, "sd-not-positive", "error", "sd1", "sd1 is 0", "above 0"),
    ({"sd2": "-3.4"}, "sd-not-positive", "error", "sd2", "sd2 is -3.4", "above 0"),
    (ONLY | {"r": "1"}, "r-outside", "error", "r", "r is 1", "above -1 and below 1"),
    (ONLY | {"r": "-1.2", "direction": "-1"}, "r-outside", "error", "r", "r is -1.2", "above -1 and below 1"),
    ({"p": "1.2"}, "p-outside", "error", "p", "p is 1.2", "from 0 to 1"),
    ({"p": "-0.01"}, "p-outside", "error", "p", "p is -0.01", "from 0 to 1"),
    (ONLY | {"proportion": "45"}, "proportion-outside", "error", "proportion", "proportion is 45", "Type 0.45 for 45 %"),
    (ONLY | {"or": "-0.4", "or_lo": "-0.8", "or_hi": "-0.1"}, "out-of-range", "error", "or", "or is -0.4", "not its logarithm"),
    (ONLY | {"events1": "51", "total1": "50"}, "events-above-total", "error", "events1", "51, of 50 participants", "up to 50"),
    (ONLY | {"events2": "87", "events1": "3", "total1": "81"}, "events-above-total", "error", "events2", "87, of 86", "up to 86"),
    (ONLY | {"or": "3.1", "or_lo": "1.2", "or_hi": "2.9"}, "ci-not-around", "error", "or", "3.1 [1.2, 2.9]: the estimate is outside", "between or_lo and or_hi"),
    (ONLY | {"d": "0.5", "d_lo": "0.9", "d_hi": "0.1"}, "ci-not-around", "error", "d_lo", "lower limit is above", "Swap the two limits"),
    (ONLY | {"or": "3.02", "or_lo": "2.57", "or_hi": "3.24"}, "ci-not-symmetric", "warning", "or", "on the logarithmic scale", "arms of equal length"),
    (ONLY | {"g": "0.50", "g_lo": "0.10", "g_hi": "0.60"}, "ci-not-symmetric", "warning", "g", "on the plain scale", "arms of equal length"),
    (ONLY | {"t": "-2.25", "df2": "165"}, "sign-against-direction", "warning", "t", "t = -2.25 is below 0, but direction is 1", "Look up which group"),
    (ONLY | {"t": "2.25", "df2": "165", "direction": "-1"}, "sign-against-direction", "warning", "t", "may print it without a sign", "Look up which group"),
    ({"direction": "-1"}, "sign-against-direction", "error", "mean1", "mean1 11.51 and mean2 10.30 contradict", "not swapped"),
    (ONLY | {"or": "0.5", "or_lo": "0.25", "or_hi": "1.0"}, "sign-against-direction", "warning", "or", "or = 0.5 is below 1", "direction"),
    ({"t": "3.25", "p": "0.001"}, "t-against-means", "warning", "t", "t = 3.25, but the means, SDs and ns give abs(t) = 2.26", "Compare both"),
    ({"p": "0.004"}, "p-against-statistic", "warning", "p", "p = 0.004, but t = 2.25 with 165 degrees of freedom gives p = 0.026", "Compare both"),
    ({"p": "0.013"}, "p-against-statistic", "warning", "p", "p = 0.013", "fits a one-sided test"),
    ({"p": "0.05", "p_op": ">"}, "p-against-statistic", "warning", "p", "p > 0.05, but t = 2.25", "p from"),
    (NO_T | {"sd1": "0.39", "sd2": "0.36"}, "se-as-sd", "warning", "sd1", "If sd1 and sd2 were standard errors", "se1 and se2"),
    ({"sd1": "0.392", "sd2": "0.364"}, "se-as-sd", "warning", "sd1", "give the printed t = 2.25", "se1 and se2"),
    (ONLY | {"d": "7.1"}, "implausible-size", "warning", "d", "d = 7.1", "Compare with the paper"),
    (ONLY | {"events1": "20", "total1": "80", "proportion": "0.40"}, "proportion-against-events", "warning", "proportion", "20 of 80 are 0.25", "0.25"),
    ({"n_total": "150"}, "n-against-total", "warning", "n_total", "n1 and n2 make 167, n_total is 150", "up to n_total"),
    (ONLY | {"t": "2.2", "df2": "498"}, "df-against-n", "warning", "df2", "498 degrees of freedom, but 167 participants", "Repeated measurements"),
    (ONLY, "no-route", "warning", "", "The row has no statistic", "type no into include"),
    (ONLY | {"r": "0.3", "n1": "", "n2": "", "n_total": ""}, "no-route", "warning", "", "r stands alone", "Add the group sizes"),
    ({"disorder": "depresive_disorder"}, "unknown-word", "error", "disorder", "depresive_disorder is not a word of disorder", "Did you mean depressive_disorder?"),
    ({"construct": "impulsivness:trait"}, "unknown-word", "error", "construct", "impulsivness", "Did you mean impulsivity?"),
    ({"circuit": "xyz"}, "unknown-word", "error", "circuit", "xyz is not a word of circuit", "emotion_regulation, none"),
    ({"p_op": "~"}, "unknown-word", "error", "p_op", "~ is not a word of p_op", "=, <, <=, >, >="),
    ({"disorder": "Bipolar disorders"}, "respelled-word", "note", "disorder", "read as bipolar_disorder", "Nothing to do"),
    ({"region": "planum temporale"}, "unknown-region", "note", "region", "planum temporale is not in the vocabulary", "synonym"),
    ({"direction": "2"}, "out-of-range", "error", "direction", "direction is 2", "Type 1 or -1"),
    ({"n1": "81.5", "n_total": ""}, "not-whole", "warning", "n1", "81.5, not a whole number", "Type the number"),
    ({"effect_id": ""}, "missing-id", "error", "effect_id", "effect_id is empty", "Type an id"),
    ({"study_id": " "}, "missing-id", "error", "study_id", "study_id is empty", "Type an id"),
    ({"include": "no"}, "unexplained-exclusion", "warning", "exclude_reason", "exclude_reason is empty", "Type the reason"),
    ({"exclude_reason": "overlap"}, "unexplained-exclusion", "warning", "include", "the row is included", "Type no into include"),
    # text in a column of numbers
    ({"t": "abc"}, "not-a-number", "error", "t", "abc is not a number", "Type the number as printed"),
    ({"p": "n.s."}, "not-a-number", "error", "p", "p is above .05", "> into p_op"),
    ({"p": "*"}, "not-a-number", "error", "p", "below a threshold", "< into p_op"),
    ({"t": "<.001"}, "inequality", "error", "t", "<.001 is not a number", "< into p_op"),
    ({"p": "<.001", "p_op": ">"}, "inequality", "error", "p", "<.001 is not a number", "< into p_op"),
    ({"p": "< .03", "p_op": ""}, "rewritten-number", "warning", "p", "read as p_op < and p .03", "Type < into p_op"),
    ({"mean1": "2020-03-01"}, "date-in-number", "error", "mean1", "Excel makes dates", "format the column as text"),
    ({"mean1": "1-Mar"}, "date-in-number", "error", "mean1", "is a date", "type it again"),
    ({"mean1": "1,234"}, "ambiguous-number", "error", "mean1", "may mean 1.234 or 1234", "Type 1.234 or 1234"),
    ({"n_total": "1,670"}, "rewritten-number", "warning", "n_total", "1,670 is read as 1670", "Type 1670"),
    ({"t": "٢٫٢٥"}, "rewritten-number", "warning", "t", "٢٫٢٥ is read as 2.25", "Type 2.25"),
    ({"t": "2·25"}, "rewritten-number", "warning", "t", "read as 2.25", "Type 2.25"),
    ({"disorder": "N/A"}, "no-value-word", "note", "disorder", "N/A is read as an empty cell", "Empty the cell"),
    ({"p": "NA", "p_op": ""}, "no-value-word", "note", "p", "NA is read as an empty cell", "Empty the cell"),
    ({"t": "2.25*"}, "not-a-number", "error", "t", "footnote", "Type 2.25."),
    (ONLY | {"proportion": "45%"}, "not-a-number", "error", "proportion", "a percentage", "0.45 for 45 %"),
    ({"mean1": "11.5 (3.5)"}, "not-a-number", "error", "mean1", "two numbers", "their own columns"),
    ({"mean1": "11~12"}, "not-a-number", "error", "mean1", "two numbers", "one number a cell"),
    ({"mean1": "=A1+1"}, "formula", "error", "mean1", "formula", "paste it as values"),
    ({"mean1": "#DIV/0!"}, "not-a-number", "error", "mean1", "error of the spreadsheet", "Mend the formula"),
    ({"mean1": "1e999"}, "not-a-number", "error", "mean1", "1e999 is not a number", "Type the number"),
    ({"mean1": "inf"}, "not-a-number", "error", "mean1", "inf is not a number", "Type the number"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "code", "severity", "column", "message", "advice"),
    BAD,
    ids=[f"{b[1]}-{b[3]}-{i}" for i, b in enumerate(BAD)],
)
def test_a_bad_cell_is_named(check, change, code, severity, column, message, advice):
    sheets = check({}, change)
    hits = found(sheets, code)
    hits = hits[hits["column"] == column]
    assert len(hits) == 1, sheets.problems[["code", "column", "row", "problem"]]
    (hit,) = hits.to_dict("records")
    assert (hit["severity"], hit["file"], hit["sheet"], hit["row"]) == (severity, "effects.csv", "", 3)
    assert message in hit["problem"]
    assert advice in f"{hit['allowed']} {hit['remedy']}"
    if column and severity != "note":
        assert hit["value"] == str(change.get(column, hit["value"])).strip().replace("=A1", "'=A1")
    assert (code in sheets.effects.loc[1, "row_problem"].split(";")) == (severity == "error")
    assert sheets.effects.loc[0, "row_problem"] == ""
    assert len(sheets.effects) == sheets.rows_read == 2


def test_all_problems_come_at_once_and_sorted(check):
    sheets = check({"n1": "1"}, {"sd1": "0", "disorder": "xx"}, {"p": "2"})
    errors = sheets.problems[sheets.problems["severity"] == "error"]
    assert errors[["row", "column", "code"]].to_numpy().tolist() == [
        [2, "n1", "n-below-2"],
        [3, "disorder", "unknown-word"],
        [3, "sd1", "sd-not-positive"],
        [4, "p", "p-outside"],
    ]
    assert sheets.effects["row_problem"].tolist() == ["n-below-2", "sd-not-positive;unknown-word", "p-outside"]
    assert not sheets.ok


def test_duplicate_ids_name_each_other(check):
    hits = found(check({"effect_id": "x"}, {}, {"effect_id": "x "}), "duplicate-id")
    assert hits["row"].tolist() == [2, 4]
    assert hits["problem"].tolist() == ["x is repeated below.", "x is also in row 2."]


def test_an_effect_without_its_study(check, tmp_path):
    (tmp_path / "studies.csv").write_text("study_id,year\na,2020\nSmith2021,2021\n")
    hits = found(check({}, {"study_id": "Smith2012"}), "unknown-study")
    assert hits[["row", "column", "value"]].to_numpy().tolist() == [[3, "study_id", "Smith2012"]]
    assert hits["problem"].item() == "The study Smith2012 is not in studies.csv."
    assert hits["remedy"].item() == "Did you mean Smith2021?"
    assert found(check({}), "unused-study")["value"].tolist() == ["Smith2021"]


def test_duplicate_studies(check, tmp_path):
    (tmp_path / "studies.csv").write_text("study_id,year\na,2020\na,2021\n")
    hits = found(check({}), "duplicate-id")
    assert hits[["file", "row"]].to_numpy().tolist() == [["studies.csv", 2], ["studies.csv", 3]]


def test_errors_in_excluded_rows_do_not_stop_the_run(check):
    sheets = check({"include": "no", "exclude_reason": "impossible numbers in the paper", "sd1": "0"})
    assert found(sheets, "sd-not-positive")["severity"].tolist() == ["warning"]
    assert sheets.effects["row_problem"].tolist() == [""]


def test_excluded_rows_need_an_id_of_their_own(check):
    sheets = check({"effect_id": "x"}, {"effect_id": "x", "include": "no", "exclude_reason": "y"})
    assert found(sheets, "duplicate-id")["severity"].tolist() == ["error", "error"]


@pytest.mark.parametrize(
    ("header", "code", "severity", "near"),
    [
        ("dissorder", "unknown-column", "warning", "disorder"),
        ("odds_ratio", "unknown-column", "warning", "or"),
        ("mean_1", "unknown-column", "warning", "mean1"),
        ("favourite_colour", "extra-column", "note", "carried along untouched"),
    ],
)
def test_unknown_columns(load, header, code, severity, near):
    sheets = load(effects_csv=f"effect_id,study_id,r,n_total,{header}\na.1,a,0.3,50,7\n")
    (hit,) = found(sheets, code).to_dict("records")
    assert (hit["severity"], hit["value"]) == (severity, header)
    assert near in hit["problem"]
    assert sheets.effects[header].tolist() == ["7"]


def test_columns_that_the_checked_table_adds_are_kept_apart(load):
    sheets = load(effects_csv="effect_id,study_id,r,n_total,row,row_problem\na.1,a,0.3,50,left,none\n")
    assert sheets.effects.loc[0, ["row", "row_", "row_problem", "row_problem_"]].tolist() == [2, "left", "", "none"]


def test_a_required_column_under_another_name_is_an_error(load):
    sheets = load(effects_csv="efect_id,study_id,r,n_total\na.1,a,0.3,50\n")
    (hit,) = found(sheets, "unknown-column").to_dict("records")
    assert hit["severity"] == "error"
    assert "effect_id is missing and has a similar name" in hit["problem"]
    assert hit["remedy"] == "Rename it to effect_id."
    (hit,) = found(sheets, "missing-column").to_dict("records")
    assert (hit["severity"], hit["column"]) == ("error", "effect_id")


def test_a_vocabulary_makes_a_column_known(load):
    words = {"country": pd.DataFrame({"id": ["china", "spain"], "label": ["China", "Spain"]})}
    sheets = load(words, effects_csv="effect_id,study_id,r,n_total,country\na.1,a,0.3,50,spian\n")
    assert sheets.problems[["code", "remedy"]].to_numpy().tolist() == [["unknown-word", "Did you mean spain?"]]


def test_printed_text_is_kept(check):
    sheets = check({"p": "< .030", "p_op": "", "t": "−2.250"})
    assert sheets.printed.loc[0, ["p", "t"]].tolist() == ["< .030", "−2.250"]
    assert sheets.effects.loc[0, ["p_op", "p", "t"]].tolist() == ["<", 0.03, -2.25]


def test_without_a_studies_sheet_the_studies_are_those_of_the_effects(check):
    sheets = check({"study_id": "b"}, {"study_id": "a"}, {"study_id": "b"})
    assert sheets.studies["study_id"].tolist() == ["a", "b"]
    assert sheets.studies["title"].tolist() == ["", ""]
    assert sheets.problems.empty


def test_many_bad_cells_are_counted_and_all_marked(load):
    rows = "\n".join(f"a.{i},a,9,50" for i in range(6000))
    sheets = load(effects_csv=f"effect_id,study_id,r,n_total\n{rows}\n")
    assert (sheets.effects["row_problem"] == "r-outside").all()
    assert len(sheets.problems) == 5001
    assert "1000 further rows have the same problem." in set(sheets.problems["problem"])
