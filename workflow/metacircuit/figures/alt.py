"""Figures in words, for readers who cannot see them: generated from the same tables as the figures."""

import math

import pandas as pd

from metacircuit.figures.evidence_grid import Grid, grid_of
from metacircuit.figures.evidence_needs import needs_of
from metacircuit.figures.forest_table import MOST_ROWS, writer_for
from metacircuit.figures.result import (
    Row,
    Writer,
    between_groups,
    heterogeneity,
    is_pooled,
    label_of,
    not_pooled,
    pooled_interval,
    prediction_interval,
    require_columns,
    split_estimates,
    the_contrast,
    the_measure,
    value,
)
from metacircuit.figures.scales import scale_for
from metacircuit.wording import plural

_MOST_CELLS = 12
"""A longer list than this is no help to a listener."""


def forest_alt(
    rows: pd.DataFrame,
    estimates: pd.DataFrame,
    contrast: pd.DataFrame | None = None,
    *,
    measure: str | None = None,
    favours: tuple[str, str] = ("", ""),
    level: float = 95.0,
    most_rows: int = MOST_ROWS,
) -> str:
    """Alternative text of a forest plot.

    Parameters
    ----------
    rows, estimates, contrast, measure, favours, level, most_rows : as for `metacircuit.figures.forest.forest`

    Returns
    -------
    str
        A paragraph: what is shown, the overall result, each stratum, the test between strata.

    Raises
    ------
    ValueError
        As `forest`.

    Examples
    --------
    >>> rows = pd.DataFrame({"stratum": ["overall"], "study_label": ["Plener 2012"], "yi": [0.6],
    ...                      "ci_lb": [0.1], "ci_ub": [1.1]})
    >>> estimates = pd.DataFrame({"grouping": ["overall"], "stratum": ["overall"], "label": ["All"],
    ...                           "status": ["too_few"], "reason": ["1 study, minimum 3"],
    ...                           "estimate": [None], "ci_lb": [None], "ci_ub": [None]})
    >>> forest_alt(rows, estimates, measure="SMD")
    'Forest plot of standardised mean differences from 1 study. All studies: not pooled: 1 study, minimum 3.'
    """
    require_columns(rows, ("stratum", "study_label", "yi", "ci_lb", "ci_ub"), "rows")
    scale = scale_for(the_measure(estimates, measure))
    groups, overall = split_estimates(estimates)
    writer = writer_for(rows, estimates, scale, most_rows)
    sizes = rows["stratum"].value_counts().rename(index=str)
    shown = {stratum: row for stratum, row in groups.items() if sizes.get(stratum, 0)}

    if groups:
        what = f"{plural(len(rows), 'result')} in {plural(len(shown), 'group')}"
    else:
        what = plural(len(rows), "study", "studies")
    sentences = [f"Forest plot of {scale.noun} from {what}."]
    if favours[0] and favours[1]:
        sentences.append(f"Values to the left mean {favours[0]}, to the right {favours[1]}.")
    if overall is not None:
        sentences.append(_result("All studies", overall, len(rows), writer, level))
    sentences += [_result(label_of(row), row, int(sizes[key]), writer, level) for key, row in shown.items()]
    empty = [label_of(row) for key, row in groups.items() if key not in shown]
    if empty:
        sentences.append(f"No studies: {'; '.join(empty)}.")
    test = the_contrast(contrast)
    if test is not None:
        sentences.append(_plain(between_groups(test)) + ".")
    return " ".join(sentences)


def evidence_map_alt(
    cells: pd.DataFrame,
    *,
    rows: pd.DataFrame | None = None,
    columns: pd.DataFrame | None = None,
    margins: pd.DataFrame | None = None,
    needs: pd.DataFrame | None = None,
    measure: str | None = None,
    level: float = 95.0,
) -> str:
    """Alternative text of an evidence map.

    Parameters
    ----------
    cells, rows, columns, margins, needs, measure : as for `metacircuit.figures.evidence_map.evidence_map`
    level : confidence level in per cent

    Returns
    -------
    str
        A paragraph: the size of the map, its gaps, and the pooled cells, those with most studies first.

    Raises
    ------
    ValueError
        As `evidence_map`.

    Examples
    --------
    >>> cells = pd.DataFrame({"grouping": ["disorder:circuit"], "stratum": ["ptsd:pain"], "label": ["PTSD × Pain"],
    ...     "status": ["ok"], "studies": [4], "estimate": [0.4], "ci_lb": [0.1], "ci_ub": [0.7]})
    >>> evidence_map_alt(cells, measure="SMD")
    'Evidence map of 1 row and 1 column. Of 1 cell, 1 has a pooled estimate, 0 have too few studies to pool and 0 have \
no usable estimate. Pooled standardised mean differences: PTSD, Pain 0.40 (95% CI 0.10 to 0.70), 4 studies.'
    """
    code = the_measure(cells, measure)
    scale, wanted = scale_for(code), needs_of(needs, code)
    grid = grid_of(cells, rows, columns, margins, scale)
    size = len(grid.rows) * len(grid.columns)
    pooled, gaps = len(grid.pooled), size - len(grid.cells)
    bounds = len(grid.bounds)
    few = len(grid.cells) - pooled - bounds
    only = f", {bounds} {_have(bounds)} bounds only" if bounds else ""
    return (
        f"Evidence map of {plural(len(grid.rows), 'row')} and {plural(len(grid.columns), 'column')}. "
        f"Of {plural(size, 'cell')}, {pooled} {_have(pooled)} a pooled estimate, {few} {_have(few)} too few studies to "
        f"pool{only} and {gaps} {_have(gaps)} no usable estimate.{_cells(grid, scale.noun, level)}"
        f"{' ' * bool(wanted.range)}{wanted.range}"
    )


def _cells(grid: Grid, noun: str, level: float) -> str:
    """The pooled cells, those with most studies first."""
    rows = {word.id: word.label for word in grid.rows}
    columns = {word.id: word.label for word in grid.columns}
    found = [(pair, cell) for pair, cell in grid.cells.items() if cell.written is not None]
    found.sort(key=lambda item: -item[1].studies)
    phrases = []
    for (row, column), cell in found[:_MOST_CELLS]:
        estimate, lower, upper = cell.written
        interval = f"{estimate} ({level:g}% CI {lower} to {upper})"
        phrases.append(f"{rows[row]}, {columns[column]} {interval}, {plural(cell.studies, 'study', 'studies')}")
    if len(found) > _MOST_CELLS:
        phrases.append(f"and {len(found) - _MOST_CELLS} more")
    return f" Pooled {noun}: {'; '.join(phrases)}." if phrases else ""


def _have(n: int) -> str:
    return "has" if n == 1 else "have"


def _result(label: str, row: Row, studies: int, writer: Writer, level: float) -> str:
    """One sentence about a stratum."""
    known = value(row, "studies")
    studies = studies if math.isnan(known) else int(known)
    if not is_pooled(row):
        reason = not_pooled(row, studies)
        return f"{label}: {reason[0].lower()}{reason[1:]}."
    parts = [f"{label}: {writer.sentence(pooled_interval(row), level)}", plural(studies, "study", "studies")]
    prediction = prediction_interval(row)
    if prediction.drawable:
        _, lower, upper = writer.parts(prediction)
        parts.append(f"prediction interval {lower} to {upper}")
    spread = _plain(heterogeneity(row))
    return ", ".join([*parts, spread] if spread else parts) + "."


def _plain(markup: str) -> str:
    """Markup without stars and fixed spaces."""
    return markup.replace("*", "").replace("\u00a0", " ")
