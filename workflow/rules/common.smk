"""The validated config, its slices, and which files exist because of it.

REQUIRED INPUTS
    config/REVIEW.yaml (read by the Snakefile)

Helpers only; no function looks into the data, so the graph follows from the config alone.
"""

from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.io import report as in_report

from metacircuit.cli.fingerprint import code_hash
from metacircuit.cli.seeds import read_claims
from metacircuit.config import (
    GROUP_TABLES,
    AccountSlice,
    AllHeterogeneitySlice,
    CertaintySlice,
    CheckSlice,
    ClaimFiguresSlice,
    ClaimsSlice,
    DiagnoseSlice,
    FigureSlice,
    FitSlice,
    HarmoniseSlice,
    ManuscriptSlice,
    MultiverseSlice,
    PlotSlice,
    ReportSlice,
    ReviewFigureSlice,
    SentencesSlice,
    TablesSlice,
    UserError,
    figures_of,
    validate_settings,
)
from metacircuit.diagnostics.battery.columns import COLUMNS, TABLES
from metacircuit.sheets.find import find_sheets

try:
    SETTINGS = validate_settings(dict(config), source=f"config/{config.get('review', 'nssi')}.yaml")
    read_claims(SETTINGS)
except UserError as error:
    raise WorkflowError("The config has problems.", *error.messages)

RESULTS = f"results/{SETTINGS.review}"
KINDS = ("effects", "combined", "estimates", "contrasts", "sensitivity")
DIAGNOSTIC_TABLES = tuple(COLUMNS)
CLAIM_FIGURES = ClaimFiguresSlice.of(SETTINGS).figures
FIGURES = {
    name: figures_of(analysis, SETTINGS.figures_of(name))
    for name, analysis in SETTINGS.analyses.items()
}
MANUSCRIPT_TEXTS = (
    *("numbers.json", "numbers.tex", "methods.md", "results.md"),
    *("tables.md", "studies.md", "studies.bib"),
)
MANUSCRIPT = ("manuscript.docx", "manuscript.pdf", "references.bib")


wildcard_constraints:
    review=SETTINGS.review,
    analysis="|".join(SETTINGS.analyses),


def of_analysis(kind):
    """The slice that a stage may know of the analysis in its wildcards, as JSON."""
    return lambda wildcards: kind.of(SETTINGS, wildcards.analysis).model_dump_json()


def as_json(part):
    """A slice as JSON; a function, for in a plain text Snakemake takes a word in braces for a wildcard."""
    text = part.model_dump_json()
    return lambda wildcards: text


def of_review(kind):
    """The slice of a stage that sees the whole review, as JSON."""
    return as_json(kind.of(SETTINGS))


def words():
    """The vocabularies, as options of a stage."""
    return [f"--words={name}={path}" for name, path in SETTINGS.vocabulary.items()]


def sheet_files():
    """The source, if it is there, and the sheets; which these are, and what is missing, is the package's business."""
    source = [
        path for path in (SETTINGS.source.files if SETTINGS.source else ()) if Path(path).is_file()
    ]
    found = [str(path) for path in find_sheets(Path(SETTINGS.data))]
    return list(dict.fromkeys([*source, *found]))


def conduct_files():
    """What people wrote beside the sheets about the conduct of the review, as far as it is there."""
    names = ("rob.csv", "certainty.yaml", "certainty.csv", "screening.csv", "prisma.csv")
    return [str(path) for path in (Path(SETTINGS.data) / name for name in names) if path.is_file()]


def word_files():
    """The files of the vocabularies."""
    return list(SETTINGS.vocabulary.values())


def skeleton():
    """The review's own skeleton: the one that the config names, or manuscript.md beside the sheets; or none."""
    named = SETTINGS.manuscript.skeleton
    beside = Path(SETTINGS.data) / "manuscript.md"
    return named or (beside.as_posix() if beside.is_file() else None)


def skeleton_option():
    """The skeleton as an option of a stage."""
    return [f"--skeleton={skeleton()}"] if skeleton() else []


def manuscript_files():
    """The files that the review gives to its manuscript."""
    own = SETTINGS.manuscript
    return [path for path in (skeleton(), own.csl, own.reference_docx, own.bibliography) if path]


def per_analysis(pattern):
    """One file an analysis, in the config's order."""
    return expand(pattern, review=SETTINGS.review, analysis=list(SETTINGS.analyses))


def diagnostics_of(name):
    """The diagnostic tables of one analysis."""
    return [f"{RESULTS}/diagnostics/{name}/{table}.csv" for table in TABLES]


def group_tables_of(name):
    """The tables about the groups of one analysis."""
    return [f"{RESULTS}/heterogeneity/{name}/{table}.csv" for table in GROUP_TABLES]


def figures_of_analysis(name, extensions):
    """The files of the figures of one analysis."""
    return [
        f"{RESULTS}/figures/{name}/{figure}.{extension}"
        for figure in FIGURES[name]
        for extension in extensions
    ]


def data_file(name):
    """A file of the review's data folder, if it is there."""
    path = Path(SETTINGS.data) / name
    return [str(path)] if path.is_file() else []


def review_figures():
    """The files of the figures of the review as a whole."""
    return expand(
        f"{RESULTS}/figures/review/{{figure}}.{{form}}",
        figure=SETTINGS.review_figures,
        form=("pdf", "svg", "png", "txt"),
    )


def plots_of(name):
    """The tables of one analysis that only its figures need; most analyses have none."""
    return [f"{RESULTS}/plots/{name}/{table}.csv" for table in PlotSlice.of(SETTINGS, name).tables]


def studies_for_figures(name):
    """The checked studies, if the forest plots of an analysis show, sort or group by columns of the sheets."""
    coded = SETTINGS.figures_of(name).forest.coded
    return [f"{RESULTS}/checked/studies.csv"] if coded else []


def shown_figures(name):
    """The figures of one analysis as Snakemake's own report shows them."""
    folder, caption = f"{RESULTS}/figures/{name}", "../report/figure.rst"
    return [
        in_report(f"{folder}/{f}.svg", caption=caption, category=name, labels={"figure": f})
        for f in FIGURES[name]
    ]


def table_files():
    """The tables of the paper, each in every format that the config asks for."""
    chosen = SETTINGS.tables
    return [
        f"{RESULTS}/tables/{name}.{ending}" for name in chosen.make for ending in chosen.formats
    ]


def shown_tables():
    """The same files; Snakemake's own report shows the pages among them."""
    caption = "../report/table.rst"
    return [
        (
            in_report(path.replace(RESULTS, "results/{review}"), caption=caption, category="tables")
            if path.endswith(".html")
            else path.replace(RESULTS, "results/{review}")
        )
        for path in table_files()
    ]


def per_figure(extension):
    """One file a figure, in the config's order."""
    return [path for name in FIGURES for path in figures_of_analysis(name, [extension])]


def claim_tables():
    """The tables of claims and published estimates, if the config asks for some."""
    names = ("claims.csv", "claims_differences.csv", "published.csv")
    return [f"{RESULTS}/{name}" for name in names] if CLAIM_FIGURES else []


def claims_of_review():
    """The table of the claims with their verdicts, where the config names files of claims."""
    return [f"{RESULTS}/claims.csv"] if SETTINGS.claims else []


def claim_figures(extension):
    """One file a figure of claims and published estimates."""
    return [f"{RESULTS}/figures/{name}.{extension}" for name in CLAIM_FIGURES]


def targets():
    """What a run of the review makes: every file that the README names, so that a lost one is made again."""
    return [
        *(
            f"{RESULTS}/{name}"
            for name in (
                "report.html",
                "run.json",
                "problems.csv",
                "provenance.jsonl",
                "certainty.csv",
                "rob.csv",
                "prisma.csv",
                "prisma.md",
            )
        ),
        *(f"{RESULTS}/manuscript/{name}" for name in (*MANUSCRIPT_TEXTS, *MANUSCRIPT)),
        f"{RESULTS}/tables/rows.csv",
        f"{RESULTS}/tables/flow.csv",
        *table_files(),
        *(f"{RESULTS}/tables/findings.{extension}" for extension in ("csv", "html")),
        *(
            path
            for kind in KINDS
            for path in per_analysis(f"results/{{review}}/{kind}/{{analysis}}.csv")
        ),
        *(path for name in SETTINGS.analyses for path in diagnostics_of(name)),
        *(path for name in SETTINGS.analyses for path in group_tables_of(name)),
        *review_figures(),
        *claim_tables(),
        *(
            path
            for extension in ("pdf", "svg", "png", "txt")
            for path in [*per_figure(extension), *claim_figures(extension)]
        ),
    ]
