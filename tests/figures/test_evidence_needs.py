"""What cells need, on the map and in its alternative text."""

import numpy as np
import pandas as pd
import pytest
from metacircuit.figures.alt import evidence_map_alt
from metacircuit.figures.evidence_map import evidence_map
from metacircuit.figures.evidence_needs import needs_of

CELLS = pd.DataFrame(
    {
        "grouping": "disorder:circuit",
        "stratum": ["ptsd:pain", "ptsd:reward"],
        "label": ["PTSD × Pain", "PTSD × Reward"],
        "status": ["ok", "too_few"],
        "studies": [4, 1],
        "estimate": [0.4, np.nan],
        "ci_lb": [0.1, np.nan],
        "ci_ub": [0.7, np.nan],
    }
)
NEEDS = pd.DataFrame(
    {
        "stratum": ["ptsd:pain", "ptsd:reward", "adhd:pain", "adhd:reward"],
        "status": ["enough", "ok", "ok", "not_reached"],
        "further": [0, 12, 1500, np.nan],
        "target": 80.0,
        "sesoi": 0.2,
    }
)
ROWS = pd.DataFrame({"id": ["ptsd", "adhd"], "label": ["PTSD", "ADHD"]})
COLUMNS = pd.DataFrame({"id": ["pain", "reward"], "label": ["Pain", "Reward"]})


def texts(**more):
    figure = evidence_map(CELLS, rows=ROWS, columns=COLUMNS, measure="SMD", **more)
    return figure, [t.get_text() for t in figure.findobj(match=lambda a: hasattr(a, "get_text")) if t.get_text()]


def test_every_cell_that_needs_studies_says_how_many():
    plain, without = texts()
    figure, words = texts(needs=NEEDS)
    assert {"+12", "+1,500", "+∞"} <= set(words)
    assert not any(word.startswith("+") for word in without)
    assert any("further studies for 80% power to find an effect of 0.2." in word for word in words)
    assert any("+∞: more than were tried." in word for word in words)
    assert figure.get_figheight() > plain.get_figheight()


def test_the_smallest_effect_is_read_on_its_natural_scale():
    found = needs_of(NEEDS.assign(sesoi=np.log(1.25)), "OR")
    assert "an effect of 1.25." in found.sentence


def test_a_measure_without_a_smallest_effect_has_no_marks():
    assert not needs_of(NEEDS.assign(sesoi=np.nan), "MD").marks
    assert not needs_of(None, "SMD").marks
    with pytest.raises(ValueError, match="further"):
        needs_of(NEEDS.drop(columns="further"), "SMD")


def test_the_alternative_text_says_the_range():
    alt = evidence_map_alt(CELLS, rows=ROWS, columns=COLUMNS, needs=NEEDS, measure="SMD")
    assert alt.endswith("12 to 1500 further studies a cell would give 80% power to find an effect of 0.2.")
