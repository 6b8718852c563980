"""Covidence, DistillerSR and REDCap exports, each in the shape that the tool writes."""

import pytest

COVIDENCE = (
    "Covidence #,Study ID,Title,Reviewer Name,DOI,Diagnosis,"
    "Drug Mean,Drug SD,Drug N,Placebo Mean,Placebo SD,Placebo N\n"
    "12,Ash 2001,A trial,Li,10.1/a,MDD,5,1,20,4,2,22\n12,Ash 2001,A trial,Wu,10.1/a,MDD,50,1,20,4,2,22\n"
    "12,Ash 2001,A trial,Consensus,10.1/a,MDD,5,1,20,4,2,22\n15,Oak 2002,B trial,Li,,GAD,1,1,30,2,1,30\n"
)
COLUMNS = {
    "disorder": "Diagnosis",
    **{f"{ours}{side}": f"{arm} {theirs}" for side, arm in (("1", "Drug"), ("2", "Placebo"))
       for ours, theirs in (("mean", "Mean"), ("sd", "SD"), ("n", "N"))},
}  # fmt: skip


def test_covidence_takes_the_consensus_and_keeps_the_others_in_view(load, errors):
    sheets = load(
        made={"x.csv": COVIDENCE}, format="covidence", columns=COLUMNS, values={"disorder": {"MDD": "depression"}}
    )
    assert sheets.effects["include"].tolist() == ["no", "no", "", ""]
    assert sheets.effects["exclude_reason"].iloc[1] == "extraction by Wu; there is a consensus"
    assert sheets.effects["disorder"].tolist() == ["depression"] * 3 + ["GAD"]
    assert sheets.effects["mean1"].tolist() == [5, 50, 5, 1]
    assert sheets.studies["title"].tolist() == ["A trial", "B trial"]
    assert errors(sheets) == []


def test_two_extractors_without_a_consensus_are_an_error_until_one_is_chosen(load, errors):
    text = COVIDENCE.replace("Consensus", "Kim")
    assert ("second-extraction", 3) in errors(load(made={"x.csv": text}, format="covidence", columns=COLUMNS))
    one = load(made={"x.csv": text}, format="covidence", columns=COLUMNS, where={"extractor": "Li"})
    assert errors(one) == []
    assert one.effects["include"].tolist() == ["", "no", "no", ""]


DISTILLER = (
    "Refid,User,Level,Author,Year,Title,What was the r?,How many people?\n"
    "7,li,Data Extraction,Ash,2001,A study,0.3,50\n7,li,Data Extraction,,,,0.1,50\n"
    "9,li,Data Extraction,Oak,2002,B study,-0.2,60\n9,wu,Screening,Oak,2002,B study,,\n"
)


def test_distillersr_fills_the_bibliography_down_and_takes_one_form(load, errors):
    columns = {"r": "What was the r?", "n_total": "How many people?"}
    sheets = load(made={"x.csv": DISTILLER}, format="distillersr", columns=columns, where={"level": "Data Extraction"})
    assert sheets.effects[["effect_id", "r", "include"]].to_numpy().tolist()[:3] == [
        ["7.1", 0.3, ""], ["7.2", 0.1, ""], ["9.1", -0.2, ""],
    ]  # fmt: skip
    assert sheets.effects["include"].iloc[3] == "no"
    assert sheets.studies[["study_id", "first_author", "year"]].to_numpy().tolist() == [
        ["7", "Ash", 2001],
        ["9", "Oak", 2002],
    ]
    assert errors(sheets) == []


DICTIONARY = (
    '"Variable / Field Name","Form Name","Section Header","Field Type","Field Label",'
    '"Choices, Calculations, OR Slider Labels","Field Note","Identifier?"\n'
    "record_id,study,,text,Record,,,\nauthor,study,,text,First author,,,\ncontact,study,,text,Contact,,,y\n"
    'disorder,effect,,radio,Disorder,"1, depression | 2, anxiety, any",,\nr,effect,,text,r,,,\nn,effect,,text,n,,,\n'
    'scales,effect,,checkbox,Scales,"1, BDI | 2, STAI",,\nadjusted,effect,,yesno,Adjusted,,,\n'
)
REDCAP = (
    "record_id,redcap_repeat_instrument,redcap_repeat_instance,author,contact,study_complete,"
    "disorder,r,n,scales___1,scales___2,adjusted,extra\n"
    "1,,,Ash,ash@example.org,2,,,,,,,\n1,effect,1,,,,1,0.3,50,1,1,0,x\n1,effect,2,,,,2,0.1,50,0,1,1,\n"
    "2,,,Oak,oak@example.org,2,,,,,,,\n2,effect,1,,,,7,0.2,60,0,0,0,\n3,,,Elm,,0,,,,,,,\n"
)


def test_redcap_instances_are_effects_with_labels(load, errors):
    sheets = load(
        made={"x.csv": REDCAP, "dictionary.csv": DICTIONARY},
        format="redcap",
        columns={"first_author": "author", "n_total": "n"},
    )
    used = sheets.effects[sheets.effects["include"] != "no"]
    assert used[["effect_id", "disorder", "r", "adjusted", "row"]].to_numpy().tolist() == [
        ["1.1", "depression", 0.3, "no", 3], ["1.2", "anxiety, any", 0.1, "yes", 4], ["2.1", "7", 0.2, "no", 6],
    ]  # fmt: skip
    assert used["scales"].tolist() == ["BDI; STAI", "STAI", ""]
    assert sheets.effects.query("include == 'no'")["exclude_reason"].tolist() == ["a record without an effect"]
    assert sheets.studies.set_index("study_id")["first_author"].to_dict() == {"1": "Ash", "2": "Oak", "3": "Elm"}
    assert "contact" not in sheets.effects
    assert not sheets.problems["value"].str.contains("example.org").any()
    told = errors(sheets, "warning")
    assert ("not-mapped", 6) in told
    assert any(code == "participant-level" for code, _ in told)


@pytest.mark.parametrize("format_", ["covidence", "distillersr", "revman_csv"])
def test_another_file_than_the_format_says_is_refused(load, format_):
    problems = load(made={"x.csv": "a,b\n1,2\n"}, format=format_).problems
    assert problems["remedy"].str.contains("Correct `format`").any()
