"""Each record tells enough to compute its number again."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from metacircuit.cli.checking import check_review
from metacircuit.config import CheckSlice, HarmoniseSlice, parse_settings
from metacircuit.effects.harmonise import harmonise
from metacircuit.effects.prepare import prepare
from metacircuit.effects.provenance import digest, read_inputs, records
from metacircuit.sheets.vocabulary import read_vocabulary

ROOT = Path(__file__).parents[2]
# The record keeps inputs and results with the digits that the tables have; nothing else may differ.
EXACT = 1e-12


@pytest.fixture(scope="module")
def stories():
    settings = parse_settings((ROOT / "config/nssi.yaml").read_text("utf-8"), source="config/nssi.yaml")
    words = {name: read_vocabulary(ROOT / path) for name, path in settings.vocabulary.items()}
    checked = check_review(ROOT / settings.data, CheckSlice.of(settings), words)
    cells = {row["effect_id"]: row for row in checked.printed.to_dict("records")}
    return [
        record
        for name in settings.analyses
        for record in records(
            prepare(checked.studies, checked.effects, HarmoniseSlice.of(settings, name)), cells, analysis=name
        )
    ]


def row_of(record: dict) -> pd.DataFrame:
    """A sheet of one row that holds what the record says was read, and nothing else."""
    read = {name: value for step in record["steps"] for name, value in step["inputs"].items()}
    cells = record["source"]["cells"]
    words = {"p_op": cells.get("p_op", "="), "contrast": cells.get("contrast", "")}
    usable = "bound" if record["result"]["status"] == "bound" else "exact"
    return pd.DataFrame([{"effect_id": record["effect_id"], "usable": usable} | words | read])


def test_every_number_is_computed_again_from_its_record(stories):
    assert len(stories) > 300
    for record in stories:
        route = record["steps"][0]["id"]
        if record["result"]["status"] != "analysed":
            continue
        again = harmonise(row_of(record), record["measure"], order=[route], definition=record["definition"]).iloc[0]
        told = record["result"]
        np.testing.assert_allclose(
            [again["yi"], again["vi"]], [told["yi"], told["vi"]], rtol=EXACT, err_msg=record["effect_id"]
        )


def test_a_record_names_its_cells_formula_and_source(stories):
    for record in stories:
        assert record["source"]["file"] == "effects.csv"
        assert record["source"]["row"] >= 2
        assert record["source"]["cells"]
        assert all(step["formula"] and step["source"] and step["version"] for step in record["steps"])


def test_the_hash_covers_the_whole_story(stories):
    first = stories[0]
    assert digest(first) == first["hash"]
    changed = json.loads(json.dumps(first))
    changed["steps"][0]["version"] = "0"
    assert digest(changed) != first["hash"]
    assert len({record["hash"] for record in stories}) == len(stories)


def test_inputs_are_read_back_as_they_were_written():
    assert read_inputs("or=1.46; or_lo=1.06; or_hi=2.01; p<=0.05; direction=-1") == {
        "or": ("=", 1.46),
        "or_lo": ("=", 1.06),
        "or_hi": ("=", 2.01),
        "p": ("<=", 0.05),
        "direction": ("=", -1.0),
    }
