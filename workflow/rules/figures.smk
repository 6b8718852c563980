"""Draw the figures of an analysis from its result tables; nothing is fitted here.

REQUIRED INPUTS
    results/REVIEW/{combined,estimates,contrasts}/ANALYSIS.csv, the vocabularies
OUTPUTS
    results/REVIEW/figures/ANALYSIS/FIGURE.{pdf,svg,png}    pages for print; one sheet for the screen
    results/REVIEW/figures/ANALYSIS/FIGURE.txt              alternative text
"""


rule figure:
    """One figure of one analysis, with its alternative text."""
    input:
        combined="results/{review}/combined/{analysis}.csv",
        estimates="results/{review}/estimates/{analysis}.csv",
        contrasts="results/{review}/contrasts/{analysis}.csv",
        used="results/{review}/checked/words.csv",
        words=word_files(),
    output:
        pdf="results/{review}/figures/{analysis}/{figure}.pdf",
        svg=report(
            "results/{review}/figures/{analysis}/{figure}.svg",
            caption="../report/figure.rst",
            category="{analysis}",
            labels={"figure": "{figure}"},
        ),
        png="results/{review}/figures/{analysis}/{figure}.png",
        alt="results/{review}/figures/{analysis}/{figure}.txt",
    log:
        "results/{review}/logs/figures/{analysis}/{figure}.log",
    benchmark:
        "results/{review}/benchmarks/figures/{analysis}/{figure}.tsv"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        slice=of_figure,
        words=words(),
        code=code_hash("sheets", "effects", "figures"),
    message:
        "Drawing {wildcards.figure} of {wildcards.analysis}"
    shell:
        "metacircuit stage figure --slice {params.slice:q} {params.words:q} --used {input.used:q} --combined {input.combined:q}"
        " --estimates {input.estimates:q} --contrasts {input.contrasts:q} --pdf {output.pdf:q} --svg {output.svg:q}"
        " --png {output.png:q} --alt {output.alt:q} > {log:q} 2>&1"
