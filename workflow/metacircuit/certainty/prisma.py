"""The checklist of PRISMA 2020: where in the output each item is answered, and what people have to write themselves."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.config.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

COLUMNS = ("item", "section", "topic", "asks", "status", "where", "note")
_TO_DO = {
    "screening": "put the counts of records into data/{review}/screening.csv",
    "rob": "put judgements into data/{review}/rob.csv; config/rob has the tools",
    "questions": "write a question for every analysis into config/{review}.yaml",
    "groupings": "write groupings into config/{review}.yaml",
    "limits": "write limits into config/{review}.yaml",
}


def checklist(
    items: pd.DataFrame,
    *,
    review: str,
    analyses: Sequence[str],
    present: Collection[str],
    absent: Collection[str] = (),
    answers: pd.DataFrame | None = None,
    source: str = "prisma.csv",
) -> pd.DataFrame:
    """Fill the checklist.

    Parameters
    ----------
    items : DataFrame
        config/prisma2020.csv: item, section, topic, asks, where, needs. needs is always, partly (people complete it),
        author (people write it), or what must be there.
    review : str
        Its name, which takes the place of REVIEW.
    analyses : sequence of str
        Their names take the place of ANALYSIS where there is one only.
    present : collection of str
        Of the needs, those that are there.
    absent : collection of str
        Files that an item names and that do not exist; they are left out of it.
    answers : DataFrame, optional
        data/REVIEW/prisma.csv: item, where (a page of the manuscript), as text; it goes before what the table says.
    source : str
        The name of that file, for messages.

    Returns
    -------
    DataFrame
        `COLUMNS`; status: answered, partly (the output has a part, people complete it), author (people write it),
        missing (with what to do as the note).

    Raises
    ------
    UserError
        For answers to items that do not exist, or given twice.
    """
    given = _answers(answers, list(items["item"]), source)
    rows = []
    for row in items.to_dict("records"):
        status, note = _status(row["needs"], present, review)
        where = "; ".join(place for place in places(row["where"], review) if place.split(" (")[0] not in absent)
        if len(analyses) == 1:
            where = where.replace("ANALYSIS", analyses[0])
        if not where:
            status, note = "missing", f"write {row['where'].replace('REVIEW', review)}"
        if row["item"] in given:
            where = given[row["item"]] if status in ("author", "missing") else f"{given[row['item']]}; {where}"
            status, note = "answered", "by the authors"
        elif status == "missing":
            where = ""
        rows.append({**{k: row[k] for k in COLUMNS[:4]}, "status": status, "where": where, "note": note})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def places(where: str, review: str) -> list[str]:
    """The places that an item names.

    >>> places("data/REVIEW/README.md; provenance.jsonl", "nssi")
    ['data/nssi/README.md', 'provenance.jsonl']
    """
    return [place.strip().replace("REVIEW", review) for place in where.split(";")]


def _status(needs: str, present: Collection[str], review: str) -> tuple[str, str]:
    if needs == "author":
        return "author", "the authors write it"
    if needs == "partly":
        return "partly", "the authors complete it"
    if needs == "always" or needs in present:
        return "answered", ""
    return "missing", _TO_DO[needs].format(review=review)


def _answers(answers: pd.DataFrame | None, items: Sequence[str], source: str) -> dict[str, str]:
    if answers is None or answers.empty:
        return {}
    missing = [column for column in ("item", "where") if column not in answers]
    if missing:
        raise UserError(f"{source}: there is no column {', '.join(missing)}. It has the columns item, where.")
    found: dict[str, str] = {}
    problems = []
    for number, item, where in zip(answers.index, answers["item"], answers["where"], strict=True):
        word, place = str(item).strip().lower(), str(where).strip()
        if word not in items:
            near = difflib.get_close_matches(word, items, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            problems.append(
                f"{source}: row {number}: PRISMA 2020 has no item {word!r}.{hint} Its items: 1 to 27, 10a …"
            )
        elif word in found:
            problems.append(f"{source}: row {number}: item {word} is answered twice. Keep one row.")
        elif place:
            found[word] = place
    if problems:
        raise UserError(*problems)
    return found


def as_markdown(filled: pd.DataFrame, title: str) -> str:
    """The filled checklist as a Markdown table for a supplement."""
    counts = filled["status"].value_counts()
    said = ", ".join(f"{int(counts[s])} {s}" for s in ("answered", "partly", "author", "missing") if s in counts)
    lines = [
        f"# PRISMA 2020 checklist: {title}",
        "",
        f"Items: {said}. The wording is ours; the checklist is Page et al. (2021), BMJ 372:n71.",
        "",
        "| item | section | topic | what it asks | status | where | note |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {' | '.join(_cell(row[c]) for c in ('item', 'section', 'topic', 'asks', 'status', 'where', 'note'))} |"
        for row in filled.to_dict("records")
    ]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
