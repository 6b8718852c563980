"""`metacircuit stage`: the stages of the pipeline, one command a rule of the workflow."""

from __future__ import annotations

import click

from metacircuit.cli.stages import conduct, diagnostics, evidence, groups, outputs, results, tables, writing


@click.group()
def command() -> None:
    """One stage of the pipeline, as the workflow calls it."""


for _stage in (
    *(evidence.check, evidence.accept, evidence.harmonise, evidence.trace),
    *(results.fit, results.figures),
    *(diagnostics.diagnose, diagnostics.multiverse),
    groups.heterogeneity,
    conduct.certainty,
    *(outputs.account, tables.tables, outputs.report, outputs.record),
    *(writing.sentences, writing.manuscript),
):
    command.add_command(_stage)
