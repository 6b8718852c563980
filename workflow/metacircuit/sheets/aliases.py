"""What other tools and habits call our columns."""

from __future__ import annotations

_BY_SIDE = {
    "n{}i": "n{}", "m{}i": "mean{}", "sd{}i": "sd{}", "m{}": "mean{}", "s{}": "sd{}", "sem{}": "se{}", "n_{}": "n{}",
    "mean_{}": "mean{}", "sd_{}": "sd{}", "se_{}": "se{}", "events_{}": "events{}", "total_{}": "total{}",
}  # fmt: skip

#: Names that other tools and habits give to our columns; suggested, never taken without asking.
ALIASES: dict[str, str] = {
    **{theirs.format(side): ours.format(side) for side in "12" for theirs, ours in _BY_SIDE.items()},
    "ai": "events1", "tpos": "events1", "cpos": "events2",
    "ri": "r", "ni": "n_total", "ti": "t", "pi": "p", "n": "n_total", "sample_size": "n_total",
    "pval": "p", "p_value": "p", "pvalue": "p", "cohens_d": "d", "cohen_d": "d", "hedges_g": "g", "smd": "g",
    "odds_ratio": "or", "hazard_ratio": "hr", "risk_ratio": "rr", "rate_ratio": "irr", "correlation": "r",
    "beta": "beta_std", "f_value": "f", "t_value": "t", "chisq": "chi2", "chi_square": "chi2",
    "prevalence": "proportion", "study": "study_id", "studyid": "study_id", "id_study": "study_id",
    "author": "first_author", "effect": "effect_id", "esid": "effect_id", "es_id": "effect_id", "diagnosis": "disorder",
    "included": "include", "reason": "exclude_reason", "exclusion_reason": "exclude_reason", "note": "notes",
    "comment": "notes",
}  # fmt: skip
