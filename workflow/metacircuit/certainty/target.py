"""Whether the target in the config can be found in the effects at all."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from metacircuit.config.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from metacircuit.config import CertaintyOf


def check_target(
    analyses: Iterable[CertaintyOf], effects: Mapping[str, pd.DataFrame], words: Mapping[str, pd.DataFrame]
) -> None:
    """Name every column and word of `certainty.target` that does not exist.

    Parameters
    ----------
    analyses : iterable of CertaintyOf
        With their targets.
    effects : mapping of str to DataFrame
        effects/ANALYSIS.csv of each.
    words : mapping of str to DataFrame
        Vocabularies; a column without one may hold any word.

    Raises
    ------
    UserError
        With one message for each.
    """
    problems = []
    for spec in analyses:
        where = f"certainty.target of {spec.analysis}"
        for column, wanted in spec.certainty.target.items():
            if column not in effects[spec.analysis]:
                hint = _near(column, list(effects[spec.analysis].columns))
                problems.append(f"{where}: the effects have no column {column!r}.{hint}")
            elif column in words:
                known = words[column]["id"].astype(str).tolist()
                problems += [
                    f"{where}: {word!r} is no word of {column}.{_near(word, known)} Known here: {', '.join(known)}."
                    for word in wanted
                    if word not in known
                ]
    if problems:
        raise UserError(*problems)


def _near(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
