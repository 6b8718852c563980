"""Stages from effects to estimates and figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from metacircuit.cli.options import READ, WRITE, read_words, slice_option, words_option

if TYPE_CHECKING:
    from metacircuit.config import FigureSlice, FitSlice


@click.command()
@slice_option("FitSlice")
@words_option
@click.option("--effects", type=READ, required=True)
@click.option("--combined", type=WRITE, required=True)
@click.option("--estimates", type=WRITE, required=True)
@click.option("--contrasts", type=WRITE, required=True)
def fit(spec: FitSlice, words: tuple[str, ...], effects: Path, combined: Path, estimates: Path, contrasts: Path) -> None:
    """Effects of one analysis in; estimates of every stratum and tests between strata out."""
    from metacircuit.models.analysis import fit_analysis
    from metacircuit.sheets.store import read_table, write_table

    tables = fit_analysis(read_table(effects), spec, read_words(words))
    write_table(tables.combined, combined)
    write_table(tables.estimates, estimates)
    write_table(tables.contrasts, contrasts)


@click.command()
@slice_option("FitSlice")
@words_option
@click.option("--effects", type=READ, required=True)
@click.option("--output", type=WRITE, required=True)
def vary(spec: FitSlice, words: tuple[str, ...], effects: Path, output: Path) -> None:
    """Effects of one analysis in; its estimates under other assumptions out."""
    from metacircuit.models.sensitivity import vary as vary_choices
    from metacircuit.sheets.store import read_table, write_table

    write_table(vary_choices(read_table(effects), spec, read_words(words)), output)



@click.command()
@slice_option("FigureSlice")
@words_option
@click.option("--used", type=READ, required=True)
@click.option("--combined", type=READ, required=True)
@click.option("--estimates", type=READ, required=True)
@click.option("--contrasts", type=READ, required=True)
@click.option("--pdf", type=WRITE, required=True)
@click.option("--svg", type=WRITE, required=True)
@click.option("--png", type=WRITE, required=True)
@click.option("--alt", type=WRITE, required=True)
def figure(
    spec: FigureSlice,
    words: tuple[str, ...],
    used: Path,
    combined: Path,
    estimates: Path,
    contrasts: Path,
    pdf: Path,
    svg: Path,
    png: Path,
    alt: Path,
) -> None:
    """Result tables in; one figure as PDF, SVG and PNG, and its alternative text, out."""
    from metacircuit.figures.draw import draw
    from metacircuit.sheets.store import read_table, write_bytes, write_text

    in_use = read_table(used)
    vocabularies = {
        name: known[known["id"].isin(in_use.loc[in_use["column"] == name, "id"])] for name, known in read_words(words).items()
    }
    drawn = draw(spec, read_table(combined), read_table(estimates), read_table(contrasts), vocabularies)
    write_bytes(drawn.pdf, pdf)
    write_bytes(drawn.svg, svg)
    write_bytes(drawn.png, png)
    write_text(drawn.alt + "\n", alt)
