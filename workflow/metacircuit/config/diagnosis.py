"""What a config may say about the diagnostics of an analysis."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from metacircuit.config.section import Column, Section


class Diagnosis(Section):
    """How influence, small-study effects and selection are looked for."""

    order: Column | Literal["precision"] = Field(
        "year",
        description="In which order studies join the cumulative analysis: a column of the studies or effects, or"
        " `precision`. Without any value in that column it is precision.",
    )
    gosh_subsets: int = Field(
        4096,
        ge=0,
        le=2**20,
        description="Subsets of studies that GOSH fits: all if there are no more, else a seeded sample; 0: none.",
    )
    bootstrap: int = Field(
        0,
        ge=0,
        le=20_000,
        description="Resamples of studies behind the errors of selection models of dependent effects; 0: the"
        " cluster-robust sandwich.",
    )
