"""The sentences of the report that carry numbers; each is written from the result tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.tables.summary import effect_text, prediction_text
from metacircuit.wording import count, degrees, number, p_value

if TYPE_CHECKING:
    from metacircuit.config import Model


def headline(estimates: pd.DataFrame) -> str:
    """Say the overall result of an analysis in a sentence or two, on the natural scale."""
    row = estimates.iloc[0]
    if row["status"] != "ok":
        return f"Not pooled: {row['reason']}."
    test = "" if row["scale"] == "proportion" else f", {p_value(row['pval'])}"
    people = f"{count(row['participants'])} participants"
    return (
        f"{count(row['k'])} effects of {count(row['studies'])} studies ({people}) give a pooled {row['scale']} of"
        f" {effect_text(row)}{test}. The true effect of a new study can be expected between the limits"
        f" {prediction_text(row)}; τ² = {number(row['tau2'], 2)}, I² = {number(row['I2'], 0)}%."
    )


def between(contrast: pd.Series) -> str:
    """Say what the test between the strata of a grouping found."""
    name = contrast["grouping"].replace("_", " ").replace(":", " × ")
    if contrast["status"] == "too_few":
        return f"Between the strata of {name}: not tested, {contrast['reason']}."
    if pd.isna(contrast["df2"]):
        test = f"χ²({degrees(contrast['df1'])}) = {number(contrast['QM'], 2)}"
    else:
        test = f"F({degrees(contrast['df1'])}, {degrees(contrast['df2'])}) = {number(contrast['QM'], 2)}"
    note = f" ({contrast['reason']})" if isinstance(contrast["reason"], str) and contrast["reason"] else ""
    return (
        f"Between the {count(contrast['groups'])} pooled strata of {name}: {test}, {p_value(contrast['pval'])}{note}."
    )


def method(overall: pd.Series, model: Model) -> str:
    """Say how an analysis was pooled: what was really done, read from its first estimate."""
    used = str(overall["model"])
    if overall["status"] != "ok":
        return f"Nothing was pooled over all studies: {overall['reason']}."
    if used == "CHE":
        told = (
            "Effects of one study are dependent: a correlated-and-hierarchical-effects model was fitted by"
            f" {overall['method']} with random effects for study and effect and a correlation of {model.rho:g} between"
            " the sampling errors of one study's effects. Standard errors are cluster-robust (CR2) with"
            " Satterthwaite degrees of freedom; below 4 of them the test and interval are those of a cluster wild"
            " bootstrap. Strata are compared by the robust HTZ test. In the forest plots a square is a study's mean as"
            " the model weights its effects, with its sampling error."
        )
    elif "GLMM" in used:
        told = (
            "The counts were pooled with a binomial–normal generalised linear mixed model by maximum likelihood, which"
            " needs no correction for zero events; strata are compared by its Wald test with a common τ²."
        )
    elif "censored" in used:
        told = (
            "Estimates and results with a bound only were pooled by maximum likelihood, the bounds as censored"
            " observations with the study effect integrated out."
        )
    else:
        kind = (
            "an equal-effects model"
            if model.method == "EE"
            else f"a random-effects model ({model.method} estimate of τ²)"
        )
        told = (
            f"Every effect was taken as a study of its own: {kind} with {overall['test']} tests and intervals; strata"
            " are compared by a model with one mean a stratum and a common τ²."
        )
    bounds = {
        "leave_out": "Results of which only a bound on p is printed were left out of the estimates.",
        "at_bound": "Results of which only a bound on p is printed were taken at the bound nearest to no effect.",
        "censored": "",
    }[model.bounds]
    return f"{told} {bounds} Strata with fewer than {model.min_studies} studies are shown and not pooled.".replace(
        "  ", " "
    )
