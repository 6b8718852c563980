"""Read what the stages have made: the one place where the report touches files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metacircuit.sheets.files import read_text
from metacircuit.sheets.store import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure as it stands in the results: the picture for the screen, and its alternative text."""

    analysis: str
    name: str
    svg: bytes
    alt: str


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that a report is written from; `records` are the hashes of the stories of the numbers."""

    problems: pd.DataFrame
    rows: pd.DataFrame
    effects: dict[str, pd.DataFrame]
    estimates: dict[str, pd.DataFrame]
    contrasts: dict[str, pd.DataFrame]
    sensitivity: dict[str, pd.DataFrame]
    readings: dict[str, pd.DataFrame]
    shares: dict[str, pd.DataFrame]
    drawings: tuple[Drawing, ...]
    records: dict[tuple[str, str], str]


def read_sources(results: Path, figures: dict[str, tuple[str, ...]]) -> Sources:
    """Read the tables and figures of a review.

    Parameters
    ----------
    results : Path
        results/REVIEW.
    figures : dict of str to tuple of str
        The figures of each analysis, by name.

    Returns
    -------
    Sources
        Tables as frames, figures as bytes.
    """

    def tables(kind: str) -> dict[str, pd.DataFrame]:
        return {name: read_table(results / kind / f"{name}.csv") for name in figures}

    def diagnostics(kind: str) -> dict[str, pd.DataFrame]:
        return {name: read_table(results / "diagnostics" / name / f"{kind}.csv") for name in figures}

    def drawings() -> Iterable[Drawing]:
        for analysis, names in figures.items():
            for name in names:
                path = results / "figures" / analysis / name
                yield Drawing(
                    analysis,
                    name,
                    path.with_suffix(".svg").read_bytes(),
                    path.with_suffix(".txt").read_text(encoding="utf-8").strip(),
                )

    return Sources(
        problems=read_table(results / "problems.csv"),
        rows=read_table(results / "tables" / "rows.csv"),
        effects=tables("effects"),
        estimates=tables("estimates"),
        contrasts=tables("contrasts"),
        sensitivity=tables("sensitivity"),
        readings=diagnostics("readings"),
        shares=diagnostics("shares"),
        drawings=tuple(drawings()),
        records={
            (record["analysis"], record["effect_id"]): record["hash"]
            for record in map(json.loads, read_text(results / "provenance.jsonl").splitlines())
        },
    )
