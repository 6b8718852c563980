"""What becomes of a row without a usable yi and vi: a named warning where that was asked for, else an error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from . import zero_cells
from .core import Array, Effect
from .inputs import Inputs
from .problems import (
    EscalcError,
    EscalcProblem,
    MissingInputWarning,
    UndefinedEffectWarning,
    ZeroVarianceWarning,
    listed,
    warn,
)
from .spec import Measure
from .suggest import lacking, ways


def report_missing(spec: Measure, given: Inputs, absent: Array, missing: str) -> None:
    """Say, or refuse, that rows have missing inputs, as `missing` wants it ("warn", "keep", "error").

    Example
    -------
    >>> report_missing(None, None, np.array([False]), "warn")
    """
    if not absent.any() or missing == "keep":
        return
    rows = np.flatnonzero(absent)
    needed, which = _needed(spec, given, rows)
    if missing == "error":
        raise EscalcError(
            spec.code,
            [
                EscalcProblem(
                    f"{_missing(needed[i])}{given.origin(needed[i])}",
                    f"{spec.code} takes {ways(spec)}: type what the paper prints, or leave the row out.",
                    int(row),
                    given.label(row),
                    needed[i],
                )
                for row, i in zip(rows, which, strict=True)
            ],
        )
    told = []
    for i, columns in enumerate(needed):
        mask = np.zeros_like(absent)
        mask[rows[which == i]] = True
        told.append(f"{_missing(columns)}{given.origin(columns)} in {rows_of(given, mask)}")
    advice = "Type what the paper prints, or leave the rows out; missing='error' refuses them, missing='keep' is silent"
    warn(MissingInputWarning, f"{spec.code}: {'; '.join(told)}; yi and vi are nan there. {advice}.")


def _missing(columns: tuple[str, ...]) -> str:
    return f"{' and '.join(columns)} {'is' if len(columns) == 1 else 'are'} missing"


def _needed(spec: Measure, given: Inputs, rows: Array) -> tuple[list[tuple[str, ...]], Array]:
    """The distinct lists of columns that rows lack, and for each row its list."""
    names = list(given.columns)
    known = sum((~np.isnan(given.columns[name][rows])).astype(np.int64) << i for i, name in enumerate(names))
    patterns, which = np.unique(known, return_inverse=True)
    lists = [lacking(spec, [name for i, name in enumerate(names) if pattern >> i & 1]) for pattern in patterns.tolist()]
    return lists, which


def settle(
    spec: Measure,
    given: Inputs,
    effect: Effect,
    used: Mapping[str, Array],
    *,
    absent: Array,
    aside: Array,
    left: bool,
) -> Effect:
    """Let no row with known inputs lose its result in silence.

    Parameters
    ----------
    spec, given : the measure and the columns as the caller gave them.
    effect : what the formula returned. used : the columns it was computed from.
    absent, aside : rows with missing inputs, and rows that drop00 set aside; their result is nan.
    left : zero counts were left as they are, by request, and may have no result.

    Returns
    -------
    Effect(yi, vi) with nan where there is no result.

    Raises
    ------
    EscalcError : rows with known inputs for which the measure is not defined.

    Example
    -------
    >>> from metacircuit.effects.measures.catalogue import MEASURES
    >>> no = np.array([False])
    >>> kept = Effect(np.array([0.1]), np.array([0.2]))
    >>> settle(MEASURES["GEN"], None, kept, {}, absent=no, aside=no, left=False)
    Effect(yi=array([0.1]), vi=array([0.2]))
    """
    known = ~(absent | aside)
    yi, vi = np.array(effect.yi), np.array(effect.vi)
    undefined = known & ~(np.isfinite(yi) & np.isfinite(vi) & (vi >= 0))
    at_border = undefined & np.isfinite(yi) if spec.border else np.zeros_like(known)
    zero = zero_cells.has_zero({name: used[name] for name in spec.zeros.cells}) if spec.zeros else np.zeros_like(known)
    allowed = at_border | (undefined & zero & left)
    if (undefined & ~allowed).any():
        raise EscalcError(spec.code, _undefined(spec, given, undefined & ~allowed, zero))
    if allowed.any():
        message = (
            f"{spec.code}: a zero count leaves no finite yi or vi in {rows_of(given, allowed)}; they are nan there."
        )
        warn(UndefinedEffectWarning, message + " to='only0' with add=0.5 gives them a value.")
    if aside.any():
        warn(UndefinedEffectWarning, f"{spec.code}: drop00 set aside {rows_of(given, aside)}.")
    none = known & (vi == 0)
    if none.any():
        warn(ZeroVarianceWarning, f"{spec.code}: the sampling variance is 0 in {rows_of(given, none)}.")
    vi[allowed] = np.nan
    yi[allowed & ~at_border] = np.nan
    yi[~known], vi[~known] = np.nan, np.nan
    return Effect(yi, vi)


def _undefined(spec: Measure, given: Inputs, rows: Array, zero: Array) -> Iterator[EscalcProblem]:
    for row in np.flatnonzero(rows):
        shown = {name: column[row] for name, column in given.columns.items() if not np.isnan(column[row])}
        from_what = ", ".join(f"{name} = {value:g}" for name, value in shown.items())
        if zero[row]:
            remedy = "A zero count is left as it is: use add=0.5 with to='only0', drop00=True, or leave the row out."
        else:
            remedy = "Check these values, choose another vtype, or leave the row out."
        yield EscalcProblem(
            f"{spec.code} has no finite estimate and variance at {from_what}{given.origin(shown)}",
            remedy,
            int(row),
            given.label(row),
            tuple(shown),
        )


def rows_of(given: Inputs, mask: Array) -> str:
    """Name the rows of a mask, by their labels where they have any.

    Example
    -------
    >>> import pandas as pd
    >>> rows_of(Inputs({}, pd.RangeIndex(3)), np.array([True, False, True]))
    '2 rows (0, 2)'
    """
    rows = np.flatnonzero(mask)
    names = [given.label(row) or row for row in rows[:11]]
    count = f"{rows.size} row{'s' if rows.size > 1 else ''}"
    return f"{count} ({listed([*names, *rows[11:]])})"
