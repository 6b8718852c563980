"""The validated config, its slices, and which files exist because of it.

REQUIRED INPUTS
    config/REVIEW.yaml (read by the Snakefile)

Helpers only; no function looks into the data, so the graph follows from the config alone.
"""

from pathlib import Path

from snakemake.exceptions import WorkflowError

from metacircuit.cli.fingerprint import code_hash
from metacircuit.config import (
    AccountSlice,
    CheckSlice,
    FigureSlice,
    FitSlice,
    HarmoniseSlice,
    ReportSlice,
    UserError,
    figures_of,
    validate_settings,
)
from metacircuit.sheets.find import find_sheets

try:
    SETTINGS = validate_settings(dict(config), source=f"config/{config.get('review', 'nssi')}.yaml")
except UserError as error:
    raise WorkflowError("The config has problems.", *error.messages)

RESULTS = f"results/{SETTINGS.review}"
FIGURES = [
    (name, figure)
    for name, analysis in SETTINGS.analyses.items()
    for figure in figures_of(analysis)
]


wildcard_constraints:
    review=SETTINGS.review,
    analysis="|".join(SETTINGS.analyses),
    figure="|".join(sorted({figure for _, figure in FIGURES})),


def of_analysis(kind):
    """The slice that a stage may know of the analysis in its wildcards, as JSON."""
    return lambda wildcards: kind.of(SETTINGS, wildcards.analysis).model_dump_json()


def of_figure(wildcards):
    """The slice of one figure, as JSON."""
    return FigureSlice.of(SETTINGS, wildcards.analysis, wildcards.figure).model_dump_json()


def of_review(kind):
    """The slice of a stage that sees the whole review, as JSON."""
    return kind.of(SETTINGS).model_dump_json()


def words():
    """The vocabularies, as options of a stage."""
    return [f"--words={name}={path}" for name, path in SETTINGS.vocabulary.items()]


def sheet_files():
    """The sheets that lie in the review's data folder; which ones they may be is the package's business."""
    return [str(path) for path in find_sheets(Path(SETTINGS.data))]


def word_files():
    """The files of the vocabularies."""
    return list(SETTINGS.vocabulary.values())


def per_analysis(pattern):
    """One file an analysis, in the config's order."""
    return expand(pattern, review=SETTINGS.review, analysis=list(SETTINGS.analyses))


def per_figure(extension):
    """One file a figure, in the config's order."""
    return [f"{RESULTS}/figures/{name}/{figure}.{extension}" for name, figure in FIGURES]


def targets():
    """What a run of the review makes."""
    return [
        f"{RESULTS}/report.html",
        f"{RESULTS}/run.json",
        *per_figure("pdf"),
    ]
