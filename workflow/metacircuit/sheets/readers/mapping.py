"""From a file's columns and words to ours, as the config says; nothing in a config or a file is evaluated."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING

from metacircuit.config.errors import UserError
from metacircuit.sheets.columns import STANDARD, canonical
from metacircuit.sheets.problems import Code, Problem, shown
from metacircuit.sheets.readers.amounts import uses_commas, with_point
from metacircuit.sheets.readers.extract import Extract, Row, unmapped
from metacircuit.sheets.readers.metafor import READ, printed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from metacircuit.config.source import Source

_NUMERIC = {c.name for c in STANDARD["effects"] if c.numeric} | (READ - {"measure"})


def apply_mapping(found: Extract, spec: Source, file: str) -> Extract:
    """Rename columns and words, add fixed ones, turn metafor's columns into printed ones, set rows aside.

    Parameters
    ----------
    found : Extract
        As a reader gives it.
    spec : Source
        The section of the config.
    file : str
        For messages.

    Returns
    -------
    Extract
        Rows of effects with our columns, and the file's others under a canonical name.

    Raises
    ------
    UserError
        With every column of the config that the file does not have.
    """
    header = list(dict.fromkeys(name for row in found.effects for name in row.cells))
    columns = _columns(header, found.defaults, spec)
    problems = list(found.problems)
    blanks = 0
    spread: list[Row] = []
    for row in found.effects:
        cells = dict(row.cells)
        empty = [name for name, cell in cells.items() if cell in spec.missing]
        blanks += len(empty)
        cells |= dict.fromkeys(empty, "")
        spread += (Row(row.number, {**one, **spec.fixed}) for one in _renamed(cells, columns, spec))
    if blanks:
        text = f"{blanks} cells say {', '.join(spec.missing)} and are read as empty."
        problems.append(Problem(Code.NO_VALUE_WORD, text, "", "Nothing to do.", file, found.sheet))
    comma = spec.decimal == "," or (not spec.decimal and uses_commas(_amounts(spread), found.delimiter))
    rows = []
    for row in spread:
        cells = {c: with_point(v) if comma and c in _NUMERIC else v for c, v in row.cells.items()}
        cells |= {c: spec.values[c].get(cells.get(c, ""), cells.get(c, "")) for c in spec.values if c in cells}
        cells, lost = printed(cells, spec.measure)
        for column, why in lost:
            where = {"sheet": found.sheet, "row": row.number, "column": column, "value": row.cells.get(column, "")}
            remedy = "Map the numbers that it was computed from, or name the measure in the config's source."
            problems.append(unmapped(f"{why}.", remedy, file=file, **where))
        rows.append(Row(row.number, _set_aside(cells, spec)))
    _refuse_unknown_conditions(rows, spec)
    problems += _second_extractions(rows, file, found.sheet)
    return replace(found, effects=tuple(rows), problems=tuple(problems))


def _columns(header: list[str], defaults: Mapping[str, tuple[str, ...]], spec: Source) -> dict[str, str]:
    """Our column: theirs. What the config says wins over what the format says; an unknown name is a mistake."""
    known = {canonical(name): name for name in reversed(header)} | {name: name for name in header}
    mistakes = []
    chosen = {}
    outcomes = ((f"outcomes.{o}.{c}", theirs) for o, columns in spec.outcomes.items() for c, theirs in columns.items())
    for place, theirs in (*((f"columns.{c}", theirs) for c, theirs in spec.columns.items()), *outcomes):
        if theirs not in known and canonical(theirs) not in known:
            near = difflib.get_close_matches(theirs, header, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            mistakes.append(
                f"source.{place}: {spec.file[0]} has no column {theirs!r}.{hint} Its columns: {', '.join(header[:40])}."
            )
        elif place.startswith("columns."):
            chosen[place.removeprefix("columns.")] = known.get(theirs, known.get(canonical(theirs), ""))
    if mistakes:
        raise UserError(*mistakes)
    taken = set(chosen.values())
    for ours, candidates in defaults.items():
        theirs = next((known[name] for name in candidates if name in known), None)
        if theirs is not None and ours not in {*chosen, *spec.fixed} and theirs not in taken:
            chosen[ours] = theirs
    return chosen


def _renamed(cells: Mapping[str, str], columns: Mapping[str, str], spec: Source) -> Iterator[dict[str, str]]:
    """The row by our names, once for each outcome that it holds; columns that nobody maps keep a name of their own."""
    mapped = {ours: cells.get(theirs, "") for ours, theirs in columns.items()}
    used = {*columns.values(), *(theirs for own in spec.outcomes.values() for theirs in own.values())}
    rest = {}
    for theirs, cell in cells.items():
        if theirs not in used:
            name = canonical(theirs) or "column"
            while name in mapped or name in rest or name in spec.fixed:
                name += "__source"
            rest[name] = cell
    if not spec.outcomes:
        yield {**mapped, **rest}
        return
    by_name = {canonical(name): cell for name, cell in cells.items()} | dict(cells)
    for outcome, own in spec.outcomes.items():
        one = {ours: by_name.get(theirs, by_name.get(canonical(theirs), "")) for ours, theirs in own.items()}
        if any(one.values()):
            yield {**mapped, **rest, "outcome": outcome, **one}


def _amounts(rows: Iterable[Row]) -> Iterator[str]:
    return (cell for row in rows for name, cell in row.cells.items() if cell and name in _NUMERIC)


def _set_aside(cells: dict[str, str], spec: Source) -> dict[str, str]:
    """Rows that `where` does not take stay in view as excluded ones."""
    unfit = next((c for c, words in spec.where.items() if cells.get(c, "") not in words), None)
    if unfit is None:
        return cells
    why = f"left out by source.where: {unfit} is {shown(cells.get(unfit, '')) or 'empty'}"
    return {**cells, "include": "no", "exclude_reason": cells.get("exclude_reason", "") or why}


def _refuse_unknown_conditions(rows: list[Row], spec: Source) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row.cells))
    mistakes = []
    for section, columns in (("where", spec.where), ("values", spec.values)):
        for column in columns:
            if column not in names:
                near = difflib.get_close_matches(column, names, n=1)
                hint = f" Did you mean {near[0]!r}?" if near else ""
                mistakes.append(
                    f"source.{section}.{column}: there is no such column.{hint} The columns: {', '.join(names)}."
                )
    for column, words in spec.where.items():
        present = {row.cells.get(column, "") for row in rows}
        if column in names and not present & set(words):
            listed = ", ".join(sorted(filter(None, present))[:12])
            mistakes.append(f"source.where.{column}: no row says {' or '.join(words)}. It says: {listed}.")
    if mistakes:
        raise UserError(*mistakes)


def _second_extractions(rows: Iterable[Row], file: str, sheet: str) -> Iterator[Problem]:
    """Two people's rows of one study would count it twice."""
    seen: dict[str, str] = {}
    told = set()
    for row in rows:
        study, person = row.cells.get("study_id", ""), row.cells.get("extractor", "")
        if not person or row.cells.get("include") == "no" or study in told:
            continue
        if seen.setdefault(study, person) != person:
            told.add(study)
            text = f"{shown(study)} is extracted by {shown(seen[study])} and by {shown(person)}, and both are included."
            remedy = f"Choose one in the config: source.where.extractor: {shown(person)}."
            yield Problem(
                Code.SECOND_EXTRACTION, text, "one extractor a study", remedy, file, sheet, row.number, "extractor"
            )
