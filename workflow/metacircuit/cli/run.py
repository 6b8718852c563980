"""`metacircuit run`: Snakemake with the project's own profile, as a plain subprocess."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import click

from metacircuit.cli.project import find_project, read_settings
from metacircuit.cli.seeds import read_claims
from metacircuit.config import UserError

DEFAULT_REVIEW = "nssi"
NOTHING_TO_DO = "Nothing to be done"
LOCKED = ("LockException", "cannot be locked")
# With one of these, Snakemake makes no results.
MAKES_NOTHING = {"-n", "--dry-run", "--dryrun", "--unlock"}


class _Outcome(NamedTuple):
    code: int
    idle: bool
    locked: bool


@click.command(context_settings={"ignore_unknown_options": True}, options_metavar="[OPTIONS]")
@click.option("--cores", default=2, show_default=True, type=click.IntRange(1), help="Processor cores to use.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[REVIEW] [SNAKEMAKE_ARGUMENTS]...")
def command(cores: int, arguments: tuple[str, ...]) -> None:
    """Run REVIEW (default: nssi): everything that is missing or out of date.

    Arguments after REVIEW are handed to Snakemake: options such as --dry-run, and files to make.
    """
    review, rest = DEFAULT_REVIEW, arguments
    if arguments and not arguments[0].startswith("-"):
        review, *rest = arguments
    project = find_project()
    read_claims(read_settings(project, review), project)
    # --config takes all words up to the next option, so an option with one value stands before the user's targets.
    call = [
        *(sys.executable, "-m", "snakemake", "--snakefile", "Snakefile"),
        *("--workflow-profile", "workflow/profiles/default"),
        *("--config", f"review={review}", "--cores", str(cores)),
        *rest,
    ]
    outcome = _follow(call, project)
    page = f"results/{review}/report.html"
    if outcome.locked:
        raise UserError(
            f"Another run of {review} is under way: wait until it ends. If it was killed, run"
            f" `metacircuit run {review} --unlock` once and run again."
        )
    if outcome.code:
        raise UserError(_why(project, review))
    if outcome.idle:
        click.echo(f"metacircuit: nothing to do; results/{review} is up to date. Open {page}")
    elif not MAKES_NOTHING.isdisjoint(rest):
        return
    elif not (project / page).is_file():
        click.echo("metacircuit: done; what was asked for is made, and not yet the report.")
    else:
        click.echo(f"metacircuit: done. Open {page}; figures, tables and numbers are beside it in results/{review}.")
    if warnings := _count(_problems(project, review), "warning"):
        noun = "warning" if warnings == 1 else "warnings"
        click.echo(f"metacircuit: {warnings} {noun} about the sheets; results/{review}/problems.csv lists what to do.")


def _follow(call: list[str], project: Path) -> _Outcome:
    """Run Snakemake, pass its words on, and see whether it could start and had anything to do."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    idle = locked = False
    with subprocess.Popen(
        call,
        cwd=project,
        env=os.environ | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                locked = locked or any(sign in line for sign in LOCKED)
                if NOTHING_TO_DO in line:
                    idle = True
                else:
                    click.echo(line, nl=False, err=True)
        except KeyboardInterrupt:
            # The terminal sent Snakemake the same signal; it stops its jobs and removes their half files.
            process.wait()
            raise UserError("Interrupted. Nothing half-made was kept; run again to go on.") from None
    return _Outcome(process.returncode, idle, locked and process.returncode != 0)


def _problems(project: Path, review: str) -> Path:
    return project / "results" / review / "problems.csv"


def _count(problems: Path, severity: str) -> int:
    """Count the rows of one severity in the table of problems; none where there is no table."""
    if not problems.is_file():
        return 0
    with problems.open(encoding="utf-8-sig", newline="") as lines:
        return sum(row.get("severity") == severity for row in csv.DictReader(lines))


def _why(project: Path, review: str) -> str:
    accepted = project / "results" / review / "checked" / "accepted.json"
    if not accepted.is_file() and _count(_problems(project, review), "error"):
        return (
            f"The sheets of {review} have errors, listed above and in results/{review}/problems.csv."
            " Mend those rows and run again; nothing after the check was computed."
        )
    return f"The run of {review} stopped; the messages above and results/{review}/logs say why."
