import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.path import Path
from matplotlib.text import Text
from metacircuit.figures.specification import MOST_DRAWN, specification
from metacircuit.figures.specification_table import curve_of


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "rho": [0.2, 0.2, 0.8, 0.8],
            "peaks": [True, False, True, False],
            "method": ["REML"] * 4,
            "estimate": [0.4, 0.1, 0.3, 0.2],
            "ci_lb": [0.2, -0.2, 0.1, -0.1],
            "ci_ub": [0.6, 0.4, 0.5, 0.5],
            "pval": [0.001, 0.5, 0.01, 0.05],
            "tau2": 0.1,
            "k": 12,
            "status": "ok",
        }
    )


def texts(figure):
    return [artist.get_text() for artist in figure.findobj(Text)]


def test_the_curve_is_sorted_and_knows_its_choices(table):
    curve = curve_of(table)
    assert curve.estimate.tolist() == [0.1, 0.2, 0.3, 0.4]
    assert [choice.name for choice in curve.choices] == ["Rho", "Peaks"]
    rho, peaks = curve.choices
    assert [rho.words[n] for n in rho.chosen] == ["0.2", "0.8", "0.8", "0.2"]
    assert [peaks.words[n] for n in peaks.chosen] == ["no", "no", "yes", "yes"]
    assert peaks.medians == pytest.approx((0.35, 0.15))
    assert curve.same == (("Method", "REML"),)


def test_the_order_of_the_rows_does_not_matter(table):
    tied = table.assign(estimate=0.3)
    curves = [curve_of(rows) for rows in (tied, tied.iloc[[2, 0, 3, 1]])]
    words = [[choice.words[n] for choice in curve.choices for n in choice.chosen] for curve in curves]
    assert words[0] == words[1]


def test_the_median_and_the_share_of_significant_ones_are_written(table):
    # p = .05 is not significant at 95 %.
    assert "4 specifications: median SMD 0.25, from 0.10 to 0.40; 50% with p < .05" in texts(
        specification(table, measure="SMD")
    )


def test_every_specification_has_a_point_an_interval_and_a_stroke_for_each_choice(table):
    upper, lower = specification(table, measure="SMD").axes
    offsets = [c.get_offsets() for c in upper.collections if isinstance(c, PathCollection)]
    assert sorted(np.concatenate(offsets)[:, 1].tolist()) == [0.1, 0.2, 0.3, 0.4]
    strokes = sum(int((p.get_path().codes == Path.MOVETO).sum()) for p in lower.patches if not p.get_fill())
    assert strokes == 4 * 2


def test_of_very_many_specifications_some_are_drawn_and_all_counted():
    count = 5000
    estimate = np.linspace(0, 1, count)
    table = pd.DataFrame({"a": np.arange(count) % 3, "estimate": estimate, "ci_lb": estimate - 0.1})
    table = table.assign(ci_ub=estimate + 0.1, pval=0.01, main=np.arange(count) == 1234)
    figure = specification(table, measure="SMD")
    points = np.concatenate([c.get_offsets() for c in figure.axes[0].collections if isinstance(c, PathCollection)])
    drawn = points[:, 1]
    assert MOST_DRAWN <= len(drawn) <= MOST_DRAWN + 1
    assert {0.0, 1.0, estimate[1234]} <= set(drawn)
    written = texts(figure)
    assert any(text.startswith("5,000 specifications") for text in written)
    assert any(text.startswith(f"Drawn: {len(drawn)} of them") for text in written)
    assert "main analysis" in written


def test_choices_can_be_named_and_failures_are_counted(table):
    table.loc[0, "estimate"] = np.nan
    figure = specification(table, measure="SMD", choices=["peaks"])
    written = texts(figure)
    assert "Peaks" in written
    assert "Rho" not in written
    assert any("Not shown: 1 specification without an estimate." in text for text in written)
    with pytest.raises(ValueError, match="lacks 'cluster'"):
        specification(table, measure="SMD", choices=["cluster"])
