# metacircuit: from extraction sheets to figures, tables and a report.
#
#   config/REVIEW.yaml   what is asked of the evidence        data/REVIEW     the sheets
#   workflow/rules       one file a stage                     results/REVIEW  everything that is made
#
# `snakemake --config review=NAME` runs config/NAME.yaml; without it, the default review.
from snakemake.utils import min_version

min_version("9.8")


configfile: f"config/{config.get('review', 'nssi')}.yaml"


# Used only with --software-deployment-method apptainer; `apptainer build metacircuit.sif workflow/container.def` makes it.
container: "metacircuit.sif"


include: "workflow/rules/common.smk"
include: "workflow/rules/check.smk"
include: "workflow/rules/harmonise.smk"
include: "workflow/rules/trace.smk"
include: "workflow/rules/fit.smk"
include: "workflow/rules/diagnose.smk"
include: "workflow/rules/heterogeneity.smk"
include: "workflow/rules/certainty.smk"
include: "workflow/rules/plots.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/review_figures.smk"
include: "workflow/rules/manuscript.smk"
include: "workflow/rules/report.smk"


report: "workflow/report/workflow.rst"


rule all:
    default_target: True
    input:
        targets(),
    localrule: True
