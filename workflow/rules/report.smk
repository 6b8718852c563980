"""The page that readers open, and the record of the run.

REQUIRED INPUTS
    everything that the stages before have made
OUTPUTS
    results/REVIEW/report.html    one self-contained page
    results/REVIEW/run.json       inputs with checksums, versions, command and time: the only output with a clock in it
"""


rule report:
    """One self-contained page, drawn from the tables and figures."""
    input:
        problems="results/{review}/problems.csv",
        rows="results/{review}/tables/rows.csv",
        studies="results/{review}/checked/studies.csv",
        words=word_files(),
        claims=claims_of_review(),
        effects=per_analysis("results/{review}/effects/{analysis}.csv"),
        estimates=per_analysis("results/{review}/estimates/{analysis}.csv"),
        contrasts=per_analysis("results/{review}/contrasts/{analysis}.csv"),
        sensitivity=per_analysis("results/{review}/sensitivity/{analysis}.csv"),
        diagnostics=[path for name in SETTINGS.analyses for path in diagnostics_of(name)],
        provenance="results/{review}/provenance.jsonl",
        figures=per_figure("svg"),
        alts=per_figure("txt"),
        flow=review_figures(),
        beside=[*claim_tables(), *claim_figures("svg"), *claim_figures("txt")],
    output:
        page="results/{review}/report.html",
    log:
        "results/{review}/logs/report.log",
    benchmark:
        "results/{review}/benchmarks/report.tsv"
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        slice=of_review(ReportSlice),
        words=words(),
        claims=[f"--claims={path}" for path in claims_of_review()],
        results=subpath(output.page, parent=True),
        code=code_hash("sheets", "effects", "models", "claims", "tables", "report"),
    message:
        "Writing the report"
    shell:
        "metacircuit stage report --slice {params.slice:q} {params.words:q} --results {params.results:q}"
        " {params.claims:q} --output {output.page:q} > {log:q} 2>&1"


rule record:
    """What went in, what it ran on, and when."""
    input:
        sheets=sheet_files(),
        words=word_files(),
        page="results/{review}/report.html",
        numbers="results/{review}/manuscript/numbers.json",
    output:
        run="results/{review}/run.json",
    log:
        "results/{review}/logs/record.log",
    benchmark:
        "results/{review}/benchmarks/record.tsv"
    resources:
        mem_mb=500,
        runtime=5,
    params:
        slice=of_review(ReportSlice),
        code=code_hash(),
    message:
        "Recording the run"
    shell:
        "metacircuit stage record --slice {params.slice:q} --code {params.code:q} --output {output.run:q}"
        " {input.sheets:q} {input.words:q} > {log:q} 2>&1"
