"""The columns of text beside a forest plot: which there are, what their cells say, and how they are set."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

import pandas as pd

from metacircuit.figures.result import Row
from metacircuit.wording import MINUS

EFFECTS, PARTICIPANTS, WEIGHT, ESTIMATE = "effects", "participants", "weight", "estimate"

JUDGEMENTS = {
    "low": "fine",
    "low risk": "fine",
    "some concerns": "doubtful",
    "moderate": "doubtful",
    "unclear": "doubtful",
    "high": "bad",
    "high risk": "bad",
    "serious": "bad",
    "critical": "worst",
    "no information": "unknown",
    "not applicable": "unknown",
}
"""Words of RoB 2, ROBINS-I, RoB 1 and QUADAS-2, and the colour of the style that each has."""

SIGNS = {"fine": "+", "doubtful": MINUS, "bad": "×", "worst": "!", "unknown": "?"}
"""The sign in the dot of a judgement: it says the same without colour."""

_FIELD = re.compile(r"\{([^{}]*)\}")
_NUMBER = re.compile(rf"^[<>≤≥]?[{MINUS}-]?[0-9][0-9.,/ –()%{MINUS}]*$")


@dataclass(frozen=True, slots=True)
class Column:
    """A column beside the plot.

    Parameters
    ----------
    name : what its cells are called; without a template, the column of the table that they show
    heading : what stands above it
    show : "number" (set at the decimal point), "text", "dots", "estimate", or "auto" for what its cells suggest
    template : a text with columns in braces, such as "{events1}/{total1}"
    """

    name: str
    heading: str = ""
    show: str = "auto"
    template: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns of the table that its cells are made from."""
        return tuple(dict.fromkeys(_FIELD.findall(self.template))) if self.template else (self.name,)


BUILT_IN = {
    EFFECTS: Column(EFFECTS, "Effects", "number"),
    PARTICIPANTS: Column(PARTICIPANTS, "Participants", "number"),
    WEIGHT: Column(WEIGHT, "Weight, %", "number"),
    ESTIMATE: Column(ESTIMATE, "", "estimate"),
}
"""The columns that every forest plot can have; the heading of the estimate names the measure."""


def columns_of(wanted: Iterable[str | Column], rows: pd.DataFrame) -> tuple[Column, ...]:
    """The columns that were asked for, with headings and the way they are set.

    Raises
    ------
    ValueError
        For a column that the table does not have, with the nearest one.

    Examples
    --------
    >>> rows = pd.DataFrame({"rob": ["low", "high"], "year": [2012.0, 2014.0], "sd_1": [1, 2], "x": ["a", "b"]})
    >>> [(c.heading, c.show) for c in columns_of(["weight", "rob", "year", "sd_1", "x"], rows)]
    [('Weight, %', 'number'), ('Rob', 'dots'), ('Year', 'number'), ('Sd 1', 'number'), ('x', 'text')]
    >>> columns_of(["yeer"], rows)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: unknown column 'yeer' for a forest plot; did you mean 'year'? Allowed: effects, participants, ...
    """
    return tuple(_column(entry if isinstance(entry, Column) else Column(entry), rows) for entry in wanted)


def _column(column: Column, rows: pd.DataFrame) -> Column:
    if column.name in BUILT_IN and not column.template:
        usual = BUILT_IN[column.name]
        return replace(usual, heading=column.heading or usual.heading)
    require_known(column.sources, rows)
    heading = column.heading or readable(column.name)
    return replace(column, heading=heading, show=_fitting(column, rows) if column.show == "auto" else column.show)


def require_known(names: Iterable[str], rows: pd.DataFrame) -> None:
    """Refuse the name of a column that the table does not have."""
    for name in names:
        if name not in rows.columns:
            known = list(dict.fromkeys([*BUILT_IN, *map(str, rows.columns)]))
            near = get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else "."
            raise ValueError(f"unknown column {name!r} for a forest plot{hint} Allowed: {', '.join(known)}")


def readable(name: str) -> str:
    """The name of a column as a heading; a short symbol such as n1 stays as it is.

    >>> readable("risk_of_bias"), readable("n1")
    ('Risk of bias', 'n1')
    """
    spaced = name.replace("_", " ").strip()
    return spaced if len(spaced) <= 2 else spaced[:1].upper() + spaced[1:]


def _fitting(column: Column, rows: pd.DataFrame) -> str:
    """What the cells of a column suggest."""
    cells = {cell_text(column, row) for row in rows[list(column.sources)].drop_duplicates().to_dict("records")} - {""}
    if cells and all(judgement(cell) for cell in cells):
        return "dots"
    return "number" if cells and all(_NUMBER.match(cell) for cell in cells) else "text"


def judgement(cell: str) -> str:
    """The colour of a judgement of the risk of bias; empty where the word is none.

    >>> judgement("Some concerns"), judgement("no_information"), judgement("2012")
    ('doubtful', 'unknown', '')
    """
    return JUDGEMENTS.get(cell.strip().lower().replace("_", " "), "")


def cell_text(column: Column, row: Row) -> str:
    """What a column says of a study; empty where something that it is made from is missing.

    >>> cell_text(Column("n", template="{events}/{total}"), {"events": 3.0, "total": 40})
    '3/40'
    """
    if not column.template:
        return plain(row.get(column.name))
    values = {name: plain(row.get(name)) for name in column.sources}
    return _FIELD.sub(lambda field: values[field[1]], column.template) if all(values.values()) else ""


def plain(value: object) -> str:
    """A cell as text on one line: numbers as short as they are, with a real minus sign.

    >>> plain(2012.0), plain(-0.50), plain(float("nan")), plain(" a  b ")
    ('2012', '−0.5', '', 'a b')
    """
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return " ".join(value.split())
    try:
        return f"{float(value):.10g}".replace("-", MINUS)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return " ".join(str(value).split())


def legend(columns: Sequence[Column], cells: Iterable[str]) -> str:
    """What the signs in the dots mean, for the judgements that there are."""
    if not any(column.show == "dots" for column in columns):
        return ""
    words: dict[str, dict[str, None]] = {}
    for cell in cells:
        if judgement(cell):
            words.setdefault(judgement(cell), {}).setdefault(cell.replace("_", " ").lower())
    parts = [f"{SIGNS[kind]} {', '.join(sorted(words[kind]))}" for kind in SIGNS if kind in words]
    return f"Dots: {'; '.join(parts)}." if parts else ""
