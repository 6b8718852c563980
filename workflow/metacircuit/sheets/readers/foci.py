"""The table of coordinates: every focus, and the circuit of its region where it has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.sheets.problems import Code, Problem, shown
from metacircuit.sheets.words import Words, find_regions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metacircuit.sheets.readers.extract import Focus

COLUMNS = (
    *("study_id", "contrast", "x", "y", "z", "space", "region", "region_id", "circuit"),
    *("statistic", "value", "participants", "file", "row"),
)


def place_foci(foci: Sequence[Focus], regions: pd.DataFrame | None) -> pd.DataFrame:
    """List every focus with the circuit of its region.

    Parameters
    ----------
    foci : sequence of Focus
        In the order of the file.
    regions : DataFrame or None
        The vocabulary of regions: id, label, synonyms, circuit.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`; region_id and circuit are empty where the file names no region, or one that is not known.

    Examples
    --------
    >>> list(place_foci((), None).columns)[:5]
    ['study_id', 'contrast', 'x', 'y', 'z']
    """
    vocabulary = Words.of(regions) if regions is not None else Words((), {})
    circuits = dict(zip(regions["id"], regions["circuit"], strict=True)) if _has_circuits(regions) else {}
    rows = []
    for focus in foci:
        ids = find_regions(focus.region, vocabulary) if focus.region else ()
        own = dict.fromkeys(circuits.get(region, "") for region in ids)
        rows.append({
            **{name: getattr(focus, name) for name in COLUMNS if hasattr(focus, name)},
            "region_id": ";".join(ids),
            "circuit": ";".join(circuit for circuit in own if circuit),
        })  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _has_circuits(regions: pd.DataFrame | None) -> bool:
    return regions is not None and "circuit" in regions


def unplaced(table: pd.DataFrame, regions: pd.DataFrame | None) -> list[Problem]:
    """Say which foci have no circuit, and why."""
    problems = []
    for file, own in table.groupby("file", sort=True):
        nameless = own["region"].eq("").sum()
        if nameless:
            what = f"{nameless} foci name no region, so no circuit follows from them; coordinates.csv has them all."
            problems.append(
                Problem(Code.UNKNOWN_REGION, what, "", "Add the regions to a sheet of effects, if you need them.", file)
            )
        strange = own[own["region"].ne("") & own["region_id"].eq("")] if regions is not None else own.iloc[:0]
        for region, rows in strange.groupby("region", sort=True):
            what = f"{shown(region)} ({len(rows)} foci) is not in the vocabulary, so no circuit follows from it."
            remedy = "Add it to the vocabulary, or as a synonym of a region there."
            where = {"file": file, "column": "region", "value": shown(region)}
            problems.append(Problem(Code.UNKNOWN_REGION, what, "the regions of the vocabulary", remedy, **where))
    return problems
