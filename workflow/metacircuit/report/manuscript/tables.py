"""Small tables for the manuscript, as Markdown; each has a name by which a skeleton places it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from metacircuit.report.manuscript.bibliography import study_keys
from metacircuit.report.manuscript.forms import PROPORTION, between_test, effect, natural_interval, reading_of, value_of
from metacircuit.report.manuscript.markup import grouping_name, markdown, one_line, reason_of
from metacircuit.report.manuscript.results_checks import overall_rows
from metacircuit.wording import count, number, p_number, variance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from metacircuit.config import SentencesSlice
    from metacircuit.report.manuscript.sources import Quoted

    Row = dict[str, float | str]

_MARK = re.compile(r"^<!-- table (\S+)( main)? -->$", re.M)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the manuscript: caption, pipe table and notes in Markdown."""

    name: str
    caption: str
    body: str
    note: str = ""
    main: bool = True


def pipe_table(headings: list[tuple[str, int, str]], rows: Iterable[list[str]]) -> str:
    """A pipe table whose columns keep relative widths.

    Parameters
    ----------
    headings : list of (str, int, str)
        Heading, relative width, and l, r or c.
    rows : iterable of list of str
        Cells in Markdown, without line breaks.

    Examples
    --------
    >>> print(pipe_table([("A", 5, "l"), ("B", 4, "r")], [["x", "1"]]))
    | A | B |
    |:----|---:|
    | x | 1 |
    """
    rules = {"l": ":{}", "r": "{}:", "c": ":{}:"}
    line = "|".join(rules[side].format("-" * (width - 1)) for _, width, side in headings)
    head = " | ".join(name for name, _, _ in headings)
    return "\n".join([f"| {head} |", f"|{line}|", *(f"| {' | '.join(row)} |" for row in rows)])


def tables(spec: SentencesSlice, sources: Quoted) -> list[Table]:
    """Build every table of the manuscript.

    Parameters
    ----------
    spec : SentencesSlice
        The analyses.
    sources : Quoted
        The result tables.

    Returns
    -------
    list of Table
        all/summary, ANALYSIS/GROUPING, ANALYSIS/corrections and all/studies.
    """
    found = [_summary(spec, sources)]
    for name, analysis in spec.analyses.items():
        found += [_grouping(spec, sources, name, grouping) for grouping in analysis.groupings]
        scale = reading_of(sources.estimates[name])
        rows = [row | scale for row in overall_rows(sources.corrections[name]).to_dict("records")]
        if rows:
            found.append(_corrections(analysis.title, name, rows, analysis.model.level))
    return [*found, _studies(spec, sources)]


def as_markdown(found: Iterable[Table]) -> str:
    """Write tables.md: each table behind a comment with its name."""
    return "\n".join(
        f"<!-- table {t.name}{' main' if t.main else ''} -->\n\n{t.caption}\n\n{t.body}\n\n{t.note}\n" for t in found
    )


def from_markdown(text: str) -> dict[str, Table]:
    """Read what `as_markdown` wrote."""
    pieces = _MARK.split(text)[1:]
    found = {}
    for name, main, body in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        caption, table, note = (*body.strip().split("\n\n"), "")[:3]
        found[name] = Table(name, caption, table, note, bool(main))
    return found


def _headings(level: float, first: str) -> list[tuple[str, int, str]]:
    return [
        (first, 32, "l"),
        ("Studies", 11, "r"),
        ("Effects", 11, "r"),
        ("Participants", 17, "r"),
        (f"Estimate \\[{level:g}% CI\\]", 30, "r"),
        ("*p*", 11, "r"),
        ("Prediction interval", 23, "r"),
        ("τ²", 12, "r"),
        ("*I*²", 9, "r"),
    ]


def _line(label: str, row: Row) -> list[str]:
    counts = [count(value_of(row, name)) for name in ("studies", "k", "participants")]
    if row["status"] != "ok":
        return [label, *counts, "not pooled", "", "", "", ""]
    p = "–" if row["scale"] == PROPORTION else p_number(value_of(row, "pval"))
    spread = [variance(value_of(row, "tau2")), f"{number(value_of(row, 'I2'), 0)}%"]
    shown = [effect(row), p, natural_interval(row, "natural_pi_lb", "natural_pi_ub"), *spread]
    return [label, *counts, *(markdown(cell) for cell in shown)]


def _summary(spec: SentencesSlice, sources: Quoted) -> Table:
    first = {name: sources.estimates[name].iloc[0].to_dict() for name in spec.analyses}
    lines = [_line(markdown(a.title), first[name]) for name, a in spec.analyses.items()]
    scales = "; ".join(f"{markdown(a.title)}: {first[name]['scale']}" for name, a in spec.analyses.items())
    level = next(iter(spec.analyses.values())).model.level
    return Table(
        "all/summary",
        "Pooled estimates over all studies, by analysis.",
        pipe_table(_headings(level, "Analysis"), lines),
        f"Scales: {scales}.",
    )


def _grouping(spec: SentencesSlice, sources: Quoted, name: str, grouping: str) -> Table:
    analysis, estimates, contrasts = spec.analyses[name], sources.estimates[name], sources.contrasts[name]
    rows = estimates[estimates["grouping"] == grouping].to_dict("records")
    lines = [_line(markdown(row["label"]), row) for row in rows]
    lines.append(_line("**All studies**", estimates.iloc[0].to_dict()))
    tests = [
        f"Differences between strata: {between_test(row, '*F*', '*p*')}."
        if row["status"] == "ok"
        else f"Differences between strata were not tested: {markdown(reason_of(row))}."
        for row in contrasts[contrasts["grouping"] == grouping].to_dict("records")
    ]
    scale = str(estimates["scale"].iloc[0])
    few = f"Strata of fewer than {analysis.model.min_studies} studies are not pooled."
    return Table(
        f"{name}/{grouping.replace(':', '-')}",
        f"{markdown(analysis.title)} by {markdown(grouping_name(grouping))}: {scale}.",
        pipe_table(_headings(analysis.model.level, "Stratum"), lines),
        " ".join([*tests, few]),
    )


def _corrections(title: str, name: str, rows: list[Row], level: float) -> Table:
    headings = [
        ("Method", 44, "l"),
        (f"Estimate \\[{level:g}% CI\\]", 26, "r"),
        ("Statistic", 12, "r"),
        ("*p*", 10, "r"),
        ("Remark", 44, "l"),
    ]
    lines = [_method(row) for row in rows]
    caption = f"{markdown(title)}: tests for small-study effects and corrected estimates."
    return Table(f"{name}/corrections", caption, pipe_table(headings, lines), main=False)


def _method(row: Row) -> list[str]:
    quantity = value_of(row, "quantity")
    extra = "" if isnan(quantity) else f"{row['quantity_is']}: {quantity:.3g}"
    remark = reason_of(row) if row["status"] != "ok" else row["note"]
    shown = markdown(effect(row)) if row["family"] != "test" else ""
    return [
        markdown(row["method_label"]),
        shown,
        "" if isnan(value_of(row, "stat")) else markdown(number(value_of(row, "stat"), 2)),
        "" if isnan(value_of(row, "pval")) else markdown(p_number(value_of(row, "pval"))),
        markdown("; ".join(filter(None, (extra, one_line(remark))))),
    ]


def _studies(spec: SentencesSlice, sources: Quoted) -> Table:
    """A row a study with an analysed result: where, how many people, and which analyses it enters."""
    used = {name: frame[frame["status"] == "analysed"] for name, frame in sources.effects.items()}
    keys = study_keys(sources.studies["study_id"])
    countries = (
        dict(zip(sources.studies["study_id"], sources.studies.get("country", ""), strict=False))
        if "country" in sources.studies
        else {}
    )
    lines = []
    for study in sorted({s for frame in used.values() for s in frame["study_id"]}):
        mine = {name: frame[frame["study_id"] == study] for name, frame in used.items()}
        entered = [spec.analyses[name].title for name, frame in mine.items() if len(frame)]
        label = next(str(frame["study_label"].iloc[0]) for frame in mine.values() if len(frame))
        people = max((frame["participants"].max() for frame in mine.values() if len(frame)), default=float("nan"))
        effects = sum(len(frame) for frame in mine.values())
        cells = (
            label,
            countries.get(study, ""),
            count(people),
            count(effects),
            "; ".join(entered),
            keys.get(study, study),
        )
        lines.append([markdown(cell) for cell in cells])
    headings = [
        ("Study", 28, "l"),
        ("Country", 18, "l"),
        ("Participants", 15, "r"),
        ("Effects", 10, "r"),
        ("Analyses", 40, "l"),
        ("Key", 26, "l"),
    ]
    note = (
        "Participants: the largest sample of the study behind an effect. Effects: analysed results; one in two analyses"
        " counts twice."
    )
    return Table("all/studies", "The included studies.", pipe_table(headings, lines), note, main=False)
