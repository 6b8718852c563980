"""Whether groups differ, whether their spreads differ, whether differences are too small to matter, and what is missing.

REQUIRED INPUTS
    results/REVIEW/effects/*.csv, results/REVIEW/checked/words.csv, the vocabularies
OUTPUTS
    results/REVIEW/heterogeneity/ANALYSIS/interaction.csv    a row a crossed grouping: its product as one test
    results/REVIEW/heterogeneity/ANALYSIS/variances.csv      the heterogeneity of each group
    results/REVIEW/heterogeneity/ANALYSIS/equivalence.csv    a row a pair of groups: is a relevant difference excluded?
    results/REVIEW/heterogeneity/ANALYSIS/power.csv          a row a cell: its power, and the studies that it needs
"""


rule heterogeneity:
    """The groups of all analyses in one process: starting it takes as long as comparing them."""
    input:
        effects=per_analysis("results/{review}/effects/{analysis}.csv"),
        used="results/{review}/checked/words.csv",
        words=word_files(),
    output:
        expand(
            "results/{{review}}/heterogeneity/{analysis}/{table}.csv",
            analysis=list(SETTINGS.analyses),
            table=GROUP_TABLES,
        ),
    log:
        "results/{review}/logs/heterogeneity.log",
    benchmark:
        "results/{review}/benchmarks/heterogeneity.tsv"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        slice=of_review(AllHeterogeneitySlice),
        words=words(),
        results=subpath(input.used, ancestor=2),
        code=code_hash("sheets", "effects", "stats", "models", "diagnostics"),
    message:
        "Comparing the groups of every analysis"
    shell:
        "metacircuit stage heterogeneity --slice {params.slice:q} {params.words:q} --used {input.used:q}"
        " --results {params.results:q} 2>&1 | tee {log:q}"
