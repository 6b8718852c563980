"""Read what the stages have made: the one place where the report touches files."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from metacircuit.sheets.files import read_text
from metacircuit.sheets.store import read_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

# Tables that a reader downloads as the pipeline wrote them.
DOWNLOADS = ("estimates", "contrasts", "sensitivity")


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure as it stands in the results: the picture for the screen, and its alternative text."""

    analysis: str
    name: str
    svg: bytes
    alt: str


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that a report is written from.

    `records` are the stories of the numbers, `csv` the texts of tables that readers can download, by folder/name;
    `claims` are there if the review has any.
    """

    problems: pd.DataFrame
    rows: pd.DataFrame
    studies: pd.DataFrame
    effects: dict[str, pd.DataFrame]
    estimates: dict[str, pd.DataFrame]
    contrasts: dict[str, pd.DataFrame]
    sensitivity: dict[str, pd.DataFrame]
    readings: dict[str, pd.DataFrame]
    shares: dict[str, pd.DataFrame]
    corrections: dict[str, pd.DataFrame]
    drawings: tuple[Drawing, ...]
    records: dict[tuple[str, str], dict[str, Any]]
    words: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    csv: dict[str, str] = field(default_factory=dict)
    claims: pd.DataFrame | None = None


def read_sources(
    results: Path,
    figures: Mapping[str, Sequence[str]],
    *,
    words: Mapping[str, pd.DataFrame],
    text: Collection[str] = (),
    claims: Path | None = None,
    review: Sequence[str] = (),
) -> Sources:
    """Read the tables and figures of a review.

    Parameters
    ----------
    results : Path
        results/REVIEW.
    figures : mapping of str to sequence of str
        The figures of each analysis, by name.
    words : mapping of str to DataFrame
        The vocabularies.
    text : collection of str
        Columns of which a word stays a word even if it looks like a number.
    claims : Path, optional
        The claims with their verdicts.
    review : sequence of str
        The figures of the review as a whole.

    Returns
    -------
    Sources
        Tables as frames, figures as bytes.

    Raises
    ------
    UserError
        If a file is missing.
    """

    def tables(kind: str) -> dict[str, pd.DataFrame]:
        return {name: read_table(results / kind / f"{name}.csv", text=text) for name in figures}

    def diagnostics(kind: str) -> dict[str, pd.DataFrame]:
        return {name: read_table(results / "diagnostics" / name / f"{kind}.csv", text=text) for name in figures}

    paths = {f"{kind}/{name}": results / kind / f"{name}.csv" for name in figures for kind in DOWNLOADS}
    paths |= {f"corrections/{name}": results / "diagnostics" / name / "corrections.csv" for name in figures}
    paths |= {"claims": claims} if claims else {}
    return Sources(
        problems=read_table(results / "problems.csv"),
        rows=read_table(results / "tables" / "rows.csv"),
        studies=read_table(results / "checked" / "studies.csv"),
        effects=tables("effects"),
        estimates=tables("estimates"),
        contrasts=tables("contrasts"),
        sensitivity=tables("sensitivity"),
        readings=diagnostics("readings"),
        shares=diagnostics("shares"),
        corrections=diagnostics("corrections"),
        drawings=tuple(_drawings(results / "figures", {"review": review, **figures})),
        records={
            (record["analysis"], record["effect_id"]): record
            for record in (json.loads(line) for line in read_text(results / "provenance.jsonl").split("\n") if line)
        },
        words=words,
        csv={name: read_text(path) for name, path in paths.items()},
        claims=read_table(claims) if claims else None,
    )


def _drawings(folder: Path, figures: Mapping[str, Sequence[str]]) -> Iterator[Drawing]:
    for analysis, names in figures.items():
        for name in names:
            path = folder / analysis / name
            alt = path.with_suffix(".txt").read_text(encoding="utf-8").strip()
            yield Drawing(analysis, name, path.with_suffix(".svg").read_bytes(), alt)
