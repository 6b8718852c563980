"""The printed numbers of a sheet as arrays, and the sample sizes that can be read from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.effects.convert.change import pre_post_correlation
from metacircuit.effects.routes.sizes import first_known, made_sizes, shares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

#: Every statistic that a route may read. The sheet may lack any of them.
PRINTED = (
    *("n1", "n2", "n_total", "n_pairs", "icc", "cluster_size", "control_arms"),
    *("mean1", "sd1", "se1", "mean1_lo", "mean1_hi", "mean2", "sd2", "se2", "mean2_lo", "mean2_hi"),
    *("sd1_pre", "sd1_post", "sd2_pre", "sd2_post", "r_pre_post", "sd_change"),
    *("min1", "q1_1", "median1", "q3_1", "max1", "min2", "q1_2", "median2", "q3_2", "max2"),
    *("t", "f", "df1", "df2", "z", "chi2", "p"),
    *("d", "d_lo", "d_hi", "g", "g_lo", "g_hi", "r", "r_lo", "r_hi", "beta_std"),
    *("or", "or_lo", "or_hi", "rr", "rr_lo", "rr_hi", "hr", "hr_lo", "hr_hi", "irr", "irr_lo", "irr_hi"),
    *("events1", "total1", "events2", "total2", "time1", "time2", "proportion"),
    *("direction", "scale_direction"),
)

#: Made from the printed ones, and how a message names what they need. Exact sizes are NaN where a half was assumed.
MADE = MappingProxyType(
    {
        "group1": "n1 and n2 (or n_total)",
        "group2": "n1 and n2 (or n_total)",
        "exact_group1": "n1 and n2",
        "exact_group2": "n1 and n2",
        "total": "n_total (or n1 and n2)",
        "pairs": "n1 (or n_total)",
        "exact_p": "an exact p (p_op =)",
        "base": "total1 (or n_total)",
        "df": "df2 or n_total",
        "width1": "q1_1 and q3_1 (or min1 and max1)",
        "width2": "q1_2 and q3_2 (or min2 and max2)",
        "share1": "icc and cluster_size",
        "share2": "icc and cluster_size, or control_arms",
        "r_change": "r_pre_post (or sd1, sd2 and sd_change)",
    }
)

EXACT, BELOW, ABOVE = "=", "<", ">"
_OPERATORS = {
    "": EXACT,
    "=": EXACT,
    "==": EXACT,
    "<": BELOW,
    "<=": BELOW,
    "≤": BELOW,
    ">": ABOVE,
    ">=": ABOVE,
    "≥": ABOVE,
}


class Columns(Mapping[str, "Floats"]):
    """Read-only arrays by column name; a column that the sheet lacks is all NaN."""

    __slots__ = ("_arrays", "_rows", "size")

    def __init__(self, arrays: Mapping[str, Floats], size: int, rows: NDArray[np.intp] | None = None) -> None:
        self._arrays, self._rows, self.size = arrays, rows, size

    def __getitem__(self, name: str) -> Floats:
        if name not in self._arrays:
            if name not in PRINTED:
                raise KeyError(name)
            return np.full(self.size, np.nan)
        values = self._arrays[name]
        return values if self._rows is None else values[self._rows]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def replaced(self, **arrays: Floats) -> Columns:
        """Return the same columns with some of them replaced; only for columns of all rows."""
        return Columns({**self._arrays, **arrays}, self.size, self._rows)

    def take(self, rows: NDArray[np.intp]) -> Columns:
        """Return the same columns for some of the rows."""
        return Columns(self._arrays, len(rows), rows if self._rows is None else self._rows[rows])


def read_columns(effects: pd.DataFrame) -> tuple[Columns, NDArray[np.int64]]:
    """Read the printed numbers, and make the sample sizes.

    Parameters
    ----------
    effects : DataFrame
        One row an effect; columns of `PRINTED`, any of which may be missing, and p_op and contrast.

    Returns
    -------
    columns : Columns
        The printed columns and those of `MADE`.
    bits : ndarray of int64
        How the sizes were made, as flags.

    Raises
    ------
    ValueError
        If a column of numbers holds text.
    """
    arrays = {name: _numbers(effects, name) for name in PRINTED if name in effects.columns}
    printed = Columns(arrays, len(effects))
    made, bits = made_sizes(printed)
    for more, said in (shares(printed), ({**_widths(printed), "r_change": _r_change(printed)}, 0)):
        made |= more
        bits |= said
    made["exact_p"] = np.where(operators(effects) == EXACT, printed["p"], np.nan)
    return Columns({**arrays, **made}, len(effects)), bits


def texts(effects: pd.DataFrame, name: str) -> NDArray[np.object_]:
    """Read a column of words, lower case and without blanks around; empty where missing or not in the sheet."""
    if name not in effects.columns:
        return np.full(len(effects), "", dtype=object)
    codes, words = pd.factorize(effects[name])
    clean = np.array([*(str(word).strip().lower() for word in words), ""], dtype=object)
    return clean[codes]


def operators(effects: pd.DataFrame) -> NDArray[np.object_]:
    """Read p_op as =, < or >; None where it is a word that means none of them."""
    codes, words = pd.factorize(texts(effects, "p_op"))
    return np.array([_OPERATORS.get(word) for word in words], dtype=object)[codes]


def _numbers(effects: pd.DataFrame, name: str) -> Floats:
    column = effects[name]
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    lost = np.isnan(numbers) & column.notna().to_numpy()
    if lost.any():
        lost &= texts(effects, name) != ""
    if lost.any():
        row = int(np.flatnonzero(lost)[0])
        where = f"effect {effects['effect_id'].iloc[row]!r}" if "effect_id" in effects else f"row {row}"
        raise ValueError(
            f"Column {name!r} must hold numbers, but {where} has {column.iloc[row]!r}"
            f" ({int(lost.sum())} such cells). Leave a cell empty where the paper prints nothing."
        )
    return numbers


def _widths(c: Columns) -> dict[str, Floats]:
    """What is known of the spread around a median: the distance of the quartiles, else the range."""
    return {f"width{i}": first_known(c[f"q3_{i}"] - c[f"q1_{i}"], c[f"max{i}"] - c[f"min{i}"]) for i in (1, 2)}


def _r_change(c: Columns) -> Floats:
    """The correlation of before and after, as printed or as the three standard deviations have it."""
    with np.errstate(all="ignore"):
        implied = pre_post_correlation(c["sd2"], c["sd1"], c["sd_change"])
    return first_known(c["r_pre_post"], implied)
