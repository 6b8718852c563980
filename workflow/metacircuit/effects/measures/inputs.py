"""From what the caller passes (arrays, Series, numbers, names of columns) to float columns of one length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from .core import Array
from .problems import EscalcError, EscalcProblem, listed, nearest
from .spec import Measure


@dataclass(frozen=True, slots=True)
class Inputs:
    """Columns of one length, the index that the result gets, and what the caller's data call the columns.

    Example
    -------
    >>> Inputs({"yi": np.array([0.1, 0.2])}, pd.RangeIndex(2)).label(1) is None
    True
    """

    columns: dict[str, Array]
    index: pd.Index
    names: Mapping[str, str] = field(default_factory=dict)

    def origin(self, columns: Iterable[str]) -> str:
        """Say which columns of the data the arguments stand for, where they are called otherwise.

        Example
        -------
        >>> Inputs({}, pd.RangeIndex(0), {"ri": "cor", "ni": "ni"}).origin(["ri", "ni"])
        " (ri is the column 'cor')"
        """
        return _origin(self.names, columns)

    def label(self, row: int) -> object:
        """Name of a row in the data, or None where it is only a position.

        Example
        -------
        >>> Inputs({}, pd.Index(["Smith 2001"])).label(0)
        'Smith 2001'
        """
        name = self.index[row]
        return None if isinstance(name, (int, np.integer)) and name == row else name


def read(measure: Measure, given: Mapping[str, object], data: pd.DataFrame | None) -> Inputs:
    """Read the columns of a call.

    Parameters
    ----------
    measure : the measure they are for.
    given : metafor's argument name to an array, a Series, a number, or the name of a column of `data`.
    data : the frame, or None.

    Returns
    -------
    The columns as floats (missing is nan), all of one length.

    Raises
    ------
    EscalcError : unknown names, lengths or indexes that differ, values that are no numbers.

    Example
    -------
    >>> from metacircuit.effects.measures.catalogue import MEASURES
    >>> read(MEASURES["ZCOR"], {"ri": [0.1, 0.2], "ni": 40}, None).columns["ni"]
    array([40., 40.])
    """
    problems = _unknown(measure, given)
    names = {name: value for name, value in given.items() if isinstance(value, str)}
    columns: dict[str, Array] = {}
    indexes: dict[str, pd.Index] = {} if data is None else {"data": data.index}
    for name, value in given.items():
        if name not in measure.accepts or value is None:
            continue
        found = _look_up(name, value, data)
        if isinstance(found, EscalcProblem):
            problems.append(found)
            continue
        if isinstance(found, pd.Series):
            indexes[name] = found.index
        numbers = _numbers(name, found, _origin(names, [name]))
        if isinstance(numbers, EscalcProblem):
            problems.append(numbers)
        else:
            columns[name] = numbers
    problems += _shape_problems(columns, indexes, data)
    if problems:
        raise EscalcError(measure.code, problems)
    sizes = [column.size for column in columns.values() if column.size != 1] if data is None else [len(data)]
    length = next(iter(sizes), 1 if columns else 0)
    index = next((index for index in indexes.values() if len(index) == length), pd.RangeIndex(length))
    return Inputs({name: np.broadcast_to(column, (length,)) for name, column in columns.items()}, index, names)


def _origin(names: Mapping[str, str], columns: Iterable[str]) -> str:
    told = [f"{name} is the column {names[name]!r}" for name in columns if names.get(name, name) != name]
    return f" ({', '.join(told)})" if told else ""


def _unknown(measure: Measure, given: Mapping[str, object]) -> list[EscalcProblem]:
    takes = ", ".join(measure.accepts)
    return [
        EscalcProblem(
            f"{measure.code} takes no {name!r}", f"It takes {takes}.{nearest(name, measure.accepts)}", columns=(name,)
        )
        for name in given
        if name not in measure.accepts
    ]


def _look_up(name: str, value: object, data: pd.DataFrame | None) -> object:
    if not isinstance(value, str):
        return value
    if data is None:
        return EscalcProblem(
            f"{name}={value!r} is the name of a column, and there is no data",
            "Pass data=, a frame with this column, or pass the numbers themselves.",
            columns=(name,),
        )
    if value not in data.columns:
        names = [str(column) for column in data.columns]
        return EscalcProblem(
            f"{name}={value!r} is not a column of the data",
            f"It has {listed(names)}.{nearest(value, names)}",
            columns=(name,),
        )
    if not isinstance(data[value], pd.Series):
        return EscalcProblem(
            f"the data have several columns named {value!r}", "Give each column a name of its own.", columns=(name,)
        )
    return data[value]


def _numbers(name: str, value: object, origin: str) -> Array | EscalcProblem:
    if np.ndim(value) > 1:
        return EscalcProblem(
            f"{name} is a table of shape {np.shape(value)}", "Give one value for each row.", columns=(name,)
        )
    series = value if isinstance(value, pd.Series) else pd.Series(np.atleast_1d(np.asarray(value)))
    numbers = pd.to_numeric(series, errors="coerce")
    unread = (numbers.isna() & series.notna()).to_numpy()
    if unread.any():
        # An empty cell of a column of text is a missing value like any other.
        unread = unread & series.astype(str).str.strip().ne("").to_numpy()
    if unread.any():
        rows = np.flatnonzero(unread)
        shown = listed([f"{series.iloc[row]!r} (row {row})" for row in rows])
        return EscalcProblem(
            f"{name}{origin} holds values that are not numbers: {shown}",
            "Type numbers with a decimal point, and leave what is missing empty.",
            columns=(name,),
        )
    column = numbers.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(column).any():
        return EscalcProblem(
            f"{name}{origin} is infinite in row {listed(np.flatnonzero(np.isinf(column)).tolist())}",
            "Give a finite number, or leave the cell empty.",
            columns=(name,),
        )
    return column


def _shape_problems(
    columns: Mapping[str, Array], indexes: Mapping[str, pd.Index], data: pd.DataFrame | None
) -> list[EscalcProblem]:
    sizes = {name: column.size for name, column in columns.items() if column.size != 1}
    if data is not None:
        sizes["data"] = len(data)
    problems = []
    if len(set(sizes.values())) > 1:
        shown = ", ".join(f"{name} has {size}" for name, size in sizes.items())
        problems.append(
            EscalcProblem(
                f"the columns differ in length: {shown}", "Give one value for each row.", columns=tuple(sizes)
            )
        )
    elif len(indexes) > 1:
        first, *others = indexes.items()
        unlike = [name for name, index in others if not index.equals(first[1])]
        if unlike:
            problems.append(
                EscalcProblem(
                    f"the index of {listed(unlike)} is not that of {first[0]}",
                    "Bring the Series into one order (reindex), or pass arrays to go by position.",
                    columns=tuple(unlike),
                )
            )
    return problems
