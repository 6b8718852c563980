"""What the tables of a review are built from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from metacircuit.config import TabledAnalysis


@dataclass(frozen=True, slots=True)
class Material:
    """Result tables by analysis, the checked sheets, the words, and the names of things.

    Parameters
    ----------
    analyses : mapping of str to TabledAnalysis
        In the order of the config.
    effects, estimates, contrasts, corrections : mapping of str to DataFrame
        effects/, estimates/, contrasts/ and diagnostics/*/corrections.csv of each analysis.
    studies, sheet, rows : DataFrame
        checked/studies.csv, checked/effects.csv and tables/rows.csv.
    words : mapping of str to DataFrame
        Vocabularies.
    characteristics : tuple of str, optional
        Columns that the config asks for in the table of study characteristics.
    """

    analyses: Mapping[str, TabledAnalysis]
    effects: Mapping[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    estimates: Mapping[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    contrasts: Mapping[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    corrections: Mapping[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    studies: pd.DataFrame | None = field(default=None, repr=False)
    sheet: pd.DataFrame | None = field(default=None, repr=False)
    rows: pd.DataFrame | None = field(default=None, repr=False)
    words: Mapping[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    characteristics: tuple[str, ...] | None = None
