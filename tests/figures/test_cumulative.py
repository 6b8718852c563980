import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.text import Text
from metacircuit.figures.cumulative import cumulative
from metacircuit.figures.style import Style


@pytest.fixture
def estimates():
    return pd.DataFrame(
        {
            "label": ["Plener 2012", "+ Osuch 2014", "+ Davis 2015"],
            "k": [1, 2, 3],
            "estimate": np.log([3.0, 2.0, 1.5]),
            "ci_lb": np.log([1.0, 1.1, 1.2]),
            "ci_ub": np.log([9.0, 3.6, 1.9]),
        }
    )


def texts(figure):
    return [artist.get_text() for artist in figure.findobj(Text)]


def test_lines_keep_their_order_and_show_the_natural_scale(estimates):
    written = texts(cumulative(estimates, measure="OR"))
    assert [text for text in written if text in set(estimates["label"])] == list(estimates["label"])
    assert {"Study added", "Studies", "1", "2", "3", "3.00", "2.00", "1.50"} <= set(written)


def test_the_dashed_line_is_the_last_estimate(estimates):
    axes = cumulative(estimates, measure="OR").axes[0]
    upright = [
        float(segment[0, 0])
        for c in axes.collections
        if isinstance(c, LineCollection)
        for segment in c.get_segments()
        if segment[0, 0] == segment[1, 0]
    ]
    assert upright == pytest.approx([0.0, np.log(1.5)])


def test_a_page_that_is_too_narrow_is_refused(estimates):
    with pytest.raises(ValueError, match="50 mm is too narrow for a list of estimates: take a wider style"):
        cumulative(estimates, measure="OR", style=Style(width_mm=50))


def test_on_a_narrow_page_the_column_beside_the_estimates_gives_way(estimates):
    narrow = texts(cumulative(estimates, measure="OR", style=Style(width_mm=70)))
    assert "Studies" in texts(cumulative(estimates, measure="OR"))
    assert "Studies" not in narrow
    assert "OR [95% CI]" in narrow


def test_a_last_step_that_failed_leaves_the_line_at_the_step_before(estimates):
    estimates.loc[2, ["estimate", "ci_lb", "ci_ub"]] = np.nan
    table = estimates.assign(status=["ok", "ok", "not_converged"], reason=["", "", "too many steps"])
    written = texts(cumulative(table, measure="OR"))
    assert "Too many steps" in written
