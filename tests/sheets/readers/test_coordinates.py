"""Studies with coordinates: NIMADS study sets and Sleuth text; every focus is kept, with its region's circuit."""

import json

import pandas as pd
import pytest

REGIONS = pd.DataFrame(
    {
        "id": ["amygdala", "anterior_insula"],
        "label": ["Amygdala", "Anterior insula"],
        "synonyms": ["AMY", "AI"],
        "circuit": ["emotion_regulation", "pain_processing"],
    }
)
SLEUTH = ("Control_all", "patient", "hyperactivation", "hypoactivation")


def test_the_pain_studies_are_21_with_all_their_foci(load, errors):
    sheets = load("nimads/nidm_pain_studyset.json", format="nimads")
    assert len(sheets.studies) == len(sheets.effects) == 21
    assert len(sheets.coordinates) == 267  # points counted in the JSON
    assert set(sheets.coordinates["space"]) == {"MNI"}
    assert sheets.coordinates.loc[0, ["x", "y", "z"]].tolist() == [48, -38, -24]
    assert sheets.effects["n_total"].tolist()[:3] == [25, 25, 20]
    assert errors(sheets) == []


def test_a_mixed_study_set_keeps_studies_without_contrasts(load):
    sheets = load("nimads/nimads_studyset.json", format="nimads")
    assert len(sheets.studies) == 38
    assert len(sheets.coordinates) == 212
    assert sheets.studies["study_id"].is_unique
    cited = sheets.studies.set_index("study_id").loc["Müller 2002"]
    assert (cited["first_author"], cited["year"]) == ("Müller", 2002)


def _study_set(**analysis):
    return json.dumps({"studies": [{"id": "s", "name": "Ash 2001", "analyses": [{"name": "faces", **analysis}]}]})


def test_values_of_two_groups_are_effects_and_regions_have_circuits(load):
    points = [
        {"coordinates": [1, 2, 3], "space": "MNI", "label": "left amygdala", "values": [{"kind": "T", "value": 4.5}]},
        {"coordinates": [4, 5, 6], "space": "MNI", "label": "Atlantis"},
        {"coordinates": [4, None, 6]},
    ]
    made = _study_set(points=points, metadata={"sample_sizes": [20, 22]})
    sheets = load(made={"x.json": made}, format="nimads", vocabularies={"region": REGIONS})
    (row,) = sheets.effects.to_dict("records")
    assert (row["t"], row["n1"], row["n2"], row["peak"], row["include"]) == (4.5, 20, 22, "yes", "")
    assert sheets.coordinates["circuit"].tolist() == ["emotion_regulation", ""]
    found = sheets.problems["problem"]
    assert found.str.contains("Atlantis").any()
    assert found.str.contains("no three finite coordinates").any()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"studies": [1]}', "[" * 100_000, '{"studies": []}', "study,n\n"])
def test_no_study_set_is_a_problem(load, content):
    assert (load(made={"x.json": content}, format="nimads").problems["severity"] == "error").any()


def test_every_focus_sample_and_contrast_of_the_sleuth_files_is_kept(load, errors):
    sheets = load(*(f"sleuth/{name}.txt" for name in SLEUTH), format="sleuth")
    # Lines that are neither comments nor blank: grep -vcE '^\s*(//|$)', without the \r
    counts = sheets.coordinates.groupby("contrast").size().to_dict()
    assert counts == {"Control_all": 728, "patient": 106, "hyperactivation": 49, "hypoactivation": 43}
    assert set(sheets.coordinates["space"]) == {"MNI"}
    bach = sheets.effects.set_index("effect_id").loc["Bach 2021.1"]
    assert (bach["n_total"], bach["outcome"]) == (29, "Control_all")
    assert sheets.effects["n_total"].notna().all()
    assert errors(sheets) == []


def test_what_a_sleuth_file_gets_wrong_is_told(load, errors):
    text = (
        "1 2 3\n// Reference=Talairach\n// Ash, 2001: faces > shapes\n// Ash, 2001: fear > rest\n// Subjects=12\n"
        "-1.5\t\u22122\t3\nten 2 3\n\n// Oak, 2002\n4 5 6\n// Elm, 2003\n// Subjects=9\n"
    )
    sheets = load(made={"x.txt": text}, format="sleuth")
    assert sheets.coordinates[["study_id", "contrast", "x", "y", "z", "space"]].to_numpy().tolist() == [
        ["Ash 2001", "faces > shapes; fear > rest", -1.5, -2, 3, "Talairach"],
        ["Oak 2002", "x", 4, 5, 6, "Talairach"],
    ]
    told = [row for code, row in errors(sheets, "warning") if code == "not-mapped"]
    assert sorted(told) == [1, 7, 9, 11]
