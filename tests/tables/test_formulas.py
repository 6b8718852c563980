"""No text becomes a formula in a spreadsheet, and every number stays one."""

import csv
import io

import openpyxl
import pytest
from metacircuit.tables.cells import decimal, text
from metacircuit.tables.clean import looks_like_formula, without_formula
from metacircuit.tables.table import Column, Row, Table
from metacircuit.tables.writers import WRITERS

STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("before", ["", " ", "\u00a0", "\t", "\r", "\n"])
def test_a_formula_gets_an_apostrophe(start, before):
    table = Table("t", "T", (Column("study", "Study"),), (Row((text(f"{before}{start}1+1"),)),))
    cell = list(csv.reader(io.StringIO(WRITERS["csv"](table).decode())))[1][0]
    assert cell == f"'{start}1+1"


def test_a_separator_of_other_countries_starts_no_formula():
    assert without_formula('x; "=1+1"') == 'x;\' "=1+1"'
    assert without_formula("p=0.03; n1=10; n2=20") == "p=0.03; n1=10; n2=20"


def test_numbers_are_left_alone(hostile):
    table = Table("t", "T", (Column("yi", "d", "number"),), (Row((decimal(-0.25, 2),)),))
    assert WRITERS["csv"](table) == b"yi\n-0.25\n"


def test_no_cell_of_the_csv_is_a_formula(hostile):
    lines = list(csv.reader(io.StringIO(WRITERS["csv"](hostile).decode())))
    assert len({len(line) for line in lines}) == 1
    for line in lines[1:]:
        for cell in line:
            try:
                float(cell)
            except ValueError:
                assert not looks_like_formula(cell)
                assert "\n" not in cell


def test_no_cell_of_the_workbook_is_a_formula_or_a_link(hostile):
    sheet = openpyxl.load_workbook(io.BytesIO(WRITERS["xlsx"](hostile))).active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert not any(cell.hyperlink for cell in cells)
    exposed = [cell for cell in cells if isinstance(cell.value, str) and looks_like_formula(cell.value)]
    assert any(cell.value.startswith("=HYPERLINK") for cell in exposed)
    assert all(cell.quotePrefix for cell in exposed)
