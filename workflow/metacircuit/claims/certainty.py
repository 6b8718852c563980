"""The certainty of the evidence behind a claim, where somebody has rated it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.claims.rows import Results
from metacircuit.config.errors import UserError

if TYPE_CHECKING:
    from metacircuit.claims.schema import Claim

#: From best to worst, as GRADE has them.
LEVELS = ("high", "moderate", "low", "very low")
COLUMNS = ("analysis", "grouping", "stratum", "certainty")


def rating(claim: Claim, results: Results, strata: Sequence[str]) -> str:
    """The lowest certainty of the strata that a claim compares; empty if one of them is not rated.

    A rating holds for a whole stratum: a claim about a part of one has none.
    """
    narrowing = {*claim.contrast.where, *claim.contrast.unless}
    if claim.contrast.within or not narrowing <= set(claim.grouping.split(":")):
        return ""
    table = results.certainty
    own = table[(table["analysis"] == claim.analysis) & (table["grouping"] == claim.grouping)]
    rated = dict(zip(own["stratum"], own["certainty"], strict=True))
    found = [rated.get(stratum, "") for stratum in strata]
    if not found or any(level not in LEVELS for level in found):
        return ""
    return max(found, key=LEVELS.index)


def ratings(table: pd.DataFrame) -> pd.DataFrame:
    """A table of ratings with the columns of `COLUMNS`; where people may overrule a computed level, `final` is theirs.

    Raises
    ------
    UserError
        If the table has no column for the certainty, or lacks one that says of what.

    Examples
    --------
    >>> table = pd.DataFrame({"analysis": ["a"], "grouping": ["overall"], "stratum": ["overall"], "final": ["low"]})
    >>> ratings(table)["certainty"].tolist()
    ['low']
    """
    named = table if "certainty" in table or "final" not in table else table.rename(columns={"final": "certainty"})
    missing = [name for name in COLUMNS if name not in named]
    if missing:
        raise UserError(f"The table of certainty has no column {', '.join(missing)}; it needs {', '.join(COLUMNS)}.")
    return named[list(COLUMNS)]


def unrated() -> pd.DataFrame:
    """The table of certainty where there is none."""
    return pd.DataFrame(columns=list(COLUMNS), dtype=object)
