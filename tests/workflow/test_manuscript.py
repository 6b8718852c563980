"""The manuscript of the shipped review, as the pipeline builds it."""

import io
import json
import re
import shutil
import subprocess

import docx
import pandas as pd
import pytest
from metacircuit.report.manuscript.typed import typed_numbers
from pypdf import PdfReader

PARTS = ("numbers.json", "numbers.tex", "methods.md", "results.md", "tables.md", "studies.md", "studies.bib")
MADE = ("manuscript.docx", "manuscript.pdf", "references.bib")


@pytest.fixture(scope="module")
def folder(shipped):
    return shipped / "results/nssi/manuscript"


@pytest.fixture(scope="module")
def numbers(folder):
    return json.loads((folder / "numbers.json").read_text("utf-8"))


def test_everything_is_made(folder):
    assert sorted(p.name for p in folder.iterdir()) == sorted((*PARTS, *MADE))


def test_every_estimate_has_its_name_and_value(shipped, numbers):
    for path in sorted((shipped / "results/nssi/estimates").glob("*.csv")):
        for row in pd.read_csv(path).to_dict("records"):
            stem = [row["analysis"], row["grouping"]] + ([row["stratum"]] if row["grouping"] != "overall" else [])
            found = numbers[".".join(stem) + ".natural"]
            assert found["value"] == (row["natural"] if row["status"] == "ok" else None)
            assert ("reason" in found) == (row["status"] != "ok")


def test_word_and_pdf_print_the_numbers_of_the_tables(folder, numbers):
    effect = numbers["neural.overall.effect"]["text"]
    paragraphs = docx.Document(io.BytesIO((folder / "manuscript.docx").read_bytes())).paragraphs
    word = " ".join(p.text for p in paragraphs).replace("\u00a0", " ")
    pages = PdfReader(folder / "manuscript.pdf").pages
    pdf = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages).replace("\u00a0", " "))
    for text in (word, pdf):
        assert f"standardised mean difference of {effect} in neural" in text
        assert "{{" not in text
        assert "Included studies" in text


def test_the_shipped_skeleton_has_no_number_in_it(shipped):
    assert list(typed_numbers((shipped / "data/nssi/manuscript.md").read_text("utf-8"))) == []


def test_a_typed_number_stops_the_build_and_names_what_to_write(shipped, run_in, folder, numbers):
    skeleton = shipped / "data/nssi/manuscript.md"
    before = skeleton.read_text("utf-8")
    k = numbers["neural.overall.k"]["text"]
    skeleton.write_text(before.replace("# Discussion\n", f"# Discussion\n\nWe pooled {k} neural effects.\n"), "utf-8")
    kept = {name: (folder / name).read_bytes() for name in MADE}
    try:
        done = run_in(shipped, "run", "nssi")
    finally:
        skeleton.write_text(before, "utf-8")
    assert done.returncode == 1
    line = before.split("\n").index("# Discussion") + 3
    assert f"data/nssi/manuscript.md, line {line}: the number {k} is typed by hand" in done.stdout + done.stderr
    assert "{{ neural." in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert (folder / "numbers.json").is_file()
    again = run_in(shipped, "run", "nssi")
    assert again.returncode == 0, again.stderr
    assert {name: (folder / name).read_bytes() for name in MADE} == kept


def test_latex_prints_the_numbers(folder, tmp_path):
    if not shutil.which("pdflatex"):
        pytest.skip("there is no pdflatex here; numbers.tex is checked without it in tests/report")
    shutil.copy2(folder / "numbers.tex", tmp_path)
    (tmp_path / "t.tex").write_text(
        "\\documentclass{article}\\input{numbers.tex}\\begin{document}"
        "A \\metacircuit{neural.overall.effect} \\metacircuit{prevalence.overall.test}B\\end{document}",
        "utf-8",
    )
    call = ["pdflatex", "-interaction=nonstopmode", "t.tex"]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=False, errors="replace")
    # A proportion has no test against no effect, so the second name does not exist.
    assert "No number of the review has the name `prevalence.overall.test'" in done.stdout
    assert done.stdout.count("\n! ") == 1
