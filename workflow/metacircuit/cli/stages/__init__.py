"""`metacircuit stage`: the stages of the pipeline, one command a rule of the workflow."""

from __future__ import annotations

import click

from metacircuit.cli.stages import (
    claims,
    conduct,
    diagnostics,
    evidence,
    groups,
    outputs,
    plots,
    results,
    tables,
    writing,
)


@click.group()
def command() -> None:
    """One stage of the pipeline, as the workflow calls it."""


for _stage in (
    *(evidence.check, evidence.accept, evidence.harmonise, evidence.trace),
    *(results.fit, plots.plots, results.figures, plots.review_figures),
    *(diagnostics.diagnose, diagnostics.multiverse),
    groups.heterogeneity,
    conduct.certainty,
    *(claims.answer_claims, claims.claim_figures),
    *(outputs.account, tables.tables, outputs.report, outputs.record),
    *(writing.sentences, writing.manuscript),
):
    command.add_command(_stage)
