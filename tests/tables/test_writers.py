"""Every format holds the same table, whatever is in it, and has the same bytes each time."""

import io
import re
import time
import xml.etree.ElementTree as ET
import zipfile
from html.parser import HTMLParser

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from metacircuit.tables.cells import decimal, p, text, whole
from metacircuit.tables.table import Column, Row, Table
from metacircuit.tables.writers import WRITERS
from metacircuit.tables.writers.latex_text import escape

XML = ("docx", "xlsx")


@pytest.fixture(scope="module")
def made(hostile) -> dict[str, bytes]:
    return {ending: write(hostile) for ending, write in WRITERS.items()}


@pytest.fixture(scope="module")
def small() -> Table:
    columns = (
        Column("study", "Study"),
        Column("n", "n", "count", italic=True),
        Column("yi", "Estimate", "number"),
        Column("ci_lb", "LL", "number", "95% CI"),
        Column("ci_ub", "UL", "number", "95% CI"),
        Column("pval", "p", "p", italic=True),
    )
    rows = (
        Row((text("Li"), whole(12345), decimal(-0.3126, 2), decimal(-1.0, 2), decimal(0.375, 3), p(1e-9)), ("A",)),
        Row(
            (text("Wu"), whole(80), decimal(12.0, 0), decimal(0.3733, 1, percent=True), decimal(1, 2), p(0.03)), ("B",)
        ),
    )
    return Table("small", "Small", columns, rows, groups=(Column("g", "G"),))


@pytest.mark.parametrize("ending", list(WRITERS))
def test_the_same_table_gives_the_same_bytes(hostile, made, ending, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 2e9)  # zipfile and the libraries ask it
    assert WRITERS[ending](hostile) == made[ending]


@pytest.mark.parametrize("ending", XML)
def test_archives_carry_no_clock_and_every_part_is_xml(made, ending):
    with zipfile.ZipFile(io.BytesIO(made[ending])) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                ET.fromstring(archive.read(name))
        core = archive.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2000-01-01T00:00:00Z"}


def test_the_workbook_has_real_numbers_in_the_printed_digits(small):
    sheet = openpyxl.load_workbook(io.BytesIO(WRITERS["xlsx"](small))).active
    rows = {row[1].value: row for row in sheet.iter_rows(min_row=4, max_row=5)}
    li, wu = rows["Li"], rows["Wu"]
    assert [cell.value for cell in li[2:]] == [12345, -0.3126, -1.0, 0.375, 1e-9]
    assert li[3].number_format == '#,##0.00;"−"#,##0.00'
    assert li[5].number_format.startswith("#,##0.000;")
    assert li[6].number_format.startswith('[<0.001]"< .001"')
    assert wu[4].value == 0.3733
    assert wu[4].number_format.startswith("#,##0.0%")
    # Room behind a number that has fewer decimals than its column: points stand below each other.
    assert wu[3].number_format.startswith("#,##0_._0_0")
    assert sheet.freeze_panes == "C4"
    assert sheet.print_title_rows == "$2:$3"


def test_the_document_repeats_its_header_and_has_three_rules(small):
    document = docx.Document(io.BytesIO(WRITERS["docx"](small)))
    (table,) = document.tables
    rows = table._tbl.tr_lst
    assert [row.find(qn("w:trPr")).find(qn("w:tblHeader")) is not None for row in rows] == [
        *[True, True],
        *[False] * 4,
    ]
    assert document.paragraphs[0].text == "Small"
    # Each group's word above its row; the same number of columns in each.
    words = [[cell.text for cell in row.cells] for row in table.rows]
    assert words[2] == ["A"] * 6
    assert words[3] == ["Li", "12,345", "−0.31", "−1.00", "0.375", "< .001"]
    assert words[5] == ["Wu", "80", "12", "37.3%", "1.00", ".030"]
    rules = [[b.get(qn("w:sz")) for b in row.iter(qn("w:top"), qn("w:bottom"))] for row in rows]
    assert set(rules[0]) == {"12", "6"}
    assert set(rules[1]) == {"6"}
    assert set(rules[-1]) == {"12"}
    about = document.core_properties
    assert (about.author, about.last_modified_by, about.comments) == ("", "", "")


def test_a_wide_table_lies_on_its_side():
    words = tuple(Column(f"c{i}", f"Column {i}") for i in range(8))
    wide = Table("t", "T", words, (Row(tuple(text("some words " * 4) for _ in words)),))
    section = docx.Document(io.BytesIO(WRITERS["docx"](wide))).sections[0]
    assert section.page_width > section.page_height
    assert rb"\begin{landscape}" in WRITERS["tex"](wide)


def test_everything_hostile_arrives_as_text_in_the_document(hostile, made):
    document = docx.Document(io.BytesIO(made["docx"]))
    shown = {cell.text for row in document.tables[0].rows for cell in row.cells}
    for row in hostile.rows:
        assert row.cells[-1].text in shown


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.tags, self.words = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def test_the_page_is_well_formed_and_runs_nothing(hostile, made):
    page = Page()
    page.feed(made["html"].decode())
    page.close()
    assert page.open == []
    assert {"script", "b", "it"}.isdisjoint(tag for tag, _ in page.tags)
    assert not any(
        name.startswith("on") or "http" in (value or "") for _, attrs in page.tags for name, value in attrs.items()
    )
    for row in hostile.rows:
        assert row.cells[-1].text in page.words


def test_the_page_can_be_read_aloud(made):
    page = Page()
    page.feed(made["html"].decode())
    tags = [tag for tag, _ in page.tags]
    assert tags.count("caption") == 1
    headers = [attrs for tag, attrs in page.tags if tag == "th"]
    assert all("scope" in attrs for attrs in headers)
    assert {attrs["scope"] for attrs in headers} == {"col", "colgroup", "row", "rowgroup"}
    (html,) = [attrs for tag, attrs in page.tags if tag == "html"]
    assert html["lang"] == "en"
    (table,) = [attrs for tag, attrs in page.tags if tag == "table"]
    assert table["aria-describedby"] in {attrs.get("id") for _, attrs in page.tags}


COMMENT = re.compile(r"(?<!\\)%.*")
SPAN = re.compile(r"\\multicolumn\{(\d+)\}")


def columns_of(row: str) -> int:
    """How many columns a row of a LaTeX table fills."""
    cells = re.split(r"(?<!\\)&", row)
    return sum(int(span[1]) if (span := SPAN.search(cell)) else 1 for cell in cells)


def test_the_latex_is_balanced_and_every_row_fills_the_columns(hostile, made):
    source = made["tex"].decode()
    body = "\n".join(COMMENT.sub("", line) for line in source.splitlines())
    bare = re.sub(r"\\[\\{}]", "", body)
    assert bare.count("{") == bare.count("}")
    assert "\\input" not in body.replace("\\textbackslash{}input", "")
    opened = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", body):
        if kind == "begin":
            opened.append(name)
        else:
            assert opened.pop() == name
    assert opened == []
    inside = body[body.index(r"\endlastfoot") if "longtable" in body else body.index(r"\midrule") :]
    lines = [line for line in inside.splitlines() if re.search(r"\\\\\*?$", line)]
    assert len(lines) >= len(hostile.rows)
    assert {columns_of(line) for line in lines} == {hostile.width}


def test_siunitx_gets_the_format_of_the_numbers(small):
    source = WRITERS["tex"](small).decode()
    formats = re.findall(r"table-format=([-\d.]+)", source)
    assert formats == ["-2.2", "-2.2", "1.3"]
    assert r"table-space-text-post={\%}" in source
    assert r"Li & 12,345 & -0.31 & -1.00 & 0.375 & \textless{} .001 \\" in source.replace(r"\hspace{1em}", "")
    assert r"\cmidrule(lr){4-5}" in source


def test_a_long_table_runs_over_pages():
    rows = tuple(Row((text(f"study {i}"),)) for i in range(60))
    source = WRITERS["tex"](Table("t", "T", (Column("study", "Study"),), rows)).decode()
    assert r"\begin{longtable}" in source
    assert source.count("Study") == 2  # the first header and the repeated one


@pytest.mark.parametrize("letter", [*list(r"\{}$&%#_~^<>|`[]*"), '"', "--", "''"])
def test_latex_prints_every_sign(letter):
    written = escape(f"a{letter}b")
    assert written != f"a{letter}b"
    assert written.count("{") - written.count(r"\{") == written.count("}") - written.count(r"\}")


def test_the_csv_is_tidy(small):
    assert WRITERS["csv"](small).decode() == (
        "g,study,n,yi,ci_lb,ci_ub,pval\nA,Li,12345,-0.3126,-1,0.375,1e-09\nB,Wu,80,12,0.3733,1,0.03\n"
    )


def test_a_table_without_rows_is_written_all_the_same():
    empty = Table("t", "T", (Column("study", "Study"), Column("d", "d", "number")), ())
    for write in WRITERS.values():
        assert write(empty)
