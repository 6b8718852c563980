import math

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from matplotlib.colors import to_hex
from matplotlib.text import Text
from metacircuit.figures.funnel import funnel
from metacircuit.figures.style import DEFAULT

Z_95 = 1.959963984540054
Z_99 = 2.5758293035489004


@pytest.fixture
def effects():
    return pd.DataFrame(
        {
            "study_label": ["Near", "Far", "Mirror"],
            "yi": [0.5, 2.0, -1.0],
            "vi": [0.04, 0.09, 0.09],
            "filled": [False, False, True],
            "disorder": ["dep", "bpd", "bpd"],
        }
    )


def points(axes):
    return {
        to_hex(c.get_facecolor()[0]): c.get_offsets().tolist()
        for c in axes.collections
        if isinstance(c, PathCollection) and len(c.get_offsets())
    }


def texts(figure):
    return [artist.get_text() for artist in figure.findobj(Text)]


def test_observed_effects_are_filled_and_filled_in_ones_open(effects):
    found = points(funnel(effects, measure="SMD", estimate=0.5).axes[0])
    assert np.allclose(found[DEFAULT.study], [[0.5, 0.2], [2.0, 0.3]])
    assert np.allclose(found[DEFAULT.paper], [[-1.0, 0.3]])


def test_zero_standard_error_is_at_the_top(effects):
    bottom, top = funnel(effects, measure="SMD").axes[0].get_ylim()
    assert top == 0
    assert bottom > 0.3


def test_the_region_is_the_estimate_and_its_quantiles_with_the_heterogeneity_added(effects):
    for tau2 in (0.0, 0.25):
        axes = funnel(effects, measure="SMD", estimate=0.5, tau2=tau2).axes[0]
        sides = next(c for c in axes.collections if isinstance(c, LineCollection) and len(c.get_segments()) == 2)
        left, right = sides.get_segments()
        expected = Z_95 * np.sqrt(left[:, 1] ** 2 + tau2)
        assert np.allclose(0.5 - left[:, 0], expected)
        assert np.allclose(right[:, 0] - 0.5, expected)


def test_contours_are_centred_on_no_effect_and_reach_to_their_quantiles(effects):
    axes = funnel(effects, measure="OR", estimate=0.5).axes[0]
    bands = [c.get_paths()[0].vertices for c in axes.collections if isinstance(c, PolyCollection)]
    assert len(bands) == 3
    slopes = sorted(float(np.max(band[:, 0]) / np.max(band[:, 1])) for band in bands)
    assert slopes[1:] == pytest.approx([Z_95, Z_99])
    assert all(band[band[:, 1] == 0][0, 0] == 0 for band in bands)


def test_a_proportion_has_no_contours_because_it_has_no_null(effects):
    figure = funnel(effects, measure="PLO", estimate=0.5)
    assert not [c for c in figure.axes[0].collections if isinstance(c, PolyCollection)]
    assert not [text for text in texts(figure) if "≤" in text]


def test_effects_outside_the_region_have_their_names(effects):
    written = texts(funnel(effects, measure="SMD", estimate=0.5))
    assert "Far" in written
    assert not {"Near", "Mirror"} & set(written)


def test_panels_share_their_axes_and_have_their_own_estimates(effects):
    figure = funnel(effects, measure="SMD", panel="disorder", estimate={"dep": 0.4, "bpd": 1.0})
    assert [axes.get_xlim() for axes in figure.axes] == [figure.axes[0].get_xlim()] * 2
    assert [axes.get_ylim() for axes in figure.axes] == [figure.axes[0].get_ylim()] * 2
    assert {"dep", "bpd", " (1)"} <= set(texts(figure))
    apex = [
        next(c for c in axes.collections if isinstance(c, LineCollection)).get_segments()[0][0, 0]
        for axes in figure.axes
    ]
    assert apex == pytest.approx([0.4, 1.0])


def test_a_panel_without_an_estimate_has_no_region(effects):
    figure = funnel(effects, measure="SMD", panel="disorder", estimate={"bpd": 1.0})
    assert not [c for c in figure.axes[0].collections if isinstance(c, LineCollection)]


def test_everything_is_on_the_axes(effects):
    axes = funnel(effects, measure="SMD", estimate=0.5).axes[0]
    low, high = axes.get_xlim()
    assert low < -1.0
    assert high > 2.0
    assert low < 0.5 - Z_95 * 0.3


def test_rows_without_a_variance_are_counted(effects):
    effects.loc[0, "vi"] = math.nan
    effects.loc[1, "vi"] = -1.0
    assert "Not shown: 2 rows without an effect or its variance." in texts(funnel(effects, measure="SMD"))
