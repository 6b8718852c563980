"""The stage that writes the tables of the paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from metacircuit.cli.options import FOLDER, READ, read_words, slice_option, words_option

if TYPE_CHECKING:
    from metacircuit.config import TablesSlice


@click.command()
@slice_option("TablesSlice")
@words_option
@click.option("--studies", type=READ, required=True)
@click.option("--effects", type=READ, required=True)
@click.option("--results", type=FOLDER, required=True)
@click.option("--folder", type=FOLDER, required=True)
def tables(
    spec: TablesSlice, words: tuple[str, ...], studies: Path, effects: Path, results: Path, folder: Path
) -> None:
    """Result tables in; every table of the paper in every format out."""
    from metacircuit.sheets.files import write_bytes
    from metacircuit.sheets.store import read_table
    from metacircuit.tables.builders import BUILDERS
    from metacircuit.tables.material import Material
    from metacircuit.tables.writers import WRITERS

    factors = {f for a in spec.analyses.values() for g in a.groupings for f in g.split(":")}

    def of_analyses(pattern: str) -> dict:
        return {name: read_table(results / pattern.format(name), text=factors) for name in spec.analyses}

    material = Material(
        analyses=spec.analyses,
        effects=of_analyses("effects/{}.csv"),
        estimates=of_analyses("estimates/{}.csv"),
        contrasts=of_analyses("contrasts/{}.csv"),
        corrections=of_analyses("diagnostics/{}/corrections.csv"),
        studies=read_table(studies),
        sheet=read_table(effects, text=factors),
        rows=read_table(results / "tables" / "rows.csv"),
        words=read_words(words),
        characteristics=spec.tables.characteristics,
    )
    for name in spec.tables.make:
        table = BUILDERS[name](material)
        for ending in spec.tables.formats:
            write_bytes(WRITERS[ending](table), folder / f"{name}.{ending}")
