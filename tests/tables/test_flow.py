import pandas as pd
import pytest
from metacircuit.tables.flow import COLUMNS, flow


@pytest.fixture
def rows():
    fates = ["analysed"] * 5 + ["excluded"] * 3 + ["problem"]
    reasons = [""] * 5 + ["a bound", "a bound", "twice"] + ["p-outside"]
    return pd.DataFrame({"effect_id": range(9), "study_id": list("aabbcdeff"), "fate": fates, "reason": reasons})


@pytest.fixture
def effects():
    one = pd.DataFrame({"study_id": list("aab"), "status": ["analysed", "analysed", "bound"]})
    return {"neural": one, "treatment": one.iloc[:0]}


TITLES = {"neural": "Neural", "treatment": "Treatment"}


def counts(table, box):
    own = table[table["box"] == box]
    return {(item, unit): n for item, unit, n in zip(own["item"], own["unit"], own["n"], strict=True)}


def test_without_a_record_of_the_search_the_flow_begins_with_the_sheets(rows, effects):
    table = flow(None, rows, TITLES, effects)
    assert list(table.columns) == list(COLUMNS)
    assert set(table["lane"]) == {"sheets"}
    assert counts(table, "extracted") == {("", "studies"): 6, ("", "results"): 9}
    assert counts(table, "not_analysed") == {
        ("", "results"): 4,
        ("a bound", "results"): 2,
        ("p-outside", "results"): 1,
        ("twice", "results"): 1,
    }
    assert counts(table, "analysed") == {
        ("", "studies"): 3, ("", "results"): 5, ("Neural", "studies"): 1, ("Neural", "results"): 2,
        ("Treatment", "studies"): 0, ("Treatment", "results"): 0,
    }  # fmt: skip


def test_what_is_analysed_and_what_is_not_add_up_to_what_was_extracted(rows, effects):
    table = flow(None, rows, TITLES, effects)
    whole = {box: counts(table, box)["", "results"] for box in ("extracted", "analysed", "not_analysed")}
    assert whole["extracted"] == whole["analysed"] + whole["not_analysed"]


def test_registers_stand_with_the_databases_under_their_names(rows, effects):
    lines = [("identified", "databases", "PubMed", "", "records", 9), ("identified", "registers", "", "", "records", 1)]
    lines += [
        ("excluded", "other", "", "wrong population", "reports", 4),
        ("previous", "databases", "", "", "studies", 7),
    ]
    screening = pd.DataFrame(lines, columns=["stage", "route", "source", "reason", "unit", "n"])
    table = flow(screening, rows, TITLES, effects)
    assert counts(table, "identified") == {("", "records"): 10, ("PubMed", "records"): 9, ("Registers", "records"): 1}
    assert counts(table[table["lane"] == "other"], "excluded") == {
        ("", "reports"): 4,
        ("wrong population", "reports"): 4,
    }
    assert counts(table, "previous") == {("", "studies"): 7}


def test_many_reasons_are_counted_together(effects):
    many = pd.DataFrame(
        {"effect_id": range(20), "study_id": "a", "fate": "excluded", "reason": [f"r{n}" for n in range(20)]}
    )
    found = counts(flow(None, many, TITLES, effects), "not_analysed")
    assert found["12 other reasons", "results"] == 12
    assert sum(n for (item, _), n in found.items() if item) == 20
