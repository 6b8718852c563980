"""The table of study characteristics: one row a study with an analysed effect."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.config import UserError
from metacircuit.effects.prepare import study_labels
from metacircuit.models.estimates import count_participants
from metacircuit.sheets.columns import STANDARD
from metacircuit.tables.cells import MISSING, Cell, decimal, spelled, text, whole
from metacircuit.tables.phrases import heading_of, label_of, labels_of
from metacircuit.tables.table import Column, Row, Table
from metacircuit.wording import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from metacircuit.tables.material import Material

_NOT_SHOWN = ("row", "row_problem", "study_id", "effect_id")
_MOST_OWN = 6
_MOST_DECIMALS = 2


def characteristics(material: Material) -> Table:
    """Build the table of study characteristics.

    A column of the studies gives a study's cell; a column of the effects gives the different words of its analysed
    effects, in the order of the vocabulary.

    Parameters
    ----------
    material : Material
        With studies, sheet, rows, effects and words.

    Returns
    -------
    Table

    Raises
    ------
    UserError
        If a column of `tables.characteristics` does not exist.
    """
    used = material.sheet[material.sheet["effect_id"].isin(_analysed(material))]
    columns = material.characteristics
    if columns is None:
        columns = default_columns(material, used)
    if wrong := list(unknown_columns(columns, material.studies, material.sheet)):
        raise UserError(*wrong)
    studies = material.studies[material.studies["study_id"].isin(used["study_id"])]
    by_id = {row["study_id"]: row for row in studies.to_dict("records")}
    labels, sizes, counts = study_labels(material.studies), _people(material), used.groupby("study_id").size()
    makers = {name: _maker(name, studies, used, material.words) for name in columns}
    order = sorted(set(used["study_id"]), key=lambda study: (labels.get(study, study).casefold(), study))
    return Table(
        name="characteristics",
        title="Characteristics of the studies",
        columns=(
            Column("study_id", "study_id", shown=False),
            Column("study", "Study"),
            *(Column(name, heading_of(name), _kind(name, studies, material.words)) for name in columns),
            Column("effects", "Effects", "count"),
            Column("participants", "Participants", "count"),
        ),
        rows=tuple(
            Row(
                (
                    text(study),
                    text(labels.get(study, study)),
                    *(makers[name](study, by_id.get(study, {})) for name in columns),
                    whole(counts[study]),
                    whole(sizes.get(study, float("nan"))),
                )
            )
            for study in order
        ),
        note=_note(len(order), material.studies["study_id"].nunique()),
    )


def default_columns(material: Material, used: pd.DataFrame) -> tuple[str, ...]:
    """The country, the review's own columns of studies, and the factors of its groupings; those that are filled."""
    standard = {column.name for column in STANDARD["studies"]} | set(_NOT_SHOWN)
    own = [name for name in material.studies if name not in standard][:_MOST_OWN]
    factors = dict.fromkeys(f for a in material.analyses.values() for g in a.groupings for f in g.split(":"))
    studies = material.studies[material.studies["study_id"].isin(used["study_id"])]
    of_studies = [name for name in ("country", *own) if name in studies and _filled(studies[name])]
    return (*of_studies, *(f for f in factors if f in used and f not in of_studies and _filled(used[f])))


def _filled(cells: pd.Series) -> bool:
    return bool((cells.notna() & cells.ne("")).any())


def unknown_columns(columns: Iterable[str], studies: pd.DataFrame, effects: pd.DataFrame) -> Iterator[str]:
    """What is wrong with columns that a config names for the table, each with the nearest one that exists."""
    known = [c for c in dict.fromkeys((*studies, *effects)) if c not in _NOT_SHOWN]
    for name in columns:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean `{near[0]}`?" if near else ""
            yield (
                f"tables.characteristics: neither studies nor effects has a column `{name}` that can be shown.{hint}"
                f" Columns of the studies: {', '.join(c for c in studies if c in known)}."
            )


def _kind(name: str, studies: pd.DataFrame, words: Mapping[str, pd.DataFrame]) -> str:
    """A column of numbers, unless they are words of a vocabulary."""
    numeric = name in studies and name not in words and pd.api.types.is_numeric_dtype(studies[name])
    return "number" if numeric else "text"


def _maker(
    name: str, studies: pd.DataFrame, used: pd.DataFrame, words: Mapping[str, pd.DataFrame]
) -> Callable[[str, Mapping[str, object]], Cell]:
    """What makes the cell of a study in a column."""
    labels = labels_of(words, name)
    if name not in studies:
        cells = _words_of(name, used, labels)
        return lambda study, _row: text("; ".join(cells.get(study, ())))
    if _kind(name, studies, words) == "number":
        decimals = _decimals(studies[name])
        grouped = name != "year"
        return lambda _study, row: _number(row.get(name, float("nan")), decimals, grouped=grouped)
    return lambda _study, row: text(_label(row.get(name), labels))


def _label(value: object, labels: Mapping[str, str]) -> str:
    word = text(value).text
    return label_of(word, labels) if word else ""


def _number(value: float, decimals: int, *, grouped: bool) -> Cell:
    if pd.isna(value):
        return MISSING
    return decimal(value, decimals) if decimals else whole(value, grouped=grouped)


def _decimals(values: pd.Series) -> int:
    """As many as the most exact cell has, at most two."""
    return max((min(_MOST_DECIMALS, len(f"{v:.10g}".partition(".")[2])) for v in values.dropna()), default=0)


def _words_of(name: str, used: pd.DataFrame, labels: Mapping[str, str]) -> dict[str, list[str]]:
    order = {word: place for place, word in enumerate(labels)}
    filled = used[used[name].notna() & used[name].ne("")]
    named = filled[name].map(spelled)
    return {
        str(study): [label_of(w, labels) for w in sorted(set(cells), key=lambda w: (order.get(w, len(order)), w))]
        for study, cells in named.groupby(filled["study_id"])
    }


def _analysed(material: Material) -> set[str]:
    return set(material.rows.loc[material.rows["fate"] == "analysed", "effect_id"])


def _people(material: Material) -> dict[str, float]:
    """People of each study: the largest number of each of its samples in any analysis, summed."""
    frames = [frame[frame["effect_id"].isin(_analysed(material))] for frame in material.effects.values()]
    every = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["study_id"])
    return {str(study): count_participants(rows) for study, rows in every.groupby("study_id")}


def _note(shown: int, known: int) -> str:
    rest = known - shown
    counted = "Effects = effects in the analyses; participants are counted once a sample."
    left = f" {plural(rest, 'study', 'studies')} of the sheet {'has' if rest == 1 else 'have'} no analysed effect."
    return counted + (left if rest else "")
