"""Encodings, delimiters and decimal marks lead to the same table; damaged files to one clear message."""

import itertools

import pytest
from metacircuit.sheets.raw import UnreadableError
from metacircuit.sheets.read import read_sheets
from metacircuit.sheets.text import decode, find_delimiter

TABLE = [
    ["effect_id", "study_id", "outcome", "mean1", "sd1", "mean2", "sd2", "n1", "n2", "notes"],
    ["Müller.1", "Müller2020", "dépression", "1.5", "3.52", "-0.33", "3", "81", "86", 'says "so", twice; and, more'],
    ["Müller.2", "Müller2020", "angst", "1.25", "0.5", "0.75", "0.62", "12", "14", "line one\nline two"],
]

ENCODINGS = {
    "utf-8": lambda text: text.encode("utf-8"),
    "utf-8-bom": lambda text: text.encode("utf-8-sig"),
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16-be": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "utf-16-no-bom": lambda text: text.encode("utf-16-le"),
    "utf-32": lambda text: text.encode("utf-32"),
    "latin-1": lambda text: text.encode("latin-1"),
    "cp1252": lambda text: text.replace("angst", "angst – “x”").encode("cp1252"),
}
NUMBERS = ["mean1", "sd1", "mean2", "sd2", "n1", "n2"]


def as_text(delimiter, decimal, newline):
    def cell(text, number):
        text = text.replace(".", decimal) if number else text
        return '"' + text.replace('"', '""') + '"' if any(c in text for c in '",;\t\n') else text

    lines = [
        delimiter.join(cell(text, row and 3 <= i <= 6) for i, text in enumerate(line)) for row, line in enumerate(TABLE)
    ]
    return newline.join(lines) + newline


MATRIX = list(itertools.product(ENCODINGS, (",", ";", "\t"), (".", ","), ("\n", "\r\n")))


@pytest.mark.parametrize(("encoding", "delimiter", "decimal", "newline"), MATRIX)
def test_every_way_of_writing_gives_the_same_numbers(load, encoding, delimiter, decimal, newline):
    sheets = load({}, effects_csv=ENCODINGS[encoding](as_text(delimiter, decimal, newline)))
    assert not (sheets.problems["severity"] != "note").any(), sheets.problems[["code", "problem"]]
    assert sheets.effects[NUMBERS].to_numpy().tolist() == [
        [1.5, 3.52, -0.33, 3, 81, 86],
        [1.25, 0.5, 0.75, 0.62, 12, 14],
    ]
    assert sheets.effects["effect_id"].tolist() == ["Müller.1", "Müller.2"]
    assert sheets.effects["outcome"].tolist()[0] == "dépression"
    assert sheets.effects["notes"].tolist()[0] == 'says "so", twice; and, more'
    assert sheets.effects["notes"].tolist()[1].splitlines() == ["line one", "line two"]
    assert sheets.effects["row"].tolist() == [2, 3]
    guessed = encoding in {"latin-1", "cp1252"}
    assert ("guessed-encoding" in set(sheets.problems["code"])) == guessed


def test_cp1252_keeps_what_latin_1_does_not_have():
    assert decode("a – “b” €".encode("cp1252")) == ("a – “b” €", "cp1252")


def test_a_byte_that_cp1252_does_not_have_is_latin_1():
    assert decode(b"caf\xe9 \x81")[0] == "café \x81"


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("effect_id,study_id,notes\n1,2,a;b;c;d;e\n", ","),
        ("effect_id;study_id;mean1\n1;2;3,5\n", ";"),
        ("effect_id\tstudy_id\tnotes, and more; or less\n", "\t"),
        ('"notes, long; text";effect_id;study_id\n', ";"),
        ("a;b;c\n1,5;2,5;3,5\n", ";"),
    ],
)
def test_the_delimiter_is_the_one_that_gives_known_columns(text, delimiter):
    assert find_delimiter(text) == delimiter


def test_excels_own_line_names_the_delimiter(load):
    sheets = load({}, effects_csv="sep=;\r\neffect_id;study_id;r;n_total\r\na.1;a;0,31;50\r\n")
    assert sheets.effects.loc[0, ["effect_id", "r", "row"]].tolist() == ["a.1", 0.31, 2]
    assert sheets.problems.empty


def test_tsv_files_and_headers_in_other_spelling(load):
    sheets = load({}, effects_tsv="Effect ID\tStudy-ID\tR\tN total\na.1\ta\t0.31\t50\n")
    assert sheets.effects.loc[0, ["effect_id", "study_id", "r", "n_total"]].tolist() == ["a.1", "a", 0.31, 50]
    assert sheets.problems.empty


def test_title_rows_and_blank_rows_keep_the_row_numbers(load):
    text = "Extraction of 2024,,,\n\neffect_id,study_id,r,n_total\na.1,a,0.3,50\n,,,\na.2,a,7,50\n"
    sheets = load({}, effects_csv=text)
    assert sheets.effects["row"].tolist() == [4, 6]
    assert sheets.problems[["code", "row"]].to_numpy().tolist() == [["rows-above-header", 1], ["r-outside", 6]]


def test_long_and_short_rows(load):
    sheets = load(
        {}, effects_csv="effect_id,study_id,r,n_total,notes\na.1,a,0.3,50,one,two\na.2,a,0.3,50\na.3,a,0.3,50,x,,,\n"
    )
    assert sheets.problems[["code", "severity", "row"]].to_numpy().tolist() == [
        ["ragged-row", "error", 2],
        ["short-row", "note", 3],
    ]
    assert "not quoted" in sheets.problems["remedy"].iloc[0]
    assert sheets.effects["row_problem"].tolist() == ["ragged-row", "", ""]


def test_duplicate_and_unnamed_columns_lose_nothing(load):
    sheets = load({}, effects_csv="effect_id,study_id,r,n_total,r,,\na.1,a,0.3,50,0.4,extra,\n")
    assert sheets.problems[["code", "severity"]].to_numpy().tolist() == [
        ["unnamed-column", "warning"],
        ["duplicate-column", "error"],
    ]
    assert sheets.effects.loc[0, ["r", "r__2", "column_6"]].tolist() == [0.3, "0.4", "extra"]


DAMAGED = [
    (b"", "empty-sheet", "The sheet is empty"),
    (b"\xef\xbb\xbf", "empty-sheet", "The sheet is empty"),
    (b",,,\n,,\n", "empty-sheet", "The sheet is empty"),
    (b"effect_id,study_id\n", "empty-sheet", "no row below it"),
    (b"effect_id,study_id\na\x00b,c\n", "unreadable-file", "NUL bytes"),
    (b'effect_id,study_id\n"a,b\nc,d\n', "unreadable-file", "cut into cells"),
    (b"\xff\xfee\x00\x00\xd8a\x00", "unreadable-file", "UTF-16"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "unreadable-file", "old .xls format"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "unreadable-file", "is encrypted"),
    (b"PK\x03\x04 not a zip", "unreadable-file", "damaged"),
    (b"x," * 5000 + b"\n1\n", "unreadable-file", "row has"),
]


@pytest.mark.parametrize(("data", "code", "message"), DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_file_is_one_problem(load, data, code, message):
    sheets = load({}, effects_csv=data)
    (problem,) = sheets.problems.to_dict("records")
    assert (problem["code"], problem["severity"], problem["file"]) == (code, "error", "effects.csv")
    assert message in problem["problem"]
    assert problem["allowed"]
    assert problem["remedy"]
    assert len(sheets.effects) == sheets.rows_read == 0
    with pytest.raises(UnreadableError, match=message.split()[0]):
        read_sheets(data, file="effects.csv")


def test_no_sheet_at_all(load, tmp_path):
    (problem,) = load({}).problems.to_dict("records")
    assert problem["code"] == "missing-sheet"
    assert "effects.csv" in problem["allowed"]
    (tmp_path / "effects.csv").mkdir()
    (problem,) = load({}).problems.to_dict("records")
    assert problem["code"] == "unreadable-file"
    assert "cannot be opened" in problem["problem"]


def test_both_sheets_report_their_problems_together(load):
    sheets = load({}, effects_csv="effect_id,study_id,r,n_total\na.1,a,9,50\n", studies_csv=b"study_id\0\n")
    assert sheets.problems[["file", "code"]].to_numpy().tolist() == [
        ["effects.csv", "r-outside"],
        ["studies.csv", "unreadable-file"],
    ]
