"""The link between effects and studies."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import numpy as np

from metacircuit.sheets.problems import LISTED_PER_RULE, Code, Hits, Problem, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from metacircuit.sheets.table import Table


def check_study_ids(effects: Table, studies: Table | None) -> list[Hits]:
    """Effects whose study is not in the studies sheet."""
    ids = effects.frame["study_id"]
    if studies is None or "study_id" not in studies.raw.cells or "study_id" not in effects.raw.cells:
        return []
    known = set(studies.frame["study_id"])
    orphan = ~ids.isin(known) & (ids != "")
    folded = {word.casefold(): word for word in known}

    def say(i: int) -> tuple[str, str, str]:
        near = _nearest(ids.iloc[i], folded)
        text = f"The study {shown(ids.iloc[i])} is not in {studies.raw.file}."
        return (
            text,
            "study_id of the studies sheet",
            f"Did you mean {near}?" if near else "Add the study, or correct the id.",
        )

    return [Hits.of(Code.UNKNOWN_STUDY, "study_id", orphan, say)] if orphan.any() else []


def _nearest(word: str, folded: Mapping[str, str]) -> str | None:
    near = difflib.get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.7)
    return folded[near[0]] if near else None


def unused_studies(effects: Table, studies: Table) -> Iterator[Problem]:
    idle = (
        ~studies.frame["study_id"].isin(set(effects.frame["study_id"])).to_numpy()
        & (studies.frame["study_id"] != "").to_numpy()
    )
    for i in np.flatnonzero(idle)[:LISTED_PER_RULE]:
        text = f"The study {studies.text('study_id', i)} has no effect."
        yield studies.raw.problem(
            Code.UNUSED_STUDY,
            text,
            "",
            "Nothing to do if it is kept for the record.",
            row=int(studies.raw.rows[i]),
            column="study_id",
            value=studies.text("study_id", i),
        )
