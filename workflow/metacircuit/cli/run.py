"""`metacircuit run`: Snakemake with the project's own profile, as a plain subprocess."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click

from metacircuit.cli.project import find_project, read_settings
from metacircuit.config import UserError

NOTHING_TO_DO = "Nothing to be done"


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("review", default="nssi")
@click.option("--cores", default=2, show_default=True, type=click.IntRange(1), help="Processor cores to use.")
@click.argument("snakemake_arguments", nargs=-1, type=click.UNPROCESSED)
def command(review: str, cores: int, snakemake_arguments: tuple[str, ...]) -> None:
    """Run REVIEW: everything that is missing or out of date.

    Arguments after REVIEW are handed to Snakemake, such as --dry-run.
    """
    project = find_project()
    read_settings(project, review)
    call = [
        *(
            sys.executable,
            "-m",
            "snakemake",
            "--snakefile",
            "Snakefile",
            "--workflow-profile",
            "workflow/profiles/default",
        ),
        *("--cores", str(cores), "--config", f"review={review}"),
        *snakemake_arguments,
    ]
    code, idle = _follow(call, project)
    page = f"results/{review}/report.html"
    if code:
        raise UserError(_why(project, review))
    if idle:
        click.echo(f"metacircuit: nothing to do; results/{review} is up to date. Open {page}")
    else:
        click.echo(f"metacircuit: done. Open {page}; figures, tables and numbers are beside it in results/{review}.")


def _follow(call: list[str], project: Path) -> tuple[int, bool]:
    """Run Snakemake, pass its words on, and see whether it had anything to do."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    idle = False
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
                if NOTHING_TO_DO in line:
                    idle = True
                else:
                    click.echo(line, nl=False, err=True)
        except KeyboardInterrupt:
            # The terminal sent Snakemake the same signal; it stops its jobs and removes their half files.
            process.wait()
            raise UserError("Interrupted. Nothing half-made was kept; run again to go on.") from None
    return process.returncode, idle


def _why(project: Path, review: str) -> str:
    problems = project / "results" / review / "problems.csv"
    accepted = project / "results" / review / "checked" / "accepted.json"
    if problems.is_file() and not accepted.is_file():
        return (
            f"The sheets of {review} have errors, listed above and in results/{review}/problems.csv."
            " Mend those rows and run again; nothing after the check was computed."
        )
    return f"The run of {review} stopped; the messages above and results/{review}/logs say why."
