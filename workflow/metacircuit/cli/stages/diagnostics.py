"""Stages that ask whether the result can be trusted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from metacircuit.cli.options import FOLDER, READ, read_words, slice_option, words_option

if TYPE_CHECKING:
    from metacircuit.config import DiagnoseSlice, MultiverseSlice


@click.command()
@slice_option("DiagnoseSlice")
@words_option
@click.option("--effects", type=READ, required=True)
@click.option("--estimates", type=READ, required=True)
@click.option("--studies", type=READ, required=True)
@click.option("--folder", type=FOLDER, required=True)
def diagnose(
    spec: DiagnoseSlice, words: tuple[str, ...], effects: Path, estimates: Path, studies: Path, folder: Path
) -> None:
    """Effects and estimates of one analysis in; influence, small-study effects and corrections out."""
    from metacircuit.cli.progress import progress
    from metacircuit.diagnostics.battery.run import diagnose as look
    from metacircuit.sheets.store import read_table, write_table

    factors = {factor for grouping in spec.groupings for factor in grouping.split(":")}
    rows, sheet, order = read_table(effects, text=factors), read_table(studies), spec.diagnosis.order
    if order in sheet and order not in rows:
        rows[order] = rows["study_id"].map(sheet.drop_duplicates("study_id").set_index("study_id")[order])
    with progress(f"{spec.analysis}: strata") as said:
        found = look(rows, read_table(estimates), spec, read_words(words), progress=said)
    for name, table in found.tables.items():
        write_table(table, folder / f"{name}.csv")


@click.command()
@slice_option("MultiverseSlice")
@click.option("--effects", type=READ, required=True)
@click.option("--folder", type=FOLDER, required=True)
def multiverse(spec: MultiverseSlice, effects: Path, folder: Path) -> None:
    """Effects of one analysis in; its estimate under every combination of choices out."""
    from metacircuit.cli.progress import progress
    from metacircuit.diagnostics.multiverse import multiverse as every
    from metacircuit.diagnostics.multiverse.conversions import reconverted
    from metacircuit.sheets.store import read_table, write_table

    rows, wanted = read_table(effects), spec.harmonise
    others = reconverted(rows, spec.sensitivity.conversion, wanted)
    with progress(f"{wanted.analysis}: models of the multiverse") as said:
        found = every(rows, wanted.measure, spec.sensitivity, spec.model, conversions=others, progress=said)
    write_table(found.table, folder / "multiverse.csv")
    write_table(found.shares.assign(text=found.summary.text), folder / "shares.csv")
