"""Stages from effects to estimates and figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from metacircuit.cli.options import FOLDER, READ, WRITE, read_words, slice_option, words_option

if TYPE_CHECKING:
    from metacircuit.config import FigureSlice, FitSlice
    from metacircuit.figures.drawn import Drawn


@click.command()
@slice_option("FitSlice")
@words_option
@click.option("--effects", type=READ, required=True)
@click.option("--combined", type=WRITE, required=True)
@click.option("--estimates", type=WRITE, required=True)
@click.option("--contrasts", type=WRITE, required=True)
@click.option("--sensitivity", type=WRITE, required=True)
def fit(
    spec: FitSlice,
    words: tuple[str, ...],
    effects: Path,
    combined: Path,
    estimates: Path,
    contrasts: Path,
    sensitivity: Path,
) -> None:
    """Effects of one analysis in; estimates of every stratum, tests between strata and other assumptions out."""
    from metacircuit.models.analysis import fit_analysis
    from metacircuit.models.sensitivity import vary
    from metacircuit.sheets.store import read_table, write_table

    factors = {factor for grouping in spec.groupings for factor in grouping.split(":")}
    rows, vocabularies = read_table(effects, text=factors), read_words(words)
    tables = fit_analysis(rows, spec, vocabularies)
    write_table(tables.combined, combined)
    write_table(tables.estimates, estimates)
    write_table(tables.contrasts, contrasts)
    write_table(vary(rows, spec, vocabularies, tables.estimates), sensitivity)


@click.command()
@slice_option("FigureSlice")
@words_option
@click.option("--used", type=READ, required=True)
@click.option("--combined", type=READ, required=True)
@click.option("--estimates", type=READ, required=True)
@click.option("--contrasts", type=READ, required=True)
@click.option("--effects", type=READ, required=True)
@click.option("--diagnostics", type=FOLDER, required=True)
@click.option("--studies", type=READ, help="The studies, where the forest plots show columns of the sheets.")
@click.option("--needs", type=READ, help="What each cell needs, for evidence maps.")
@click.option("--folder", type=FOLDER, required=True)
def figures(
    spec: FigureSlice,
    words: tuple[str, ...],
    used: Path,
    combined: Path,
    estimates: Path,
    contrasts: Path,
    effects: Path,
    diagnostics: Path,
    studies: Path | None,
    needs: Path | None,
    folder: Path,
) -> None:
    """Result tables in; the figures of one analysis as PDF, SVG and PNG, and their alternative texts, out."""
    from metacircuit.config import DIAGNOSTIC_FIGURES, UserError
    from metacircuit.diagnostics.battery.columns import TABLES
    from metacircuit.figures.draw import draw
    from metacircuit.figures.draw_diagnostics import draw_diagnostic
    from metacircuit.figures.look import with_room
    from metacircuit.figures.style import TooNarrowError
    from metacircuit.sheets.files import write_bytes, write_text
    from metacircuit.sheets.store import read_table
    from metacircuit.sheets.vocabulary import in_use

    vocabularies = in_use(read_words(words), read_table(used))
    tables = read_table(combined), read_table(estimates), read_table(contrasts)
    factors = {factor for name in spec.figures for factor in name.partition("_")[2].split("-")}
    rows, found = read_table(effects, text=factors), {name: read_table(diagnostics / f"{name}.csv") for name in TABLES}
    sheets = (rows, read_table(studies)) if studies else None
    wanted = None if needs is None else read_table(needs)
    for name in spec.figures:

        def draw_one(look: FigureSlice, name: str = name) -> Drawn:
            if name in DIAGNOSTIC_FIGURES:
                return draw_diagnostic(name, look, rows, tables[1], found)
            return draw(name, look, *tables, vocabularies, sheets=sheets, needs=wanted)

        try:
            # Columns that someone chose for a forest plot go with the width that they chose.
            drawn, message = (draw_one(spec), "") if name.startswith("forest_") else with_room(spec, draw_one)
        except TooNarrowError as error:
            raise UserError(f"analyses.{spec.analysis}: {name}: {error} (figures.width, figures.forest).") from None
        if message:
            click.echo(f"{name}: {message}.")
        write_bytes(drawn.pdf, folder / f"{name}.pdf")
        write_bytes(drawn.svg, folder / f"{name}.svg")
        write_bytes(drawn.png, folder / f"{name}.png")
        write_text(drawn.alt + "\n", folder / f"{name}.txt")
