"""Draw the figures of an analysis from its result tables; nothing is fitted here.

REQUIRED INPUTS
    results/REVIEW/{effects,combined,estimates,contrasts}/ANALYSIS.csv, results/REVIEW/diagnostics/ANALYSIS/*.csv,
    results/REVIEW/heterogeneity/ANALYSIS/power.csv, results/REVIEW/plots/ANALYSIS/*.csv where the config asks for
    their figures, the vocabularies
OUTPUTS
    results/REVIEW/figures/ANALYSIS/FIGURE.{pdf,svg,png}    pages for print; one sheet for the screen
    results/REVIEW/figures/ANALYSIS/FIGURE.txt              alternative text

One rule an analysis rather than one job a figure: loading the drawing library takes longer than drawing.
"""

for name in FIGURES:

    rule:
        """The figures of one analysis, with their alternative texts."""
        name:
            f"figures_{name}"
        input:
            combined=f"{RESULTS}/combined/{name}.csv",
            estimates=f"{RESULTS}/estimates/{name}.csv",
            contrasts=f"{RESULTS}/contrasts/{name}.csv",
            effects=f"{RESULTS}/effects/{name}.csv",
            diagnostics=diagnostics_of(name),
            plots=plots_of(name),
            # The studies only where a forest plot shows columns of theirs: else an edited title redraws nothing.
            studies=studies_for_figures(name),
            needs=f"{RESULTS}/heterogeneity/{name}/power.csv",
            used=f"{RESULTS}/checked/words.csv",
            words=word_files(),
        output:
            figures_of_analysis(name, ("pdf", "png", "txt")),
            shown_figures(name),
        log:
            f"{RESULTS}/logs/figures/{name}.log",
        benchmark:
            f"{RESULTS}/benchmarks/figures/{name}.tsv"
        resources:
            mem_mb=2000,
            runtime=10,
        params:
            slice=as_json(FigureSlice.of(SETTINGS, name)),
            folder=subpath(output[0], parent=True),
            diagnostics=lambda wildcards, input: str(Path(input.diagnostics[0]).parent),
            studies=lambda wildcards, input: [f"--studies={path}" for path in input.studies],
            plots=lambda wildcards, input: [f"--plot={path}" for path in input.plots],
            words=words(),
            code=code_hash("sheets", "effects", "models", "stats", "figures"),
        message:
            f"Drawing the figures of {name}"
        shell:
            "metacircuit stage figures --slice {params.slice:q} {params.words:q} --used {input.used:q}"
            " --combined {input.combined:q} --estimates {input.estimates:q} --contrasts {input.contrasts:q}"
            " --effects {input.effects:q} {params.studies:q} {params.plots:q} --diagnostics {params.diagnostics:q}"
            " --needs {input.needs:q}"
            " --folder {params.folder:q} > {log:q} 2>&1"
