"""Which columns a new review's sheets start with, and the example row that shows how they are filled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metacircuit.sheets.columns import EFFECTS, STUDIES
from metacircuit.sheets.kinds import Column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EXAMPLE_STUDY = "Example2020"
_REASON = "example row: type over it"

_COUNTS = {"events1": "12", "total1": "60", "events2": "21", "total2": "58"}
_MEANS = {"n1": "30", "mean1": "24.1", "sd1": "5.2", "n2": "31", "mean2": "20.3", "sd2": "5.0"}
_TESTS = ("t", "df2", "p_op", "p", "d", "d_lo", "d_hi")
_SAMPLE = {"events1": "35", "total1": "240"}
_ASSOCIATION = {"r": "0.31", "n_total": "80"}

#: What the papers of a measure usually print, with the numbers of the example row.
_PRINTED: dict[str, dict[str, str]] = {
    "SMD": {**_MEANS, **dict.fromkeys(_TESTS, "")},
    **dict.fromkeys(("SMDH", "MD", "ROM", "VR", "CVR"), _MEANS),
    **{measure: {**_COUNTS, **dict.fromkeys(("or", "or_lo", "or_hi"), "")} for measure in ("OR", "PETO")},
    "RR": {**_COUNTS, **dict.fromkeys(("rr", "rr_lo", "rr_hi"), "")},
    **dict.fromkeys(("RD", "AS"), _COUNTS),
    "HR": {"hr": "0.70", "hr_lo": "0.52", "hr_hi": "0.95"},
    "IRR": {
        **{"events1": "12", "time1": "1040", "events2": "21", "time2": "980"},
        **dict.fromkeys(("irr", "irr_lo", "irr_hi"), ""),
    },
    **dict.fromkeys(("ZCOR", "COR"), _ASSOCIATION),
    **dict.fromkeys(("PLO", "PR", "PLN", "PAS", "PFT"), _SAMPLE),
}
_ORIENTED = frozenset({"SMD", "SMDH", "MD", "ROM", "ZCOR", "COR"})
_STUDY = ("study_id", "first_author", "year", "title", "doi", "country", "notes")


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet to be filled in: its name, its columns, and the cells of the example row."""

    name: str
    columns: tuple[Column, ...]
    example: tuple[str, ...]


def layout(measure: str, factors: Mapping[str, Sequence[str]], moderators: Sequence[str] = ()) -> tuple[Layout, Layout]:
    """Choose the columns of the sheets effects and studies.

    Parameters
    ----------
    measure : str
        metafor's code; decides which statistics have a column. Any other column of the standard may be added later.
    factors : mapping of str to sequence of str
        Coded column of the effects: its words, or none where any word may stand.
    moderators : sequence of str
        Numeric columns of the studies.

    Returns
    -------
    effects, studies : Layout

    Raises
    ------
    ValueError
        If the measure is not one of metafor's codes that a review can have.

    Examples
    --------
    >>> effects, studies = layout("RR", {"allocation": ["random", "alternate"]}, ["latitude"])
    >>> [column.name for column in effects.columns][:5]
    ['effect_id', 'study_id', 'outcome', 'allocation', 'events1']
    >>> studies.columns[-1].name
    'latitude'
    """
    if measure not in _PRINTED:
        raise ValueError(f"measure: {measure!r} is not one of {', '.join(_PRINTED)}")
    cells = {"effect_id": f"{EXAMPLE_STUDY}.1", "study_id": EXAMPLE_STUDY, "outcome": "what was measured"}
    cells |= {name: next(iter(words), "") for name, words in factors.items()}
    cells |= _PRINTED[measure]
    if measure in _ORIENTED:
        cells |= {"direction": "1", "scale_direction": "1"}
    cells |= {"include": "no", "exclude_reason": _REASON, "source_section": "Table 2", "notes": ""}
    study = {
        **dict.fromkeys(_STUDY, ""),
        **{"study_id": EXAMPLE_STUDY, "first_author": "Example", "year": "2020", "title": "An example of a title"},
        **dict.fromkeys(moderators, ""),
    }
    return _layout("effects", cells, EFFECTS), _layout("studies", study, STUDIES, kind="number")


def _layout(name: str, cells: Mapping[str, str], standard: Sequence[Column], kind: str = "word") -> Layout:
    known = {column.name: column for column in standard}
    own = "A column of this review; see its config"
    columns = tuple(known.get(column) or Column(column, kind, "own", own) for column in cells)
    return Layout(name, columns, tuple(cells.values()))
