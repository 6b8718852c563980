"""Stages from result tables to what people read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from metacircuit.cli.options import FOLDER, READ, WRITE, read_words, slice_option, words_option

if TYPE_CHECKING:
    from metacircuit.config import AccountSlice, ReportSlice


@click.command()
@slice_option("AccountSlice")
@click.option("--checked", type=READ, required=True)
@click.option("--results", type=FOLDER, required=True)
@click.option("--output", type=WRITE, required=True)
def account(spec: AccountSlice, checked: Path, results: Path, output: Path) -> None:
    """Say what became of every row, and stop the run if the counts do not add up."""
    from metacircuit.sheets.store import read_table, write_table
    from metacircuit.tables.account import account as account_for
    from metacircuit.tables.account import balance

    sheet = read_table(checked)
    effects = {name: read_table(results / "effects" / f"{name}.csv") for name in spec.analyses}
    rows = account_for(sheet, effects, spec.analyses)
    balance(rows, read=len(sheet))
    write_table(rows, output)


@click.command()
@slice_option("ReportSlice")
@words_option
@click.option("--results", type=FOLDER, required=True)
@click.option("--claims", type=READ, help="The claims with their verdicts, where the review has any.")
@click.option("--output", type=WRITE, required=True)
def report(spec: ReportSlice, words: tuple[str, ...], results: Path, claims: Path | None, output: Path) -> None:
    """Everything that was made in; one self-contained page out."""
    from metacircuit.config import figures_of
    from metacircuit.report.beside import beside_ours
    from metacircuit.report.coding import word_columns
    from metacircuit.report.page import build_page
    from metacircuit.report.sources import read_sources
    from metacircuit.sheets.files import write_text

    settings = spec.settings
    figures = {name: figures_of(a, settings.figures_of(name)) for name, a in settings.analyses.items()}
    sources = read_sources(
        results,
        figures,
        words=read_words(words),
        text=word_columns(settings),
        claims=claims,
        review=settings.review_figures,
    )
    write_text(build_page(settings, sources, beside_ours(results, settings)), output)


@click.command()
@slice_option("ReportSlice")
@click.option("--code", required=True, help="Hash of the package's source.")
@click.option("--output", type=WRITE, required=True)
@click.argument("inputs", nargs=-1, type=READ)
def record(spec: ReportSlice, code: str, output: Path, inputs: tuple[Path, ...]) -> None:
    """Write down what went in, what it ran on, and when: the only output with a clock in it."""
    from metacircuit.cli.recording import run_record
    from metacircuit.sheets.files import write_text

    write_text(run_record(spec.settings, code, inputs), output)
