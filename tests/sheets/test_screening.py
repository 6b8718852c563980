import pytest
from metacircuit.config import UserError
from metacircuit.sheets.risk_of_bias import judgements_of, read_judgements
from metacircuit.sheets.screening import lane_counts, read_screening

GOOD = """stage,route,source,reason,unit,n
identified,databases,PubMed,,,"1,402"
identified,registers,ClinicalTrials.gov,,,41
removed,,,duplicates,,443
Screened,,,,,1000
screened out,,,,,900
sought,,,,,100
not_retrieved,,,,,2
assessed,,,,,98
excluded,,,no comparison group,,60
excluded,,,no numbers,,8
identified,other,citation searching,,,12
assessed,other,,,,12
included,,,,reports,42
included,,,,studies,40
"""


def written(tmp_path, text, name="screening.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode("utf-8-sig"))
    return path


def test_counts_are_read_whatever_their_spelling(tmp_path):
    table = read_screening(written(tmp_path, GOOD))
    assert lane_counts(table, "databases") == {
        "identified": 1443, "removed": 443, "screened": 1000, "screened_out": 900, "sought": 100, "not_retrieved": 2,
        "assessed": 98, "excluded": 68,
    }  # fmt: skip
    assert lane_counts(table, "other") == {"identified": 12, "assessed": 12}
    assert table.loc[table["stage"] == "screened", "unit"].tolist() == ["records"]
    assert table.loc[table["stage"] == "included", "n"].tolist() == [42, 40]


def test_semicolons_are_read_too(tmp_path):
    table = read_screening(written(tmp_path, "stage;n;source\nidentified;10;PubMed\nscreened;10;\n"))
    assert table["n"].tolist() == [10, 10]
    assert table["route"].tolist() == ["databases", "databases"]


def test_a_stage_may_be_skipped(tmp_path):
    text = GOOD.replace("sought,,,,,100\n", "").replace("not_retrieved,,,,,2\n", "")
    assert "sought" not in lane_counts(read_screening(written(tmp_path, text)), "databases")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Screened,,,,,1000", "Screened,,,,,1001", "identified 1,443 − removed 443 = 1,000, but screened is 1,001"),
        ("identified,other", "identfied,other", "did you mean identified?"),
        ("removed,,,duplicates", "removed,,,", "removed needs a reason"),
        ("reports,42", "reports,43", "leaves 42 reports, but 43 are included"),
        ("sought,,,,,100", "sought,,,,,10.5", "not a whole number"),
        ("sought,,,,,100", "sought,,,,,-1", "not a whole number"),
        ("sought,,,,,100", "sought,,,,,many", "not a whole number"),
        ("sought,,,,,100", "sought,,,,studies,100", "studies are counted when they are included"),
        ("sought,,,,,100", "sought,google,,,,100", "allowed: databases, registers, other"),
    ],
)
def test_a_mistake_is_named_with_its_row(tmp_path, old, new, words):
    with pytest.raises(UserError) as error:
        read_screening(written(tmp_path, GOOD.replace(old, new)))
    assert words in " ".join(error.value.messages)


def test_all_mistakes_at_once(tmp_path):
    with pytest.raises(UserError) as error:
        read_screening(written(tmp_path, "stage,n\nfound,3\nscreened,x\nexcluded,2\n"))
    assert len(error.value.messages) == 3
    assert error.value.messages[0].startswith("screening.csv row 2: stage 'found' is unknown")


def test_a_table_without_counts_is_refused(tmp_path):
    with pytest.raises(UserError, match="the column n is missing"):
        read_screening(written(tmp_path, "stage,count\nidentified,3\n"))


def test_judgements_in_rows_and_in_columns_are_the_same(tmp_path):
    text = "study_id,domain,judgement\na,D1,low\na,overall,some concerns\nb,D1,high\n"
    rows = read_judgements(written(tmp_path, text, "rob.csv"), ["a", "b"])
    import pandas as pd

    studies = pd.DataFrame({"study_id": ["a", "b"], "rob_D1": ["low", "high"], "rob_overall": ["some concerns", ""]})
    assert judgements_of(studies).equals(rows)


def test_wrong_judgements_are_all_named(tmp_path):
    text = "study_id,domain,judgement\na,D1,low\na,D1,high\nz,D1,low\nb,,low\n"
    with pytest.raises(UserError) as error:
        read_judgements(written(tmp_path, text, "rob.csv"), ["a", "b"])
    assert [m.split(":")[0] for m in error.value.messages] == ["rob.csv row 3", "rob.csv row 4", "rob.csv row 5"]
