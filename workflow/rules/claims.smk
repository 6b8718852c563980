"""What the evidence says about each claim of the source documents, and published estimates beside ours.

REQUIRED INPUTS
    results/REVIEW/{effects,estimates,contrasts}/*.csv, results/REVIEW/certainty.csv, the files of claims, the sheet of published estimates,
    the vocabularies
OUTPUTS
    results/REVIEW/claims.csv                    a row a claim: its test, the numbers, the verdict and its reason
    results/REVIEW/claims_differences.csv        a row a comparison, of claims that make several
    results/REVIEW/published.csv                 a row a published estimate: ours beside it, overlap and z
    results/REVIEW/figures/claims.{pdf,svg,png,txt}                 the verdicts
    results/REVIEW/figures/published/ANALYSIS.{pdf,svg,png,txt}     the comparisons of each analysis

A review whose config names neither `claims` nor `published` has none of these.
"""

if CLAIM_FIGURES:

    rule claims:
        """A verdict on every claim by stated rules, and a z for every published estimate."""
        input:
            effects=per_analysis("results/{review}/effects/{analysis}.csv"),
            estimates=per_analysis("results/{review}/estimates/{analysis}.csv"),
            contrasts=per_analysis("results/{review}/contrasts/{analysis}.csv"),
            certainty="results/{review}/certainty.csv",
            seeds=list(SETTINGS.claims),
            sheets=sheet_files(),
            words=word_files(),
        output:
            claims="results/{review}/claims.csv",
            differences="results/{review}/claims_differences.csv",
            published="results/{review}/published.csv",
        log:
            "results/{review}/logs/claims.log",
        benchmark:
            "results/{review}/benchmarks/claims.tsv"
        resources:
            mem_mb=2000,
            runtime=10,
        params:
            slice=of_review(ClaimsSlice),
            words=words(),
            results=subpath(output.claims, parent=True),
            code=code_hash("sheets", "effects", "stats", "models", "claims"),
        message:
            "Answering the claims"
        shell:
            "metacircuit stage claims --slice {params.slice:q} {params.words:q} --certainty {input.certainty:q}"
            " --results {params.results:q} --claims {output.claims:q} --differences {output.differences:q}"
            " --published {output.published:q} > {log:q} 2>&1"

    rule claim_figures:
        """The verdicts, and published estimates beside ours."""
        input:
            claims=f"{RESULTS}/claims.csv",
            published=f"{RESULTS}/published.csv",
        output:
            *[path for extension in ("pdf", "png", "txt") for path in claim_figures(extension)],
            *[
                in_report(path, caption="../report/figure.rst", category="claims")
                for path in claim_figures("svg")
            ],
        log:
            f"{RESULTS}/logs/claim_figures.log",
        benchmark:
            f"{RESULTS}/benchmarks/claim_figures.tsv"
        resources:
            mem_mb=2000,
            runtime=10,
        params:
            slice=of_review(ClaimFiguresSlice),
            folder=subpath(output[0], ancestor=1 if SETTINGS.claims else 2),
            code=code_hash("sheets", "figures"),
        message:
            "Drawing the verdicts"
        shell:
            "metacircuit stage claim-figures --slice {params.slice:q} --claims {input.claims:q}"
            " --published {input.published:q} --folder {params.folder:q} > {log:q} 2>&1"
