"""The rows of an analysis: selected, harmonised, and each with a status and a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.config import UserError
from metacircuit.effects.harmonise import harmonise
from metacircuit.effects.select import selected

if TYPE_CHECKING:
    from metacircuit.config import HarmoniseSlice

# What harmonisation adds to a row; everything else is carried along from the sheet.
RESULT = (
    "measure",
    "yi",
    "vi",
    "ci_lb",
    "ci_ub",
    "route",
    "inputs",
    "assumptions",
    "flags",
    "lower",
    "upper",
    "participants",
)


def prepare(studies: pd.DataFrame, effects: pd.DataFrame, wanted: HarmoniseSlice) -> pd.DataFrame:
    """Select the rows of an analysis and bring them to its measure.

    Parameters
    ----------
    studies : DataFrame
        One row a study.
    effects : DataFrame
        The sheet, with derived columns.
    wanted : HarmoniseSlice
        Selection, measure and routes.

    Returns
    -------
    DataFrame
        effects/ANALYSIS.csv: coded columns, yi, vi, route, inputs, assumptions, and a status: analysed, bound (only an
        inequality is printed), excluded (by the sheet) or problem.

    Raises
    ------
    UserError
        If a route, a definition or a column of the config does not exist.
    """
    rows = effects[selected(effects, wanted)].reset_index(drop=True)
    try:
        made = harmonise(
            rows,
            wanted.measure,
            order=wanted.routes,
            definition=wanted.conversion.definition,
            treat_ratio_as_or=wanted.conversion.ratios_as_or,
            pre_post_r=wanted.conversion.pre_post_r,
        )
    except ValueError as error:
        raise UserError(f"analyses.{wanted.analysis}: {error}") from None
    result = rows.drop(columns=[c for c in RESULT if c in rows]).assign(
        definition=wanted.conversion.definition,
        study_label=rows["study_id"].map(study_labels(studies)).fillna(rows["study_id"]),
        **{name: made[name].to_numpy() for name in (*RESULT, "status", "reason")},
    )
    broken, left_out = rows["row_problem"].ne(""), rows["include"].eq("no")
    result.loc[broken, "status"] = "problem"
    result.loc[broken, "reason"] = rows.loc[broken, "row_problem"]
    result.loc[left_out, "status"] = "excluded"
    result.loc[left_out, "reason"] = rows.loc[left_out, "exclude_reason"]
    return result.sort_values(["study_id", "effect_id"], kind="stable", ignore_index=True)


def study_labels(studies: pd.DataFrame) -> dict[str, str]:
    """Name each study as a forest plot does: its study_label, else author and year; a letter where two read the same.

    >>> frame = {"study_id": ["a", "b", "c"], "first_author": ["Li", "Li", ""], "year": [2020, 2020, None]}
    >>> study_labels(pd.DataFrame(frame))
    {'a': 'Li 2020a', 'b': 'Li 2020b', 'c': 'c'}
    """
    if studies.empty:
        return {}
    names: dict[str, list[str]] = {}
    for row in studies.sort_values("study_id").to_dict("records"):
        names.setdefault(_name(row), []).append(str(row["study_id"]))
    return {
        study: label if len(group) == 1 else f"{label}{_letters(i)}"
        for label, group in names.items()
        for i, study in enumerate(group)
    }


def _name(row: dict[str, object]) -> str:
    own, author, year = row.get("study_label"), row.get("first_author"), row.get("year")
    if isinstance(own, str) and own.strip():
        return own.strip()
    if not isinstance(author, str) or not author or author.strip("[(").startswith("not "):
        return str(row["study_id"])
    return f"{author} {int(year)}" if pd.notna(year) and year != "" else f"{author} n.d."


def _letters(i: int) -> str:
    return chr(ord("a") + i) if i < 26 else f"-{i + 1}"
