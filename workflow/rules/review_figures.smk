"""The flow of the review as a table and a figure, and its risk of bias.

REQUIRED INPUTS
    results/REVIEW/tables/rows.csv, results/REVIEW/{effects,combined}/*.csv, the studies;
    screening.csv and rob.csv in the data folder, where they are
OUTPUTS
    results/REVIEW/tables/flow.csv                                a row a box of the flow diagram, and a row a part of it
    results/REVIEW/figures/review/{prisma,rob_…}.{pdf,svg,png}    as the config asks for them
    results/REVIEW/figures/review/*.txt                           alternative texts
"""


rule review_figures:
    """The flow of records, studies and results; judgements of the risk of bias."""
    input:
        rows="results/{review}/tables/rows.csv",
        effects=per_analysis("results/{review}/effects/{analysis}.csv"),
        combined=per_analysis("results/{review}/combined/{analysis}.csv"),
        studies="results/{review}/checked/studies.csv",
        screening=data_file("screening.csv"),
        judgements=data_file("rob.csv"),
    output:
        flow="results/{review}/tables/flow.csv",
        figures=expand(
            "results/{{review}}/figures/review/{figure}.{form}",
            figure=SETTINGS.review_figures,
            form=("pdf", "svg", "png", "txt"),
        ),
    log:
        "results/{review}/logs/review_figures.log",
    benchmark:
        "results/{review}/benchmarks/review_figures.tsv"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        slice=of_review(ReviewFigureSlice),
        results=subpath(output.flow, ancestor=2),
        folder=lambda wildcards: f"results/{wildcards.review}/figures/review",
        files=lambda wildcards, input: [
            *(f"--screening={path}" for path in input.screening),
            *(f"--judgements={path}" for path in input.judgements),
        ],
        code=code_hash("sheets", "tables", "figures"),
    message:
        "Drawing the flow of the review"
    shell:
        "metacircuit stage review-figures --slice {params.slice:q} --rows {input.rows:q} --studies {input.studies:q}"
        " --results {params.results:q} {params.files:q} --flow {output.flow:q} --folder {params.folder:q}"
        " > {log:q} 2>&1"
