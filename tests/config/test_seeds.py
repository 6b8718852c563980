"""seeds/*.yaml are claims of one form; what they name exists, or the claim says what it needs."""

import csv
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "seeds").glob("*.yaml"))

SOURCE_KEYS = {"id", "authors", "year", "title", "journal", "doi"}
REQUIRED = {
    "id",
    "statement",
    "source",
    "topic",
    "analysis",
    "grouping",
    "contrast",
    "direction",
    "sesoi",
    "supports",
    "contradicts",
}
OPTIONAL = {"needs", "note"}
TOPICS = {"circuits", "disorders", "psychosocial", "functions", "severity", "treatment", "evidence"}
DIRECTIONS = {"positive", "negative", "two_sided"}
# Of metacircuit.claims.schema's tests, those whose smallest effect of interest is on the measure of the analysis.
OF_EFFECTS = {"stratum", "variance_ratio", "between", "pairs", "interaction"}
# Factors whose words are in a vocabulary; the others are named by claims that need them.
VOCABULARIES = {
    "circuit": "circuits",
    "disorder": "disorders",
    "domain": "domains",
    "family": "families",
    "region": "regions",
    "treatment_kind": "treatment_kinds",
}


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


CLAIMS = [pytest.param(claim, id=claim["id"]) for path in FILES for claim in load(path)["claims"]]


@pytest.fixture(scope="module")
def analyses():
    return yaml.safe_load((ROOT / "config" / "nssi.yaml").read_text(encoding="utf-8"))["analyses"]


def words(factor):
    path = ROOT / "config" / "vocabulary" / f"{VOCABULARIES[factor]}.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        return {row["id"] for row in csv.DictReader(handle)}


def strata(contrast):
    """Every stratum that a contrast names."""
    named = [contrast["stratum"]] if "stratum" in contrast else []
    return named + [stratum for pair in contrast.get("pairs", []) for stratum in pair]


def test_there_are_two_documents():
    assert [path.stem for path in FILES] == ["li2026", "wu2025"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_source_is_a_full_citation(path):
    seed = load(path)
    assert set(seed) == {"source", "document", "claims"}
    source = seed["source"]
    assert set(source) == SOURCE_KEYS
    assert source["id"] == path.stem
    assert isinstance(source["year"], int)
    assert source["doi"].startswith("10.")
    assert source["authors"]
    assert all(isinstance(author, str) for author in source["authors"])
    assert "not read" in seed["document"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_claims_belong_to_their_file(path):
    for claim in load(path)["claims"]:
        assert claim["source"] == path.stem
        assert re.fullmatch(rf"{path.stem}\.[a-z0-9]+(_[a-z0-9]+)*", claim["id"])


def test_ids_are_unique():
    ids = [param.values[0]["id"] for param in CLAIMS]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("claim", CLAIMS)
def test_fields(claim):
    assert set(claim) >= REQUIRED
    assert set(claim) <= REQUIRED | OPTIONAL
    assert claim["topic"] in TOPICS
    assert claim["direction"] in DIRECTIONS
    for key in ("statement", "supports", "contradicts"):
        assert claim[key].endswith("."), key
        assert "\n" not in claim[key]
    assert all(isinstance(need, str) for need in claim.get("needs", ["nothing"]))


@pytest.mark.parametrize("claim", CLAIMS)
def test_the_smallest_effect_of_interest_has_a_reason(claim):
    assert set(claim["sesoi"]) == {"value", "scale", "reason"}
    assert claim["sesoi"]["value"] > 0
    assert claim["sesoi"]["reason"]


@pytest.mark.parametrize("claim", CLAIMS)
def test_strata_are_words_of_their_factors(claim):
    factors = claim["grouping"].split(":")
    for stratum in strata(claim["contrast"]):
        parts = stratum.split(":")
        assert len(parts) == len(factors), stratum
        for factor, word in zip(factors, parts, strict=True):
            assert factor not in VOCABULARIES or word in words(factor), stratum
    within = claim["contrast"].get("within")
    if within and factors[-1] in VOCABULARIES:
        assert within in words(factors[-1])


@pytest.mark.parametrize("claim", CLAIMS)
def test_analysis_and_grouping_exist_or_the_claim_says_what_it_needs(claim, analyses):
    assert claim.get("needs", ["nothing"])
    if claim["analysis"] not in analyses:
        assert claim["needs"]
        return
    analysis = analyses[claim["analysis"]]
    assert claim["grouping"] in {"overall", *analysis.get("groupings", ())}
    if claim["contrast"]["test"] in OF_EFFECTS:
        assert claim["sesoi"]["scale"] == analysis["measure"]


@pytest.mark.parametrize("claim", CLAIMS)
def test_an_analysis_that_does_not_exist_is_named_among_the_needs(claim, analyses):
    if claim["analysis"] not in analyses:
        assert any(f"`{claim['analysis']}`" in need for need in claim["needs"])


def test_each_circuit_has_its_claim():
    tested = {
        claim["contrast"].get("stratum")
        for claim in (param.values[0] for param in CLAIMS)
        if (claim["analysis"], claim["grouping"]) == ("neural", "circuit")
    }
    assert tested == words("circuit") - {"none"}


def test_what_the_documents_say_is_there():
    """The statements that must have a claim, by a part of its id."""
    ids = {param.values[0]["id"] for param in CLAIMS}
    for name in (
        *("emotion_regulation", "reward_feedback", "pain_processing", "impulse_control"),
        *("bpd_anterior_cingulate", "bpd_insula", "mood_amygdala", "mood_hippocampus", "circuits_by_disorder"),
        *("trauma_by_disorder", "attachment_by_disorder", "social_stress_by_disorder", "abuse_more_in_bpd"),
        *("dysregulation_more_in_bpd", "interpersonal_stress_more_in_anxiety", "affect_regulation_by_disorder"),
        *("self_punishment_by_disorder", "social_signalling_by_disorder", "neural_severity", "psychosocial_severity"),
        *("profiles_predict_response", "neuromodulation_benefit", "response_varies", "neuromodulation_sparse"),
        *("neuromodulation_heterogeneous", "neural_heterogeneous"),
    ):
        assert any(known.endswith(f".{name}") for known in ids), name
