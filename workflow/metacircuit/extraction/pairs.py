"""Which row of the second sheet is about the same result as which row of the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from metacircuit.config.errors import UserError
from metacircuit.extraction.kinds import alike, cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PAIRS = ("effect_id", "study_id", "row_first", "row_second", "by", "likeness", "ambiguous")
ONLY = ("sheet", "row", "study_id", "effect_id", "note")

# Rows that share less than half of the cells that both filled in are two results of one study.
LEAST = 0.5


def pair_rows(first: pd.DataFrame, second: pd.DataFrame, columns: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pair the rows of two sheets: by effect_id where both have it, else within the study by what the rows say.

    The likeness of two rows is the share of equal cells among those that both filled in; the pairs of a study are those
    with the largest sum (optimal assignment), and none is made below `LEAST`.

    Parameters
    ----------
    first, second : DataFrame
        Typed sheets: effect_id, study_id, `row` and the columns to compare. The second may leave effect_id empty.
    columns : sequence of str
        The columns that both have.

    Returns
    -------
    pairs : DataFrame
        effect_id, study_id, row_first, row_second, by (effect_id or likeness), likeness, and ambiguous (yes: another
        row of the study is just as like).
    alone : DataFrame
        Rows of studies that both coded, or of the second sheet, that have no partner.

    Raises
    ------
    UserError
        If the second sheet has an effect_id twice.
    """
    _refuse_twice(second)
    place = {name: i for i, name in enumerate(first["effect_id"]) if name}
    named = [(place[name], j) for j, name in enumerate(second["effect_id"]) if name in place]
    found = [(i, j, "effect_id", _likeness(first, second, [i], [j], columns)[0, 0], "") for i, j in named]
    taken_first, taken_second = {i for i, _ in named}, {j for _, j in named}
    for study in pd.unique(second["study_id"]):
        a = [i for i in np.flatnonzero(first["study_id"] == study) if i not in taken_first]
        b = [j for j in np.flatnonzero(second["study_id"] == study) if j not in taken_second]
        if a and b:
            found += _assign(a, b, _likeness(first, second, a, b, columns))
    found.sort()
    pairs = pd.DataFrame(
        [
            (*(first[name].iloc[i] for name in ("effect_id", "study_id", "row")), second["row"].iloc[j], *rest)
            for i, j, *rest in found
        ],
        columns=list(PAIRS),
    )
    return pairs, _alone(first, second, {i for i, *_ in found}, {found_[1] for found_ in found})


def _refuse_twice(second: pd.DataFrame) -> None:
    ids = second["effect_id"]
    twice = sorted(set(ids[ids.duplicated() & (ids != "")]))
    if twice:
        raise UserError(
            *(f"The second sheet has the effect_id {name} more than once. Name each once." for name in twice)
        )


def _likeness(
    first: pd.DataFrame, second: pd.DataFrame, a: Sequence[int], b: Sequence[int], columns: Sequence[str]
) -> NDArray[np.float64]:
    """Shares of equal cells, rows `a` by rows `b`; 0 where no cell is filled in both."""
    grid_a, grid_b = np.repeat(a, len(b)), np.tile(b, len(a))
    same, filled = np.zeros(len(grid_a)), np.zeros(len(grid_a))
    for name in columns:
        x, y = first[name].iloc[grid_a], second[name].iloc[grid_b]
        both = (cells(x) != "") & (cells(y) != "")
        same += both & alike(x, y)
        filled += both
    return np.divide(same, filled, out=np.zeros(len(same)), where=filled > 0).reshape(len(a), len(b))


def _assign(a: Sequence[int], b: Sequence[int], score: NDArray[np.float64]) -> list[tuple[int, int, str, float, str]]:
    rows, columns = linear_sum_assignment(score, maximize=True)
    found = []
    for r, c in zip(rows, columns, strict=True):
        if score[r, c] >= LEAST:
            rival = (score[:, c] >= score[r, c]).sum() > 1 or (score[r] >= score[r, c]).sum() > 1
            found.append((int(a[r]), int(b[c]), "likeness", float(score[r, c]), "yes" if rival else "no"))
    return found


def _alone(first: pd.DataFrame, second: pd.DataFrame, in_first: set[int], in_second: set[int]) -> pd.DataFrame:
    coded = set(second["study_id"])
    known = set(first["study_id"])
    rows = [
        (
            "first",
            first["row"].iloc[i],
            first["study_id"].iloc[i],
            first["effect_id"].iloc[i],
            "the second has no such row",
        )
        for i in range(len(first))
        if i not in in_first and first["study_id"].iloc[i] in coded
    ]
    for j in range(len(second)):
        if j not in in_second:
            study = second["study_id"].iloc[j]
            note = "the first has no such row" if study in known else "the first has no such study"
            rows.append(("second", second["row"].iloc[j], study, second["effect_id"].iloc[j], note))
    return pd.DataFrame(rows, columns=list(ONLY))
