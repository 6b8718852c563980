"""Whatever the bytes are, a user never sees a traceback."""

import csv
import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from metacircuit.config.errors import UserError
from metacircuit.sheets.columns import EFFECTS
from metacircuit.sheets.read import read_sheets
from metacircuit.sheets.review import load_review
from openpyxl import Workbook

FEW = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])

NAMES = [column.name for column in EFFECTS]
CELLS = st.one_of(
    st.text(max_size=12),
    st.floats().map(str),
    st.integers(-5, 500).map(str),
    st.sampled_from(
        [
            "NA",
            "n.s.",
            "<.001",
            "1,234",
            "٣",
            "2020-01-01",
            "=A1",
            "yes",
            "no",
            "=",
            "<",
            "1",
            "-1",
            "0",
            "",
            "1e308",
            "-1e308",
            "5e-324",
        ]
    ),
)


@given(st.binary(max_size=400))
@FEW
def test_any_bytes(data):
    with suppress(UserError):
        read_sheets(data, file="effects.csv")


@given(
    names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=30),
    rows=st.lists(st.lists(CELLS, max_size=30), min_size=1, max_size=5),
)
@FEW
def test_any_cells(tmp_path, names, rows):
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["effect_id", "study_id", *names], *rows])
    (tmp_path / "effects.csv").write_bytes(text.getvalue().encode("utf-8", "replace"))
    sheets = load_review(tmp_path, vocabularies={})
    assert len(sheets.effects) == sheets.rows_read or "participant-level" in set(sheets.problems["code"])
    assert sheets.problems["problem"].str.len().gt(0).all()
    assert not sheets.problems["value"].str.contains("\n").any()


def _workbook():
    book = Workbook()
    for row in (["effect_id", "study_id", "r", "n_total"], ["a.1", "a", 0.3, 50]):
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


@pytest.fixture(scope="module")
def workbook():
    return _workbook()


@given(place=st.integers(0, 10_000), byte=st.integers(0, 255))
@FEW
def test_a_flipped_byte_in_a_workbook(workbook, place, byte):
    data = bytearray(workbook)
    data[place % len(data)] = byte
    with suppress(UserError):
        read_sheets(bytes(data), file="x.xlsx")


@given(cut=st.integers(0, 5000), noise=st.binary(max_size=30))
@FEW
def test_a_damaged_part_of_a_workbook(workbook, cut, noise):
    source, result = zipfile.ZipFile(io.BytesIO(workbook)), io.BytesIO()
    with zipfile.ZipFile(result, "w") as archive:
        for i, item in enumerate(source.infolist()):
            content = source.read(item)
            spot = cut % (len(content) + 1)
            archive.writestr(item.filename, content[:spot] + noise + content[spot:] if i % 3 == cut % 3 else content)
    with suppress(UserError):
        read_sheets(result.getvalue(), file="x.xlsx")
