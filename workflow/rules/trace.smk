"""Write down the story of each number.

REQUIRED INPUTS
    results/REVIEW/checked/printed.csv, results/REVIEW/effects/*.csv
OUTPUTS
    results/REVIEW/provenance.jsonl    a line a number: printed cells, formula, source, assumptions, result, hash
"""


rule trace:
    """Where each yi and vi comes from, in a form that recomputes it."""
    input:
        printed="results/{review}/checked/printed.csv",
        effects=per_analysis("results/{review}/effects/{analysis}.csv"),
    output:
        provenance="results/{review}/provenance.jsonl",
    log:
        "results/{review}/logs/trace.log",
    benchmark:
        "results/{review}/benchmarks/trace.tsv"
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        slice=of_review(AccountSlice),
        results=subpath(output.provenance, parent=True),
        code=code_hash("sheets", "effects"),
    message:
        "Writing down where each number comes from"
    shell:
        "metacircuit stage trace --slice {params.slice:q} --printed {input.printed:q} --results {params.results:q}"
        " --output {output.provenance:q} > {log:q} 2>&1"
