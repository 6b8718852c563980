"""`metacircuit check`: every problem of a review's sheets, on the terminal and in results/REVIEW/check.csv."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from metacircuit.cli.project import find_project, read_settings


@click.command()
@click.argument("review", default="nssi")
def command(review: str) -> None:
    """Check the sheets of REVIEW and list every problem with what to do.

    Exits with 1 if a problem is an error.
    """
    from metacircuit.cli.checking import check_review
    from metacircuit.cli.seeds import read_claims
    from metacircuit.config import CheckSlice
    from metacircuit.sheets.problems import render_problems
    from metacircuit.sheets.store import write_table
    from metacircuit.sheets.vocabulary import read_vocabulary

    project = find_project()
    settings = read_settings(project, review)
    read_claims(settings, project)
    words = {name: read_vocabulary(project / path) for name, path in settings.vocabulary.items()}
    checked = check_review(project / settings.data, CheckSlice.of(settings), words, project)
    path = Path("results") / review / "check.csv"
    write_table(checked.problems, project / path)
    click.echo(render_problems(checked.problems))
    errors = int((checked.problems["severity"] == "error").sum())
    read = ", ".join(settings.source.file) if settings.source else settings.data
    click.echo(f"\n{len(checked.effects)} rows read from {read}; the list is in {path}.")
    sys.exit(1 if errors else 0)
