"""A skeleton becomes a DOCX and a PDF that hold its numbers, tables and figures, and the same bytes each time."""

import io
import re
import zipfile
from pathlib import Path

import docx
import pytest
from metacircuit.config import ManuscriptSlice, UserError
from metacircuit.report.manuscript.build import build, default_skeleton
from metacircuit.report.manuscript.engines import typst_pdf
from metacircuit.report.manuscript.parts import written_parts
from metacircuit.report.manuscript.pictures import page_count, pages_of
from pypdf import PdfReader

VERSIONS = {"metacircuit": "0.1.0", "python": "3.11.1"}
SKELETON = """# Results

Pain was {{ pain.overall.effect }}, as PRISMA asks [@page2021]; see {{ ref figure pain/forest_disorder }}.

{{ include results.md }}

{{ table pain/disorder }}

{{ figure pain/forest_disorder }}

# References

{{ references }}

{{ include studies }}
"""
FIGURE = '#set page(width: 180mm, height: 60mm, margin: 5mm)\nFirst page\n#pagebreak()\nSecond "page" 王路'


@pytest.fixture
def results(tmp_path, spec, sources) -> Path:
    folder = tmp_path / "results"
    (folder / "manuscript").mkdir(parents=True)
    for name, text in written_parts(spec, sources, VERSIONS).items():
        (folder / "manuscript" / name).write_text(text, "utf-8")
    figures = folder / "figures/pain"
    figures.mkdir(parents=True)
    (figures / "forest_disorder.pdf").write_bytes(typst_pdf(FIGURE, tmp_path))
    (figures / "forest_disorder.txt").write_text('Forest plot of "pain"\n', "utf-8")
    return folder


@pytest.fixture
def made(results, settings, tmp_path):
    skeleton = tmp_path / "manuscript.md"
    skeleton.write_text(SKELETON, "utf-8")
    spec = ManuscriptSlice.of(settings)
    return build(spec, results, skeleton), build(spec, results, skeleton)


def test_both_formats_hold_the_text_and_two_builds_give_the_same_bytes(made):
    first, second = made
    assert first.docx == second.docx
    assert first.pdf == second.pdf
    word = docx.Document(io.BytesIO(first.docx))
    paragraphs = "\n".join(p.text for p in word.paragraphs).replace("\u00a0", " ")
    pages = PdfReader(io.BytesIO(first.pdf))
    printed = " ".join(page.extract_text() for page in pages.pages).replace("\u00a0", " ")
    for text in (paragraphs, re.sub(r"\s+", " ", printed)):
        assert "Pain was 0.46 [0.18, 0.74], as PRISMA asks (Page et al. 2021); see Figure 1." in text
        assert "Ana Peña" in text
        assert "Figure 1, continued." in text
        assert "Kaess et al. (2019)." in text
    assert word.core_properties.title == pages.metadata.title == "A small review"
    (table,) = word.tables
    assert [cell.text for cell in table.rows[1].cells][:4] == ["Disorder A", "1", "1", "1,234"]
    assert len(word.inline_shapes) == 2


def test_no_output_has_a_clock_in_it(made):
    with zipfile.ZipFile(io.BytesIO(made[0].docx)) as parts:
        assert {info.date_time for info in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"dcterms:created" not in parts.read("docProps/core.xml")
        assert b'descr="Forest plot of \xe2\x80\x9dpain' in parts.read("word/document.xml")
    assert PdfReader(io.BytesIO(made[0].pdf)).metadata.creation_date is None


def test_references_hold_what_the_skeleton_cites(made):
    assert "@article{page2021," in made[0].references
    assert "@article{egger1997," not in made[0].references  # only the methods cite it, and they are not included
    assert "@article{Kaess2019," in made[0].references


def test_the_default_skeleton_holds_no_typed_number_and_builds(results, settings):
    spec = ManuscriptSlice.of(settings).model_copy(update={"figures": ("pain/forest_disorder",)})
    made = build(spec, results, None)
    assert made.docx.startswith(b"PK")
    assert "{{ include methods.md }}" in default_skeleton()


def test_a_figure_that_is_missing_is_named(results, settings, tmp_path):
    skeleton = tmp_path / "m.md"
    skeleton.write_text("{{ figure pain/funnel }}", "utf-8")
    with pytest.raises(UserError, match=r"pain/funnel\.pdf does not exist, and the manuscript places it"):
        build(ManuscriptSlice.of(settings), results, skeleton)


def test_pages_of_a_figure_are_counted_and_measured(tmp_path):
    pdf = tmp_path / "f.pdf"
    pdf.write_bytes(typst_pdf(FIGURE, tmp_path))
    assert page_count(pdf.read_bytes()) == 2
    pages = pages_of(pdf, tmp_path, "copy")
    assert [page.number for page in pages] == [1, 2]
    assert pages[0].width == pytest.approx(180, abs=0.2)  # a pixel is 0.12 mm
    assert pages[0].height == pytest.approx(60, abs=0.2)
