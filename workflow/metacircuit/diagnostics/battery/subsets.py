"""GOSH of an analysis: subsets of its studies, and whether one study splits them in two."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.diagnostics.battery.columns import CLUSTERS, SUBSETS
from metacircuit.diagnostics.gosh_clusters import gosh_clusters
from metacircuit.models.gosh import gosh

if TYPE_CHECKING:
    from metacircuit.diagnostics.battery.subject import Subject


def seed_of(name: str) -> int:
    """A seed by name, so that the same analysis draws the same subsets on every machine."""
    return zlib.crc32(name.encode())


def gosh_tables(subject: Subject, subsets: int, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Subsets of the studies (of dependent effects, their means), and a row a study that says what it does to them.

    Parameters
    ----------
    subject : Subject
        All studies of an analysis.
    subsets : int
        How many are fitted; 0 for none.
    name : str
        What the seed is named after.

    Returns
    -------
    tuple of DataFrame
        A row a subset; `without` says whether it leaves out the study that tells two groups of subsets apart, or, if
        there are no two groups, the one that shifts the estimate most. A row a study.
    """
    if not subsets:
        return pd.DataFrame(columns=list(SUBSETS)), pd.DataFrame(columns=list(CLUSTERS))
    found = gosh(subject.independent, subsets=subsets, seed=seed_of(name))
    clusters = gosh_clusters(found)
    table = clusters.to_frame().rename(columns={"slab": "unit"})
    driver = clusters.driver or _mover(table)
    out = found.to_frame()
    without = ~found.with_effect(found.slab.index(driver)) if driver else np.zeros(len(out), bool)
    out["without"] = np.where(without, "yes", "no")
    table = table.assign(bimodal="yes" if clusters.bimodal else "no", singled_out=driver)
    return out[list(SUBSETS)], table[list(CLUSTERS)]


def _mover(table: pd.DataFrame) -> str:
    shifts = table["shift"].astype(float).abs()
    return str(table.loc[shifts.idxmax(), "unit"]) if shifts.notna().any() else ""
