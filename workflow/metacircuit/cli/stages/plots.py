"""Stages that make tables which only figures need, and the figures of the review as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from metacircuit.cli.options import FOLDER, READ, WRITE, slice_option

if TYPE_CHECKING:
    from metacircuit.config import PlotSlice, ReviewFigureSlice


@click.command()
@slice_option("PlotSlice")
@click.option("--effects", type=READ, required=True)
@click.option("--combined", type=READ, required=True)
@click.option("--studies", type=READ, required=True)
@click.option("--folder", type=FOLDER, required=True)
def plots(spec: PlotSlice, effects: Path, combined: Path, studies: Path, folder: Path) -> None:
    """Effects of one analysis in; regressions on single moderators and completed funnels, for its figures, out."""
    import pandas as pd

    from metacircuit.config import UserError
    from metacircuit.diagnostics.funnels import funnels
    from metacircuit.models.moderator import regress
    from metacircuit.sheets.store import read_table, write_table

    if spec.moderators:
        rows, sheet = read_table(effects), read_table(studies).drop_duplicates("study_id").set_index("study_id")
        rows = rows[rows["status"] == "analysed"]
        rows = rows.assign(
            **{n: rows["study_id"].map(sheet[n]) for n in spec.moderators if n in sheet and n not in rows}
        )
        missing = [name for name in spec.moderators if name not in rows]
        if missing:
            raise UserError(
                f"analyses.{spec.analysis}: figures.moderators: neither studies nor effects have the column"
                f" {', '.join(missing)}; correct it, or leave bubble out of figures.draw"
            )
        found = [regress(rows, name, spec.model) for name in spec.moderators]
        for table, name in (("points", "points"), ("predictions", "predictions"), ("slopes", "slope")):
            parts = [getattr(one, name) for one in found]
            filled = [part for part in parts if len(part)] or parts[:1]
            write_table(pd.concat(filled, ignore_index=True), folder / f"{table}.csv")
    if spec.funnels:
        write_table(funnels(read_table(combined), spec.funnels), folder / "funnels.csv")


@click.command("review-figures")
@slice_option("ReviewFigureSlice")
@click.option("--rows", type=READ, required=True)
@click.option("--studies", type=READ, required=True)
@click.option("--results", type=FOLDER, required=True)
@click.option("--screening", type=READ, help="screening.csv, where the review has one.")
@click.option("--judgements", type=READ, help="rob.csv, where the review has one.")
@click.option("--flow", "counts", type=WRITE, required=True)
@click.option("--folder", type=FOLDER, required=True)
def review_figures(
    spec: ReviewFigureSlice,
    rows: Path,
    studies: Path,
    results: Path,
    screening: Path | None,
    judgements: Path | None,
    counts: Path,
    folder: Path,
) -> None:
    """What became of every row, and the record of the screening, in; the flow as a table, and the figures, out."""
    from metacircuit.sheets.risk_of_bias import judgements_of, read_judgements
    from metacircuit.sheets.screening import read_screening
    from metacircuit.sheets.store import read_table, write_table
    from metacircuit.tables.flow import flow

    sheet = read_table(studies)
    effects = {name: read_table(results / "effects" / f"{name}.csv") for name in spec.titles}
    found = flow(read_screening(screening) if screening else None, read_table(rows), spec.titles, effects)
    write_table(found, counts)
    if not spec.figures:
        return
    from metacircuit.config import UserError
    from metacircuit.figures.draw_review import draw_review
    from metacircuit.figures.style import TooNarrowError
    from metacircuit.sheets.files import write_bytes, write_text

    judged = read_judgements(judgements, sheet["study_id"]) if judgements else judgements_of(sheet)
    weights = read_table(results / "combined" / f"{spec.weights}.csv")
    for name in spec.figures:
        try:
            drawn = draw_review(name, spec, found, judged, sheet, weights)
        except TooNarrowError as error:
            raise UserError(f"{name}: {error} (figures.width).") from None
        except ValueError as error:
            raise UserError(f"{name}: {error}") from None
        for form in ("pdf", "svg", "png"):
            write_bytes(getattr(drawn, form), folder / f"{name}.{form}")
        write_text(drawn.alt + "\n", folder / f"{name}.txt")
