"""The manuscript: every number by name, methods and results as text, and a skeleton filled with them as DOCX and PDF.

REQUIRED INPUTS
    the result tables of all analyses, results/REVIEW/checked/studies.csv, figures/ANALYSIS/*.{pdf,txt}; the skeleton
OUTPUTS
    results/REVIEW/manuscript/numbers.{json,tex}             every number under a stable name, ready formatted
    results/REVIEW/manuscript/{methods,results}.md           what was done and what was found, in sentences
    results/REVIEW/manuscript/{tables,studies}.md            the tables and the included studies
    results/REVIEW/manuscript/studies.bib, references.bib    the included studies; what the manuscript cites, and them
    results/REVIEW/manuscript/manuscript.{docx,pdf}          the skeleton, filled

Two rules: the names are there to be looked up even if a mistake in the skeleton stops the second.
"""


rule sentences:
    """Numbers, methods, results, tables and included studies as text."""
    input:
        rows="results/{review}/tables/rows.csv",
        studies="results/{review}/checked/studies.csv",
        effects=per_analysis("results/{review}/effects/{analysis}.csv"),
        estimates=per_analysis("results/{review}/estimates/{analysis}.csv"),
        contrasts=per_analysis("results/{review}/contrasts/{analysis}.csv"),
        sensitivity=per_analysis("results/{review}/sensitivity/{analysis}.csv"),
        claims=claim_tables(),
        diagnostics=[
            f"{RESULTS}/diagnostics/{name}/{table}.csv"
            for name in SETTINGS.analyses
            for table in ("influence", "leave_one_out", "corrections", "readings", "shares")
        ],
    output:
        texts=expand("results/{{review}}/manuscript/{text}", text=MANUSCRIPT_TEXTS),
    log:
        "results/{review}/logs/sentences.log",
    benchmark:
        "results/{review}/benchmarks/sentences.tsv"
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        slice=of_review(SentencesSlice),
        folder=subpath(output[0], parent=True),
        results=subpath(output[0], ancestor=2),
        code=code_hash("sheets", "effects", "models", "tables", "report"),
    message:
        "Writing numbers, methods and results"
    shell:
        "metacircuit stage sentences --slice {params.slice:q} --results {params.results:q} --folder {params.folder:q}"
        " > {log:q} 2>&1"


rule manuscript:
    """The skeleton with its placeholders filled; a number typed by hand stops it."""
    input:
        texts=expand("results/{{review}}/manuscript/{text}", text=MANUSCRIPT_TEXTS),
        figures=[
            path
            for extension in ("pdf", "txt")
            for path in (
                *per_figure(extension),
                *claim_figures(extension),
                *(path for path in review_figures() if path.endswith(extension)),
            )
        ],
        skeleton=manuscript_files(),
    output:
        docx="results/{review}/manuscript/manuscript.docx",
        pdf="results/{review}/manuscript/manuscript.pdf",
        references="results/{review}/manuscript/references.bib",
    log:
        "results/{review}/logs/manuscript.log",
    benchmark:
        "results/{review}/benchmarks/manuscript.tsv"
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        slice=of_review(ManuscriptSlice),
        folder=subpath(output.docx, parent=True),
        results=subpath(output.docx, ancestor=2),
        skeleton=skeleton_option(),
        code=code_hash("sheets", "effects", "tables", "report"),
    message:
        "Building the manuscript"
    shell:
        "metacircuit stage manuscript --slice {params.slice:q} --results {params.results:q} {params.skeleton:q}"
        " --folder {params.folder:q} > {log:q} 2>&1"
