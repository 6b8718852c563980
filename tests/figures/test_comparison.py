import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex
from matplotlib.text import Text
from metacircuit.figures.comparison import comparison
from metacircuit.figures.style import DEFAULT, Style


@pytest.fixture
def estimates():
    return pd.DataFrame(
        {
            "method": ["uncorrected", "trimfill", "puniform", "hc"],
            "label": ["Uncorrected", "Trim and fill", "p-uniform*", "Henmi–Copas"],
            "estimate": [0.4, 0.3, np.nan, 0.2],
            "ci_lb": [0.2, 0.1, np.nan, -0.1],
            "ci_ub": [0.6, 0.5, np.nan, 0.5],
            "status": ["ok", "ok", "not_estimable", "not_converged"],
            "reason": ["", "", "no effect is significant.", ""],
        }
    )


def shapes(figure, colour):
    found = [c for c in figure.axes[0].collections if isinstance(c, PolyCollection)]
    return sum(len(c.get_paths()) for c in found if to_hex(c.get_facecolor()[0]) == colour)


def colours(figure):
    return {artist.get_text(): artist.get_color() for artist in figure.findobj(Text)}


def test_a_diamond_a_square_and_a_grey_square_for_what_is_not_to_be_relied_on(estimates):
    figure = comparison(estimates, measure="SMD")
    assert shapes(figure, DEFAULT.overall) == 1
    assert shapes(figure, DEFAULT.study) == 1
    assert shapes(figure, DEFAULT.unpooled) == 1


def test_rows_that_failed_are_grey_and_say_why(estimates):
    written = colours(comparison(estimates, measure="SMD"))
    assert written["Trim and fill"] == DEFAULT.ink
    assert written["p-uniform*"] == written["Henmi–Copas"] == DEFAULT.muted
    assert {"No effect is significant", "Not converged"} <= set(written)
    assert "–" in written


def test_estimates_are_written_on_the_natural_scale(estimates):
    table = estimates.assign(estimate=np.log([2.0, 1.5, np.nan, 1.1]))
    assert {"2.00", "1.50"} <= set(colours(comparison(table, measure="OR")))


def test_without_an_uncorrected_estimate_there_is_no_reference(estimates):
    figure = comparison(estimates.iloc[1:], measure="SMD")
    assert shapes(figure, DEFAULT.overall) == 0


def test_a_page_that_is_too_narrow_is_refused(estimates):
    with pytest.raises(ValueError, match="50 mm is too narrow for a list of estimates: take a wider style"):
        comparison(estimates, measure="SMD", style=Style(width_mm=50))
