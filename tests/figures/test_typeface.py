import subprocess
import sys

import pytest
from matplotlib.font_manager import findfont, fontManager
from metacircuit.figures.typeface import ELLIPSIS, properties, register, shorten, width, wrap


def by_letter(text):
    """A typewriter: each letter is one point wide."""
    return float(len(text))


def test_figures_use_the_fonts_of_the_package():
    assert "metacircuit" in findfont(properties(8))
    assert findfont(properties(8, bold=True)).endswith("LiberationSans-Bold.ttf")
    assert findfont(properties(8, italic=True)).endswith("LiberationSans-Italic.ttf")
    assert findfont(properties(8, bold=True, italic=True)).endswith("LiberationSans-BoldItalic.ttf")


def test_registering_twice_adds_nothing():
    register()
    before = len(fontManager.ttflist)
    register()
    assert len(fontManager.ttflist) == before


def test_importing_registers_nothing():
    code = "import metacircuit.figures.typeface as t; from matplotlib.font_manager import fontManager as f; "
    code += "print(any('metacircuit' in e.fname for e in f.ttflist))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_widths_grow_with_text_and_size_and_bold_is_wider():
    assert width("mean", 8) < width("means", 8)
    assert width("mean", 16) == pytest.approx(2 * width("mean", 8))
    assert width("mean", 8, bold=True) > width("mean", 8)
    assert width("张", 10) == pytest.approx(10, rel=0.05)  # an ideograph is as wide as it is high
    assert len({round(width(digit, 8), 6) for digit in "0123456789"}) == 1


def test_wrap_keeps_every_word_and_the_limit():
    text = "Association for the Study of Non-Suicidal Self-Injury"
    lines = wrap(text, 20, by_letter)
    assert all(len(line) <= 20 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_wrap_breaks_between_ideographs_and_inside_words_too_long():
    assert wrap("非自杀性自伤", 4, by_letter) == ("非自杀性", "自伤")
    assert wrap("abcdefghij kl", 4, by_letter) == ("abcd", "efgh", "ij", "kl")


def test_wrap_with_a_limit_ends_in_an_ellipsis():
    lines = wrap("one two three four five", 9, by_letter, lines=2)
    assert lines == ("one two", "three fo…")
    assert wrap("one two", 9, by_letter, lines=1) == ("one two",)


def test_fixed_spaces_hold_a_phrase_together():
    assert wrap("p\u00a0=\u00a0.03, k\u00a0=\u00a04", 9, by_letter) == ("p\u00a0=\u00a0.03,", "k\u00a0=\u00a04")


@pytest.mark.parametrize("room", [1, 4, 13, 14])
def test_shorten_fits(room):
    short = shorten("Gardner et al.", room, by_letter)
    assert len(short) <= max(room, 1)
    assert short == "Gardner et al." or short.endswith(ELLIPSIS)
