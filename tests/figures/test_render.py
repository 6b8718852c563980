import struct

import pytest
from matplotlib.figure import Figure
from metacircuit.figures.forest import forest, forest_pages
from metacircuit.figures.render import render

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
