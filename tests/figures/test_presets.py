import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from metacircuit.config import FigureSlice
from metacircuit.config.figures import Figures
from metacircuit.figures.forest import forest
from metacircuit.figures.forest_dots import on
from metacircuit.figures.look import style_of, with_room
from metacircuit.figures.palettes import PALETTES
from metacircuit.figures.presets import PRESETS, WIDTHS, style_for
from metacircuit.figures.style import DEFAULT, SMALLEST_TEXT, Style, TooNarrowError

APART = 10.0
"""Least difference in lightness (CIE L*, 0 to 100) of marks that stand side by side; about 2 can be told apart."""

READABLE, VISIBLE = 4.5, 3.0
"""Least contrast of text, and of marks that carry a number, on their paper (WCAG 2.1, 1.4.3 and 1.4.11)."""

# Machado, Oliveira and Fernandes (2009), severity 1: linear RGB as a reader without red, or green, cones sees it.
PROTANOPIA = np.array(
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
)
DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)

LOOKS = sorted(PALETTES)


def linear(colour):
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def luminance(rgb):
    return float(np.clip(rgb, 0, 1) @ [0.2126, 0.7152, 0.0722])


def lightness(rgb):
    y = luminance(rgb)
    return 116 * np.cbrt(y) - 16 if y > 0.008856 else 903.3 * y


def contrast(one, other):
    light, dark = sorted((luminance(linear(one)), luminance(linear(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def look(palette, theme):
    return style_for(palette=palette, theme=theme)


def test_the_config_and_the_package_know_the_same_words():
    fields = Figures.model_fields
    assert set(fields["preset"].annotation.__args__) == set(PRESETS)
    assert set(fields["theme"].annotation.__args__) == {theme for _, theme in PALETTES}
    names = next(part for part in fields["palette"].annotation.__args__ if part is not type(None)).__args__
    assert set(names) == {name for name, _ in PALETTES}


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_have_the_widths_of_a_journal_and_text_that_can_be_read(preset):
    single, middle, double = (style_for(preset, width=width) for width in WIDTHS)
    assert 80 <= single.width_mm <= 92
    assert 115 <= middle.width_mm <= 145
    assert 170 <= double.width_mm <= 190
    for style in (single, middle, double):
        assert min(style.small, style.body, style.title) >= SMALLEST_TEXT
        assert style.row >= 1.4 * style.body
        assert 300 <= style.dpi <= 600


def test_the_standard_look_is_the_default_style():
    assert style_for() == DEFAULT == Style()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"preset": "elsvier"}, "unknown preset 'elsvier'; did you mean 'elsevier'"),
        ({"width": "triple"}, "unknown width 'triple'"),
        ({"palette": "gray"}, "did you mean 'grey'"),
        ({"theme": "night"}, "Allowed: light, dark"),
    ],
)
def test_unknown_words_are_named(words, message):
    with pytest.raises(ValueError, match=message):
        style_for(**words)


@pytest.mark.parametrize(("palette", "theme"), LOOKS)
def test_text_and_marks_stand_out_from_the_paper(palette, theme):
    style = look(palette, theme)
    for name in ("ink", "muted"):
        assert contrast(getattr(style, name), style.paper) >= READABLE, name
    for name in ("rule", "study", "group", "overall"):
        assert contrast(getattr(style, name), style.paper) >= VISIBLE, name
    for name in ("fine", "doubtful", "bad", "worst", "unknown"):
        assert contrast(getattr(style, name), on(getattr(style, name))) >= READABLE, name


@pytest.mark.parametrize("eyes", [np.eye(3), PROTANOPIA, DEUTERANOPIA], ids=["all", "no red", "no green"])
@pytest.mark.parametrize(("palette", "theme"), LOOKS)
def test_marks_differ_in_lightness_on_a_grey_printer_and_for_every_reader(palette, theme, eyes):
    style = look(palette, theme)
    for names in (("study", "group", "overall", "prediction", "paper"), ("low", "high")):
        seen = {name: lightness(eyes @ linear(getattr(style, name))) for name in names}
        for one, other in itertools.combinations(names, 2):
            assert abs(seen[one] - seen[other]) >= APART, (one, other, seen)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("width", ["single", "double"])
def test_every_look_draws_a_forest_plot_that_fits(preset, width, make_tables, boxes):
    tables = make_tables((("dep", 4), ("bpd", 4)), labels=["Ångström-Łukasiewicz, Çelik & Müller 2020"])
    style = style_for(preset, width=width, theme="dark")
    figure = forest(tables.rows, tables.estimates, tables.contrast, style=style)
    found = boxes(figure)
    page = 72 * figure.get_size_inches()
    assert page[0] == pytest.approx(style.width)
    assert not [name for name, (x0, y0, x1, y1) in found if x0 < 0 or y0 < 0 or x1 > page[0] or y1 > page[1]]
    assert min(artist.get_fontsize() for artist in figure.findobj(Text)) >= SMALLEST_TEXT
    written = "".join(name for name, _ in found)
    assert f" {style.brackets[0]}95% CI{style.brackets[2]}" in written
    assert style.source in written


def slice_at(width):
    look = Figures(preset="nature", width=width)
    words = {"analysis": "a", "measure": "SMD", "title": "T", "axis": {}, "level": 95, "figures": ()}
    return FigureSlice.model_validate(words | {"look": look})


def needs(millimetres):
    def draw(spec):
        if style_of(spec).width_mm < millimetres:
            raise TooNarrowError(f"{style_of(spec).width_mm:g} mm is too narrow")
        return style_of(spec).width_mm

    return draw


@pytest.mark.parametrize(
    ("asked", "least", "drawn"), [("single", 60, 89), ("single", 100, 136), (100.0, 150, 183), ("double", 183, 183)]
)
def test_a_figure_without_room_is_drawn_at_the_next_width_of_the_journal_and_says_so(asked, least, drawn):
    found, message = with_room(slice_at(asked), needs(least))
    assert found == drawn
    assert bool(message) == (style_of(slice_at(asked)).width_mm < least)
    assert not message or f"Drawn {drawn} mm wide instead" in message


def test_a_figure_without_room_in_two_columns_is_refused():
    with pytest.raises(TooNarrowError, match="89 mm is too narrow"):
        with_room(slice_at("single"), needs(400))
