"""The shipped vocabularies are well formed, and hold every word that the shipped evidence uses."""

import csv
import itertools
import re
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
VOCABULARY = ROOT / "config" / "vocabulary"

COLUMNS = {
    "circuits": ["id", "label", "definition", "colour", "order"],
    "constructs": ["id", "label", "family", "circuit"],
    "contrasts": ["id", "label", "order"],
    "disorders": ["id", "label", "icd11", "dsm5tr", "order"],
    "domains": ["id", "label", "order"],
    "families": ["id", "label", "order"],
    "modalities": ["id", "label", "order"],
    "populations": ["id", "label", "order"],
    "regions": ["id", "label", "synonyms", "circuit"],
    "treatment_kinds": ["id", "label", "order"],
    "treatments": ["id", "label", "kind", "order"],
}
REFERENCES = [
    ("constructs", "family", "families"),
    ("constructs", "circuit", "circuits"),
    ("regions", "circuit", "circuits"),
    ("treatments", "kind", "treatment_kinds"),
]
CODED = [
    ("domain", "domains"),
    ("circuit", "circuits"),
    ("modality", "modalities"),
    ("disorder", "disorders"),
    ("population", "populations"),
    ("contrast", "contrasts"),
]
LATERALITY = re.compile(r"\b(left|right|bilateral)\b")

# One or several ICD-11 or ICD-10-CM codes or ranges of them, separated by "; ".
ICD11 = r"\d[A-Z]\d[0-9A-Z](\.\d)?"
ICD10 = r"F\d\d(\.\d{1,2})?"

# CIE76 below 10 is hard to tell apart in small marks; the palette is held well clear of that.
SMALLEST_COLOUR_DIFFERENCE = 15.0
# Machado, Oliveira & Fernandes (2009), severity 1.0, on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
RGB_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE_D65 = np.array([0.95047, 1.0, 1.08883])


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def vocabulary(name):
    return rows_of(VOCABULARY / f"{name}.csv")


def ids(name):
    return {row["id"] for row in vocabulary(name)}


@pytest.fixture(scope="module")
def effects():
    return rows_of(ROOT / "data" / "nssi" / "effects.csv")


@pytest.fixture(scope="module")
def published():
    return rows_of(ROOT / "data" / "nssi" / "published.csv")


def spellings(row):
    """What a region may be called in a sheet, lower-case."""
    return {word.strip().lower() for word in (row["id"], row["label"], *row["synonyms"].split("|")) if word.strip()}


def region_parts(text):
    """The names in a region cell, without sides: a connection 'A - B' has two."""
    plain = LATERALITY.sub(" ", text.lower().replace("_", " "))
    return [" ".join(part.split()) for part in plain.split(" - ")]


def test_every_file_is_known():
    assert {path.stem for path in VOCABULARY.glob("*.csv")} == set(COLUMNS)


@pytest.mark.parametrize("name", COLUMNS)
def test_files_are_plain_csv(name):
    raw = (VOCABULARY / f"{name}.csv").read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert raw.endswith(b"\n")
    rows = list(csv.reader(raw.decode("utf-8").splitlines()))
    assert rows[0] == COLUMNS[name]
    assert {len(row) for row in rows} == {len(COLUMNS[name])}
    assert all(cell == cell.strip() for row in rows for cell in row)


@pytest.mark.parametrize("name", COLUMNS)
def test_ids_are_unique_snake_case_with_a_label(name):
    rows = vocabulary(name)
    words = [row["id"] for row in rows]
    assert len(words) == len(set(words))
    assert all(re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", word) for word in words)
    labels = [row["label"] for row in rows]
    assert all(labels)
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize("name", COLUMNS)
def test_rows_are_sorted(name):
    keys = [(int(row.get("order", 0)), row["id"]) for row in vocabulary(name)]
    assert keys == sorted(keys)


@pytest.mark.parametrize(("name", "column", "target"), REFERENCES)
def test_references_resolve(name, column, target):
    assert {row[column] for row in vocabulary(name)} <= ids(target)


@pytest.mark.parametrize(("column", "name"), CODED)
def test_every_coded_word_of_the_evidence_is_known(effects, column, name):
    assert {row[column] for row in effects} - {""} <= ids(name)


def test_every_coded_word_of_the_published_estimates_is_known(published):
    assert {row["disorder"] for row in published} - {""} <= ids("disorders")
    assert {row["circuit"] for row in published} - {""} <= ids("circuits")


def test_every_construct_and_treatment_of_the_evidence_is_known(effects):
    constructs = [row["construct"].partition(":") for row in effects]
    assert {construct for construct, _, _ in constructs} <= ids("constructs")
    assert {subtype for construct, _, subtype in constructs if construct == "treatment"} <= ids("treatments")


def test_every_region_of_the_evidence_is_known(effects):
    known = set().union(*(spellings(row) for row in vocabulary("regions")))
    used = {part for row in effects if row["region"] for part in region_parts(row["region"])}
    assert used <= known


def test_a_spelling_belongs_to_one_region():
    for one, other in itertools.combinations(vocabulary("regions"), 2):
        assert not spellings(one) & spellings(other), f"{one['id']} and {other['id']}"


def test_no_synonym_is_written_twice_or_empty():
    for row in vocabulary("regions"):
        words = [word.lower() for word in row["synonyms"].split("|")] if row["synonyms"] else []
        assert all(words)
        assert len(words) == len(set(words)), row["id"]


@pytest.mark.parametrize(
    ("abbreviation", "region"), [("dACC", "dorsal_anterior_cingulate"), ("NAcc", "nucleus_accumbens")]
)
def test_common_abbreviations_are_found(abbreviation, region):
    assert [row["id"] for row in vocabulary("regions") if abbreviation.lower() in spellings(row)] == [region]


@pytest.mark.parametrize(("column", "code"), [("icd11", ICD11), ("dsm5tr", ICD10)])
def test_diagnostic_codes_have_the_form_of_their_system(column, code):
    for row in vocabulary("disorders"):
        for part in filter(None, row[column].split("; ")):
            assert re.fullmatch(rf"{code}(-{code})?", part), f"{row['id']}: {part}"


@pytest.mark.parametrize(
    ("disorder", "icd11", "dsm5tr"),
    # ICD-11 for Mortality and Morbidity Statistics (WHO); DSM-5-TR (APA, 2022).
    [
        ("borderline_personality_disorder", "6D10; 6D11.5", "F60.3"),
        ("bipolar_disorder", "6A60-6A6Z", "F31; F34.0"),
        ("ptsd", "6B40", "F43.10"),
        ("ocd", "6B20", "F42.2"),
        ("adhd", "6A05", "F90"),
        ("autism", "6A02", "F84.0"),
        ("community", "", ""),
    ],
)
def test_diagnostic_codes(disorder, icd11, dsm5tr):
    [row] = [row for row in vocabulary("disorders") if row["id"] == disorder]
    assert (row["icd11"], row["dsm5tr"]) == (icd11, dsm5tr)


def test_the_circuits_are_the_four_and_none():
    assert [row["id"] for row in vocabulary("circuits")] == [
        "emotion_regulation",
        "reward_feedback",
        "pain_processing",
        "impulse_control",
        "none",
    ]
    assert all(row["definition"].endswith(".") for row in vocabulary("circuits"))


def test_colours_are_hex():
    assert all(re.fullmatch(r"#[0-9A-F]{6}", row["colour"]) for row in vocabulary("circuits"))


def lab(colour, vision):
    """CIELAB coordinates of a hex colour as seen with a kind of colour vision."""
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    xyz = RGB_TO_XYZ @ np.clip(np.array(vision) @ linear, 0, 1) / WHITE_D65
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", VISION)
def test_circuit_colours_can_be_told_apart(vision):
    colours = [lab(row["colour"], VISION[vision]) for row in vocabulary("circuits")]
    smallest = min(np.linalg.norm(a - b) for a, b in itertools.combinations(colours, 2))
    assert smallest > SMALLEST_COLOUR_DIFFERENCE
