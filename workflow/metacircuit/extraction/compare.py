"""Two sheets cell by cell: how far each column agrees, and every cell that does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.extraction.kinds import CODED, NUMBER, alike, cells
from metacircuit.sheets.words import fold
from metacircuit.stats.agreement import cohen_kappa, icc_agreement

if TYPE_CHECKING:
    from collections.abc import Mapping

AGREEMENT = (
    *("column", "kind", "rows", "both_empty", "compared", "agree", "percent"),
    *("kappa", "icc", "icc_lb", "icc_ub", "icc_rows"),
)
WORKLIST = ("effect_id", "column", "first", "second", "decision", "decided_by", "reason")


def compare(first: pd.DataFrame, second: pd.DataFrame, kinds: Mapping[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare paired rows column by column.

    Parameters
    ----------
    first, second : DataFrame
        The same number of rows; row i of both is about the same result. `first` has effect_id.
    kinds : mapping of str to {"coded", "number", "text"}
        The columns to compare.

    Returns
    -------
    agreement : DataFrame
        A row a column: rows, both_empty, compared (at least one filled), agree and percent of the compared ones; kappa
        of coded columns over all rows, an empty cell being a word of its own; ICC(2,1) of numbers over icc_rows, the
        rows in which both have one.
    worklist : DataFrame
        Every cell that differs, with both values and empty columns for the decision.

    Examples
    --------
    >>> a = pd.DataFrame({"effect_id": ["x", "y", "z"], "circuit": ["reward", "pain", ""], "n1": [20.0, 30.0, 41.0]})
    >>> b = pd.DataFrame({"circuit": ["reward", "reward", ""], "n1": [20.0, 30.0, 14.0]})
    >>> agreement, worklist = compare(a, b, {"circuit": "coded", "n1": "number"})
    >>> agreement[["column", "compared", "agree", "percent"]].to_numpy().tolist()
    [['circuit', 2, 1, 50.0], ['n1', 3, 2, 66.66666666666667]]
    >>> worklist[["effect_id", "column", "first", "second"]].to_numpy().tolist()
    [['y', 'circuit', 'pain', 'reward'], ['z', 'n1', '41', '14']]
    """
    table, work = [], []
    for column, kind in kinds.items():
        x, y = first[column].reset_index(drop=True), second[column].reset_index(drop=True)
        a, b = cells(x), cells(y)
        empty, same = (a == "") & (b == ""), alike(x, y)
        compared, agree = int((~empty).sum()), int((same & ~empty).sum())
        row = {"column": column, "kind": kind, "rows": len(a), "both_empty": int(empty.sum()), "compared": compared}
        row |= {"agree": agree, "percent": 100 * agree / compared if compared else np.nan}
        if kind == CODED:
            row["kappa"] = cohen_kappa([*map(fold, a)], [*map(fold, b)])
        elif kind == NUMBER:
            found = icc_agreement(np.column_stack([x.to_numpy(float), y.to_numpy(float)]))
            row |= {"icc": found.icc, "icc_lb": found.ci_lb, "icc_ub": found.ci_ub, "icc_rows": found.n}
        table.append(row)
        work += [(i, column, a[i], b[i]) for i in np.flatnonzero(~same)]
    ids = first["effect_id"].to_numpy()
    work.sort(key=lambda found: found[0])
    lines = [(ids[i], *rest, "", "", "") for i, *rest in work]
    return pd.DataFrame(table, columns=list(AGREEMENT)), pd.DataFrame(lines, columns=list(WORKLIST))
