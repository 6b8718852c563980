"""Stages that write the manuscript: its parts as text, then the documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from metacircuit.cli.options import FOLDER, READ, slice_option

if TYPE_CHECKING:
    from metacircuit.config import ManuscriptSlice, SentencesSlice

_LIBRARIES = ("matplotlib", "numpy", "pandas", "scipy", "snakemake")


@click.command()
@slice_option("SentencesSlice")
@click.option("--results", type=FOLDER, required=True)
@click.option("--folder", type=FOLDER, required=True)
def sentences(spec: SentencesSlice, results: Path, folder: Path) -> None:
    """Result tables in; numbers by name, methods, results, tables and included studies as text out."""
    import platform
    from importlib.metadata import version

    from metacircuit import __version__
    from metacircuit.report.manuscript.parts import written_parts
    from metacircuit.report.manuscript.sources import read_quoted
    from metacircuit.sheets.files import write_text

    versions = {name: version(name) for name in _LIBRARIES}
    versions |= {"metacircuit": __version__, "python": platform.python_version()}
    for name, text in written_parts(spec, read_quoted(results, spec.analyses, claimed=spec.claimed), versions).items():
        write_text(text, folder / name)


@click.command()
@slice_option("ManuscriptSlice")
@click.option("--results", type=FOLDER, required=True)
@click.option("--skeleton", type=READ, help="Default: the package's own.")
@click.option("--folder", type=FOLDER, required=True)
def manuscript(spec: ManuscriptSlice, results: Path, skeleton: Path | None, folder: Path) -> None:
    """The written parts, the figures and a skeleton in; DOCX, PDF and bibliography out."""
    from metacircuit.report.manuscript.build import build
    from metacircuit.sheets.files import write_bytes, write_text

    made = build(spec, results, skeleton)
    write_bytes(made.docx, folder / "manuscript.docx")
    write_bytes(made.pdf, folder / "manuscript.pdf")
    write_text(made.references, folder / "references.bib")
