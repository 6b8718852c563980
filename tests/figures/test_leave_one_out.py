import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex
from matplotlib.text import Text
from metacircuit.figures.leave_one_out import leave_one_out, leave_one_out_pages, turning, turning_sentence
from metacircuit.figures.style import DEFAULT, Style

ALL = {"estimate": 0.3, "ci_lb": 0.1, "ci_ub": 0.5, "tau2": 0.04, "I2": 55.5}


@pytest.fixture
def estimates():
    return pd.DataFrame(
        {
            "label": ["A", "B", "C"],
            "estimate": [0.31, 0.2, np.nan],
            "ci_lb": [0.1, -0.05, np.nan],
            "ci_ub": [0.52, 0.45, np.nan],
            "tau2": [0.05, 0.0, np.nan],
            "I2": [60.0, 0.0, np.nan],
            "status": ["ok", "ok", "not_converged"],
            "reason": ["", "", "no convergence in 100 steps"],
        }
    )


def shapes(figure, colour):
    found = [c for c in figure.axes[0].collections if isinstance(c, PolyCollection)]
    return sum(len(c.get_paths()) for c in found if to_hex(c.get_facecolor()[0]) == colour)


def texts(figure):
    return [artist.get_text() for artist in figure.findobj(Text)]


def test_a_square_a_study_and_a_diamond_for_all(estimates):
    figure = leave_one_out(estimates, measure="SMD", overall=ALL)
    assert shapes(figure, DEFAULT.study) == 2
    assert shapes(figure, DEFAULT.overall) == 1
    assert {"All studies", "τ²", "I², %", "0.05", "60.0", "55.5", "No convergence in 100 steps"} <= set(texts(figure))


def test_columns_that_the_model_does_not_have_are_left_out(estimates):
    written = texts(leave_one_out(estimates.drop(columns=["tau2", "I2"]), measure="SMD"))
    assert not {"τ²", "I², %", "All studies"} & set(written)


def test_the_study_that_turns_the_result_is_named(estimates):
    assert turning(estimates, ALL, 0.0) == ["B"]
    sentence = "Without B the interval includes “no effect”."
    assert sentence in texts(leave_one_out(estimates, measure="SMD", overall=ALL))
    unsure = ALL | {"ci_lb": -0.1}
    assert turning_sentence(estimates, unsure, 0.0) == "Without A the interval no longer includes “no effect”."
    assert turning_sentence(estimates, ALL, None) == turning_sentence(estimates, None, 0.0) == ""


def test_all_studies_are_on_the_last_page_together_with_one_study_at_least():
    table = pd.DataFrame({"label": [f"S{n}" for n in range(40)], "estimate": 0.3, "ci_lb": 0.1, "ci_ub": 0.5})
    pages = leave_one_out_pages(table, measure="SMD", overall=ALL, style=Style(page_height_mm=80))
    written = [texts(page) for page in pages]
    assert ["All studies" in page for page in written] == [False] * (len(pages) - 1) + [True]
    assert "S39" in written[-1]
    assert sorted(t for page in written for t in page if t.startswith("S") and t[1:].isdigit()) == sorted(
        table["label"]
    )
