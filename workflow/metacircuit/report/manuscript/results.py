"""The results section: sentences per analysis and grouping with the numbers in place."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from metacircuit.report.manuscript.forms import (
    PROPORTION,
    between_test,
    effect,
    effect_test,
    heterogeneity,
    natural_interval,
    value_of,
)
from metacircuit.report.manuscript.markup import grouping_name, listed, markdown, one_line, reason_of, sentence
from metacircuit.report.manuscript.results_checks import robustness
from metacircuit.wording import count, number, plural, variance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from metacircuit.config import SentencesSlice
    from metacircuit.report.manuscript.sources import Quoted

    Row = dict[str, float | str]

_RATIOS = ("ratio", "ratios")


def results(spec: SentencesSlice, sources: Quoted) -> str:
    """Write results.md.

    Parameters
    ----------
    spec : SentencesSlice
        The analyses, in their order.
    sources : Quoted
        The result tables.

    Returns
    -------
    str
        Markdown: a heading of the second level an analysis, with a comment that marks where it starts; paragraphs for
        all studies, for each grouping, and for the checks.
    """
    return "\n".join(_analysis(spec, sources, name) for name in spec.analyses)


def _analysis(spec: SentencesSlice, sources: Quoted, name: str) -> str:
    analysis, estimates = spec.analyses[name], sources.estimates[name]
    paragraphs = [overall(estimates.iloc[0].to_dict(), analysis.question)]
    for grouping in analysis.groupings:
        strata = estimates[estimates["grouping"] == grouping].to_dict("records")
        contrasts = sources.contrasts[name]
        tests = contrasts[contrasts["grouping"] == grouping].to_dict("records")
        paragraphs.append(by_grouping(grouping, strata, tests))
    paragraphs.append(robustness(name, sources))
    text = "\n\n".join(filter(None, paragraphs))
    return f"<!-- analysis {name} -->\n\n## {markdown(analysis.title)}\n\n{text}\n"


def overall(row: Row, question: str = "") -> str:
    """Write the pooled estimate over all studies, its interval, its test and its heterogeneity.

    Parameters
    ----------
    row : dict
        The first row of estimates/ANALYSIS.csv.
    question : str
        The question of the analysis, which opens the paragraph.

    Returns
    -------
    str
        A paragraph of Markdown.
    """
    asked = f"{markdown(question)} " if question else ""
    amount = amounts(row)
    if row["status"] != "ok":
        return f"{asked}Of {amount}, no pooled estimate was made: {markdown(reason_of(row))}."
    told = effect_test(row, "*p*", "*t*")
    return asked + " ".join(
        filter(
            None,
            (
                f"The pooled {row['scale']} of {amount} was {markdown(effect(row))}{f', {told}' if told else ''}.",
                _null(row),
                _prediction(row),
                _heterogeneity(row),
                sentence(markdown(row["reason"])) if one_line(row["reason"]) else "",
            ),
        )
    )


def amounts(row: Row) -> str:
    """Say how much evidence stands behind a row.

    >>> amounts({"k": 1.0, "studies": 1.0, "participants": float("nan")})
    '1 effect from 1 study'
    """
    people = value_of(row, "participants")
    who = f" ({plural(people, 'participant')})" if isfinite(people) else ""
    return f"{plural(value_of(row, 'k'), 'effect')} from {plural(value_of(row, 'studies'), 'study', 'studies')}{who}"


def _null(row: Row) -> str:
    """Whether the interval holds the value of no effect; for a proportion there is none."""
    if row["scale"] == PROPORTION:
        return ""
    lower, upper = value_of(row, "ci_lb"), value_of(row, "ci_ub")
    if not (isfinite(lower) and isfinite(upper)):
        return ""
    null = "1" if any(word in str(row["scale"]).split() for word in _RATIOS) else "0"
    verb = "includes" if lower <= 0 <= upper else "excludes"
    return f"The {value_of(row, 'level'):g}% confidence interval {verb} {null}, the value of no effect."


def _prediction(row: Row) -> str:
    limits = natural_interval(row, "natural_pi_lb", "natural_pi_ub")
    if limits == "–":
        return ""
    level = f"{value_of(row, 'level'):g}%"
    return f"The {level} prediction interval for the true effect of a comparable new study was {markdown(limits)}."


def _heterogeneity(row: Row) -> str:
    cochran, i2, tau2 = heterogeneity(row, "*Q*", "*p*"), value_of(row, "I2"), value_of(row, "tau2")
    parts = [
        cochran,
        f"*I*² = {number(i2, 1)}%" if isfinite(i2) else "",
        f"τ² = {variance(tau2)}{_limits(row, 'tau2')}" if isfinite(tau2) else "",
    ]
    told = "; ".join(filter(None, parts))
    between, within = value_of(row, "sigma2_study"), value_of(row, "sigma2_effect")
    split = (
        f", of which {variance(between)}{_limits(row, 'sigma2_study')} lies between studies and"
        f" {variance(within)}{_limits(row, 'sigma2_effect')} between the effects of a study"
        if isfinite(between) and isfinite(within)
        else ""
    )
    return f"Heterogeneity: {told}{split}." if told else ""


def _limits(row: Row, name: str) -> str:
    lower, upper = value_of(row, f"{name}_lb"), value_of(row, f"{name}_ub")
    return f" \\[{variance(lower)}, {variance(upper)}\\]" if isfinite(lower) and isfinite(upper) else ""


def by_grouping(grouping: str, strata: list[Row], tests: list[Row]) -> str:
    """Write the strata of a grouping, the test between them, and what was not pooled and why.

    Parameters
    ----------
    grouping : str
        Its name in the config.
    strata, tests : list of dict
        Its rows of estimates/ANALYSIS.csv and of contrasts/ANALYSIS.csv.

    Returns
    -------
    str
        A paragraph of Markdown; empty if the grouping has no strata.
    """
    if not strata:
        return ""
    pooled = [row for row in strata if row["status"] == "ok"]
    head = (
        f"*By {markdown(grouping_name(grouping))}.* {count(len(pooled))} of"
        f" {plural(len(strata), 'stratum', 'strata')} {'was' if len(pooled) == 1 else 'were'} pooled"
    )
    listing = "; ".join(_stratum(row) for row in pooled)
    parts = [f"{head}: {listing}." if pooled else f"{head}."]
    parts += [between(row) for row in tests]
    parts += [_bootstrapped(pooled), _not_pooled(strata)]
    return " ".join(filter(None, parts))


def _stratum(row: Row) -> str:
    shown = effect_test(row, "*p*", "*t*")
    inside = ", ".join(
        filter(
            None,
            (
                plural(value_of(row, "studies"), "study", "studies"),
                plural(value_of(row, "k"), "effect"),
                shown.rpartition(", ")[2],
            ),
        )
    )
    return f"{markdown(row['label'])}, {markdown(effect(row))} ({inside})"


def between(row: Row) -> str:
    """Say what the test between strata found, and no more.

    >>> print(between({"status": "too_few", "reason": "1 of its strata has enough studies; a test needs 2"}))
    The differences between strata were not tested: 1 of its strata has enough studies; a test needs 2.
    """
    if row["status"] != "ok":
        return f"The differences between strata were not tested: {markdown(reason_of(row))}."
    groups = plural(value_of(row, "groups"), "pooled stratum", "pooled strata")
    share = value_of(row, "R2")
    part = f"{number(share, 1)}%" if share > 0 else "none"
    explained = f" The strata account for {part} of the heterogeneity." if isfinite(share) else ""
    remark = f" ({markdown(row['reason'])})" if one_line(row["reason"]) else ""
    return f"The test of differences between the {groups} gave {between_test(row, '*F*', '*p*')}{remark}.{explained}"


def _bootstrapped(pooled: list[Row]) -> str:
    told = [markdown(row["label"]) for row in pooled if "bootstrap" in str(row["test"])]
    other = [
        f"{markdown(row['label'])} ({markdown(row['reason'])})"
        for row in pooled
        if one_line(row["reason"]) and "bootstrap" not in str(row["test"])
    ]
    wild = f"Interval and *p* are those of a wild bootstrap for {listed(told)}." if told else ""
    return " ".join(filter(None, (wild, f"To be noted: {listed(other)}." if other else "")))


def _not_pooled(strata: Iterable[Row]) -> str:
    """What was not pooled, by reason."""
    reasons: dict[str, list[str]] = {}
    for row in strata:
        if row["status"] != "ok":
            reasons.setdefault(reason_of(row), []).append(markdown(row["label"]))
    told = [f"{listed(labels)} ({markdown(reason)})" for reason, labels in reasons.items()]
    return f"Not pooled: {'; '.join(told)}." if told else ""
