"""The decisions on disagreements: checked all at once, and carried into the final sheet."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.config.errors import UserError
from metacircuit.extraction.compare import WORKLIST
from metacircuit.extraction.kinds import CODED, NUMBER, cells
from metacircuit.sheets.parse import read_numbers
from metacircuit.sheets.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from metacircuit.sheets.kinds import Column
    from metacircuit.sheets.words import Words

FIRST, SECOND, OTHER = "first", "second", "other:"
DECIDED = "decided"
_HOW = "first, second, or `other:` and the value (`other:` alone leaves the cell empty)"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a cell may hold: how each column is compared, the words of coded ones, the standard's columns by name."""

    kinds: Mapping[str, str]
    words: Mapping[str, Words]
    standard: Mapping[str, Column]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a cell will hold, and who decided it why."""

    effect_id: str
    column: str
    value: str
    choice: str
    decided_by: str
    reason: str


def read_decisions(worklist: pd.DataFrame, filled: pd.DataFrame, rules: Rules) -> list[Decision]:
    """Check a filled-in worklist against the disagreements as they are now.

    Parameters
    ----------
    worklist : DataFrame
        Made from the two sheets as they are.
    filled : DataFrame
        The same columns as text, in any order of rows, with decisions.
    rules : Rules

    Returns
    -------
    list of Decision
        One a row of `worklist`, in its order.

    Raises
    ------
    UserError
        With every decision that is missing, twice there, stale or invalid.

    Examples
    --------
    >>> work = pd.DataFrame([["a.1", "n1", "20", "30", "", "", ""]], columns=list(WORKLIST))
    >>> done = work.assign(decision="second", decided_by="AB", reason="table 2")
    >>> [(d.column, d.value, d.decided_by) for d in read_decisions(work, done, Rules({"n1": "number"}, {}, {}))]
    [('n1', '30', 'AB')]
    """
    missing = [name for name in WORKLIST if name not in filled]
    if missing:
        raise UserError(f"The decisions have no column {', '.join(missing)}. Their columns: {', '.join(WORKLIST)}.")
    filled = filled[list(WORKLIST)].fillna("").astype(str).apply(lambda column: column.str.strip())
    rows: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in filled.to_dict("records"):
        if any(row.values()):
            rows.setdefault((row["effect_id"], row["column"]), []).append(row)
    wanted = {(r["effect_id"], r["column"]): r for r in worklist.to_dict("records")}
    mistakes = [*_strange(rows, wanted)]
    decisions = []
    for key, now in wanted.items():
        where = f"{key[0]}, {key[1]}"
        if key not in rows:
            mistakes.append(f"{where}: no decision. Add its row from the worklist, and decide: {_HOW}.")
            continue
        found = list(_invalid(rows[key][0], now, rules))
        mistakes += [f"{where}: {text}" for text in found]
        if not found:
            decisions.append(_decision(rows[key][0], now))
    if mistakes:
        raise UserError(*mistakes)
    return decisions


def _strange(
    rows: Mapping[tuple[str, str], list[dict[str, str]]], wanted: Mapping[tuple[str, str], object]
) -> Iterator[str]:
    for key, found in rows.items():
        where = f"{key[0]}, {key[1]}"
        if key not in wanted:
            known = [f"{a}, {b}" for a, b in wanted]
            near = difflib.get_close_matches(where, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            yield f"{where}: the sheets do not disagree there.{hint} Delete the row, or correct effect_id and column."
        elif len(found) > 1:
            yield f"{where}: decided {len(found)} times. Keep one of the rows."


def _invalid(row: Mapping[str, str], now: Mapping[str, str], rules: Rules) -> Iterator[str]:
    for side in (FIRST, SECOND):
        if not _equal(row[side], now[side]):
            yield (
                f"the {side} sheet has {now[side]!r} now, the decision was about {row[side]!r}."
                " Decide again, with both values as they are."
            )
    choice = row["decision"]
    if not choice:
        yield f"no decision. Write {_HOW}."
    elif choice.casefold().startswith(OTHER):
        value = choice[len(OTHER) :].strip()
        yield from _not_a_value(value, now["column"], rules)
        if not row["reason"]:
            yield "a value that neither sheet has needs a reason. Say where it stands in the paper."
    elif choice.casefold() not in (FIRST, SECOND):
        near = difflib.get_close_matches(choice.casefold(), (FIRST, SECOND, OTHER), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        yield f"the decision {choice!r} is not known.{hint} Allowed: {_HOW}."
    if choice and not row["decided_by"]:
        yield "decided_by is empty. Write who decided."


def _not_a_value(value: str, column: str, rules: Rules) -> Iterator[str]:
    if not value:
        return
    if rules.kinds[column] == NUMBER:
        standard = rules.standard.get(column)
        number = float(read_numbers([value]).numbers[0])
        if math.isnan(number):
            yield f"{value!r} is not a number. Write it with digits and a decimal point."
        elif standard is not None and standard.range is not None and not _inside(number, standard):
            yield f"{value} is out of range. Allowed: {column} {standard.range.allowed}."
        elif standard is not None and standard.kind == "count" and number != math.floor(number):
            yield f"{value} is not a whole number. Allowed: whole numbers."
    elif rules.kinds[column] == CODED:
        if column in rules.words and rules.words[column].find(value.partition(":")[0].strip()) is None:
            words = rules.words[column]
            near = words.nearest(value)
            hint = f" Did you mean {near}?" if near else ""
            yield f"{value!r} is not a word of {column}.{hint} Allowed: {words.listed()}."
        elif column not in rules.words and value not in ("1", "-1"):
            yield f"{value!r} is not a sign. Allowed: 1 or -1."


def _inside(number: float, column: Column) -> bool:
    r = column.range
    above = number > r.low if r.low_open else number >= r.low
    return above and (number < r.high if r.high_open else number <= r.high)


def _equal(a: str, b: str) -> bool:
    """Whether a spreadsheet may have made one of the other: the same text, or the same number."""
    if fold(a) == fold(b):
        return True
    x, y = read_numbers([a]).numbers[0], read_numbers([b]).numbers[0]
    return bool(math.isclose(x, y, rel_tol=1e-9))


def _decision(row: Mapping[str, str], now: Mapping[str, str]) -> Decision:
    choice = row["decision"].casefold()
    other = choice.startswith(OTHER)
    value = row["decision"][len(OTHER) :].strip() if other else now[choice]
    kept = "other" if other else choice
    return Decision(now["effect_id"], now["column"], value, kept, row["decided_by"], row["reason"])


def final_sheet(printed: pd.DataFrame, typed: pd.DataFrame, decisions: list[Decision]) -> pd.DataFrame:
    """Write the decisions into the first sheet.

    Parameters
    ----------
    printed : DataFrame
        The first sheet's cells as typed, as text.
    typed : DataFrame
        The same rows as they are understood; what stands in p is written out where p or p_op was decided on, for a
        sheet may have both in one cell.
    decisions : list of Decision

    Returns
    -------
    DataFrame
        The sheet with its columns in their order, and `decided`: for each cell that was decided on the choice, who made
        it and why.

    Examples
    --------
    >>> printed = pd.DataFrame({"effect_id": ["a.1", "a.2"], "n1": ["20", "25"]})
    >>> made = final_sheet(printed, printed, [Decision("a.1", "n1", "30", "second", "AB", "table 2")])
    >>> made.to_numpy().tolist()
    [['a.1', '30', 'n1: second, by AB (table 2)'], ['a.2', '25', '']]
    """
    sheet = printed.astype(object).reset_index(drop=True)
    place = {name: i for i, name in enumerate(typed["effect_id"])}
    notes: dict[int, list[str]] = {}
    for column in dict.fromkeys(d.column for d in decisions):
        if column not in sheet:
            sheet[column] = ""
    split = {place[d.effect_id] for d in decisions if d.column in ("p", "p_op")}
    for name in ("p", "p_op"):
        if split:
            at = sorted(split)
            if name not in sheet:
                sheet[name] = ""
            sheet.loc[at, name] = cells(typed[name].iloc[at])
    for d in decisions:
        i = place[d.effect_id]
        if d.choice != FIRST:
            sheet.loc[i, d.column] = d.value
        reason = f" ({d.reason})" if d.reason else ""
        notes.setdefault(i, []).append(f"{d.column}: {d.choice}, by {d.decided_by}{reason}")
    before = sheet[DECIDED].fillna("").tolist() if DECIDED in sheet else [""] * len(sheet)
    return sheet.assign(
        **{DECIDED: ["; ".join(filter(None, [old, *notes.get(i, ())])) for i, old in enumerate(before)]}
    )
