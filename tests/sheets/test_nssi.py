"""The shipped evidence passes without an error, and its known contradictions are found."""

from pathlib import Path

import pandas as pd
import pytest
from metacircuit.sheets.review import load_review

ROOT = Path(__file__).parents[2]

#: Contradictions of the printed numbers, looked up in the sheet: (effect, column, code).
KNOWN = [
    ("Jia2023.8", "t", "t-against-means"),  # 13.39 / sqrt((11.48^2 + 7.12^2) / 60) = 7.68, printed 5.91
    ("AnonHFrTMS2024.1", "t", "t-against-means"),  # 3.28 / sqrt((1.06^2 + 3.61^2) / 56) = 6.52, printed 7.78
    ("AnonHFrTMS2024.2", "sd1", "se-as-sd"),  # g = -4.4
    ("Whitlock2011.2", "or", "sign-against-direction"),  # printed as male against female, group 1 is female
    ("vanderVenne2021.1", "t", "sign-against-direction"),  # printed without a sign
    ("Labudda2013.1", "p", "p-against-statistic"),  # corrected for a whole-brain search
    ("Hu2024.1", "p", "p-against-statistic"),  # r = -.344, n = 47: t = 2.46, p = .018, printed .005
    ("Anon2024PMID39160455.1", "or", "ci-not-symmetric"),  # 3.02 [2.57, 3.24]
    ("LloydRichardson2007.1", "proportion", "proportion-against-events"),  # 293 of 633 are 46.3 %, printed 46.5
    ("Asarnow2021.2", "df2", "df-against-n"),  # df of repeated measurements
    ("Russ1999.4", "", "no-route"),  # r without n
]


@pytest.fixture(scope="module")
def nssi():
    files = {"disorder": "disorders", "circuit": "circuits", "construct": "constructs", "region": "regions"}
    words = {
        name: pd.read_csv(ROOT / f"config/vocabulary/{file}.csv", dtype=str, keep_default_na=False)
        for name, file in files.items()
    }
    return load_review(ROOT / "data/nssi", vocabularies=words)


def test_no_error_and_every_row(nssi):
    assert nssi.problems[nssi.problems["severity"] == "error"].empty
    assert nssi.ok
    assert (nssi.rows_read, len(nssi.effects), len(nssi.studies), len(nssi.published)) == (481, 481, 214, 64)
    assert (nssi.effects["include"] == "yes").sum() == 422
    assert (nssi.effects["row_problem"] == "").all()


@pytest.mark.parametrize(("effect", "column", "code"), KNOWN)
def test_known_contradictions(nssi, effect, column, code):
    row = nssi.effects.loc[nssi.effects["effect_id"] == effect, "row"].item()
    problems = nssi.problems[nssi.problems["file"] == "effects.csv"]
    assert code in problems.loc[(problems["row"] == row) & (problems["column"] == column), "code"].tolist()


def test_rows_that_agree_are_left_alone(nssi):
    agree = nssi.effects["effect_id"].str.startswith(
        ("GlennKlonsky2011", "Yang2021", "HuangFJ2022", "MoodFamTrauma2023")
    )
    assert agree.sum() == 17
    assert not nssi.problems["row"].isin(nssi.effects.loc[agree, "row"])[nssi.problems["file"] == "effects.csv"].any()


def test_printed_digits_are_kept(nssi):
    row = nssi.effects.index[nssi.effects["effect_id"] == "AnonHFrTMS2024.2"][0]
    assert nssi.printed.loc[row, ["t", "sd2"]].tolist() == ["23.40", "3.01"]
