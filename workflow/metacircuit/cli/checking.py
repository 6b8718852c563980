"""Checking a review as a whole: its sheets, and whether a route leads from each row to its analysis's measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from metacircuit.effects.prepare import prepare
from metacircuit.effects.select import derive, words_in_use
from metacircuit.sheets.problems import Code, Problem, in_order, to_frame
from metacircuit.sheets.review import load_review

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from metacircuit.config import CheckSlice
    from metacircuit.sheets.review import Sheets


class Checked(NamedTuple):
    """The sheets in one normal form, and every problem in them."""

    studies: pd.DataFrame
    effects: pd.DataFrame
    problems: pd.DataFrame
    used: pd.DataFrame
    printed: pd.DataFrame


def check_review(folder: Path, spec: CheckSlice, words: Mapping[str, pd.DataFrame]) -> Checked:
    """Read a review's sheets and find every problem in them at once.

    Parameters
    ----------
    folder : Path
        The folder with the sheets.
    spec : CheckSlice
        Derived columns, and the selection and routes of each analysis.
    words : mapping of str to DataFrame
        Vocabularies.

    Returns
    -------
    Checked
        Studies, effects (with derived columns), problems, the words in use, and the effects' cells as typed.
    """
    sheets = load_review(folder, vocabularies=dict(words))
    if sheets.effects.empty:
        return Checked(
            sheets.studies, sheets.effects, sheets.problems, words_in_use(sheets.effects, {}), _printed(sheets)
        )
    effects = derive(sheets.effects, spec.derived, words)
    told = sheets.problems["code"].eq(Code.NO_ROUTE.slug) & sheets.problems["sheet"].eq(sheets.sources["effects"][1])
    fresh = effects[~effects["row"].isin(sheets.problems.loc[told, "row"])]
    unusable = to_frame(_unusable(sheets.studies, fresh, spec, *sheets.sources["effects"]))
    problems = in_order(pd.concat([sheets.problems, unusable], ignore_index=True))
    return Checked(sheets.studies, effects, problems, words_in_use(effects, words), _printed(sheets))


def _printed(sheets: Sheets) -> pd.DataFrame:
    """The cells of effects as they were typed, each row with its place."""
    file, sheet = sheets.sources.get("effects", ("", ""))
    cells = sheets.printed.astype(object)
    own = cells.columns.difference(["effect_id", "file", "sheet", "row"], sort=False)
    return pd.concat(
        [sheets.effects[["effect_id"]].assign(file=file, sheet=sheet, row=sheets.effects["row"]), cells[own]], axis=1
    )


def _unusable(
    studies: pd.DataFrame, effects: pd.DataFrame, spec: CheckSlice, file: str, sheet: str
) -> Iterator[Problem]:
    """Rows that an analysis takes and that no route brings to its measure."""
    for name, wanted in spec.analyses.items():
        rows = prepare(studies, effects, wanted)
        for row in rows[(rows["status"] == "problem") & (rows["row_problem"] == "")].to_dict("records"):
            yield Problem(
                code=Code.NO_ROUTE,
                problem=f"{row['effect_id']}: no route to {wanted.measure} for the analysis {name}: {row['reason']}.",
                remedy="Look for one of these statistics in the paper, or exclude the row with a reason.",
                file=file,
                sheet=sheet,
                row=int(row["row"]),
            )
