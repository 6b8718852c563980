"""The stage that compares groups: interaction, variances, equivalence, power."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from metacircuit.cli.options import FOLDER, READ, read_words, slice_option, words_option

if TYPE_CHECKING:
    from metacircuit.config import AllHeterogeneitySlice


@click.command()
@slice_option("AllHeterogeneitySlice")
@words_option
@click.option("--used", type=READ, required=True)
@click.option("--results", type=FOLDER, required=True)
def heterogeneity(spec: AllHeterogeneitySlice, words: tuple[str, ...], used: Path, results: Path) -> None:
    """Effects of all analyses in; for each of them, what is known about the differences between its groups out."""
    from metacircuit.cli.progress import progress
    from metacircuit.diagnostics.heterogeneity.run import compare_groups
    from metacircuit.sheets.store import read_table, write_table
    from metacircuit.sheets.vocabulary import in_use

    vocabularies = in_use(read_words(words), read_table(used))
    for name, own in spec.analyses.items():
        effects = read_table(results / "effects" / f"{name}.csv", text=set(own.factors))
        with progress(f"{name}: cells") as said:
            tables = compare_groups(effects, own, vocabularies, said)
        for table, frame in tables.items():
            write_table(frame, results / "heterogeneity" / name / f"{table}.csv")
