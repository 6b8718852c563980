"""The tables that people quote: what became of every row, the summary of all strata, and the numbers by name.

REQUIRED INPUTS
    results/REVIEW/checked/effects.csv, problems.csv, effects/*.csv, estimates/*.csv, contrasts/*.csv
OUTPUTS
    results/REVIEW/tables/rows.csv           one row a sheet row: analysed, excluded or problem, and why
    results/REVIEW/tables/summary.{csv,html} every pooled estimate
    results/REVIEW/numbers.json              every number under a stable name
"""


rule account:
    """Rows read = rows analysed + excluded + problems, or the run stops."""
    input:
        checked="results/{review}/checked/effects.csv",
        problems="results/{review}/problems.csv",
        effects=per_analysis("results/{review}/effects/{analysis}.csv"),
    output:
        rows="results/{review}/tables/rows.csv",
    log:
        "results/{review}/logs/account.log",
    benchmark:
        "results/{review}/benchmarks/account.tsv"
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        slice=of_review(AccountSlice),
        results=subpath(output.rows, ancestor=2),
        code=code_hash("sheets", "tables"),
    message:
        "Counting what became of every row"
    shell:
        "metacircuit stage account --slice {params.slice:q} --checked {input.checked:q}"
        " --results {params.results:q} --output {output.rows:q} > {log:q} 2>&1"


rule summarise:
    """All strata of all analyses in one table, and every number under a stable name."""
    input:
        rows="results/{review}/tables/rows.csv",
        estimates=per_analysis("results/{review}/estimates/{analysis}.csv"),
        contrasts=per_analysis("results/{review}/contrasts/{analysis}.csv"),
    output:
        csv=report(
            "results/{review}/tables/summary.csv",
            caption="../report/summary.rst",
            category="tables",
        ),
        html="results/{review}/tables/summary.html",
        numbers="results/{review}/numbers.json",
    log:
        "results/{review}/logs/summarise.log",
    benchmark:
        "results/{review}/benchmarks/summarise.tsv"
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        slice=of_review(ReportSlice),
        results=subpath(output.numbers, parent=True),
        code=code_hash("sheets", "tables"),
    message:
        "Writing the summary table and the numbers"
    shell:
        "metacircuit stage summarise --slice {params.slice:q} --results {params.results:q} --csv {output.csv:q}"
        " --html {output.html:q} --numbers {output.numbers:q} > {log:q} 2>&1"
