"""Every number of a review under a stable name, ready to be quoted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metacircuit.report.manuscript.forms import Written, contrast_forms, estimate_forms, reading_of
from metacircuit.report.manuscript.markup import one_line, reason_of, tex
from metacircuit.report.manuscript.names import join, part, stratum
from metacircuit.report.manuscript.results_checks import overall_rows
from metacircuit.tables.claims import claim_numbers
from metacircuit.wording import count, number, p_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from metacircuit.config import SentencesSlice
    from metacircuit.report.manuscript.sources import Quoted

# What a stratum has even where nothing was pooled.
_ALWAYS = ("k", "studies", "participants", "level")
_POOLED = ("effect", "natural", "natural_lb", "natural_ub", "ci", "pi", "p", "pval", "test", "estimate", "se", "tau2")


@dataclass(frozen=True, slots=True)
class Number:
    """What stands behind a name: a text to print and, if it is one number, its value; or the reason for neither."""

    text: str | None
    value: float | None = None
    reason: str = ""


def collect(spec: SentencesSlice, sources: Quoted) -> dict[str, Number]:
    """Name every number of a review.

    Parameters
    ----------
    spec : SentencesSlice
        The analyses, with their titles and questions.
    sources : Quoted
        The result tables.

    Returns
    -------
    dict of str to Number
        rows.*, studies.*, then ANALYSIS.rows.*, ANALYSIS.routes.*, ANALYSIS.overall.*, ANALYSIS.GROUPING.STRATUM.*,
        ANALYSIS.GROUPING.between.*, ANALYSIS.sensitivity.CHOICE.VALUE.* and ANALYSIS.corrections.METHOD.*, then
        claims.DOCUMENT.NAME.* and published.ID.*. A stratum that was not pooled has names without a text, and the
        reason.
    """
    found: dict[str, Number] = {"review.title": Number(spec.title)}
    found |= dict(_rows(sources))
    for name, analysis in spec.analyses.items():
        found[join(name, "title")] = Number(analysis.title)
        question = Number(analysis.question) if analysis.question else Number(None, None, "the config has no question")
        found[join(name, "question")] = question
        found |= dict(_effects(name, sources.effects[name]))
        for row in sources.estimates[name].to_dict("records"):
            _add(found, stratum(name, row["grouping"], row["stratum"]), _stratum(row))
        for row in sources.contrasts[name].to_dict("records"):
            _add(found, join(name, row["grouping"], "between"), _contrast(row))
        for row in overall_rows(sources.sensitivity[name]).to_dict("records"):
            _add(found, join(name, "sensitivity", row["choice"], str(row["value"])), _stratum(row))
        for row in overall_rows(sources.corrections[name]).to_dict("records"):
            label = {"label": row["method_label"], **reading_of(sources.estimates[name])}
            _add(found, join(name, "corrections", row["method"]), _stratum(row | label))
    return found | dict(_claims("", claim_numbers(sources.claims, sources.published)))


def _claims(stem: str, tree: Mapping[str, object]) -> Iterator[tuple[str, Number]]:
    """claims.DOCUMENT.NAME.* and published.ID.*, leaf by leaf."""
    for key, value in tree.items():
        name = f"{stem}.{part(key)}".lstrip(".")
        if isinstance(value, dict):
            yield from _claims(name, value)
        elif value is None:
            yield name, Number(None, None, "there is no such number")
        elif isinstance(value, str):
            yield name, Number(one_line(value))
        else:
            whole = float(value).is_integer()
            text = p_number(value) if key == "pval" else count(value) if whole else number(value, 2)
            yield name, Number(text, int(value) if whole else float(value))


def as_json(numbers: Mapping[str, Number]) -> str:
    """Write the numbers as JSON: name, then text and value; null where nothing could be estimated, with the reason."""
    tree = {
        name: {"text": n.text, "value": n.value} | ({"reason": n.reason} if n.text is None else {})
        for name, n in numbers.items()
    }
    return json.dumps(tree, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def from_json(text: str) -> dict[str, Number]:
    """Read what `as_json` wrote."""
    return {name: Number(n["text"], n["value"], n.get("reason", "")) for name, n in json.loads(text).items()}


_TEX_HEAD = r"""% Every number of the review, under the names of numbers.json. Generated from the sheets.
%   \input{numbers.tex} ... \metacircuit{neural.overall.effect}
% A name that does not exist, or a number that could not be estimated, stops LaTeX with a message.
\makeatletter
\providecommand{\metacircuit}[1]{\@ifundefined{metacircuit@#1}%
  {\@latex@error{No number of the review has the name `\detokenize{#1}'}{numbers.json lists the names.}}%
  {\csname metacircuit@#1\endcsname}}
\def\metacircuit@define#1#2{\expandafter\def\csname metacircuit@#1\endcsname{#2}}
"""


def as_tex(numbers: Mapping[str, Number]) -> str:
    r"""Write the numbers for LaTeX: \metacircuit{NAME} prints one."""
    lines = [
        rf"\metacircuit@define{{{name}}}{{{tex(n.text)}}}" if n.text is not None else f"% {name}: {one_line(n.reason)}"
        for name, n in numbers.items()
    ]
    return _TEX_HEAD + "\n".join(lines) + "\n" + "\\makeatother\n"


def _rows(sources: Quoted) -> Iterator[tuple[str, Number]]:
    fates = sources.rows["fate"].value_counts()
    yield "rows.read", _whole(len(sources.rows))
    for fate in ("analysed", "excluded", "problem"):
        yield join("rows", fate), _whole(int(fates.get(fate, 0)))
    yield "studies.read", _whole(len(sources.studies))
    yield "studies.included", _whole(sources.rows.loc[sources.rows["fate"] == "analysed", "study_id"].nunique())


def _effects(name: str, effects: pd.DataFrame) -> Iterator[tuple[str, Number]]:
    statuses = effects["status"].value_counts()
    yield join(name, "rows", "taken"), _whole(len(effects))
    for status in ("analysed", "bound", "excluded", "problem"):
        yield join(name, "rows", status), _whole(int(statuses.get(status, 0)))
    used = effects.loc[effects["status"] == "analysed", "route"].value_counts()
    for route in sorted(used.index):
        yield join(name, "routes", route), _whole(int(used[route]))


def _whole(n: int) -> Number:
    return Number(count(n), n)


def _stratum(row: dict[str, object]) -> dict[str, Number]:
    forms = _numbers(estimate_forms(row))
    if row["status"] == "ok":
        return _label(row) | forms
    reason = reason_of(row)
    return _label(row) | {name: forms.get(name, Number(None, None, reason)) for name in (*_ALWAYS, *_POOLED)}


def _contrast(row: dict[str, object]) -> dict[str, Number]:
    forms = _numbers(contrast_forms(row))
    if row["status"] == "ok":
        return forms
    missing = Number(None, None, reason_of(row))
    return {name: forms.get(name, missing) for name in ("groups", "QM", "df1", "df2", "pval", "p", "test")}


def _label(row: dict[str, object]) -> dict[str, Number]:
    return {"label": Number(one_line(row["label"]))} if row.get("label") else {}


def _numbers(forms: Mapping[str, Written]) -> dict[str, Number]:
    # Whole numbers are whole in JSON: 19, not 19.0.
    return {
        name: Number(
            form.text, int(form.value) if form.value is not None and form.value == int(form.value) else form.value
        )
        if form.value is None or abs(form.value) < float("inf")
        else Number(form.text)
        for name, form in forms.items()
    }


def _add(found: dict[str, Number], stem: str, numbers: dict[str, Number]) -> None:
    """Add the numbers under a stem; a stem that is taken gets a serial number, so that no number hides another."""
    free, serial = stem, 2
    while any(name.startswith(f"{free}.") for name in found):
        free, serial = f"{stem}_{serial}", serial + 1
    found.update({f"{free}.{name}": number for name, number in numbers.items()})
