"""Stages from the sheets to effects on one measure."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from metacircuit.cli.options import FOLDER, READ, WRITE, read_words, slice_option, words_option

if TYPE_CHECKING:
    from metacircuit.config import AccountSlice, CheckSlice, HarmoniseSlice


@click.command()
@slice_option("CheckSlice")
@words_option
@click.option("--problems", type=WRITE, required=True)
@click.option("--studies", type=WRITE, required=True)
@click.option("--effects", type=WRITE, required=True)
@click.option("--used", type=WRITE, required=True)
@click.option("--printed", type=WRITE, required=True)
@click.option("--coordinates", type=WRITE, required=True)
def check(
    spec: CheckSlice,
    words: tuple[str, ...],
    problems: Path,
    studies: Path,
    effects: Path,
    used: Path,
    printed: Path,
    coordinates: Path,
) -> None:
    """Sheets in; problems, studies and effects out. A sheet with errors is not a failure of this stage."""
    from metacircuit.cli.checking import check_review
    from metacircuit.sheets.store import write_table

    checked = check_review(Path(spec.data), spec, read_words(words))
    write_table(checked.studies, studies)
    write_table(checked.effects, effects)
    write_table(checked.used, used)
    write_table(checked.printed, printed)
    write_table(checked.coordinates, coordinates)
    write_table(checked.problems, problems)


@click.command()
@click.option("--problems", type=READ, required=True)
@click.option("--accepted", type=WRITE, required=True)
def accept(problems: Path, accepted: Path) -> None:
    """Fail, with the list, if a problem is an error."""
    import csv
    import json

    from metacircuit.sheets.files import write_text

    with problems.open(encoding="utf-8", newline="") as file:
        severities = [row["severity"] for row in csv.DictReader(file)]
    if "error" in severities:
        from metacircuit.sheets.problems import render_problems
        from metacircuit.sheets.store import read_table

        found = read_table(problems)
        click.echo(render_problems(found[found["severity"] == "error"]))
        sys.exit(1)
    write_text(json.dumps({name: severities.count(name) for name in ("warning", "note")}) + "\n", accepted)


@click.command()
@slice_option("HarmoniseSlice")
@click.option("--studies", type=READ, required=True)
@click.option("--effects", type=READ, required=True)
@click.option("--output", type=WRITE, required=True)
def harmonise(spec: HarmoniseSlice, studies: Path, effects: Path, output: Path) -> None:
    """Checked sheets in; the rows of one analysis on its measure out."""
    from metacircuit.effects.prepare import prepare
    from metacircuit.sheets.store import read_table, write_table

    write_table(prepare(read_table(studies), read_table(effects), spec), output)


@click.command()
@slice_option("AccountSlice")
@click.option("--printed", type=READ, required=True)
@click.option("--results", type=FOLDER, required=True)
@click.option("--output", type=WRITE, required=True)
def trace(spec: AccountSlice, printed: Path, results: Path, output: Path) -> None:
    """Write down where each number of each analysis comes from."""
    import json

    from metacircuit.effects.provenance import records
    from metacircuit.sheets.cells import read_cells
    from metacircuit.sheets.files import write_text
    from metacircuit.sheets.store import read_table

    cells = read_cells(printed)
    lines = [
        json.dumps(record, ensure_ascii=False)
        for name in spec.analyses
        for record in records(read_table(results / "effects" / f"{name}.csv"), cells, analysis=name)
    ]
    write_text("\n".join(lines) + "\n", output)
