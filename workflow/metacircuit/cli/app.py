"""The command `metacircuit`: arguments in, messages and exit codes out (0 done, 1 data or config, 2 wrong use)."""

from __future__ import annotations

import importlib
import os
import sys

import click

from metacircuit import __version__
from metacircuit.config import UserError

_COMMANDS = {
    "new": ("metacircuit.cli.new", "Start a review: sheets to fill in and a config to adapt."),
    "run": ("metacircuit.cli.run", "Run a review: everything that is missing or out of date."),
    "check": ("metacircuit.cli.check", "Check a review's sheets and list every problem."),
    "agree": ("metacircuit.cli.agree", "Compare two extractors' sheets, and carry their decisions into one."),
    "explain": ("metacircuit.cli.explain", "Say how one number was made, from the printed cells on."),
    "stage": ("metacircuit.cli.stages", "One stage of the pipeline, as the workflow calls it."),
}


class _LazyGroup(click.Group):
    """Loads the module of a command when it is called: each job of the workflow pays only for what it uses."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        return importlib.import_module(_COMMANDS[cmd_name][0]).command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="metacircuit")
def cli() -> None:
    """Reproducible meta-analysis, from extraction sheets to figures, tables and a report."""


def main() -> None:
    """Run the command line; a user's own mistake is printed without a traceback."""
    # One thread a process: jobs run side by side already, and the order of sums, hence the last bit, stays the same.
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ[variable] = "1"
    try:
        cli()
    except UserError as error:
        for message in error.messages:
            click.echo(f"metacircuit: {message}", err=True)
        sys.exit(1)
