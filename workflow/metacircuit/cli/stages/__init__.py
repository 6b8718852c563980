"""`metacircuit stage`: the stages of the pipeline, one command a rule of the workflow."""

from __future__ import annotations

import click

from metacircuit.cli.stages import claims, diagnostics, evidence, outputs, results, tables


@click.group()
def command() -> None:
    """One stage of the pipeline, as the workflow calls it."""


for _stage in (
    *(evidence.check, evidence.accept, evidence.harmonise, evidence.trace),
    *(results.fit, results.figures),
    *(diagnostics.diagnose, diagnostics.multiverse),
    *(claims.answer_claims, claims.claim_figures),
    *(outputs.account, outputs.summarise, tables.tables, outputs.report, outputs.record),
):
    command.add_command(_stage)
