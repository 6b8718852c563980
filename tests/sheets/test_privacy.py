"""Sheets about single persons are refused, and nothing of them is repeated."""

import pytest

NAMES = "patient_name,date_of_birth,score\n" + "".join(f"Jane Doe {i},1990-01-0{i + 1},{i}\n" for i in range(6))


@pytest.mark.parametrize(
    ("header", "what"),
    [
        ("patient_name", "names of persons"),
        ("Last Name", "names of persons"),
        ("DOB", "dates of birth"),
        ("date of birth", "dates of birth"),
        ("Geburtsdatum", "dates of birth"),
        ("MRN", "record numbers"),
        ("medical_record_number", "record numbers"),
        ("病历号", "record numbers"),
        ("e-mail", "addresses of persons"),
    ],
)
@pytest.mark.parametrize("name", ["effects", "studies"])
def test_identifying_columns(load, name, header, what):
    good = {"effects": "effect_id,study_id,r,n_total", "studies": "study_id,year,title,journal"}[name]
    cells = {"effects": "a.1,a,0.3,50", "studies": "a,2020,T,J"}[name]
    sheets = load({}, **{f"{name}_csv": f"{good},{header}\n{cells},secret\n"})
    (problem,) = sheets.problems[sheets.problems["code"] == "participant-level"].to_dict("records")
    assert problem["severity"] == "error"
    assert what in problem["problem"]
    assert problem["value"] == ""
    assert "secret" not in sheets.problems.to_csv()
    assert len(getattr(sheets, name)) == 0


def test_nothing_of_a_refused_sheet_is_kept(load):
    sheets = load({}, effects_csv=NAMES)
    assert sheets.problems["code"].tolist() == ["participant-level"] * 2
    assert "Jane" not in sheets.problems.to_csv()
    assert (len(sheets.effects), len(sheets.printed), sheets.rows_read) == (0, 0, 6)


@pytest.mark.parametrize(
    "text",
    [
        "participant_id,group,score\n" + "".join(f"P{i},1,{i}\n" for i in range(10)),
        "id,age,sex,score\n" + "".join(f"{i},{20 + i},f,{i}\n" for i in range(10)),
        "group,age,gender,bdi\n" + "".join(f"1,{20 + i},male,{i}\n" for i in range(10)),
        "effect_id,study_id,n_total,d\n" + "".join(f"e{i},s,1,0.{i + 1}\n" for i in range(6)),
    ],
)
def test_one_row_a_person(load, text):
    assert "participant-level" in set(load({}, effects_csv=text).problems["code"])


@pytest.mark.parametrize(
    "text",
    [
        "effect_id,study_id,r,n_total,age,sex\n" + "".join(f"e{i},s,0.3,50,{20 + i},f\n" for i in range(10)),
        "effect_id,study_id,r,n_total,first_author,study_name,birth_cohort\n"
        + "".join(f"e{i},s,0.3,50,A,B,1990\n" for i in range(6)),
        "effect_id,study_id,or,or_lo,or_hi,patient_group\n" + "".join(f"e{i},s,1.5,1,2.25,x\n" for i in range(6)),
    ],
)
def test_aggregate_data_is_not_refused(load, text):
    assert "participant-level" not in set(load({}, effects_csv=text).problems["code"])
