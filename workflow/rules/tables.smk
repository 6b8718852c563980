"""The tables that people quote: what became of every row, and the tables of the paper.

REQUIRED INPUTS
    results/REVIEW/checked/{studies,effects}.csv, problems.csv, effects/*.csv, estimates/*.csv, contrasts/*.csv,
    diagnostics/*/corrections.csv, the vocabularies
OUTPUTS
    results/REVIEW/tables/rows.csv     one row a sheet row: analysed, excluded or problem, and why
    results/REVIEW/tables/TABLE.*      the tables of the paper as CSV, workbook, Word, LaTeX and HTML
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


rule tables:
    """The tables of the paper, each from one object in every format."""
    input:
        rows="results/{review}/tables/rows.csv",
        studies="results/{review}/checked/studies.csv",
        sheet="results/{review}/checked/effects.csv",
        effects=per_analysis("results/{review}/effects/{analysis}.csv"),
        estimates=per_analysis("results/{review}/estimates/{analysis}.csv"),
        contrasts=per_analysis("results/{review}/contrasts/{analysis}.csv"),
        corrections=per_analysis("results/{review}/diagnostics/{analysis}/corrections.csv"),
        words=word_files(),
    output:
        shown_tables(),
    log:
        "results/{review}/logs/tables.log",
    benchmark:
        "results/{review}/benchmarks/tables.tsv"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        slice=of_review(TablesSlice),
        words=words(),
        results=subpath(input.rows, ancestor=2),
        folder=subpath(input.rows, parent=True),
        code=code_hash("sheets", "effects", "models", "tables"),
    message:
        "Writing the tables"
    shell:
        "metacircuit stage tables --slice {params.slice:q} {params.words:q} --studies {input.studies:q}"
        " --effects {input.sheet:q} --results {params.results:q} --folder {params.folder:q} > {log:q} 2>&1"
