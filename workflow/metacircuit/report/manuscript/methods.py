"""The methods section: what was really done, read from the result tables and the settings behind them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from metacircuit.report.manuscript.markup import grouping_name, listed, markdown, one_line
from metacircuit.report.manuscript.methods_checks import checks
from metacircuit.report.manuscript.methods_effects import effect_sizes
from metacircuit.report.manuscript.methods_models import models
from metacircuit.wording import count, plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metacircuit.config import SentencesSlice
    from metacircuit.report.manuscript.sources import Quoted

_REASONS = 8  # more would be a table, which tables/rows.csv is
# Where a setting is found helps who runs the program, not who reads the paper.
_FOR_USERS = re.compile(r" \([^()]*\b(?:config|Python)\b[^()]*\)")
_LIBRARIES = {
    "numpy": ("NumPy", "harris2020"),
    "scipy": ("SciPy", "virtanen2020"),
    "pandas": ("pandas", "mckinney2010"),
    "matplotlib": ("Matplotlib", "hunter2007"),
    "snakemake": ("Snakemake", "molder2021"),
}


def methods(spec: SentencesSlice, sources: Quoted, versions: Mapping[str, str]) -> str:
    """Write methods.md.

    Parameters
    ----------
    spec : SentencesSlice
        The analyses and their settings.
    sources : Quoted
        The result tables.
    versions : mapping of str to str
        Version of metacircuit, python and each library that ran.

    Returns
    -------
    str
        Markdown with headings of the second level and citations as [@key].
    """
    parts = (
        ("Data", _data(sources)),
        ("Effect sizes", effect_sizes(spec, sources)),
        ("Results of which only a bound is printed", _bounds(spec, sources)),
        ("Statistical models", models(spec, sources)),
        ("Comparisons between groups of studies", _groupings(spec, sources)),
        ("Sensitivity analyses and diagnostics", checks(spec, sources)),
        ("Software", _software(versions)),
    )
    return "\n".join(f"## {title}\n\n{text.strip()}\n" for title, text in parts if text.strip())


def _data(sources: Quoted) -> str:
    rows, studies = sources.rows, len(sources.studies)
    fates = {fate: int((rows["fate"] == fate).sum()) for fate in ("analysed", "excluded", "problem")}
    included = rows.loc[rows["fate"] == "analysed", "study_id"].nunique()
    text = (
        f"The extraction sheet holds {plural(len(rows), 'result')} of {plural(studies, 'study', 'studies')}."
        f" Every result"
        f" has one fate: {plural(fates['analysed'], 'result')} of {plural(included, 'study', 'studies')}"
        f" entered at least"
        f" one analysis, {_some(fates['excluded'])} {_were(fates['excluded'])} left out, and"
        f" {_some(fates['problem'])} could not be brought to the measure of an analysis."
    )
    return text + _why(sources)


def _why(sources: Quoted) -> str:
    out = sources.rows[sources.rows["fate"] != "analysed"]
    reasons = out["reason"].map(one_line).value_counts(sort=False)
    ranked = sorted(((int(n), reason) for reason, n in reasons.items() if reason), key=lambda x: (-x[0], x[1]))
    if not ranked:
        return ""
    named = [f"{markdown(_FOR_USERS.sub('', reason))} ({count(n)})" for n, reason in ranked[:_REASONS]]
    rest = len(ranked) - _REASONS
    more = f"; and {plural(rest, 'rarer reason')}" if rest > 0 else ""
    return f" The reasons, with the number of results: {'; '.join(named)}{more}."


def _some(n: int) -> str:
    return count(n) if n else "none"


def _were(n: int) -> str:
    return "was" if n <= 1 else "were"


def _bounds(spec: SentencesSlice, sources: Quoted) -> str:
    counts = {name: int((sources.effects[name]["status"] == "bound").sum()) for name in spec.analyses}
    if not any(counts.values()):
        return ""
    treated = {
        "leave_out": "they were left out of the pooled estimates",
        "at_bound": "they were taken at the bound nearest to no effect",
        "censored": "they entered the likelihood as censored observations [@tobin1958]",
    }
    by_choice: dict[str, list[str]] = {}
    for name, n in counts.items():
        if n:
            by_choice.setdefault(spec.analyses[name].model.bounds, []).append(name)
    where = [
        f"{treated[choice]} in {listed([f'{markdown(spec.analyses[n].title)} ({count(counts[n])})' for n in names])}"
        for choice, names in by_choice.items()
    ]
    return (
        "Some results are printed only as a bound, such as a significant test without its statistic. They limit the"
        f" effect without giving its size: {'; '.join(where)}. The sensitivity analyses treat them in the other ways."
    )


def _groupings(spec: SentencesSlice, sources: Quoted) -> str:
    named = [
        f"{markdown(a.title)} by {listed([markdown(grouping_name(g)) for g in a.groupings])}"
        for a in spec.analyses.values()
        if a.groupings
    ]
    if not named:
        return ""
    least = sorted({a.model.min_studies for a in spec.analyses.values() if a.groupings})
    few = listed([f"{n:g}" for n in least], "or")
    groups = {str(m) for frame in sources.contrasts.values() for m in frame["model"]}
    tests = []
    if any("CHE" in m for m in groups):
        tests.append(
            "under correlated and hierarchical effects by the approximate Hotelling test HTZ"
            " [@tipton2015; @pustejovsky2018]"
        )
    if any("GLMM" in m for m in groups):
        tests.append("for proportions by the Wald test of the generalised linear mixed model")
    if any(m.startswith("random effects") for m in groups):
        tests.append("under independent effects by the omnibus test of a model with one mean a stratum")
    tested = (
        f" Differences between strata were tested with variances common to all strata: {'; '.join(tests)}."
        if tests
        else ""
    )
    return (
        f"The following groupings were compared: {'; '.join(named)}. A stratum of fewer than {few} studies is shown and"
        f" not pooled.{tested} The p-values are not corrected for the number of groupings and strata."
    )


def _software(versions: Mapping[str, str]) -> str:
    libraries = [f"{label} {versions[name]} [@{key}]" for name, (label, key) in _LIBRARIES.items() if name in versions]
    return (
        f"The analysis was run with metacircuit {versions['metacircuit']} under Python {versions['python']}, with"
        f" {listed(libraries)}. Definitions and names are those of the R packages metafor [@viechtbauer2010] and"
        " clubSandwich [@clubsandwich], with which its estimates are compared in the tests of the program."
        " Every number,"
        " table and figure is generated from the extraction sheet by one command."
    )
