"""Whether the result of an analysis can be trusted: influence, small-study effects, selection, other choices.

REQUIRED INPUTS
    results/REVIEW/effects/ANALYSIS.csv, results/REVIEW/estimates/ANALYSIS.csv, the studies, the vocabularies
OUTPUTS
    results/REVIEW/diagnostics/ANALYSIS/influence.csv        a row a study of every stratum
    results/REVIEW/diagnostics/ANALYSIS/leave_one_out.csv    the estimate without each study, and each effect
    results/REVIEW/diagnostics/ANALYSIS/cumulative.csv       the estimate as the studies join
    results/REVIEW/diagnostics/ANALYSIS/baujat.csv           contribution to heterogeneity against influence
    results/REVIEW/diagnostics/ANALYSIS/outliers.csv         what each rule flags, and the estimate without it
    results/REVIEW/diagnostics/ANALYSIS/corrections.csv      tests and corrected estimates side by side
    results/REVIEW/diagnostics/ANALYSIS/readings.csv         what they can and cannot tell, in a sentence
    results/REVIEW/diagnostics/ANALYSIS/gosh*.csv            subsets of the studies, and which study splits them
    results/REVIEW/diagnostics/ANALYSIS/multiverse.csv       the estimate under every combination of choices
    results/REVIEW/diagnostics/ANALYSIS/shares.csv           which choice moves it most
"""


rule diagnose:
    """Influence, small-study effects and selection, in every stratum that has enough studies."""
    input:
        effects="results/{review}/effects/{analysis}.csv",
        estimates="results/{review}/estimates/{analysis}.csv",
        studies="results/{review}/checked/studies.csv",
        words=word_files(),
    output:
        expand("results/{{review}}/diagnostics/{{analysis}}/{table}.csv", table=DIAGNOSTIC_TABLES),
    log:
        "results/{review}/logs/diagnose/{analysis}.log",
    benchmark:
        "results/{review}/benchmarks/diagnose/{analysis}.tsv"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        slice=of_analysis(DiagnoseSlice),
        words=words(),
        folder=subpath(output[0], parent=True),
        code=code_hash("sheets", "effects", "stats", "models", "diagnostics"),
    message:
        "Asking whether {wildcards.analysis} can be trusted"
    shell:
        "metacircuit stage diagnose --slice {params.slice:q} {params.words:q} --effects {input.effects:q}"
        " --estimates {input.estimates:q} --studies {input.studies:q} --folder {params.folder:q} 2>&1 | tee {log:q}"


rule multiverse:
    """The estimate under every combination of the choices that could have been made otherwise."""
    input:
        effects="results/{review}/effects/{analysis}.csv",
    output:
        table="results/{review}/diagnostics/{analysis}/multiverse.csv",
        shares="results/{review}/diagnostics/{analysis}/shares.csv",
    log:
        "results/{review}/logs/multiverse/{analysis}.log",
    benchmark:
        "results/{review}/benchmarks/multiverse/{analysis}.tsv"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        slice=of_analysis(MultiverseSlice),
        folder=subpath(output.table, parent=True),
        code=code_hash("sheets", "effects", "stats", "models", "diagnostics"),
    message:
        "Choosing otherwise in {wildcards.analysis}"
    shell:
        "metacircuit stage multiverse --slice {params.slice:q} --effects {input.effects:q}"
        " --folder {params.folder:q} 2>&1 | tee {log:q}"
