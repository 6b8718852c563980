"""Orchard plots, caterpillar plots and estimate matrices in words, from the same tables as the figures."""

import math

import pandas as pd

from metacircuit.figures.caterpillar import crawl_of
from metacircuit.figures.evidence_grid import CROSS, grid_of
from metacircuit.figures.orchard_plan import Tree, trees
from metacircuit.figures.result import (
    Interval,
    Row,
    Writer,
    is_pooled,
    label_of,
    not_pooled,
    pooled_interval,
    prediction_interval,
    the_measure,
    value,
)
from metacircuit.figures.scales import Scale, scale_for
from metacircuit.wording import plural

_MOST = 12


def orchard_alt(
    effects: pd.DataFrame,
    estimates: pd.DataFrame,
    *,
    measure: str | None = None,
    favours: tuple[str, str] = ("", ""),
    level: float = 95.0,
) -> str:
    """Alternative text of an orchard plot.

    Parameters
    ----------
    effects, estimates, measure, favours, level : as for `metacircuit.figures.orchard.orchard`

    Returns
    -------
    str
        A paragraph: what is shown, then each stratum with its effects, their range, and its estimate.

    Raises
    ------
    ValueError
        As `orchard`.

    Examples
    --------
    >>> effects = pd.DataFrame({"stratum": ["dep", "dep"], "yi": [0.6, 0.2], "vi": [0.09, 0.04]})
    >>> estimates = pd.DataFrame({"grouping": ["disorder"], "stratum": ["dep"], "label": ["Depression"],
    ...     "status": ["ok"], "estimate": [0.33], "ci_lb": [0.0], "ci_ub": [0.66]})
    >>> orchard_alt(effects, estimates, measure="SMD")
    'Orchard plot of standardised mean differences. Depression: 2 effects from 0.20 to 0.60; pooled 0.33 (95% CI 0.00 \
to 0.66).'
    """
    scale = scale_for(the_measure(estimates, measure))
    found, lost = trees(effects, estimates, scale)
    shown = [i for tree in found if (i := tree.estimate) is not None]
    writer = Writer.suiting(scale, shown)
    sentences = [f"Orchard plot of {scale.noun}."]
    if favours[0] and favours[1]:
        sentences.append(f"Values to the left mean {favours[0]}, to the right {favours[1]}.")
    sentences += [_tree(tree, writer, level) for tree in found] or ["No effects."]
    return " ".join([*sentences, *_lost(lost)])


def _tree(tree: Tree, writer: Writer, level: float) -> str:
    if not len(tree.yi):
        return f"{tree.label}: no effects."
    low, high = writer.value(float(tree.yi.min())), writer.value(float(tree.yi.max()))
    unit = "%" if writer.scale.heading == "%" else ""
    spread = f"{tree.counted} from {low} to {high}{unit}" if len(tree.yi) > 1 else f"{tree.counted} at {low}{unit}"
    if tree.estimate is None:
        return f"{tree.label}: {spread}; {tree.written[:1].lower()}{tree.written[1:]}."
    text = f"{tree.label}: {spread}; pooled {writer.sentence(tree.estimate, level)}"
    if tree.prediction is not None:
        _, lower, upper = writer.parts(tree.prediction)
        text += f", prediction interval {lower} to {upper}"
    return text + "."


def caterpillar_alt(effects: pd.DataFrame, *, measure: str, overall: Row | None = None, level: float = 95.0) -> str:
    """Alternative text of a caterpillar plot.

    Parameters
    ----------
    effects, measure, overall, level : as for `metacircuit.figures.caterpillar.caterpillar`

    Returns
    -------
    str
        A paragraph: how many effects, on which side of "no effect" their intervals lie, the extremes, the estimate.

    Raises
    ------
    ValueError
        As `caterpillar`.

    Examples
    --------
    >>> effects = pd.DataFrame({"study_label": ["Plener 2012", "Osuch 2014"], "yi": [0.6, 0.2], "vi": [0.01, 0.04]})
    >>> caterpillar_alt(effects, measure="SMD")
    'Caterpillar plot of 2 standardised mean differences, smallest first. 0 intervals lie below “no effect”, 1 \
includes it, 1 lies above. Smallest: Osuch 2014, 0.20 (95% CI −0.19 to 0.59). Largest: Plener 2012, 0.60 (95% CI 0.40 \
to 0.80).'
    """
    scale = scale_for(measure)
    crawl, lost = crawl_of(effects, level)
    k = len(crawl.yi)
    sentences = [f"Caterpillar plot of {k:,} {scale.noun}, smallest first."]
    intervals = [Interval(*map(float, each)) for each in zip(crawl.yi, crawl.lower, crawl.upper, strict=True)]
    writer = Writer.suiting(scale, intervals)
    if k and scale.null is not None:
        below, across, above = (int((crawl.side(scale.null) == side).sum()) for side in (-1, 0, 1))
        include = "includes" if across == 1 else "include"
        sentences.append(
            f"{plural(below, 'interval')} {_lie(below)} below “no effect”, {across:,} {include} it, "
            f"{above:,} {_lie(above)} above."
        )
    for n, word in ((0, "Smallest"), (-1, "Largest")) if k > 1 else ():
        sentences.append(f"{word}: {crawl.names[n]}, {writer.sentence(intervals[n], level)}.")
    if overall is not None:
        sentences.append(_pooled(overall, scale, k, level))
    return " ".join([*sentences, *_lost(lost)])


def _lie(n: int) -> str:
    return "lies" if n == 1 else "lie"


def _pooled(overall: Row, scale: Scale, k: int, level: float) -> str:
    if not is_pooled(overall):
        known = value(overall, "studies")
        return not_pooled(overall, k if math.isnan(known) else int(known)) + "."
    interval, prediction = pooled_interval(overall), prediction_interval(overall)
    writer = Writer.suiting(scale, [interval])
    text = f"Pooled estimate {writer.sentence(interval, level)}"
    if prediction.drawable:
        _, lower, upper = writer.parts(prediction)
        text += f", prediction interval {lower} to {upper}"
    return text + "."


def matrix_alt(
    cells: pd.DataFrame,
    *,
    rows: pd.DataFrame | None = None,
    columns: pd.DataFrame | None = None,
    margins: pd.DataFrame | None = None,
    measure: str | None = None,
    level: float = 95.0,
) -> str:
    """Alternative text of an estimate matrix.

    Parameters
    ----------
    cells, rows, columns, margins, measure, level : as for `metacircuit.figures.matrix.matrix`

    Returns
    -------
    str
        A paragraph: its size, how many cells were pooled, their estimates, those with most studies first, and those
        of the rows and columns.

    Raises
    ------
    ValueError
        As `matrix`.

    Examples
    --------
    >>> cells = pd.DataFrame({"grouping": ["disorder:circuit"], "stratum": ["ptsd:pain"], "label": ["PTSD × Pain"],
    ...     "status": ["ok"], "studies": [4], "estimate": [0.4], "ci_lb": [0.1], "ci_ub": [0.7]})
    >>> matrix_alt(cells, measure="SMD")
    'Matrix of pooled standardised mean differences, 1 row by 1 column: 1 of 1 cell with studies was pooled. PTSD, \
Pain: 0.40 (95% CI 0.10 to 0.70), 4 studies.'
    """
    scale = scale_for(the_measure(cells, measure))
    grid = grid_of(cells, rows, columns, None, scale)
    down = {word.id: word.label for word in grid.rows}
    across = {word.id: word.label for word in grid.columns}
    pooled = {pair: cell for pair, cell in grid.cells.items() if cell.estimate is not None}
    known = [cell for cell in grid.cells.values() if cell.studies]
    used = [len({pair[side] for pair in grid.cells}) for side in (0, 1)]
    size = f"{plural(used[0], 'row')} by {plural(used[1], 'column')}"
    have = "was" if len(pooled) == 1 else "were"
    sentences = [
        f"Matrix of pooled {scale.noun}, {size}: {len(pooled)} of {plural(len(known), 'cell')} with studies {have}"
        " pooled."
    ]
    names = str(cells["grouping"].iloc[0]).split(CROSS, 1) if len(cells) else []
    around = (
        [] if margins is None else [r for r in margins.to_dict("records") if r["grouping"] in names and is_pooled(r)]
    )
    everything = [cell.estimate for cell in pooled.values() if cell.estimate is not None]
    writer = Writer.suiting(scale, [*everything, *map(pooled_interval, around)])
    ordered = sorted(pooled.items(), key=lambda item: -item[1].studies)
    for (row, column), cell in ordered[:_MOST]:
        studies = plural(cell.studies, "study", "studies")
        sentences.append(f"{down[row]}, {across[column]}: {writer.sentence(cell.estimate, level)}, {studies}.")
    if len(ordered) > _MOST:
        sentences.append(f"And {len(ordered) - _MOST} more cells.")
    for row in around[: 2 * _MOST]:
        studies = plural(int(value(row, "studies")), "study", "studies")
        sentences.append(f"All of {label_of(row)}: {writer.sentence(pooled_interval(row), level)}, {studies}.")
    return " ".join(sentences)


def _lost(rows: int) -> list[str]:
    return [f"Not shown: {plural(rows, 'row')} without an effect or its variance."] if rows else []
