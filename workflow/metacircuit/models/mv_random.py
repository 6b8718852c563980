"""Random effects as users write them: `~ 1 | study/es`, `~ outcome | trial`, `~ dose | study`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.choices import one_of
from metacircuit.stats.formula import design_matrix
from metacircuit.stats.formula_tokens import nearest
from metacircuit.stats.multilevel.structures import STRUCTS, Structure
from metacircuit.stats.multilevel.terms import Term, intercept

SLOPES = ("GEN", "GDIAG")
IN_TIME = ("AR", "HAR", "CAR")


def random_terms(random: str | Sequence[str], struct: str | Sequence[str], data: Any) -> list[Term]:
    """The terms of one or several `random` formulas.

    Parameters
    ----------
    random : "~ 1 | a/b" gives an intercept for each a and each b within a; "~ inner | outer" one effect for each
        level of inner, or for GEN and GDIAG an intercept and slopes.
    struct : the covariance of the effects of "~ inner | outer"; several if there are several such terms.
    data : the table where the names are columns.

    Raises
    ------
    ValueError
        For a formula without `|`, a name that is no column, a structure that is not known, missing values.
    """
    formulas = [random] if isinstance(random, str) else list(random)
    structs = [struct] if isinstance(struct, str) else list(struct)
    for word in structs:
        one_of("struct", word, STRUCTS)
    terms: list[Term] = []
    used = 0
    for text in formulas:
        if not isinstance(text, str) or text.count("|") != 1:
            raise ValueError(
                f"random={text!r} is not a random effect. Write '~ 1 | study', '~ 1 | study/effect' or '~ inner | "
                f"outer'."
            )
        inner, outer = (part.strip() for part in text.strip().removeprefix("~").split("|"))
        if inner == "1":
            terms += _nested(outer, text, data)
            continue
        if used >= len(structs) > 1:
            raise ValueError(
                f"struct names {len(structs)} structures, but random has more terms of the form '~ inner | outer'."
            )
        terms.append(_structured(inner, outer, structs[min(used, len(structs) - 1)], text, data))
        used += 1
    return terms


def random_columns(random: str | Sequence[str] | None) -> list[str]:
    """The names in `random` formulas, to find rows where one of them is missing."""
    formulas = (
        [] if random is None else [random] if isinstance(random, str) else [t for t in random if isinstance(t, str)]
    )
    words = " ".join(formulas)
    for mark in "~|/+*:()":
        words = words.replace(mark, " ")
    return [w for w in words.split() if w != "1"]


def _column(name: str, text: str, data: Any) -> pd.Series:
    if data is None:
        raise ValueError(f"random={text!r} names columns, so data= is needed.")
    if name not in data:
        raise ValueError(f"random={text!r}: there is no column {name!r}. {nearest(name, data)}")
    column = pd.Series(data[name]).reset_index(drop=True)
    if column.isna().any():
        raise ValueError(f"random={text!r}: {name!r} is missing in row {int(np.flatnonzero(column.isna())[0])}.")
    return column


def nested_codes(columns: Sequence[pd.Series]) -> np.ndarray:
    """Codes of the combinations of several columns, numbered by first appearance."""
    codes = pd.factorize(columns[0])[0]
    for column in columns[1:]:
        inner = pd.factorize(column)[0]
        codes = pd.factorize(codes.astype(np.int64) * (inner.max(initial=0) + 1) + inner)[0]
    return codes


def _nested(outer: str, text: str, data: Any) -> list[Term]:
    """One intercept for each step of a/b/c."""
    names = [name.strip() for name in outer.split("/")]
    columns = [_column(name, text, data) for name in names]
    return [intercept("/".join(names[: i + 1]), nested_codes(columns[: i + 1])) for i in range(len(names))]


def _structured(inner: str, outer: str, struct: str, text: str, data: Any) -> Term:
    """Effects of the inner levels (or slopes) within each outer level."""
    names = [name.strip() for name in outer.split("/")]
    codes = nested_codes([_column(name, text, data) for name in names])
    name = f"{inner} | {outer}"
    if struct in SLOPES:
        design = design_matrix(f"~ {inner}", data)
        return Term(name, codes, design.X, Structure(struct, design.X.shape[1]), design.names)
    if inner.startswith("C(") or inner.startswith("factor("):
        inner = inner[inner.index("(") + 1 : inner.rindex(")")].strip()
    values = _column(inner, text, data)
    levels = _levels(values)
    if struct in IN_TIME and not pd.api.types.is_numeric_dtype(values):
        raise ValueError(f"struct={struct!r} needs {inner!r} to be numbers: the points in time.")
    indicators = (values.to_numpy()[:, None] == np.array(levels, dtype=object)[None, :]).astype(float)
    # As in metafor, AR and HAR count steps from level to level; CAR measures the distance in time.
    times = tuple(float(x) if struct == "CAR" else float(i) for i, x in enumerate(levels)) if struct in IN_TIME else ()
    return Term(name, codes, indicators, Structure(struct, len(levels), times), tuple(map(str, levels)))


def _levels(values: pd.Series) -> list[Any]:
    """The inner levels that occur, in the order of the categories or sorted."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        present = set(values)
        return [level for level in values.cat.categories if level in present]
    unique = values.unique().tolist()
    return sorted(unique, key=None if pd.api.types.is_numeric_dtype(values) else str)


def column_of(name: str, value: Any, data: Any, k: int) -> pd.Series:
    """An array of k values, or the column of that name."""
    if isinstance(value, str):
        if data is None:
            raise ValueError(f"{name}={value!r} is a column name, so data= is needed.")
        if not isinstance(data, (pd.DataFrame, Mapping)) or value not in data:
            raise ValueError(f"{name}={value!r}: there is no such column. {nearest(value, data)}")
        value = data[value]
    column = pd.Series(np.asarray(value)) if not isinstance(value, pd.Series) else value.reset_index(drop=True)
    if len(column) != k:
        raise ValueError(f"{name} has {len(column)} values, but there are {k} effects.")
    return column
