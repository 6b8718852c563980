"""A sheet as the routes see it: its numbers, and what its words say about each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metacircuit.effects.routes.columns import Columns, operators, read_columns, texts
from metacircuit.effects.routes.flags import bit
from metacircuit.effects.routes.spec import KINDS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from metacircuit.effects.routes.spec import Kind, Mask

#: Contrasts whose rows are not differences between groups of people; every other word is one.
KIND_OF_CONTRAST: dict[str, Kind] = {"association": "association", "pre_post": "paired"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """Numbers and readings of a sheet, one element a row.

    Parameters
    ----------
    columns : Columns
        The printed numbers, and the sample sizes made from them.
    kinds : ndarray of int8
        What each row is, as a position in `KINDS`.
    operators : ndarray of str
        =, < or > before p; None for any other word.
    marked : ndarray of bool
        Rows whose extractor says that only a bound is known.
    size_bits : ndarray of int64
        How the sample sizes were made, as flags.
    remarks : ndarray of int64
        What the coding of a row says whatever its route, as flags.
    """

    columns: Columns
    kinds: NDArray[np.int8]
    operators: NDArray[np.object_]
    marked: Mask
    size_bits: NDArray[np.int64]
    remarks: NDArray[np.int64]


def read_sheet(effects: pd.DataFrame) -> Sheet:
    """Read the printed numbers and the coded words of a sheet.

    Parameters
    ----------
    effects : DataFrame
        One row an effect.

    Returns
    -------
    Sheet

    Raises
    ------
    ValueError
        If a column of numbers holds text.
    """
    columns, size_bits = read_columns(effects)
    return Sheet(
        columns=columns,
        kinds=_kinds(effects, columns),
        operators=operators(effects),
        marked=texts(effects, "usable") == "bound",
        size_bits=size_bits,
        remarks=_remarks(effects, columns),
    )


def _kinds(effects: pd.DataFrame, c: Columns) -> NDArray[np.int8]:
    """Without a contrast, known sizes of two groups make a row a difference between them."""
    words = texts(effects, "contrast")
    kinds = np.full(len(words), KINDS.index("groups"), dtype=np.int8)
    kinds[(words == "") & np.isnan(c["exact_group1"] + c["exact_group2"])] = KINDS.index("association")
    for word, kind in KIND_OF_CONTRAST.items():
        kinds[words == word] = KINDS.index(kind)
    return kinds


def _remarks(effects: pd.DataFrame, c: Columns) -> NDArray[np.int64]:
    bits = np.where(texts(effects, "adjusted") == "yes", bit("adjusted_estimate"), 0)
    bits |= np.where(texts(effects, "peak") == "yes", bit("peak"), 0)
    bits |= np.where((texts(effects, "p_op") == "") & ~np.isnan(c["p"]), bit("bare_p"), 0)
    ranked = np.array(["spearman" in note for note in texts(effects, "notes")], dtype=bool)
    bits |= np.where(ranked & ~np.isnan(c["r"]), bit("spearman"), 0)
    return bits
