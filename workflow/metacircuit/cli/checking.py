"""Checking a review as a whole: its sheets, and whether a route leads from each row to its analysis's measure."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from metacircuit.config import UserError
from metacircuit.config.figures import OF_RESULTS
from metacircuit.effects.prepare import RESULT, prepare
from metacircuit.effects.select import NoRowError, derive, selected, words_in_use
from metacircuit.sheets.columns import EFFECTS
from metacircuit.sheets.problems import Code, Problem, in_order, to_frame
from metacircuit.sheets.review import load_review
from metacircuit.tables.builders.characteristics import unknown_columns

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
    coordinates: pd.DataFrame


def check_review(
    folder: Path, spec: CheckSlice, words: Mapping[str, pd.DataFrame], project: Path | None = None
) -> Checked:
    """Read a review's sheets and find every problem in them at once.

    Parameters
    ----------
    folder : Path
        The folder with the sheets.
    spec : CheckSlice
        Derived columns, and the selection, routes and groupings of each analysis.
    words : mapping of str to DataFrame
        Vocabularies.
    project : Path, optional
        The folder that the source's file is relative to; default: the current one.

    Returns
    -------
    Checked
        Studies, effects (with derived columns), problems, the words in use, and the effects' cells as typed.

    Raises
    ------
    UserError
        With every column and word of the config that the sheets do not have, and every analysis that takes no row.
    """
    sheets = load_review(folder, vocabularies=dict(words), source=spec.source, project=project)
    if sheets.effects.empty:
        return Checked(
            *(sheets.studies, sheets.effects, sheets.problems, words_in_use(sheets.effects, {})),
            *(_printed(sheets), sheets.coordinates),
        )
    effects = derive(sheets.effects, spec.derived, words)
    broken = bool(sheets.problems["severity"].eq("error").any())
    mistakes = [
        *_mistakes(effects, spec, _all_words(spec, words), set(sheets.studies.columns), broken=broken),
        *_not_drawable(spec, effects, sheets.studies),
        *unknown_columns(spec.characteristics, sheets.studies, effects),
    ]
    if mistakes:
        raise UserError(*mistakes)
    told = sheets.problems["code"].eq(Code.NO_ROUTE.slug) & sheets.problems["sheet"].eq(sheets.sources["effects"][1])
    fresh = effects[~effects["row"].isin(sheets.problems.loc[told, "row"])]
    unusable = to_frame(_unusable(sheets.studies, fresh, spec, *sheets.sources["effects"]))
    problems = in_order(pd.concat([sheets.problems, unusable], ignore_index=True))
    used = words_in_use(effects, words)
    return Checked(sheets.studies, effects, problems, used, _printed(sheets), sheets.coordinates)


def _all_words(spec: CheckSlice, words: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The words that coded columns, columns of fixed words and derived columns can have, in use or not."""
    known = {column.name: pd.DataFrame({"id": column.allowed}) for column in EFFECTS if column.allowed} | dict(words)
    for name, rule in spec.derived.items():
        if rule.lookup is not None:
            made = words[rule.lookup][rule.take]
        elif rule.source in words:
            made = derive(words[rule.source].rename(columns={"id": rule.source}), {name: rule}, words)[name]
        else:
            continue
        own = words[name]["id"] if name in words else pd.Series(dtype=object)
        ids = pd.concat([own, made.dropna().astype(str)]).drop_duplicates()
        known[name] = pd.DataFrame({"id": ids[ids != ""]})
    return known


def _mistakes(
    effects: pd.DataFrame, spec: CheckSlice, words: Mapping[str, pd.DataFrame], of_studies: set[str], *, broken: bool
) -> Iterator[str]:
    """What the config asks of the sheet and the sheet cannot give; `broken` sheets may lack rows for their own sake."""
    columns = list(dict.fromkeys([*effects.columns, *RESULT, "definition", "study_label", "status", "reason"]))
    for name, wanted in spec.analyses.items():
        try:
            selected(effects, wanted, words)
        except NoRowError as error:
            if not broken:
                yield from error.messages
        except UserError as error:
            yield from error.messages
        for column in dict.fromkeys(c for grouping in spec.groupings.get(name, ()) for c in grouping.split(":")):
            if column not in columns:
                near = difflib.get_close_matches(column, columns, n=1)
                hint = f" Did you mean {near[0]!r}?" if near else ""
                if column in of_studies:
                    hint = " It is a column of studies; groupings need it in effects, so type it there."
                yield (
                    f"analyses.{name}.groupings: effects has no column {column!r}.{hint}"
                    f" Its columns: {', '.join(effects.columns)}."
                )


def _not_drawable(spec: CheckSlice, effects: pd.DataFrame, studies: pd.DataFrame) -> Iterator[str]:
    """Columns that the forest plots are to show and that no sheet has."""
    columns = list(dict.fromkeys([*effects.columns, *studies.columns, *RESULT, "definition", "study_label"]))
    for name, wanted in spec.shown.items():
        for column in wanted:
            if column not in columns:
                near = difflib.get_close_matches(column, [*OF_RESULTS, *columns], n=1)
                hint = f" Did you mean {near[0]!r}?" if near else ""
                yield (
                    f"analyses.{name}: figures.forest: neither effects nor studies has a column {column!r}.{hint}"
                    f" Allowed are {', '.join(OF_RESULTS)} and the columns of the two sheets."
                )


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
