"""Workbooks: the same table as from text, and what spreadsheets do behind the user's back."""

import datetime as dt
import io
import re
import zipfile

import pytest
from metacircuit.sheets import workbook as module
from openpyxl import Workbook

HEADER = ["effect_id", "study_id", "mean1", "sd1", "mean2", "sd2", "n1", "n2", "p", "p_op"]
ROW = ["a.1", "a", 11.51, 3.53, 10.3, 3.38, 81, 86, 0.026, "="]


def book(effects, *, studies=None, change=None, **more):
    wb = Workbook()
    wb.remove(wb.active)
    for title, rows in {"effects": effects, "studies": studies, **more}.items():
        if rows is not None:
            sheet = wb.create_sheet(title)
            for row in rows:
                sheet.append(row)
    if change:
        change(wb[wb.sheetnames[0]])
    data = io.BytesIO()
    wb.save(data)
    return data.getvalue()


def test_both_sheets_of_a_workbook(load):
    sheets = load({}, review_xlsx=book([HEADER, ROW], studies=[["study_id", "year"], ["a", 2020]]))
    assert sheets.problems.empty
    assert sheets.effects.loc[0, ["mean1", "n1", "p"]].tolist() == [11.51, 81, 0.026]
    assert sheets.studies.loc[0, ["study_id", "year"]].tolist() == ["a", 2020]
    assert dict(sheets.sources) == {"effects": ("review.xlsx", "effects"), "studies": ("review.xlsx", "studies")}


def test_a_binary_fraction_is_read_as_it_shows(load):
    sheets = load({}, review_xlsx=book([HEADER, [*ROW[:2], 0.1 + 0.2, *ROW[3:]]]))
    assert sheets.printed.loc[0, "mean1"] == "0.3"


def test_a_single_sheet_of_any_name_holds_the_effects(load):
    sheets = load({}, review_xlsx=book(None, Sheet1=[HEADER, ROW]))
    assert sheets.effects["effect_id"].tolist() == ["a.1"]


def test_other_sheets_are_named(load):
    sheets = load({}, review_xlsx=book([HEADER, ROW], legend=[["what"], ["why"]]))
    assert sheets.problems[["code", "severity", "sheet"]].to_numpy().tolist() == [["ignored-file", "warning", "legend"]]


def test_problems_name_sheet_row_and_cell_text(load):
    sheets = load({}, review_xlsx=book([HEADER, ROW, [], ["a.2", "a", 1, 0, 2, 1, 9, 9]]))
    (problem,) = sheets.problems[sheets.problems["severity"] == "error"].to_dict("records")
    assert (problem["file"], problem["sheet"], problem["row"], problem["column"], problem["value"]) == (
        "review.xlsx",
        "effects",
        4,
        "sd1",
        "0",
    )


def test_a_date_that_excel_made(load):
    sheets = load({}, review_xlsx=book([HEADER, [*ROW[:2], dt.datetime(2024, 1, 3), *ROW[3:]]]))
    errors = sheets.problems[sheets.problems["severity"] == "error"]
    assert errors[["code", "column", "value"]].to_numpy().tolist() == [["date-in-number", "mean1", "2024-01-03"]]


def test_a_formula_without_a_stored_value_is_an_error(load):
    sheets = load({}, review_xlsx=book([HEADER, [*ROW[:6], "=80+1", *ROW[7:]]]))
    (problem,) = sheets.problems[sheets.problems["code"] == "formula"].to_dict("records")
    assert (problem["severity"], problem["row"], problem["column"]) == ("error", 2, "n1")
    assert "G2 holds a formula" in problem["problem"]


def test_a_formula_with_a_stored_value_is_read_and_said(load):
    data = book([HEADER, [*ROW[:6], "=80+1", *ROW[7:]]])
    data = edit(data, rb"<f>80\+1</f><v ?/?>(</v>)?", b"<f>80+1</f><v>81</v>")
    sheets = load({}, review_xlsx=data)
    (problem,) = sheets.problems.to_dict("records")
    assert (problem["code"], problem["severity"], problem["value"]) == ("formula", "warning", "81")
    assert sheets.effects.loc[0, "n1"] == 81


def test_merged_cells_are_an_error_with_their_range(load):
    sheets = load(
        {}, review_xlsx=book([HEADER, ROW, ["a.2", *ROW[1:]]], change=lambda sheet: sheet.merge_cells("G2:G3"))
    )
    (problem,) = sheets.problems[sheets.problems["code"] == "merged-cells"].to_dict("records")
    assert (problem["row"], problem["column"]) == (2, "n1")
    assert "G2:G3" in problem["problem"]


def test_a_merged_title_does_no_harm(load):
    sheets = load({}, review_xlsx=book([["Our review"], HEADER, ROW], change=lambda sheet: sheet.merge_cells("A1:J1")))
    assert sheets.problems["code"].tolist() == ["rows-above-header"]


def test_a_remark_beside_the_table_is_carried_along(load):
    sheets = load({}, review_xlsx=book([HEADER, [*ROW, None, "look at this"]]))
    assert sheets.problems[["code", "severity"]].to_numpy().tolist() == [["unnamed-column", "warning"]]
    assert sheets.effects.loc[0, ["p_op", "column_12"]].tolist() == ["=", "look at this"]


def test_an_empty_sheet_in_a_workbook(load):
    sheets = load({}, review_xlsx=book([HEADER, ROW], studies=[]))
    assert sheets.problems[["code", "sheet"]].to_numpy().tolist() == [["empty-sheet", "studies"]]
    assert len(sheets.effects) == 1


def test_text_files_count_before_a_workbook(load):
    sheets = load({}, review_xlsx=book([HEADER, ROW]), effects_csv="effect_id,study_id,r,n_total\nb.1,b,0.3,50\n")
    assert sheets.effects["effect_id"].tolist() == ["b.1"]
    (problem,) = sheets.problems.to_dict("records")
    assert (problem["code"], problem["file"]) == ("ignored-file", "review.xlsx")
    assert "effects.csv is read" in problem["problem"]


def test_a_wrong_dimension_costs_nothing(load):
    plain = book([HEADER, ROW])
    data = edit(plain, rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"')
    assert load({}, review_xlsx=data).problems.empty


def test_a_zip_bomb_is_refused_before_it_is_unpacked(load, monkeypatch):
    monkeypatch.setattr(module, "MAX_UNPACKED", 1000)
    (problem,) = load({}, review_xlsx=book([HEADER, ROW])).problems.to_dict("records")
    assert problem["code"] == "unreadable-file"
    assert "unpacks to" in problem["problem"]


@pytest.mark.parametrize("name", ["content.xml", "word/document.xml"])
def test_other_zip_formats_are_named(load, name):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(name, "<x/>")
    (problem,) = load({}, review_xlsx=data.getvalue()).problems.to_dict("records")
    assert "not an XLSX workbook" in problem["problem"]


def test_external_entities_are_not_followed(load, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("top secret")
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'.encode()
    data = edit(book([HEADER, ROW]), b"<worksheet", entity + b"<worksheet")
    sheets = load({}, review_xlsx=edit(data, b"<v>81</v>", b"<v>&e;</v>"))
    assert not sheets.problems.empty
    assert "top secret" not in sheets.problems.to_csv() + sheets.effects.to_csv()


def edit(data, pattern, new):
    """Replace the first match of a pattern in the first worksheet of a workbook."""
    source, result = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(result, "w") as archive:
        for item in source.infolist():
            content = source.read(item)
            if item.filename == "xl/worksheets/sheet1.xml":
                content, changed = re.subn(pattern, new, content, count=1)
                assert changed
            archive.writestr(item.filename, content)
    return result.getvalue()
