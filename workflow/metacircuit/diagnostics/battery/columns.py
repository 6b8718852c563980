"""The columns of the diagnostic tables of an analysis."""

from __future__ import annotations

INFLUENCE = ("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "QE_del", "hat", "weight", "dfbs", "is_infl")
REFIT = ("k", "studies", "estimate", "se", "stat", "df", "pval", "ci_lb", "ci_ub", "tau2", "I2", "QE")
NATURAL = ("natural", "natural_lb", "natural_ub")
SUBSETS = ("k", "estimate", "I2", "tau2", "QE", "without")
CLUSTERS = (
    *("unit", "share", "mean_with", "mean_without", "shift", "upper_with", "upper_without", "phi"),
    *("bimodal", "singled_out", "status", "reason"),
)

HEAD = ("analysis", "grouping", "stratum", "label")
END = ("status", "reason")
COLUMNS = {
    "influence": (*HEAD, "unit", *INFLUENCE, *END),
    "leave_one_out": (*HEAD, "by", "unit", *REFIT, *NATURAL, *END),
    "cumulative": (*HEAD, "order", "unit", *REFIT, *NATURAL, *END),
    "baujat": (*HEAD, "unit", "x", "y", "Q", *END),
    "outliers": (*HEAD, "rule", "rule_text", "flagged", *REFIT, *NATURAL, *END),
    "corrections": (
        *(*HEAD, "method", "method_label", "family", "given", "k", "studies", "estimate", "se", "stat", "df", "pval"),
        *("ci_lb", "ci_ub", *NATURAL, "quantity", "quantity_is", *END, "few", "note"),
    ),
    "readings": (*HEAD, "studies", "few", "sentence", *END),
    "gosh": SUBSETS,
    "gosh_clusters": CLUSTERS,
}
# Beside them stand the specifications, which have a column a choice, and the share of each choice.
TABLES = (*COLUMNS, "multiverse", "shares")
