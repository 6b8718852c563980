import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from matplotlib.patches import StepPatch
from matplotlib.text import Text
from metacircuit.figures.gosh import gosh
from metacircuit.figures.gosh_marks import MOST_POINTS
from metacircuit.figures.style import DEFAULT

ROUNDING = 1e-9


@pytest.fixture
def subsets():
    return pd.DataFrame(
        {
            "k": [1, 1, 2],
            "estimate": [0.1, 0.5, 0.3],
            "I2": [0.0, 0.0, 61.0],
            "without": [True, False, False],
        }
    )


def many(count):
    random = np.random.default_rng(4)
    without = np.arange(count) % 2 == 0
    estimate = np.where(without, -0.5, 0.5) + 0.1 * random.normal(size=count)
    return pd.DataFrame({"k": 5, "estimate": estimate, "I2": random.uniform(20, 80, count), "without": without})


def texts(figure):
    return [artist.get_text() for artist in figure.findobj(Text)]


def test_few_subsets_are_points_in_the_colour_of_their_class(subsets):
    axes = gosh(subsets, measure="SMD", study="Osuch 2014").axes[0]
    (points,) = [c for c in axes.collections if isinstance(c, PathCollection)]
    assert points.get_offsets().tolist() == subsets[["estimate", "I2"]].to_numpy().tolist()
    colours = [tuple(colour[:3]) for colour in points.get_facecolor()]
    assert colours == [to_rgb(DEFAULT.high), to_rgb(DEFAULT.low), to_rgb(DEFAULT.low)]


def test_many_subsets_are_an_image_whose_colours_say_the_class():
    axes = gosh(many(MOST_POINTS + 1), measure="SMD").axes[0]
    (image,) = axes.images
    pixels = np.asarray(image.get_array())
    middle = pixels.shape[1] // 2
    for half, colour in ((pixels[:, : middle - 10], DEFAULT.high), (pixels[:, middle + 10 :], DEFAULT.low)):
        seen = half[half[..., 3] > 0]
        assert len(seen)
        assert np.abs(seen[:, :3] - to_rgb(colour)).max() < ROUNDING
    assert not [c for c in axes.collections if isinstance(c, PathCollection)]


def test_the_bars_count_the_subsets():
    table = many(400)
    above = gosh(table, measure="SMD").axes[1]
    filled = [patch for patch in above.patches if isinstance(patch, StepPatch) and patch.get_fill()]
    heights = [patch.get_data()[0] for patch in filled]
    assert len(heights) == 2
    # The highest bar of either class is 1, and both classes have 200 subsets.
    assert max(h.max() for h in heights) == 1
    assert heights[0].sum() == pytest.approx(heights[1].sum())


def test_the_names_and_numbers_are_written(subsets):
    written = texts(gosh(subsets, measure="SMD", study="Osuch 2014"))
    assert {"subsets with Osuch 2014", "subsets without Osuch 2014", "All 3 subsets of 2 studies."} <= set(written)


def test_without_a_study_there_is_one_class_and_no_legend(subsets):
    figure = gosh(subsets.drop(columns="without"), measure="SMD")
    assert not [text for text in texts(figure) if text.startswith("subsets with")]
    (points,) = figure.axes[0].collections
    assert tuple(points.get_facecolor()[0][:3]) == to_rgb(DEFAULT.study)


def test_one_wild_subset_does_not_stretch_the_axis_and_is_counted():
    table = many(3000)
    table.loc[0, "estimate"] = 500.0
    table.loc[1, "estimate"] = np.nan
    figure = gosh(table, measure="SMD")
    assert figure.axes[0].get_xlim()[1] < 3
    note = next(text for text in texts(figure) if "subsets of" in text)
    assert note.endswith("Beyond the axis: 1 subset. Not shown: 1 subset without a result.")
