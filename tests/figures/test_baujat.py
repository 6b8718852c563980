import numpy as np
import pandas as pd
from matplotlib.text import Text
from metacircuit.figures.baujat import baujat, standing_out


def texts(figure):
    return {artist.get_text() for artist in figure.findobj(Text)}


def test_each_study_is_a_point_and_the_axes_begin_at_zero():
    table = pd.DataFrame({"study_label": ["A", "B", "C"], "x": [1.0, 4.0, 2.0], "y": [0.1, 0.2, 0.4]})
    axes = baujat(table, measure="SMD").axes[0]
    assert axes.collections[0].get_offsets().tolist() == table[["x", "y"]].to_numpy().tolist()
    assert axes.get_xlim()[0] == axes.get_ylim()[0] == 0
    assert axes.get_xlim()[1] > 4
    assert axes.get_ylim()[1] > 0.4


def test_studies_that_stand_out_have_names_and_the_heap_has_none():
    x = np.r_[0.001 * np.arange(40), 5.0, 4.0]
    table = pd.DataFrame({"study_label": [f"S{n}" for n in range(42)], "x": x, "y": x / 7})
    written = texts(baujat(table, measure="SMD"))
    assert {"S40", "S41"} <= written
    assert not {f"S{n}" for n in range(40)} & written


def test_both_directions_count_alike_whatever_their_units():
    assert standing_out(np.array([[1.0, 0.0], [0.0, 1e-6], [0.6, 9e-7]])) == [2, 0, 1]


def test_a_study_without_values_is_counted_below_the_figure():
    table = pd.DataFrame({"study_label": ["A", "B"], "x": [1.0, np.nan], "y": [0.1, 0.2]})
    note = next(text for text in texts(baujat(table, measure="OR")) if text.startswith("Each point"))
    assert "1 in all" in note
    assert note.endswith("Not shown: 1 study without these values.")


def test_no_influence_at_all_can_be_drawn():
    table = pd.DataFrame({"study_label": ["A", "B"], "x": [0.0, 0.0], "y": [0.0, 0.0]})
    assert baujat(table, measure="SMD").axes[0].get_xlim() == (0.0, 1.0)
