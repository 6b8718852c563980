"""Files of claims: every mistake at once, each with its place and the nearest name."""

import copy
from pathlib import Path

import pytest
import yaml
from metacircuit.claims.load import load_claims
from metacircuit.cli.project import read_settings
from metacircuit.cli.seeds import read_claims
from metacircuit.config import UserError
from metacircuit.config.analysis import Analysis

ROOT = Path(__file__).parents[2]
SOURCE = {"id": "doc", "authors": ["A. Author"], "year": 2025, "title": "T", "journal": "J", "doi": "10.1/x"}
ANALYSES = {
    "neural": Analysis(title="N", measure="SMD", groupings=("disorder", "disorder:circuit")),
    "spread": Analysis(title="S", measure="VR"),
}
WORDS = {"disorder": ["bpd", "mdd"], "circuit": ["pain", "reward"]}


def load(*claims, source=SOURCE):
    text = yaml.safe_dump({"source": source, "document": "A text.", "claims": list(claims)})
    return load_claims({"seeds/doc.yaml": text}, ANALYSES, WORDS)


def mistakes(*claims, **kinds):
    with pytest.raises(UserError) as caught:
        load(*claims, **kinds)
    return caught.value.messages


@pytest.fixture
def good(claim_dict):
    return claim_dict


@pytest.fixture
def claim_dict():
    return {
        "id": "doc.name",
        "statement": "It differs.",
        "source": "doc",
        "topic": "circuits",
        "analysis": "neural",
        "grouping": "disorder",
        "contrast": {"test": "stratum", "stratum": "bpd"},
        "direction": "positive",
        "sesoi": {"value": 0.2, "scale": "SMD", "reason": "Less does not matter."},
        "supports": "Above.",
        "contradicts": "Below.",
    }


def changed(claim, **changes):
    return copy.deepcopy(claim) | changes


def test_a_good_file_loads_with_its_citation(good):
    (found,) = load(good)
    assert found.claim.id == "doc.name"
    assert found.citation == "Author (2025). J. https://doi.org/10.1/x"


def test_the_shipped_claims_load():
    assert len(read_claims(read_settings(ROOT, "nssi"), ROOT)) == 34


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"analysis": "nueral"}, "analysis: there is no analysis 'nueral'. Did you mean 'neural'?"),
        ({"grouping": "disorders"}, "grouping: there is no grouping 'disorders'. Did you mean 'disorder'?"),
        ({"contrast": {"test": "stratum", "stratum": "bdp"}}, "disorder has no word 'bdp'. Did you mean 'bpd'?"),
        (
            {"contrast": {"test": "stratum", "stratum": "bpd", "where": {"circuit": ["pian"]}}},
            "contrast.where.circuit: circuit has no word 'pian'. Did you mean 'pain'?",
        ),
        ({"contrast": {"test": "stratum"}}, "the test 'stratum' needs stratum"),
        ({"contrast": {"test": "between", "stratum": "bpd"}}, "the test 'between' does not take stratum"),
        ({"contrast": {"test": "straum", "stratum": "bpd"}}, "'straum' does not fit"),
        (
            {"contrast": {"test": "between"}, "direction": "positive"},
            "the test 'between' has no direction 'positive'; allowed: two_sided",
        ),
        ({"contrast": {"test": "interaction"}, "direction": "two_sided"}, "an interaction needs a grouping of two"),
        (
            {"contrast": {"test": "variance_ratio", "stratum": "bpd"}},
            "a ratio of variances needs an analysis of the measure CVR or VR; neural has SMD",
        ),
        (
            {"sesoi": {"value": 0.2, "scale": "ZCOR", "reason": "r"}},
            "'ZCOR' is not the measure of the analysis neural, which is SMD",
        ),
        ({"sesoi": {"value": 0, "scale": "SMD", "reason": "r"}}, "sesoi.value: 0 does not fit"),
        ({"supports": "Above"}, "write a sentence that ends with a full stop"),
        ({"analysys": "neural"}, "analysys: there is no such key. Did you mean `analysis`?"),
        ({"source": "dok"}, "'dok' is not the document of this file, 'doc'"),
        ({"id": "other.name"}, "an id starts with the id of its document"),
    ],
)
def test_a_mistake_is_named_with_its_claim_and_what_is_allowed(good, changes, said):
    (message,) = mistakes(changed(good, **changes))
    assert message.startswith("seeds/doc.yaml: ")
    assert changes.get("id", "doc.name") in message
    assert said in message


def test_a_missing_key_is_named(good):
    (message,) = mistakes({key: value for key, value in good.items() if key != "sesoi"})
    assert "doc.name: sesoi: this key is missing. seeds/README.md says what it takes." in message


def test_all_mistakes_come_at_once(good):
    found = mistakes(changed(good, analysis="nueral"), changed(good, id="doc.other", grouping="circit"))
    assert len(found) == 2
    found = mistakes(changed(good, topic=""), changed(good, id="doc.other", statement=""))
    assert len(found) == 2


def test_an_id_stands_once(good):
    assert "this id stands also in seeds/doc.yaml" in mistakes(good, good)[0]


def test_what_has_yet_to_be_written_is_named_among_the_needs(good):
    later = changed(good, analysis="functions", needs=["an analysis `functions` of shares"])
    assert load(later)[0].claim.needs
    vague = changed(later, needs=["more data"])
    assert "If it has yet to be written, say so under `needs`" in mistakes(vague)[0]


def test_text_that_is_not_yaml_is_a_message_with_the_line():
    with pytest.raises(UserError, match="line 1"):
        load_claims({"x.yaml": "a: b: c"}, ANALYSES, WORDS)
    with pytest.raises(UserError, match="holds no claims"):
        load_claims({"x.yaml": "just words"}, ANALYSES, WORDS)
