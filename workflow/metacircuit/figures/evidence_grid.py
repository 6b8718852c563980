"""What an evidence map says: the cells of a crossed grouping, in the order of the vocabularies. No geometry here."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from metacircuit.figures.result import Interval, Row, Writer, is_pooled, pooled_interval, require_columns, text, value
from metacircuit.figures.scales import Scale

CROSS = ":"
"""Joins the words of a crossed grouping and of its strata: disorder:circuit, ptsd:pain_processing."""

_BOUNDS = "empty"
"""The status of a stratum that has results, none of which is more than a bound."""

_LABEL_CROSS = " × "


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that has results.

    Parameters
    ----------
    studies : the number of those with an estimate; without any, there are bounds only
    estimate : the pooled estimate; None where the studies were not pooled
    written : estimate, lower and upper limit as text on the natural scale
    """

    studies: int
    estimate: Interval | None = None
    written: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """A row or column of the map: an id of the vocabulary, its label, and the number of its studies."""

    id: str
    label: str
    studies: int


@dataclass(frozen=True, slots=True)
class Grid:
    """An evidence map in words and numbers.

    Parameters
    ----------
    cells : by the ids of row and column; a pair that is missing has no study
    counted_once : whether the totals count each study once, or once in each cell that it is in
    """

    rows: tuple[Word, ...]
    columns: tuple[Word, ...]
    cells: Mapping[tuple[str, str], Cell]
    counted_once: bool

    @property
    def bounds(self) -> list[Cell]:
        """The cells of whose results only bounds are printed."""
        return [cell for cell in self.cells.values() if not cell.studies]

    @property
    def pooled(self) -> list[Cell]:
        """The cells with an estimate."""
        return [cell for cell in self.cells.values() if cell.estimate is not None]


def grid_of(
    cells: pd.DataFrame,
    rows: pd.DataFrame | None,
    columns: pd.DataFrame | None,
    margins: pd.DataFrame | None,
    scale: Scale,
) -> Grid:
    """Arrange the estimates of a crossed grouping.

    Parameters
    ----------
    cells : estimates of one crossed grouping
    rows, columns : vocabularies (id, label) in the order of display; None takes the words from the cells
    margins : estimates that hold the two single groupings, for totals that count each study once
    scale : the natural scale of the measure

    Raises
    ------
    ValueError
        For missing columns, or cells of no or of several crossed groupings.
    """
    require_columns(cells, ("grouping", "stratum", "label", "status", "studies", "estimate", "ci_lb", "ci_ub"), "cells")
    groupings = sorted(set(cells["grouping"]))
    if len(groupings) > 1 or (groupings and CROSS not in groupings[0]):
        raise ValueError(f"an evidence map shows one crossed grouping, such as disorder:circuit, not {groupings}")
    down, across = _words(rows, "rows"), _words(columns, "columns")
    placed: dict[tuple[str, str], Row] = {}
    for row in cells.to_dict("records"):
        pair = _pair(text(row, "stratum"), down, across)
        placed[pair] = row
        labels = text(row, "label").split(_LABEL_CROSS)
        labels = labels if len(labels) == len(pair) else list(pair)
        # A word that the vocabulary does not have is shown all the same, behind the others.
        down.setdefault(pair[0], labels[0])
        across.setdefault(pair[1], labels[1])
    writer = Writer.suiting(scale, [pooled_interval(row) for row in placed.values() if is_pooled(row)])
    found = {pair: _cell(row, writer) for pair, row in placed.items() if _has_results(row)}
    names = groupings[0].split(CROSS, 1) if groupings else ("", "")
    totals = [_totals(margins, name) for name in names]
    sums = [_sums(found, side) for side in (0, 1)]
    return Grid(
        rows=_counted(down, totals[0] or sums[0]),
        columns=_counted(across, totals[1] or sums[1]),
        cells=found,
        counted_once=bool(totals[0] and totals[1]),
    )


def _words(vocabulary: pd.DataFrame | None, name: str) -> dict[str, str]:
    """Ids and labels in the order of display."""
    if vocabulary is None:
        return {}
    require_columns(vocabulary, ("id", "label"), name)
    return {
        str(word): " ".join(str(label).split())
        for word, label in zip(vocabulary["id"], vocabulary["label"], strict=True)
    }


def _pair(stratum: str, down: Mapping[str, str], across: Mapping[str, str]) -> tuple[str, str]:
    """The two words of a stratum; words may themselves contain a colon."""
    parts = stratum.split(CROSS)
    if len(parts) < 2:
        raise ValueError(f"the stratum {stratum!r} of a crossed grouping has no {CROSS!r} between its two words")
    splits = [(CROSS.join(parts[:n]), CROSS.join(parts[n:])) for n in range(1, len(parts))]
    known = [split for split in splits if split[0] in down and split[1] in across]
    return (known or splits)[0]


def _has_results(row: Row) -> bool:
    """Whether a stratum has studies with an estimate, or bounds at least."""
    return value(row, "studies") > 0 or text(row, "status") == _BOUNDS


def _cell(row: Row, writer: Writer) -> Cell:
    known = value(row, "studies")
    studies = 0 if math.isnan(known) else int(known)
    if not is_pooled(row):
        return Cell(studies)
    interval = pooled_interval(row)
    return Cell(studies, interval, writer.parts(interval))


def _totals(margins: pd.DataFrame | None, grouping: str) -> dict[str, int]:
    """Studies by stratum of a single grouping."""
    if margins is None:
        return {}
    require_columns(margins, ("grouping", "stratum", "studies"), "margins")
    own = margins[margins["grouping"] == grouping]
    return {
        str(stratum): 0 if math.isnan(studies) else int(studies)
        for stratum, studies in zip(own["stratum"], own["studies"].astype(float), strict=True)
    }


def _sums(cells: Mapping[tuple[str, str], Cell], side: int) -> dict[str, int]:
    """Studies by word, one that is in two cells counted twice."""
    sums: dict[str, int] = {}
    for pair, cell in cells.items():
        sums[pair[side]] = sums.get(pair[side], 0) + cell.studies
    return sums


def _counted(words: Mapping[str, str], totals: Mapping[str, int]) -> tuple[Word, ...]:
    return tuple(Word(word, label, totals.get(word, 0)) for word, label in words.items())


def strongest(cells: Sequence[Cell], null: float) -> float:
    """How far from "no effect" the colours reach: one extreme cell does not make all others pale."""
    distances = sorted(abs(cell.estimate.estimate - null) for cell in cells if cell.estimate is not None)
    if not distances or distances[-1] == 0:
        return 1.0
    return min(distances[-1], 3 * distances[len(distances) // 2] or distances[-1])
