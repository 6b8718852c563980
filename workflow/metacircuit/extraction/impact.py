"""What each disagreement does to the pooled estimates: the same model with the first value and with the second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.effects.prepare import prepare
from metacircuit.effects.select import derive
from metacircuit.extraction.kinds import cells
from metacircuit.models.analysis import estimate_row, fit_cell
from metacircuit.models.pooling.choose import Recipe, recipe_for
from metacircuit.models.strata import Stratum, strata_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from metacircuit.config import Derived, FitSlice, HarmoniseSlice

ALL = "(all at once)"
IMPACT = (
    *("effect_id", "column", "first", "second", "analysis", "grouping", "stratum", "scale", "k_first", "k_second"),
    *("natural_first", "natural_lb_first", "natural_ub_first"),
    *("natural_second", "natural_lb_second", "natural_ub_second"),
    *("change", "change_in_se", "status_first", "status_second", "reason"),
)

# All that a model reads of a row; a stratum in which none of it differs need not be fitted again.
_READ = (
    *("effect_id", "study_id", "status", "yi", "vi", "lower", "upper", "participants"),
    *("events1", "total1", "events2", "total2"),
)


@dataclass(frozen=True, slots=True)
class Question:
    """An analysis of the config: how its rows are chosen and harmonised, and how they are pooled."""

    rows: HarmoniseSlice
    fit: FitSlice


@dataclass(frozen=True, slots=True)
class Review:
    """What the effects of a review become: its studies, vocabularies, derived columns and analyses."""

    studies: pd.DataFrame
    words: Mapping[str, pd.DataFrame]
    derived: Mapping[str, Derived]
    questions: Mapping[str, Question]


def impact_of(effects: pd.DataFrame, worklist: pd.DataFrame, second: pd.DataFrame, review: Review) -> pd.DataFrame:
    """Refit every stratum that a disagreement enters, with the second value in place of the first.

    Parameters
    ----------
    effects : DataFrame
        The first sheet, typed, without derived columns.
    worklist : DataFrame
        effect_id, column, first, second: one disagreement a row.
    second : DataFrame
        The second sheet's typed cells, with the effect_id of the first as its index.
    review : Review

    Returns
    -------
    DataFrame
        A row for each disagreement and stratum whose rows it changes: both estimates with their intervals on the
        scale of reading, the change on the model's scale, and the change in standard errors of the first. A
        disagreement that changes no estimate has one row that says why. The last rows take all second values at once.
    """
    base = {name: _Fitted(_prepared(effects, name, review), name, review) for name in review.questions}
    rows: list[dict[str, object]] = []
    for found in worklist[["effect_id", "column", "first", "second"]].to_dict("records"):
        changed = effects.copy()
        at = changed.index[changed["effect_id"] == found["effect_id"]]
        changed.loc[at, found["column"]] = second.loc[found["effect_id"], found["column"]]
        study = changed.loc[at, "study_id"].iloc[0]
        rows += [found | row for row in _effect(changed, base, review, study, found["effect_id"])]
    if len(worklist):
        changed = effects.copy()
        for effect_id, column in zip(worklist["effect_id"], worklist["column"], strict=True):
            changed.loc[changed["effect_id"] == effect_id, column] = second.loc[effect_id, column]
        whole = {"effect_id": ALL, "column": "", "first": "", "second": ""}
        rows += [whole | row for row in _effect(changed, base, review)]
    return pd.DataFrame(rows, columns=list(IMPACT))


class _Fitted:
    """The strata of an analysis with the first values, each fitted when it is first asked for."""

    def __init__(self, rows: pd.DataFrame, name: str, review: Review) -> None:
        self.rows, self.spec = rows, review.questions[name].fit
        self.recipe, self.strata = _strata(rows, self.spec, review.words)
        self._fits: dict[tuple[str, str], dict[str, object]] = {}

    def estimate(self, key: tuple[str, str]) -> dict[str, object]:
        if key not in self._fits:
            self._fits[key] = _fit(self.strata.get(key), self.recipe, self.spec)
        return self._fits[key]


def _prepared(effects: pd.DataFrame, name: str, review: Review) -> pd.DataFrame:
    return prepare(review.studies, derive(effects, review.derived, review.words), review.questions[name].rows)


def _strata(
    rows: pd.DataFrame, spec: FitSlice, words: Mapping[str, pd.DataFrame]
) -> tuple[Recipe, dict[tuple[str, str], Stratum]]:
    taken = rows[rows["status"].isin(("analysed", "bound"))]
    recipe = recipe_for(taken, spec.measure, spec.model).without_intervals_of_components()
    return recipe, {(s.grouping, s.name): s for s in strata_of(taken, spec.groupings, words)}


def _fit(stratum: Stratum | None, recipe: Recipe, spec: FitSlice) -> dict[str, object]:
    if stratum is None:
        return {"k": 0, "status": "empty", "reason": "no row"}
    return estimate_row(fit_cell(stratum, recipe, spec), spec)


def _effect(
    changed: pd.DataFrame, base: Mapping[str, _Fitted], review: Review, study: str = "", effect_id: str = ""
) -> list[dict[str, object]]:
    """The strata that differ, or one row that says that none does. A study's rows are harmonised without the others."""
    rows: list[dict[str, object]] = []
    entered = []
    for name, fitted in base.items():
        new = _prepared(changed[changed["study_id"] == study] if study else changed, name, review)
        if study:
            old = fitted.rows[fitted.rows["study_id"] == study]
            if (old["effect_id"] == effect_id).any() or (new["effect_id"] == effect_id).any():
                entered.append(name)
            if _same(old, new, (*_READ, *_factors(fitted.spec))):
                continue
            new = pd.concat([fitted.rows[fitted.rows["study_id"] != study], new], ignore_index=True)
            new = new.sort_values(["study_id", "effect_id"], kind="stable", ignore_index=True)
        rows += _changes(fitted, new, name, review.words)
    if rows:
        return rows
    if entered:
        return [{"analysis": name, "reason": "the pooled effect is the same with either value"} for name in entered]
    return [{"reason": "no analysis takes this row, with either value" if study else "no estimate changes"}]


def _factors(spec: FitSlice) -> list[str]:
    return list(dict.fromkeys(factor for grouping in spec.groupings for factor in grouping.split(":")))


def _changes(
    fitted: _Fitted, new: pd.DataFrame, name: str, words: Mapping[str, pd.DataFrame]
) -> Iterator[dict[str, object]]:
    recipe, strata = _strata(new, fitted.spec, words)
    for key in dict.fromkeys([*fitted.strata, *strata]):
        before, after = fitted.strata.get(key), strata.get(key)
        if before is not None and after is not None and _same(before.rows, after.rows):
            continue
        if not (before or after).coded:  # type: ignore[union-attr]
            continue
        yield {"analysis": name, "grouping": key[0], "stratum": key[1]} | _beside(
            fitted.estimate(key), _fit(after, recipe, fitted.spec)
        )


def _same(a: pd.DataFrame, b: pd.DataFrame, columns: Iterable[str] = _READ) -> bool:
    """Whether cells say the same, whatever the type of their columns became."""
    if len(a) != len(b):
        return False
    return all((cells(a[name]) == cells(b[name])).all() for name in columns if name in a)


def _beside(first: dict[str, object], second: dict[str, object]) -> dict[str, object]:
    row: dict[str, object] = {"scale": first.get("scale") or second.get("scale")}
    for side, found in (("first", first), ("second", second)):
        row |= {f"{name}_{side}": found.get(name) for name in ("k", "status", "natural", "natural_lb", "natural_ub")}
    change = _number(second, "estimate") - _number(first, "estimate")
    reasons = {f"{side}: {x['reason']}" for side, x in (("first", first), ("second", second)) if x.get("reason")}
    return row | {
        "change": change,
        "change_in_se": change / _number(first, "se"),
        "reason": "; ".join(sorted(reasons)),
    }


def _number(row: Mapping[str, object], name: str) -> float:
    value = row.get(name)
    return float("nan") if value is None else float(np.float64(value))  # type: ignore[arg-type]
