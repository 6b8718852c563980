"""Two extractors' sheets side by side: everything that `metacircuit agree` reports, from typed sheets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.config.errors import UserError
from metacircuit.extraction.compare import compare
from metacircuit.extraction.impact import Review, impact_of
from metacircuit.extraction.kinds import kinds_of
from metacircuit.extraction.pairs import pair_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


@dataclass(frozen=True, slots=True)
class Agreement:
    """The tables of two extractors, and how each column was compared.

    `pairs` is a row a pair of rows, `alone` the rows without a partner, `agreement` a row a column, `worklist` a row a
    disagreement, `second` the second's cells by the effect_id of the first, `not_compared` columns of one sheet only.
    """

    pairs: pd.DataFrame
    alone: pd.DataFrame
    agreement: pd.DataFrame
    worklist: pd.DataFrame
    second: pd.DataFrame
    kinds: Mapping[str, str]
    not_compared: tuple[str, ...]

    def impact(self, first: pd.DataFrame, review: Review) -> pd.DataFrame:
        """What each disagreement does to the estimates, as `impact_of`."""
        return impact_of(first, self.worklist, self.second, review)


def agree(
    first: pd.DataFrame, second: pd.DataFrame, columns: Collection[str], vocabularies: Collection[str]
) -> Agreement:
    """Pair the rows of two sheets and compare them.

    Parameters
    ----------
    first, second : DataFrame
        Typed sheets with effect_id, study_id and `row`.
    columns : collection of str
        The columns that the second sheet's file has.
    vocabularies : collection of str
        Columns with a vocabulary.

    Returns
    -------
    Agreement

    Raises
    ------
    UserError
        If the sheets have no column to compare, no row can be paired, or an effect_id is missing or stands twice.
    """
    ids = first["effect_id"]
    if (ids == "").any():
        rows = ", ".join(map(str, first.loc[ids == "", "row"].head(5)))
        raise UserError(f"The first sheet has rows without an effect_id: {rows}. Give each row one, and run again.")
    if ids.duplicated().any():
        twice = ", ".join(sorted(set(ids[ids.duplicated()]))[:5])
        raise UserError(f"The first sheet has an effect_id more than once: {twice}. `metacircuit check` lists them.")
    known = second["effect_id"].map(dict(zip(first["effect_id"], first["study_id"], strict=True)))
    second = second.assign(study_id=second["study_id"].where(second["study_id"] != "", known.fillna("")))
    own = [name for name in first.columns if name in columns]
    kinds = kinds_of(own, vocabularies)
    if not kinds:
        raise UserError(f"The two sheets share no column to compare. The second has {', '.join(sorted(columns))}.")
    pairs, alone = pair_rows(first, second, tuple(kinds))
    if pairs.empty:
        raise UserError(
            "No row of the second sheet is about the same result as a row of the first."
            f" Its studies are {', '.join(sorted(set(second['study_id']))[:8])}: is their study_id the first's?"
        )
    left = first.set_index("row").loc[pairs["row_first"]].reset_index()
    right = second.set_index("row").loc[pairs["row_second"]].reset_index()
    table, worklist = compare(left, right, kinds)
    return Agreement(
        pairs=pairs,
        alone=alone,
        agreement=table,
        worklist=worklist,
        second=right.set_index(pd.Index(pairs["effect_id"])),
        kinds=kinds,
        not_compared=tuple(sorted(set(columns) - set(first.columns))),
    )
