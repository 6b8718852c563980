"""What became of every row of the sheet: rows read = rows analysed + excluded + problems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.config import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = ("effect_id", "study_id", "fate", "reason", "analyses")
ANALYSED, EXCLUDED, PROBLEM = "analysed", "excluded", "problem"
# A row that several analyses take is counted by the best that became of it.
_RANK = {"analysed": 0, "bound": 1, "excluded": 2, "problem": 3}
_FATE = {"analysed": ANALYSED, "bound": EXCLUDED, "excluded": EXCLUDED, "problem": PROBLEM}


@dataclass(frozen=True, slots=True)
class Balance:
    """How many rows were read, and what became of them; the parts add up to the whole."""

    read: int
    analysed: int
    excluded: int
    problem: int


def account(
    checked: pd.DataFrame, analyses: Mapping[str, pd.DataFrame], bounds: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Say for each row of the sheet what became of it.

    Parameters
    ----------
    checked : DataFrame
        Every row of the sheet: effect_id, study_id, include, exclude_reason.
    analyses : mapping of str to DataFrame
        effects/ANALYSIS.csv of each analysis: effect_id, status, reason.
    bounds : mapping of str to str, optional
        What each analysis does with results of which only a bound is printed; by default it leaves them out.

    Returns
    -------
    DataFrame
        effect_id, study_id, fate (analysed, excluded, problem), reason and the analyses that took the row.
    """
    columns = ["effect_id", "analysis", "status", "reason"]
    taken = [
        _treated(frame, (bounds or {}).get(name, "leave_out")).assign(analysis=name)[columns]
        for name, frame in analyses.items()
    ]
    every = pd.concat(taken, ignore_index=True) if taken else pd.DataFrame(columns=columns)
    best = (
        every.assign(rank=every["status"].map(_RANK))
        .sort_values(["effect_id", "rank", "analysis"], kind="stable")
        .groupby("effect_id", sort=False)
        .agg(
            status=("status", "first"),
            reason=("reason", "first"),
            analyses=("analysis", lambda names: "; ".join(sorted(names))),
        )
    )
    rows = checked[["effect_id", "study_id"]].join(best, on="effect_id")
    unselected = rows["status"].isna()
    left_out = checked["include"].eq("no")
    rows["fate"] = rows["status"].map(_FATE).fillna(EXCLUDED)
    rows.loc[unselected, "reason"] = "no analysis of the config takes this row"
    rows.loc[unselected & left_out, "reason"] = checked.loc[unselected & left_out, "exclude_reason"]
    rows["reason"] = rows["reason"].where(rows["fate"] != ANALYSED, "")
    return rows[list(COLUMNS)].sort_values("effect_id", kind="stable", ignore_index=True)


def _treated(frame: pd.DataFrame, bounds: str) -> pd.DataFrame:
    """A bound counts as analysed where the analysis uses it, and has its reason where it does not."""
    bound = frame["status"] == "bound"
    if bounds != "leave_out":
        return frame.assign(status=frame["status"].mask(bound, "analysed"))
    return frame.assign(reason=frame["reason"].mask(bound, "only a bound on the effect is printed"))


def balance(rows: pd.DataFrame, *, read: int) -> Balance:
    """Count the fates, and insist that no row was lost or counted twice.

    Parameters
    ----------
    rows : DataFrame
        As from `account`.
    read : int
        Rows of the sheet.

    Returns
    -------
    Balance
        The counts.

    Raises
    ------
    UserError
        If the parts do not add up to the rows read.
    """
    counts = rows["fate"].value_counts()
    found = Balance(read, *(int(counts.get(fate, 0)) for fate in (ANALYSED, EXCLUDED, PROBLEM)))
    if found.analysed + found.excluded + found.problem != read or rows["effect_id"].duplicated().any():
        raise UserError(
            f"The rows do not add up: {read} read, but {found.analysed} analysed + {found.excluded} excluded +"
            f" {found.problem} with problems. This is a mistake of the program; please report it with tables/rows.csv."
        )
    return found
