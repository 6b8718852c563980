"""Bring the rows of an analysis to its measure, by the first usable route of the documented order.

REQUIRED INPUTS
    results/REVIEW/checked/{studies,effects}.csv, accepted.json, the vocabularies
OUTPUTS
    results/REVIEW/effects/ANALYSIS.csv    every selected row with yi, vi, route, inputs and assumptions, or the reason for none
"""


rule harmonise:
    """Effects of one analysis on one measure, oriented alike, each with the story of its number."""
    input:
        studies="results/{review}/checked/studies.csv",
        effects="results/{review}/checked/effects.csv",
        accepted="results/{review}/checked/accepted.json",
        words=word_files(),
    output:
        effects="results/{review}/effects/{analysis}.csv",
    log:
        "results/{review}/logs/harmonise/{analysis}.log",
    benchmark:
        "results/{review}/benchmarks/harmonise/{analysis}.tsv"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        slice=of_analysis(HarmoniseSlice),
        code=code_hash("sheets", "effects"),
    message:
        "Bringing {wildcards.analysis} to one measure"
    shell:
        "metacircuit stage harmonise --slice {params.slice:q} --studies {input.studies:q} --effects {input.effects:q}"
        " --output {output.effects:q} > {log:q} 2>&1"
