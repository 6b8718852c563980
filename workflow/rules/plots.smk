"""Tables that only figures need; the rule of an analysis exists where its config asks for such a figure.

REQUIRED INPUTS
    results/REVIEW/{effects,combined}/ANALYSIS.csv, the studies
OUTPUTS
    results/REVIEW/plots/ANALYSIS/points.csv         bubble plots: a row an effect, with its weight
    results/REVIEW/plots/ANALYSIS/predictions.csv    the line of each moderator, with its bands
    results/REVIEW/plots/ANALYSIS/slopes.csv         a row a moderator: the slope and its test, or why there is none
    results/REVIEW/plots/ANALYSIS/funnels.csv        funnel panels: a row a study of a stratum, those filled in marked
"""

for name in SETTINGS.analyses:
    if plots_of(name):

        rule:
            """Meta-regressions on single moderators, and funnels completed by trim and fill."""
            name:
                f"plots_{name}"
            input:
                effects=f"{RESULTS}/effects/{name}.csv",
                combined=f"{RESULTS}/combined/{name}.csv",
                studies=f"{RESULTS}/checked/studies.csv",
            output:
                plots_of(name),
            log:
                f"{RESULTS}/logs/plots/{name}.log",
            benchmark:
                f"{RESULTS}/benchmarks/plots/{name}.tsv"
            resources:
                mem_mb=2000,
                runtime=10,
            params:
                slice=as_json(PlotSlice.of(SETTINGS, name)),
                folder=subpath(output[0], parent=True),
                code=code_hash("sheets", "effects", "stats", "models", "diagnostics"),
            message:
                f"Regressions and funnels for the figures of {name}"
            shell:
                "metacircuit stage plots --slice {params.slice:q} --effects {input.effects:q}"
                " --combined {input.combined:q} --studies {input.studies:q} --folder {params.folder:q}"
                " > {log:q} 2>&1"
