"""How certain the evidence is, how likely it is biased, and where each item of PRISMA 2020 is answered.

REQUIRED INPUTS
    results/REVIEW/{effects,combined,estimates}/*.csv, results/REVIEW/diagnostics/*/corrections.csv,
    config/rob/*.yaml, config/prisma2020.csv; if they exist data/REVIEW/{rob,certainty,screening,prisma}.csv and
    certainty.yaml
OUTPUTS
    results/REVIEW/certainty.csv               a row a stratum: each domain with its reason, what people decided, the level
    results/REVIEW/rob.csv                     the judgements of the studies, with the overall ones
    results/REVIEW/tables/findings.{csv,html}  the summary of findings
    results/REVIEW/prisma.{csv,md}             the checklist, filled
"""


rule certainty:
    """The certainty of every stratum, and the checklist of what is reported."""
    input:
        studies="results/{review}/checked/studies.csv",
        effects=per_analysis("results/{review}/effects/{analysis}.csv"),
        combined=per_analysis("results/{review}/combined/{analysis}.csv"),
        estimates=per_analysis("results/{review}/estimates/{analysis}.csv"),
        corrections=per_analysis("results/{review}/diagnostics/{analysis}/corrections.csv"),
        sheets=conduct_files(),
        tools=sorted(str(path) for path in Path("config/rob").glob("*.yaml")),
        asked="config/prisma2020.csv",
        words=word_files(),
    output:
        certainty="results/{review}/certainty.csv",
        rob="results/{review}/rob.csv",
        findings="results/{review}/tables/findings.csv",
        page="results/{review}/tables/findings.html",
        prisma="results/{review}/prisma.csv",
        checklist="results/{review}/prisma.md",
    log:
        "results/{review}/logs/certainty.log",
    benchmark:
        "results/{review}/benchmarks/certainty.tsv"
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        slice=of_review(CertaintySlice),
        words=words(),
        results=subpath(output.certainty, parent=True),
        code=code_hash("sheets", "effects", "diagnostics", "certainty", "tables"),
    message:
        "Judging the certainty of the evidence"
    shell:
        "metacircuit stage certainty --slice {params.slice:q} {params.words:q} --results {params.results:q}"
        " --tools config/rob --items {input.asked:q} 2>&1 | tee {log:q}"
