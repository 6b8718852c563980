import base64
import re
import struct
from io import BytesIO

import pytest
from fontTools.ttLib import TTFont
from matplotlib.figure import Figure
from metacircuit.figures.forest import forest, forest_pages
from metacircuit.figures.render import render
from metacircuit.figures.typeface import width

KERNING = 0.5
"""Points at 10 pt: pairs of letters stand a little closer than the sum of their widths."""

NAMES = ("Sun 孙 2021", "Παπαδόπουλος 2018", "Şahin 2014")


@pytest.fixture(scope="module")
def tables(make_tables):
    return make_tables((("dep", 6), ("bpd", 4)), labels=NAMES)


def test_pdf_embeds_truetype_and_carries_no_date(tables):
    document = render(forest(tables.rows, tables.estimates), "pdf", title="A title")
    assert b"/CIDFontType2" in document
    assert b"/FontFile2" in document
    assert b"LiberationSans" in document
    assert b"DroidSansFallback" in document
    assert b"DejaVu" not in document
    assert b"CreationDate" not in document
    assert b"A title" in document


def test_pdf_has_a_page_for_each_figure(make_tables):
    tables = make_tables((("dep", 60), ("bpd", 60)))
    pages = forest_pages(tables.rows, tables.estimates)
    assert f"/Count {len(pages)}".encode() in render(pages, "pdf")


def test_svg_keeps_text_as_text_and_names_fonts_that_others_have(tables):
    drawing = render(forest(tables.rows, tables.estimates), "svg").decode()
    assert ">Sun 孙 2021<" in drawing
    assert ">Παπαδόπουλος 2018<" in drawing
    assert "'Liberation Sans', 'Arial', 'Helvetica', 'Droid Sans Fallback', sans-serif" in drawing
    assert "DejaVu" not in drawing
    assert "<dc:date>" not in drawing


def test_svg_carries_its_letters_and_no_others(tables):
    drawing = render(forest(tables.rows, tables.estimates), "svg").decode()
    style = drawing[drawing.index("<style") : drawing.index("</style>")]
    found = re.findall(
        r"font-family:'([^']*)';(?:font-weight:(\w+);font-style:(\w+);)?src:url\(data:font/woff;base64,([^)]*)", style
    )
    carried = {rule[:3]: TTFont(BytesIO(base64.b64decode(rule[3]))).getBestCmap() for rule in found}
    assert set(carried) == {
        ("Liberation Sans", "normal", "normal"),
        ("Liberation Sans", "bold", "normal"),
        ("Liberation Sans", "normal", "italic"),
        ("Droid Sans Fallback", "", ""),
    }
    assert set(carried["Droid Sans Fallback", "", ""]) == {ord("孙")}
    regular = set(map(chr, carried["Liberation Sans", "normal", "normal"]))
    assert set("Παπαδόπουλος Şahin [−") <= regular
    assert "Ж" not in regular
    assert len(drawing) < 200_000


def test_what_svg_carries_has_the_widths_that_were_measured(tables):
    drawing = render(forest(tables.rows, tables.estimates), "svg").decode()
    data = re.search(r"font-weight:bold;font-style:normal;src:url\(data:font/woff;base64,([^)]*)", drawing)[1]
    font = TTFont(BytesIO(base64.b64decode(data)))
    letters = font.getBestCmap()
    advance = sum(font["hmtx"][letters[ord(letter)]][0] for letter in "Study") / font["head"].unitsPerEm
    assert 10 * advance == pytest.approx(width("Study", 10, bold=True), abs=KERNING)


def test_png_has_the_size_asked_for_and_no_text_chunks(tables):
    image = render(forest(tables.rows, tables.estimates), "png", dpi=300)
    width, _ = struct.unpack(">II", image[16:24])
    assert width == pytest.approx(300 * 180 / 25.4, abs=1)
    assert b"tEXt" not in image
    assert b"Software" not in image


def test_a_very_long_png_is_drawn_at_a_lower_resolution():
    image = render(Figure(figsize=(0.1, 500)), "png", dpi=600)
    _, height = struct.unpack(">II", image[16:24])
    assert height <= 2**16 - 1


@pytest.mark.parametrize(
    ("figures", "form", "message"),
    [
        (Figure(), "eps", "unknown figure format 'eps'; allowed: pdf, png, svg"),
        ([], "pdf", "there is no figure"),
        ([Figure(), Figure()], "png", "2 pages make one PDF, but not one PNG"),
    ],
)
def test_what_cannot_be_rendered_is_refused(figures, form, message):
    with pytest.raises(ValueError, match=message):
        render(figures, form)
