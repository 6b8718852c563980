"""Pool an analysis: overall and in every stratum of its groupings, all in one process.

REQUIRED INPUTS
    results/REVIEW/effects/ANALYSIS.csv, the vocabularies
OUTPUTS
    results/REVIEW/combined/ANALYSIS.csv       a row a study within a stratum: its mean under the model, and its weight
    results/REVIEW/estimates/ANALYSIS.csv      a row a stratum, with a status
    results/REVIEW/contrasts/ANALYSIS.csv      a row a grouping: the test between its strata
    results/REVIEW/sensitivity/ANALYSIS.csv    a row a stratum for each value of rho and each treatment of bounds
"""


rule fit:
    """The models of one analysis, under the assumptions of the config and under others."""
    input:
        effects="results/{review}/effects/{analysis}.csv",
        words=word_files(),
    output:
        combined="results/{review}/combined/{analysis}.csv",
        estimates="results/{review}/estimates/{analysis}.csv",
        contrasts="results/{review}/contrasts/{analysis}.csv",
        sensitivity="results/{review}/sensitivity/{analysis}.csv",
    log:
        "results/{review}/logs/fit/{analysis}.log",
    benchmark:
        "results/{review}/benchmarks/fit/{analysis}.tsv"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        slice=of_analysis(FitSlice),
        words=words(),
        code=code_hash("sheets", "effects", "stats", "models"),
    message:
        "Pooling {wildcards.analysis}"
    shell:
        "metacircuit stage fit --slice {params.slice:q} {params.words:q} --effects {input.effects:q}"
        " --combined {output.combined:q} --estimates {output.estimates:q} --contrasts {output.contrasts:q}"
        " --sensitivity {output.sensitivity:q} > {log:q} 2>&1"
