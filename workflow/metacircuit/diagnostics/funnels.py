"""The funnel of every stratum, completed by trim and fill, as a table that the panels of a funnel plot draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.diagnostics.trimfill import trimfill

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS = ("grouping", "stratum", "study_label", "yi", "vi", "filled", "side", "status", "reason")

LEAST = 3
"""A funnel of fewer studies says nothing about its other half."""


def funnels(combined: pd.DataFrame, groupings: Sequence[str], *, estimator: str = "L0") -> pd.DataFrame:
    """The studies of each stratum, and those that trim and fill adds.

    Parameters
    ----------
    combined : DataFrame
        A row a study and stratum: grouping, stratum, study_label, yi, vi (analysis scale). Means of studies are taken
        because trim and fill counts independent effects.
    groupings : sequence of str
        The groupings whose strata are wanted.
    estimator : str
        Of the number of missing studies: L0, R0 or Q0.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`; `filled` is 1 for a study that was filled in, named by its number. status and reason say of
        each stratum whether trim and fill could be done.

    Notes
    -----
    Source: Duval and Tweedie (2000), Biometrics 56, 455-463.

    Examples
    --------
    >>> combined = pd.DataFrame({"grouping": "circuit", "stratum": "pain", "study_label": list("ABCDEF"),
    ...     "yi": [0.1, 0.2, 0.3, 0.9, 1.1, 1.4], "vi": [0.02, 0.02, 0.03, 0.09, 0.1, 0.2]})
    >>> table = funnels(combined, ["circuit"])
    >>> len(table), table["filled"].sum().item(), set(table["side"])
    (8, 2, {'left'})
    """
    wanted = combined[combined["grouping"].isin(list(groupings))]
    frames = [
        _completed(rows, str(grouping), str(stratum), estimator)
        for (grouping, stratum), rows in wanted.groupby(["grouping", "stratum"], sort=False)
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(COLUMNS))


def _completed(rows: pd.DataFrame, grouping: str, stratum: str, estimator: str) -> pd.DataFrame:
    head = {"grouping": grouping, "stratum": stratum}
    own = rows[["study_label", "yi", "vi"]].assign(filled=0)
    usable = rows[rows["yi"].notna() & (rows["vi"] > 0)]
    if len(usable) < LEAST:
        said = {"side": "", "status": "too_few", "reason": f"trim and fill needs at least {LEAST} studies"}
        return own.assign(**head, **said)[list(COLUMNS)]
    found = trimfill(usable["yi"].to_numpy(float), usable["vi"].to_numpy(float), estimator=estimator)
    said = {"side": found.side, "status": found.status, "reason": found.reason}
    if found.fit is None or found.k0 == 0:
        return own.assign(**head, **said)[list(COLUMNS)]
    added = pd.DataFrame(
        {
            "study_label": [f"Filled {n + 1}" for n in range(found.k0)],
            "yi": found.yi[found.fill],
            "vi": found.vi[found.fill],
            "filled": 1,
        }
    )
    return pd.concat([own, added], ignore_index=True).assign(**head, **said)[list(COLUMNS)]
