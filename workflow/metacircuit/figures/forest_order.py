"""In which order the studies of a forest plot stand, and under which headings."""

import unicodedata
from collections.abc import Sequence

import pandas as pd

from metacircuit.figures.forest_columns import plain, require_known

_ALSO = {"estimate": "yi"}


def ordered(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Sort rows by columns; a minus sign before a name turns its order round, missing values stand last.

    Parameters
    ----------
    rows : a table with the columns
    keys : names such as "year", "-weight"; "estimate" is yi

    Raises
    ------
    ValueError
        For a column that the table does not have.

    Examples
    --------
    >>> rows = pd.DataFrame({"name": ["Özkan", "Plener", "oliveira", ""], "year": [2014, 2012, 2012, 2012]})
    >>> list(ordered(rows, ["year", "-name"])["name"]), list(ordered(rows, ["name"])["name"])
    (['Plener', 'oliveira', '', 'Özkan'], ['oliveira', 'Özkan', 'Plener', ''])
    """
    names = [_ALSO.get(key.removeprefix("-"), key.removeprefix("-")) for key in keys]
    require_known(names, rows)
    found = rows.reset_index(drop=True)
    # Stable sorts by the last key first leave the first key in command, each with its own direction.
    for key, name in reversed(list(zip(keys, names, strict=True))):
        ranks = _comparable(found[name])
        found = found.loc[ranks.sort_values(ascending=not key.startswith("-"), kind="stable", na_position="last").index]
    return found


def _comparable(column: pd.Series) -> pd.Series:
    """Numbers as they are; words without case and accents, missing ones as missing."""
    if pd.api.types.is_numeric_dtype(column):
        return column
    return column.map(lambda cell: _folded(plain(cell)) or None)


def _folded(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word)
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()


def headings(rows: pd.DataFrame, name: str | None) -> list[tuple[str, pd.DataFrame]]:
    """Split the rows of a stratum by the words of a column; without one they stay together, under no heading.

    Examples
    --------
    >>> rows = pd.DataFrame({"country": ["UK", "", "China", "UK"]})
    >>> [(word, len(part)) for word, part in headings(rows, "country")]
    [('China', 1), ('UK', 2), ('Not coded', 1)]
    """
    if name is None:
        return [("", rows)]
    require_known([name], rows)
    words = rows[name].map(plain)
    known = ordered(rows[words != ""], [name])[name].map(plain).unique()
    parts = [(word, rows[words == word]) for word in known]
    return [*parts, ("Not coded", rows[words == ""])] if (words == "").any() else parts
