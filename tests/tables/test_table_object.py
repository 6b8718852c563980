"""The table object refuses parts that do not fit, and cleans what enters it."""

import dataclasses

import pytest
from metacircuit.tables.cells import MISSING, text, whole
from metacircuit.tables.phrases import without_empty
from metacircuit.tables.table import Cell, Column, Footnote, Row, Table

K = Column("k", "k", "count")


def test_every_misfit_is_named_at_once():
    with pytest.raises(ValueError, match="two columns are named k") as found:
        Table(
            "t",
            "T",
            (K, K),
            (Row((whole(1),)), Row((whole(1), whole(2)), groups=("x",)), Row((text("a", marks=("b",)), whole(1)))),
        )
    for part in ("row 1 has 1 cells", "row 2 has 1 groups", "row 3 has the mark b"):
        assert part in str(found.value)


def test_spanned_columns_stand_together():
    apart = (Column("a", "a", spanner="CI"), Column("b", "b"), Column("c", "c", spanner="CI"))
    with pytest.raises(ValueError, match="the columns under CI do not stand together"):
        Table("t", "T", apart, ())


def test_a_message_needs_room():
    with pytest.raises(ValueError, match="row 1 has a message and no empty cell"):
        Table("t", "T", (K,), (Row((whole(1),), message="why"),))


def test_the_name_of_the_notes_is_taken():
    with pytest.raises(ValueError, match="note is the name of the CSV's last column"):
        Table("t", "T", (Column("note", "Note"),), ())


def test_a_table_cannot_be_changed():
    table = Table("t", "T", (K,), (Row((whole(1),)),))
    with pytest.raises(dataclasses.FrozenInstanceError):
        table.title = "other"


def test_whatever_enters_is_one_line_that_xml_can_hold():
    nasty = "a\x00\r\n\tb\ufffe\ud800\u202ec"
    parts = (
        Cell(nasty, nasty).text,
        Cell(nasty, nasty).value,
        Row((MISSING,), groups=(nasty,), message=nasty).message,
        Row((MISSING,), groups=(nasty,)).groups[0],
        Footnote("a", nasty).text,
        Column("x", nasty).heading,
        Table("t", nasty, (K,), ()).title,
    )
    assert set(parts) == {"a\ufffd b\ufffd\ufffdc"}


def test_a_table_in_which_nothing_could_be_tested_keeps_a_place_for_the_reasons():
    columns = (Column("name", "Grouping"), K, Column("pval", "p", "p"))
    untested = Row((text("arm"), whole(1), MISSING), message="not tested: 1 stratum")
    assert without_empty(Table("t", "T", columns, (untested,))).width == 3
    tested = Row((text("arm"), whole(1), MISSING))
    assert without_empty(Table("t", "T", columns, (tested,))).width == 2
