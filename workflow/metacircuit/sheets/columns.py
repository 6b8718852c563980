"""The extraction standard: every known column, what it holds and what it may say.

The same table drives the checks, the documentation and the templates.
"""

from __future__ import annotations

import re

from metacircuit.sheets.kinds import (
    CORRELATION,
    NOT_NEGATIVE,
    P_VALUE,
    PARTICIPANTS,
    POSITIVE,
    PROPORTION,
    RATIO,
    RATIO_LIMIT,
    SPREAD,
    TOTAL,
    YEAR,
    Column,
    Kind,
    Range,
)

YES_NO = ("yes", "no")

#: Sheets of a template that explain and are not read.
WORDS_SHEET, COLUMNS_SHEET = "words", "columns"


def _two_groups(stem: str, kind: Kind, what: str, range_: Range | None = None) -> tuple[Column, Column]:
    return (
        Column(f"{stem}1", kind, "groups", f"{what}, group 1 (cases, treated)", range=range_),
        Column(f"{stem}2", kind, "groups", f"{what}, group 2 (comparison)", range=range_),
    )


def _ratio(stem: str, what: str) -> tuple[Column, ...]:
    return (
        Column(stem, "number", "ratio", what, "1.60", RATIO),
        Column(f"{stem}_lo", "number", "ratio", f"{what}, lower limit of its 95 % interval", "1.20", RATIO_LIMIT),
        Column(f"{stem}_hi", "number", "ratio", f"{what}, upper limit of its 95 % interval", "2.13", RATIO),
    )


def _interval(stem: str, what: str, range_: Range | None = None) -> tuple[Column, ...]:
    return (
        Column(stem, "number", "standardised", what, range=range_),
        Column(f"{stem}_lo", "number", "standardised", f"{what}, lower limit of its 95 % interval", range=range_),
        Column(f"{stem}_hi", "number", "standardised", f"{what}, upper limit of its 95 % interval", range=range_),
    )


_FIVE = (
    ("min", "smallest value"),
    ("q1_", "first quartile"),
    ("median", "median"),
    ("q3_", "third quartile"),
    ("max", "largest value"),
)

EFFECTS: tuple[Column, ...] = (
    Column("effect_id", "id", "identity", "Unique name of the effect", "Smith2020.1", required=True),
    Column(
        "study_id", "id", "identity", "The study it comes from, as in the studies sheet", "Smith2020", required=True
    ),
    Column(
        "sample_id", "id", "identity", "The set of participants; effects of one sample are dependent", "Smith2020-main"
    ),
    Column("domain", "word", "coding", "The question that the effect answers", "neural"),
    Column("circuit", "word", "coding", "Brain circuit", "emotion_regulation"),
    Column("construct", "word", "coding", "What was measured, as family or family:subtype", "childhood_trauma:neglect"),
    Column("region", "text", "coding", "Brain region as the paper names it", "left amygdala"),
    Column("modality", "word", "coding", "How it was measured", "task_fmri"),
    Column("task_or_scale", "text", "coding", "Task, scale or instrument", "CTQ"),
    Column("outcome", "text", "coding", "The outcome in the paper's words", "amygdala response to faces"),
    Column("timepoint", "text", "coding", "When it was measured", "post-treatment"),
    Column("disorder", "word", "coding", "Disorder of the participants", "depressive_disorder"),
    Column("population", "word", "coding", "Age group or setting", "adolescent"),
    Column("contrast", "word", "coding", "What is compared with what", "nssi_vs_healthy"),
    Column("treatment", "word", "coding", "Treatment of group 1", "dbt"),
    *_two_groups("n", "count", "Participants analysed", PARTICIPANTS),
    Column("n_total", "count", "groups", "Participants analysed, both groups or one sample", "80", PARTICIPANTS),
    Column("n_pairs", "count", "groups", "Participants measured twice, or matched pairs", "23", PARTICIPANTS),
    Column(
        "icc",
        "number",
        "groups",
        "Intracluster correlation, where clusters were randomised and the printed analysis ignores it",
        "0.02",
        Range(low=0, high=1, remedy="Type the correlation of people in one cluster, such as 0.02."),
    ),
    Column("cluster_size", "number", "groups", "People in an average cluster; with icc", "29.8", Range(low=1)),
    Column(
        "control_arms",
        "count",
        "groups",
        "Number of comparisons in this sheet that share group 2, this one included; its people are divided among them",
        "2",
        Range(low=1, remedy="Type how many rows compare another arm with the same group 2, or leave it empty."),
    ),
    *(
        column
        for side in ("1", "2")
        for column in (
            Column(f"mean{side}", "number", "means", f"Mean of group {side}", "11.5"),
            Column(f"mean{side}_lo", "number", "means", f"Mean of group {side}, lower limit of its 95 % interval"),
            Column(f"mean{side}_hi", "number", "means", f"Mean of group {side}, upper limit of its 95 % interval"),
            Column(f"sd{side}", "number", "means", f"Standard deviation of group {side}", "3.5", SPREAD),
            Column(f"se{side}", "number", "means", f"Standard error of the mean of group {side}", "0.4", SPREAD),
            Column(
                f"sd{side}_pre",
                "number",
                "means",
                f"Standard deviation of group {side} at baseline, where mean{side} is a change without its own",
                "3.5",
                SPREAD,
            ),
            Column(
                f"sd{side}_post",
                "number",
                "means",
                f"Standard deviation of group {side} at follow-up, where mean{side} is a change without its own",
                "3.8",
                SPREAD,
            ),
        )
    ),
    Column("r_pre_post", "number", "means", "Correlation of before and after in the same people", "0.6", CORRELATION),
    Column(
        "sd_change",
        "number",
        "means",
        "Standard deviation of the change, in rows pre_post; with sd1 (after) and sd2 (before) it gives r_pre_post",
        "4.5",
        SPREAD,
    ),
    *(
        Column(f"{stem}{side}", "number", "medians", f"{what.capitalize()} of group {side}")
        for side in "12"
        for stem, what in _FIVE
    ),
    Column("t", "number", "test", "t statistic, with its sign where the paper prints one", "-2.30"),
    Column("f", "number", "test", "F statistic with df1 and df2", "5.80", NOT_NEGATIVE),
    Column("df1", "number", "test", "Degrees of freedom: numerator of F, or of chi2", "1", POSITIVE),
    Column("df2", "number", "test", "Degrees of freedom: of t, or denominator of F", "63", POSITIVE),
    Column("z", "number", "test", "z statistic, such as of a rank test", "2.40"),
    Column("chi2", "number", "test", "Chi-squared statistic with df1 (1 if empty)", "8.63", NOT_NEGATIVE),
    Column("p_op", "word", "test", "Sign before p", "=", allowed=("=", "<", "<=", ">", ">=")),
    Column("p", "number", "test", "Two-sided p value", "0.03", P_VALUE),
    *_interval("d", "Cohen's d"),
    *_interval("g", "Hedges' g"),
    *_interval("r", "Correlation with the outcome", CORRELATION),
    Column("beta_std", "number", "standardised", "Standardised regression coefficient", "0.21"),
    *_ratio("or", "Odds ratio"),
    *_ratio("rr", "Risk ratio"),
    *_ratio("hr", "Hazard ratio"),
    *_ratio("irr", "Incidence rate ratio"),
    Column("events1", "count", "counts", "Events in group 1, or in the sample", "35", NOT_NEGATIVE),
    Column("total1", "count", "counts", "Participants that events1 was counted in", "42", TOTAL),
    Column("events2", "count", "counts", "Events in group 2", "19", NOT_NEGATIVE),
    Column("total2", "count", "counts", "Participants that events2 was counted in", "40", TOTAL),
    Column("time1", "number", "counts", "Person-time of group 1, for rates", "1040", POSITIVE),
    Column("time2", "number", "counts", "Person-time of group 2", "980", POSITIVE),
    Column("proportion", "number", "counts", "Events over participants", "0.45", PROPORTION),
    Column(
        "direction",
        "sign",
        "orientation",
        "1: group 1 is higher or the association positive; -1: lower or negative",
        "1",
    ),
    Column("scale_direction", "sign", "orientation", "-1 where a higher score means less of the problem, else 1", "1"),
    Column("adjusted", "word", "judgement", "Whether the statistic is adjusted for covariates", "no", allowed=YES_NO),
    Column(
        "usable",
        "word",
        "judgement",
        "exact, or bound where only an inequality for p is known",
        "exact",
        allowed=("exact", "bound"),
    ),
    Column("peak", "word", "judgement", "yes: the maximum of a whole-brain search", "no", allowed=YES_NO),
    Column(
        "include",
        "word",
        "judgement",
        "no keeps the row in view and out of the analyses; empty means yes",
        "yes",
        allowed=YES_NO,
    ),
    Column("exclude_reason", "text", "judgement", "Why include is no", "overlapping sample"),
    Column("source_section", "text", "source", "Where in the paper the numbers stand", "Table 2"),
    Column("notes", "text", "source", "Anything a reader of the row should know"),
)

STUDIES: tuple[Column, ...] = (
    Column("study_id", "id", "identity", "Unique name of the study", "Smith2020", required=True),
    Column(
        "study_label",
        "text",
        "identity",
        "How figures and tables name the study; default: author and year",
        "Smith et al. 2020",
    ),
    Column("first_author", "text", "citation", "Surname of the first author", "Smith"),
    Column("year", "count", "citation", "Year of publication", "2020", YEAR),
    Column("title", "text", "citation", "Title"),
    Column("journal", "text", "citation", "Journal"),
    Column("doi", "text", "citation", "DOI without https://doi.org/", "10.1000/xyz123"),
    Column("pmid", "text", "citation", "PubMed number", "12345678"),
    Column("url", "text", "citation", "Where the paper was read"),
    Column("country", "text", "citation", "Country of the sample", "China"),
    Column("notes", "text", "citation", "Anything a reader of the row should know"),
)

PUBLISHED: tuple[Column, ...] = (
    Column("published_id", "id", "identity", "Unique name of the published estimate", "Lee2022.1", required=True),
    *(c for c in STUDIES if c.name in {"first_author", "year", "title", "doi", "url"}),
    Column("topic", "text", "coding", "What was pooled, in the paper's words"),
    Column("circuit", "word", "coding", "Brain circuit"),
    Column("disorder", "word", "coding", "Disorder of the participants"),
    Column("k", "count", "estimate", "Number of effects or studies", "12", Range(low=1)),
    Column("n_total", "count", "estimate", "Participants", "1200", PARTICIPANTS),
    Column("measure", "word", "estimate", "Measure by metafor's code", "SMD"),
    Column("measure_as_printed", "text", "estimate", "Measure in the paper's words", "Hedges' g"),
    Column("estimate", "number", "estimate", "Pooled estimate on its natural scale", "0.45"),
    Column("ci_lo", "number", "estimate", "Lower limit of its 95 % interval", "0.31"),
    Column("ci_hi", "number", "estimate", "Upper limit of its 95 % interval", "0.59"),
    Column("i2", "number", "estimate", "I2 in percent", "68", Range(low=0, high=100)),
)

STANDARD: dict[str, tuple[Column, ...]] = {"effects": EFFECTS, "studies": STUDIES, "published": PUBLISHED}


def canonical(header: str) -> str:
    """Return a header as a column name: small letters, and one underscore for whatever is not a letter or digit.

    Examples
    --------
    >>> canonical(" Effect ID ")
    'effect_id'
    """
    return re.sub(r"[\W_]+", "_", header.strip().casefold()).strip("_")
