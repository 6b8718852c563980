"""data/nssi/README.md describes every column of the sheets, and its counts are true."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "data" / "nssi"
SHEETS = ("effects", "studies", "published")
DOMAINS = ("neural", "psychosocial", "function", "treatment")


def read(name):
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def codebook():
    return (DATA / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def effects():
    return read("effects")


@pytest.fixture(scope="module")
def included(effects):
    return [row for row in effects if row["include"] == "yes"]


def table_below(text, heading):
    """The body cells of the first Markdown table below a heading."""
    _, found, rest = text.partition(f"\n{heading}\n")
    assert found, f"the codebook has no heading {heading!r}"
    lines = rest.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("|"))
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows[2:]


def counts_below(text, heading):
    return {row[0]: [int(cell) for cell in row[1:]] for row in table_below(text, heading)}


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_column_is_described_in_order(codebook, sheet):
    described = [row[0].strip("`") for row in table_below(codebook, f"## Columns of {sheet}.csv")]
    assert described == list(read(sheet)[0])


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_description_is_complete(codebook, sheet):
    for row in table_below(codebook, f"## Columns of {sheet}.csv"):
        assert len(row) == 4, row[0]
        assert row[1], row[0]
        assert row[2], row[0]


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_example_occurs(codebook, sheet):
    rows = read(sheet)
    for column, _, _, example in table_below(codebook, f"## Columns of {sheet}.csv"):
        if example:
            name = column.strip("`")
            assert example.strip("`") in {row[name] for row in rows}, f"{name}: {example}"


def test_file_counts(codebook):
    assert counts_below(codebook, "### Files") == {f"{sheet}.csv": [len(read(sheet))] for sheet in SHEETS}


def test_domain_counts(codebook, effects):
    def counts(rows):
        kept = [row for row in rows if row["include"] == "yes"]
        usable = Counter(row["usable"] for row in kept)
        return [len(rows), len(kept), len(rows) - len(kept), usable["exact"], usable["bound"]]

    expected = {domain: counts([row for row in effects if row["domain"] == domain]) for domain in DOMAINS}
    expected["all"] = counts(effects)
    assert counts_below(codebook, "### Rows of effects.csv by domain") == expected


def test_exclusion_counts(codebook, effects):
    reasons = Counter(row["exclude_reason"] for row in effects if row["include"] == "no")
    assert counts_below(codebook, "### Reasons for exclusion") == {reason: [n] for reason, n in reasons.items()}


def test_disorder_counts(codebook, included):
    rows = Counter(row["disorder"] for row in included)
    studies = Counter(disorder for disorder, _ in {(row["disorder"], row["study_id"]) for row in included})
    assert counts_below(codebook, "### Included rows by disorder") == {
        word: [rows[word], studies[word]] for word in rows
    }


def test_missing_counts(codebook):
    studies = read("studies")
    assert counts_below(codebook, "### Missing in studies.csv") == {
        "first author": [sum(not row["first_author"] or "not shown" in row["first_author"] for row in studies)],
        "year": [sum(not row["year"] for row in studies)],
        "title": [sum(not row["title"] for row in studies)],
        "doi": [sum(not row["doi"] for row in studies)],
    }


def test_rows_named_as_traps_exist(codebook, effects):
    known = {row["effect_id"] for row in effects} | {row["study_id"] for row in effects}
    named = set()
    for _, rows in table_below(codebook, "## Known traps"):
        named |= {word for word in re.findall(r"[A-Za-z]\w*(?:\.\d+)?", rows) if re.search(r"\d{4}", word)}
    assert named
    assert named <= known


def test_every_effect_has_its_study_and_exclusions_their_reason(effects):
    assert {row["study_id"] for row in effects} == {row["study_id"] for row in read("studies")}
    assert all(bool(row["exclude_reason"]) == (row["include"] == "no") for row in effects)


def test_the_limits_come_first(codebook):
    opening = codebook.partition("## Where the numbers come from")[0]
    for words in (
        "worked example",
        "not a systematic review",
        "abstract",
        "selected by significance",
        "No conclusion for practice",
    ):
        assert words in opening
