"""Read the result tables that the sentences are written from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.sheets.store import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


CLAIMED = ("claims", "published")
DIAGNOSTICS = ("influence", "leave_one_out", "corrections", "readings", "shares")


@dataclass(frozen=True, slots=True)
class Quoted:
    """Result tables of a review: of each analysis, by its name."""

    rows: pd.DataFrame
    studies: pd.DataFrame
    effects: dict[str, pd.DataFrame]
    estimates: dict[str, pd.DataFrame]
    contrasts: dict[str, pd.DataFrame]
    sensitivity: dict[str, pd.DataFrame]
    influence: dict[str, pd.DataFrame]
    leave_one_out: dict[str, pd.DataFrame]
    corrections: dict[str, pd.DataFrame]
    readings: dict[str, pd.DataFrame]
    shares: dict[str, pd.DataFrame]
    claims: pd.DataFrame
    published: pd.DataFrame


def read_quoted(results: Path, analyses: Iterable[str], *, claimed: bool) -> Quoted:
    """Read the tables of a review.

    Parameters
    ----------
    results : Path
        results/REVIEW.
    analyses : iterable of str
        Names of the analyses.
    claimed : bool
        Whether the review has tables of claims and of published estimates.

    Returns
    -------
    Quoted
        Tables as frames.
    """
    names = list(analyses)

    def tables(kind: str) -> dict[str, pd.DataFrame]:
        return {name: read_table(results / kind / f"{name}.csv") for name in names}

    def diagnostics(kind: str) -> dict[str, pd.DataFrame]:
        return {name: read_table(results / "diagnostics" / name / f"{kind}.csv") for name in names}

    return Quoted(
        rows=read_table(results / "tables" / "rows.csv"),
        studies=read_table(results / "checked" / "studies.csv"),
        **{kind: tables(kind) for kind in ("effects", "estimates", "contrasts", "sensitivity")},
        **{kind: diagnostics(kind) for kind in DIAGNOSTICS},
        **{name: read_table(results / f"{name}.csv") if claimed else pd.DataFrame() for name in CLAIMED},
    )
