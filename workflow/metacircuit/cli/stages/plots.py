"""Stages that make tables which only figures need, and the figures of the review as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from metacircuit.cli.options import FOLDER, READ, slice_option

if TYPE_CHECKING:
    from metacircuit.config import PlotSlice


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
