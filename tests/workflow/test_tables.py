"""The tables of the shipped review: there in every format, with the numbers of the results."""

import io
import re

import openpyxl
import pandas as pd
import pytest

NAMES = ("characteristics", "effects", "summary", "heterogeneity", "tests", "corrections")
ENDINGS = ("csv", "xlsx", "docx", "tex", "html")
# Tables have ten significant digits.
TEN_DIGITS = 1e-9


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", NAMES)
def test_every_table_is_there_in_every_format(shipped, name, ending):
    assert (shipped / f"results/nssi/tables/{name}.{ending}").stat().st_size > 500


def test_the_summary_has_every_stratum_and_its_number(shipped):
    results = shipped / "results/nssi"
    table = pd.read_csv(results / "tables/summary.csv")
    every = pd.concat([pd.read_csv(results / f"estimates/{name}.csv") for name in dict.fromkeys(table["analysis"])])
    assert len(table) == len(every)
    both = table.merge(every, on=["analysis", "grouping", "stratum"], suffixes=("", "_of_fit"))
    assert len(both) == len(every)
    for column in ("natural", "natural_lb", "natural_ub", "tau2"):
        pd.testing.assert_series_equal(
            both[column], both[f"{column}_of_fit"], check_names=False, rtol=TEN_DIGITS, check_dtype=False
        )
    book = openpyxl.load_workbook(io.BytesIO((results / "tables/summary.xlsx").read_bytes())).active
    numbers = [c.value for row in book.iter_rows() for c in row if isinstance(c.value, float)]
    assert set(table["natural"].dropna()) <= set(numbers)


def test_no_p_is_zero_and_no_minus_is_a_hyphen(shipped):
    for name in NAMES:
        page = (shipped / f"results/nssi/tables/{name}.html").read_text("utf-8")
        assert not re.search(r">0?\.000<", page)
        assert not re.search(r'class="right[^>]*>-', page)


def test_a_wrong_column_of_the_characteristics_is_named_before_anything_runs(project, run_in):
    config = project / "config/nssi.yaml"
    config.write_text(config.read_text("utf-8") + "\ntables: {characteristics: [contry]}\n", "utf-8")
    done = run_in(project, "check", "nssi")
    assert done.returncode == 1
    assert "Did you mean `country`?" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_table_is_named(project, run_in):
    config = project / "config/nssi.yaml"
    config.write_text(config.read_text("utf-8") + "\ntables: {make: [summery]}\n", "utf-8")
    done = run_in(project, "check", "nssi")
    assert done.returncode == 1
    assert "tables.make" in done.stderr
    assert "summary" in done.stderr
