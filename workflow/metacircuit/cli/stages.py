"""`metacircuit stage`: the stages of the pipeline, one command a rule of the workflow."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from metacircuit.cli.options import FOLDER, READ, WRITE, read_words, slice_option, words_option

if TYPE_CHECKING:
    from metacircuit.config import AccountSlice, CheckSlice, FigureSlice, FitSlice, HarmoniseSlice, ReportSlice


@click.group()
def command() -> None:
    """One stage of the pipeline, as the workflow calls it."""


@command.command()
@slice_option("CheckSlice")
@words_option
@click.option("--problems", type=WRITE, required=True)
@click.option("--studies", type=WRITE, required=True)
@click.option("--effects", type=WRITE, required=True)
def check(spec: CheckSlice, words: tuple[str, ...], problems: Path, studies: Path, effects: Path) -> None:
    """Sheets in; problems, studies and effects out. A sheet with errors is not a failure of this stage."""
    from metacircuit.cli.checking import check_review
    from metacircuit.sheets.store import write_table

    checked = check_review(Path(spec.data), spec, read_words(words))
    write_table(checked.studies, studies)
    write_table(checked.effects, effects)
    write_table(checked.problems, problems)


@command.command()
@click.option("--problems", type=READ, required=True)
@click.option("--accepted", type=WRITE, required=True)
def accept(problems: Path, accepted: Path) -> None:
    """Fail, with the list, if a problem is an error."""
    import json

    from metacircuit.sheets.problems import render_problems
    from metacircuit.sheets.store import read_table, write_text

    found = read_table(problems)
    errors = found[found["severity"] == "error"]
    if len(errors):
        click.echo(render_problems(errors))
        sys.exit(1)
    counts = found["severity"].value_counts()
    write_text(json.dumps({"warning": int(counts.get("warning", 0)), "note": int(counts.get("note", 0))}) + "\n", accepted)


@command.command()
@slice_option("HarmoniseSlice")
@click.option("--studies", type=READ, required=True)
@click.option("--effects", type=READ, required=True)
@click.option("--output", type=WRITE, required=True)
def harmonise(spec: HarmoniseSlice, studies: Path, effects: Path, output: Path) -> None:
    """Checked sheets in; the rows of one analysis on its measure out."""
    from metacircuit.effects.prepare import prepare
    from metacircuit.sheets.store import read_table, write_table

    write_table(prepare(read_table(studies), read_table(effects), spec), output)


@command.command()
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

    pooled = fit_analysis(read_table(effects), spec, read_words(words))
    write_table(pooled.combined, combined)
    write_table(pooled.estimates, estimates)
    write_table(pooled.contrasts, contrasts)


@command.command()
@slice_option("FigureSlice")
@words_option
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

    drawn = draw(spec, read_table(combined), read_table(estimates), read_table(contrasts), read_words(words))
    write_bytes(drawn.pdf, pdf)
    write_bytes(drawn.svg, svg)
    write_bytes(drawn.png, png)
    write_text(drawn.alt + "\n", alt)


@command.command()
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
    rows = account_for(sheet, {name: read_table(results / "effects" / f"{name}.csv") for name in spec.analyses})
    balance(rows, read=len(sheet))
    write_table(rows, output)


@command.command()
@slice_option("ReportSlice")
@click.option("--results", type=FOLDER, required=True)
@click.option("--csv", type=WRITE, required=True)
@click.option("--html", type=WRITE, required=True)
@click.option("--numbers", type=WRITE, required=True)
def summarise(spec: ReportSlice, results: Path, csv: Path, html: Path, numbers: Path) -> None:
    """Result tables of all analyses in; the summary table and the numbers by name out."""
    from metacircuit.sheets.store import read_table, write_table, write_text
    from metacircuit.tables.account import balance
    from metacircuit.tables.numbers import numbers as by_name
    from metacircuit.tables.page import summary_page
    from metacircuit.tables.summary import tidy

    settings = spec.settings
    estimates = {name: read_table(results / "estimates" / f"{name}.csv") for name in settings.analyses}
    contrasts = {name: read_table(results / "contrasts" / f"{name}.csv") for name in settings.analyses}
    rows = read_table(results / "tables" / "rows.csv")
    titles = {name: analysis.title for name, analysis in settings.analyses.items()}
    write_table(tidy(estimates.values()), csv)
    write_text(summary_page(settings.title, titles, estimates), html)
    write_text(by_name(balance(rows, read=len(rows)), estimates.values(), contrasts.values()), numbers)


@command.command()
@slice_option("ReportSlice")
@click.option("--results", type=FOLDER, required=True)
@click.option("--output", type=WRITE, required=True)
def report(spec: ReportSlice, results: Path, output: Path) -> None:
    """Everything that was made in; one self-contained page out."""
    from metacircuit.config import figures_of
    from metacircuit.report.page import build_page
    from metacircuit.report.sources import read_sources
    from metacircuit.sheets.store import write_text

    figures = {name: figures_of(analysis) for name, analysis in spec.settings.analyses.items()}
    write_text(build_page(spec.settings, read_sources(results, figures)), output)


@command.command()
@slice_option("ReportSlice")
@click.option("--code", required=True, help="Hash of the package's source.")
@click.option("--output", type=WRITE, required=True)
@click.argument("inputs", nargs=-1, type=READ)
def record(spec: ReportSlice, code: str, output: Path, inputs: tuple[Path, ...]) -> None:
    """Write down what went in, what it ran on, and when: the only output with a clock in it."""
    from metacircuit.cli.recording import run_record
    from metacircuit.sheets.store import write_text

    write_text(run_record(spec.settings, code, inputs), output)
