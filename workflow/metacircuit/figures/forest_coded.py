"""Columns of the sheets for a forest plot: what the effects of a study, and the study itself, are coded as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

import pandas as pd

from metacircuit.config.errors import UserError
from metacircuit.figures.forest_columns import plain
from metacircuit.wording import plural

OVERALL, NOT_CODED, ANALYSED = "overall", "not_coded", "analysed"

_STUDY = "study_id"
_MOST_WORDS = 2


def with_coded(
    rows: pd.DataFrame,
    names: Sequence[str],
    effects: pd.DataFrame,
    studies: pd.DataFrame,
    words: Mapping[str, pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """Add columns of the sheets to the combined rows of one grouping, by study and stratum.

    A study that has several effects in a stratum shows what they have in common; where they differ, the words that
    there are, or the range of the numbers.

    Parameters
    ----------
    rows : combined rows: grouping, stratum, study_id
    names : the columns that are wanted; those that `rows` has already are left as they are
    effects : the harmonised effects of the analysis; those that were not analysed are left aside
    studies : the checked studies
    words : vocabularies (id, label); a cell that is a word of the column's vocabulary becomes its label

    Raises
    ------
    UserError
        For columns that neither table has, all of them at once.

    Examples
    --------
    >>> rows = pd.DataFrame({"grouping": ["drug"] * 2, "stratum": ["a", "b"], "study_id": ["S1", "S1"]})
    >>> effects = pd.DataFrame({"study_id": ["S1"] * 3, "drug": ["a", "a", "b"], "status": ["analysed"] * 3,
    ...                         "n1": [10.0, 12.0, 20.0]})
    >>> studies = pd.DataFrame({"study_id": ["S1"], "country": ["Chile"]})
    >>> with_coded(rows, ["n1", "country"], effects, studies)[["n1", "country"]].to_numpy().tolist()
    [['10–12', 'Chile'], [20.0, 'Chile']]
    """
    wanted = [name for name in names if name not in rows.columns]
    _require(wanted, rows, effects, studies)
    found = rows.copy()
    of_effects = [name for name in wanted if name in effects.columns]
    if of_effects:
        cells = _of_effects(rows, of_effects, effects, words or {})
        found[of_effects] = cells.to_numpy(dtype=object)
    by_study = studies.drop_duplicates(_STUDY).set_index(_STUDY) if len(studies.columns) else studies
    for name in wanted:
        if name not in of_effects:
            cells = found[_STUDY].map(by_study[name])
            found[name] = cells.map(lambda cell, name=name: _labelled(cell, (words or {}).get(name)))
        # A column of numbers and empty cells is one of numbers, for sorting.
        numbers = pd.to_numeric(found[name].where(found[name].map(plain) != ""), errors="coerce")
        if numbers.notna().sum() == (found[name].map(plain) != "").sum():
            found[name] = numbers
    return found


def _require(names: Sequence[str], rows: pd.DataFrame, effects: pd.DataFrame, studies: pd.DataFrame) -> None:
    known = list(dict.fromkeys([*rows.columns, *effects.columns, *studies.columns]))
    problems = []
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            problems.append(f"figures.forest: neither effects nor studies has a column {name!r}.{hint}")
    if problems:
        own = sorted({*effects.columns, *studies.columns})
        raise UserError(*problems, f"Their columns: {', '.join(own)}.")


def _of_effects(
    rows: pd.DataFrame, names: Sequence[str], effects: pd.DataFrame, words: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """The cells of each row of the plot, from the effects of its study in its stratum."""
    taken = effects[effects["status"] == ANALYSED] if "status" in effects.columns else effects
    grouping = str(rows["grouping"].iloc[0]) if len(rows) else OVERALL
    keys = pd.DataFrame({_STUDY: taken[_STUDY], "stratum": _strata(taken, grouping)}, index=taken.index)
    cells = {
        key: {name: _common(part[name], words.get(name)) for name in names}
        for key, part in taken.groupby([keys[_STUDY], keys["stratum"]], sort=False)
    }
    nothing = dict.fromkeys(names, "")
    pairs = zip(rows[_STUDY], rows["stratum"].astype(str), strict=True)
    return pd.DataFrame([cells.get(pair, nothing) for pair in pairs], columns=list(names), index=rows.index)


def _strata(effects: pd.DataFrame, grouping: str) -> pd.Series:
    """The stratum of each effect, as the models name it."""
    if grouping == OVERALL:
        return pd.Series(OVERALL, index=effects.index)
    factors = grouping.split(":")
    coded = effects[factors].map(plain)
    names = coded.agg(":".join, axis=1)
    return names.where((coded != "").all(axis=1), NOT_CODED)


def _common(cells: pd.Series, vocabulary: pd.DataFrame | None) -> object:
    """One cell for several effects."""
    values = [cell for cell in cells.drop_duplicates() if plain(cell) != ""]
    if len(values) < 2:
        return _labelled(values[0], vocabulary) if values else ""
    if pd.api.types.is_numeric_dtype(cells):
        return f"{plain(min(values))}–{plain(max(values))}"
    labels = [plain(_labelled(value, vocabulary)) for value in values]
    return ", ".join(labels) if len(labels) <= _MOST_WORDS else plural(len(labels), "value")


def _labelled(cell: object, vocabulary: pd.DataFrame | None) -> object:
    if vocabulary is None or cell is None:
        return cell
    found = vocabulary.loc[vocabulary["id"].astype(str) == plain(cell), "label"]
    return str(found.iloc[0]) if len(found) else cell
