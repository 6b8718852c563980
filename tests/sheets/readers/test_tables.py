"""Any wide table by a mapping: metafor's names, other names, several outcomes a row, and every kind of file."""

import io

import numpy as np
import pandas as pd
import pytest
from metacircuit.config import UserError, validate_settings
from metacircuit.config.source import Source
from metacircuit.effects.harmonise import harmonise

SIX_DIGITS = 5e-7  # as R prints them
EXACT = 1e-12
BCG = "trial,author,year,tpos,tneg,cpos,cneg\n1,Aronson,1948,4,119,11,128\n2,Ferguson & Simes,1949,6,300,29,274\n"


def test_the_data_of_metafor_are_known_by_their_names(load):
    sheets = load(made={"bcg.csv": BCG}, columns={"study_id": "author"})
    counts = sheets.effects[["events1", "total1", "events2", "total2"]].to_numpy().tolist()
    assert counts == [[4, 123, 11, 139], [6, 306, 29, 303]]
    assert sheets.studies.set_index("study_id")["year"].to_dict() == {"Aronson": 1948, "Ferguson & Simes": 1949}
    # metafor 3.8-1: escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)[1:2, ]
    made = harmonise(sheets.effects, "RR")
    assert made["yi"].tolist() == pytest.approx([-0.889311, -1.585389], abs=SIX_DIGITS)
    assert made["vi"].tolist() == pytest.approx([0.325585, 0.194581], abs=SIX_DIGITS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("study,m1i,sd1i,n1i,m2i,sd2i,n2i\na,5,1,20,4,2,22\n", {"mean1": 5, "sd1": 1, "n1": 20, "sd2": 2, "n2": 22}),
        ("study,ri,ni\na,0.3,50\n", {"r": 0.3, "n_total": 50}),
        ("study,xi,ni\na,3,50\n", {"events1": 3, "total1": 50}),
        ("study,xi,mi\na,3,47\n", {"events1": 3, "total1": 50}),
        ("study,ai,n1i,ci,n2i\na,3,50,4,60\n", {"events1": 3, "total1": 50, "total2": 60}),
        ("study,x1i,t1i,x2i,t2i\na,3,50.5,4,60\n", {"events1": 3, "time1": 50.5, "time2": 60}),
    ],
)
def test_arguments_of_escalc_become_printed_statistics(load, text, expected):
    row = load(made={"x.csv": text}).effects.iloc[0]
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("measure", "target", "route"),
    [("SMD", "SMD", "smd.g_ci"), ("RR", "RR", "rr.rr_ci"), ("HR", "HR", "hr.hr_ci"), ("ZCOR", "ZCOR", "zcor.r_ci")],
)
def test_a_given_estimate_keeps_its_value_and_variance(load, measure, target, route):
    sheets = load(made={"x.csv": "study,yi,vi\na,-0.8893,0.3256\nb,0.25,0.01\n"}, measure=measure)
    made = harmonise(sheets.effects, target)
    assert set(made["route"]) == {route}
    assert made["yi"].tolist() == pytest.approx([-0.8893, 0.25], abs=EXACT)
    assert made["vi"].tolist() == pytest.approx([0.3256, 0.01], abs=EXACT)


def test_an_estimate_that_has_no_column_is_told(load, errors):
    sheets = load(made={"x.csv": "study,yi,vi\na,1,0.1\nb,2,0\n"}, measure="MD")
    assert [where for code, where in errors(sheets, "warning") if code == "not-mapped"] == [2, 3]


def test_a_file_with_decimal_commas_and_words_of_its_own(load, errors):
    text = "Studie;Störung;M1;S1;N1;M2;S2;N2\nAbel 2001;Depr.;1,5;0,7;1.200;1,1;0,8;30\n"
    text += "Burg 2002;Angst;2,5;0,7;NA;1,1;0,8;30\n"
    columns = {"study_id": "Studie", "disorder": "Störung"}
    columns |= {f"{ours}{i}": f"{theirs}{i}" for i in "12" for ours, theirs in (("mean", "M"), ("sd", "S"), ("n", "N"))}
    values = {"disorder": {"Depr.": "depression", "Angst": "anxiety"}}
    sheets = load(made={"x.csv": text}, columns=columns, values=values, fixed={"contrast": "a_vs_b"})
    assert sheets.effects["mean1"].tolist() == [1.5, 2.5]
    assert sheets.effects["n1"].tolist()[0] == 1200
    assert np.isnan(sheets.effects["n1"].iloc[1])
    assert sheets.effects["disorder"].tolist() == ["depression", "anxiety"]
    assert set(sheets.effects["contrast"]) == {"a_vs_b"}
    assert sheets.studies[["first_author", "year"]].to_numpy().tolist() == [["Abel", 2001], ["Burg", 2002]]
    assert errors(sheets) == []


def test_one_row_with_several_outcomes(load):
    outcomes = {
        "depression": {"mean1": "BDI drug", "mean2": "BDI placebo"},
        "anxiety": {"mean1": "STAI drug", "mean2": "STAI placebo"},
    }
    text = "study,BDI drug,BDI placebo,STAI drug,STAI placebo\na,1,2,3,4\nb,5,6,,\n"
    effects = load(made={"x.csv": text}, outcomes=outcomes).effects
    assert effects[["effect_id", "outcome", "mean1", "row"]].to_numpy().tolist() == [
        ["a.1", "depression", 1, 2], ["a.2", "anxiety", 3, 2], ["b.1", "depression", 5, 3],
    ]  # fmt: skip


def test_all_mistakes_of_a_mapping_are_named_at_once(load):
    with pytest.raises(UserError) as caught:
        load(made={"bcg.csv": BCG}, columns={"study_id": "autor", "events1": "tposs"})
    assert [m.split(":")[0] for m in caught.value.messages] == ["source.columns.study_id", "source.columns.events1"]
    assert "Did you mean 'author'?" in caught.value.messages[0]
    with pytest.raises(UserError, match="no row says 1999"):
        load(made={"bcg.csv": BCG}, where={"year": "1999"})


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"file": "../secret.csv"}, "stays inside"),
        ({"file": "/etc/passwd"}, "stays inside"),
        ({"file": "x.csv", "format": "redcap"}, "needs `dictionary`"),
        ({"file": ["a.csv", "b.csv"]}, "takes one file"),
        ({"file": "a.csv", "columns": {"n1": "N"}, "fixed": {"n1": 3}}, "both columns and fixed"),
    ],
)
def test_a_wrong_section_says_what_is_wrong(spec, says):
    with pytest.raises(ValueError, match=says):
        Source(**spec)


def test_the_section_stands_in_a_config():
    raw = {"review": "x", "title": "T", "summary": "S", "data": "data/x", "source": {"file": "data/x/a.csv"}}
    settings = validate_settings({**raw, "analyses": {"a": {"title": "A", "measure": "SMD"}}}, source="x")
    assert settings.source.files == ("data/x/a.csv",)


FRAME = pd.DataFrame({"study": ["a", "b"], "ri": [0.1, -0.25], "ni": [50, 60]})


def _xlsx():
    content = io.BytesIO()
    with pd.ExcelWriter(content, engine="xlsxwriter") as book:
        pd.DataFrame({"note": ["hello"]}).to_excel(book, sheet_name="Read me", index=False)
        FRAME.to_excel(book, sheet_name="Data", index=False)
    return content.getvalue()


def _ods():
    content = io.BytesIO()
    with pd.ExcelWriter(content, engine="odf") as book:
        FRAME.to_excel(book, sheet_name="Data", index=False)
        pd.DataFrame({"note": ["hello"]}).to_excel(book, sheet_name="Read me", index=False)
    return content.getvalue()


def _parquet():
    content = io.BytesIO()
    FRAME.to_parquet(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv", FRAME.to_csv(index=False)),
        ("x.tsv", FRAME.to_csv(index=False, sep="\t")),
        ("x.xlsx", _xlsx()),
        ("x.ods", _ods()),
        ("x.parquet", _parquet()),
    ],
)
def test_every_kind_of_file_gives_the_same_rows(load, errors, name, content):
    sheets = load(made={name: content}, sheet="Data" if name.endswith(("xlsx", "ods")) else "")
    assert sheets.effects[["study_id", "r", "n_total", "row"]].to_numpy().tolist() == [
        ["a", 0.1, 50, 2],
        ["b", -0.25, 60, 3],
    ]
    assert errors(sheets) == []
    if name.endswith(("xlsx", "ods")):
        assert sheets.problems["sheet"].eq("Read me").any()


@pytest.mark.parametrize(
    "content", [b"", b"PAR1 and no more", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"a,b\n", b"\0\1\2"]
)
def test_a_damaged_file_is_a_problem_and_no_traceback(load, content):
    problems = load(made={"x.csv": content}).problems
    assert (problems["severity"] == "error").any()


def test_a_file_that_is_not_there_is_a_problem(load, tmp_path):
    from metacircuit.sheets.readers import read_source

    taken = read_source(Source(file="data/none.csv"), tmp_path)
    assert [p.code.slug for p in taken.problems] == ["unreadable-file"]
