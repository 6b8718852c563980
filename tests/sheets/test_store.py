"""Tables and files on disk are whole, and come back as they went."""

import os

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metacircuit.config.errors import UserError
from metacircuit.sheets.files import read_text, write_bytes, write_text
from metacircuit.sheets.store import NUMBERS, WORDS, read_table, write_table


def test_the_bytes_of_a_table(tmp_path):
    path = tmp_path / "deep" / "t.csv"
    frame = pd.DataFrame(
        {"study_id": ["é", 'a,"b"\nc'], "yi": [1 / 3, -0.0], "k": [3, 4], "reason": ["", None], "df": [np.nan, 1e-20]}
    )
    write_table(frame, path)
    assert path.read_bytes() == b'study_id,yi,k,reason,df\n\xc3\xa9,0.3333333333,3,,\n"a,""b""\nc",0,4,,1e-20\n'


def test_a_table_comes_back(tmp_path):
    frame = pd.DataFrame(
        {"study_id": ["001", "2"], "yi": [0.25, np.nan], "k": [3.0, 10.0], "note": ["x", ""], "stratum": ["1", "2"]}
    )
    write_table(frame, tmp_path / "t.csv")
    pd.testing.assert_frame_equal(
        read_table(tmp_path / "t.csv"), frame.astype({"study_id": object, "note": object, "stratum": object})
    )


def test_codes_that_look_like_numbers_stay_text(tmp_path):
    (tmp_path / "t.csv").write_text("code,version,year,word\n007,1.10,2020,nan\n010,1.20,2021,nan\n")
    table = read_table(tmp_path / "t.csv", text=("year",))
    assert table.to_dict("list") == {
        "code": ["007", "010"],
        "version": ["1.10", "1.20"],
        "year": ["2020", "2021"],
        "word": ["nan", "nan"],
    }


def test_an_empty_column_has_the_kind_that_it_has_when_filled(tmp_path):
    (tmp_path / "t.csv").write_text("study_id,I2,events1,direction,route,circuit,own\na,,,,,,\nb,,,,,,\n")
    table = read_table(tmp_path / "t.csv")
    assert table[["I2", "events1", "direction"]].dtypes.eq(float).all()
    assert table[["I2", "events1", "direction"]].isna().all(axis=None)
    assert table[["route", "circuit", "own"]].eq("").all(axis=None)
    (tmp_path / "none.csv").write_text("study_id,yi\n")
    assert read_table(tmp_path / "none.csv").dtypes.to_dict() == {"study_id": object, "yi": float}


def test_words_that_all_look_like_numbers_stay_words(tmp_path):
    names = ["id", "label", "stratum", "value", "disorder", "region", "sample_id", "analysis", "pmid"]
    write_table(pd.DataFrame({name: ["1", "2"] for name in names}), tmp_path / "t.csv")
    assert read_table(tmp_path / "t.csv").to_dict("list") == {name: ["1", "2"] for name in names}


def test_a_numeric_column_that_holds_words_is_text(tmp_path):
    (tmp_path / "t.csv").write_text("level,k\nhigh,1\n,2\n")
    assert read_table(tmp_path / "t.csv").to_dict("list") == {"level": ["high", ""], "k": [1.0, 2.0]}


def test_no_column_is_both_number_and_word():
    assert not NUMBERS & WORDS


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
@settings(deadline=None)
def test_a_second_round_changes_nothing(tmp_path_factory, numbers):
    path = tmp_path_factory.mktemp("round") / "t.csv"
    write_table(pd.DataFrame({"x": numbers}), path)
    first = path.read_bytes()
    write_table(read_table(path), path)
    assert path.read_bytes() == first


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    write_text("old", path)

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(UserError, match="cannot be written: disk full"):
        write_bytes(b"new", path)
    assert read_text(path) == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_files_have_ordinary_permissions(tmp_path):
    write_text("x", tmp_path / "a")
    (tmp_path / "b").write_text("x")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_messages_of_what_cannot_be_read(tmp_path):
    with pytest.raises(UserError, match=r"no\.csv does not exist"):
        read_table(tmp_path / "no.csv")
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(UserError, match=r"empty\.csv is not a table"):
        read_table(tmp_path / "empty.csv")
    (tmp_path / "latin.csv").write_bytes(b"a\n\xe9\n")
    with pytest.raises(UserError, match="not UTF-8"):
        read_table(tmp_path / "latin.csv")
