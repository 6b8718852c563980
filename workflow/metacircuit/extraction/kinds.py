"""How the columns of two sheets are compared: as words, as numbers or as text; and when two cells say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metacircuit.sheets.columns import EFFECTS
from metacircuit.sheets.words import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import pandas as pd
    from numpy.typing import NDArray

CODED, NUMBER, TEXT = "coded", "number", "text"

#: What pairs the rows, and what is written for oneself: not coded by either extractor.
NOT_COMPARED = ("effect_id", "study_id", "notes")

# Two spellings of one number differ by less.
_SAME = 1e-9


def kinds_of(columns: Iterable[str], vocabularies: Collection[str]) -> dict[str, str]:
    """Tell how each column is compared.

    Parameters
    ----------
    columns : iterable of str
        Columns that both sheets have.
    vocabularies : collection of str
        Columns with a vocabulary.

    Returns
    -------
    dict of str to {"coded", "number", "text"}
        In the order of `columns`, without those that pair the rows. Free regions are text.

    Examples
    --------
    >>> kinds_of(["study_id", "circuit", "n1", "direction", "outcome"], {"circuit"})
    {'circuit': 'coded', 'n1': 'number', 'direction': 'coded', 'outcome': 'text'}
    """
    standard = {column.name: column for column in EFFECTS}
    found = {}
    for name in columns:
        if name in NOT_COMPARED:
            continue
        column = standard.get(name)
        if column is not None and column.kind in ("number", "count"):
            found[name] = NUMBER
        elif name == "region":
            found[name] = TEXT
        elif name in vocabularies or (column is not None and (column.allowed or column.kind == "sign")):
            found[name] = CODED
        else:
            found[name] = TEXT
    return found


def cells(column: pd.Series) -> NDArray[np.object_]:
    """The cells of a typed column as text: numbers in their shortest spelling, empty where there is nothing.

    >>> import pandas as pd
    >>> cells(pd.Series([0.050, 73.0, None])).tolist(), cells(pd.Series(["a", None])).tolist()
    (['0.05', '73', ''], ['a', ''])
    """
    if column.dtype.kind in "fiu":
        texts = ["" if np.isnan(value) else f"{value:.15g}" for value in column.to_numpy(float)]
    else:
        texts = ["" if value is None or value != value else str(value).strip() for value in column]  # noqa: PLR0124
    found = np.empty(len(texts), dtype=object)
    found[:] = texts
    return found


def alike(first: pd.Series, second: pd.Series) -> NDArray[np.bool_]:
    """Whether cells say the same: equal numbers, or texts that differ in case, blanks and hyphens only."""
    if first.dtype.kind in "fiu" and second.dtype.kind in "fiu":
        a, b = first.to_numpy(float), second.to_numpy(float)
        return np.isclose(a, b, rtol=_SAME, atol=0, equal_nan=True)
    return np.array([fold(a) == fold(b) for a, b in zip(cells(first), cells(second), strict=True)], dtype=bool)
