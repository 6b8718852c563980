"""Every number of a review under a stable name, for a manuscript to quote."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from metacircuit.tables.account import Balance

_NAMES = ("analysis", "grouping", "stratum")


def numbers(
    balance: Balance,
    estimates: Iterable[pd.DataFrame],
    contrasts: Iterable[pd.DataFrame],
    more: Mapping[str, Mapping[str, object]] | None = None,
) -> str:
    """Collect the numbers of a review.

    Parameters
    ----------
    balance : Balance
        What became of the rows.
    estimates, contrasts : iterable of DataFrame
        The result tables of each analysis.
    more : mapping, optional
        Further branches, such as those of `metacircuit.tables.claims.claim_numbers`.

    Returns
    -------
    str
        JSON: rows.*, then ANALYSIS.GROUPING.STRATUM.* and ANALYSIS.GROUPING.between.*, and the further branches; a
        number that does not exist is null.
    """
    tree: dict[str, object] = {
        "rows": {
            "read": balance.read,
            "analysed": balance.analysed,
            "excluded": balance.excluded,
            "problem": balance.problem,
        }
    }
    for frame in estimates:
        for row in frame.to_dict("records"):
            _branch(tree, row["analysis"], row["grouping"])[row["stratum"]] = _values(row)
    for frame in contrasts:
        for row in frame.to_dict("records"):
            _branch(tree, row["analysis"], row["grouping"])["between"] = _values(row)
    for name, branch in (more or {}).items():
        _branch(tree, name).update(branch)
    return json.dumps(tree, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _branch(tree: dict, *path: str) -> dict:
    for name in path:
        tree = tree.setdefault(name, {})
    return tree


def _values(row: dict[str, object]) -> dict[str, object]:
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
        if name not in _NAMES
    }
