"""What a config may say about published estimates: which of our estimates each of them is compared with."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pydantic import Field

from metacircuit.config.section import Section

if TYPE_CHECKING:
    from metacircuit.config.analysis import Analysis

OVERALL = "overall"


class Comparison(Section):
    """The estimate of ours that a published one is compared with."""

    analysis: str = Field(description="The analysis with our estimate.")
    grouping: str = Field(OVERALL, description="A grouping of that analysis; overall for all its effects.")
    stratum: str = Field(OVERALL, description="The stratum of that grouping.")
    reverse: bool = Field(False, description="The published estimate counts the other way: its sign is turned.")
    note: str = Field("", description="What differs between the two questions.")


def unknown_targets(published: Mapping[str, Comparison], analyses: Mapping[str, Analysis]) -> Iterator[str]:
    """Say of each comparison what it names that the config does not have, with the nearest name."""
    for key, wanted in published.items():
        if wanted.analysis not in analyses:
            yield f"published.{key}: there is no analysis {wanted.analysis!r}.{_near(wanted.analysis, analyses)}"
            continue
        known = (OVERALL, *analyses[wanted.analysis].groupings)
        if wanted.grouping not in known:
            yield (
                f"published.{key}: the analysis {wanted.analysis} has no grouping {wanted.grouping!r}."
                f"{_near(wanted.grouping, known)}"
            )
        elif (wanted.grouping == OVERALL) != (wanted.stratum == OVERALL):
            yield f"published.{key}: the stratum {wanted.stratum!r} does not belong to the grouping {wanted.grouping!r}"


def _near(word: str, known: object) -> str:
    names = list(known)  # type: ignore[call-overload]
    near = difflib.get_close_matches(word, names, n=1)
    return (f" Did you mean {near[0]!r}?" if near else "") + f" Known are {', '.join(names)}"
