"""Whatever a file holds, its reader gives rows or problems, and never a traceback."""

import io
from typing import get_args

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metacircuit.config.source import Format, Source
from metacircuit.sheets.problems import ERROR
from metacircuit.sheets.readers import read_source

FORMATS = get_args(Format)
#: Beginnings that lead a reader further in than noise would.
BEGINNINGS = (
    b"", b"PK\x03\x04", b"PAR1", b"// Subjects=", b"study;yi;vi\n", b"Refid,User\n", b"Covidence #,Study ID\n",
    b"<COCHRANE_REVIEW><COMPARISON><IV_OUTCOME>", b'{"studies": [{"analyses": [',
    b"Comparison Number,Outcome Number,Subgroup Number,Name,",
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(format_=st.sampled_from(FORMATS), start=st.sampled_from(BEGINNINGS), rest=st.binary(max_size=120))
def test_noise_is_a_problem_and_no_traceback(tmp_path_factory, format_, start, rest):
    folder = tmp_path_factory.mktemp("noise")
    (folder / "x").write_bytes(start + rest)
    spec = Source(file="x", format=format_, dictionary="x" if format_ == "redcap" else None)
    taken = read_source(spec, folder)
    assert taken.sheets or any(problem.severity == ERROR for problem in taken.problems)


@settings(max_examples=60, deadline=None)
@given(
    cells=st.lists(st.text(alphabet="0123456789.,-eE ;NA", max_size=8), min_size=4, max_size=4),
    names=st.permutations(["ai", "bi", "yi", "vi", "sei", "g_se", "ni", "log_or", "log_or_se", "m1i"]),
)
def test_any_cells_under_metafors_names_are_read(tmp_path_factory, cells, names):
    folder = tmp_path_factory.mktemp("cells")
    text = "\t".join(["study", *names[:4]]) + "\n" + "\t".join(["a", *cells]) + "\n"
    (folder / "x.tsv").write_text(text)
    taken = read_source(Source(file="x.tsv", delimiter="\t", measure="OR"), folder)
    assert len(taken.sheets["effects"].rows) == 1


def test_formulas_and_merged_cells_of_a_workbook_are_told(load):
    book = openpyxl.Workbook()
    for line in (["study", "ri", "ni"], ["a", "=0.1+0.2", 50], ["b", 0.2, 60], ["", 0.3, 70]):
        book.active.append(line)
    book.active.merge_cells("A3:A4")
    content = io.BytesIO()
    book.save(content)
    problems = load(made={"x.xlsx": content.getvalue()}).problems
    told = problems[problems["severity"] == ERROR].set_index("row")["code"]
    assert told[2] == "formula"
    assert "merged-cells" in set(told[[3]])


@pytest.mark.parametrize("name", ["../x.csv", "a/../../x.csv", "~/x.csv", "C:x.csv"])
def test_a_path_outside_the_project_is_refused(name):
    with pytest.raises(ValueError, match="stays inside"):
        Source(file=name)
