"""The schema of a typed sheet, as pandera checks it: ranges, whole numbers, vocabularies, filled and unique ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.sheets.columns import STANDARD
from metacircuit.sheets.kinds import Column
from metacircuit.sheets.problems import Code, Hits, Say, shown
from metacircuit.sheets.table import REGION, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandera.pandas as pa

    from metacircuit.sheets.words import Words

RANGE, WHOLE, SIGN, WORD, FILLED, UNIQUE = "range", "whole", "sign", "word", "filled", "unique"

_KEY = {"effects": "effect_id", "studies": "study_id", "published": "published_id"}


def build_schema(table: Table) -> pa.DataFrameSchema:
    """Return the pandera schema of a sheet's columns: those that the sheet has, with the vocabularies in force.

    Parameters
    ----------
    table : Table
        The typed sheet.

    Returns
    -------
    pandera.pandas.DataFrameSchema
        Each check bears the name of the rule that `check_schema` explains.
    """
    import pandera.pandas as pa  # noqa: PLC0415 - 0.6 s that only a check of sheets needs

    columns = {}
    for column in STANDARD[table.raw.name]:
        if column.name in table.raw.cells:
            columns[column.name] = pa.Column(checks=list(_checks(column, table)), nullable=True)
    for name in table.words:
        if name in table.raw.cells and name not in columns:
            columns[name] = pa.Column(checks=[_word_check(table.words[name])], nullable=True)
    return pa.DataFrameSchema(columns)


def check_schema(table: Table) -> list[Hits]:
    """Validate a typed sheet against its schema, all rules at once.

    Parameters
    ----------
    table : Table
        The typed sheet.

    Returns
    -------
    list of Hits
        One for each column and rule that is broken.
    """
    import pandera.errors  # noqa: PLC0415

    schema = build_schema(table)
    try:
        schema.validate(_as_checked(table, list(schema.columns)), lazy=True)
    except pandera.errors.SchemaErrors as found:
        cases = found.failure_cases
        return [
            _explain(table, column, rule, group["index"])
            for (column, rule), group in cases.groupby(["column", "check"], sort=False)
        ]
    return []


def _checks(column: Column, table: Table) -> Iterator[pa.Check]:
    import pandera.pandas as pa  # noqa: PLC0415

    r = column.range
    if r is not None:
        yield pa.Check.in_range(
            r.low, r.high, include_min=not r.low_open, include_max=not r.high_open, name=RANGE, error=RANGE
        )
    if column.kind == "count":
        yield pa.Check(lambda s: s == np.floor(s), name=WHOLE, error=WHOLE)
    if column.kind == "sign":
        yield pa.Check.isin([-1, 1], name=SIGN, error=SIGN)
    if column.name in table.words and column.name != REGION:
        yield _word_check(table.words[column.name])
    if column.required:
        yield pa.Check(lambda s: s != "", name=FILLED, error=FILLED)
    if column.name == _KEY[table.raw.name]:
        yield pa.Check(lambda s: ~s.duplicated(keep=False) | (s == ""), name=UNIQUE, error=UNIQUE)


def _word_check(words: Words) -> pa.Check:
    import pandera.pandas as pa  # noqa: PLC0415

    return pa.Check.isin([*words.ids, ""], name=WORD, error=WORD)


def _as_checked(table: Table, columns: list[str]) -> pd.DataFrame:
    """The columns as the rules see them: of `family:subtype` the family, unless the vocabulary has the whole."""
    frame = table.frame[columns]
    for name in set(table.words) & set(columns):
        distinct = pd.unique(frame[name])
        if any(":" in word for word in distinct):
            known = set(table.words[name].ids)
            family = {word: word if word in known or ":" not in word else word.partition(":")[0] for word in distinct}
            frame = frame.assign(**{name: frame[name].map(family)})
    return frame


def _explain(table: Table, column: str, rule: str, index: pd.Series) -> Hits:
    where = np.sort(index.to_numpy(dtype=np.intp))
    standard = {c.name: c for c in STANDARD[table.raw.name]}
    match rule:
        case "range":
            return Hits(standard[column].range.code, column, where, _out_of_range(table, standard[column]))
        case "whole":
            return Hits(Code.NOT_WHOLE, column, where, _not_whole(table, column))
        case "sign":
            return Hits(Code.OUT_OF_RANGE, column, where, _no_sign(table, column))
        case "word":
            severity = "warning" if table.raw.name == "published" else ""
            return Hits(Code.UNKNOWN_WORD, column, where, _unknown_word(table, column), severity)
        case "filled":
            return Hits(
                Code.MISSING_ID,
                column,
                where,
                lambda _: (f"{column} is empty.", "an id in every row", "Type an id, or delete the row."),
            )
        case "unique":
            return Hits(Code.DUPLICATE_ID, column, where, _duplicate(table, column, where))
    raise AssertionError(f"no words for the rule {rule} of {column}")


def _out_of_range(table: Table, column: Column) -> Say:
    r = column.range
    return lambda i: (f"{column.name} is {table.text(column.name, i)}.", f"{column.name} {r.allowed}", r.remedy)


def _not_whole(table: Table, column: str) -> Say:
    return lambda i: (
        f"{column} is {table.text(column, i)}, not a whole number.",
        "whole numbers",
        "Type the number of participants or events.",
    )


def _no_sign(table: Table, column: str) -> Say:
    meaning = (
        "1 (group 1 higher, association positive) or -1"
        if column == "direction"
        else "1, or -1 where a higher score means less of the problem"
    )
    return lambda i: (
        f"{column} is {table.text(column, i)}.",
        meaning,
        "Type 1 or -1, or leave the cell empty if the paper does not say.",
    )


def _duplicate(table: Table, column: str, where: np.ndarray) -> Say:
    ids = table.frame[column]
    first: dict[str, int] = {}
    for i in where:
        first.setdefault(ids.iloc[i], int(i))

    def say(i: int) -> tuple[str, str, str]:
        mate = first[ids.iloc[i]]
        other = f"also in row {table.raw.rows[mate]}" if mate != i else "repeated below"
        return (
            f"{shown(ids.iloc[i])} is {other}.",
            "each id once",
            "Rename one of them, or delete the row that was entered twice.",
        )

    return say


def _unknown_word(table: Table, column: str) -> Say:
    words = table.words[column]
    advice: dict[str, str] = {}

    def say(i: int) -> tuple[str, str, str]:
        word = str(table.frame[column].iloc[i]).partition(":")[0]
        if word not in advice:
            near = words.nearest(word)
            advice[word] = f"Did you mean {near}?" if near else "Use a word of the vocabulary, or add this one to it."
        return f"{shown(word)} is not a word of {column}.", words.listed(), advice[word]

    return say
