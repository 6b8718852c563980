"""Read the sheets and report every problem at once; stop here if one of them is an error.

REQUIRED INPUTS
    the file of the review's source, if it has one; the sheets in the review's data folder, the vocabularies
OUTPUTS
    results/REVIEW/problems.csv             all problems, with what to do
    results/REVIEW/checked/*.csv            the sheets, normalised; coordinates.csv has every focus of a source
    results/REVIEW/checked/accepted.json    exists only if no problem is an error
"""


rule check:
    """Every problem of the sheets at once, and the sheets in one normal form."""
    input:
        sheets=sheet_files(),
        words=word_files(),
    output:
        problems="results/{review}/problems.csv",
        studies="results/{review}/checked/studies.csv",
        effects="results/{review}/checked/effects.csv",
        used="results/{review}/checked/words.csv",
        printed="results/{review}/checked/printed.csv",
        coordinates="results/{review}/checked/coordinates.csv",
    log:
        "results/{review}/logs/check.log",
    benchmark:
        "results/{review}/benchmarks/check.tsv"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        slice=as_json(CheckSlice.of(SETTINGS).for_rows()),
        words=words(),
        code=code_hash("sheets", "effects"),
    message:
        "Checking the sheets of {wildcards.review}"
    shell:
        "metacircuit stage check --slice {params.slice:q} {params.words:q}"
        " --problems {output.problems:q} --studies {output.studies:q} --effects {output.effects:q}"
        " --used {output.used:q} --printed {output.printed:q}"
        " --coordinates {output.coordinates:q} > {log:q} 2>&1"


rule accept:
    """Go on only if no problem is an error; the table of problems stays either way."""
    input:
        problems="results/{review}/problems.csv",
    output:
        accepted="results/{review}/checked/accepted.json",
    log:
        "results/{review}/logs/accept.log",
    benchmark:
        "results/{review}/benchmarks/accept.tsv"
    resources:
        mem_mb=500,
        runtime=5,
    params:
        code=code_hash("sheets"),
    message:
        "Looking for errors in {input.problems}"
    shell:
        "metacircuit stage accept --problems {input.problems:q} --accepted {output.accepted:q} > {log:q} 2>&1"
